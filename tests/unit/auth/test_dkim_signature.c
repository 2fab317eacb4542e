/* test_dkim_signature.c - signature values by RFC 6376 3.5, 6.1.1, RFC 8301
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

#include "auth/dkim_signature.h"
#include "base/buf.h"

#define NOW 1700000000
#define HASH "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
/* What every good one has; the rest is said before. */
#define REST "d=Home.Example; s=Mail; h=from:to; " HASH "; b=aGVs\r\n bG8="

static const struct {
	const char *value;
	enum sceau_dkim_result want;
	const char *reason; /* part of it */
} cases[] = {
	{ "v=1; a=rsa-sha256; " REST, SCEAU_DKIM_PASS, "" },
	{ "v=1; a=ed25519-sha256; " REST, SCEAU_DKIM_PASS, "" },
	{ "a=rsa-sha256; v=1; c=relaxed; q=dns/txt; " REST, SCEAU_DKIM_PASS,
	  "" },
	{ "v=1; a=rsa-sha256; c=simple/relaxed; q=x:dns/txt; " REST,
	  SCEAU_DKIM_PASS, "" },
	{ "v=1; a=rsa-sha256; i=@home.example; " REST, SCEAU_DKIM_PASS, "" },
	{ "v=1; a=rsa-sha256; i=a=40b@Sub.Home.Example; " REST, SCEAU_DKIM_PASS,
	  "" },
	{ "v=1; a=rsa-sha256; z=From:x|To:y; x9=1; " REST, SCEAU_DKIM_PASS,
	  "" },
	{ "v=1; a=rsa-sha256; t=1700000000; x=1700000001; " REST,
	  SCEAU_DKIM_PASS, "" },
	/* 3.5: numbers of any length; the largest means never */
	{ "v=1; a=rsa-sha256; x=99999999999999999999999; " REST,
	  SCEAU_DKIM_PASS, "" },
	/* clocks differ by 300 s at most */
	{ "v=1; a=rsa-sha256; t=1700000300; " REST, SCEAU_DKIM_PASS, "" },
	{ "v=1; a=rsa-sha256; t=1700000301; " REST, SCEAU_DKIM_POLICY,
	  "from the future" },
	{ "v=1; a=rsa-sha256; t=99999999999999999999999; " REST,
	  SCEAU_DKIM_POLICY, "from the future" },
	{ "v=1; a=rsa-sha256; x=1699999700; " REST, SCEAU_DKIM_PASS, "" },
	{ "v=1; a=rsa-sha256; x=1699999699; " REST, SCEAU_DKIM_POLICY,
	  "expired" },
	{ "v=1; a=rsa-sha256; x=0; " REST, SCEAU_DKIM_POLICY, "expired" },
	/* a small t= is long ago, not in the future */
	{ "v=1; a=rsa-sha256; t=0; " REST, SCEAU_DKIM_PASS, "" },
	{ "v=1; a=rsa-sha256; t=100; " REST, SCEAU_DKIM_PASS, "" },
	{ "v=1; a=rsa-sha256; t=5; x=5; " REST, SCEAU_DKIM_NEUTRAL, "x= is" },
	{ "v=1; a=rsa-sha256; t=-1; " REST, SCEAU_DKIM_NEUTRAL, "number" },
	{ "v=1; a=rsa-sha256; x=; " REST, SCEAU_DKIM_NEUTRAL, "number" },
	{ "v=1; a=rsa-sha256; t=1x; " REST, SCEAU_DKIM_NEUTRAL, "number" },
	/* RFC 8301 3.1 */
	{ "v=1; a=rsa-sha1; " REST, SCEAU_DKIM_POLICY, "SHA-1" },
	{ "v=1; a=RSA-SHA1; " REST, SCEAU_DKIM_POLICY, "SHA-1" },
	{ "v=1; a=rsa-md5; " REST, SCEAU_DKIM_NEUTRAL, "unknown algorithm" },
	{ "v=1; a=rsa; " REST, SCEAU_DKIM_NEUTRAL, "unknown algorithm" },
	{ "v=1; a=ed25519-sha1; " REST, SCEAU_DKIM_NEUTRAL, "unknown algo" },
	/* 8.2: whoever adds text is believed */
	{ "v=1; a=rsa-sha256; l=20; " REST, SCEAU_DKIM_POLICY, "l=" },
	{ "v=1; a=rsa-sha256; l=0; " REST, SCEAU_DKIM_POLICY, "l=" },
	{ "v=1; a=rsa-sha256; l="
	  "99999999999999999999999999; " REST,
	  SCEAU_DKIM_POLICY, "l=" },
	{ "v=1; a=rsa-sha256; l=x; " REST, SCEAU_DKIM_NEUTRAL, "number" },
	/* 6.1.1 */
	{ "a=rsa-sha256; " REST, SCEAU_DKIM_NEUTRAL, "no v=" },
	{ "v=2; a=rsa-sha256; " REST, SCEAU_DKIM_NEUTRAL, "another version" },
	{ "v=0.5; a=rsa-sha256; " REST, SCEAU_DKIM_NEUTRAL, "another version" },
	{ "v=1; " REST, SCEAU_DKIM_NEUTRAL, "no a=" },
	{ "v=1; a=rsa-sha256; c=nofws; " REST, SCEAU_DKIM_NEUTRAL, "canon" },
	{ "v=1; a=rsa-sha256; c=relaxed/x; " REST, SCEAU_DKIM_NEUTRAL,
	  "canon" },
	{ "v=1; a=rsa-sha256; q=http; " REST, SCEAU_DKIM_NEUTRAL, "DNS" },
	{ "v=1; a=rsa-sha256; i=@example; " REST, SCEAU_DKIM_PERMERROR,
	  "i= is not" },
	{ "v=1; a=rsa-sha256; i=@evilhome.example; " REST, SCEAU_DKIM_PERMERROR,
	  "i= is not" },
	{ "v=1; a=rsa-sha256; i=@home.example.evil.org; " REST,
	  SCEAU_DKIM_PERMERROR, "i= is not" },
	{ "v=1; a=rsa-sha256; i=x@home.example@evil.org; " REST,
	  SCEAU_DKIM_PERMERROR, "i= is not" },
	{ "v=1; a=rsa-sha256; i=home.example; " REST, SCEAU_DKIM_NEUTRAL,
	  "i= cannot" },
	{ "v=1; a=rsa-sha256; i==0@home.example; " REST, SCEAU_DKIM_NEUTRAL,
	  "i= cannot" },
	{ "v=1; a=rsa-sha256; i==00@home.example; " REST, SCEAU_DKIM_NEUTRAL,
	  "i= cannot" },
	{ "v=1; a=rsa-sha256; d=home.example; s=x; h=to:subject; " HASH
	  "; b=aGVsbG8=",
	  SCEAU_DKIM_PERMERROR, "From is not signed" },
	{ "v=1; a=rsa-sha256; d=home.example; s=x; h=from::to; " HASH
	  "; b=aGVsbG8=",
	  SCEAU_DKIM_NEUTRAL, "h= cannot" },
	{ "v=1; a=rsa-sha256; d=home.example; s=x; " HASH "; b=aGVsbG8=",
	  SCEAU_DKIM_NEUTRAL, "no h=" },
	{ "v=1; a=rsa-sha256; d=; s=x; h=from; " HASH "; b=aGVsbG8=",
	  SCEAU_DKIM_NEUTRAL, "no d=" },
	{ "v=1; a=rsa-sha256; d=a..b; s=x; h=from; " HASH "; b=aGVsbG8=",
	  SCEAU_DKIM_NEUTRAL, "d= is no" },
	{ "v=1; a=rsa-sha256; d=.b; s=x; h=from; " HASH "; b=aGVsbG8=",
	  SCEAU_DKIM_NEUTRAL, "d= is no" },
	{ "v=1; a=rsa-sha256; d=b.; s=x; h=from; " HASH "; b=aGVsbG8=",
	  SCEAU_DKIM_NEUTRAL, "d= is no" },
	{ "v=1; a=rsa-sha256; d=b(.evil; s=x; h=from; " HASH "; b=aGVsbG8=",
	  SCEAU_DKIM_NEUTRAL, "d= is no" },
	{ "v=1; a=rsa-sha256; d=home.example; s=a b; h=from; " HASH
	  "; b=aGVsbG8=",
	  SCEAU_DKIM_NEUTRAL, "s= is no" },
	{ "v=1; a=rsa-sha256; d=home.example; s=x; h=from; b=aGVsbG8=",
	  SCEAU_DKIM_NEUTRAL, "no bh=" },
	{ "v=1; a=rsa-sha256; d=home.example; s=x; h=from; bh=aGVsbG8=; "
	  "b=aGVsbG8=",
	  SCEAU_DKIM_NEUTRAL, "bh= is no" },
	{ "v=1; a=rsa-sha256; d=home.example; s=x; h=from; bh=*; b=aGVsbG8=",
	  SCEAU_DKIM_NEUTRAL, "bh= cannot" },
	{ "v=1; a=rsa-sha256; d=home.example; s=x; h=from; " HASH "; b=",
	  SCEAU_DKIM_NEUTRAL, "no b=" },
	{ "v=1; a=rsa-sha256; d=home.example; s=x; h=from; " HASH "; b=*",
	  SCEAU_DKIM_NEUTRAL, "b= cannot" },
	{ "v=1; v=1; a=rsa-sha256; " REST, SCEAU_DKIM_NEUTRAL,
	  "cannot be read" },
	{ "", SCEAU_DKIM_NEUTRAL, "cannot be read" },
	{ "v=1", SCEAU_DKIM_NEUTRAL, "no d=" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sceau_dkim_signature got;

		sceau_dkim_signature_read(sceau_slice_of(cases[i].value), NOW,
		                          &got);
		if (got.result != cases[i].want ||
		    strstr(got.reason, cases[i].reason) == NULL)
			fail_msg("\"%s\": got %s (%s), want %s", cases[i].value,
			         sceau_dkim_result_name(got.result), got.reason,
			         sceau_dkim_result_name(cases[i].want));
	}
}

