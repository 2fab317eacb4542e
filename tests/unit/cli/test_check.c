/* test_check.c - the report of check-config: bounds, escaping, both forms
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
#include <cmocka.h>

#include "cli/check_host.h"

static char *printed(const struct sceau_check *check)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	sceau_check_print(check, "s.conf", out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void test_both_forms(void **state)
{
	struct sceau_check *check = sceau_check_new();

	(void)state;
	assert_non_null(check);
	char *text = printed(check);
	assert_string_equal(text, "s.conf is good\n");
	free(text);

	struct sceau_check_finding *finding = sceau_check_add(
		check, SCEAU_CHECK_WARNING, "some-id");
	sceau_check_say(finding->where, "%s:%d", "main.cf", 3);
	sceau_check_say(finding->what, "odd \x1b[31m\xff value");
	sceau_check_say(finding->remedy, "mend it");
	sceau_check_note(check, "not %s", "root");
	sceau_check_note(check, "not %s", "root");
	text = printed(check);
	assert_string_equal(text, "warning: main.cf:3: odd ?[31m? value "
	                          "[some-id]\n  remedy: mend it\n"
	                          "note: not root\n");
	free(text);
	assert_true(sceau_check_has_at(check, "some-id", "main.cf:3"));
	assert_false(sceau_check_has_at(check, "some-id", "main.cf:4"));
	assert_false(sceau_check_has_at(check, "other-id", "main.cf:3"));

	json_t *root = sceau_check_json(check, "s.conf");
	text = json_dumps(root, JSON_COMPACT);
	assert_string_equal(
		text,
		"{\"file\":\"s.conf\",\"ok\":false,\"count\":1,\"findings\":[{"
		"\"id\":\"some-id\",\"severity\":\"warning\",\"where\":"
		"\"main.cf:3\",\"what\":\"odd ?[31m? value\",\"remedy\":"
		"\"mend it\"}],\"notes\":[\"not root\"]}");
	free(text);
	json_decref(root);
	sceau_check_free(&check);
	assert_null(check);
	sceau_check_free(&check);
}

static void test_bounds(void **state)
{
	struct sceau_check *check = sceau_check_new();
	const size_t many = SCEAU_CHECK_FINDINGS_MAX + 5;

	(void)state;
	assert_non_null(check);
	for (size_t i = 0; i < many; i++) {
		struct sceau_check_finding *finding = sceau_check_add(
			check, SCEAU_CHECK_ERROR, "id");

		sceau_check_say(finding->where, "%2000zu", i);
		assert_ptr_equal(sceau_check_last(check), finding);
	}
	for (int i = 0; i < SCEAU_CHECK_NOTES_MAX + 5; i++)
		sceau_check_note(check, "%d", i);
	assert_int_equal(sceau_check_count(check), many);
	char *text = printed(check);
	assert_non_null(strstr(text, "\nand 5 more\n"));
	free(text);
	json_t *root = sceau_check_json(check, "s.conf");
	assert_int_equal(json_array_size(json_object_get(root, "findings")),
	                 SCEAU_CHECK_FINDINGS_MAX);
	json_decref(root);
	sceau_check_free(&check);
}

/* The errors of other rooms, taken apart. */
static const struct {
	const char *text;
	const char *where;
	const char *what;
	const char *remedy;
} errors[] = {
	{ "s.conf:2: mx: unknown", "s.conf:2", "mx: unknown", "" },
	{ "/k: mode 0644; cure: chmod 600 /k", "/k", "mode 0644",
	  "chmod 600 /k" },
	{ "/k: not used; it is old; rename it", "/k", "not used; it is old",
	  "rename it" },
	{ "no colon", "", "no colon", "" },
	{ "", "", "", "" },
};

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct sceau_check_finding finding = { .id = "x" };
		struct sceau_err err;

		sceau_fail(&err, SCEAU_FAULT_CONFIG, "%s", errors[i].text);
		sceau_check_say_error(&finding, &err);
		assert_string_equal(finding.where, errors[i].where);
		assert_string_equal(finding.what, errors[i].what);
		assert_string_equal(finding.remedy, errors[i].remedy);
	}
}

/* What a shell makes one word of (POSIX, 2.2). */
static const struct {
	const char *path;
	const char *word;
} words[] = {
	{ "/etc/sceau/dkim/a.example/s_1-x.private",
	  "/etc/sceau/dkim/a.example/s_1-x.private" },
	{ "/a b;id/s", "'/a b;id/s'" },
	{ "/it's", "'/it'\\''s'" },
	{ "/$(id)`id`", "'/$(id)`id`'" },
	{ "", "''" },
};

static void test_words(void **state)
{
	char path[300];

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_string_equal(sceau_check_quote(words[i].path).text,
		                    words[i].word);
	/* whole or not at all, whatever the length */
	for (size_t len = 1; len < sizeof(path); len++) {
		memset(path, len % 2 == 0 ? 'x' : '\'', len);
		path[len] = '\0';
		struct sceau_check_word word = sceau_check_quote(path);
		size_t whole = len % 2 == 0 ? len : 4 * len + 2;

		if (whole <= 200)
			assert_int_equal(strlen(word.text), whole);
		else if (whole > 255 || strlen(word.text) != whole)
			assert_string_equal(word.text, "PATH");
	}
}

/* Something did not answer: nobody may read the report as "good". */
static void test_cut_short(void **state)
{
	struct sceau_check *check = sceau_check_new();
	struct sceau_err err;

	(void)state;
	assert_non_null(check);
	sceau_fail(&err, SCEAU_FAULT_TEMP, "postconf: it does not end");
	sceau_check_cut_short(check, &err, "not checked");
	char *text = printed(check);
	assert_string_equal(text,
	                    "note: postconf: it does not end: not checked\n");
	free(text);
	json_t *root = sceau_check_json(check, "s.conf");
	assert_true(json_is_false(json_object_get(root, "ok")));
	json_decref(root);
	sceau_check_free(&check);
}

/* The settings file may have any name. */
static void test_name(void **state)
{
	struct sceau_check *check = sceau_check_new();

	(void)state;
	assert_non_null(check);
	json_t *root = sceau_check_json(check, "/x\xff\x1b.conf");
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "file")),
	                    "/x?\?.conf");
	json_decref(root);
	sceau_check_free(&check);
}

static void test_access(void **state)
{
	char text[512];

	(void)state;
	sceau_check_say_access(text, "/");
	assert_non_null(strstr(text, ", owner root"));
	/* nothing is known of it, so nothing is said of mode and owner */
	sceau_check_say_access(text, "/no/such/path");
	assert_string_equal(text, "No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_forms),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_access),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
