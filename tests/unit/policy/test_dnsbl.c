/* test_dnsbl.c - questions to lists, and what comes of their answers
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

#include "policy/dnsbl.h"
#include "policy/dnsbl_test.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A canned zone: what is said to a question. "" = NXDOMAIN; addresses with a
   space between, or "nodata", "servfail", "timeout", "short". */
struct canned {
	const char *name;
	const char *says;
};

static enum sceau_dns_status status_of(const char *says)
{
	if (says[0] == '\0')
		return SCEAU_DNS_NXDOMAIN;
	if (strcmp(says, "nodata") == 0)
		return SCEAU_DNS_NODATA;
	if (strcmp(says, "servfail") == 0)
		return SCEAU_DNS_SERVFAIL;
	if (strcmp(says, "timeout") == 0)
		return SCEAU_DNS_TIMEOUT;
	return SCEAU_DNS_OK;
}

static void fill(struct sceau_dns_answer *answer, const char *says,
                 struct sceau_ip *ips)
{
	struct sceau_slice rest = sceau_slice_of(says), word;

	memset(answer, 0, sizeof(*answer));
	answer->status = status_of(says);
	while (answer->status == SCEAU_DNS_OK &&
	       sceau_slice_next_word(&rest, " ", &word)) {
		struct sceau_dns_record *record =
			&answer->records[answer->count];

		if (sceau_slice_is(word, "cut")) {
			answer->is_cut = true;
			continue;
		}
		record->len = 4;
		record->data = ips[answer->count].bytes;
		if (sceau_slice_is(word, "short"))
			record->len = 3;
		else
			assert_int_equal(
				sceau_ip_parse(word, &ips[answer->count], NULL),
				0);
		answer->count++;
	}
}

/* Answer every question of the machine from canned; the names asked, sorted as
   they come, are written to asked. */
static void drive(const struct sceau_dns_decider *decider, void *state,
                  const struct canned *canned, size_t count, char *asked,
                  size_t size)
{
	struct sceau_dns_question question;

	asked[0] = '\0';
	while (decider->ask(state, &question) == 1) {
		struct sceau_dns_answer answer;
		struct sceau_ip ips[8];
		const char *says = "";
		size_t used = strlen(asked);

		assert_int_equal(question.type, SCEAU_DNS_A);
		assert_true(sceau_dns_name_is_valid(question.name));
		snprintf(asked + used, size - used, "%s%s", used > 0 ? " " : "",
		         question.name);
		for (size_t i = 0; i < count; i++) {
			if (strcmp(canned[i].name, question.name) == 0)
				says = canned[i].says;
		}
		fill(&answer, says, ips);
		decider->answer(state, question.id, &answer);
		/* said twice, it counts once */
		answer.status = SCEAU_DNS_TIMEOUT;
		decider->answer(state, question.id, &answer);
	}
}

static void add(struct sceau_dnsbl_lists *lists,
                enum sceau_dnsbl_subject subject, const char *text)
{
	struct sceau_err err;

	if (sceau_dnsbl_lists_add(lists, subject, text, NULL, &err) < 0)
		fail_msg("%s: %s", text, err.text);
}

static struct sceau_ip ip_of(const char *text)
{
	struct sceau_ip ip;

	assert_int_equal(sceau_ip_parse(sceau_slice_of(text), &ip, NULL), 0);
	return ip;
}

