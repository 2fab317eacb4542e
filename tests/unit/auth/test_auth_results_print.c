/* test_auth_results_print.c - the field as RFC 8601 writes it
 *
 * That another program reads the same from it: tests/system,
 * test_auth_results.sh.
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

#include "auth/auth_results.h"
#include "auth/auth_results_print.h"

#define ID "mx.home.example"

static struct sceau_auth_results results;

static void begin(void)
{
	sceau_auth_results_init(&results, sceau_slice_of(ID));
}

static void expect(const char *want)
{
	struct sceau_buf out;
	struct sceau_err err = { .text = "" };

	sceau_buf_init(&out, 100000);
	assert_int_equal(sceau_auth_results_end(&results, &out, &err), 0);
	if (want != NULL)
		assert_string_equal(sceau_buf_text(&out), want);
	/* ours, and fit for a header */
	struct sceau_slice value = { out.data, out.used };
	assert_true(sceau_auth_results_is_ours(value, sceau_slice_of(ID)));
	struct sceau_header header;
	sceau_header_init(&header, 10, 200000);
	assert_int_equal(
		sceau_header_insert(&header,
	                            sceau_slice_of("Authentication-Results"),
	                            value, &err),
		0);
	sceau_header_deinit(&header);
	sceau_buf_deinit(&out);
	sceau_auth_results_deinit(&results);
}

/* RFC 8601 2.2: no-result = ";" "none" */
static void test_none(void **state)
{
	(void)state;
	begin();
	expect(" " ID "; none");
}

/* RFC 2045 5.1 for tokens, RFC 8601 2.2 for addresses; anything else stands in
   a quoted string (RFC 5322 3.2.4). */
static const struct {
	const char *value;
	const char *want;
} values[] = {
	{ "example.com", "example.com" },
	{ "@example.com", "@example.com" },
	{ "user@example.com", "user@example.com" },
	{ "u+x-y_z@example.com", "u+x-y_z@example.com" },
	{ "b!c#d", "b!c#d" },
	{ "a b", "\"a b\"" },
	{ "a/b", "\"a/b\"" },
	{ "a=", "\"a=\"" },
	{ "a;b", "\"a;b\"" },
	{ "(a)", "\"(a)\"" },
	{ "[192.0.2.1]", "\"[192.0.2.1]\"" },
	{ "a\"b", "\"a\\\"b\"" },
	{ "a\\b", "\"a\\\\b\"" },
	{ "\"", "\"\\\"\"" },
	{ "a\r\n\tb", "\"a???b\"" },
	{ "b\xc3\xbc@x", "\"b??@x\"" },
	{ "\x7f", "\"?\"" },
	{ "@", "\"@\"" },
	{ "a@", "\"a@\"" },
	{ "a@b@c", "\"a@b@c\"" },
	{ "a..b@c", "\"a..b@c\"" },
	{ "a!b@c", "\"a!b@c\"" },
};

static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char want[200];

		begin();
		sceau_auth_results_begin(&results, "dkim", "pass");
		sceau_auth_results_property(&results, "header.i",
		                            sceau_slice_of(values[i].value));
		(void)snprintf(want, sizeof(want),
		               " " ID ";\n\tdkim=pass header.i=%s",
		               values[i].want);
		expect(want);
	}
}

static void test_nul(void **state)
{
	const struct sceau_slice value = { "a\0b", 3 };
	const struct sceau_slice address = { "a@b\0c", 5 };

	(void)state;
	begin();
	sceau_auth_results_begin(&results, "dkim", "fail");
	sceau_auth_results_reason(&results, value);
	sceau_auth_results_property(&results, "header.d", value);
	sceau_auth_results_property(&results, "header.i", address);
	expect(" " ID ";\n\tdkim=fail reason=\"a?b\" header.d=\"a?b\" "
	       "header.i=\"a@b?c\"");
}

/* RFC 5322 2.1.1: 78 columns where it can be, never more than 998. */
static void test_folding(void **state)
{
	char longest[SCEAU_AUTH_RESULTS_VALUE_MAX + 2];

	(void)state;
	begin();
	sceau_auth_results_begin(&results, "dkim", "pass");
	sceau_auth_results_property(
		&results, "header.d",
		sceau_slice_of("a.domain.of.some.length.example"));
	/* ends in column 78, then the next would end in 79 */
	sceau_auth_results_property(&results, "header.s",
	                            sceau_slice_of("s1234567"));
	sceau_auth_results_property(&results, "header.b",
	                            sceau_slice_of("ABCDEFGH"));
	expect(" " ID ";\n\tdkim=pass header.d=a.domain.of.some.length.example "
	       "header.s=s1234567\n\theader.b=ABCDEFGH");
	memset(longest, '"', sizeof(longest));
	longest[SCEAU_AUTH_RESULTS_VALUE_MAX + 1] = '\0';
	begin();
	sceau_auth_results_begin(&results, "dkim", "pass");
	sceau_auth_results_property(&results, "header.d",
	                            sceau_slice_of(longest));
	sceau_auth_results_reason(&results, sceau_slice_of(longest));
	expect(" " ID ";\n\tdkim=pass");
	longest[SCEAU_AUTH_RESULTS_VALUE_MAX] = '\0';
	begin();
	sceau_auth_results_begin(&results, "dkim", "pass");
	sceau_auth_results_property(&results, "header.d",
	                            sceau_slice_of(longest));
	expect(NULL);
}

