/* test_limit_charge.c - which bucket a message draws from, and what it is told
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "policy/limit_charge.h"
#include "policy/policy_reply.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define S SCEAU_RATE_NS_PER_S

/* The subject of a request with these lines. */
static void read_subject(const char *lines, struct sceau_limit_subject *subject)
{
	static struct sceau_policy_request req;
	size_t used;

	sceau_policy_request_init(&req);
	assert_int_equal(sceau_policy_request_feed(&req, lines, strlen(lines),
	                                           &used, NULL),
	                 0);
	assert_int_equal(sceau_policy_request_feed(&req, "\n", 1, &used, NULL),
	                 1);
	sceau_limit_subject_init(subject, &req);
}

static void read_rule(const char *line, struct sceau_limit_rules *rules)
{
	struct sceau_err err;

	if (sceau_limit_rules_parse(line, strlen(line), "limits", rules, &err) <
	    0)
		fail_msg("%s: %s", line, err.text);
	assert_int_equal(rules->count, 1);
}

#define ACCOUNT "r account recipients 10/1h"
#define DOMAIN "r sender-domain recipients 10/1h"
#define NETWORK "r client-network recipients 10/1h"

static const struct {
	const char *lines; /* of the request */
	const char *rule;
	const char *want_key; /* NULL: does not apply */
	uint64_t want_cost;
} cases[] = {
	{ "sasl_username=user@example.org\nrecipient_count=3\n", ACCOUNT,
	  "limit/r/account/user@example.org", 3 },
	{ "sasl_username=user\nrecipient_count=3\n", "r account messages 10/1h",
	  "limit/r/account/user", 1 },
	/* Dovecot logs in both, and to one account. */
	{ "sasl_username=USER@Example.org\n", ACCOUNT,
	  "limit/r/account/user@example.org", 1 },
	{ "sasl_username=\nsender=a@b.example\n", ACCOUNT, NULL, 0 },
	{ "sender=a@b.example\n", ACCOUNT, NULL, 0 },
	{ "sasl_username=a/b%2f c\xc3\xa9\x01\n", ACCOUNT,
	  "limit/r/account/a%2Fb%252f%20c%C3%A9%01", 1 },

	{ "sender=a@B.Example.\nrecipient_count=0\n", DOMAIN,
	  "limit/r/sender-domain/b.example", 1 },
	{ "sender=\"x@evil\"@b.example\n", DOMAIN,
	  "limit/r/sender-domain/b.example", 1 },
	{ "sender=a@[192.0.2.1]\n", DOMAIN,
	  "limit/r/sender-domain/%5B192.0.2.1%5D", 1 },
	{ "sender=\n", DOMAIN, NULL, 0 },
	{ "sender=root\n", DOMAIN, NULL, 0 },
	{ "sender=root@\n", DOMAIN, NULL, 0 },

	{ "client_address=192.0.2.77\nrecipient_count=x\n", NETWORK,
	  "limit/r/client-network/192.0.2.0%2F24", 1 },
	{ "client_address=::ffff:192.0.2.77\n", NETWORK,
	  "limit/r/client-network/192.0.2.0%2F24", 1 },
	{ "client_address=2001:db8:1:2:3:4:5:6\n", NETWORK,
	  "limit/r/client-network/2001:db8:1:2::%2F64", 1 },
	{ "client_address=::1\n", NETWORK, "limit/r/client-network/::%2F64",
	  1 },
	{ "client_address=unknown\n", NETWORK, NULL, 0 },
	{ "client_address=192.0.2.300\n", NETWORK, NULL, 0 },
	{ "client_address=\n", NETWORK, NULL, 0 },

	{ "sasl_username=user@example.org\n", ACCOUNT " match=*@EXAMPLE.org",
	  "limit/r/account/user@example.org", 1 },
	{ "sasl_username=user@example.com\n", ACCOUNT " match=*@example.org",
	  NULL, 0 },
	{ "client_address=192.0.2.77\n", NETWORK " match=192.0.2.*",
	  "limit/r/client-network/192.0.2.0%2F24", 1 },
	{ "sasl_username=\n", ACCOUNT " match=*", NULL, 0 },

	{ "sasl_username=a\nrecipient_count=-1\n", ACCOUNT, "limit/r/account/a",
	  1 },
	{ "sasl_username=a\nrecipient_count=99999999999999999999\n", ACCOUNT,
	  "limit/r/account/a", 1 },
	{ "sasl_username=a\nrecipient_count=4294967295\n", ACCOUNT,
	  "limit/r/account/a", 4294967295 },
};

