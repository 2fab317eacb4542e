/* test_dmarc.c - the machine: its questions, its end, its author's domain
 *
 * The rules have tables of their own: test_dmarc_alignment.c, _policy.c,
 * _walk.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "unit/auth/dmarc_bench.h"

#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"
#define L60 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh"
/* 254 octets on the wire: fits by itself, not with _dmarc in front. */
#define LONG L63 "." L63 "." L63 "." L60

static const struct dmarc_case author_rows[] = {
	/* no domain name: nothing to ask for (RFC 9989 9.2: permerror) */
	{ "empty", "", NULL, "", "", "permerror", "", "", 0 },
	{ "address literal", "[192.0.2.1]", NULL, "", "", "permerror", "", "",
	  0 },
	{ "empty label", "a..example.com", NULL, "", "", "permerror", "", "",
	  0 },
	{ "dot in front", ".example.com", NULL, "", "", "permerror", "", "",
	  0 },
	{ "two dots at the end", "example.com..", NULL, "", "", "permerror", "",
	  "", 0 },
	{ "blank", "exam ple.com", NULL, "", "", "permerror", "", "", 0 },
	{ "backslash", "exam\\046ple.com", NULL, "", "", "permerror", "", "",
	  0 },
	{ "label of 64", L63 "x.example.com", NULL, "", "", "permerror", "", "",
	  0 },
	{ "U-label",
	  "b\xc3\xbc"
	  "cher.example",
	  NULL, "", "", "permerror", "", "", 0 },
	{ "half a comment", "example.org(.evil", NULL, "", "", "permerror", "",
	  "", 0 },
	{ "too long", LONG "." L63, NULL, "", "", "permerror", "", "", 0 },
	/* and what is one */
	{ "A-label", "xn--bcher-kva.example", NULL, "",
	  "xn--bcher-kva.example v=DMARC1; p=reject", "fail reject",
	  "xn--bcher-kva.example", NULL, 1 },
	{ "final dot, case", "Example.COM.", "example.com", "",
	  "example.com v=DMARC1; p=reject", "pass reject", "example.com", NULL,
	  1 },
	{ "underscore", "a_b.example.com", NULL, "",
	  "example.com v=DMARC1; p=reject", "fail reject", "example.com", NULL,
	  3 },
	{ "label of 63", L63 ".example.com", NULL, "",
	  "example.com v=DMARC1; p=reject", "fail reject", "example.com", NULL,
	  3 },
	/* _dmarc in front makes it too long to be: no record can be there, and
	   three names are left to ask */
	{ "long name", LONG, NULL, "",
	  L60 " v=DMARC1; p=none; np=quarantine; psd=y", "fail quarantine", L60,
	  L63 "." L60, 4 },
};

static void test_authors(void **state)
{
	(void)state;
	BENCH_RUN(author_rows);
}

/* Whatever is open when time is up, the machine comes to its end; a pass that
   stands before stays. */
static void test_time_is_up(void **state)
{
	static const char zone[] = "example.com v=DMARC1; p=reject; np=reject";
	static const struct sceau_dns_answer timeout = {
		.status = SCEAU_DNS_TIMEOUT,
	};
	static struct bench_answer answer;

	(void)state;
	for (unsigned good = 0; good < 12; good++) {
		struct sceau_dmarc *dmarc = sceau_dmarc_new("a.b.example.com");
		struct sceau_dns_question question;
		unsigned asked = 0;

		sceau_dmarc_add_dkim(dmarc, "x.example.com",
		                     SCEAU_DMARC_AUTH_PASS);
		sceau_dmarc_judge(dmarc);
		while (sceau_dmarc_decider.ask(dmarc, &question) == 1) {
			bench_resolve(zone, question.name, &answer);
			sceau_dmarc_decider.answer(
				dmarc, question.id,
				asked++ < good ? &answer.answer : &timeout);
		}
		assert_true(sceau_dmarc_is_done(dmarc));
		/* four names up from the author, one more for the signer */
		assert_int_equal(sceau_dmarc_verdict(dmarc)->result,
		                 good >= 5 ? SCEAU_DMARC_RESULT_PASS
		                           : SCEAU_DMARC_RESULT_TEMPERROR);
		sceau_dmarc_free(&dmarc);
	}
}

/* One question is open at a time; answers to others are nobody's. */
static void test_questions(void **state)
{
	static const struct sceau_dns_answer nothing = {
		.status = SCEAU_DNS_NXDOMAIN,
	};
	struct sceau_dmarc *dmarc = sceau_dmarc_new("example.com");
	struct sceau_dns_question question, other;

	(void)state;
	sceau_dmarc_decider.answer(dmarc, 0, &nothing);
	assert_int_equal(sceau_dmarc_decider.ask(dmarc, &question), 1);
	assert_string_equal(question.name, "_dmarc.example.com");
	assert_int_equal(sceau_dmarc_decider.ask(dmarc, &other), 0);
	sceau_dmarc_decider.answer(dmarc, question.id + 1, &nothing);
	assert_int_equal(sceau_dmarc_decider.ask(dmarc, &other), 0);
	sceau_dmarc_decider.answer(dmarc, question.id, &nothing);
	assert_int_equal(sceau_dmarc_decider.ask(dmarc, &other), 1);
	assert_string_equal(other.name, "_dmarc.com");
	assert_int_not_equal(other.id, question.id);
	assert_int_equal(sceau_dmarc_verdict(dmarc)->result,
	                 SCEAU_DMARC_RESULT_TEMPERROR);
	sceau_dmarc_free(&dmarc);
	sceau_dmarc_free(&dmarc);
}

