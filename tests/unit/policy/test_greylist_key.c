/* test_greylist_key.c - which senders are one, and which must not be
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "policy/greylist_key.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *address;
	const char *want;
} senders[] = {
	{ "", "" },
	{ "bob@example.org", "bob@example.org" },
	{ "Bob@Example.ORG.", "bob@example.org" },
	{ "bob", "bob" },
	{ "bob+news@example.org", "bob@example.org" },
	{ "+bob@example.org", "+bob@example.org" },
	/* as postgrey: numbers between marks; ours in words, too */
	{ "bounce-1234-99@example.org", "bounce-#@example.org" },
	{ "bounce-1235-7@example.org", "bounce-#@example.org" },
	{ "bob1@example.org", "bob#@example.org" },
	{ "bob27@example.org", "bob#@example.org" },
	{ "20260102.3@example.org", "#@example.org" },
	/* VERP of mailman, ezmlm and mlmmj */
	{ "list-bounces+bob=example.org@lists.example.net",
	  "list-bounces@lists.example.net" },
	{ "list-return-42-bob=example.org@lists.example.net",
	  "list-return-#-bob=example.org@lists.example.net" },
	{ "list+bounces-17-bob=example.org@lists.example.net",
	  "list@lists.example.net" },
	/* large senders: a message's own number in each */
	{ "0100018c2f3a1b2c-4f3ad0a2-7b1e-4c2d-9e0f-0a1b2c3d4e5f-000000@ses."
	  "test",
	  "#@ses.test" },
	{ "0100018d99887766-abcdefab-cdef-abcd-efab-cdefabcdefab-000000@ses."
	  "test",
	  "#@ses.test" },
	{ "bounces-deadbeef01-x@example.org", "bounces-#-x@example.org" },
	{ "msg.a1b2c3d4@example.org", "msg.#@example.org" },
	{ "msg.zz9y8x7w@example.org", "msg.#@example.org" },
	/* words stay words, also hexadecimal ones */
	{ "deadbeef@example.org", "deadbeef@example.org" },
	{ "facade-cafe@example.org", "facade-cafe@example.org" },
	/* BATV and its kin, the two orders */
	{ "prvs=0123456789=bob@example.org", "bob@example.org" },
	{ "prvs=1abcdef012=bob@example.org", "bob@example.org" },
	{ "prvs=bob=1abcdef012@example.org", "bob@example.org" },
	{ "prvs=bob@example.org", "prvs=bob@example.org" },
	{ "prvs=0123456789=@example.org", "prvs=#=@example.org" },
	{ "msprvs1=17abcXYZ=bounces-12-3@example.org",
	  "bounces-#@example.org" },
	{ "btv1==12345abcdef==bob@example.org", "bob@example.org" },
	{ "btv1==12345@example.org", "btv#@example.org" },
	/* SRS: the address behind it, without its hash and day */
	{ "SRS0=Hq3y=XY=example.net=alice@relay.test",
	  "srs#=example.net=alice@relay.test" },
	{ "SRS0=aBcD=ZZ=example.net=alice@relay.test",
	  "srs#=example.net=alice@relay.test" },
	{ "SRS0+Hq3y=XY=example.net=alice@relay.test",
	  "srs#=example.net=alice@relay.test" },
	{ "SRS0-Hq3y=XY=example.net=carol@relay.test",
	  "srs#=example.net=carol@relay.test" },
	{ "SRS1=qqqq=first.test==Hq3y=XY=example.net=alice@second.test",
	  "srs#=example.net=alice@second.test" },
	{ "SRS0=Hq3y=example.net@relay.test",
	  "srs#=hq#y=example.net@relay.test" },
	{ "prvs=0123456789=SRS0=Hq3y=XY=example.net=alice@relay.test",
	  "srs#=example.net=alice@relay.test" },
	/* what would break a key */
	{ "a/b%c d@example.org", "a%2Fb%25c%20d@example.org" },
	{ "a@b@example.org", "a@b@example.org" },
	{ "j\xc3\xb6rg@example.org", "j%C3%B6rg@example.org" },
	{ "a\t\x7f@example.org", "a%09%7F@example.org" },
};

static void test_senders(void **state)
{
	char got[SCEAU_GREYLIST_PART_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(senders); i++) {
		sceau_greylist_sender(senders[i].address, got);
		if (strcmp(got, senders[i].want) != 0)
			fail_msg("<%s>: got %s, want %s", senders[i].address,
			         got, senders[i].want);
	}
}

/* Recipients are ours: their digits are names. */
static void test_recipients(void **state)
{
	char got[SCEAU_GREYLIST_PART_SIZE];

	(void)state;
	sceau_greylist_recipient("Bob7+News@Example.ORG", got);
	assert_string_equal(got, "bob7@example.org");
	sceau_greylist_recipient("postmaster", got);
	assert_string_equal(got, "postmaster");
}

static const struct {
	const char *ip;
	const char *spf;
	const char *want;
} origins[] = {
	{ "192.0.2.77", "", "192.0.2.0/24" },
	{ "192.0.2.77", NULL, "192.0.2.0/24" },
	{ "::ffff:192.0.2.77", "", "192.0.2.0/24" },
	{ "2001:db8:1:2:3::4", "", "2001:db8:1:2::/64" },
	{ "192.0.2.77", "Example.ORG.", "example.org" },
	/* no domain passes for a network */
	{ "192.0.2.77", "10.0.0.0/24", "10.0.0.0%2F24" },
};

