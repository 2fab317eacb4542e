/* test_dmarc_walk.c - how far the tree walk goes, and what DNS errors do to it
 *
 * SPDX-License-Identifier: MIT
 */
#include "unit/auth/dmarc_bench.h"

#define TOP "example.com v=DMARC1; p=reject; sp=quarantine"
/* B.4.2 and 4.10: an author domain of 13 labels. */
#define DEEP "a.b.c.d.e.f.g.h.i.j.k.example.com"

/* what, author, SPF, DKIM, zone, result, policy domain, organization,
   questions (existence is asked only where np is) */
static const struct dmarc_case walk_rows[] = {
	{ "4.10.1 the author's own record", "example.com", NULL, "", TOP,
	  "fail reject", "example.com", NULL, 1 },
	{ "4.10 nothing anywhere, two labels", "example.com", "example.com", "",
	  "", "none", "", "example.com", 2 },
	{ "4.10 nothing anywhere, one label", "localhost", NULL, "", "", "none",
	  "", "localhost", 1 },
	{ "4.10 three labels", "a.example.com", NULL, "", TOP,
	  "fail quarantine", "example.com", "example.com", 3 },
	{ "4.10 four labels", "b.a.example.com", NULL, "", TOP,
	  "fail quarantine", "example.com", "example.com", 4 },
	{ "4.10 seven labels", "e.d.c.b.a.example.com", NULL, "", TOP,
	  "fail quarantine", "example.com", NULL, 7 },
	{ "4.10 eight labels", "f.e.d.c.b.a.example.com", NULL, "", TOP,
	  "fail quarantine", "example.com", NULL, 8 },
	{ "4.10 nine labels: not more than eight", "g.f.e.d.c.b.a.example.com",
	  NULL, "", TOP, "fail quarantine", "example.com", NULL, 8 },
	{ "B.4.2 thirteen labels", DEEP, "example.com", "", TOP,
	  "pass quarantine", "example.com", "example.com", 8 },
	{ "B.4.2 the signer has a record, too", DEEP, NULL,
	  "signing.example.com", TOP "\nsigning.example.com v=DMARC1; p=none",
	  "pass quarantine", "example.com", "example.com", 9 },
	{ "4.10 thirteen labels, nothing", DEEP, NULL, "", "", "none", "", DEEP,
	  8 },
	/* 5.1.8: what the shortcut passes over is never found */
	{ "5.1.8 a record that is passed over",
	  "mail.a.b.c.d.e.f.g.example.com", NULL, "",
	  TOP "\nb.c.d.e.f.g.example.com v=DMARC1; p=none; psd=n",
	  "fail quarantine", "example.com", NULL, 8 },
	/* the first one after it */
	{ "5.1.8 a record at seven labels", "mail.a.b.c.d.e.f.g.example.com",
	  NULL, "", TOP "\nc.d.e.f.g.example.com v=DMARC1; p=none; psd=n",
	  "fail none", "c.d.e.f.g.example.com", "c.d.e.f.g.example.com", 2 },
	/* 5.1.8: the author's own is always asked for */
	{ "5.1.8 the author's own of ten", "mail.a.b.c.d.e.f.g.example.com",
	  NULL, "", TOP "\nmail.a.b.c.d.e.f.g.example.com v=DMARC1; p=none",
	  "fail none", "mail.a.b.c.d.e.f.g.example.com", NULL, 1 },
	/* 4.10.2, examples at its end */
	{ "4.10.2 example 1: two records, the shorter name",
	  "a.mail.example.com", NULL, "",
	  TOP "\nmail.example.com v=DMARC1; p=none", "fail quarantine",
	  "example.com", "example.com", 4 },
	{ "4.10.2 example 2: psd=n ends it", "a.mail.example.com", NULL, "",
	  TOP "\nmail.example.com v=DMARC1; p=none; psd=n", "fail none",
	  "mail.example.com", "mail.example.com", 2 },
	{ "4.10.2 example 3: only com, psd=y", "a.mail.example.com", NULL, "",
	  "com v=DMARC1; p=reject; psd=y", "fail reject", "com", "example.com",
	  4 },
	/* 4.10.1: author, organization, suffix, in that order. The record of
	   mail.shop.example is none of the three. */
	{ "4.10.1 organization without a record: the suffix's",
	  "a.mail.shop.example", NULL, "",
	  "example v=DMARC1; p=reject; psd=y\n"
	  "mail.shop.example v=DMARC1; p=none",
	  "fail reject", "example", "shop.example", 4 },
	{ "4.10.1 organization with one: not the suffix's",
	  "a.mail.shop.example", NULL, "",
	  "example v=DMARC1; p=reject; psd=y\nshop.example v=DMARC1; p=none",
	  "fail none", "shop.example", "shop.example", 4 },
	/* 4.10 steps 2 and 6: it stops there */
	{ "4.10 nothing above psd=y is asked", "a.shop.bank.example", NULL, "",
	  "bank.example v=DMARC1; p=reject; psd=y\nexample v=DMARC1; p=none",
	  "fail reject", "bank.example", "shop.bank.example", 3 },
	{ "4.10 nothing above psd=n is asked", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; psd=n\ncom v=DMARC1; p=none",
	  "fail reject", "example.com", "example.com", 2 },
	{ "4.10 psd=u does not end it", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; psd=u\ncom v=DMARC1; p=none",
	  "fail none", "com", "com", 3 },
	{ "4.7 psd=Y", "a.example.com", NULL, "",
	  "com v=DMARC1; p=reject; psd=Y", "fail reject", "com", "example.com",
	  3 },
	{ "4.8 psd=x is u", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; psd=x\ncom v=DMARC1; p=none; psd=x",
	  "fail none", "com", "com", 3 },
	/* 4.10.2 rule 2: one label below in the hierarchy, even where the
	   shortcut passed over that name */
	{ "4.10.2 below a suffix of seven labels", "a.b.c.d.e.f.g.bank.example",
	  NULL, "b.c.d.e.f.g.bank.example",
	  "c.d.e.f.g.bank.example v=DMARC1; p=reject; psd=y", "pass reject",
	  "c.d.e.f.g.bank.example", "b.c.d.e.f.g.bank.example", 3 },
	{ "4.10.2 and another one below it", "a.b.c.d.e.f.g.bank.example", NULL,
	  "x.c.d.e.f.g.bank.example",
	  "c.d.e.f.g.bank.example v=DMARC1; p=reject; psd=y", "fail reject",
	  NULL, "b.c.d.e.f.g.bank.example", 0 },
	/* 4.10 step 2: several records are none, and the walk goes on */
	{ "4.10 two records at the author's", "a.example.com", NULL, "",
	  TOP "\na.example.com v=DMARC1; p=none\na.example.com v=DMARC1; "
	      "p=reject",
	  "fail quarantine", "example.com", NULL, 3 },
	{ "4.10 the same one twice", "example.com", NULL, "", TOP "\n" TOP,
	  "none", "", NULL, 2 },
	{ "4.10 two records at the organization's", "a.example.com", NULL, "",
	  TOP "\n" TOP "\ncom v=DMARC1; p=reject; psd=y", "fail reject", "com",
	  "example.com", 3 },
	{ "4.10 two with psd=n do not end it", "a.example.com", NULL, "",
	  "a.example.com v=DMARC1; psd=n\na.example.com v=DMARC1; psd=n\n" TOP,
	  "fail quarantine", "example.com", NULL, 3 },
	/* what was dropped may have been a second one */
	{ "4.10 too many records to see", "example.com", NULL, "",
	  TOP "\nexample.com !cut", "none", "", NULL, 2 },
	/* 4.10 step 2: other texts do not count */
	{ "4.10 among other texts", "example.com", NULL, "",
	  "example.com some text\n" TOP "\nexample.com v=spf1 -all\n"
	  "example.com ",
	  "fail reject", "example.com", NULL, 1 },
	{ "4.10 only other texts", "example.com", NULL, "",
	  "example.com v=spf1 -all\nexample.com hello", "none", "", NULL, 2 },
	/* 4.5: strings of one record are joined without a space */
	{ "4.5 two strings", "example.com", NULL, "",
	  "example.com v=DMARC1; p=rej|ect; sp=none", "fail reject",
	  "example.com", NULL, 1 },
	{ "4.5 many strings", "example.com", NULL, "",
	  "example.com v|=|D|M|ARC1|;| |p|=|r|e|j|e|c|t", "fail reject",
	  "example.com", NULL, 1 },
	{ "4.5 empty strings", "example.com", NULL, "",
	  "example.com |v=DMARC1;||p=reject|", "fail reject", "example.com",
	  NULL, 1 },
};

