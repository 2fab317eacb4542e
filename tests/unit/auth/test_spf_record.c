/* test_spf_record.c - terms of SPF records against the grammar of RFC 7208 12
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "auth/spf_record.h"
#include "base/buf.h"

static const struct {
	const char *text;
	size_t len;
	bool want;
} versions[] = {
	{ "v=spf1", 6, true },
	{ "v=spf1 ", 7, true },
	{ "V=SPF1 all", 10, true },
	{ "v=spf1 -all", 11, true },
	/* RFC 7208 4.5: exactly the version */
	{ "v=spf10", 7, false },
	{ "v=spf1-all", 10, false },
	{ "v=spf1\t-all", 11, false },
	{ "v=spf1\0", 7, false },
	{ " v=spf1", 7, false },
	{ "v=spf", 5, false },
	{ "v=spf2.0/pra", 12, false },
	{ "", 0, false },
};

static void test_version(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct sceau_slice text = { versions[i].text, versions[i].len };

		if (sceau_spf_record_is(text) != versions[i].want)
			fail_msg("\"%s\": not %d", versions[i].text,
			         versions[i].want);
	}
}

/* Good terms and how they are read. */
static const struct {
	const char *text;
	enum sceau_spf_kind kind;
	char qualifier;
	const char *domain_spec;
	unsigned bits4, bits6;
} good[] = {
	{ "all", SCEAU_SPF_ALL, '+', "", 0, 0 },
	{ "-ALL", SCEAU_SPF_ALL, '-', "", 0, 0 },
	{ "~all", SCEAU_SPF_ALL, '~', "", 0, 0 },
	{ "?all", SCEAU_SPF_ALL, '?', "", 0, 0 },
	{ "+a", SCEAU_SPF_A, '+', "", 32, 128 },
	{ "a:b.example", SCEAU_SPF_A, '+', "b.example", 32, 128 },
	{ "a:b.example.", SCEAU_SPF_A, '+', "b.example.", 32, 128 },
	{ "a/24", SCEAU_SPF_A, '+', "", 24, 128 },
	{ "a//64", SCEAU_SPF_A, '+', "", 32, 64 },
	{ "a/0//0", SCEAU_SPF_A, '+', "", 0, 0 },
	{ "A:b.example/24//64", SCEAU_SPF_A, '+', "b.example", 24, 64 },
	{ "a:foo:bar/baz.example", SCEAU_SPF_A, '+', "foo:bar/baz.example", 32,
	  128 },
	{ "a:x/24.example/24", SCEAU_SPF_A, '+', "x/24.example", 24, 128 },
	{ "a:%{d}/24", SCEAU_SPF_A, '+', "%{d}", 24, 128 },
	{ "a:%{d1r/}", SCEAU_SPF_A, '+', "%{d1r/}", 32, 128 },
	{ "a:%{d}.b-c.xn--zckzah", SCEAU_SPF_A, '+', "%{d}.b-c.xn--zckzah", 32,
	  128 },
	{ "a:b.1a", SCEAU_SPF_A, '+', "b.1a", 32, 128 },
	{ "a:b..example", SCEAU_SPF_A, '+', "b..example", 32, 128 },
	/* domain-end may be any macro-expand */
	{ "a:b%%", SCEAU_SPF_A, '+', "b%%", 32, 128 },
	{ "a:b%_", SCEAU_SPF_A, '+', "b%_", 32, 128 },
	{ "-mx:b.example//128", SCEAU_SPF_MX, '-', "b.example", 32, 128 },
	{ "ptr", SCEAU_SPF_PTR, '+', "", 0, 0 },
	{ "ptr:%{d2}", SCEAU_SPF_PTR, '+', "%{d2}", 0, 0 },
	{ "Include:b.example", SCEAU_SPF_INCLUDE, '+', "b.example", 0, 0 },
	{ "exists:%{ir}.%{l1r+-}._spf.%{d}", SCEAU_SPF_EXISTS, '+',
	  "%{ir}.%{l1r+-}._spf.%{d}", 0, 0 },
	{ "exists:%{i127R.-+,/_=}", SCEAU_SPF_EXISTS, '+', "%{i127R.-+,/_=}", 0,
	  0 },
	{ "ip4:192.0.2.0/24", SCEAU_SPF_IP4, '+', "", 24, 0 },
	{ "ip4:192.0.2.7/24", SCEAU_SPF_IP4, '+', "", 24, 0 },
	{ "ip4:192.0.2.0", SCEAU_SPF_IP4, '+', "", 32, 0 },
	{ "ip4:0.0.0.0/0", SCEAU_SPF_IP4, '+', "", 0, 0 },
	{ "IP6:2001:DB8::/32", SCEAU_SPF_IP6, '+', "", 0, 32 },
	{ "ip6:::", SCEAU_SPF_IP6, '+', "", 0, 128 },
	{ "ip6:::1.1.1.1/0", SCEAU_SPF_IP6, '+', "", 0, 0 },
	{ "ip6:::ffff:192.0.2.1", SCEAU_SPF_IP6, '+', "", 0, 128 },
	{ "redirect=b.example", SCEAU_SPF_REDIRECT, 0, "b.example", 0, 0 },
	{ "EXP=%{d}", SCEAU_SPF_EXP, 0, "%{d}", 0, 0 },
	{ "moo.cow-far_out=man:dog/cat", SCEAU_SPF_UNKNOWN, 0, "", 0, 0 },
	{ "x=", SCEAU_SPF_UNKNOWN, 0, "", 0, 0 },
	{ "x=%{c}%{r}%{t}==%%", SCEAU_SPF_UNKNOWN, 0, "", 0, 0 },
	{ "all=", SCEAU_SPF_UNKNOWN, 0, "", 0, 0 },
};

