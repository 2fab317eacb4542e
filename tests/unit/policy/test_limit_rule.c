/* test_limit_rule.c - what an admin can write, and each way to get it wrong
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

#include "policy/limit_rule.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int parse(const char *text, struct sceau_limit_rules *rules,
                 struct sceau_err *err)
{
	return sceau_limit_rules_parse(text, strlen(text), "limits", rules,
	                               err);
}

/* The rules in one canonical line each, to compare them as a whole. */
static void print(const struct sceau_limit_rules *rules, char *out, size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; i < rules->count; i++) {
		const struct sceau_limit_rule *r = &rules->rule[i];
		size_t used = strlen(out);

		snprintf(out + used, size - used,
		         "%u:%s %s %s %llu/%s burst=%llu match=%s %u%s;",
		         r->line, r->name, sceau_limit_key_word(r->key),
		         sceau_limit_unit_word(r->unit),
		         (unsigned long long)r->count, r->period,
		         (unsigned long long)r->rate.burst, r->match, r->code,
		         r->dry_run ? " dry" : "");
	}
}

static const struct {
	const char *text;
	const char *want;
} good[] = {
	{ "", "" },
	{ "\n\n# nothing\n   \t\n  # indented\n", "" },
	{ "daily account recipients 500/1d burst=100\n",
	  "1:daily account recipients 500/1d burst=100 match= 450;" },
	{ "hourly account messages 10/1h",
	  "1:hourly account messages 10/1h burst=10 match= 450;" },
	{ "# head\n\nd sender-domain messages 1/30s dry-run action=452\r\n"
	  "\tn-1_x client-network recipients 1000000000/366d "
	  "match=192.0.2.*\n",
	  "3:d sender-domain messages 1/30s burst=1 match= 452 dry;"
	  "4:n-1_x client-network recipients 1000000000/366d "
	  "burst=1000000000 match=192.0.2.* 450;" },
	{ "a account messages 10/2w match=*@Example.ORG burst=1",
	  "1:a account messages 10/2w burst=1 match=*@example.org 450;" },
	{ "a account messages 10/1h match==*#x\n",
	  "1:a account messages 10/1h burst=10 match==*#x 450;" },
};

static void test_good(void **state)
{
	char got[2048];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct sceau_limit_rules rules;
		struct sceau_err err = { .text = "" };

		if (parse(good[i].text, &rules, &err) < 0)
			fail_msg("row %zu: %s", i, err.text);
		print(&rules, got, sizeof(got));
		if (strcmp(got, good[i].want) != 0)
			fail_msg("row %zu: got %s", i, got);
		sceau_limit_rules_deinit(&rules);
		assert_int_equal(rules.count, 0);
	}
}

#define RULE "a account messages "

