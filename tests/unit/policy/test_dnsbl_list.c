/* test_dnsbl_list.c - what an admin can write of a list, and what codes mean
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/ip.h"
#include "policy/dnsbl_list.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define SECRET "abcdef0123456789"

static const struct sceau_dnsbl_keys keys = {
	.entry = { { "spamhaus", SECRET }, { "abusix", "two.labels" } },
	.count = 2,
};

static const struct {
	const char *text;
	const char *name, *zone;
	int weight;
} good[] = {
	{ "zen.spamhaus.org", "zen.spamhaus.org", "zen.spamhaus.org", 1 },
	{ "zen.spamhaus.org=127.0.0.[2..11]*3", "zen.spamhaus.org",
	  "zen.spamhaus.org", 3 },
	{ "zen.spamhaus.org*2", "zen.spamhaus.org", "zen.spamhaus.org", 2 },
	{ "BL.Example.ORG.=127.0.0.2", "BL.Example.ORG", "bl.example.org", 1 },
	{ "dnswl:list.dnswl.org=127.0.[2..9].[1..3]*-2", "dnswl",
	  "list.dnswl.org", -2 },
	{ "list.dnswl.org=127.0.5.1*-1000", "list.dnswl.org", "list.dnswl.org",
	  -1000 },
	{ "{spamhaus}.zen.dq.spamhaus.net=127.0.0.[2..11]",
	  "{spamhaus}.zen.dq.spamhaus.net", SECRET ".zen.dq.spamhaus.net", 1 },
	{ "zen:{spamhaus}.zen.dq.spamhaus.net=127.0.0.[2..11]", "zen",
	  SECRET ".zen.dq.spamhaus.net", 1 },
	{ "x.{abusix}.mail.example=127.0.0.2", "x.{abusix}.mail.example",
	  "x.two.labels.mail.example", 1 },
};

static void test_good(void **state)
{
	struct sceau_dnsbl_lists lists = { .count = 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct sceau_dnsbl_list *list = &lists.list[i];
		struct sceau_err err;

		if (sceau_dnsbl_lists_add(&lists, SCEAU_DNSBL_SENDER,
		                          good[i].text, &keys, &err) < 0)
			fail_msg("%s: %s", good[i].text, err.text);
		assert_int_equal(lists.count, i + 1);
		assert_int_equal(list->subject, SCEAU_DNSBL_SENDER);
		assert_string_equal(list->name, good[i].name);
		assert_string_equal(list->zone, good[i].zone);
		assert_int_equal(list->weight, good[i].weight);
	}
}

static const struct {
	const char *text;
	const char *want; /* part of the reason */
} bad[] = {
	{ "", "not the name of a DNS zone" },
	{ "org", "not the name of a DNS zone" },
	{ ".example.org", "not the name of a DNS zone" },
	{ "..", "not the name of a DNS zone" },
	{ "a..b", "not the name of a DNS zone" },
	{ "bl example.org", "not the name of a DNS zone" },
	{ "b/l.example.org", "not the name of a DNS zone" },
	{ "=127.0.0.2", "not the name of a DNS zone" },
	{ "bl.example.org=", "the filter \"\"" },
	{ "bl.example.org=127.0.0", "the filter \"127.0.0\"" },
	{ "bl.example.org=127.0.0.2.3", "is not four numbers" },
	{ "bl.example.org=127.0.0.256", "is not four numbers" },
	{ "bl.example.org=127.0.0.0002", "is not four numbers" },
	{ "bl.example.org=127.0.0.[2..1]", "is not four numbers" },
	{ "bl.example.org=127.0.0.[2", "is not four numbers" },
	{ "bl.example.org=127.0.0.[]", "is not four numbers" },
	{ "bl.example.org=127.0.0.[2;]", "is not four numbers" },
	{ "bl.example.org=127.0.0.[2,3]", "is not four numbers" },
	{ "bl.example.org=10.0.0.1", "the first one 127" },
	{ "bl.example.org=[126..127].0.0.1", "the first one 127" },
	{ "bl.example.org=91.195.240.117", "the first one 127" },
	{ "bl.example.org=127.0.0.2*", "the weight" },
	{ "bl.example.org=127.0.0.2*0", "the weight" },
	{ "bl.example.org=127.0.0.2*-0", "the weight" },
	{ "bl.example.org=127.0.0.2*1001", "the weight" },
	{ "bl.example.org=127.0.0.2*--1", "the weight" },
	{ "bl.example.org=127.0.0.2*1*2", "the weight" },
	{ "list.dnswl.org*-2", "needs =FILTER" },
	{ "a b:bl.example.org", "the name before ':'" },
	{ ":bl.example.org", "the name before ':'" },
	{ "{nobody}.example.org", "there is no key \"nobody\"" },
	{ "{spamhaus.example.org", "without its '}'" },
	{ "spamhaus}.example.org", "not the name of a DNS zone" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct sceau_dnsbl_lists lists = { .count = 0 };
		struct sceau_err err = { .text = "" };

		if (sceau_dnsbl_lists_add(&lists, SCEAU_DNSBL_CLIENT,
		                          bad[i].text, &keys, &err) != -1)
			fail_msg("%s: was taken", bad[i].text);
		if (strstr(err.text, bad[i].want) == NULL)
			fail_msg("%s: got %s", bad[i].text, err.text);
		assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
		assert_int_equal(lists.count, 0);
		assert_null(strstr(err.text, SECRET));
	}
}

