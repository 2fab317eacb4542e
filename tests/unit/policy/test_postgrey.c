/* test_postgrey.c - postgrey's records and lists, as db_dump and admins write
 * them
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "policy/postgrey.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define NOW 1767225600ULL

/* Shapes of postgrey 1.37's smtpd_access_policy: triplets, and clients by
   address with how often they came back. */
static const struct {
	const char *key, *value;
	const char *want; /* our key; NULL = refused */
	bool has_passed;
	uint64_t first_s, last_s;
	uint32_t count;
} entries[] = {
	{ "192.0.2.0/alice@there.test/bob@here.test", "1767222000,1767222400",
	  "a/bob@here.test/alice@there.test/192.0.2.0/24", true, 3600, 3200,
	  1 },
	{ "192.0.2.0/alice@there.test/bob@here.test", "1767222000,1767222100",
	  "a/bob@here.test/alice@there.test/192.0.2.0/24", false, 3600, 3500,
	  1 },
	{ "192.0.2.0//bob@here.test", "1767222000,1767222000,77",
	  "a/bob@here.test//192.0.2.0/24", false, 3600, 3600, 1 },
	{ "2001:db8:1:2::/bounce-#@there.test/bob@here.test",
	  "1767222000,1767225600",
	  "a/bob@here.test/bounce-#@there.test/2001:db8:1:2::/64", true, 3600,
	  0, 1 },
	/* --lookup-by-host */
	{ "192.0.2.77/alice@there.test/bob+x@here.test",
	  "1767222000,1767222400",
	  "a/bob@here.test/alice@there.test/192.0.2.0/24", true, 3600, 3200,
	  1 },
	{ "192.0.2.0/a/b@there.test/bob@here.test", "1767222000,1767222400",
	  "a/bob@here.test/a%2Fb@there.test/192.0.2.0/24", true, 3600, 3200,
	  1 },
	/* times of the future are of now */
	{ "192.0.2.0/alice@there.test/bob@here.test", "1999999999,2000000500",
	  "a/bob@here.test/alice@there.test/192.0.2.0/24", true, 0, 0, 1 },
	{ "192.0.2.77", "6,1767222000", "c/192.0.2.0/24", false, 3600, 3600,
	  6 },
	{ "2001:db8::1", "99999999999,1767222000", "c/2001:db8::/64", false,
	  3600, 3600, UINT32_MAX },
	/* --privacy */
	{ "da39a3ee5e6b4b0d3255bfef95601890afd80709", "1767222000,1767222400",
	  NULL, false, 0, 0, 0 },
	{ "192.0.2.0/alice@there.test", "1767222000,1767222400", NULL, false, 0,
	  0, 0 },
	{ "192.0.2.0/alice@there.test/bob@here.test", "1767222000", NULL, false,
	  0, 0, 0 },
	{ "192.0.2.0/alice@there.test/bob@here.test", "x,y", NULL, false, 0, 0,
	  0 },
	{ "", "1,2", NULL, false, 0, 0, 0 },
	{ "last_maint", "1767222000", NULL, false, 0, 0, 0 },
};

static void test_entries(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(entries); i++) {
		struct sceau_postgrey_entry got = { .key = "untouched" };
		const char *want = entries[i].want;
		struct sceau_err err;
		int ret = sceau_postgrey_entry_make(
			entries[i].key, entries[i].value, 300, NOW, &got, &err);

		if (ret != (want == NULL ? -1 : 0))
			fail_msg("%s: %d", entries[i].key, ret);
		if (strcmp(got.key, want == NULL ? "untouched" : want) != 0)
			fail_msg("%s: got %s", entries[i].key, got.key);
		if (want == NULL)
			continue;
		assert_int_equal(got.record.kind, want[0]);
		assert_int_equal(got.record.has_passed, entries[i].has_passed);
		assert_int_equal(got.record.first_s, entries[i].first_s);
		assert_int_equal(got.record.last_s, entries[i].last_s);
		assert_int_equal(got.record.count, entries[i].count);
	}
}

static const struct {
	const char *line;
	const char *want; /* NULL = refused */
} escapes[] = {
	{ "192.0.2.0/a@b/c@d", "192.0.2.0/a@b/c@d" },
	{ "a\\c3\\A4b", "a\xc3\xa4"
	                "b" },
	{ "a\\\\b", "a\\b" },
	{ "ab\\00", "ab" },
	{ "a\\00b", NULL },
	{ "a\\4", NULL },
	{ "a\\zz", NULL },
	{ "a\\", NULL },
	{ "123456789", NULL },
	{ "", "" },
};

