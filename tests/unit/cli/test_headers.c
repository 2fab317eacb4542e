/* test_headers.c - sceau headers clean, from a file to a file
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <jansson.h>

#include "base/buf.h"
#include "cli/cli.h"

/* Put what f holds in place of fd; returns a copy of the old one. */
static int redirect(FILE *f, int fd)
{
	int old = dup(fd);

	fflush(f);
	rewind(f);
	assert_true(old >= 0 && dup2(fileno(f), fd) == fd);
	return old;
}

static void restore(int old, int fd)
{
	assert_int_equal(dup2(old, fd), fd);
	close(old);
}

static void read_back(FILE *f, struct sceau_buf *out)
{
	char block[4096];
	size_t got;

	rewind(f);
	while ((got = fread(block, 1, sizeof(block), f)) > 0)
		sceau_buf_append(out, block, got);
	fclose(f);
}

/* Run a command over a mail; returns its exit status. */
static int run_command(int argc, char **argv, struct sceau_slice mail,
                       struct sceau_buf *out, struct sceau_buf *messages)
{
	FILE *in_file = tmpfile(), *out_file = tmpfile(), *err_file = tmpfile();

	assert_non_null(in_file);
	assert_non_null(out_file);
	assert_non_null(err_file);
	assert_int_equal(fwrite(mail.data, 1, mail.len, in_file), mail.len);
	fflush(stdout);
	fflush(stderr);
	int old_in = redirect(in_file, STDIN_FILENO);
	int old_out = redirect(out_file, STDOUT_FILENO);
	int old_err = redirect(err_file, STDERR_FILENO);
	int ret = sceau_noun_headers.run(argc, argv);
	fflush(stdout);
	fflush(stderr);
	restore(old_in, STDIN_FILENO);
	restore(old_out, STDOUT_FILENO);
	restore(old_err, STDERR_FILENO);
	read_back(out_file, out);
	read_back(err_file, messages);
	fclose(in_file);
	return ret;
}

/* Run "sceau headers clean" with the rules of an empty file. */
static int run(const char *mail, size_t len, struct sceau_buf *out,
               struct sceau_buf *messages)
{
	struct sceau_slice slice = { mail, len };
	char noun[] = "headers", verb[] = "clean";
	char option[] = "--rules", file[] = "/tmp/sceau-test-XXXXXX";
	char *argv[] = { noun, verb, option, file, NULL };
	int fd = mkstemp(file);

	assert_true(fd >= 0);
	close(fd);
	int ret = run_command(4, argv, slice, out, messages);
	unlink(file);
	return ret;
}

/* want NULL: the mail itself. */
static const struct {
	const char *what;
	const char *mail;
	const char *want;
	const char *want_message;
} cases[] = {
	{ "a user's mail",
	  "Received: from [192.0.2.1]\n\tby x\nUser-Agent: u\nFrom: a\n"
	  "MIME-Version: 1.0 (m)\n\nX-Mailer: body\n",
	  "From: a\nMIME-Version: 1.0\n\nX-Mailer: body\n", "" },
	{ "CRLF", "X-Mailer: u\r\nFrom: a\r\n\r\nbody\r\n",
	  "From: a\r\n\r\nbody\r\n", "" },
	{ "no body", "X-Mailer: u\nFrom: a\n", "From: a\n", "" },
	{ "cut in the last field", "From: a\nX-Mailer: u", "From: a\n", "" },
	{ "all body", "hello\nX-Mailer: u\n", NULL, "" },
	{ "body without an empty line", "X-Mailer: u\nFrom: a\nhello you\n",
	  "From: a\nhello you\n", "" },
	{ "empty", "", NULL, "" },
	{ "list", "List-Id: l\nX-Mailer: u\n\nb", NULL,
	  "sceau: headers: left as it is: list\n" },
	{ "forwarded", "X-Mailer: u\nResent-From: r\n\nb", NULL,
	  "sceau: headers: left as it is: forwarded\n" },
	{ "signed", "DKIM-Signature: d\nX-Mailer: u\n\nb", NULL,
	  "sceau: headers: left as it is: signed\n" },
};

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *want = cases[i].want == NULL ? cases[i].mail
		                                         : cases[i].want;
		struct sceau_buf out, messages;

		sceau_buf_init(&out, 100000);
		sceau_buf_init(&messages, 100000);
		assert_int_equal(run(cases[i].mail, strlen(cases[i].mail), &out,
		                     &messages),
		                 SCEAU_EXIT_OK);
		if (strcmp(sceau_buf_text(&out), want) != 0)
			fail_msg("%s: got\n%s", cases[i].what,
			         sceau_buf_text(&out));
		assert_string_equal(sceau_buf_text(&messages),
		                    cases[i].want_message);
		sceau_buf_deinit(&out);
		sceau_buf_deinit(&messages);
	}
}

/* A body of many blocks, with every byte there is, is copied as it is. */
static void test_long_body(void **state)
{
	static const char head[] = "X-Mailer: u\nFrom: a\n\n";
	static const char want_head[] = "From: a\n\n";
	size_t body_len = 500001, head_len = sizeof(head) - 1;
	char *mail = malloc(head_len + body_len);
	struct sceau_buf out, messages;

	(void)state;
	assert_non_null(mail);
	memcpy(mail, head, head_len);
	for (size_t i = 0; i < body_len; i++)
		mail[head_len + i] = (char)(i * 7 + i / 256);
	sceau_buf_init(&out, 1000000);
	sceau_buf_init(&messages, 1000);
	assert_int_equal(run(mail, head_len + body_len, &out, &messages),
	                 SCEAU_EXIT_OK);
	assert_int_equal(out.used, sizeof(want_head) - 1 + body_len);
	assert_memory_equal(out.data, want_head, sizeof(want_head) - 1);
	assert_memory_equal(out.data + sizeof(want_head) - 1, mail + head_len,
	                    body_len);
	sceau_buf_deinit(&out);
	sceau_buf_deinit(&messages);
	free(mail);
}

