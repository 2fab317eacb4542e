/* test_bech32.c - key texts: BIP 173's own examples and ours
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

#include "age/bech32.h"
#include "unit/age/age_test.h"

#define LONG_PREFIX                                                            \
	"an83characterlonghumanreadablepartthatcontainsthenumber1andthe"       \
	"excludedcharactersbio1tt5tgs"

/* BIP 173, "Test vectors", as far as they are whole bytes. */
static const char *const good[] = {
	"A12UEL5L",
	"a12uel5l",
	"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
	"?1ezyfcl",
	TEST_RECIPIENT,
	TEST_IDENTITY,
	/* The last '1' is the separator. */
	LONG_PREFIX,
};

static const struct {
	const char *text;
	const char *why;
} bad[] = {
	{ "", "nothing" },
	{ "1nwldj5", "no prefix" },
	{ "pzry9x0s0muk", "no separator" },
	{ "x1b4n0q5v", "'b' is not of the alphabet" },
	{ "li1dgmt3", "checksum is too short" },
	{ "A1G7SGD8", "checksum was made of the upper case" },
	{ "10a06t8", "no prefix" },
	{ "A12uEL5L", "mixed case" },
	{ "a12uel5m", "one character is wrong" },
	{ "\x7f"
	  "1axkwrx",
	  "prefix with DEL" },
	{ " 1nwldj5", "prefix with a space" },
	{ "age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryee",
	  "last character" },
	{ "age1mxwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef",
	  "two swapped" },
};

static int decode(const char *text, char *prefix, int *is_upper, uint8_t *data,
                  size_t *len)
{
	return sceau_bech32_decode(sceau_slice_of(text), prefix, is_upper, data,
	                           SCEAU_BECH32_DATA_MAX, len, NULL);
}

static void test_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char prefix[SCEAU_BECH32_PREFIX_MAX + 1];
		char text[SCEAU_BECH32_TEXT_MAX + 1];
		uint8_t data[SCEAU_BECH32_DATA_MAX];
		size_t len;
		int is_upper;
		/* The long prefix is over our bound, nothing else is. */
		if (strchr(good[i], '1') - good[i] > SCEAU_BECH32_PREFIX_MAX) {
			assert_int_equal(
				decode(good[i], prefix, &is_upper, data, &len),
				-1);
			continue;
		}
		assert_int_equal(decode(good[i], prefix, &is_upper, data, &len),
		                 0);
		assert_int_equal(sceau_bech32_encode(prefix, data, len, text,
		                                     sizeof(text), NULL),
		                 0);
		if (is_upper)
			sceau_bech32_make_upper(text);
		assert_string_equal(text, good[i]);
	}
}

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char prefix[SCEAU_BECH32_PREFIX_MAX + 1];
		uint8_t data[SCEAU_BECH32_DATA_MAX];
		size_t len = 99;
		int is_upper;
		if (decode(bad[i].text, prefix, &is_upper, data, &len) == 0)
			fail_msg("accepted %s: %s", bad[i].text, bad[i].why);
		assert_int_equal(len, 99);
	}
}

/* Two groups carry one byte and two spare bits. Whatever the last group is,
   some checksum fits it: among all that differ in two characters only the
   text with zero spare bits may be accepted. */
static void test_spare_bits(void **state)
{
	static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	char prefix[SCEAU_BECH32_PREFIX_MAX + 1];
	uint8_t data[8] = { 0 };
	size_t len;
	int accepted = 0;

	(void)state;
	for (unsigned last = 0; last < 32; last++) {
		for (unsigned tail = 0; tail < 32 * 32; tail++) {
			char text[40];
			assert_int_equal(sceau_bech32_encode("age", data, 1,
			                                     text, 40, NULL),
			                 0);
			text[5] = alphabet[last];
			text[10] = alphabet[tail >> 5];
			text[11] = alphabet[tail & 31];
			if (sceau_bech32_decode(sceau_slice_of(text), prefix,
			                        NULL, data, sizeof(data), &len,
			                        NULL) == 0)
				accepted++;
			data[0] = 0;
		}
	}
	assert_int_equal(accepted, 1);
}

static void test_bounds(void **state)
{
	uint8_t data[SCEAU_BECH32_DATA_MAX + 1] = { 1 };
	uint8_t back[SCEAU_BECH32_DATA_MAX];
	char text[SCEAU_BECH32_TEXT_MAX + 2];
	char prefix[SCEAU_BECH32_PREFIX_MAX + 1];
	struct sceau_err err = { 0 };
	size_t len;

	(void)state;
	/* A hybrid recipient's length. */
	assert_int_equal(sceau_bech32_encode("age1pq", data, 1216, text,
	                                     sizeof(text), &err),
	                 0);
	assert_int_equal(sceau_bech32_decode(sceau_slice_of(text), prefix, NULL,
	                                     back, sizeof(back), &len, &err),
	                 0);
	assert_int_equal(len, 1216);
	assert_string_equal(prefix, "age1pq");
	/* One byte less room than there are data. */
	assert_int_equal(sceau_bech32_decode(sceau_slice_of(text), prefix, NULL,
	                                     back, 1215, &len, &err),
	                 -1);
	assert_int_equal(sceau_bech32_encode("a", data, sizeof(data), text,
	                                     sizeof(text), &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	assert_int_equal(sceau_bech32_encode("age", data, 32, text, 62, &err),
	                 -1);
	assert_int_equal(sceau_bech32_encode("age", data, 32, text, 63, &err),
	                 0);
}

/* The text may be a secret with one wrong character. */
static void test_error_is_silent(void **state)
{
	char text[] = TEST_IDENTITY;
	char prefix[SCEAU_BECH32_PREFIX_MAX + 1];
	struct sceau_err err;
	uint8_t data[64];
	size_t len;

	(void)state;
	text[30] = text[30] == 'Q' ? 'P' : 'Q';
	assert_int_equal(sceau_bech32_decode(sceau_slice_of(text), prefix, NULL,
	                                     data, sizeof(data), &len, &err),
	                 -1);
	assert_null(strstr(err.text, "EGTZ"));
	assert_null(strstr(err.text, "egtz"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_spare_bits),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_error_is_silent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
