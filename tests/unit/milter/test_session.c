/* test_session.c - two mails on one connection, roles without an MTA
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "role.h"
#include "session.h"
#include "unit/daemon/dkim_test_key.h"

static char directory[64];
static struct sceau_settings *settings;
static struct sceau_rules *mx_rules, *sign_rules;
static struct sceau_milter_counters counters;

static void put_key(const char *pem)
{
	char path[128];
	FILE *out;

	(void)snprintf(path, sizeof(path), "%s/home.example", directory);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/home.example/mail.private",
	               directory);
	out = fopen(path, "w");
	assert_non_null(out);
	assert_true(fputs(pem, out) >= 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static int setup(void **state)
{
	static char pem[TEST_PEM_SIZE];
	struct sceau_err err;
	char conf[256];

	(void)state;
	(void)umask(022);
	(void)snprintf(directory, sizeof(directory), "/tmp/sceau-role.XXXXXX");
	assert_non_null(mkdtemp(directory));
	assert_int_equal(chmod(directory, 0755), 0);
	test_pem(EVP_RSA_gen(2048), NULL, pem);
	put_key(pem);
	(void)snprintf(conf, sizeof(conf),
	               "myhostname = mx.home.example\n"
	               "sign_key_directory = %s\n",
	               directory);
	settings = sceau_conf_load_text("test", conf, strlen(conf), &err);
	assert_non_null(settings);
	assert_int_equal(sceau_role_mx.load(settings, &mx_rules, &err), 0);
	assert_int_equal(sceau_role_sign.load(settings, &sign_rules, &err), 0);
	return 0;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	sceau_rules_unref(&mx_rules);
	sceau_rules_unref(&sign_rules);
	sceau_settings_unref(&settings);
	(void)snprintf(path, sizeof(path), "%s/home.example/mail.private",
	               directory);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/home.example", directory);
	(void)rmdir(path);
	return rmdir(directory);
}

/* Run one mail of one line through a role; returns the log line. */
static const char *run(const struct sceau_role *role,
                       struct sceau_session *session)
{
	static struct sceau_log_line line;
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

	sceau_log_line_init(&line, "Q1");
	if (role->end_header(session, &err) < 0)
		fail_msg("end of header: %s", err.text);
	if (role->body != NULL && role->body(session, "hi\r\n", 4, &err) < 0)
		fail_msg("body: %s", err.text);
	if (role->end_mail(session, &counters, &line, &err) < 0)
		fail_msg("end of mail: %s", err.text);
	return line.text;
}

static void begin_signed(struct sceau_session *session)
{
	sceau_session_begin(session, sceau_rules_ref(sign_rules),
	                    "<alice@home.example>");
	sceau_session_text("alice", session->mail.user,
	                   sizeof(session->mail.user));
	sceau_session_add_field(session, "X-Mailer", " thing");
	sceau_session_add_field(session, "From", " alice@home.example");
}

static struct sceau_session *new_session(void)
{
	struct sceau_session *session = sceau_session_new();

	assert_non_null(session);
	session->has_leading_space = true;
	sceau_session_text("mx.home.example", session->host,
	                   sizeof(session->host));
	return session;
}

static void test_senders(void **state)
{
	static const struct {
		const char *argument;
		const char *want;
	} cases[] = {
		{ "<a@b.example>", "a@b.example" },
		{ "a@b.example", "a@b.example" }, /* sendmail(1) */
		{ "<>", "" },
		{ "", "" },
		{ "<", "<" },
	};
	struct sceau_session *session = new_session();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sceau_session_begin(session, sceau_rules_ref(mx_rules),
		                    cases[i].argument);
		assert_string_equal(session->mail.sender, cases[i].want);
	}
	sceau_session_free(&session);
	assert_null(session);
	sceau_session_free(&session);
}

/* Nothing of a mail is left when the next one begins, with no abort between
   them, whatever state the first one was left in. */