/* Results over the bound go as a whole, and are counted. */
static void test_bound(void **state)
{
	char value[SCEAU_AUTH_RESULTS_VALUE_MAX + 1];
	struct sceau_buf out;

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	begin();
	for (int i = 0; i < 100; i++) {
		sceau_auth_results_begin(&results, "dkim", "pass");
		sceau_auth_results_property(&results, "header.d",
		                            sceau_slice_of(value));
	}
	sceau_auth_results_begin(&results, "dmarc", "pass");
	sceau_buf_init(&out, SCEAU_AUTH_RESULTS_MAX);
	assert_int_equal(sceau_auth_results_end(&results, &out, NULL), 0);
	assert_true(out.used <= SCEAU_AUTH_RESULTS_MAX);
	/* the small one at the end fits again */
	assert_string_equal(out.data + out.used - 10, "dmarc=pass");
	size_t count = 0;
	for (const char *at = out.data; (at = strstr(at, "dkim=")) != NULL;
	     at += 5)
		count++;
	assert_true(count > 30);
	assert_int_equal(results.left_out, 100 - count);
	/* no room where it shall go */
	struct sceau_err err;
	struct sceau_buf small;
	sceau_buf_init(&small, 100);
	assert_int_equal(sceau_auth_results_end(&results, &small, &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
	sceau_buf_deinit(&small);
	sceau_buf_deinit(&out);
	sceau_auth_results_deinit(&results);
}

static void test_spf(void **state)
{
	const struct sceau_spf_result pass = { .code = SCEAU_SPF_PASS,
		                               .domain = "example.com" };
	const struct sceau_spf_result late = {
		.code = SCEAU_SPF_TEMPERROR,
		.domain = "xn--bcher-kva.example",
		.reason = "no answer; sorry"
	};
	struct sceau_address sender = { .local = "Bob",
		                        .domain = "EXAMPLE.com" };

	(void)state;
	begin();
	sceau_auth_results_add_helo(&results, &pass);
	sceau_auth_results_add_mailfrom(&results, &pass, &sender);
	expect(" " ID ";\n\tspf=pass smtp.helo=example.com;\n\tspf=pass "
	       "smtp.mailfrom=Bob@example.com");
	/* a bounce: HELO stood for the sender (RFC 7208 2.4) */
	begin();
	sceau_auth_results_add_mailfrom(&results, &pass, NULL);
	memset(&sender, 0, sizeof(sender));
	sceau_auth_results_add_mailfrom(&results, &pass, &sender);
	expect(" " ID ";\n\tspf=pass smtp.helo=example.com;\n\tspf=pass "
	       "smtp.helo=example.com");
	/* RFC 6532 is not for everybody: the domain as DNS knows it */
	sender = (struct sceau_address){ .local = "j\xc3\xbcrgen",
		                         .domain = "b\xc3\xbc"
		                                   "cher.example" };
	begin();
	sceau_auth_results_add_mailfrom(&results, &late, &sender);
	expect(" " ID ";\n\tspf=temperror reason=\"no answer; sorry\"\n\t"
	       "smtp.mailfrom=xn--bcher-kva.example");
	/* a local part with a blank is quoted by itself (RFC 5321) */
	sender = (struct sceau_address){ .local = "a b",
		                         .domain = "example.com" };
	begin();
	sceau_auth_results_add_mailfrom(&results, &pass, &sender);
	expect(" " ID ";\n\tspf=pass "
	       "smtp.mailfrom=\"\\\"a b\\\"@example.com\"");
}

static void test_dkim(void **state)
{
	const struct sceau_dkim_verdict verdict = {
		.result = SCEAU_DKIM_POLICY,
		.reason = "only a part of the text is signed",
		.domain = "example.com",
		.selector = "s1",
		.identity = "@news.example.com",
		.algorithm = "rsa-sha256",
		.b = "AbC/eF+=",
	};

	(void)state;
	begin();
	sceau_auth_results_add_dkim(&results, &verdict);
	expect(" " ID ";\n\tdkim=policy reason=\"only a part of the text is "
	       "signed\"\n\theader.d=example.com header.i=@news.example.com "
	       "header.s=s1\n\theader.a=rsa-sha256 header.b=\"AbC/eF+=\"");
}

static void test_dmarc(void **state)
{
	struct sceau_dmarc_verdict verdict = {
		.result = SCEAU_DMARC_RESULT_FAIL,
		.policy = SCEAU_DMARC_QUARANTINE,
		.author = "example.com",
	};

	(void)state;
	begin();
	sceau_auth_results_add_dmarc(&results, &verdict);
	verdict.result = SCEAU_DMARC_RESULT_PASS;
	sceau_auth_results_add_dmarc(&results, &verdict);
	verdict.result = SCEAU_DMARC_RESULT_TEMPERROR;
	verdict.reason = SCEAU_DMARC_REASON_DNS;
	sceau_auth_results_add_dmarc(&results, &verdict);
	verdict.result = SCEAU_DMARC_RESULT_PERMERROR;
	verdict.reason = SCEAU_DMARC_REASON_NO_FROM;
	verdict.author[0] = '\0';
	sceau_auth_results_add_dmarc(&results, &verdict);
	expect(" " ID ";\n\tdmarc=fail header.from=example.com "
	       "policy.dmarc=quarantine;\n\tdmarc=pass header.from=example.com "
	       "policy.dmarc=quarantine;\n\tdmarc=temperror reason=\"dns\" "
	       "header.from=example.com;\n\tdmarc=permerror "
	       "reason=\"no-from\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),  cmocka_unit_test(test_values),
		cmocka_unit_test(test_nul),   cmocka_unit_test(test_folding),
		cmocka_unit_test(test_bound), cmocka_unit_test(test_spf),
		cmocka_unit_test(test_dkim),  cmocka_unit_test(test_dmarc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