static const struct dmarc_case error_rows[] = {
	/* 5.3.6: a query that did not complete: neither pass nor fail */
	{ "5.3.6 SERVFAIL at the author's", "example.com", "example.com",
	  "example.com", "example.com !servfail", "temperror", "", "", 1 },
	{ "5.3.6 time is up at the author's", "example.com", "example.com", "",
	  "example.com !timeout", "temperror", "", NULL, 1 },
	{ "5.3.6 bogus by DNSSEC", "example.com", "example.com", "",
	  "example.com !bogus", "temperror", "", NULL, 1 },
	{ "5.3.6 SERVFAIL on the way to a policy", "a.example.com",
	  "a.example.com", "", "example.com !servfail\ncom v=DMARC1; p=none",
	  "temperror", "", NULL, 2 },
	{ "5.3.6 SERVFAIL at the top on the way to a policy", "a.example.com",
	  "a.example.com", "", TOP "\ncom !servfail", "temperror", "", NULL,
	  3 },
	/* 4.10.2, note: same domain, record there: the rest is not needed */
	{ "4.10.2 SERVFAIL above, same domain", "example.com", "example.com",
	  "", TOP "\ncom !servfail", "pass reject", "example.com", NULL, 1 },
	{ "4.10.2 SERVFAIL above psd=n", "example.com", NULL, "a.example.com",
	  "example.com v=DMARC1; p=reject; psd=n\ncom !servfail", "pass reject",
	  NULL, "example.com", 2 },
	{ "4.10.2 SERVFAIL above, strict", "example.com", "a.example.com", "",
	  "example.com v=DMARC1; p=reject; aspf=s\ncom !servfail",
	  "fail reject", NULL, NULL, 1 },
	/* the answer could have made com everybody's organization or not */
	{ "5.3.6 SERVFAIL above, relaxed", "example.com", "a.example.com", "",
	  TOP "\ncom !servfail", "temperror", NULL, NULL, 2 },
	/* 3.2.14: no tree has both names */
	{ "5.3.6 SERVFAIL above, a stranger", "example.com", "example.net", "",
	  TOP "\ncom !servfail", "fail reject", NULL, NULL, 1 },
	/* 5.3.6 again: its own walk */
	{ "5.3.6 SERVFAIL at the signer's", "example.com", NULL,
	  "a.example.com", TOP "\na.example.com !servfail", "temperror", NULL,
	  NULL, 0 },
	{ "5.3.5 SERVFAIL at the signer's, SPF passes", "example.com",
	  "example.com", "a.example.com", TOP "\na.example.com !servfail",
	  "pass reject", NULL, NULL, 0 },
	{ "5.3.5 SERVFAIL at one signer's, another one passes", "example.com",
	  NULL, "a.example.com b.example.com", TOP "\na.example.com !timeout",
	  "pass reject", NULL, NULL, 0 },
	/* 5.3.6: SPF itself did not complete, and it could have aligned */
	{ "5.3.6 SPF temperror", "example.com", "~example.com", "", TOP,
	  "temperror", NULL, NULL, 1 },
	{ "5.3.6 SPF temperror, relaxed", "example.com", "~a.example.com", "",
	  TOP, "temperror", NULL, NULL, 0 },
	{ "5.3.6 DKIM temperror", "example.com", "!example.com", "~example.com",
	  TOP, "temperror", NULL, NULL, 1 },
	{ "5.3.6 DKIM temperror and a failed one", "example.com", NULL,
	  "!example.com ~a.example.com", TOP, "temperror", NULL, NULL, 0 },
	/* 5.3.5: another identifier passed */
	{ "5.3.5 SPF temperror, DKIM passes", "example.com", "~example.com",
	  "example.com", TOP, "pass reject", NULL, NULL, 1 },
	{ "5.3.5 DKIM temperror, SPF passes", "example.com", "example.com",
	  "~example.com", TOP, "pass reject", NULL, NULL, 1 },
	{ "5.3.5 DKIM temperror, then the same passes", "example.com", NULL,
	  "~example.com example.com", TOP, "pass reject", NULL, NULL, 1 },
	/* a stranger's dead name servers buy him nothing: whatever they would
	   have said could not align */
	{ "4.4 SPF temperror of a stranger", "example.com", "~evil.net", "",
	  TOP, "fail reject", NULL, NULL, 1 },
	{ "4.4 DKIM temperror of a stranger", "example.com", NULL, "~evil.com",
	  TOP, "fail reject", NULL, NULL, 0 },
	{ "4.4 temperror of a child, strict", "example.com", "~a.example.com",
	  "~b.example.com", "example.com v=DMARC1; p=reject; aspf=s; adkim=s",
	  "fail reject", NULL, NULL, 1 },
	/* 4.10.1: no record is no policy, whatever SPF could not say */
	{ "4.10.1 no record, SPF temperror", "example.com", "~example.com", "",
	  "", "none", NULL, NULL, 2 },
};