/* Each row: what zen says of 192.0.2.7, and what comes of it. */
static const struct {
	const char *says;
	const char *want;
	int score;
	size_t failures;
} answers[] = {
	{ "", "zen=none", 0, 0 },
	{ "nodata", "zen=none", 0, 0 },
	{ "127.0.0.2", "zen=127.0.0.2", 3, 0 },
	{ "127.0.0.3", "zen=127.0.0.3", 3, 0 },
	{ "127.0.0.4", "zen=127.0.0.4", 3, 0 },
	{ "127.0.0.5", "zen=127.0.0.5", 3, 0 },
	{ "127.0.0.6", "zen=127.0.0.6", 3, 0 },
	{ "127.0.0.7", "zen=127.0.0.7", 3, 0 },
	{ "127.0.0.8", "zen=127.0.0.8", 3, 0 },
	{ "127.0.0.9", "zen=127.0.0.9", 3, 0 },
	{ "127.0.0.10", "zen=127.0.0.10", 3, 0 },
	{ "127.0.0.11", "zen=127.0.0.11", 3, 0 },
	/* several: the weight counts once */
	{ "127.0.0.2 127.0.0.4 127.0.0.10", "zen=127.0.0.2", 3, 0 },
	{ "127.0.0.200 127.0.0.4", "zen=127.0.0.4", 3, 0 },
	{ "127.0.0.200", "zen=none", 0, 0 },
	/* not answers */
	{ "127.255.255.252", "zen=refused:127.255.255.252", 0, 1 },
	{ "127.255.255.254", "zen=refused:127.255.255.254", 0, 1 },
	{ "127.255.255.255", "zen=refused:127.255.255.255", 0, 1 },
	{ "127.0.0.1", "zen=refused:127.0.0.1", 0, 1 },
	{ "91.195.240.117", "zen=odd:91.195.240.117", 0, 1 },
	{ "servfail", "zen=servfail", 0, 1 },
	{ "timeout", "zen=timeout", 0, 1 },
	{ "short", "zen=odd:0.0.0.0", 0, 1 },
	/* and one of them spoils the others */
	{ "127.0.0.2 127.255.255.254", "zen=refused:127.255.255.254", 0, 1 },
	{ "127.255.255.254 127.0.0.2", "zen=refused:127.255.255.254", 0, 1 },
	{ "127.0.0.2 91.195.240.117", "zen=odd:91.195.240.117", 0, 1 },
	{ "127.0.0.2 cut", "zen=odd:0.0.0.0", 0, 1 },
};

static void test_answers(void **state)
{
	struct sceau_ip client = ip_of("192.0.2.7");
	struct sceau_dnsbl_query query = { .client = &client };
	struct sceau_dnsbl_lists lists = { .count = 0 };
	char asked[2000], got[SCEAU_DNSBL_RESULT_SIZE];

	(void)state;
	add(&lists, SCEAU_DNSBL_CLIENT, "zen:zen.test=127.0.0.[2..11]*3");
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct canned canned = { "7.2.0.192.zen.test",
			                 answers[i].says };
		struct sceau_dnsbl_check check;

		sceau_dnsbl_check_init(&check, &lists, &query);
		drive(&sceau_dnsbl_decider, &check, &canned, 1, asked,
		      sizeof(asked));
		assert_string_equal(asked, "7.2.0.192.zen.test");
		sceau_dnsbl_check_print(&check, 0, got);
		if (strcmp(got, answers[i].want) != 0 ||
		    sceau_dnsbl_check_score(&check) != answers[i].score ||
		    sceau_dnsbl_check_failures(&check) != answers[i].failures)
			fail_msg("\"%s\": got %s %d", answers[i].says, got,
			         sceau_dnsbl_check_score(&check));
	}
}

