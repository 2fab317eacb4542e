/* test_spf_macro.c - the examples of RFC 7208 7.4 and what they leave out
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

#include "auth/spf_macro.h"
#include "base/buf.h"

/* The mailbox of RFC 7208 7.4. */
static struct sceau_spf_macro_values values_of(void)
{
	return (struct sceau_spf_macro_values){
		.sender = "strong-bad@email.example.com",
		.local_part = "strong-bad",
		.sender_domain = "email.example.com",
		.domain = "email.example.com",
		.ip_dots = "192.0.2.3",
		.validated = "mx.example.org",
		.version = "in-addr",
		.helo = "[192.0.2.3]",
		.ip_text = "192.0.2.3",
		.receiver = "mx.home.example",
		.timestamp = "1234567890",
	};
}

static const struct {
	const char *text;
	const char *want; /* NULL: no name */
} names[] = {
	/* RFC 7208 7.4 */
	{ "%{o}", "email.example.com" },
	{ "%{d}", "email.example.com" },
	{ "%{d4}", "email.example.com" },
	{ "%{d3}", "email.example.com" },
	{ "%{d2}", "example.com" },
	{ "%{d1}", "com" },
	{ "%{dr}", "com.example.email" },
	{ "%{d2r}", "example.email" },
	{ "%{l}", "strong-bad" },
	{ "%{l-}", "strong.bad" },
	{ "%{lr}", "strong-bad" },
	{ "%{lr-}", "bad.strong" },
	{ "%{l1r-}", "strong" },
	{ "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com" },
	{ "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
	{ "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
	  "bad.strong.lp.3.2.0.192.in-addr._spf.example.com" },
	{ "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
	  "3.2.0.192.in-addr.strong.lp._spf.example.com" },
	{ "%{d2}.trusted-domains.example.net",
	  "example.com.trusted-domains.example.net" },
	/* letters and transformers in capitals */
	{ "%{D2R}", "example.email" },
	{ "%{S}", "strong-bad%40email.example.com" },
	{ "%{s}", "strong-bad@email.example.com" },
	{ "%{h}", "[192.0.2.3]" },
	{ "%{H}", "%5B192.0.2.3%5D" },
	{ "%{p}", "mx.example.org" },
	{ "%{p2r}", "example.mx" },
	/* more parts than there are, numbers beyond any */
	{ "%{d127}", "email.example.com" },
	{ "%{d99999999999999999999}", "email.example.com" },
	{ "%{l1-}", "bad" },
	/* all delimiters; each splits, repeated ones too */
	{ "%{s.-+,/_=}", "strong.bad@email.example.com" },
	{ "%{s1r.-+,/_=---}", "strong" },
	/* a literal of each kind, and a final dot */
	{ "a%%b%_c%-d.%{d}", "a%b c%20d.email.example.com" },
	{ "b.example.", "b.example" },
	{ "%{d}.", "email.example.com" },
	{ "$!&'()*,;<>?@[]^`{|}~.example", "$!&'()*,;<>?@[]^`{|}~.example" },
	/* what is no name */
	{ "a..b.example", NULL },
	{ ".b.example", NULL },
	{ "b.example..", NULL },
	{ ".", NULL },
	{ "a123456789a123456789a123456789a123456789a123456789a123456789abcd.b",
	  NULL },
	{ "a123456789a123456789a123456789a123456789a123456789a123456789abc.b",
	  "a123456789a123456789a123456789a123456789a123456789a123456789abc.b" },
};

static void test_names(void **state)
{
	struct sceau_spf_macro_values values = values_of();

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char got[SCEAU_SPF_DOMAIN_MAX + 1] = "none";
		const char *want = names[i].want;
		bool is_name = sceau_spf_macro_domain(
			sceau_slice_of(names[i].text), &values, got);

		if (is_name != (want != NULL) ||
		    strcmp(got, want == NULL ? "none" : want) != 0)
			fail_msg("%s: got %d \"%s\"", names[i].text, is_name,
			         got);
	}
}

