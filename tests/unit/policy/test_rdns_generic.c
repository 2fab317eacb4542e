/* test_rdns_generic.c - names of pools, names of mail servers; who is suspect
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "policy/greylist_suspect.h"
#include "policy/rdns_generic.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Shapes that providers use (with addresses of RFC 5737 and 3849). */
static const struct {
	const char *ip;
	const char *name;
	bool want;
} names[] = {
	{ "198.51.100.7", "198-51-100-7.example.net", true },
	{ "198.51.100.7", "7.100.51.198.example.net", true },
	{ "198.51.100.7", "host7.100.51.198.example.net", true },
	{ "198.51.100.7", "static-198-51-100-7.isp.example", true },
	{ "198.51.100.7", "c-198-51-100-7.hsd1.ca.example.net", true },
	{ "198.51.100.7", "p198.51.100.example.net", true },
	{ "198.51.100.7", "198.051.100.007.example.net", true },
	{ "198.51.100.7", "ip-198051100007.example.net", true },
	{ "198.51.100.7", "cpe-C6336407.example.net", true },
	{ "198.51.100.7", "dynamic-9.isp.example.net", true },
	{ "198.51.100.7", "abc12.adsl.isp.example", true },
	{ "198.51.100.7", "dhcp-x-55.campus.example.org", true },
	{ "198.51.100.7", "x7.pool.isp.example", true },
	{ "2001:db8:12ab:34cd::ef01",
	  "1.0.f.e.0.0.0.0.0.0.0.0.0.0.0.0.d.c.4.3.b.a.2.1.8.b.d.0.1.0.0.2."
	  "rev.example.net",
	  true },
	{ "2001:db8:12ab:34cd::ef01", "2001-db8-12ab-34cd--ef01.v6.example.net",
	  false },
	{ "2001:db8:12ab:34cd:5678::ef01",
	  "2001-0db8-12ab-34cd-5678-0-0-ef01.v6.example.net", true },
	{ "2001:db8::25", "mail.example.org", false },
	/* chosen by somebody */
	{ "198.51.100.7", "mail.example.org", false },
	{ "198.51.100.7", "mx1.example.org", false },
	{ "198.51.100.7", "mx7.example.org.", false },
	{ "198.51.100.7", "mail-ej1-f51.google.test", false },
	{ "198.51.100.7", "a7-100.smtp-out.eu-west-1.ses.test", false },
	{ "198.51.100.7", "mta-51-100.sparkpost.test", false },
	{ "198.51.100.7", "o7.ptr4521.sendgrid.test", false },
	{ "198.51.100.7", "sonic313-51.consmr.mail.ir2.yahoo.test", false },
	/* the two last labels are somebody's name */
	{ "198.51.100.7", "mail2.dynamic.example", false },
	{ "198.51.100.7", "mx1.dsl.test", false },
	/* no number, no pool */
	{ "198.51.100.7", "mail.cable.example.org", false },
	/* parts of words are no words */
	{ "198.51.100.7", "mx2.dynamics.example.org", false },
	{ "198.51.100.7", "mail2.poolside.example.org", false },
	{ "198.51.100.7", "localhost", false },
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct sceau_ip ip;

		assert_int_equal(
			sceau_ip_parse(sceau_slice_of(names[i].ip), &ip, NULL),
			0);
		if (sceau_rdns_is_generic(names[i].name, &ip) != names[i].want)
			fail_msg("%s [%s]: want %d", names[i].name, names[i].ip,
			         names[i].want);
	}
}

static void test_long(void **state)
{
	struct sceau_ip ip = { .len = 4, .bytes = { 198, 51, 100, 7 } };
	char name[SCEAU_RDNS_NAME_MAX + 2];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_true(sceau_rdns_is_generic(name, &ip));
	assert_false(sceau_rdns_is_generic(name + 1, &ip));
	memset(name, '1', sizeof(name) - 1);
	assert_false(sceau_rdns_is_generic(name + 1, &ip));
	for (size_t i = 0; i < SCEAU_RDNS_NAME_MAX; i += 2)
		name[i] = '.';
	assert_false(sceau_rdns_is_generic(name + 1, &ip));
}

static void test_missing(void **state)
{
	(void)state;
	assert_true(sceau_rdns_is_missing(""));
	assert_true(sceau_rdns_is_missing("unknown"));
	assert_true(sceau_rdns_is_missing("[198.51.100.7]"));
	assert_false(sceau_rdns_is_missing("unknown.example.org"));
	assert_false(sceau_rdns_is_missing("mail.example.org"));
}

static const struct {
	const char *name;
	bool has_spf_pass, is_trusted;
	int score;
	const char *want;
} clients[] = {
	{ "mail.example.org", true, false, 0, "none" },
	{ "mail.example.org", false, false, 0, "spf" },
	{ "unknown", true, false, 0, "no-name" },
	{ "198-51-100-7.example.org", true, false, 0, "generic-name" },
	{ "mail.example.org", true, false, 2, "none" },
	{ "mail.example.org", true, false, 3, "dnsbl" },
	/* trust makes up for a poor appearance, not for being listed */
	{ "mail.example.org", false, true, 0, "none" },
	{ "unknown", false, true, 0, "none" },
	{ "unknown", false, true, -2, "none" },
	{ "mail.example.org", true, true, 3, "dnsbl" },
};

static void test_suspects(void **state)
{
	struct sceau_ip ip = { .len = 4, .bytes = { 198, 51, 100, 7 } };

	(void)state;
	for (size_t i = 0; i < COUNT(clients); i++) {
		struct sceau_greylist_signs signs = {
			.ip = &ip,
			.name = clients[i].name,
			.has_spf_pass = clients[i].has_spf_pass,
			.is_trusted = clients[i].is_trusted,
			.score = clients[i].score,
			.threshold = 3,
		};
		const char *got = sceau_greylist_suspicion_word(
			sceau_greylist_suspect(&signs));

		if (strcmp(got, clients[i].want) != 0)
			fail_msg("row %zu: got %s, want %s", i, got,
			         clients[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_suspects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