static void test_bounds(void **state)
{
	struct sceau_dnsbl_lists lists = { .count = 0 };
	char text[400], label[64];
	struct sceau_err err;

	(void)state;
	for (int i = 0; i < SCEAU_DNSBL_LISTS_MAX; i++)
		assert_int_equal(sceau_dnsbl_lists_add(&lists,
		                                       SCEAU_DNSBL_CLIENT,
		                                       "a.b", NULL, &err),
		                 0);
	assert_int_equal(sceau_dnsbl_lists_add(&lists, SCEAU_DNSBL_CLIENT,
	                                       "a.b", NULL, &err),
	                 -1);
	assert_non_null(strstr(err.text, "more than 32 lists"));

	memset(label, 'x', 63);
	label[63] = '\0';
	lists.count = 0;
	/* 189 octets leave room for the 64 of an IPv6 address */
	snprintf(text, sizeof(text), "%.63s.%.63s.%.61s", label, label, label);
	assert_int_equal(sceau_dnsbl_lists_add(&lists, SCEAU_DNSBL_CLIENT, text,
	                                       NULL, &err),
	                 0);
	snprintf(text, sizeof(text), "%.63s.%.63s.%.62s", label, label, label);
	assert_int_equal(sceau_dnsbl_lists_add(&lists, SCEAU_DNSBL_CLIENT, text,
	                                       NULL, &err),
	                 -1);
	assert_non_null(strstr(err.text, "longer than 189 bytes"));
	snprintf(text, sizeof(text), "n:{spamhaus}.%.63s.%.63s.%.50s", label,
	         label, label);
	assert_int_equal(sceau_dnsbl_lists_add(&lists, SCEAU_DNSBL_CLIENT, text,
	                                       &keys, &err),
	                 -1);
}

/* The filter, the weight and what an address means. Codes: Spamhaus' and
   URIBL's documentation; RFC 5782 2.1 and 5; dnswl.org. */
static const struct {
	const char *list;
	const char *address;
	enum sceau_dnsbl_code want;
} codes[] = {
#define ZEN "zen.spamhaus.org=127.0.0.[2..11]"
#define ALL "zen.spamhaus.org=127.[0..255].[0..255].[0..255]"
#define WL "list.dnswl.org=127.0.[2..15].[0..3]*-1"
	{ ZEN, "127.0.0.2", SCEAU_DNSBL_CODE_LISTED },
	{ ZEN, "127.0.0.3", SCEAU_DNSBL_CODE_LISTED },
	{ ZEN, "127.0.0.4", SCEAU_DNSBL_CODE_LISTED },
	{ ZEN, "127.0.0.9", SCEAU_DNSBL_CODE_LISTED },
	{ ZEN, "127.0.0.10", SCEAU_DNSBL_CODE_LISTED },
	{ ZEN, "127.0.0.11", SCEAU_DNSBL_CODE_LISTED },
	{ ZEN, "127.0.0.12", SCEAU_DNSBL_CODE_OTHER },
	{ ZEN, "127.0.1.2", SCEAU_DNSBL_CODE_OTHER },
	{ ZEN, "127.0.0.1", SCEAU_DNSBL_CODE_REFUSED },
	{ ZEN, "127.255.255.252", SCEAU_DNSBL_CODE_REFUSED },
	{ ZEN, "127.255.255.254", SCEAU_DNSBL_CODE_REFUSED },
	{ ZEN, "127.255.255.255", SCEAU_DNSBL_CODE_REFUSED },
	{ ZEN, "127.255.255.0", SCEAU_DNSBL_CODE_REFUSED },
	{ ZEN, "127.255.254.2", SCEAU_DNSBL_CODE_OTHER },
	{ ZEN, "91.195.240.117", SCEAU_DNSBL_CODE_ODD },
	{ ZEN, "126.255.255.255", SCEAU_DNSBL_CODE_ODD },
	{ ZEN, "128.0.0.2", SCEAU_DNSBL_CODE_ODD },
	/* no filter makes errors hits */
	{ ALL, "127.255.255.254", SCEAU_DNSBL_CODE_REFUSED },
	{ ALL, "127.0.0.1", SCEAU_DNSBL_CODE_REFUSED },
	{ ALL, "127.9.9.9", SCEAU_DNSBL_CODE_LISTED },
	/* without one: the usual answers */
	{ "bl.example.org", "127.0.0.2", SCEAU_DNSBL_CODE_LISTED },
	{ "bl.example.org", "127.0.0.254", SCEAU_DNSBL_CODE_LISTED },
	{ "bl.example.org", "127.0.0.255", SCEAU_DNSBL_CODE_OTHER },
	{ "bl.example.org", "127.0.1.2", SCEAU_DNSBL_CODE_OTHER },
	{ "bl.example.org", "127.0.10.3", SCEAU_DNSBL_CODE_OTHER },
	{ "bl.example.org", "127.0.0.1", SCEAU_DNSBL_CODE_REFUSED },
	{ "bl.example.org", "127.0.0.0", SCEAU_DNSBL_CODE_OTHER },
	/* dnswl.org over quota: no trust comes of it */
	{ WL, "127.0.5.2", SCEAU_DNSBL_CODE_LISTED },
	{ WL, "127.0.15.0", SCEAU_DNSBL_CODE_LISTED },
	{ WL, "127.0.10.3", SCEAU_DNSBL_CODE_REFUSED },
	{ WL, "127.0.10.0", SCEAU_DNSBL_CODE_REFUSED },
	{ WL, "127.0.0.255", SCEAU_DNSBL_CODE_REFUSED },
	{ WL, "127.0.1.1", SCEAU_DNSBL_CODE_OTHER },
	/* postscreen's syntax */
	{ "x.org=127.0.0.[2;5..7;9]", "127.0.0.2", SCEAU_DNSBL_CODE_LISTED },
	{ "x.org=127.0.0.[2;5..7;9]", "127.0.0.4", SCEAU_DNSBL_CODE_OTHER },
	{ "x.org=127.0.0.[2;5..7;9]", "127.0.0.6", SCEAU_DNSBL_CODE_LISTED },
	{ "x.org=127.0.0.[2;5..7;9]", "127.0.0.9", SCEAU_DNSBL_CODE_LISTED },
	{ "x.org=127.0.0.[2;5..7;9]", "127.0.0.10", SCEAU_DNSBL_CODE_OTHER },
	{ "x.org=127.0.0.[2;5..7;9]", "127.0.1.9", SCEAU_DNSBL_CODE_OTHER },
};