/* RFC 7208 7.3, i: 32 nibbles. */
static void test_ip6(void **state)
{
	struct sceau_spf_macro_values values = values_of();
	char got[SCEAU_SPF_DOMAIN_MAX + 1];

	(void)state;
	values.ip_dots = "2.0.0.1.0.D.B.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
			 "0.0.0.0.C.B.0.1";
	values.version = "ip6";
	assert_true(sceau_spf_macro_domain(
		sceau_slice_of("%{ir}.%{v}._spf.%{d2}"), &values, got));
	assert_string_equal(got, "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
	                         "0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com");
}

/* RFC 8616 4: a local part that no label of DNS can be. */
static void test_odd_local_part(void **state)
{
	static const char *const locals[] = { "jos\xc3\xa9", "a\tb", "a\x7f" };
	struct sceau_spf_macro_values values = values_of();
	char got[SCEAU_SPF_DOMAIN_MAX + 1];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		values.local_part = locals[i];
		values.sender = locals[i];
		assert_false(sceau_spf_macro_domain(
			sceau_slice_of("%{l}.example"), &values, got));
		assert_false(sceau_spf_macro_domain(
			sceau_slice_of("%{S}.example"), &values, got));
		assert_true(sceau_spf_macro_domain(
			sceau_slice_of("%{o}.example"), &values, got));
	}
}

/* 253 characters are a name, 254 lose their first label, however they came
   about. */
static void test_cut(void **state)
{
	struct sceau_spf_macro_values values = values_of();
	struct sceau_buf text;
	char got[SCEAU_SPF_DOMAIN_MAX + 1];

	(void)state;
	sceau_buf_init(&text, 65535);
	/* 10 * 25 + 3 */
	for (int i = 0; i < 10; i++)
		sceau_buf_append_text(&text, "abcdefghijklmnopqrstuvwx.");
	sceau_buf_append_text(&text, "net");
	struct sceau_slice exact = { text.data, text.used };
	assert_int_equal(exact.len, 253);
	assert_true(sceau_spf_macro_domain(exact, &values, got));
	assert_string_equal(got, text.data);

	sceau_buf_append_text(&text, "s");
	struct sceau_slice longer = { text.data, text.used };
	assert_true(sceau_spf_macro_domain(longer, &values, got));
	assert_string_equal(got, text.data + 25);

	/* A record of 60000 bytes: only its end can matter. */
	for (int i = 0; i < 9000; i++)
		sceau_buf_append_text(&text, ".%{d}");
	sceau_buf_append_text(&text, ".the.end");
	struct sceau_slice longest = { text.data, text.used };
	assert_true(sceau_spf_macro_domain(longest, &values, got));
	assert_true(strlen(got) <= 253 && strlen(got) > 253 - 8);
	assert_string_equal(got + strlen(got) - 8, ".the.end");
	assert_memory_equal(got + strlen(got) - 25, "email.example.com", 17);
	sceau_buf_deinit(&text);
}

/* One label over 253 characters cannot be cut to a name. */
static void test_cut_to_nothing(void **state)
{
	struct sceau_spf_macro_values values = values_of();
	char text[5000], got[SCEAU_SPF_DOMAIN_MAX + 1];

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t len = 254; len <= sizeof(text); len += 500)
		assert_false(sceau_spf_macro_domain(
			(struct sceau_slice){ text, len }, &values, got));
	/* the label that is cut in two by our window counts as a whole */
	text[0] = '.';
	assert_false(sceau_spf_macro_domain(
		(struct sceau_slice){ text, sizeof(text) }, &values, got));
}

static const struct {
	const char *text;
	const char *want; /* NULL: unsound */
} explanations[] = {
	{ "", "" },
	{ "Mail from %{s} by %{c} (%{p}) at %{r}, %{t}.",
	  "Mail from strong-bad@email.example.com by 192.0.2.3 "
	  "(mx.example.org) at mx.home.example, 1234567890." },
	{ "See http://%{d}/why.html?s=%{S}&i=%{I}",
	  "See http://email.example.com/why.html?"
	  "s=strong-bad%40email.example.com&i=192.0.2.3" },
	{ "100%% of%_it%-", "100% of it%20" },
	{ "ends in dots..", "ends in dots.." },
	{ "100% of it", NULL },
	{ "%{x}", NULL },
	{ "%{d", NULL },
	{ "tab\there", NULL },
	{ "line\r\nSubject: x", NULL },
	{ "\xc3\xa9", NULL },
	{ "\x7f", NULL },
};