static void test_next_mail_knows_nothing(void **state)
{
	struct sceau_err err = { .fault = SCEAU_FAULT_TEMP };
	struct sceau_session *session = new_session();
	const struct sceau_mail *mail = &session->mail;

	(void)state;
	for (int left_at = 0; left_at < 4; left_at++) {
		begin_signed(session);
		session->mail.has_early_id = true;
		if (left_at == 1)
			sceau_session_fail(session, &err);
		if (left_at >= 2)
			assert_int_equal(
				sceau_role_sign.end_header(session, &err), 0);
		if (left_at >= 2)
			assert_non_null(mail->sign.sign);
		if (left_at == 3)
			assert_int_equal(
				sceau_role_sign.body(session, "x", 1, &err), 0);
		sceau_session_begin(session, sceau_rules_ref(sign_rules), "<>");
		assert_int_equal(mail->header.count, 0);
		assert_string_equal(mail->user, "");
		assert_string_equal(mail->sender, "");
		assert_string_equal(mail->queue_id, "");
		assert_string_equal(mail->sign.domain, "");
		assert_false(mail->has_failed);
		assert_false(mail->has_early_id);
		assert_false(mail->sign.is_cleaned);
		assert_null(mail->sign.sign);
		assert_null(mail->sign.keys[0]);
	}
	sceau_session_reset(session);
	sceau_session_reset(session);
	assert_null(mail->rules);
	sceau_session_free(&session);
}

/* A receipt (RFC 8098) has no sender either, but tells on its author. */
static void test_null_sender(void **state)
{
	static const struct {
		const char *user;
		const char *want;
	} cases[] = {
		{ "alice", "Q1: action=sign, reason=authenticated, "
		           "d=home.example, s=mail, cleaned=yes, user=alice" },
		{ "", "Q1: action=sign, reason=sendmail, d=home.example, "
		      "s=mail" },
	};
	struct sceau_session *session = new_session();
	const char *line;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sceau_session_begin(session, sceau_rules_ref(sign_rules), "<>");
		sceau_session_text(cases[i].user, session->mail.user,
		                   sizeof(session->mail.user));
		session->has_no_port = true;
		session->mail.has_early_id = true;
		sceau_session_add_field(session, "X-Mailer", " thing");
		sceau_session_add_field(session, "From", " alice@home.example");
		line = run(&sceau_role_sign, session);
		if (strcmp(line, cases[i].want) != 0)
			fail_msg("user \"%s\": got %s, want %s", cases[i].user,
			         line, cases[i].want);
	}
	sceau_session_free(&session);
}

/* The log names the first recipient, and how many there are. */
static void test_recipients_are_kept_for_one_mail(void **state)
{
	struct sceau_session *session = new_session();

	(void)state;
	begin_signed(session);
	sceau_session_add_recipient(session, "<zoe@far.example>");
	sceau_session_add_recipient(session, "<bob@far.example>");
	assert_string_equal(session->mail.recipient, "zoe@far.example");
	assert_int_equal(session->mail.recipients, 2);
	sceau_session_begin(session, sceau_rules_ref(sign_rules), "<>");
	assert_int_equal(session->mail.recipients, 0);
	sceau_session_add_recipient(session, "root");
	assert_string_equal(session->mail.recipient, "root");
	sceau_session_free(&session);
}

/* A login of one mail is no login of the next. */
static void test_login_does_not_stick(void **state)
{
	struct sceau_session *session = new_session();
	const char *line;

	(void)state;
	begin_signed(session);
	line = run(&sceau_role_sign, session);
	if (strcmp(line, "Q1: action=sign, reason=authenticated, "
	                 "d=home.example, s=mail, cleaned=yes, "
	                 "user=alice") != 0)
		fail_msg("got \"%s\"", line);
	sceau_session_begin(session, sceau_rules_ref(sign_rules),
	                    "<alice@home.example>");
	sceau_session_add_field(session, "From", " alice@home.example");
	line = run(&sceau_role_sign, session);
	if (strcmp(line, "Q1: action=none, reason=not-submitted") != 0)
		fail_msg("got \"%s\"", line);
	assert_false(sceau_header_is_edited(&session->mail.header));
	sceau_session_free(&session);
}

static void test_cleaned_then_signed(void **state)
{
	struct sceau_session *session = new_session();
	struct sceau_header *header = &session->mail.header;
	size_t index;

	(void)state;
	begin_signed(session);
	(void)run(&sceau_role_sign, session);
	assert_int_equal(sceau_header_count(header, "X-Mailer"), 0);
	assert_true(sceau_header_find(header, "DKIM-Signature", 0, &index));
	assert_int_equal(index, 0);
	assert_true(sceau_header_get(header, index).added);
	sceau_session_free(&session);
}

static void test_what_the_mail_forbids(void **state)
{
	struct sceau_session *session = new_session();
	struct sceau_log_line line;
	struct sceau_err err;

	(void)state;
	begin_signed(session);
	assert_int_equal(sceau_role_sign.end_header(session, &err), 0);
	assert_int_equal(sceau_role_sign.body(session, "a\rb\r\n", 5, &err), 0);
	assert_int_equal(sceau_role_sign.body(session, "more\r\n", 6, &err), 0);
	sceau_log_line_init(&line, "Q1");
	assert_int_equal(
		sceau_role_sign.end_mail(session, &counters, &line, &err), 0);
	assert_non_null(strstr(line.text, "action=none, reason=a bare CR"));
	assert_int_equal(
		sceau_header_count(&session->mail.header, "DKIM-Signature"), 0);
	/* cleaned all the same */
	assert_int_equal(sceau_header_count(&session->mail.header, "X-Mailer"),
	                 0);
	sceau_session_free(&session);
}

