/* test_address.c - SMTP paths and mailbox lists in every odd form
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

#include "base/buf.h"
#include "mail/address.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* local NULL: refused. printed NULL: the text itself, less the brackets. */
static const struct {
	const char *text;
	const char *local;
	const char *domain;
	const char *printed;
} paths[] = {
	{ "<alice@home.example>", "alice", "home.example", NULL },
	{ "alice@home.example", "alice", "home.example", NULL },
	{ "<>", "", "", "" },
	{ "", "", "", "" },
	{ "<Postmaster>", "Postmaster", "", NULL },
	{ "root", "root", "", NULL },
	{ "<Alice@HOME.Example>", "Alice", "home.example",
	  "Alice@home.example" },
	{ "<a@home.example.>", "a", "home.example", "a@home.example" },
	{ "<a+tag=x!#$%&'*-/?^_`{|}~@b.c>", "a+tag=x!#$%&'*-/?^_`{|}~", "b.c",
	  NULL },
	{ "<a.b.c@d>", "a.b.c", "d", NULL },
	{ "<a..b@d>", "a..b", "d", NULL },
	{ "<.a.@d>", ".a.", "d", NULL },
	{ "<a@b_c-d.e>", "a", "b_c-d.e", NULL },
	/* quoted local parts */
	{ "<\"a@b\"@c>", "a@b", "c", NULL },
	{ "<\"\"@d>", "", "d", NULL },
	{ "<\"a b\"@c>", "a b", "c", NULL },
	{ "<\"a\\\"b\\\\c\"@d>", "a\"b\\c", "d", NULL },
	{ "<\"a\\b\"@d>", "ab", "d", "ab@d" },
	{ "<\"ab\"@d>", "ab", "d", "ab@d" },
	{ "<\"a\".b@d>", "a.b", "d", "a.b@d" },
	{ "<\"<>,:;[](\"@d>", "<>,:;[](", "d", NULL },
	{ "<\")\"@d>", ")", "d", NULL },
	{ "\"a@b\"@c", "a@b", "c", NULL },
	{ "<\"Post Master\">", "Post Master", "", NULL },
	/* source routes */
	{ "<@r:a@b>", "a", "b", "a@b" },
	{ "<@r.example,@s.example:a@b>", "a", "b", "a@b" },
	{ "<@[192.0.2.1]:a@b>", "a", "b", "a@b" },
	{ "<@r:\"x@y\"@b>", "x@y", "b", "\"x@y\"@b" },
	/* address literals */
	{ "<a@[192.0.2.1]>", "a", "[192.0.2.1]", NULL },
	{ "<a@[IPv6:2001:DB8::1]>", "a", "[ipv6:2001:db8::1]",
	  "a@[ipv6:2001:db8::1]" },
	{ "<a@[x-tag:any]>", "a", "[x-tag:any]", NULL },
	/* SMTPUTF8 */
	{ "<\xc3\xa9va@\xc3\xa9t\xc3\xa9.example>", "\xc3\xa9va",
	  "\xc3\xa9t\xc3\xa9.example", NULL },
	{ "<\"\xc3\xa9 \xe2\x82\xac\"@b>", "\xc3\xa9 \xe2\x82\xac", "b", NULL },
	/* refused */
	{ "<a@b", NULL, NULL, NULL },
	{ "a@b>", NULL, NULL, NULL },
	{ "<", NULL, NULL, NULL },
	{ ">", NULL, NULL, NULL },
	{ "<<a@b>>", NULL, NULL, NULL },
	{ "<a@b> x", NULL, NULL, NULL },
	{ " <a@b>", NULL, NULL, NULL },
	{ "<a@>", NULL, NULL, NULL },
	{ "<@b>", NULL, NULL, NULL },
	{ "<@>", NULL, NULL, NULL },
	{ "<@r:>", NULL, NULL, NULL },
	{ "<@r a@b>", NULL, NULL, NULL },
	{ "<@r:@b>", NULL, NULL, NULL },
	{ "<@\"r\":a@b>", NULL, NULL, NULL },
	{ "<a@b@c>", NULL, NULL, NULL },
	{ "<a@.b>", NULL, NULL, NULL },
	{ "<a@b..c>", NULL, NULL, NULL },
	{ "<a@.>", NULL, NULL, NULL },
	{ "<a@b!c>", NULL, NULL, NULL },
	{ "<a@b/c>", NULL, NULL, NULL },
	{ "<a@\"b\">", NULL, NULL, NULL },
	{ "<a b@c>", NULL, NULL, NULL },
	{ "<a @c>", NULL, NULL, NULL },
	{ "<a@ c>", NULL, NULL, NULL },
	{ "<a@c >", NULL, NULL, NULL },
	{ "<a(x)@c>", NULL, NULL, NULL },
	{ "<(x)a@c>", NULL, NULL, NULL },
	{ "<a@c(x)>", NULL, NULL, NULL },
	{ "<\"a\"b@c>", NULL, NULL, NULL },
	{ "<a\"b\"@c>", NULL, NULL, NULL },
	{ "<\"a@c>", NULL, NULL, NULL },
	{ "<a\\@b@c>", NULL, NULL, NULL },
	{ "<\"\">", NULL, NULL, NULL },
	{ "<a@[]>", NULL, NULL, NULL },
	{ "<a@[1>", NULL, NULL, NULL },
	{ "<a@1]>", NULL, NULL, NULL },
	{ "<a@[1 2]>", NULL, NULL, NULL },
	{ "<a@[1\\2]>", NULL, NULL, NULL },
	{ "<a@[1[2]>", NULL, NULL, NULL },
	{ "<a@[1]b>", NULL, NULL, NULL },
	{ "<a@b[1]>", NULL, NULL, NULL },
	{ "<a,b@c>", NULL, NULL, NULL },
	{ "<a:b@c>", NULL, NULL, NULL },
	{ "<a;b@c>", NULL, NULL, NULL },
	{ "<a@b\r\nRCPT>", NULL, NULL, NULL },
	{ "<a\001@b>", NULL, NULL, NULL },
	{ "<\"a\001\"@b>", NULL, NULL, NULL },
	{ "<\"a\\\177\"@b>", NULL, NULL, NULL },
	{ "<\"a\tb\"@c>", NULL, NULL, NULL },
	{ "<\xff@b>", NULL, NULL, NULL },
	{ "<a@\xc3>", NULL, NULL, NULL },
};

