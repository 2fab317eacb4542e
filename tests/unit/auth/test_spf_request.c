/* test_spf_request.c - whom an SPF check is about, and how it is driven
 *
 * Each row names the section of RFC 7208 (or 8616) that its result follows
 * from.
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/auth/spf_rows.h"

/* Who is checked: RFC 7208 2.3, 2.4, 4.1 and 4.3. */
static const struct {
	const char *helo, *local, *domain;
	bool is_helo;
	const char *want_domain;
	const char *want_sender;
} identities[] = {
	{ "mx.far.example", "zoe", "Far.Example", false, "far.example",
	  "zoe@Far.Example" },
	{ "mx.far.example", "zoe", "far.example.", false, "far.example",
	  "zoe@far.example" },
	{ "mx.far.example", "", "far.example", false, "far.example",
	  "postmaster@far.example" },
	{ "MX.far.example.", "", "", false, "mx.far.example",
	  "postmaster@MX.far.example" },
	{ "mx.far.example", "zoe", "", false, "mx.far.example",
	  "postmaster@mx.far.example" },
	{ "mx.far.example", "zoe", "far.example", true, "mx.far.example",
	  "postmaster@mx.far.example" },
	{ "_x.far-1.example", "", "", false, "_x.far-1.example",
	  "postmaster@_x.far-1.example" },
	/* no domain that could have a policy */
	{ "localhost", "", "", false, "", NULL },
	{ "[192.0.2.1]", "", "", false, "", NULL },
	{ "192.0.2.1", "", "", false, "", NULL },
	{ "", "", "", false, "", NULL },
	{ "mx.far.example", "zoe", "[192.0.2.1]", false, "", NULL },
	{ "mx.far.example", "zoe", "far..example", false, "", NULL },
	{ "mx.far.example", "zoe", ".far.example", false, "", NULL },
	{ "mx.far.example", "zoe", "far.example..", false, "", NULL },
	{ "mx.far.example", "zoe", "f r.example", false, "", NULL },
	{ "mx.far.example", "zoe", "far\r\n.example", false, "", NULL },
	{ "mx.far.example", "zoe", "f\xc3\xa4r.example", false, "", NULL },
	{ "mx.far.example", "zoe",
	  "a123456789a123456789a123456789a123456789a123456789a123456789abcd."
	  "example",
	  false, "", NULL },
};

static void test_identities(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(identities) / sizeof(identities[0]);
	     i++) {
		struct sceau_spf_request request = request_of(
			"192.0.2.1", identities[i].helo, identities[i].local,
			identities[i].domain);
		const char *zone =
			"far.example TXT v=spf1 -all exp=e.example\n"
			"mx.far.example TXT v=spf1 -all exp=e.example\n"
			"_x.far-1.example TXT v=spf1 -all exp=e.example\n"
			"e.example TXT %{s}";

		request.is_helo = identities[i].is_helo;
		struct sceau_spf *spf = zone_check(zone, &request);
		const struct sceau_spf_result *got = sceau_spf_result(spf);
		const char *want = identities[i].want_sender;
		if (strcmp(got->domain, identities[i].want_domain) != 0 ||
		    got->code !=
		            (want == NULL ? SCEAU_SPF_NONE : SCEAU_SPF_FAIL) ||
		    strcmp(got->explanation, want == NULL ? "" : want) != 0 ||
		    (want == NULL) != (got->questions == 0))
			fail_msg("row %zu: got %s of \"%s\", \"%s\"", i,
			         sceau_spf_code_name(got->code), got->domain,
			         got->explanation);
		sceau_spf_free(&spf);
	}
}

/* RFC 8616 4: a term that needs such a local part matches nothing and asks
   nothing; the others are as ever. */