/* A header beyond the bounds is refused, not half printed. */
static void test_huge_header(void **state)
{
	size_t len = 5U << 20;
	char *mail = malloc(len);
	struct sceau_buf out, messages;

	(void)state;
	assert_non_null(mail);
	memset(mail, 'x', len);
	mail[1] = ':';
	sceau_buf_init(&out, 10U << 20);
	sceau_buf_init(&messages, 1000);
	assert_int_equal(run(mail, len, &out, &messages), SCEAU_EXIT_TEMP);
	assert_int_equal(out.used, 0);
	assert_string_equal(
		sceau_buf_text(&messages),
		"sceau: headers: header longer than 4194304 bytes\n");
	sceau_buf_deinit(&out);
	sceau_buf_deinit(&messages);
	free(mail);
}

/* Run it with rules on mail; options are a login or NULL, --json or NULL. */
static int run_rules(const char *rules, char *account, char *json,
                     const char *mail, struct sceau_buf *out,
                     struct sceau_buf *messages)
{
	char noun[] = "headers", verb[] = "clean";
	char with_rules[] = "--rules", file[] = "/tmp/sceau-test-XXXXXX";
	char with_account[] = "--account";
	char *argv[] = { noun, verb, with_rules, file, NULL, NULL, NULL, NULL };
	int argc = 4, fd = mkstemp(file);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, rules, strlen(rules)), strlen(rules));
	close(fd);
	if (account != NULL) {
		argv[argc++] = with_account;
		argv[argc++] = account;
	}
	if (json != NULL)
		argv[argc++] = json;
	sceau_buf_init(out, 100000);
	sceau_buf_init(messages, 100000);
	int ret = run_command(argc, argv, sceau_slice_of(mail), out, messages);
	unlink(file);
	return ret;
}

static void test_rules(void **state)
{
	struct sceau_buf out, messages;
	char account[] = "alice";
	int ret = run_rules(
		"keep User-Agent account=alice\ndelete X-A /^(a+)+$/", account,
		NULL,
		"User-Agent: u\nX-Mailer: m\n"
		"X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n\nb",
		&out, &messages);

	(void)state;
	assert_int_equal(ret, SCEAU_EXIT_OK);
	assert_string_equal(
		sceau_buf_text(&out),
		"User-Agent: u\n"
		"X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n\nb");
	assert_string_equal(sceau_buf_text(&messages),
	                    "sceau: headers: the rule in line 2 could not "
	                    "decide on a field\n");
	sceau_buf_deinit(&out);
	sceau_buf_deinit(&messages);
}

static void test_json(void **state)
{
	struct sceau_buf out, messages;
	char json[] = "--json";
	int ret = run_rules("\nreplace X-A b", NULL, json,
	                    "User-Agent: u\nX-A: a\nX-B: c\n\nb", &out,
	                    &messages);

	(void)state;
	assert_int_equal(ret, SCEAU_EXIT_OK);
	json_t *root = json_loads(sceau_buf_text(&out), 0, NULL);
	json_t *want = json_pack(
		"{s:s, s:i, s:[{s:s, s:i, s:s, s:s}, {s:s, s:i, s:s, s:i, "
		"s:s}]}",
		"cleaned", "yes", "gave_up", 0, "edits", "field", "User-Agent",
		"number", 1, "action", "delete", "rule", "built-in", "field",
		"X-A", "number", 2, "action", "replace", "line", 2, "value",
		"b");
	assert_non_null(want);
	assert_true(json_equal(root, want));
	json_decref(root);
	json_decref(want);
	sceau_buf_deinit(&out);
	sceau_buf_deinit(&messages);
}

static void test_bad_rules(void **state)
{
	struct sceau_buf out, messages;
	int ret = run_rules("# x\ndelete From\n", NULL, NULL, "A: b\n", &out,
	                    &messages);

	(void)state;
	assert_int_equal(ret, SCEAU_EXIT_CONFIG);
	assert_int_equal(out.used, 0);
	assert_non_null(strstr(sceau_buf_text(&messages),
	                       ":2: no mail is without its From"));
	sceau_buf_deinit(&out);
	sceau_buf_deinit(&messages);
}

static void test_usage(void **state)
{
	char noun[] = "headers", verb[] = "clean", other[] = "wash";
	char file[] = "/nonexistent/mail", option[] = "--wash";
	char *argv[] = { noun, verb, file, other, NULL };
	char *wrong[] = { noun, other, NULL };
	char *unknown[] = { noun, verb, option, NULL };

	(void)state;
	assert_int_equal(sceau_noun_headers.run(1, argv), SCEAU_EXIT_USAGE);
	assert_int_equal(sceau_noun_headers.run(4, argv), SCEAU_EXIT_USAGE);
	assert_int_equal(sceau_noun_headers.run(2, wrong), SCEAU_EXIT_USAGE);
	assert_int_equal(sceau_noun_headers.run(3, unknown), SCEAU_EXIT_USAGE);
	assert_int_equal(sceau_noun_headers.run(3, argv), SCEAU_EXIT_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_long_body),
		cmocka_unit_test(test_huge_header),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_bad_rules),
		cmocka_unit_test(test_usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