static void test_walks(void **state)
{
	(void)state;
	BENCH_RUN(walk_rows);
}

static void test_errors(void **state)
{
	(void)state;
	BENCH_RUN(error_rows);
}

/* RFC 9989 4.10 lists the eight names for such an author. */
static void test_names(void **state)
{
	static const char *const want[] = {
		"_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com",
		"_dmarc.g.h.i.j.mail.example.com",
		"_dmarc.h.i.j.mail.example.com",
		"_dmarc.i.j.mail.example.com",
		"_dmarc.j.mail.example.com",
		"_dmarc.mail.example.com",
		"_dmarc.example.com",
		"_dmarc.com",
	};
	static const struct sceau_dns_answer nothing = {
		.status = SCEAU_DNS_NXDOMAIN,
	};
	struct sceau_dmarc *dmarc = sceau_dmarc_new(
		"a.b.c.d.e.f.g.h.i.j.mail.example.com");
	struct sceau_dns_question question;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(sceau_dmarc_decider.ask(dmarc, &question), 1);
		assert_string_equal(question.name, want[i]);
		sceau_dmarc_decider.answer(dmarc, question.id, &nothing);
	}
	assert_int_equal(sceau_dmarc_decider.ask(dmarc, &question), 0);
	assert_true(sceau_dmarc_is_done(dmarc));
	sceau_dmarc_free(&dmarc);
}

static void test_targets(void **state)
{
	static const struct {
		const char *domain;
		size_t step;
		const char *want;
	} rows[] = {
		{ "com", 0, "com" },
		{ "com", 1, NULL },
		{ "example.com", 1, "com" },
		{ "a.b.c.d.e.f.g.h", 1, "b.c.d.e.f.g.h" },
		{ "a.b.c.d.e.f.g.h", 7, "h" },
		{ "a.b.c.d.e.f.g.h", 8, NULL },
		{ "x.a.b.c.d.e.f.g.h", 1, "b.c.d.e.f.g.h" },
		{ "x.a.b.c.d.e.f.g.h", 7, "h" },
		{ "x.a.b.c.d.e.f.g.h", 8, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *got = sceau_dmarc_tree_target(rows[i].domain,
		                                          rows[i].step);

		if (rows[i].want == NULL)
			assert_null(got);
		else
			assert_string_equal(got, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walks),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
