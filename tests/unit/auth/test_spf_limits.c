/* test_spf_limits.c - what an SPF record may cost
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

static const struct row limits[] = {
	{ "4.6.4: ten terms",
	  "far.example TXT v=spf1 a a a a a a a a a a ~all\n"
	  "far.example A 192.0.2.2",
	  NULL, SCEAU_SPF_SOFTFAIL, "~all", NULL, NULL, 11 },
	{ "4.6.4: eleven",
	  "far.example TXT v=spf1 a a a a a a a a a a a ~all\n"
	  "far.example A 192.0.2.2",
	  NULL, SCEAU_SPF_PERMERROR, "a", NULL, NULL, 11 },
	{ "4.6.4: the eleventh is not reached",
	  "far.example TXT v=spf1 a a a a a a a a a a ip4:192.0.2.1 a -all\n"
	  "far.example A 192.0.2.2",
	  NULL, SCEAU_SPF_PASS, "ip4:192.0.2.1", NULL, NULL, 11 },
	{ "4.6.4: what asks nothing counts nothing",
	  "far.example TXT v=spf1 ip4:10.0.0.1 ip4:10.0.0.2 ip4:10.0.0.3 "
	  "ip4:10.0.0.4 ip4:10.0.0.5 ip4:10.0.0.6 ip4:10.0.0.7 ip4:10.0.0.8 "
	  "ip4:10.0.0.9 ip6:2001:db8::1 ip6:2001:db8::2 x=y "
	  "exp=e.example -all",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 2 },
	{ "4.6.4: shared by includes side by side",
	  "far.example TXT v=spf1 include:b.example include:b.example "
	  "include:b.example -all\n"
	  "b.example TXT v=spf1 a a a -all\nb.example A 192.0.2.2",
	  NULL, SCEAU_SPF_PERMERROR, "a", "b.example", NULL, 11 },
	{ "4.6.4: shared by includes in one another",
	  "far.example TXT v=spf1 include:b.example include:b.example -all\n"
	  "b.example TXT v=spf1 include:c.example include:c.example -all\n"
	  "c.example TXT v=spf1 include:d.example include:d.example -all\n"
	  "d.example TXT v=spf1 include:e.example include:e.example -all\n"
	  "e.example TXT v=spf1 -all",
	  NULL, SCEAU_SPF_PERMERROR, NULL, NULL, NULL, 11 },
	{ "4.6.4: a record that includes itself",
	  "far.example TXT v=spf1 include:far.example -all", NULL,
	  SCEAU_SPF_PERMERROR, "include:far.example", "far.example", NULL, 11 },
	{ "4.6.4: two voids",
	  "far.example TXT v=spf1 a:x.example mx:y.example "
	  "~all",
	  NULL, SCEAU_SPF_SOFTFAIL, "~all", NULL, NULL, 3 },
	{ "4.6.4: three",
	  "far.example TXT v=spf1 a:x.example mx:y.example "
	  "exists:z.example ~all",
	  NULL, SCEAU_SPF_PERMERROR, "exists:z.example", NULL, NULL, 4 },
	{ "4.6.4: no data is as void as no name",
	  "far.example TXT v=spf1 a a:x.example a ~all\nx.example NONE", NULL,
	  SCEAU_SPF_PERMERROR, "a", NULL, NULL, 4 },
	{ "4.6.4: voids are shared by includes",
	  "far.example TXT v=spf1 a:x.example include:b.example ~all\n"
	  "b.example TXT v=spf1 a:x.example a:x.example ?all",
	  NULL, SCEAU_SPF_PERMERROR, "a:x.example", "b.example", NULL, 5 },
	{ "what is no name is no void",
	  "far.example TXT v=spf1 a:x..example a:x..example a:x..example ~all",
	  NULL, SCEAU_SPF_SOFTFAIL, "~all", NULL, NULL, 1 },
	{ "more questions than any honest record asks",
	  "far.example TXT v=spf1 mx mx mx mx mx mx -all\n"
	  "far.example MX 1 a.example\nfar.example MX 2 b.example\n"
	  "far.example MX 3 c.example\nfar.example MX 4 d.example\n"
	  "far.example MX 5 e.example",
	  NULL, SCEAU_SPF_PERMERROR, "mx", NULL, NULL, 30 },
	{ "an explanation beyond them is left out",
	  "far.example TXT v=spf1 mx mx mx mx a -all exp=e.example\n"
	  "far.example MX 1 a.example\nfar.example MX 2 b.example\n"
	  "far.example MX 3 c.example\nfar.example MX 4 d.example\n"
	  "far.example MX 5 e.example\nfar.example MX 6 f.example\n"
	  "far.example A 192.0.2.2\ne.example TXT no",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 30 },
	{ "4.5: two records",
	  "far.example TXT v=spf1 -all\n"
	  "far.example TXT hello\n"
	  "far.example TXT V=SPF1 +all",
	  NULL, SCEAU_SPF_PERMERROR, "", "far.example", NULL, 1 },
};

static void test_limits(void **state)
{
	(void)state;
	CHECK(limits);
}

/* RFC 7208 4.6.4 as a hostile zone meets it: each record includes the next
   ten times over; 11111 questions for an evaluator that forgets to count. */