static void test_charges(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sceau_limit_subject subject;
		struct sceau_limit_charge charge = { .key = "", .cost = 0 };
		struct sceau_limit_rules rules;
		const char *want = cases[i].want_key;

		read_subject(cases[i].lines, &subject);
		read_rule(cases[i].rule, &rules);
		bool got = sceau_limit_charge_make(&rules.rule[0], &subject,
		                                   &charge);
		if (got != (want != NULL) ||
		    strcmp(charge.key, want != NULL ? want : "") != 0 ||
		    charge.cost != cases[i].want_cost)
			fail_msg("row %zu: got %d %s %llu", i, got, charge.key,
			         (unsigned long long)charge.cost);
		sceau_limit_rules_deinit(&rules);
	}
}

/* Values that are too long share a bucket with those that begin alike, never
   with a short one, and the key stays within its bound. */
static void test_long_values(void **state)
{
	static const char *const fills[] = { "a", "/", "\xc3" };
	struct sceau_limit_rules rules;

	(void)state;
	read_rule(ACCOUNT, &rules);
	for (size_t i = 0; i < COUNT(fills); i++) {
		struct sceau_limit_charge long_one, longer, short_one;
		struct sceau_limit_subject subject;
		char lines[2100] = "sasl_username=";
		size_t head = strlen(lines);

		memset(lines + head, fills[i][0], 2000);
		memcpy(lines + head + 2000, "x\n", 3);
		read_subject(lines, &subject);
		assert_true(sceau_limit_charge_make(&rules.rule[0], &subject,
		                                    &longer));
		memcpy(lines + head + 1000, "y\n", 3);
		read_subject(lines, &subject);
		assert_true(sceau_limit_charge_make(&rules.rule[0], &subject,
		                                    &long_one));
		memcpy(lines + head + 100, "\n", 2);
		read_subject(lines, &subject);
		assert_true(sceau_limit_charge_make(&rules.rule[0], &subject,
		                                    &short_one));
		assert_string_equal(long_one.key, longer.key);
		assert_true(strlen(long_one.key) < SCEAU_LIMIT_STATE_KEY_SIZE);
		assert_true(strlen(short_one.key) < strlen(long_one.key));
	}
	sceau_limit_rules_deinit(&rules);
}

static const struct {
	const char *pattern, *text;
	bool want;
} matches[] = {
	{ "", "", true },
	{ "", "a", false },
	{ "*", "", true },
	{ "*", "abc", true },
	{ "a*", "abc", true },
	{ "a*", "ba", false },
	{ "*c", "abc", true },
	{ "*c", "abcd", false },
	{ "a*c", "ac", true },
	{ "a*c", "abcbc", true },
	{ "a*c", "abcb", false },
	{ "*b*", "abc", true },
	{ "**", "x", true },
	{ "a*b*c", "aXbYbZc", true },
	{ "a*b*c", "aXcYb", false },
	{ "*@example.org", "u@example.org", true },
	{ "*@example.org", "u@sub.example.org", false },
	{ "a?c", "abc", false },
	{ "a[b]c", "abc", false },
	{ "*aab", "aaaaab", true },
};

