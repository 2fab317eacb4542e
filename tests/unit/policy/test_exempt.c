/* test_exempt.c - entries as postgrey's files and admins write them
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

#include "policy/exempt.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char clients[] = "# trusted\n"
			      "\n"
			      "192.0.2.7\r\n"
			      "198.51.100.0/24  # a provider\n"
			      "\t2001:db8::/32\n"
			      "Example.ORG\n"
			      "mail*.relay.test\n"
			      "mx?.relay.test";

static const struct {
	const char *ip, *name;
	bool want;
} who[] = {
	{ "192.0.2.7", "unknown", true },
	{ "192.0.2.8", "unknown", false },
	{ "::ffff:192.0.2.7", NULL, true },
	{ "198.51.100.200", "", true },
	{ "2001:db8::1", "unknown", true },
	{ "2001:db9::1", "unknown", false },
	{ "203.0.113.1", "example.org", true },
	{ "203.0.113.1", "a.b.EXAMPLE.org", true },
	{ "203.0.113.1", "notexample.org", false },
	{ "203.0.113.1", "example.org.evil.test", false },
	{ "203.0.113.1", "mail17.relay.test", true },
	{ "203.0.113.1", "mail.relay.test", true },
	{ "203.0.113.1", "mail.x.relay.test", true },
	{ "203.0.113.1", "xmail1.relay.test", false },
	{ "203.0.113.1", "mail1.relay.test.evil.test", false },
	{ "203.0.113.1", "mx1.relay.test", true },
	{ "203.0.113.1", "mx12.relay.test", false },
	{ "203.0.113.1", "mx.relay.test", false },
	/* what is no name fits nothing */
	{ "203.0.113.1", "[example.org", false },
	{ "203.0.113.1", NULL, false },
};

static void test_clients(void **state)
{
	struct sceau_exempt exempt;
	struct sceau_err err;

	(void)state;
	if (sceau_exempt_parse(SCEAU_EXEMPT_CLIENTS, clients, strlen(clients),
	                       "f", &exempt, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(exempt.count, 6);
	for (size_t i = 0; i < COUNT(who); i++) {
		struct sceau_ip ip;

		assert_int_equal(
			sceau_ip_parse(sceau_slice_of(who[i].ip), &ip, NULL),
			0);
		if (sceau_exempt_has_client(&exempt, &ip, who[i].name) !=
		    who[i].want)
			fail_msg("row %zu: %s", i, who[i].name);
	}
	sceau_exempt_deinit(&exempt);
	assert_int_equal(exempt.count, 0);
}

static const char recipients[] = "postmaster@\n"
				 "bob@example.org\n"
				 "@all.test\n"
				 "sub.test\n";

static const struct {
	const char *address;
	bool want;
} to_whom[] = {
	{ "postmaster@anywhere.test", true },
	{ "Postmaster@anywhere.test", true },
	{ "postmaster", true },
	{ "postmaster+x@anywhere.test", true },
	{ "postmasters@anywhere.test", false },
	{ "xpostmaster@anywhere.test", false },
	{ "bob@example.org", true },
	{ "BOB+news@Example.org", true },
	{ "bob@x.example.org", false },
	{ "rob@example.org", false },
	{ "anybody@all.test", true },
	{ "anybody@x.all.test", true },
	{ "anybody@sub.test", true },
	{ "anybody@notsub.test", false },
	{ "sub.test", false },
	{ "a@b@sub.test", true },
	{ "postmaster@x@y.test", false },
	{ "", false },
	{ "@", false },
};

static void test_recipients(void **state)
{
	struct sceau_exempt exempt;
	struct sceau_err err;

	(void)state;
	if (sceau_exempt_parse(SCEAU_EXEMPT_RECIPIENTS, recipients,
	                       strlen(recipients), "f", &exempt, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < COUNT(to_whom); i++) {
		if (sceau_exempt_has_recipient(&exempt, to_whom[i].address) !=
		    to_whom[i].want)
			fail_msg("<%s>: want %d", to_whom[i].address,
			         to_whom[i].want);
	}
	sceau_exempt_deinit(&exempt);
}

static const struct {
	enum sceau_exempt_kind kind;
	const char *text;
	const char *want;
} bad[] = {
	{ SCEAU_EXEMPT_CLIENTS, "a.test b.test", "f:1: one entry a line" },
	{ SCEAU_EXEMPT_CLIENTS, "\n192.0.2.0/33", "f:2: " },
	{ SCEAU_EXEMPT_CLIENTS, "192.0.2.7/24", "f:1: " },
	{ SCEAU_EXEMPT_CLIENTS, "192.168", "f:1: " },
	{ SCEAU_EXEMPT_CLIENTS, "a@b.test", "neither an address" },
	{ SCEAU_EXEMPT_CLIENTS, ".example.org", "neither an address" },
	{ SCEAU_EXEMPT_CLIENTS, "ex(ample.org", "neither an address" },
	{ SCEAU_EXEMPT_RECIPIENTS, "@", "is none of" },
	{ SCEAU_EXEMPT_RECIPIENTS, "bob@ex ample", "one entry a line" },
	{ SCEAU_EXEMPT_RECIPIENTS, "bob@ex/ample", "is none of" },
	{ SCEAU_EXEMPT_RECIPIENTS, "/bob/", "is none of" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct sceau_exempt exempt = { .count = 99 };
		struct sceau_err err = { .text = "" };

		if (sceau_exempt_parse(bad[i].kind, bad[i].text,
		                       strlen(bad[i].text), "f", &exempt,
		                       &err) != -1)
			fail_msg("\"%s\" was taken", bad[i].text);
		if (strstr(err.text, bad[i].want) == NULL)
			fail_msg("\"%s\": got %s", bad[i].text, err.text);
		assert_int_equal(exempt.count, 99);
	}
}

static void test_bounds(void **state)
{
	struct sceau_exempt exempt;
	struct sceau_err err;
	size_t size = SCEAU_EXEMPT_FILE_MAX + 1;
	char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	memset(text, '\n', size);
	assert_int_equal(sceau_exempt_parse(SCEAU_EXEMPT_CLIENTS, text, size,
	                                    "f", &exempt, &err),
	                 -1);
	for (size_t i = 0; i < (SCEAU_EXEMPT_ENTRIES_MAX + 1) * 4; i += 4)
		memcpy(text + i, "a.b\n", 4);
	assert_int_equal(sceau_exempt_parse(SCEAU_EXEMPT_CLIENTS, text,
	                                    size - 1, "f", &exempt, &err),
	                 -1);
	assert_string_equal(err.text, "f:10001: more than 10000 entries");
	memset(text, 'x', 1000);
	assert_int_equal(sceau_exempt_parse(SCEAU_EXEMPT_CLIENTS, text,
	                                    SCEAU_EXEMPT_NAME_MAX, "f", &exempt,
	                                    &err),
	                 0);
	sceau_exempt_deinit(&exempt);
	assert_int_equal(sceau_exempt_parse(SCEAU_EXEMPT_CLIENTS, text,
	                                    SCEAU_EXEMPT_NAME_MAX + 1, "f",
	                                    &exempt, &err),
	                 -1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clients),
		cmocka_unit_test(test_recipients),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