static void test_eaten_blank_comes_back(void **state)
{
	struct sceau_session *session = new_session();

	(void)state;
	session->has_leading_space = false;
	sceau_session_begin(session, sceau_rules_ref(mx_rules), "<>");
	sceau_session_add_field(session, "Subject", "hi");
	assert_true(sceau_slice_is(
		sceau_header_get(&session->mail.header, 0).value, " hi"));
	sceau_session_free(&session);
}

static void test_header_over_its_bound(void **state)
{
	struct sceau_session *session = new_session();
	char *big = malloc(100001);

	(void)state;
	assert_non_null(big);
	memset(big, 'x', 100000);
	big[100000] = '\0';
	sceau_session_begin(session, sceau_rules_ref(mx_rules), "<>");
	for (int i = 0; i < 100; i++)
		sceau_session_add_field(session, "X-Big", big);
	assert_true(session->mail.has_failed);
	assert_int_equal(session->mail.err.fault, SCEAU_FAULT_LIMIT);
	free(big);
	sceau_session_free(&session);
}

static void test_mx_strips_and_never_signs(void **state)
{
	struct sceau_session *session = new_session();
	struct sceau_header *header = &session->mail.header;
	const char *line;

	(void)state;
	sceau_session_begin(session, sceau_rules_ref(mx_rules),
	                    "<a@b.example>");
	/* even with all that would make the sign role sign */
	sceau_session_text("alice", session->mail.user,
	                   sizeof(session->mail.user));
	sceau_session_text("ORIGINATING", session->daemon_name,
	                   sizeof(session->daemon_name));
	sceau_session_add_field(session, "Authentication-Results",
	                        " mx.home.example; dkim=pass");
	sceau_session_add_field(session, "From", " alice@home.example");
	sceau_session_add_field(session, "Authentication-Results",
	                        " other.example; dkim=pass");
	sceau_session_add_field(session, "authentication-results",
	                        "\n\t(c) MX.home.example (d);\n\tspf=pass");
	line = run(&sceau_role_mx, session);
	if (strcmp(line, "Q1: action=accept, forged=2") != 0)
		fail_msg("got \"%s\"", line);
	assert_int_equal(sceau_header_count(header, "Authentication-Results"),
	                 1);
	assert_int_equal(sceau_header_count(header, "DKIM-Signature"), 0);
	assert_null(session->mail.rules->keys);
	assert_null(session->mail.rules->dkim);
	sceau_session_free(&session);
}

/* Each is refused with its line and its name. */
static void test_settings_that_cannot_work(void **state)
{
	static const struct {
		const struct sceau_role *role;
		const char *conf;
		const char *want;
	} rows[] = {
		{ &sceau_role_mx, "mx_authserv_id = bad id; x\n",
		  "test:1: mx_authserv_id: must be a name" },
		{ &sceau_role_sign, "sign_key_directory =\n",
		  "test:1: sign_key_directory: must be a path" },
		{ &sceau_role_sign, "sign_key_directory = dkim\n",
		  "test:1: sign_key_directory: must be a path" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sceau_settings *bad;
		struct sceau_rules *rules = NULL;
		struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

		bad = sceau_conf_load_text("test", rows[i].conf,
		                           strlen(rows[i].conf), &err);
		assert_non_null(bad);
		assert_int_equal(rows[i].role->load(bad, &rules, &err), -1);
		assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
		if (strncmp(err.text, rows[i].want, strlen(rows[i].want)) != 0)
			fail_msg("got \"%s\"", err.text);
		sceau_settings_unref(&bad);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_senders),
		cmocka_unit_test(test_next_mail_knows_nothing),
		cmocka_unit_test(test_null_sender),
		cmocka_unit_test(test_recipients_are_kept_for_one_mail),
		cmocka_unit_test(test_login_does_not_stick),
		cmocka_unit_test(test_cleaned_then_signed),
		cmocka_unit_test(test_what_the_mail_forbids),
		cmocka_unit_test(test_eaten_blank_comes_back),
		cmocka_unit_test(test_header_over_its_bound),
		cmocka_unit_test(test_mx_strips_and_never_signs),
		cmocka_unit_test(test_settings_that_cannot_work),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
