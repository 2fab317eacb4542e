/* test_dmarc_policy.c - which policy applies to a mail that fails, and how it
 * reads
 *
 * SPDX-License-Identifier: MIT
 */
#include "unit/auth/dmarc_bench.h"

#define RUA "; rua=mailto:d@example.com"

/* what, author, SPF, DKIM, zone, result, policy domain, -, questions */
static const struct dmarc_case source_rows[] = {
	{ "4.10.1 own record: p", "example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; sp=none; np=none", "fail reject",
	  "example.com", NULL, 1 },
	/* 4.7 sp: not for records published on subdomains */
	{ "4.7 own record of a subdomain: p, its sp means nothing",
	  "a.example.com", NULL, "",
	  "a.example.com v=DMARC1; p=quarantine; sp=reject\n"
	  "example.com v=DMARC1; p=reject",
	  "fail quarantine", "a.example.com", NULL, 1 },
	{ "4.10.1 existing subdomain: sp", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; sp=quarantine\n=a.example.com",
	  "fail quarantine", "example.com", NULL, 3 },
	{ "4.10.1 existing subdomain, no sp: p", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=reject\n=a.example.com", "fail reject",
	  "example.com", NULL, 3 },
	{ "4.10.1 existing subdomain: np is not for it", "a.example.com", NULL,
	  "", "example.com v=DMARC1; p=none; np=reject\n=a.example.com",
	  "fail none", "example.com", NULL, 4 },
	{ "4.10.1 existing subdomain, sp and np", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; sp=none; np=reject\n"
	  "=a.example.com",
	  "fail none", "example.com", NULL, 4 },
	{ "4.10.1 no such subdomain: np", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=none; sp=none; np=reject", "fail reject",
	  "example.com", NULL, 4 },
	/* 4.7 np: sp when there is no np, p when there is no sp */
	{ "4.7 no such subdomain, no np: sp", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; sp=quarantine", "fail quarantine",
	  "example.com", NULL, 3 },
	{ "4.7 no such subdomain, no np, no sp: p", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=reject", "fail reject", "example.com", NULL,
	  3 },
	{ "4.7 np can be laxer", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; np=none", "fail none", "example.com",
	  NULL, 4 },
	/* A.4 and RFC 8020: a name with names below it exists */
	{ "A.4 NODATA is not NXDOMAIN", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=none; np=reject\n=www.a.example.com",
	  "fail none", "example.com", NULL, 4 },
	/* likewise, and then nobody needs to be asked */
	{ "A.4 something at _dmarc", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=none; np=reject\na.example.com hello",
	  "fail none", "example.com", NULL, 3 },
	{ "A.4 two records at _dmarc", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=none; np=reject\n"
	  "a.example.com v=DMARC1; p=reject\na.example.com v=DMARC1; p=none",
	  "fail none", "example.com", NULL, 3 },
	/* 4.7 np: not the domain itself */
	{ "4.7 np is not for the organization", "example.com", NULL, "",
	  "example.com v=DMARC1; p=none; np=reject", "fail none", "example.com",
	  NULL, 1 },
	/* the policy is not needed for a mail that passes */
	{ "4.10.1 nobody asks when it passes", "a.example.com", "a.example.com",
	  "", "example.com v=DMARC1; p=quarantine; np=reject",
	  "pass quarantine", "example.com", NULL, 3 },
	/* 5.3.6: which policy it is could not be found out */
	{ "5.3.6 SERVFAIL for the author's domain", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=none; np=reject\n=a.example.com !servfail",
	  "temperror", "example.com", NULL, 4 },
	{ "5.3.6 time is up for the author's domain", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=none; np=reject\n=a.example.com !timeout",
	  "temperror", "example.com", NULL, 4 },
	/* 4.10.1: the public suffix's policy, for names below it */
	{ "4.10.1 suffix: np", "no.bank", NULL, "",
	  "bank v=DMARC1; p=none; sp=quarantine; np=reject; psd=y",
	  "fail reject", "bank", NULL, 3 },
	{ "4.10.1 suffix: sp", "ours.bank", NULL, "",
	  "bank v=DMARC1; p=none; sp=quarantine; np=reject; psd=y\n"
	  "=ours.bank",
	  "fail quarantine", "bank", NULL, 3 },
	{ "4.10.1 suffix: p", "ours.bank", NULL, "",
	  "bank v=DMARC1; p=reject; psd=y\n=ours.bank", "fail reject", "bank",
	  NULL, 2 },
	{ "4.10.1 suffix for itself: p", "bank", NULL, "",
	  "bank v=DMARC1; p=reject; sp=none; psd=y", "fail reject", "bank",
	  NULL, 1 },
	{ "4.10.1 organization psd=n: its sp", "a.b.example.com", NULL, "",
	  "b.example.com v=DMARC1; p=none; sp=quarantine; psd=n\n"
	  "example.com v=DMARC1; p=reject",
	  "fail quarantine", "b.example.com", NULL, 2 },
};

