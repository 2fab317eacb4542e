/* test_base64.c - one text for one value, and nothing else
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

#include "base/base64.h"

/* RFC 4648, section 10, without padding; then the last two characters. */
static const struct {
	const char *data;
	const char *text;
} good[] = {
	{ "", "" },
	{ "f", "Zg" },
	{ "fo", "Zm8" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg" },
	{ "fooba", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xff\xef\xbe\xfb", "/+++"
	                      "+w" },
};

static const char *const bad[] = {
	"Z", /* no such length */
	"Zg==", /* padding */
	"Zh", /* unused bits are set */
	"Zm9", /* the same with two bytes */
	"Zm9vYg\n", "Zm 9", "Zm9-", "Zm9_", "Zm9v\x80\x80", "=",
};

static void test_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char text[64];
		char data[64];
		size_t used = 99;
		size_t len = strlen(good[i].data);
		size_t text_len = sceau_base64_encode(good[i].data, len, text);
		assert_string_equal(text, good[i].text);
		assert_int_equal(text_len, SCEAU_BASE64_LENGTH(len));
		assert_int_equal(
			sceau_base64_decode(text, text_len, data, len, &used),
			0);
		assert_int_equal(used, len);
		assert_memory_equal(data, good[i].data, len);
	}
}

static void test_refused(void **state)
{
	char data[64];
	size_t used = 99;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(sceau_base64_decode(bad[i], strlen(bad[i]),
		                                     data, sizeof(data), &used),
		                 -1);
	/* One byte too few to hold it. */
	assert_int_equal(sceau_base64_decode("Zm9v", 4, data, 2, &used), -1);
	/* A NUL is a character like any other wrong one. */
	assert_int_equal(sceau_base64_decode("Zg\0", 3, data, 9, &used), -1);
	assert_int_equal(used, 99);
}

/* Every value of the last group: only those whose spare bits are zero. */
static void test_canonical(void **state)
{
	int accepted = 0;

	(void)state;
	for (int c = 0; c < 256; c++) {
		char text[2] = { 'A', (char)c };
		char data;
		size_t used;
		accepted += sceau_base64_decode(text, 2, &data, 1, &used) == 0;
	}
	assert_int_equal(accepted, 4);
}

static void test_in_place(void **state)
{
	char text[] = "Zm9vYmFy";
	size_t used;

	(void)state;
	assert_int_equal(sceau_base64_decode(text, 8, text, 8, &used), 0);
	assert_int_equal(used, 6);
	assert_memory_equal(text, "foobar", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_in_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