static void test_unescape(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(escapes); i++) {
		char out[32] = "";
		size_t size = i == COUNT(escapes) - 2 ? 9 : sizeof(out);
		int ret = sceau_postgrey_unescape(
			sceau_slice_of(escapes[i].line), out, size, NULL);

		if (escapes[i].want == NULL) {
			assert_int_equal(ret, -1);
			continue;
		}
		assert_string_equal(out, escapes[i].want);
		assert_int_equal(ret, strlen(out));
	}
}

/* Lines of the file that Debian's postgrey ships, and what must not become an
   exemption of all the world. */
static const struct {
	const char *line;
	const char *want;
} clients[] = {
	{ "", "" },
	{ "# 2004-05-20: Linux kernel mailing-list", "" },
	{ "  vger.kernel.org  # unique", "vger.kernel.org" },
	{ "12.5.136.141", "12.5.136.141" },
	{ "152.163.225", "152.163.225.0/24" },
	{ "10.1", "10.1.0.0/16" },
	{ "192.0.2.0/24", "192.0.2.0/24" },
	{ "2a00:1450:4000::/36", "2a00:1450:4000::/36" },
	{ "/^mail\\d+\\.telekom\\.de$/", "mail*.telekom.de" },
	{ "/^s[cv]\\d+pub\\.verizon\\.net$/", "s?*pub.verizon.net" },
	{ "/^p?smtp.*\\.wxs\\.nl$/", "*smtp*.wxs.nl" },
	{ "/^mta[12].siol.net$/", "mta??siol?net" },
	{ "/^.*?.server.arvato-systems.de$/", "*?server?arvato-systems?de" },
	{ "/^(?:mail|fallback-mx)\\d+.atl.registeredsite.com$/",
	  "*?atl?registeredsite?com" },
	{ "/^(?:smtp\\w*|postfix)[0-9]+-g[0-9]+\\.free\\.fr$/",
	  "*-g*.free.fr" },
	{ "/\\.example\\.org$/", "*.example.org" },
	{ "/^mail\\./", "mail.*" },
	{ "/^a{2,3}\\.example\\.org$/", "*.example.org" },
	{ "/^mail1\\.a\\.test|mail2\\.b\\.test$/", NULL },
	{ "/^(a|b)$/", NULL },
	{ "/.*/", NULL },
	{ "/^.+\\..+$/", NULL },
	{ "//", NULL },
	{ "/^a[b/", NULL },
	{ "/^(a/", NULL },
	{ "/^\\bmail/", NULL },
	{ "/^a{2/", NULL },
	{ "/a\\$/", NULL }, /* "$" can be no part of a name */
	{ "two words", NULL },
	{ "1.2.3.4.5", NULL },
	{ "300.1", NULL },
	{ "192.0.2.7/24", NULL },
};

static const struct {
	const char *line;
	const char *want;
} recipients[] = {
	{ "postmaster@", "postmaster@" },
	{ "bob@example.org", "bob@example.org" },
	{ "example.org", "example.org" },
	{ "/^bob.*@example\\.org$/", NULL },
	{ "@", NULL },
};

static void check(enum sceau_exempt_kind kind, const char *line,
                  const char *want)
{
	char got[SCEAU_EXEMPT_NAME_MAX + 1] = "untouched";
	struct sceau_err err;
	int ret = sceau_postgrey_exempt_line(kind, sceau_slice_of(line), got,
	                                     &err);

	if (ret != (want == NULL ? -1 : 0) ||
	    strcmp(got, want == NULL ? "untouched" : want) != 0)
		fail_msg("\"%s\": got %d \"%s\"", line, ret, got);
}

static void test_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(clients); i++) {
		check(SCEAU_EXEMPT_CLIENTS, clients[i].line, clients[i].want);
	}
	for (size_t i = 0; i < COUNT(recipients); i++)
		check(SCEAU_EXEMPT_RECIPIENTS, recipients[i].line,
		      recipients[i].want);
}

static void test_long(void **state)
{
	char line[2000];

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	check(SCEAU_EXEMPT_CLIENTS, line, NULL);
	line[0] = '/';
	line[sizeof(line) - 2] = '/';
	check(SCEAU_EXEMPT_CLIENTS, line, NULL);
	memset(line + 1, '(', sizeof(line) - 3);
	check(SCEAU_EXEMPT_CLIENTS, line, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_unescape),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