static void test_what_it_says(void **state)
{
	const char *value = " v=1; a=rsa-sha256; c=relaxed/simple;\n\t"
			    "i=a=2Eb@sub.home.example; t=7; x=17000000000; "
			    "h=From :\n\tTo; d=Home.Example; s=Mail; " HASH
			    ";\n"
			    "\tb= aGVs\n\tbG8= ; z=b=;";
	struct sceau_dkim_signature got;
	struct sceau_slice rest, name;

	(void)state;
	sceau_dkim_signature_read(sceau_slice_of(value), NOW, &got);
	assert_int_equal(got.result, SCEAU_DKIM_PASS);
	assert_int_equal(got.type, SCEAU_DKIM_RSA);
	assert_int_equal(got.header_canon, SCEAU_DKIM_RELAXED);
	assert_int_equal(got.body_canon, SCEAU_DKIM_SIMPLE);
	assert_string_equal(got.domain, "home.example");
	assert_string_equal(got.selector, "mail");
	assert_string_equal(got.identity, "a.b@sub.home.example");
	assert_true(got.is_subdomain);
	assert_int_equal(got.time_s, 7);
	assert_int_equal(got.expiry_s, 17000000000);
	assert_false(got.has_length);
	assert_int_equal(got.bytes_len, 5);
	assert_memory_equal(got.bytes, "hello", 5);
	assert_true(sceau_slice_is(got.b, " aGVs\n\tbG8= "));
	assert_int_equal(got.body_hash[0], 0xe3);
	assert_int_equal(got.body_hash[31], 0x55);
	rest = got.names;
	assert_true(sceau_dkim_signature_next_name(&rest, &name));
	assert_true(sceau_slice_is(name, "From"));
	assert_true(sceau_dkim_signature_next_name(&rest, &name));
	assert_true(sceau_slice_is(name, "To"));
	assert_false(sceau_dkim_signature_next_name(&rest, &name));
}