/* The text between the brackets, if there are any. */
static struct sceau_slice inside(const char *text)
{
	struct sceau_slice slice = sceau_slice_of(text);

	if (slice.len > 1 && slice.data[0] == '<') {
		slice.data++;
		slice.len -= 2;
	}
	return slice;
}

static void check_path(size_t i)
{
	const char *text = paths[i].text;
	struct sceau_address address, again;
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
	char printed[SCEAU_ADDRESS_TEXT_MAX];

	memset(&address, 'x', sizeof(address));
	int ret = sceau_address_parse_path(sceau_slice_of(text), &address,
	                                   &err);
	if (ret != (paths[i].local == NULL ? -1 : 0))
		fail_msg("%s: got %d %s", text, ret, err.text);
	if (ret < 0) {
		assert_int_equal(err.fault, SCEAU_FAULT_PEER);
		assert_int_equal(address.local[0], 'x');
		return;
	}
	if (strcmp(address.local, paths[i].local) != 0 ||
	    strcmp(address.domain, paths[i].domain) != 0)
		fail_msg("%s: got \"%s\" at \"%s\"", text, address.local,
		         address.domain);
	sceau_address_print(&address, printed);
	bool same = paths[i].printed == NULL
	                    ? sceau_slice_is(inside(text), printed)
	                    : strcmp(printed, paths[i].printed) == 0;
	if (!same)
		fail_msg("%s: printed %s", text, printed);
	assert_int_equal(
		sceau_address_parse_path(sceau_slice_of(printed), &again, NULL),
		0);
	assert_true(sceau_address_equal(&address, &again));
}

static void test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++)
		check_path(i);
}

