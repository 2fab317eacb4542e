/* test_dmarc_alignment.c - who counts as the author's domain, SPF and DKIM
 *
 * Expectations are argued from RFC 9989 (section first), never from what the
 * machine says. Some rows are what libopendmarc 1.4.2 gets wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#include "unit/auth/dmarc_bench.h"

/* Nothing above example.com has a record. */
#define RELAXED "example.com v=DMARC1; p=reject"
#define SPF_R "example.com v=DMARC1; p=reject; aspf=r"
#define SPF_S "example.com v=DMARC1; p=reject; aspf=s"
#define DKIM_R "example.com v=DMARC1; p=reject; adkim=r"
#define DKIM_S "example.com v=DMARC1; p=reject; adkim=s"
#define PASS "pass reject"
#define FAIL "fail reject"

/* what, author, SPF, DKIM, zone, result */
static const struct dmarc_case spf_rows[] = {
	/* 4.4: same domain; one question is enough (4.10.2, note) */
	{ "4.4 same, default mode", "example.com", "example.com", "", RELAXED,
	  PASS, "example.com", NULL, 1 },
	/* B.1.1 example 2 */
	{ "B.1.1 child, default is relaxed", "example.com", "child.example.com",
	  "", RELAXED, PASS, "example.com", "example.com", 3 },
	/* 4.4 table 1, row 1 */
	{ "4.4 siblings", "news.example.com", "foo.example.com", "", RELAXED,
	  PASS, "example.com", "example.com", 0 },
	/* 3.2.10.1: same Organizational Domain, whichever is the parent */
	{ "3.2.10.1 parent", "child.example.com", "example.com", "", RELAXED,
	  PASS, "example.com", "example.com", 0 },
	{ "3.2.10.1 three levels down", "example.com", "a.b.c.example.com", "",
	  RELAXED, PASS, NULL, NULL, 0 },
	/* 4.4 table 1, row 3 */
	{ "4.4 other organization", "news.example.com", "foo.example.net", "",
	  RELAXED, FAIL, NULL, NULL, 0 },
	/* B.1.1 example 3 */
	{ "B.1.1 neither parent nor child", "child.example.com", "example.net",
	  "", RELAXED, FAIL, NULL, NULL, 0 },
	/* 4.7 aspf */
	{ "4.7 aspf=r child", "example.com", "child.example.com", "", SPF_R,
	  PASS, NULL, NULL, 0 },
	{ "4.7 aspf=s same", "example.com", "example.com", "", SPF_S, PASS,
	  NULL, NULL, 1 },
	/* 3.2.10.2: identical and nothing else (libopendmarc: aligned); no
	   walk is needed (4.10.2, note) */
	{ "3.2.10.2 aspf=s child", "example.com", "mail.example.com", "", SPF_S,
	  FAIL, NULL, NULL, 1 },
	{ "3.2.10.2 aspf=s parent", "mail.example.com", "example.com", "",
	  SPF_S, FAIL, "example.com", NULL, 0 },
	{ "3.2.10.2 aspf=s siblings", "a.example.com", "b.example.com", "",
	  SPF_S, FAIL, NULL, NULL, 0 },
	/* 4.4: comparisons are case-insensitive (RFC 4343) */
	{ "4.4 aspf=s case of SPF's", "example.com", "EXAMPLE.Com", "", SPF_S,
	  PASS, NULL, NULL, 0 },
	{ "4.4 aspf=s case of the author's", "Example.COM", "example.com", "",
	  SPF_S, PASS, NULL, NULL, 0 },
	{ "4.4 relaxed, case", "example.com", "Mail.EXAMPLE.com", "", RELAXED,
	  PASS, NULL, NULL, 0 },
	/* 4.7: s and r in any case (RFC 5234 2.3) */
	{ "4.7 aspf=S", "example.com", "mail.example.com", "",
	  "example.com v=DMARC1; p=reject; aspf=S", FAIL, NULL, NULL, 0 },
	/* 4.8: a value that is none is dropped for the default */
	{ "4.8 aspf=x is r", "example.com", "mail.example.com", "",
	  "example.com v=DMARC1; p=reject; aspf=x", PASS, NULL, NULL, 0 },
	/* RFC 1034 3.1: the final dot is the root, not another name */
	{ "4.4 final dot", "example.com", "example.com.", "", SPF_S, PASS, NULL,
	  NULL, 0 },
	/* 4.7: adkim is not about SPF */
	{ "4.7 adkim=s leaves SPF relaxed", "example.com", "mail.example.com",
	  "", DKIM_S, PASS, NULL, NULL, 0 },
	/* 3.2.14: names below are labels, not letters */
	{ "3.2.14 longer label", "example.com", "notexample.com", "", RELAXED,
	  FAIL, NULL, NULL, 0 },
	{ "3.2.14 as a prefix", "example.com", "example.com.evil.net", "",
	  RELAXED, FAIL, NULL, NULL, 0 },
	/* not below the author's organization: no walk from there */
	{ "3.2.14 only the top in common", "example.com", "com", "", RELAXED,
	  FAIL, NULL, NULL, 2 },
	{ "3.2.14 another name below com", "example.com", "a.b.other.com", "",
	  RELAXED, FAIL, NULL, NULL, 2 },
	/* 4.4.2: only a domain that SPF validated */
	{ "4.4.2 SPF failed", "example.com", "!example.com", "", RELAXED, FAIL,
	  NULL, NULL, 1 },
	{ "4.4.2 nothing authenticated", "example.com", NULL, "", RELAXED, FAIL,
	  NULL, NULL, 1 },
	{ "4.4.2 empty domain", "example.com", "", "", RELAXED, FAIL, NULL,
	  NULL, 1 },
	/* no domain name: aligned with nothing (libopendmarc: aligned) */
	{ "4.4.2 half a comment", "example.com", "example.com(.evil", "",
	  RELAXED, FAIL, NULL, NULL, 1 },
	{ "4.4.2 a blank", "example.com", "evil.net example.com", "", RELAXED,
	  FAIL, NULL, NULL, 1 },
	{ "4.4.2 an empty label", "example.com", "a..example.com", "", RELAXED,
	  FAIL, NULL, NULL, 1 },
	{ "4.4.2 an at", "example.com", "x@example.com", "", RELAXED, FAIL,
	  NULL, NULL, 1 },
};

