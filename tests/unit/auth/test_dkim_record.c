/* test_dkim_record.c - key records by RFC 6376 3.6.1 and RFC 8463
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

#include "auth/dkim_record.h"
#include "base/buf.h"

static const struct {
	const char *text;
	const char *want; /* part of the reason, NULL: a key */
	enum sceau_dkim_key_type type;
	bool is_testing;
	bool is_strict;
} cases[] = {
	{ "p=aGVsbG8=", NULL, SCEAU_DKIM_RSA, false, false },
	{ "v=DKIM1; k=rsa; p=aGVsbG8=", NULL, SCEAU_DKIM_RSA, false, false },
	{ "v=DKIM1;k=ed25519;p=aGVsbG8=;", NULL, SCEAU_DKIM_ED25519, false,
	  false },
	{ "v=DKIM1; t=y:s; p=aGVsbG8=", NULL, SCEAU_DKIM_RSA, true, true },
	{ "t = s ; p=aGVsbG8=", NULL, SCEAU_DKIM_RSA, false, true },
	{ "t=yes:strict; p=aGVsbG8=", NULL, SCEAU_DKIM_RSA, false, false },
	{ "h=sha1:sha256; p=aGVsbG8=", NULL, SCEAU_DKIM_RSA, false, false },
	{ "s=email; p=aGVsbG8=", NULL, SCEAU_DKIM_RSA, false, false },
	{ "s=web:*; p=aGVsbG8=", NULL, SCEAU_DKIM_RSA, false, false },
	/* g= of drafts and unknown tags mean nothing */
	{ "g=nobody; x=1; n=\xc3\xa9; p=aGVsbG8=", NULL, SCEAU_DKIM_RSA, false,
	  false },
	/* 6.1.2 */
	{ "k=rsa; t; p=aGVsbG8=", "cannot be read", 0, false, false },
	{ "v=spf1 -all", "another version", 0, false, false },
	{ "v=DKIM3; p=aGVsbG8=", "another version", 0, false, false },
	{ "v=dkim1; p=aGVsbG8=", "another version", 0, false, false },
	{ "v=; p=aGVsbG8=", "another version", 0, false, false },
	{ "k=dsa; p=aGVsbG8=", "unknown type", 0, false, false },
	{ "h=sha1; p=aGVsbG8=", "not for SHA-256", 0, false, false },
	{ "h=; p=aGVsbG8=", "not for SHA-256", 0, false, false },
	{ "s=chat; p=aGVsbG8=", "not for mail", 0, false, false },
	{ "v=DKIM1; k=rsa", "no key", 0, false, false },
	{ "v=DKIM1; p=", "revoked", 0, false, false },
	{ "v=DKIM1; p= ;", "revoked", 0, false, false },
	{ "p=aGVsbG8=; p=aGVsbG8=", "cannot be read", 0, false, false },
	{ "p=a*b", "not base64", 0, false, false },
	{ "k=rsa\\; p=aGVsbG8=", "unknown type", 0, false, false },
	{ "", "cannot be read", 0, false, false },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sceau_dkim_record record;
		const char *got = sceau_dkim_record_read(
			sceau_slice_of(cases[i].text), &record);

		if ((got == NULL) != (cases[i].want == NULL) ||
		    (got != NULL && strstr(got, cases[i].want) == NULL))
			fail_msg("\"%s\": got %s", cases[i].text,
			         got != NULL ? got : "a key");
		if (got != NULL) {
			assert_int_equal(record.key_len, 0);
			continue;
		}
		assert_int_equal(record.type, cases[i].type);
		assert_int_equal(record.is_testing, cases[i].is_testing);
		assert_int_equal(record.is_strict, cases[i].is_strict);
		assert_int_equal(record.key_len, 5);
		assert_memory_equal(record.key, "hello", 5);
	}
}

/* The largest key fits, one byte more does not. */
static void test_bound(void **state)
{
	struct sceau_dkim_record record;
	struct sceau_buf text;
	size_t len = SCEAU_DKIM_RECORD_KEY_MAX / 3;

	(void)state;
	sceau_buf_init(&text, 10000);
	(void)sceau_buf_append_text(&text, "p=");
	for (size_t i = 0; i < len; i++)
		(void)sceau_buf_append_text(&text, "aaaa");
	(void)sceau_buf_append_text(&text, "YQ");
	assert_null(sceau_dkim_record_read(sceau_slice_of(text.data), &record));
	assert_int_equal(record.key_len, SCEAU_DKIM_RECORD_KEY_MAX);
	(void)sceau_buf_append_text(&text, "GE");
	assert_non_null(
		sceau_dkim_record_read(sceau_slice_of(text.data), &record));
	sceau_buf_deinit(&text);
}

static void test_is_key(void **state)
{
	(void)state;
	assert_true(sceau_dkim_record_is_key(sceau_slice_of("p=")));
	assert_true(sceau_dkim_record_is_key(
		sceau_slice_of("v=DKIM1; k=new; p=aGVsbG8=")));
	assert_false(sceau_dkim_record_is_key(sceau_slice_of("v=spf1 -all")));
	assert_false(sceau_dkim_record_is_key(sceau_slice_of("token")));
	assert_false(
		sceau_dkim_record_is_key(sceau_slice_of("v=DMARC1; p=reject")));
	assert_string_equal(sceau_dkim_key_type_name(SCEAU_DKIM_RSA), "rsa");
	assert_string_equal(sceau_dkim_key_type_name(SCEAU_DKIM_ED25519),
	                    "ed25519");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_is_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