/* The policy waits for the identities, and they change nothing afterwards. */
static void test_two_steps(void **state)
{
	static const char zone[] = "example.com v=DMARC1; p=reject";
	struct sceau_dmarc *dmarc = sceau_dmarc_new("example.com");

	(void)state;
	assert_int_equal(bench_drive(dmarc, zone), 1);
	assert_false(sceau_dmarc_is_done(dmarc));
	assert_int_equal(sceau_dmarc_verdict(dmarc)->result,
	                 SCEAU_DMARC_RESULT_TEMPERROR);
	sceau_dmarc_set_spf(dmarc, "example.com", SCEAU_DMARC_AUTH_PASS);
	sceau_dmarc_set_spf(dmarc, "example.net", SCEAU_DMARC_AUTH_PASS);
	sceau_dmarc_judge(dmarc);
	assert_true(sceau_dmarc_is_done(dmarc));
	sceau_dmarc_set_spf(dmarc, "example.com", SCEAU_DMARC_AUTH_PASS);
	sceau_dmarc_add_dkim(dmarc, "example.com", SCEAU_DMARC_AUTH_PASS);
	sceau_dmarc_judge(dmarc);
	assert_int_equal(sceau_dmarc_verdict(dmarc)->result,
	                 SCEAU_DMARC_RESULT_FAIL);
	assert_int_equal(sceau_dmarc_verdict(dmarc)->disposition,
	                 SCEAU_DMARC_REJECT);
	sceau_dmarc_free(&dmarc);
}

/* The worst that a mail can bring: no two names in common but the top, all
   walks of full length, a policy from above. */
static void test_most_questions(void **state)
{
	static const char zone[] = "com v=DMARC1; p=none; np=reject";
	struct sceau_dmarc *dmarc = sceau_dmarc_new(
		"a.b.c.d.e.f.g.h.i.author.com");
	unsigned count;
	char domain[64];

	(void)state;
	sceau_dmarc_set_spf(dmarc, "a.b.c.d.e.f.g.h.i.spf.com",
	                    SCEAU_DMARC_AUTH_TEMPERROR);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(domain, sizeof(domain),
		               "a.b.c.d.e.f.g.h.i.k%d.com", i);
		sceau_dmarc_add_dkim(dmarc, domain, SCEAU_DMARC_AUTH_TEMPERROR);
	}
	sceau_dmarc_judge(dmarc);
	count = bench_drive(dmarc, zone);
	/* com is asked for once */
	assert_int_equal(count, 8 + 7 + SCEAU_DMARC_DKIM_MAX * 7);
	assert_true(sceau_dmarc_is_done(dmarc));
	assert_int_equal(sceau_dmarc_verdict(dmarc)->result,
	                 SCEAU_DMARC_RESULT_TEMPERROR);
	sceau_dmarc_free(&dmarc);
}

/* Of many signatures the author's own counts, wherever it stands. */
static void check_many(enum sceau_dmarc_auth auth, enum sceau_dmarc_result want)
{
	static const char zone[] = "example.com v=DMARC1; p=reject; adkim=s";
	struct sceau_dmarc *dmarc = sceau_dmarc_new("example.com");
	char domain[64];

	for (int i = 0; i < 100; i++) {
		(void)snprintf(domain, sizeof(domain), "k%d.com", i);
		sceau_dmarc_add_dkim(dmarc, domain, SCEAU_DMARC_AUTH_PASS);
	}
	sceau_dmarc_add_dkim(dmarc, "example.com", auth);
	sceau_dmarc_judge(dmarc);
	assert_int_equal(bench_drive(dmarc, zone), 1);
	assert_int_equal(sceau_dmarc_verdict(dmarc)->result, want);
	sceau_dmarc_free(&dmarc);
}

static void test_many_signatures(void **state)
{
	(void)state;
	check_many(SCEAU_DMARC_AUTH_PASS, SCEAU_DMARC_RESULT_PASS);
	check_many(SCEAU_DMARC_AUTH_TEMPERROR, SCEAU_DMARC_RESULT_TEMPERROR);
	check_many(SCEAU_DMARC_AUTH_FAIL, SCEAU_DMARC_RESULT_FAIL);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(sceau_dmarc_result_name(SCEAU_DMARC_RESULT_NONE),
	                    "none");
	assert_string_equal(
		sceau_dmarc_result_name(SCEAU_DMARC_RESULT_TEMPERROR),
		"temperror");
	assert_string_equal(sceau_dmarc_reason_name(SCEAU_DMARC_REASON_NOTHING),
	                    "");
	for (int i = 1; i <= SCEAU_DMARC_REASON_ODD_FROM; i++)
		assert_true(strlen(sceau_dmarc_reason_name(
				    (enum sceau_dmarc_reason)i)) > 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_authors),
		cmocka_unit_test(test_time_is_up),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_two_steps),
		cmocka_unit_test(test_most_questions),
		cmocka_unit_test(test_many_signatures),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