static void test_codes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		struct sceau_dnsbl_lists lists = { .count = 0 };
		struct sceau_ip ip;
		enum sceau_dnsbl_code got;

		assert_int_equal(
			sceau_dnsbl_lists_add(&lists, SCEAU_DNSBL_CLIENT,
		                              codes[i].list, NULL, NULL),
			0);
		assert_int_equal(
			sceau_ip_parse(sceau_slice_of(codes[i].address), &ip,
		                       NULL),
			0);
		got = sceau_dnsbl_list_code(&lists.list[0], ip.bytes);
		if (got != codes[i].want)
			fail_msg("%s, %s: got %d, want %d", codes[i].list,
			         codes[i].address, got, codes[i].want);
	}
}

static int parse_keys(const char *text, struct sceau_dnsbl_keys *out,
                      struct sceau_err *err)
{
	return sceau_dnsbl_keys_parse(text, strlen(text), "keys", out, err);
}

static void test_keys(void **state)
{
	struct sceau_dnsbl_keys got = { .count = 0 };
	struct sceau_err err;
	char text[SCEAU_DNSBL_KEYS_FILE_MAX + 2];

	(void)state;
	assert_int_equal(parse_keys("# keys\n\nspamhaus\t" SECRET "\r\n"
	                            " a_2.b  x-y.z",
	                            &got, &err),
	                 0);
	assert_int_equal(got.count, 2);
	assert_string_equal(got.entry[0].name, "spamhaus");
	assert_string_equal(got.entry[0].key, SECRET);
	assert_string_equal(got.entry[1].name, "a_2.b");
	assert_string_equal(got.entry[1].key, "x-y.z");
	assert_int_equal(parse_keys("", &got, &err), 0);
	assert_int_equal(got.count, 0);

	memset(text, '\n', sizeof(text));
	assert_int_equal(
		sceau_dnsbl_keys_parse(text, sizeof(text), "keys", &got, &err),
		-1);
	text[0] = '\0';
	for (int i = 0; i <= SCEAU_DNSBL_KEYS_MAX; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		         "n%d k\n", i);
	assert_int_equal(parse_keys(text, &got, &err), -1);
	assert_string_equal(err.text, "keys:17: more than 16 keys");
}

static void test_bad_keys(void **state)
{
	static const char *const texts[] = {
		"\nspamhaus",
		"\nspamhaus\t",
		"\nspamhaus " SECRET " " SECRET,
		"\nspamhaus " SECRET "/x",
		"\nspam/haus " SECRET,
		"\n- " SECRET,
		"a b\na " SECRET,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct sceau_dnsbl_keys got = { .count = 9 };
		struct sceau_err err = { .text = "" };

		if (parse_keys(texts[i], &got, &err) != -1)
			fail_msg("%zu: was taken", i);
		assert_int_equal(got.count, 9);
		assert_memory_equal(err.text, "keys:2: ", 8);
		assert_null(strstr(err.text, SECRET));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),   cmocka_unit_test(test_bad),
		cmocka_unit_test(test_bounds), cmocka_unit_test(test_codes),
		cmocka_unit_test(test_keys),   cmocka_unit_test(test_bad_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