/* All subjects, one zone twice with two filters, a list to be trusted. */
static void test_many(void **state)
{
	static const struct canned canned[] = {
		{ "7.2.0.192.zen.test", "127.0.0.2" },
		{ "7.2.0.192.wl.test", "127.0.5.2" },
		{ "mail.there.test.dbl.test", "127.0.1.2" },
		{ "there.test.dbl.test", "timeout" },
	};
	struct sceau_ip client = ip_of("::ffff:192.0.2.7");
	struct sceau_dnsbl_query query = {
		.client = &client,
		.name = { NULL, "Mail.There.test", "there.test.",
		          "mail.there.test" },
		.off = 1U << 7,
	};
	struct sceau_dnsbl_lists lists = { .count = 0 };
	struct sceau_dnsbl_check check;
	struct sceau_buf text;
	char asked[2000];

	(void)state;
	add(&lists, SCEAU_DNSBL_CLIENT, "sbl:zen.test=127.0.0.[2..3]*5");
	add(&lists, SCEAU_DNSBL_CLIENT, "pbl:zen.test=127.0.0.[10..11]*2");
	add(&lists, SCEAU_DNSBL_CLIENT, "wl:wl.test=127.0.5.[1..3]*-2");
	add(&lists, SCEAU_DNSBL_HELO, "dbl:dbl.test=127.0.1.[2..99]*4");
	add(&lists, SCEAU_DNSBL_REVERSE, "dbl:dbl.test=127.0.1.[2..99]*10");
	add(&lists, SCEAU_DNSBL_SENDER, "dbl:dbl.test=127.0.1.[2..99]*20");
	add(&lists, SCEAU_DNSBL_CLIENT, "bl:bl.test");
	add(&lists, SCEAU_DNSBL_CLIENT, "off:off.test");
	sceau_dnsbl_check_init(&check, &lists, &query);
	drive(&sceau_dnsbl_decider, &check, canned, COUNT(canned), asked,
	      sizeof(asked));
	/* each question once */
	assert_string_equal(asked,
	                    "7.2.0.192.zen.test 7.2.0.192.wl.test "
	                    "mail.there.test.dbl.test there.test.dbl.test "
	                    "7.2.0.192.bl.test");
	assert_int_equal(sceau_dnsbl_check_score(&check), 5 - 2 + 4 + 10);
	assert_true(sceau_dnsbl_check_is_trusted(&check));
	assert_int_equal(sceau_dnsbl_check_failures(&check), 1);
	assert_int_equal(check.result[7].outcome, SCEAU_DNSBL_NOT_ASKED);
	sceau_buf_init(&text, 1000);
	sceau_dnsbl_check_print_all(&check, &text);
	assert_string_equal(sceau_buf_text(&text),
	                    "sbl=127.0.0.2 wl=127.0.5.2 dbl=127.0.1.2 "
	                    "dbl=127.0.1.2 dbl=timeout");
	sceau_buf_deinit(&text);
}

static void test_ipv6(void **state)
{
	struct sceau_ip client = ip_of("2001:db8::7");
	struct sceau_dnsbl_query query = { .client = &client };
	struct sceau_dnsbl_lists lists = { .count = 0 };
	struct sceau_dnsbl_check check;
	char asked[2000];

	(void)state;
	add(&lists, SCEAU_DNSBL_CLIENT, "zen.test");
	sceau_dnsbl_check_init(&check, &lists, &query);
	drive(&sceau_dnsbl_decider, &check, NULL, 0, asked, sizeof(asked));
	/* RFC 5782 2.4 */
	assert_string_equal(asked,
	                    "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
	                    "8.b.d.0.1.0.0.2.zen.test");
	assert_false(sceau_dnsbl_check_is_trusted(&check));
}

/* A list of domains answers for an address, too, with an error code. */
static void test_no_names(void **state)
{
	static const char *const names[] = {
		"",        "localhost",      "192.0.2.7",  "[192.0.2.7]",
		"unknown", "m\xc3\xa4.test", "a b.test",   ".test",
		"test.",   "a..test",        "192.0.2.7.", "a/b.test",
	};
	struct sceau_dnsbl_lists lists = { .count = 0 };
	struct sceau_dnsbl_check check;
	char asked[2000], longer[400];

	(void)state;
	add(&lists, SCEAU_DNSBL_HELO, "dbl.test");
	add(&lists, SCEAU_DNSBL_CLIENT, "zen.test");
	for (size_t i = 0; i < COUNT(names); i++) {
		struct sceau_dnsbl_query query = { .name = { NULL, names[i] } };

		sceau_dnsbl_check_init(&check, &lists, &query);
		drive(&sceau_dnsbl_decider, &check, NULL, 0, asked,
		      sizeof(asked));
		if (asked[0] != '\0')
			fail_msg("\"%s\": asked %s", names[i], asked);
		assert_int_equal(check.result[0].outcome,
		                 SCEAU_DNSBL_NOT_ASKED);
	}
	/* 245 octets, and 9 of ".dbl.test": 254 */
	for (size_t i = 0; i < 244; i++)
		longer[i] = i % 2 == 0 ? 'a' : '.';
	longer[244] = 'a';
	longer[245] = '\0';
	struct sceau_dnsbl_query query = { .name = { NULL, longer } };
	sceau_dnsbl_check_init(&check, &lists, &query);
	assert_int_equal(check.result[0].outcome, SCEAU_DNSBL_NOT_ASKED);
	query.name[1] = longer + 2;
	sceau_dnsbl_check_init(&check, &lists, &query);
	assert_int_equal(check.result[0].outcome, SCEAU_DNSBL_OPEN);
}