static void test_explanations(void **state)
{
	struct sceau_spf_macro_values values = values_of();

	(void)state;
	for (size_t i = 0; i < sizeof(explanations) / sizeof(explanations[0]);
	     i++) {
		char got[SCEAU_SPF_EXPLANATION_MAX + 1] = "none";
		const char *want = explanations[i].want;
		int ret = sceau_spf_macro_explanation(
			sceau_slice_of(explanations[i].text), &values, got);

		if (ret != (want == NULL ? -1 : 0) ||
		    strcmp(got, want == NULL ? "none" : want) != 0)
			fail_msg("%s: got %d \"%s\"", explanations[i].text, ret,
			         got);
	}
}

/* What a client says about itself goes into an SMTP reply. */
static void test_explanation_is_clean(void **state)
{
	struct sceau_spf_macro_values values = values_of();
	char got[SCEAU_SPF_EXPLANATION_MAX + 1];

	(void)state;
	values.helo = "a\r\n250 ok\x01";
	values.local_part = "jos\xc3\xa9";
	sceau_spf_macro_explanation(sceau_slice_of("%{h} %{H} %{l} %{L}"),
	                            &values, got);
	assert_string_equal(got, "a??250 ok? a%0D%0A250%20ok%01 jos?? "
	                         "jos%C3%A9");
}

static void test_explanation_is_cut(void **state)
{
	struct sceau_spf_macro_values values = values_of();
	char text[1000], got[SCEAU_SPF_EXPLANATION_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "%{d}", 4);
	assert_int_equal(sceau_spf_macro_explanation(
				 (struct sceau_slice){ text, sizeof(text) },
				 &values, got),
	                 0);
	assert_int_equal(strlen(got), SCEAU_SPF_EXPLANATION_MAX);
	/* an error behind the cut is one */
	text[sizeof(text) - 1] = '%';
	assert_int_equal(sceau_spf_macro_explanation(
				 (struct sceau_slice){ text, sizeof(text) },
				 &values, got),
	                 -1);
}

/* A value of many parts, and one of more than any value has. */
static void test_long_values(void **state)
{
	struct sceau_spf_macro_values values = values_of();
	char dots[SCEAU_SPF_MACRO_VALUE_MAX + 100];
	char got[SCEAU_SPF_EXPLANATION_MAX + 1];

	(void)state;
	memset(dots, '.', sizeof(dots));
	dots[sizeof(dots) - 1] = '\0';
	dots[0] = 'a';
	values.helo = dots;
	sceau_spf_macro_explanation(sceau_slice_of("%{h1}<%{h2}<%{h1r}<%{h3r}"),
	                            &values, got);
	assert_string_equal(got, "<.<a<..a");
	sceau_spf_macro_explanation(sceau_slice_of("%{hr-}"), &values, got);
	assert_int_equal(strlen(got), SCEAU_SPF_EXPLANATION_MAX);
}

static void test_uses(void **state)
{
	(void)state;
	assert_true(sceau_spf_macro_uses(sceau_slice_of("a.%{d}.%{P1r}"), "p"));
	assert_true(sceau_spf_macro_uses(sceau_slice_of("%{l}"), "sl"));
	assert_false(sceau_spf_macro_uses(sceau_slice_of("p%%p%{d}p"), "p"));
	assert_false(sceau_spf_macro_uses(sceau_slice_of(""), "p"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_ip6),
		cmocka_unit_test(test_odd_local_part),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_to_nothing),
		cmocka_unit_test(test_explanations),
		cmocka_unit_test(test_explanation_is_clean),
		cmocka_unit_test(test_explanation_is_cut),
		cmocka_unit_test(test_long_values),
		cmocka_unit_test(test_uses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