static const struct {
	const char *text;
	const char *local;
	const char *domain;
} internals[] = {
	{ "", "", "" },
	{ "a@b", "a", "b" },
	{ "a@b@C", "a@b", "c" },
	{ "a b@c", "a b", "c" },
	{ "\"a\"@c", "\"a\"", "c" },
	{ "@c", "", "c" },
	{ "root", "root", "" },
	{ "a(b@c", "a(b", "c" },
	{ "a@[192.0.2.1]", "a", "[192.0.2.1]" },
	{ "\xc3\xa9@\xc3\xa9", "\xc3\xa9", "\xc3\xa9" },
	{ "a@", NULL, NULL },
	{ "@", NULL, NULL },
	{ "a@b c", NULL, NULL },
	{ "a@b ", NULL, NULL },
	{ "a@(x)b", NULL, NULL },
	{ "a@b..c", NULL, NULL },
	{ "a\n@b", NULL, NULL },
	{ "\xff@b", NULL, NULL },
};

static void test_internal(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(internals); i++) {
		struct sceau_address address;
		int ret = sceau_address_parse_internal(
			sceau_slice_of(internals[i].text), &address, NULL);

		if (ret != (internals[i].local == NULL ? -1 : 0))
			fail_msg("%s: got %d", internals[i].text, ret);
		if (ret == 0 &&
		    (strcmp(address.local, internals[i].local) != 0 ||
		     strcmp(address.domain, internals[i].domain) != 0))
			fail_msg("%s: got \"%s\" at \"%s\"", internals[i].text,
			         address.local, address.domain);
	}
}

static struct sceau_address address_of(const char *text)
{
	struct sceau_address address;

	assert_int_equal(
		sceau_address_parse_path(sceau_slice_of(text), &address, NULL),
		0);
	return address;
}