static void test_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(matches); i++) {
		if (sceau_text_fits(matches[i].pattern, matches[i].text) !=
		    matches[i].want)
			fail_msg("\"%s\" on \"%s\"", matches[i].pattern,
			         matches[i].text);
	}
}

/* The worst pattern on the longest value still takes no time worth naming. */
static void test_match_is_not_exponential(void **state)
{
	char pattern[SCEAU_LIMIT_PATTERN_SIZE], text[SCEAU_LIMIT_VALUE_SIZE];

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(pattern); i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[126] = 'b';
	pattern[127] = '\0';
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 1000; i++)
		assert_false(sceau_text_fits(pattern, text));
}

static const struct {
	uint64_t wait_ns;
	const char *want;
} waits[] = {
	{ 0, "0s" },
	{ 1, "1s" },
	{ S, "1s" },
	{ S + 1, "2s" },
	{ 59 * S, "59s" },
	{ 59 * S + 1, "1m" },
	{ 61 * S, "1m1s" },
	{ 3599 * S, "59m59s" },
	{ 3600 * S, "1h" },
	{ 3601 * S, "1h1m" },
	{ (3 * 3600 + 11 * 60 + 1) * S, "3h12m" },
	{ (24 * 3600 - 1) * S, "1d" },
	{ 86401 * S, "1d1h" },
	{ (2 * 86400 + 3600) * S, "2d1h" },
	{ 366 * 86400 * S, "366d" },
	{ SCEAU_RATE_NEVER - 1, "213504d" },
	{ SCEAU_RATE_NEVER, "never" },
};

static void test_waits(void **state)
{
	char got[SCEAU_LIMIT_WAIT_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(waits); i++) {
		sceau_limit_wait_text(waits[i].wait_ns, got);
		if (strcmp(got, waits[i].want) != 0)
			fail_msg("row %zu: got %s, want %s", i, got,
			         waits[i].want);
	}
}

static const struct {
	const char *rule;
	uint64_t cost, wait_ns;
	const char *want;
} texts[] = {
	{ "daily account recipients 500/1d", 1, 11520 * S,
	  "limit \"daily\" of 500 recipients per 1d reached for this account, "
	  "try again in 3h12m" },
	{ "daily account recipients 500/1d burst=100", 20, 173 * S,
	  "limit \"daily\" of 500 recipients per 1d (100 at once) reached for "
	  "this account, try again in 2m53s" },
	{ "d sender-domain messages 1/1h", 1, 3600 * S,
	  "limit \"d\" of 1 messages per 1h reached for this sender domain, "
	  "try again in 1h" },
	{ "n client-network messages 1/1h", 1, S,
	  "limit \"n\" of 1 messages per 1h reached for this client network, "
	  "try again in 1s" },
	{ "daily account recipients 500/1d burst=100", 150, SCEAU_RATE_NEVER,
	  "limit \"daily\" of 500 recipients per 1d (100 at once) is less than "
	  "the 150 of this message, send it in parts" },
	{ "a1234567890123456789012345678901 client-network recipients "
	  "1000000000/31536000s burst=999999999",
	  4294967295, 366 * 86400 * S,
	  "limit \"a1234567890123456789012345678901\" of 1000000000 recipients "
	  "per 31536000s (999999999 at once) reached for this client network, "
	  "try again in 366d" },
};

static void test_texts(void **state)
{
	char got[SCEAU_LIMIT_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct sceau_limit_rules rules;

		read_rule(texts[i].rule, &rules);
		sceau_limit_refusal_text(&rules.rule[0], texts[i].cost,
		                         texts[i].wait_ns, got);
		if (strcmp(got, texts[i].want) != 0)
			fail_msg("row %zu: got %s", i, got);
		assert_true(strlen(got) <= SCEAU_POLICY_TEXT_MAX);
		sceau_limit_rules_deinit(&rules);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_charges),
		cmocka_unit_test(test_long_values),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_match_is_not_exponential),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
