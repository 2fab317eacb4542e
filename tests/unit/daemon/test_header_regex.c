/* test_header_regex.c - PCRE2 behind bounds: what is found, what gives up
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "daemon/header_regex.h"

static const struct sceau_header_regex_engine *const engine =
	&sceau_header_regex_pcre2;

static struct sceau_header_regex *compile(const char *text, bool ignores_case,
                                          unsigned *groups_r)
{
	struct sceau_header_regex *regex = NULL;
	struct sceau_err err;

	if (engine->compile(sceau_slice_of(text), ignores_case, &regex,
	                    groups_r, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return regex;
}

static void test_groups(void **state)
{
	struct sceau_slice found[SCEAU_HEADER_RULE_GROUPS];
	uint64_t work = SCEAU_HEADER_RULE_WORK_MAX;
	unsigned groups;
	struct sceau_header_regex *regex = compile("(B)(x)?(c)", true, &groups);

	(void)state;
	assert_int_equal(groups, 3);
	assert_int_equal(
		engine->match(regex, sceau_slice_of("abcd"), &work, found), 1);
	assert_true(sceau_slice_is(found[0], "bc"));
	assert_true(sceau_slice_is(found[1], "b"));
	assert_int_equal(found[2].len, 0);
	assert_true(sceau_slice_is(found[3], "c"));
	assert_int_equal(found[9].len, 0);
	assert_true(work < SCEAU_HEADER_RULE_WORK_MAX);
	assert_int_equal(
		engine->match(regex, sceau_slice_of("ab"), &work, found), 0);
	engine->free(&regex);
	assert_null(regex);
	engine->free(&regex);

	/* more groups than anybody asks for */
	regex = compile("(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)", false, &groups);
	assert_int_equal(groups, 12);
	assert_int_equal(engine->match(regex, sceau_slice_of("123456789abc"),
	                               &work, found),
	                 1);
	assert_true(sceau_slice_is(found[9], "9"));
	engine->free(&regex);
}

/* Bytes that are no UTF-8, and NUL, are bytes like others. */
static void test_bytes(void **state)
{
	struct sceau_slice found[SCEAU_HEADER_RULE_GROUPS];
	uint64_t work = SCEAU_HEADER_RULE_WORK_MAX;
	unsigned groups;
	struct sceau_header_regex *regex = compile("^.{4}$", false, &groups);
	struct sceau_slice subject = { "\xff\0\xc3z", 4 };

	(void)state;
	assert_int_equal(engine->match(regex, subject, &work, found), 1);
	engine->free(&regex);
}

/* Expressions whose time or memory explodes, each over the subject that suits
   it: none may take long, however often it is asked. What one run at a time
   takes is bounded by what all of them may take. */
static void test_hostile(void **state)
{
	static const struct {
		const char *regex;
		char fill;
	} rows[] = {
		{ "^(a+)+$", 'a' },
		{ "(a|aa)+$", 'a' },
		{ "(a*)*b", 'a' },
		{ "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x", 'a' },
		{ "[^b]*+b", 'a' },
		{ "[^b]{2000}c", 'a' },
		{ "[^b]{4000}", 'b' },
		{ "(?:a?){200}a{200}$", 'a' },
		{ "(a(?1)?a)$", 'a' },
		{ "((?:.|a)*+)\\1b", 'a' },
		{ "(?<=a{200})b", 'a' },
		{ ".", 'a' },
	};
	char text[SCEAU_HEADER_RULE_VALUE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sceau_slice found[SCEAU_HEADER_RULE_GROUPS];
		uint64_t work = SCEAU_HEADER_RULE_WORK_MAX;
		struct sceau_slice subject = { text, sizeof(text) };
		unsigned groups, runs = 0;
		struct sceau_header_regex *regex = compile(rows[i].regex, false,
		                                           &groups);

		memset(text, rows[i].fill, sizeof(text));
		clock_t begin = clock();
		while (work > 0 && runs < 20000) {
			engine->match(regex, subject, &work, found);
			runs++;
		}
		double took_s = (double)(clock() - begin) / CLOCKS_PER_SEC;
		/* under sanitizers on a busy machine; alone it is 0.3 s */
		if (took_s > 20)
			fail_msg("%s: %u runs took %.1f s", rows[i].regex, runs,
			         took_s);
		if (runs == 20000)
			fail_msg("%s is free", rows[i].regex);
		assert_int_equal(engine->match(regex, subject, &work, found),
		                 -1);
		engine->free(&regex);
	}
}

/* The end of this find lies before its beginning. */
static void test_odd_find(void **state)
{
	struct sceau_slice found[SCEAU_HEADER_RULE_GROUPS];
	struct sceau_header_regex *regex = NULL;
	uint64_t work = SCEAU_HEADER_RULE_WORK_MAX;
	unsigned groups;
	struct sceau_err err;

	(void)state;
	/* PCRE2 10.38 and later refuse it */
	if (engine->compile(sceau_slice_of("(?=ab\\K)"), false, &regex, &groups,
	                    &err) < 0) {
		assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
		return;
	}
	assert_int_equal(
		engine->match(regex, sceau_slice_of("ab"), &work, found), -1);
	engine->free(&regex);
}

static void test_nesting(void **state)
{
	struct sceau_header_regex *regex = NULL;
	struct sceau_err err;
	unsigned groups;
	char text[SCEAU_HEADER_RULE_REGEX_MAX];

	(void)state;
	memset(text, '(', 200);
	memset(text + 200, ')', 200);
	struct sceau_slice slice = { text, 400 };
	assert_int_equal(engine->compile(slice, false, &regex, &groups, &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	assert_null(regex);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups),  cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_odd_find),
		cmocka_unit_test(test_nesting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