static const struct {
	const char *text;
	const char *want;
} bad[] = {
	{ "daily\n", "limits:1: a rule is NAME KEY UNIT N/PERIOD [burst=N] "
	             "[match=PATTERN] [action=450] [dry-run], this one ends "
	             "early" },
	{ "# one\n\na acount messages 1/1h\n",
	  "limits:3: unknown key \"acount\", did you mean \"account\"?" },
	{ "a sender_domain messages 1/1h",
	  "limits:1: unknown key \"sender_domain\", did you mean "
	  "\"sender-domain\"?" },
	{ "a ACCOUNT messages 1/1h",
	  "limits:1: unknown key \"ACCOUNT\", did you mean \"account\"?" },
	{ "a x messages 1/1h",
	  "limits:1: unknown key \"x\", it is one of account, sender-domain "
	  "or client-network" },
	{ "a account bytes 1/1h",
	  "limits:1: unknown unit \"bytes\", it is one of messages or "
	  "recipients" },
	{ "a account recipient 1/1h",
	  "limits:1: unknown unit \"recipient\", did you mean "
	  "\"recipients\"?" },
	{ "Daily account messages 1/1h",
	  "limits:1: name \"Daily\": only a-z, 0-9, - and _ can stand in a "
	  "name" },
	{ "a23456789012345678901234567890123 account messages 1/1h",
	  "limits:1: name \"a23456789012345678901234567890123\" is longer "
	  "than 32 bytes" },
	{ RULE "500", "limits:1: \"500\" is not N/PERIOD, e.g. 500/1d" },
	{ RULE "500/1",
	  "limits:1: \"500/1\": the period is a number and its unit s, m, h, "
	  "d or w, e.g. 500/1d" },
	{ RULE "500/", "limits:1: \"500/\": the period is a number and its "
	               "unit s, m, h, d or w, e.g. 500/1d" },
	{ RULE "500/d", "limits:1: \"500/d\": a number is missing" },
	{ RULE "500/1y", "limits:1: \"500/1y\": \"1y\" is not a number" },
	{ RULE "/1d", "limits:1: \"/1d\": a number is missing" },
	{ RULE "-1/1d", "limits:1: \"-1/1d\": \"-1\" is not a number" },
	{ RULE "0/1d", "limits:1: the number of a rate goes from 1 to "
	               "1000000000" },
	{ RULE "1/0s", "limits:1: the period of a rate goes from 1s to 366d" },
	{ RULE "1/367d",
	  "limits:1: the period of a rate goes from 1s to 366d" },
	{ RULE "1/1h burst=0", "limits:1: a burst goes from 1 to 1000000000" },
	{ RULE "1/1h burst=", "limits:1: burst: a number is missing" },
	{ RULE "1/1h burst", "limits:1: burst needs =VALUE" },
	{ RULE "1/1h burst=1 burst=2", "limits:1: burst stands twice" },
	{ RULE "1/300d burst=1000",
	  "limits:1: at this rate a burst of 1000 takes more than 100 years to "
	  "come back" },
	{ RULE "1/1h brust=1",
	  "limits:1: unknown option \"brust\", did you mean \"burst\"?" },
	{ RULE "1/1h dryrun",
	  "limits:1: unknown option \"dryrun\", did you mean \"dry-run\"?" },
	{ RULE "1/1h dry-run=yes", "limits:1: dry-run takes no value" },
	{ RULE "1/1h match=",
	  "limits:1: match= needs a pattern, e.g. match=*@example.org" },
	{ RULE "1/1h action=550",
	  "limits:1: action \"550\" is neither 450 nor 452" },
	{ RULE "1/1h =450",
	  "limits:1: unknown option \"\", it is one of burst, match, action or "
	  "dry-run" },
	{ RULE "1/1h # note", "limits:1: a comment has a line of its own" },
	{ RULE "1/1h\n\n" RULE "2/1h",
	  "limits:3: there is a rule \"a\" already, in line 1" },
	{ RULE "1/1h \x1b[2J", "limits:1: unknown option \"?[2J\", it is one "
	                       "of burst, match, action "
	                       "or dry-run" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct sceau_limit_rules rules = { (void *)1, 77 };
		struct sceau_err err = { .text = "" };
		int ret = parse(bad[i].text, &rules, &err);

		if (ret != -1 || strcmp(err.text, bad[i].want) != 0)
			fail_msg("row %zu: got %d %s", i, ret, err.text);
		assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
		assert_int_equal(rules.count, 77); /* untouched */
	}
}

static void test_nul(void **state)
{
	static const char text[] = "# a\n" RULE "1/1h\0 burst=1\n";
	struct sceau_limit_rules rules;
	struct sceau_err err;

	(void)state;
	assert_int_equal(sceau_limit_rules_parse(text, sizeof(text) - 1,
	                                         "limits", &rules, &err),
	                 -1);
	assert_string_equal(err.text, "limits:2: a NUL byte");
}

static void test_long_pattern(void **state)
{
	char text[400] = RULE "1/1h match=";
	size_t head = strlen(text), most = SCEAU_LIMIT_PATTERN_SIZE - 1;
	struct sceau_limit_rules rules;
	struct sceau_err err;

	(void)state;
	memset(text + head, '*', most);
	assert_int_equal(parse(text, &rules, &err), 0);
	assert_int_equal(strlen(rules.rule[0].match), most);
	sceau_limit_rules_deinit(&rules);
	text[head + most] = '*';
	assert_int_equal(parse(text, &rules, &err), -1);
	assert_string_equal(err.text, "limits:1: the pattern of match= is "
	                              "longer than 128 bytes");
}

static void test_bounds(void **state)
{
	size_t size = SCEAU_LIMIT_FILE_MAX + 2;
	char *text = malloc(size);
	struct sceau_limit_rules rules;
	struct sceau_err err;
	size_t used = 0;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < SCEAU_LIMIT_RULES_MAX; i++)
		used += (size_t)snprintf(text + used, size - used,
		                         "r%d account messages 1/1h\n", i);
	assert_int_equal(parse(text, &rules, &err), 0);
	assert_int_equal(rules.count, SCEAU_LIMIT_RULES_MAX);
	sceau_limit_rules_deinit(&rules);

	snprintf(text + used, size - used, "z account messages 1/1h\n");
	assert_int_equal(parse(text, &rules, &err), -1);
	assert_string_equal(err.text, "limits:1001: more than 1000 rules");

	memset(text, '\n', size);
	assert_int_equal(
		sceau_limit_rules_parse(text, size - 1, "limits", &rules, &err),
		-1);
	assert_string_equal(err.text, "limits:1: more than 1048576 bytes");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_long_pattern),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