static const struct dmarc_case dkim_rows[] = {
	{ "4.4 same, default mode", "example.com", NULL, "example.com", RELAXED,
	  PASS, "example.com", NULL, 1 },
	/* B.1.2 example 2: child of the author's */
	{ "B.1.2 child, default is relaxed", "example.com", NULL,
	  "child.example.com", RELAXED, PASS, NULL, "example.com", 3 },
	{ "4.4 siblings", "news.example.com", NULL, "foo.example.com", RELAXED,
	  PASS, NULL, NULL, 0 },
	{ "3.2.10.1 parent", "child.example.com", NULL, "example.com", RELAXED,
	  PASS, NULL, NULL, 0 },
	/* B.1.2 example 3 */
	{ "B.1.2 other organization", "example.com", NULL, "sample.net",
	  RELAXED, FAIL, NULL, NULL, 0 },
	{ "4.7 adkim=r child", "example.com", NULL, "child.example.com", DKIM_R,
	  PASS, NULL, NULL, 0 },
	{ "4.7 adkim=s same", "example.com", NULL, "example.com", DKIM_S, PASS,
	  NULL, NULL, 1 },
	{ "3.2.10.2 adkim=s child", "example.com", NULL, "mail.example.com",
	  DKIM_S, FAIL, NULL, NULL, 1 },
	{ "3.2.10.2 adkim=s parent", "mail.example.com", NULL, "example.com",
	  DKIM_S, FAIL, NULL, NULL, 0 },
	{ "3.2.10.2 adkim=s siblings", "a.example.com", NULL, "b.example.com",
	  DKIM_S, FAIL, NULL, NULL, 0 },
	{ "4.4 adkim=s case", "example.com", NULL, "EXAMPLE.COM", DKIM_S, PASS,
	  NULL, NULL, 0 },
	{ "4.8 adkim= without a value is r", "example.com", NULL,
	  "mail.example.com", "example.com v=DMARC1; p=reject; adkim=", PASS,
	  NULL, NULL, 0 },
	/* RFC 6376 3.2: a tag twice is an error; 4.8: errors give way to the
	   default */
	{ "4.8 adkim twice is r", "example.com", NULL, "mail.example.com",
	  "example.com v=DMARC1; p=reject; adkim=s; adkim=s", PASS, NULL, NULL,
	  0 },
	{ "4.7 aspf=s leaves DKIM relaxed", "example.com", NULL,
	  "mail.example.com", SPF_S, PASS, NULL, NULL, 0 },
	/* 4.4.1: any aligned signature will do */
	{ "4.4.1 the second one", "example.com", NULL, "list.net example.com",
	  RELAXED, PASS, NULL, NULL, 1 },
	{ "4.4.1 the last of twelve", "example.com", NULL,
	  "a.com b.com c.com d.com e.com f.com g.com h.com i.com j.com k.com "
	  "example.com",
	  RELAXED, PASS, NULL, NULL, 1 },
	{ "4.4.1 none of two", "example.com", NULL, "list.net other.org",
	  RELAXED, FAIL, NULL, NULL, 1 },
	{ "4.4.1 strict wants the exact one", "example.com", NULL,
	  "mail.example.com example.com", DKIM_S, PASS, NULL, NULL, 0 },
	/* 3.2.3: only validated signatures */
	{ "3.2.3 it failed", "example.com", NULL, "!example.com", RELAXED, FAIL,
	  NULL, NULL, 1 },
	{ "3.2.3 failed once, passed once", "example.com", NULL,
	  "!example.com example.com", RELAXED, PASS, NULL, NULL, 1 },
	{ "3.2.14 longer label", "example.com", NULL, "notexample.com", RELAXED,
	  FAIL, NULL, NULL, 0 },
	{ "4.4.1 no domain name", "example.com", NULL, "example.com(.evil",
	  RELAXED, FAIL, NULL, NULL, 0 },
};