static const struct dmarc_case testing_rows[] = {
	/* 4.7 t=y: one level below */
	{ "4.7 t=y reject", "example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; t=y", "fail quarantine", NULL, NULL,
	  0 },
	{ "4.7 t=y quarantine", "example.com", NULL, "",
	  "example.com v=DMARC1; p=quarantine; t=y", "fail none", NULL, NULL,
	  0 },
	{ "4.7 t=y none", "example.com", NULL, "",
	  "example.com v=DMARC1; p=none; t=y", "fail none", NULL, NULL, 0 },
	{ "4.7 t=n", "example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; t=n", "fail reject", NULL, NULL, 0 },
	{ "4.7 t=Y", "example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; t=Y", "fail quarantine", NULL, NULL,
	  0 },
	{ "4.8 t=x is n", "example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; t=x", "fail reject", NULL, NULL, 0 },
	{ "4.8 t=yes is n", "example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; t=yes", "fail reject", NULL, NULL,
	  0 },
	{ "4.7 t=y and sp", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=none; sp=reject; t=y\n=a.example.com",
	  "fail quarantine", NULL, NULL, 0 },
	{ "4.7 t=y and np", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=none; np=reject; t=y", "fail quarantine",
	  NULL, NULL, 0 },
	{ "4.7 t=y changes no pass", "example.com", "example.com", "",
	  "example.com v=DMARC1; p=reject; t=y", "pass quarantine", NULL, NULL,
	  0 },
	/* A.6, C.5.2: pct is gone; unknown tags are ignored (4.7) */
	{ "A.6 pct=0", "example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; pct=0", "fail reject", NULL, NULL,
	  0 },
	{ "A.6 pct=50", "example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; pct=50", "fail reject", NULL, NULL,
	  0 },
	{ "A.6 pct=nonsense", "example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; pct=101%", "fail reject", NULL, NULL,
	  0 },
	{ "C.5.2 rf and ri", "example.com", NULL, "",
	  "example.com v=DMARC1; rf=afrf; ri=1; p=reject", "fail reject", NULL,
	  NULL, 0 },
};

/* 4.10.1: no valid p, or an sp or np that is not valid. With a rua the record
   is p=none, without one there is no DMARC; 9.2 calls a record that cannot be
   read a permerror. */