/* A copy of exactly that size, so that a read past its end is seen. */
static struct sceau_slice slice_of(const char *text, size_t len)
{
	char *copy = malloc(len == 0 ? 1 : len);

	assert_non_null(copy);
	memcpy(copy, text, len);
	return (struct sceau_slice){ copy, len };
}

static void drop(struct sceau_slice slice)
{
	free((void *)(uintptr_t)slice.data);
}

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct sceau_slice all = slice_of(good[i].text,
		                                  strlen(good[i].text));
		struct sceau_slice rest = all;
		struct sceau_spf_term term;
		struct sceau_err err = { .text = "" };
		int ret = sceau_spf_record_next(&rest, &term, &err);

		if (ret != 1 || term.kind != good[i].kind ||
		    (term.qualifier != good[i].qualifier) ||
		    !sceau_slice_is(term.domain_spec, good[i].domain_spec) ||
		    term.bits4 != good[i].bits4 ||
		    term.bits6 != good[i].bits6 ||
		    !sceau_slice_is(term.text, good[i].text))
			fail_msg("%s: got %d kind %d '%c' \"%.*s\" %u %u %s",
			         good[i].text, ret, term.kind, term.qualifier,
			         (int)term.domain_spec.len,
			         term.domain_spec.data, term.bits4, term.bits6,
			         err.text);
		assert_int_equal(sceau_spf_record_next(&rest, &term, NULL), 0);
		drop(all);
	}
}