static const struct dmarc_case both_rows[] = {
	/* 5.3.5: one aligned identifier passes, whatever the other does */
	{ "5.3.5 SPF alone", "example.com", "example.com", "!example.com",
	  RELAXED, PASS, NULL, NULL, 0 },
	{ "5.3.5 DKIM alone", "example.com", "!example.com", "example.com",
	  RELAXED, PASS, NULL, NULL, 0 },
	{ "5.3.5 both", "example.com", "example.com", "example.com", RELAXED,
	  PASS, NULL, NULL, 1 },
	{ "5.3.5 neither", "example.com", "bounce.net", "list.net", RELAXED,
	  FAIL, NULL, NULL, 0 },
	/* a mailing list: SPF is the list's, the author's signature is whole */
	{ "4.4.1 list that left the mail alone", "example.com",
	  "lists.example.net", "lists.example.net example.com", RELAXED, PASS,
	  NULL, NULL, 1 },
	/* and one that did not */
	{ "7.4 list that put a footer in", "example.com", "lists.example.net",
	  "lists.example.net !example.com", RELAXED, FAIL, NULL, NULL, 0 },
	{ "4.7 each has its own mode", "example.com", "m.example.com",
	  "m.example.com", "example.com v=DMARC1; p=reject; aspf=s", PASS, NULL,
	  NULL, 0 },
	{ "4.7 both strict", "example.com", "m.example.com", "m.example.com",
	  "example.com v=DMARC1; p=reject; aspf=s; adkim=s", FAIL, NULL, NULL,
	  1 },
};

/* B.4.1: records at the author's and the signing domain, none at com. */
#define B41                                                                    \
	"example.com v=DMARC1; p=reject\nsigning.example.com "                 \
	"v=DMARC1; p=none"
/* B.4.3: bank.example is a public suffix. */
#define B43                                                                    \
	"bank.example v=DMARC1; p=reject; psd=y\ngiant.bank.example "          \
	"v=DMARC1; p=quarantine"
/* A department that is its own organization. */
#define DEPT                                                                   \
	"example.com v=DMARC1; p=reject\ndept.example.com v=DMARC1; "          \
	"p=quarantine; psd=n"
/* What the public suffix list calls a suffix, here by psd=y. */
#define PAGES                                                                  \
	"pages.example v=DMARC1; p=none; psd=y\na.pages.example "              \
	"v=DMARC1; p=reject"