static void test_origins(void **state)
{
	char got[SCEAU_GREYLIST_PART_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(origins); i++) {
		struct sceau_ip ip;

		assert_int_equal(sceau_ip_parse(sceau_slice_of(origins[i].ip),
		                                &ip, NULL),
		                 0);
		sceau_greylist_origin(&ip, origins[i].spf, got);
		if (strcmp(got, origins[i].want) != 0)
			fail_msg("%s: got %s", origins[i].want, got);
	}
}

/* Whatever is long is cut, and what tells owners apart stays. */
static void test_long(void **state)
{
	char address[1200], got[SCEAU_GREYLIST_PART_SIZE];
	char key[SCEAU_GREYLIST_KEY_SIZE];
	struct sceau_greylist_parts parts;
	struct sceau_ip ip = { .len = 4 };

	(void)state;
	memset(address, 'x', sizeof(address));
	address[600] = '@';
	memcpy(address + 1150, ".example.org", sizeof(".example.org"));
	sceau_greylist_sender(address, got);
	assert_int_equal(strlen(got), SCEAU_GREYLIST_PART_MAX);
	assert_non_null(strchr(got, '@'));
	assert_string_equal(got + strlen(got) - 12, ".example.org");
	sceau_greylist_attempt_key(got, got, got, key);
	assert_int_equal(strlen(key), SCEAU_GREYLIST_KEY_SIZE - 1);
	assert_int_equal(sceau_greylist_key_parse(key, &parts, NULL), 0);
	assert_int_equal(parts.origin.len, SCEAU_GREYLIST_PART_MAX);

	/* a cut falls before an escape, not into it */
	memset(address, '%', 400);
	memcpy(address + 400, "@example.org", sizeof("@example.org"));
	sceau_greylist_sender(address, got);
	assert_string_equal(got + strlen(got) - 14, "25@example.org");
	assert_true(strlen(got) <= SCEAU_GREYLIST_PART_MAX);

	/* 300 octets of a domain: its end counts */
	memset(address, 'y', 300);
	memcpy(address + 300, ".example.org", sizeof(".example.org"));
	sceau_greylist_origin(&ip, address, got);
	assert_int_equal(strlen(got), SCEAU_GREYLIST_PART_MAX);
	assert_string_equal(got + strlen(got) - 12, ".example.org");
	memset(address, '%', 300);
	sceau_greylist_origin(&ip, address, got);
	assert_true(strlen(got) <= SCEAU_GREYLIST_PART_MAX);
}

static bool is(struct sceau_slice slice, const char *text)
{
	return sceau_slice_is(slice, text);
}

static void test_keys(void **state)
{
	struct sceau_greylist_parts parts;
	char key[SCEAU_GREYLIST_KEY_SIZE];

	(void)state;
	sceau_greylist_attempt_key("bob@here.test", "a%2Fb@there.test",
	                           "192.0.2.0/24", key);
	assert_string_equal(key,
	                    "a/bob@here.test/a%2Fb@there.test/192.0.2.0/24");
	assert_int_equal(sceau_greylist_key_parse(key, &parts, NULL), 0);
	assert_int_equal(parts.kind, SCEAU_GREYLIST_ATTEMPT);
	assert_true(is(parts.recipient, "bob@here.test"));
	assert_true(is(parts.sender, "a%2Fb@there.test"));
	assert_true(is(parts.origin, "192.0.2.0/24"));

	sceau_greylist_attempt_key("bob@here.test", "", "there.test", key);
	assert_int_equal(sceau_greylist_key_parse(key, &parts, NULL), 0);
	assert_true(is(parts.sender, ""));
	assert_true(is(parts.origin, "there.test"));

	sceau_greylist_client_key("2001:db8::/64", key);
	assert_string_equal(key, "c/2001:db8::/64");
	assert_int_equal(sceau_greylist_key_parse(key, &parts, NULL), 0);
	assert_true(is(parts.origin, "2001:db8::/64"));
	assert_true(is(parts.recipient, ""));

	sceau_greylist_learned_key("bob@here.test", "alice@there.test", key);
	assert_string_equal(key, "l/bob@here.test/alice@there.test");
	assert_int_equal(sceau_greylist_key_parse(key, &parts, NULL), 0);
	assert_int_equal(parts.kind, SCEAU_GREYLIST_LEARNED);
	assert_true(is(parts.sender, "alice@there.test"));
}

static void test_no_keys(void **state)
{
	static const char *const texts[] = {
		"",      "a",        "a/",         "a/b",        "a/b/c",
		"x/b/c", "l/a/b/c",  "l/a",        "c",          "cx",
		"c/a b", "c/a\x01b", "c/\xc3\xa9", "meta/clock",
	};
	char text[SCEAU_GREYLIST_KEY_SIZE + 1] = "c/";

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct sceau_greylist_parts parts = { .kind = 'z' };

		if (sceau_greylist_key_parse(texts[i], &parts, NULL) != -1)
			fail_msg("\"%s\" was taken", texts[i]);
		assert_int_equal(parts.kind, 'z');
	}
	struct sceau_greylist_parts parts;
	memset(text + 2, 'x', sizeof(text) - 3);
	assert_int_equal(sceau_greylist_key_parse(text, &parts, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_senders),
		cmocka_unit_test(test_recipients),
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_no_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