static void test_local_parts(void **state)
{
	static const struct {
		const char *local;
		const char *record;
		enum sceau_spf_code want;
		unsigned questions;
	} rows[] = {
		{ "jos\xc3\xa9", "exists:%{l}.l.example -all", SCEAU_SPF_FAIL,
		  1 },
		{ "jos\xc3\xa9", "a:%{S}.l.example -all", SCEAU_SPF_FAIL, 1 },
		{ "jos\xc3\xa9", "exists:%{o}.l.example -all", SCEAU_SPF_PASS,
		  2 },
		{ "jose", "exists:%{l}.l.example -all", SCEAU_SPF_PASS, 2 },
		{ "jo se", "exists:%{l}.l.example -all", SCEAU_SPF_PASS, 2 },
		{ "jo.se", "exists:%{lr}.l.example -all", SCEAU_SPF_PASS, 2 },
		{ "a\\b", "exists:%{l}.l.example -all", SCEAU_SPF_PASS, 2 },
		/* 5.2, 6.1: no domain comes out of it */
		{ "jos\xc3\xa9", "include:%{l}.l.example +all",
		  SCEAU_SPF_PERMERROR, 1 },
		{ "jos\xc3\xa9", "redirect=%{l}.l.example", SCEAU_SPF_PERMERROR,
		  1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sceau_spf_request request = request_of(
			"192.0.2.1", "mx.far.example", rows[i].local,
			"far.example");
		char zone[400];

		snprintf(zone, sizeof(zone),
		         "far.example TXT v=spf1 %s\n"
		         "jose.l.example A 127.0.0.2\n"
		         "jo\\032se.l.example A 127.0.0.2\n"
		         "se.jo.l.example A 127.0.0.2\n"
		         "a\\092b.l.example A 127.0.0.2\n"
		         "far.example.l.example A 127.0.0.2",
		         rows[i].record);
		struct sceau_spf *spf = zone_check(zone, &request);
		const struct sceau_spf_result *got = sceau_spf_result(spf);
		if (got->code != rows[i].want ||
		    got->questions != rows[i].questions)
			fail_msg("%s, %s: got %s after %u questions",
			         rows[i].local, rows[i].record,
			         sceau_spf_code_name(got->code),
			         got->questions);
		sceau_spf_free(&spf);
	}
}

/* A NUL is no end of anything. */
static void test_nul(void **state)
{
	struct sceau_spf_request request = request_of("192.0.2.1", "", "",
	                                              "far.example");
	struct sceau_spf *spf;

	(void)state;
	request.local = (struct sceau_slice){ "a\0b", 3 };
	request.helo = (struct sceau_slice){ "mx\0.far.example", 15 };
	spf = zone_check("far.example TXT v=spf1 -all exp=e.example\n"
	                 "e.example TXT %{l} %{h}",
	                 &request);
	assert_string_equal(sceau_spf_result(spf)->explanation,
	                    "a?b mx?.far.example");
	sceau_spf_free(&spf);
	request.domain = (struct sceau_slice){ "far.example\0.org", 16 };
	spf = zone_check("", &request);
	assert_int_equal(sceau_spf_result(spf)->code, SCEAU_SPF_NONE);
	assert_int_equal(sceau_spf_result(spf)->questions, 0);
	sceau_spf_free(&spf);
}

/* Answers to questions that are not open, and a machine left on its way. */
static void test_driving(void **state)
{
	struct sceau_spf_request request = request_of("192.0.2.1", "", "",
	                                              "far.example");
	struct sceau_spf *spf = sceau_spf_new(&request);
	struct sceau_dns_answer answer = { .status = SCEAU_DNS_TIMEOUT };
	struct sceau_dns_question question;

	(void)state;
	assert_non_null(spf);
	sceau_spf_decider.answer(spf, 1, &answer); /* was not asked yet */
	assert_int_equal(sceau_spf_decider.ask(spf, &question), 1);
	assert_string_equal(question.name, "far.example");
	assert_int_equal(question.type, SCEAU_DNS_TXT);
	assert_int_equal(sceau_spf_decider.ask(spf, &question), 0);
	sceau_spf_decider.answer(spf, question.id + 1, &answer);
	assert_int_equal(sceau_spf_decider.ask(spf, &question), 0);
	assert_int_equal(sceau_spf_result(spf)->code, SCEAU_SPF_TEMPERROR);
	sceau_spf_decider.answer(spf, question.id, &answer);
	assert_int_equal(sceau_spf_decider.ask(spf, &question), 0);
	assert_int_equal(sceau_spf_result(spf)->code, SCEAU_SPF_TEMPERROR);
	assert_string_equal(sceau_spf_result(spf)->reason,
	                    "TXT of far.example: timeout");
	sceau_spf_decider.answer(spf, question.id, &answer);
	sceau_spf_free(&spf);

	spf = sceau_spf_new(&request);
	assert_non_null(spf);
	sceau_spf_free(&spf);
	sceau_spf_free(&spf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identities),
		cmocka_unit_test(test_local_parts),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_driving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