static const struct dmarc_case broken_rows[] = {
	{ "4.10.1 no p, rua", "example.com", NULL, "",
	  "example.com v=DMARC1" RUA, "fail none", "example.com", NULL, 1 },
	{ "4.10.1 no p, no rua", "example.com", NULL, "",
	  "example.com v=DMARC1;", "none", NULL, NULL, 1 },
	{ "4.10.1 no p, no rua, aligned", "example.com", "example.com", "",
	  "example.com v=DMARC1;", "none", NULL, NULL, 1 },
	{ "4.10.1 p cannot be read, rua", "example.com", NULL, "",
	  "example.com v=DMARC1; p=rejct" RUA, "fail none", NULL, NULL, 1 },
	{ "4.10.1 p cannot be read, no rua", "example.com", NULL, "",
	  "example.com v=DMARC1; p=rejct", "permerror", NULL, NULL, 1 },
	{ "4.10.1 p cannot be read, rua is no URI", "example.com", NULL, "",
	  "example.com v=DMARC1; p=rejct; rua=d@example.com", "permerror", NULL,
	  NULL, 1 },
	{ "4.10.1 p cannot be read, one URI of two", "example.com", NULL, "",
	  "example.com v=DMARC1; p=rejct; rua=d@example.com, "
	  "mailto:d@example.com",
	  "fail none", NULL, NULL, 1 },
	{ "4.10.1 p cannot be read, aligned", "example.com", "example.com", "",
	  "example.com v=DMARC1; p=rejct", "permerror", NULL, NULL, 1 },
	{ "4.10.1 p cannot be read, rua, aligned", "example.com", "example.com",
	  "", "example.com v=DMARC1; p=rejct" RUA, "pass none", NULL, NULL, 1 },
	{ "4.8 p without a value", "example.com", NULL, "",
	  "example.com v=DMARC1; p=", "permerror", NULL, NULL, 1 },
	{ "4.8 p without an equals sign", "example.com", NULL, "",
	  "example.com v=DMARC1; p reject", "none", NULL, NULL, 1 },
	/* RFC 6376 3.2: not twice */
	{ "4.8 p twice", "example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; p=none" RUA, "fail none", NULL, NULL,
	  1 },
	{ "4.8 p twice, no rua", "example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; p=none", "permerror", NULL, NULL,
	  1 },
	{ "4.10.1 sp cannot be read, rua", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; sp=quarantin" RUA, "fail none", NULL,
	  NULL, 0 },
	{ "4.10.1 sp cannot be read, no rua", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; sp=quarantin", "permerror", NULL,
	  NULL, 0 },
	/* the text makes no difference between them and those it applies to */
	{ "4.10.1 sp cannot be read, own record", "example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; sp=quarantin" RUA, "fail none", NULL,
	  NULL, 0 },
	{ "4.10.1 np cannot be read, rua", "example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; np=x" RUA, "fail none", NULL, NULL,
	  0 },
	{ "4.10.1 np cannot be read, no rua", "a.example.com", NULL, "",
	  "example.com v=DMARC1; p=reject; np=x", "permerror", NULL, NULL, 0 },
	/* a valid record for the walk; 4.10.1 ends here, not further up */
	{ "4.10.1 a broken own record is not passed over", "a.example.com",
	  NULL, "",
	  "a.example.com v=DMARC1; p=x\nexample.com v=DMARC1; p=reject",
	  "permerror", "a.example.com", NULL, 1 },
	/* 4.7 v: ignored as a whole */
	{ "4.7 no v", "example.com", NULL, "", "example.com p=reject", "none",
	  "", NULL, 2 },
	{ "4.7 v is not first", "example.com", NULL, "",
	  "example.com p=reject; v=DMARC1", "none", "", NULL, 2 },
	{ "4.7 v=dmarc1", "example.com", NULL, "",
	  "example.com v=dmarc1; p=reject", "none", "", NULL, 2 },
	{ "4.7 v=DMARC2", "example.com", NULL, "",
	  "example.com v=DMARC2; p=reject", "none", "", NULL, 2 },
	{ "4.7 v=DMARC10", "example.com", NULL, "",
	  "example.com v=DMARC10; p=reject", "none", "", NULL, 2 },
	{ "4.8 no semicolon behind v", "example.com", NULL, "",
	  "example.com v=DMARC1 p=reject", "none", "", NULL, 2 },
	/* one of two is no record: the other one counts */
	{ "4.10 v=DMARC2 beside a good one", "example.com", NULL, "",
	  "example.com v=DMARC2; p=none\nexample.com v=DMARC1; p=reject",
	  "fail reject", "example.com", NULL, 1 },
};

/* 4.8: blanks, case, and what is passed over. All read p=reject. */
static const char *const readable[] = {
	"v=DMARC1;p=reject",
	"v=DMARC1;p=reject;",
	"v=DMARC1; p=reject;;;",
	"v = DMARC1 ; p = reject ;",
	"v\t=\tDMARC1\t;\tp\t=\treject\t",
	"V=DMARC1; p=reject",
	"v=DMARC1; P=Reject",
	"v=DMARC1; p=REJECT",
	"v=DMARC1; sp=none; p=reject",
	"v=DMARC1; x=y; p=reject; future=thing; another=1",
	"v=DMARC1; x=1; x=2; p=reject",
	"v=DMARC1; reject; p=reject; =; =x; y=",
	"v=DMARC1; \xc3\xa9=\xff; p=reject",
	"v=DMARC1; fo=\xff; adkim=\x01; p=reject",
	"v=DMARC1; v=DMARC1; p=reject",
	"v=DMARC1; p=reject; rua=mailto:a@b; ruf=mailto:a@b; fo=1:d:s",
};

static void test_sources(void **state)
{
	(void)state;
	BENCH_RUN(source_rows);
}

static void test_testing(void **state)
{
	(void)state;
	BENCH_RUN(testing_rows);
}

static void test_broken(void **state)
{
	(void)state;
	BENCH_RUN(broken_rows);
}

static void test_readable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++) {
		char zone[200];
		const struct dmarc_case row = {
			.what = readable[i],
			.author = "example.com",
			.zone = zone,
			.want = "fail reject",
		};

		(void)snprintf(zone, sizeof(zone), "example.com %s",
		               readable[i]);
		bench_run(&row);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_testing),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
