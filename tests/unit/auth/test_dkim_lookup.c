/* test_dkim_lookup.c - names asked for, and what answers come to
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

#include "auth/dkim_lookup.h"

static struct sceau_dkim_lookup *lookup;

static int setup(void **state)
{
	(void)state;
	lookup = sceau_dkim_lookup_new();
	return lookup == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	sceau_dkim_lookup_free(&lookup);
	assert_null(lookup);
	return 0;
}

static void test_names(void **state)
{
	struct sceau_dns_question question = { .name = "untouched" };
	char label[70];

	(void)state;
	assert_int_equal(sceau_dkim_lookup_decider.ask(lookup, &question), 0);
	assert_string_equal(question.name, "untouched");
	assert_int_equal(sceau_dkim_lookup_add(lookup, "s1", "home.example"),
	                 0);
	assert_int_equal(sceau_dkim_lookup_add(lookup, "a.b", "home.example"),
	                 1);
	assert_int_equal(sceau_dkim_lookup_add(lookup, "S1", "Home.example"),
	                 0);
	assert_int_equal(sceau_dkim_lookup_add(lookup, "a..b", "c"), -1);
	assert_int_equal(sceau_dkim_lookup_add(lookup, "", "home.example"), -1);
	memset(label, 'a', 64);
	label[64] = '\0';
	assert_int_equal(sceau_dkim_lookup_add(lookup, label, "c"), -1);
	assert_int_equal(sceau_dkim_lookup_decider.ask(lookup, &question), 1);
	assert_string_equal(question.name, "s1._domainkey.home.example");
	assert_int_equal(question.type, SCEAU_DNS_TXT);
	assert_int_equal(question.id, 0);
	assert_int_equal(sceau_dkim_lookup_status(lookup, 0),
	                 SCEAU_DKIM_LOOKUP_OPEN);
	assert_int_equal(sceau_dkim_lookup_decider.ask(lookup, &question), 1);
	assert_string_equal(question.name, "a.b._domainkey.home.example");
	assert_int_equal(sceau_dkim_lookup_decider.ask(lookup, &question), 0);
}

static void test_bound(void **state)
{
	char selector[20];

	(void)state;
	for (int i = 0; i < SCEAU_DKIM_LOOKUP_MAX; i++) {
		(void)snprintf(selector, sizeof(selector), "s%d", i);
		assert_int_equal(sceau_dkim_lookup_add(lookup, selector, "d"),
		                 i);
	}
	assert_int_equal(sceau_dkim_lookup_add(lookup, "more", "d"), -1);
	assert_int_equal(sceau_dkim_lookup_add(lookup, "s5", "d"), 5);
}

#define TXT(text)                                                              \
	{                                                                      \
		(const unsigned char *)(text), sizeof(text) - 1                \
	}

static const struct {
	const char *what;
	enum sceau_dns_status status;
	struct sceau_dns_record records[3];
	size_t count;
	enum sceau_dkim_lookup_status want;
	const char *record;
} answers[] = {
	{ "one",
	  SCEAU_DNS_OK,
	  { TXT("\x03p=a") },
	  1,
	  SCEAU_DKIM_LOOKUP_FOUND,
	  "p=a" },
	{ "strings are joined without a space",
	  SCEAU_DNS_OK,
	  { TXT("\x06v=DKIM\x07"
	        "1; p=aa\x00\x01"
	        "b") },
	  1,
	  SCEAU_DKIM_LOOKUP_FOUND,
	  "v=DKIM1; p=aab" },
	{ "the only one, no key: its reader says why",
	  SCEAU_DNS_OK,
	  { TXT("\x05token") },
	  1,
	  SCEAU_DKIM_LOOKUP_FOUND,
	  "token" },
	{ "a key among others",
	  SCEAU_DNS_OK,
	  { TXT("\x05token"), TXT("\x03p=a"), TXT("\x06v=spf1") },
	  3,
	  SCEAU_DKIM_LOOKUP_FOUND,
	  "p=a" },
	{ "no key among several",
	  SCEAU_DNS_OK,
	  { TXT("\x05token"), TXT("\x06v=spf1") },
	  2,
	  SCEAU_DKIM_LOOKUP_NO_RECORD,
	  "" },
	{ "two keys",
	  SCEAU_DNS_OK,
	  { TXT("\x03p=a"), TXT("\x03p=b") },
	  2,
	  SCEAU_DKIM_LOOKUP_SEVERAL,
	  "" },
	{ "lengths that do not fit",
	  SCEAU_DNS_OK,
	  { TXT("\x09p=a") },
	  1,
	  SCEAU_DKIM_LOOKUP_NO_RECORD,
	  "" },
	{ "no record",
	  SCEAU_DNS_NODATA,
	  { { NULL, 0 } },
	  0,
	  SCEAU_DKIM_LOOKUP_NO_KEY,
	  "" },
	{ "no name",
	  SCEAU_DNS_NXDOMAIN,
	  { { NULL, 0 } },
	  0,
	  SCEAU_DKIM_LOOKUP_NO_KEY,
	  "" },
	{ "failure",
	  SCEAU_DNS_SERVFAIL,
	  { { NULL, 0 } },
	  0,
	  SCEAU_DKIM_LOOKUP_TEMPORARY,
	  "" },
	{ "time is up",
	  SCEAU_DNS_TIMEOUT,
	  { { NULL, 0 } },
	  0,
	  SCEAU_DKIM_LOOKUP_TEMPORARY,
	  "" },
};

static void test_answers(void **state)
{
	struct sceau_dns_question question;

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct sceau_dns_answer answer = {
			.status = answers[i].status,
			.count = answers[i].count,
			.is_secure = i % 2 == 0,
		};
		char selector[20];

		(void)snprintf(selector, sizeof(selector), "s%zu", i);
		assert_int_equal(sceau_dkim_lookup_add(lookup, selector, "d"),
		                 (int)i);
		assert_int_equal(
			sceau_dkim_lookup_decider.ask(lookup, &question), 1);
		memcpy(answer.records, answers[i].records,
		       sizeof(answers[i].records));
		sceau_dkim_lookup_decider.answer(lookup, question.id, &answer);
		if (sceau_dkim_lookup_status(lookup, i) != answers[i].want ||
		    !sceau_slice_is(sceau_dkim_lookup_record(lookup, i),
		                    answers[i].record))
			fail_msg("%s: got %d", answers[i].what,
			         sceau_dkim_lookup_status(lookup, i));
		assert_int_equal(sceau_dkim_lookup_is_secure(lookup, i),
		                 i % 2 == 0 && answers[i].count > 0);
	}
}

/* A record over the bound is none; one at the bound is. */
static void test_long_record(void **state)
{
	struct sceau_dns_answer answer = { .status = SCEAU_DNS_OK, .count = 1 };
	struct sceau_dns_question question;
	unsigned char *wire = malloc(SCEAU_DKIM_RECORD_MAX * 2);

	(void)state;
	assert_non_null(wire);
	for (size_t i = 0; i < 2; i++) {
		size_t left = SCEAU_DKIM_RECORD_MAX + i, used = 0;

		while (left > 0) {
			size_t part = left < 255 ? left : 255;

			wire[used++] = (unsigned char)part;
			memset(wire + used, 'x', part);
			used += part;
			left -= part;
		}
		answer.records[0].data = wire;
		answer.records[0].len = used;
		assert_int_equal(
			sceau_dkim_lookup_add(lookup, i == 0 ? "a" : "b", "d"),
			(int)i);
		(void)sceau_dkim_lookup_decider.ask(lookup, &question);
		sceau_dkim_lookup_decider.answer(lookup, question.id, &answer);
		assert_int_equal(sceau_dkim_lookup_status(lookup, i),
		                 i == 0 ? SCEAU_DKIM_LOOKUP_FOUND
		                        : SCEAU_DKIM_LOOKUP_NO_RECORD);
	}
	free(wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bound, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_record, setup,
		                                teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