/* --- the self-test --- */

#define IP6 "1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"

static const struct {
	const char *what;
	const char *list;
	bool is_domain_list;
	const char *listed, *free4, *free6; /* what is said to the questions */
	enum sceau_dnsbl_verdict want;
	const char *want_text;
} self_tests[] = {
	{ "as it should", "bl.test", false, "127.0.0.2", "", "",
	  SCEAU_DNSBL_HEALTHY, "answers as it should" },
	{ "Spamhaus' test entry is in several lists", "bl.test=127.0.0.10",
	  false, "127.0.0.2 127.0.0.4 127.0.0.10", "", "", SCEAU_DNSBL_HEALTHY,
	  "" },
	{ "entry that the filter has not", "bl.test=127.0.0.10", false,
	  "127.0.0.2", "", "", SCEAU_DNSBL_HEALTHY, "" },
	{ "no entries", "bl.test", false, "", "", "", SCEAU_DNSBL_EMPTY,
	  "does not list 127.0.0.2" },
	{ "the domain was sold", "bl.test", false, "91.195.240.117",
	  "91.195.240.117", "91.195.240.117", SCEAU_DNSBL_LISTS_ALL,
	  "91.195.240.117" },
	{ "lists the world, with a code", "bl.test", false, "127.0.0.2",
	  "127.0.0.2", "", SCEAU_DNSBL_LISTS_ALL, "answers for everything" },
	{ "lists all of IPv6", "bl.test", false, "127.0.0.2", "", "127.0.0.3",
	  SCEAU_DNSBL_LISTS_ALL, "127.0.0.3" },
	{ "refuses public resolvers", "bl.test", false, "127.255.255.254",
	  "127.255.255.254", "127.255.255.254", SCEAU_DNSBL_REFUSES,
	  "does not serve us (127.255.255.254)" },
	{ "refuses in the manner of URIBL", "bl.test", false, "127.0.0.1",
	  "127.0.0.1", "", SCEAU_DNSBL_REFUSES, "127.0.0.1" },
	{ "dead servers", "bl.test", false, "timeout", "timeout", "servfail",
	  SCEAU_DNSBL_UNREACHABLE, "does not answer" },
	{ "worst of all counts", "bl.test", false, "timeout", "127.0.0.2",
	  "127.255.255.254", SCEAU_DNSBL_LISTS_ALL, "127.0.0.2" },
	{ "to be trusted: need not have it", "wl.test=127.0.5.1*-1", false,
	  "timeout", "", "", SCEAU_DNSBL_HEALTHY, "" },
	{ "dnswl.org over quota", "wl.test=127.0.5.1*-1", false, "",
	  "127.0.10.3", "", SCEAU_DNSBL_REFUSES, "127.0.10.3" },
	{ "trusts the world", "wl.test=127.0.5.1*-1", false, "", "127.0.5.1",
	  "", SCEAU_DNSBL_LISTS_ALL, "127.0.5.1" },
	{ "names", "dbl.test", true, NULL, "", NULL, SCEAU_DNSBL_HEALTHY, "" },
	{ "all names", "dbl.test", true, NULL, "127.0.1.2", NULL,
	  SCEAU_DNSBL_LISTS_ALL, "" },
	{ "names, refused", "dbl.test", true, NULL, "127.255.255.255", NULL,
	  SCEAU_DNSBL_REFUSES, "" },
};