static const char *const broken[] = {
	/* no such mechanism, or no mechanism */
	"moo",
	"al",
	"allx",
	"-",
	"+",
	"--all",
	"ip",
	"ip44:192.0.2.1",
	"redirect:b.example",
	"?redirect=b.example",
	"exp:b.example",
	"=all",
	"1up=foo",
	"a_b=%",
	"moo.cow/far_out=man",
	"moo.cow:far_out=man",
	"m!=x",
	/* arguments where none belong, none where one must be */
	"all.",
	"all:",
	"all:b.example",
	"all/8",
	"include",
	"include:",
	"include/24",
	"exists",
	"exists:",
	"ip4",
	"ip4:",
	"ip4/24",
	"ip6",
	"ip6:",
	"a:",
	"a:/24",
	"mx:",
	"ptr:",
	"ptr/24",
	"ptr//64",
	"redirect=",
	"exp=",
	/* domain-spec and its end */
	"a:b",
	"a:b.",
	"a:museum",
	"a:b.123",
	"a:192.0.2.1",
	"a:b.-example",
	"a:b.example-",
	"a:b.exa_mple",
	"a:b.example..",
	"a:b.example:8080",
	"a:%{d}example",
	"a:%{d}.",
	"a:%",
	"a:%a.example",
	"a:%(d).example",
	"a:%{}.example",
	"a:%{x}.example",
	"a:%{d",
	"a:%{d}}.1",
	"a:%{d0}",
	"a:%{d00}",
	"a:%{dr1}",
	"a:%{d!}",
	"a:%{c}.example",
	"a:%{r}.example",
	"exists:%{t}",
	"exists:b.example/24",
	"include:b.example/24",
	"exp=%{c}.example",
	"redirect=%{t}.example",
	/* prefixes */
	"a/",
	"a//",
	"a/33",
	"a//129",
	"a/024",
	"a//064",
	"a/24/64",
	"a///64",
	"a/24//",
	"a/4294967328",
	"a:b.example/24/64",
	"ip4:192.0.2.1/33",
	"ip4:192.0.2.1/032",
	"ip4:192.0.2.1//32",
	"ip4:192.0.2.1/",
	"ip4:192.0.2.1/24/24",
	"ip4:192.0.2",
	"ip4:192.0.2.1.1",
	"ip4:192.0.2.256",
	"ip4:192.0.02.1",
	"ip4:192.0.2.1:25",
	"ip4:2001:db8::1",
	"ip4:::ffff:192.0.2.1",
	"ip6:192.0.2.1",
	"ip6::2001::db8",
	"ip6:2001:db8::1/129",
	"ip6:2001:db8::1//64",
	"ip6:fe80::1%eth0",
	/* bytes that belong nowhere */
	"a:b\t.example",
	"a:b\x7f.example",
	"a:b\x80.example",
	"\200all",
	"a:b\r\n.example",
	"x=\xc3\xa9",
};

static void test_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct sceau_slice all = slice_of(broken[i], strlen(broken[i]));
		struct sceau_slice rest = all;
		struct sceau_spf_term term;
		struct sceau_err err = { .text = "" };

		if (sceau_spf_record_next(&rest, &term, &err) != -1)
			fail_msg("\"%s\" is taken", broken[i]);
		assert_int_equal(err.fault, SCEAU_FAULT_PEER);
		assert_true(sceau_slice_is(term.text, broken[i]));
		drop(all);
	}
}

static void test_nul(void **state)
{
	static const char text[] = "a:foo.example\0";
	struct sceau_slice rest = { text, sizeof(text) - 1 };
	struct sceau_spf_term term;

	(void)state;
	assert_int_equal(sceau_spf_record_next(&rest, &term, NULL), -1);
}

/* Whole records: spaces are separators, and the last broken term spoils the
   first good one. */
static const struct {
	const char *text;
	int want;
	const char *want_term; /* the broken one */
	const char *want_redirect, *want_exp;
} records[] = {
	{ "v=spf1", 0, "", "", "" },
	{ "v=spf1   ", 0, "", "", "" },
	{ "v=spf1  a   -all ", 0, "", "", "" },
	{ "v=spf1 redirect=a.example a exp=b.example", 0, "", "a.example",
	  "b.example" },
	{ "v=spf1 -all moo", -1, "moo", "", "" },
	{ "v=spf1 a -all\t", -1, "-all\t", "", "" },
	{ "v=spf1 a\n-all", -1, "a\n-all", "", "" },
	{ "v=spf1 exp=a.example exp=a.example", -1, "exp=a.example", "", "" },
	{ "v=spf1 redirect=a.example -all REDIRECT=b.example", -1,
	  "REDIRECT=b.example", "", "" },
	{ "v=spf1 x=1 x=2", 0, "", "", "" },
};

static void test_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		struct sceau_slice all = slice_of(records[i].text,
		                                  strlen(records[i].text));
		struct sceau_spf_modifiers modifiers = { .exp = { .kind = 0 } };
		struct sceau_slice term = { NULL, 0 };
		struct sceau_err err;
		int ret = sceau_spf_record_check(all, &modifiers, &term, &err);

		if (ret != records[i].want ||
		    !sceau_slice_is(term, records[i].want_term) ||
		    !sceau_slice_is(modifiers.redirect.domain_spec,
		                    records[i].want_redirect) ||
		    !sceau_slice_is(modifiers.exp.domain_spec,
		                    records[i].want_exp))
			fail_msg("%s: got %d at \"%.*s\"", records[i].text, ret,
			         (int)term.len, term.data);
		drop(all);
	}
}