/* One name more in h= than the bound, one byte more in b=. */
static void test_bounds(void **state)
{
	struct sceau_dkim_signature got;
	struct sceau_buf value;

	(void)state;
	for (size_t extra = 0; extra < 2; extra++) {
		sceau_buf_init(&value, 100000);
		(void)sceau_buf_append_text(&value,
		                            "v=1; a=rsa-sha256; d=a; s=b; " HASH
		                            "; b=aGVsbG8=; h=from");
		for (size_t i = 1; i < SCEAU_DKIM_SIGNED_MAX + extra; i++)
			(void)sceau_buf_append_text(&value, ":x");
		sceau_dkim_signature_read(sceau_slice_of(value.data), NOW,
		                          &got);
		assert_int_equal(got.result, extra == 0 ? SCEAU_DKIM_PASS
		                                        : SCEAU_DKIM_NEUTRAL);
		sceau_buf_clear(&value);
		(void)sceau_buf_append_text(
			&value,
			"v=1; a=rsa-sha256; d=a; s=b; h=from; " HASH "; b=");
		/* 2048 bytes are 682 groups of three and two bytes */
		for (size_t i = 0; i < SCEAU_DKIM_SIGNATURE_BYTES_MAX / 3; i++)
			(void)sceau_buf_append_text(&value, "aaaa");
		(void)sceau_buf_append_text(&value,
		                            extra == 0 ? "aaY" : "aaaa");
		sceau_dkim_signature_read(sceau_slice_of(value.data), NOW,
		                          &got);
		assert_int_equal(got.result, extra == 0 ? SCEAU_DKIM_PASS
		                                        : SCEAU_DKIM_NEUTRAL);
		sceau_buf_deinit(&value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_what_it_says),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
