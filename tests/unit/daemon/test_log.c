/* test_log.c - whatever a peer sends, one safe line comes out
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/text.h"
#include "daemon/log.h"

static const struct {
	const char *text;
	const char *also;
	const char *want;
} escapes[] = {
	{ "plain text, 7%", "", "plain text, 7%" },
	{ "a\r\nb", "", "a\\x0d\\x0ab" },
	{ "\t\x1b[31m\x7f", "", "\\x09\\x1b[31m\\x7f" },
	{ "back\\slash", "", "back\\x5cslash" },
	{ "caf\xc3\xa9 \xf0\x9f\x98\x80", "", "caf\xc3\xa9 \xf0\x9f\x98\x80" },
	{ "\xff\xc3", "", "\\xff\\xc3" },
	{ "\xc2\x85\xc2\xa0", "", "\\xc2\\x85\xc2\xa0" }, /* C1, no-break */
	{ "\xe2\x80\xa8\xe2\x80\xa9\xe2\x82\xac", "",
	  "\\xe2\\x80\\xa8\\xe2\\x80\\xa9\xe2\x82\xac" },
	/* what would turn the line around, beside its neighbours */
	{ "\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f", "",
	  "\\xe2\\x80\\xae\\xe2\\x81\\xa6\\xe2\\x80\\x8f" },
	{ "\xe2\x80\xaf\xe2\x81\xaa\xe2\x80\x8d", "",
	  "\xe2\x80\xaf\xe2\x81\xaa\xe2\x80\x8d" },
	{ "a,b<c>", ",<>", "a\\x2cb\\x3cc\\x3e" },
	{ "", "", "" },
};

static void test_escape(void **state)
{
	char out[200];

	(void)state;
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		size_t n = sceau_log_escape(escapes[i].text,
		                            strlen(escapes[i].text),
		                            escapes[i].also, out, sizeof(out));

		if (strcmp(out, escapes[i].want) != 0 || n != strlen(out))
			fail_msg("row %zu: got \"%s\"", i, out);
	}
	assert_int_equal(sceau_log_escape("a\0b", 3, "", out, sizeof(out)), 6);
	assert_string_equal(out, "a\\x00b");
}

static void test_escape_cuts_between(void **state)
{
	char out[7];

	(void)state;
	memset(out, 'z', sizeof(out));
	assert_int_equal(sceau_log_escape("a\n\n", 3, "", out, 6), 5);
	assert_string_equal(out, "a\\x0a");
	assert_int_equal(sceau_log_escape("ab\xe2\x82\xac", 5, "", out, 5), 2);
	assert_string_equal(out, "ab");
	assert_int_equal(sceau_log_escape("ab\xe2\x82\xac", 5, "", out, 6), 5);
	assert_int_equal(sceau_log_escape("ab", 2, "", out, 0), 0);
}

static int pipes[2];
static int saved_stderr;
static char got[8192];

/* Whatever is logged between these two ends up in got. */
static void capture(void)
{
	assert_int_equal(pipe(pipes), 0);
	saved_stderr = dup(2);
	dup2(pipes[1], 2);
}

static const char *captured(void)
{
	dup2(saved_stderr, 2);
	close(saved_stderr);
	close(pipes[1]);
	ssize_t n = read(pipes[0], got, sizeof(got) - 1);
	close(pipes[0]);
	got[n < 0 ? 0 : n] = '\0';
	return got;
}

static void test_levels(void **state)
{
	(void)state;
	sceau_log_open("sceau-test", true, LOG_MAIL, SCEAU_LOG_INFO);
	capture();
	errno = ENOENT;
	sceau_log(SCEAU_LOG_ERROR, "%s", "e");
	sceau_log(SCEAU_LOG_WARNING, "%s", "w");
	sceau_log(SCEAU_LOG_INFO, "%s", "i");
	sceau_log(SCEAU_LOG_DEBUG, "%s", "d");
	int after = errno;
	assert_string_equal(captured(), "sceau-test: error: e\n"
	                                "sceau-test: warning: w\n"
	                                "sceau-test: i\n");
	assert_int_equal(after, ENOENT);

	sceau_log_open("other", true, LOG_MAIL, SCEAU_LOG_DEBUG);
	capture();
	sceau_log(SCEAU_LOG_DEBUG, "%d", 5);
	assert_string_equal(captured(), "other: debug: 5\n");

	sceau_log_open("other", true, LOG_MAIL, SCEAU_LOG_ERROR);
	capture();
	sceau_log(SCEAU_LOG_WARNING, "no");
	sceau_log(SCEAU_LOG_ERROR, "yes");
	assert_string_equal(captured(), "other: error: yes\n");
}

