/* test_command.c - programs that answer, complain, hang, or talk too much
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "cli/command.h"

static int run_shell(const char *script, unsigned timeout_ms,
                     struct sceau_command_answer *answer, struct sceau_err *err)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	return sceau_command_run(argv, timeout_ms, answer, err);
}

static void test_answers(void **state)
{
	struct sceau_buf out;
	struct sceau_command_answer answer = { .out = &out };
	struct sceau_err err = { .text = "" };

	(void)state;
	sceau_buf_init(&out, 1000);
	assert_int_equal(run_shell("echo a; echo b; cat; echo \"$LC_ALL\"",
	                           60000, &answer, &err),
	                 0);
	assert_string_equal(sceau_buf_text(&out), "a\nb\nC\n");
	assert_string_equal(answer.complaint, "");
	assert_int_equal(answer.status, 0);
	assert_int_equal(run_shell("echo one >&2; echo two >&2; exit 7", 60000,
	                           &answer, &err),
	                 0);
	assert_string_equal(answer.complaint, "two");
	assert_int_equal(answer.status, 7);
	assert_int_equal(run_shell("kill -9 $$", 60000, &answer, &err), 0);
	assert_int_equal(answer.status, 128 + 9);
	sceau_buf_deinit(&out);
}

/* postconf(1) warns first and gives up last; doveconf(1) gives up and then goes
   on. */
static const struct {
	const char *script;
	const char *complaint;
} complaints[] = {
	{ "echo 'postconf: warning: overriding earlier entry: myhostname=a'; "
	  "echo 'postconf: fatal: missing = after name'",
	  "postconf: fatal: missing = after name" },
	{ "echo 'doveconf: Fatal: line 3: garbage'; echo; echo 'see the log'",
	  "doveconf: Fatal: line 3: garbage" },
	{ "echo warning: a; echo Error: b; echo fatal: c; echo d", "Error: b" },
	{ "printf 'warning: a\n\nlast, no line feed'", "last, no line feed" },
	{ "i=0; while [ $i -lt 3000 ]; do echo warning: $i; i=$((i+1)); done; "
	  "echo fatal: x",
	  "fatal: x" },
	{ ":", "" },
};

static void test_complaints(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]);
	     i++) {
		char script[512];
		struct sceau_buf out;
		struct sceau_command_answer answer = { .out = &out };
		struct sceau_err err = { .text = "" };

		sceau_buf_init(&out, 1000);
		(void)snprintf(script, sizeof(script), "exec >&2; %s",
		               complaints[i].script);
		assert_int_equal(run_shell(script, 60000, &answer, &err), 0);
		assert_string_equal(answer.complaint, complaints[i].complaint);
		sceau_buf_deinit(&out);
	}
}

static void test_no_such_program(void **state)
{
	const char *const argv[] = { "no-program-of-this-name", NULL };
	struct sceau_buf out;
	struct sceau_command_answer answer = { .out = &out };
	struct sceau_err err = { .text = "" };

	(void)state;
	sceau_buf_init(&out, 1000);
	assert_int_equal(sceau_command_run(argv, 60000, &answer, &err), 1);
	sceau_buf_deinit(&out);
}

/* Hanging with open pipes, and with closed ones. */
static void test_hanging(void **state)
{
	static const char *const scripts[] = {
		"sleep 600",
		"exec >&- 2>&-; sleep 600",
		"trap '' TERM; while :; do :; done",
	};
	time_t start = time(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct sceau_buf out;
		struct sceau_command_answer answer = { .out = &out };
		struct sceau_err err = { .text = "" };

		sceau_buf_init(&out, 1000);
		assert_int_equal(run_shell(scripts[i], 300, &answer, &err), -1);
		assert_int_equal(err.fault, SCEAU_FAULT_TEMP);
		assert_string_equal(err.text, "sh: it does not end");
		sceau_buf_deinit(&out);
	}
	assert_true(time(NULL) - start < 300);
}

static void test_too_much(void **state)
{
	struct sceau_buf out;
	struct sceau_command_answer answer = { .out = &out };
	struct sceau_err err = { .text = "" };

	(void)state;
	sceau_buf_init(&out, 1000);
	assert_int_equal(run_shell("while :; do echo 0123456789; done", 60000,
	                           &answer, &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
	sceau_buf_deinit(&out);
	/* of complaints only the beginning is kept */
	sceau_buf_init(&out, 1000);
	assert_int_equal(
		run_shell("i=0; while [ $i -lt 5000 ]; do printf 'x\\001'; "
	                  "i=$((i+1)); done >&2",
	                  60000, &answer, &err),
		0);
	assert_int_equal(strlen(answer.complaint),
	                 sizeof(answer.complaint) - 1);
	assert_null(strchr(answer.complaint, '\001'));
	sceau_buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_complaints),
		cmocka_unit_test(test_no_such_program),
		cmocka_unit_test(test_hanging),
		cmocka_unit_test(test_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