static void test_self_tests(void **state)
{
	char asked[2000], name[3][200], text[SCEAU_DNSBL_TEST_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(self_tests); i++) {
		bool is_names = self_tests[i].is_domain_list;
		struct canned canned[3] = {
			{ name[0], self_tests[i].free4 },
			{ name[1], self_tests[i].free6 },
			{ name[2], self_tests[i].listed },
		};
		struct sceau_dnsbl_lists lists = { .count = 0 };
		struct sceau_dnsbl_test test;
		enum sceau_dnsbl_verdict got;

		add(&lists, is_names ? SCEAU_DNSBL_HELO : SCEAU_DNSBL_CLIENT,
		    self_tests[i].list);
		snprintf(name[0], sizeof(name[0]), "%s.%s",
		         is_names ? "invalid" : "1.0.0.127",
		         lists.list[0].zone);
		snprintf(name[1], sizeof(name[1]), "%s.%s", IP6,
		         lists.list[0].zone);
		snprintf(name[2], sizeof(name[2]), "2.0.0.127.%s",
		         lists.list[0].zone);
		sceau_dnsbl_test_init(&test, &lists.list[0]);
		drive(&sceau_dnsbl_test_decider, &test, canned,
		      is_names ? 1 : 3, asked, sizeof(asked));
		assert_non_null(strstr(asked, name[0]));
		assert_int_equal(strstr(asked, name[1]) != NULL, !is_names);
		assert_int_equal(strstr(asked, name[2]) != NULL,
		                 !is_names && lists.list[0].weight > 0);
		got = sceau_dnsbl_test_verdict(&test);
		sceau_dnsbl_test_print(&test, text);
		if (got != self_tests[i].want ||
		    strstr(text, self_tests[i].want_text) == NULL)
			fail_msg("%s: got %d: %s", self_tests[i].what, got,
			         text);
	}
}

/* A customer's key is part of the zone, and shown by nothing. */
static void test_secret(void **state)
{
	struct sceau_dnsbl_keys keys = { .entry = { { "k", "abcdef01" } },
		                         .count = 1 };
	struct sceau_ip client = ip_of("192.0.2.7");
	struct sceau_dnsbl_query query = { .client = &client };
	struct canned canned = { "7.2.0.192.abcdef01.dq.test",
		                 "127.255.255.254" };
	struct sceau_dnsbl_lists lists = { .count = 0 };
	char asked[200], text[SCEAU_DNSBL_TEST_TEXT_SIZE];
	struct sceau_dnsbl_check check;
	struct sceau_dnsbl_test test;

	(void)state;
	assert_int_equal(sceau_dnsbl_lists_add(&lists, SCEAU_DNSBL_CLIENT,
	                                       "{k}.dq.test", &keys, NULL),
	                 0);
	sceau_dnsbl_check_init(&check, &lists, &query);
	drive(&sceau_dnsbl_decider, &check, &canned, 1, asked, sizeof(asked));
	assert_string_equal(asked, canned.name);
	sceau_dnsbl_check_print(&check, 0, text);
	assert_string_equal(text, "{k}.dq.test=refused:127.255.255.254");
	sceau_dnsbl_test_init(&test, &lists.list[0]);
	for (int i = 0; i < 4; i++) {
		static const char *const says[] = { "", "timeout", "127.0.0.1",
			                            "9.9.9.9" };

		struct canned all = { "1.0.0.127.abcdef01.dq.test", says[i] };

		sceau_dnsbl_test_init(&test, &lists.list[0]);
		drive(&sceau_dnsbl_test_decider, &test, &all, 1, asked,
		      sizeof(asked));
		sceau_dnsbl_test_print(&test, text);
		assert_null(strstr(text, "abcdef01"));
		assert_memory_equal(text, "{k}.dq.test ", 12);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_no_names),
		cmocka_unit_test(test_self_tests),
		cmocka_unit_test(test_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