static void test_fan_out(void **state)
{
	char zone[4096] = "";
	size_t used = 0;

	(void)state;
	for (unsigned level = 0; level < 4; level++) {
		used += (size_t)snprintf(zone + used, sizeof(zone) - used,
		                         "%s TXT v=spf1",
		                         level == 0   ? "far.example"
		                         : level == 1 ? "l1.example"
		                         : level == 2 ? "l2.example"
		                                      : "l3.example");
		for (unsigned i = 0; i < 10; i++)
			used += (size_t)snprintf(
				zone + used, sizeof(zone) - used,
				" include:l%u.example", level + 1);
		used += (size_t)snprintf(zone + used, sizeof(zone) - used,
		                         " -all\n");
	}
	snprintf(zone + used, sizeof(zone) - used,
	         "l4.example TXT v=spf1 -all\n");
	check_row(&(struct row){ "fan-out", zone, NULL, SCEAU_SPF_PERMERROR,
	                         NULL, NULL, NULL, 11 });
}

/* Records of any legal size: 500 networks, and a record of 60000 bytes that
   only its last term decides. */
static void test_large_records(void **state)
{
	static const size_t counts[] = { 63, 64, 500, 3000 };
	char *zone = malloc(70000);

	(void)state;
	assert_non_null(zone);
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		size_t used = (size_t)snprintf(zone, 70000,
		                               "far.example TXT v=spf1");

		for (unsigned i = 0; i < counts[c]; i++)
			used += (size_t)snprintf(zone + used, 70000 - used,
			                         " ip4:10.%u.%u.0/24", i / 256,
			                         i % 256);
		snprintf(zone + used, 70000 - used, " ip4:192.0.2.0/24 -all");
		check_row(&(struct row){ "last network", zone, NULL,
		                         SCEAU_SPF_PASS, "ip4:192.0.2.0/24",
		                         NULL, NULL, 1 });
		check_row(&(struct row){ "behind it", zone, "198.51.100.1",
		                         SCEAU_SPF_FAIL, "-all", NULL, NULL,
		                         1 });
	}
	free(zone);
}

/* 60 TXT records at one name, the one of SPF among them; 129 are more than
   anybody looks through. */
static void test_many_records(void **state)
{
	char *zone = malloc(70000);

	(void)state;
	assert_non_null(zone);
	for (unsigned count = 60; count <= 129; count += 69) {
		size_t used = 0;

		for (unsigned i = 0; i < count; i++)
			used += (size_t)snprintf(
				zone + used, 70000 - used,
				"far.example TXT %s%u\n",
				i == 40 ? "v=spf1 -all x=" : "verify=", i);
		check_row(&(struct row){ "many records", zone, NULL,
		                         count == 60 ? SCEAU_SPF_FAIL
		                                     : SCEAU_SPF_PERMERROR,
		                         NULL, NULL, NULL, 1 });
	}
	free(zone);
}

/* Addresses have no limit (4.6.4), but what was not seen is not known. */
static void test_many_addresses(void **state)
{
	char *zone = malloc(70000);

	(void)state;
	assert_non_null(zone);
	for (unsigned count = 128; count <= 129; count++) {
		size_t used = (size_t)snprintf(zone, 70000,
		                               "far.example TXT v=spf1 a "
		                               "-all\n");

		for (unsigned i = 0; i < count; i++)
			used += (size_t)snprintf(
				zone + used, 70000 - used,
				"far.example A 198.51.100.%u\n", i);
		check_row(&(struct row){ "not among them", zone, "192.0.2.1",
		                         count == 128 ? SCEAU_SPF_FAIL
		                                      : SCEAU_SPF_PERMERROR,
		                         NULL, NULL, NULL, 2 });
		check_row(&(struct row){ "among them", zone, "198.51.100.127",
		                         SCEAU_SPF_PASS, "a", NULL, NULL, 2 });
	}
	free(zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_fan_out),
		cmocka_unit_test(test_large_records),
		cmocka_unit_test(test_many_records),
		cmocka_unit_test(test_many_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