static void test_one_line(void **state)
{
	(void)state;
	sceau_log_open("t", true, LOG_MAIL, SCEAU_LOG_INFO);
	capture();
	sceau_log(SCEAU_LOG_INFO, "helo=%s", "x\nfake: line\x1b");
	assert_string_equal(captured(), "t: helo=x\\x0afake: line\\x1b\n");
}

static void test_long_lines_are_cut(void **state)
{
	char *big = malloc(5000);

	(void)state;
	sceau_log_open("t", true, LOG_MAIL, SCEAU_LOG_INFO);
	/* 'a' stays one byte, a newline takes four, an e-acute two. */
	for (int round = 0; round < 3; round++) {
		static const char *const what[] = { "a", "\n", "\xc3\xa9" };
		size_t n = strlen(what[round]);

		for (size_t i = 0; i + n < 5000; i += n) {
			memcpy(big + i, what[round], n);
			big[i + n] = '\0';
		}
		capture();
		sceau_log(SCEAU_LOG_INFO, "%s", big);
		size_t len = strlen(captured());
		assert_true(len > SCEAU_LOG_MAX - 10);
		assert_true(len <= SCEAU_LOG_MAX + strlen("t: \n"));
		assert_string_equal(got + len - 4, "...\n");
		assert_true(sceau_text_is_utf8(got, len));
		assert_null(memchr(got, '\n', len - 1));
	}
	free(big);
}

static void test_exact_fit_is_not_cut(void **state)
{
	char text[SCEAU_LOG_MAX + 1];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[SCEAU_LOG_MAX - 1] = '\0';
	capture();
	sceau_log(SCEAU_LOG_INFO, "%s", text);
	size_t len = strlen(captured());
	assert_int_equal(len, SCEAU_LOG_MAX - 1 + strlen("t: \n"));
	assert_null(strstr(got, "..."));
	text[SCEAU_LOG_MAX - 1] = 'a';
	text[SCEAU_LOG_MAX] = '\0';
	capture();
	sceau_log(SCEAU_LOG_INFO, "%s", text);
	assert_non_null(strstr(captured(), "a...\n"));
}

static void test_decision_line(void **state)
{
	struct sceau_log_line line;

	(void)state;
	sceau_log_line_init(&line, "4XyZ");
	sceau_log_line_add(&line, "action", "greylist");
	sceau_log_line_add(&line, "helo", "x, client=good[1.2.3.4]\n");
	sceau_log_line_add_address(&line, "from", "");
	sceau_log_line_add_address(&line, "to", "a@b>, x=<y");
	sceau_log_line_add(&line, "none", NULL);
	sceau_log_line_addf(&line, "took", "%dms", 12);
	capture();
	sceau_log_line_send(&line, SCEAU_LOG_INFO);
	assert_string_equal(captured(),
	                    "t: 4XyZ: action=greylist, "
	                    "helo=x\\x2c client=good[1.2.3.4]\\x0a, from=<>, "
	                    "to=<a@b\\x3e\\x2c x=\\x3cy>, none=, took=12ms\n");
}

static void test_decision_line_bounds(void **state)
{
	struct sceau_log_line line;
	char big[3000];

	(void)state;
	memset(big, '\n', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	sceau_log_line_init(&line, NULL);
	assert_string_equal(line.text, "NOQUEUE");
	for (int i = 0; i < 20; i++) {
		sceau_log_line_add(&line, "name", big);
		sceau_log_line_addf(&line, "name", "%s", big);
		sceau_log_line_add_address(&line, "name", big);
		assert_true(line.used < SCEAU_LOG_MAX);
		assert_int_equal(strlen(line.text), line.used);
	}
	assert_non_null(strstr(line.text, "..."));
	sceau_log_line_init(&line, "Q: x, y");
	assert_string_equal(line.text, "Q\\x3a x\\x2c y");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_escape_cuts_between),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_one_line),
		cmocka_unit_test(test_long_lines_are_cut),
		cmocka_unit_test(test_exact_fit_is_not_cut),
		cmocka_unit_test(test_decision_line),
		cmocka_unit_test(test_decision_line_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