/* 500 networks are a record as any other. */
static void test_large(void **state)
{
	struct sceau_buf buf;
	struct sceau_spf_term term;
	size_t count = 0;

	(void)state;
	sceau_buf_init(&buf, 65535);
	sceau_buf_append_text(&buf, "v=spf1");
	for (unsigned i = 0; i < 500; i++)
		sceau_buf_appendf(&buf, " ip4:10.%u.%u.0/24", i / 256, i % 256);
	struct sceau_slice rest = sceau_spf_record_terms(
		(struct sceau_slice){ buf.data, buf.used });
	while (sceau_spf_record_next(&rest, &term, NULL) > 0) {
		assert_int_equal(term.address[2], count % 256);
		count++;
	}
	assert_int_equal(count, 500);
	sceau_buf_deinit(&buf);
}

static const struct {
	const char *term;
	const char *ip;
	bool want;
} networks[] = {
	{ "ip4:192.0.2.0/24", "192.0.2.255", true },
	{ "ip4:192.0.2.0/24", "192.0.3.0", false },
	{ "ip4:192.0.2.7/24", "192.0.2.1", true },
	{ "ip4:192.0.2.128/25", "192.0.2.127", false },
	{ "ip4:192.0.2.128/25", "192.0.2.128", true },
	{ "ip4:192.0.2.1", "192.0.2.1", true },
	{ "ip4:192.0.2.1", "192.0.2.0", false },
	{ "ip4:0.0.0.0/0", "255.1.2.3", true },
	{ "ip4:0.0.0.0/0", "2001:db8::1", false },
	/* RFC 7208 5: a mapped client is one of IPv4 */
	{ "ip4:192.0.2.1", "::ffff:192.0.2.1", true },
	{ "ip6:::ffff:192.0.2.1", "::ffff:192.0.2.1", false },
	{ "ip6:::ffff:192.0.2.1", "192.0.2.1", false },
	{ "ip6:::/0", "192.0.2.1", false },
	{ "ip6:::/0", "2001:db8::1", true },
	{ "ip6:::ffff:192.0.2.1/1", "2001:db8::1", true },
	{ "ip6:2001:db8::/33", "2001:db8:7fff::1", true },
	{ "ip6:2001:db8::/33", "2001:db8:8000::1", false },
	{ "ip6:2001:db8::1", "2001:db8::1", true },
	{ "ip6:2001:db8::1", "2001:db8::2", false },
};

static void test_networks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		struct sceau_slice rest = sceau_slice_of(networks[i].term);
		struct sceau_spf_term term;
		struct sceau_ip ip;

		assert_int_equal(sceau_spf_record_next(&rest, &term, NULL), 1);
		assert_int_equal(sceau_ip_parse(sceau_slice_of(networks[i].ip),
		                                &ip, NULL),
		                 0);
		if (sceau_spf_term_has(&term, &ip) != networks[i].want)
			fail_msg("%s and %s: not %d", networks[i].term,
			         networks[i].ip, networks[i].want);
	}
}

static const struct {
	const char *term;
	const char *ip, *address;
	bool want;
} near[] = {
	{ "a/24", "192.0.2.1", "192.0.2.200", true },
	{ "a/24", "192.0.2.1", "192.0.3.1", false },
	{ "a//64", "192.0.2.1", "192.0.2.2", false },
	{ "a//64", "2001:db8::1", "2001:db8::2", true },
	{ "mx/24", "2001:db8::1", "2001:db8::2", false },
	{ "mx/0//0", "2001:db8::1", "::", true },
};

static void test_near(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
		struct sceau_slice rest = sceau_slice_of(near[i].term);
		struct sceau_spf_term term;
		struct sceau_ip ip, address;

		assert_int_equal(sceau_spf_record_next(&rest, &term, NULL), 1);
		sceau_ip_parse(sceau_slice_of(near[i].ip), &ip, NULL);
		sceau_ip_parse(sceau_slice_of(near[i].address), &address, NULL);
		if (sceau_spf_term_is_near(&term, &ip, address.bytes) !=
		    near[i].want)
			fail_msg("%s, %s and %s: not %d", near[i].term,
			         near[i].ip, near[i].address, near[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),  cmocka_unit_test(test_good),
		cmocka_unit_test(test_broken),   cmocka_unit_test(test_nul),
		cmocka_unit_test(test_records),  cmocka_unit_test(test_large),
		cmocka_unit_test(test_networks), cmocka_unit_test(test_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