static void test_compare(void **state)
{
	static const struct {
		const char *a;
		const char *b;
		bool want;
	} rows[] = {
		{ "a@b", "<a@B.>", true },   { "a@b", "\"a\"@b", true },
		{ "a@b", "A@b", false },     { "a@b", "a@b.c", false },
		{ "<>", "", true },          { "<>", "\"\"@d", false },
		{ "\"a@b\"", "a@b", false }, { "root", "root@b", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sceau_address a = address_of(rows[i].a);
		struct sceau_address b = address_of(rows[i].b);

		if (sceau_address_equal(&a, &b) != rows[i].want)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
	}
	struct sceau_address null = address_of("<>");
	struct sceau_address empty = address_of("\"\"@d");
	assert_true(sceau_address_is_null(&null));
	assert_false(sceau_address_is_null(&empty));
}

static void test_domains(void **state)
{
	static const struct {
		const char *a;
		const char *b;
		bool want;
	} rows[] = {
		{ "home.example", "HOME.example", true },
		{ "home.example", "home.example.", true },
		{ "home.example", "home.example..", false },
		{ "home.example", "a.home.example", false },
		{ "home.example", "home.exampl", false },
		{ "", "", true },
		{ "", ".", false },
		{ "\xc3\xa9", "\xc3\x89", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (sceau_address_is_same_domain(sceau_slice_of(rows[i].a),
		                                 sceau_slice_of(rows[i].b)) !=
		    rows[i].want)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
	}
}

static void test_bounds(void **state)
{
	char text[2000], printed[SCEAU_ADDRESS_TEXT_MAX];
	struct sceau_address address;
	struct sceau_slice slice = { text, 0 };

	(void)state;
	for (size_t extra = 0; extra < 2; extra++) {
		int want = extra == 0 ? 0 : -1;

		/* Every byte of the local part needs a quoted pair. */
		size_t n = 0;
		text[n++] = '"';
		for (size_t i = 0; i < SCEAU_ADDRESS_LOCAL_MAX + extra; i++) {
			text[n++] = '\\';
			text[n++] = '"';
		}
		text[n++] = '"';
		text[n++] = '@';
		memset(text + n, 'd', SCEAU_ADDRESS_DOMAIN_MAX);
		slice.len = n + SCEAU_ADDRESS_DOMAIN_MAX;
		assert_int_equal(
			sceau_address_parse_path(slice, &address, NULL), want);
		if (want == 0) {
			sceau_address_print(&address, printed);
			assert_true(sceau_slice_is(slice, printed));
		}
		text[0] = 'a';
		text[1] = '@';
		memset(text + 2, 'd', 300);
		slice.len = 2 + SCEAU_ADDRESS_DOMAIN_MAX + extra;
		assert_int_equal(
			sceau_address_parse_path(slice, &address, NULL), want);
		text[2] = '[';
		slice.len = 2 + SCEAU_ADDRESS_DOMAIN_MAX + extra;
		text[slice.len - 1] = ']';
		assert_int_equal(
			sceau_address_parse_path(slice, &address, NULL), want);
		memset(text, 'a', 300);
		slice.len = SCEAU_ADDRESS_LOCAL_MAX + extra;
		assert_int_equal(
			sceau_address_parse_path(slice, &address, NULL), want);
		assert_int_equal(
			sceau_address_parse_internal(slice, &address, NULL),
			want);
	}
	assert_int_equal(
		sceau_address_parse_path((struct sceau_slice){ "a\0b@c", 5 },
	                                 &address, NULL),
		-1);
	assert_int_equal(
		sceau_address_parse_internal(
			(struct sceau_slice){ "a\0b@c", 5 }, &address, NULL),
		-1);
}

/* want: every mailbox as "name|address" and '*' if it is in a group, joined by
   ' / '; then "!" if the list is malformed behind it. */
static const struct {
	const char *value;
	const char *want;
} lists[] = {
	{ " a@b", "|a@b" },
	{ " <a@b>", "|a@b" },
	{ " Alice <a@b>", "Alice|a@b" },
	{ " \"Alice, the \\\"A\\\"\" <a@b>", "\"Alice, the \\\"A\\\"\"|a@b" },
	{ " Alice B. Carroll\n\t<a@b>", "Alice B. Carroll|a@b" },
	{ " =?utf-8?q?=C3=A9va?= <a@b>", "=?utf-8?q?=C3=A9va?=|a@b" },
	{ " \xc3\xa9va <a@b>", "\xc3\xa9va|a@b" },
	{ " [list] <a@b>", "[list]|a@b" },
	{ "a@b,c@d", "|a@b / |c@d" },
	{ "A <a@b>, c@d ,\"E\" <e@f>", "A|a@b / |c@d / \"E\"|e@f" },
	{ ",, a@b ,,c@d, ,", "|a@b / |c@d" },
	{ "", "" },
	{ " \r\n ", "" },
	{ ",", "" },
	{ "(just a comment)", "" },
	/* the mailbox that is meant */
	{ " \"ceo@ours.example\" <x@evil.example>",
	  "\"ceo@ours.example\"|x@evil.example" },
	{ " ceo@ours.example <x@evil.example>",
	  "ceo@ours.example|x@evil.example" },
	{ " (ceo@ours.example) x@evil.example", "|x@evil.example" },
	{ " x@evil.example (ceo@ours.example)", "|x@evil.example" },
	{ " \"<ceo@ours.example>\" <x@evil.example>",
	  "\"<ceo@ours.example>\"|x@evil.example" },
	{ " \"ceo@ours.example\\\" <\" <x@evil.example>",
	  "\"ceo@ours.example\\\" <\"|x@evil.example" },
	{ " \"ceo@ours.example\"@evil.example",
	  "|\"ceo@ours.example\"@evil.example" },
	/* comments and folds, RFC 5322 A.5 and A.6.3 */
	{ " Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
	  "Pete|pete@silly.test" },
	{ " (x) Pete (y) B (z) <p@b>", "Pete (y) B|p@b" },
	{ " john (a(b)) . smith @ (x) b\n . c", "|john.smith@b.c" },
	{ " \"joe\".\"x y\"@b", "|\"joe.x y\"@b" },
	{ "(c)a@b(d),(e)", "|a@b" },
	/* routes and odd addresses */
	{ " Mary <@node.test,@x:mary@example.net>", "Mary|mary@example.net" },
	{ " <@x,,@y:a@b>", "|a@b" },
	{ " <\"\"@d>", "|\"\"@d" },
	{ " root", "|root" },
	{ " <root>", "|root" },
	{ " a@[192.0.2.1]", "|a@[192.0.2.1]" },
	{ " <A@B.C.>", "|A@b.c" },
	/* groups */
	{ " Undisclosed recipients:;", "" },
	{ " g: a@b, C <c@d> ;", "|a@b* / C|c@d*" },
	{ " g: ; , x@y", "|x@y" },
	{ " \"g\" (c): a@b;, h:c@d;", "|a@b* / |c@d*" },
	{ " g:,a@b,,;", "|a@b*" },
	/* malformed */
	{ " a b@c", "!" },
	{ " a@b c@d", "!" },
	{ " a@b@c", "!" },
	{ " a@b; c@d", "!" },
	{ " a@b, c d", "|a@b / !" },
	{ " <a@b", "!" },
	{ " <a@b>> x@y", "|a@b / !" },
	{ " <a@b> <c@d>", "|a@b / !" },
	{ " <a@b> c", "|a@b / !" },
	{ " <a@b> c@d", "|a@b / !" },
	{ " <>", "!" },
	{ " A <>", "!" },
	{ " a@", "!" },
	{ " @b", "!" },
	{ " <<a@b>>", "!" },
	{ " Alice", "|Alice" },
	{ " Alice Bob", "!" },
	{ " \"a", "!" },
	{ " (a", "!" },
	{ " a)", "!" },
	{ " [a <b@c>", "!" },
	{ " a\\b <c@d>", "!" },
	{ " g: a@b", "!" },
	{ " g: A <a@b>", "A|a@b* / !" },
	{ " g: h: a@b;;", "!" },
	{ " : a@b;", "!" },
	{ " ;", "!" },
	{ " g: a@b; c@d", "|a@b* / !" },
	{ " <a@b>: c@d;", "|a@b / !" },
	{ " a@b\001", "!" },
	{ " <@r a@b>", "!" },
};

static void show_list(const char *value, struct sceau_buf *out)
{
	struct sceau_address_list list;
	struct sceau_address_mailbox mailbox;
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
	char text[SCEAU_ADDRESS_TEXT_MAX];
	const char *join = "";
	int ret;

	sceau_address_list_init(&list, sceau_slice_of(value));
	while ((ret = sceau_address_list_next(&list, &mailbox, &err)) > 0) {
		sceau_address_print(&mailbox.address, text);
		sceau_buf_append_text(out, join);
		sceau_buf_append(out, mailbox.name.data, mailbox.name.len);
		sceau_buf_appendf(out, "|%s%s", text,
		                  mailbox.in_group ? "*" : "");
		join = " / ";
	}
	if (ret < 0) {
		assert_int_equal(err.fault, SCEAU_FAULT_PEER);
		sceau_buf_appendf(out, "%s!", join);
	}
	/* What is over stays over. */
	assert_int_equal(sceau_address_list_next(&list, &mailbox, NULL), 0);
}

static void test_lists(void **state)
{
	struct sceau_buf got;

	(void)state;
	sceau_buf_init(&got, 10000);
	for (size_t i = 0; i < COUNT(lists); i++) {
		sceau_buf_clear(&got);
		show_list(lists[i].value, &got);
		if (strcmp(sceau_buf_text(&got), lists[i].want) != 0)
			fail_msg("%s: got %s", lists[i].value,
			         sceau_buf_text(&got));
	}
	sceau_buf_deinit(&got);
}

/* 1 MB of the worst; the test's time limit is the check that it is linear. */
static void test_hostile_sizes(void **state)
{
	static const char *const parts[] = { "a@b,", "(", "()",   "<",   "a ",
		                             "\"\"", ",", "g:;,", "@a,", "a." };
	size_t size = 1000000;
	char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < COUNT(parts); i++) {
		struct sceau_address_list list;
		struct sceau_address_mailbox mailbox;
		struct sceau_address address;
		struct sceau_slice value = { text, size };

		for (size_t k = 0; k < size; k++)
			text[k] = parts[i][k % strlen(parts[i])];
		sceau_address_list_init(&list, value);
		while (sceau_address_list_next(&list, &mailbox, NULL) > 0) {
		}
		sceau_address_parse_path(value, &address, NULL);
		sceau_address_parse_internal(value, &address, NULL);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_internal),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_hostile_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