static const struct dmarc_case org_rows[] = {
	{ "B.4.1 SPF", "example.com", "example.com", "", B41, PASS,
	  "example.com", NULL, 1 },
	{ "B.4.1 DKIM, the signer has a record", "example.com", NULL,
	  "signing.example.com", B41, PASS, "example.com", "example.com", 3 },
	{ "B.4.1 neither passed", "example.com", "!example.com",
	  "!signing.example.com", B41, FAIL, "example.com", NULL, 0 },
	{ "B.4.3 SPF from below", "giant.bank.example",
	  "mail.giant.bank.example", "", B43, "pass quarantine",
	  "giant.bank.example", "giant.bank.example", 0 },
	{ "B.4.3 DKIM of another bank", "giant.bank.example", NULL,
	  "mail.mega.bank.example", B43, "fail quarantine",
	  "giant.bank.example", "giant.bank.example", 0 },
	/* 4.10.2 rule 2: below psd=y each name is its own organization */
	{ "4.10.2 the suffix itself signs", "giant.bank.example", NULL,
	  "bank.example", B43, "fail quarantine", NULL, NULL, 0 },
	{ "4.10.2 two customers of a suffix", "a.pages.example",
	  "b.pages.example", "b.pages.example", PAGES, FAIL, NULL,
	  "a.pages.example", 0 },
	/* without psd=y, the neighbour has no record: its own domain is its
	   organization (4.10.2, end) */
	{ "4.10.2 two customers, suffix without a record", "a.pages.example",
	  "b.pages.example", "", "a.pages.example v=DMARC1; p=reject", FAIL,
	  NULL, "a.pages.example", 0 },
	/* libopendmarc: a.example.co.uk and b.example.co.uk, strict */
	{ "3.2.10.2 siblings below co.uk", "a.example.co.uk", "b.example.co.uk",
	  "", "example.co.uk v=DMARC1; p=reject; aspf=s", FAIL, NULL, NULL, 0 },
	{ "3.2.10.1 siblings below co.uk", "a.example.co.uk", "b.example.co.uk",
	  "", "example.co.uk v=DMARC1; p=reject", PASS, "example.co.uk",
	  "example.co.uk", 0 },
	/* 4.10.2 rule 1: psd=n is an organization's top */
	{ "4.10.2 psd=n below the author's", "example.com", NULL,
	  "dept.example.com", DEPT, FAIL, "example.com", "example.com", 0 },
	{ "4.10.2 the organization signs for psd=n", "dept.example.com", NULL,
	  "example.com", DEPT, "fail quarantine", "dept.example.com",
	  "dept.example.com", 0 },
	{ "4.10.2 both below psd=n", "a.dept.example.com", NULL,
	  "b.dept.example.com", DEPT, "pass quarantine", "dept.example.com",
	  "dept.example.com", 0 },
	{ "4.10.2 below and beside psd=n", "a.dept.example.com", NULL,
	  "www.example.com", DEPT, "fail quarantine", NULL, NULL, 0 },
	/* 4.10.2 rule 3: fewest labels, both have psd=u */
	{ "4.10.2 record at both, no psd", "mail.example.com", "example.com",
	  "",
	  "mail.example.com v=DMARC1; p=reject\nexample.com v=DMARC1; p=none",
	  PASS, "mail.example.com", "example.com", 0 },
	{ "4.10.2 psd=u is the default", "mail.example.com", "example.com", "",
	  "mail.example.com v=DMARC1; p=reject; psd=u\n"
	  "example.com v=DMARC1; p=none; psd=u",
	  PASS, "mail.example.com", "example.com", 0 },
	/* rule 2 excepts the domain where the walk began */
	{ "4.10.2 the suffix writes itself", "bank.example", "bank.example", "",
	  B43, PASS, "bank.example", NULL, 1 },
	{ "4.10.2 a customer signs for the suffix", "bank.example", NULL,
	  "giant.bank.example", B43, FAIL, "bank.example", "bank.example", 0 },
	/* a record at the top without psd makes it everybody's organization:
	   odd, but what rule 3 says */
	{ "4.10.2 a record at com", "example.com", "example.org.com", "",
	  "com v=DMARC1; p=none\nexample.com v=DMARC1; p=reject", PASS,
	  "example.com", "com", 0 },
};

static void test_spf(void **state)
{
	(void)state;
	BENCH_RUN(spf_rows);
}

static void test_dkim(void **state)
{
	(void)state;
	BENCH_RUN(dkim_rows);
}

static void test_both(void **state)
{
	(void)state;
	BENCH_RUN(both_rows);
}

static void test_organizations(void **state)
{
	(void)state;
	BENCH_RUN(org_rows);
}

/* What each method came to is told apart: reports want it (RFC 9990). */
static void test_which(void **state)
{
	static const struct {
		const char *spf, *dkim;
		bool want_spf, want_dkim;
	} rows[] = {
		{ "example.com", "!example.com", true, false },
		{ "bounce.net", "mail.example.com", false, true },
		{ "mail.example.com", "example.com", true, true },
		{ "bounce.net", "list.net", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct dmarc_case row = { .spf = rows[i].spf,
			                        .dkim = rows[i].dkim };
		struct sceau_dmarc *dmarc = sceau_dmarc_new("example.com");

		bench_identities(dmarc, &row);
		sceau_dmarc_judge(dmarc);
		(void)bench_drive(dmarc, RELAXED);
		assert_true(sceau_dmarc_is_done(dmarc));
		const struct sceau_dmarc_verdict *verdict = sceau_dmarc_verdict(
			dmarc);
		assert_int_equal(verdict->spf_is_aligned, rows[i].want_spf);
		assert_int_equal(verdict->dkim_is_aligned, rows[i].want_dkim);
		sceau_dmarc_free(&dmarc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spf),
		cmocka_unit_test(test_dkim),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_organizations),
		cmocka_unit_test(test_which),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
