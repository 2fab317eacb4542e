/* test_greylist_record.c - the bytes on disk, byte for byte
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

#include "policy/greylist.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *what;
	struct sceau_greylist_record record;
	const char *bytes;
	size_t len;
} good[] = {
	{ "all zero",
	  { .kind = SCEAU_GREYLIST_CLIENT },
	  "\x01"
	  "c\0\0\0\0",
	  6 },
	{ "waiting",
	  { .kind = SCEAU_GREYLIST_ATTEMPT,
	    .first_s = 300,
	    .last_s = 305,
	    .count = 127 },
	  "\x01"
	  "a\0\xac\x02\x05\x7f",
	  7 },
	{ "passed",
	  { .kind = SCEAU_GREYLIST_ATTEMPT,
	    .has_passed = true,
	    .first_s = 1,
	    .last_s = 129,
	    .count = 128 },
	  "\x01"
	  "a\x01\x01\x80\x01\x80\x01",
	  8 },
	{ "the longest",
	  { .kind = SCEAU_GREYLIST_LEARNED,
	    .first_s = UINT64_MAX / 2 + 1,
	    .last_s = UINT64_MAX,
	    .count = UINT32_MAX },
	  "\x01"
	  "l\0\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"
	  "\xff\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\xff\x0f",
	  27 },
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		unsigned char bytes[SCEAU_GREYLIST_RECORD_MAX];
		struct sceau_greylist_record got;
		struct sceau_err err = { .text = "" };
		size_t len = sceau_greylist_record_encode(&good[i].record,
		                                          bytes);

		if (len != good[i].len || memcmp(bytes, good[i].bytes, len))
			fail_msg("%s: other bytes (%zu)", good[i].what, len);
		if (sceau_greylist_record_decode(bytes, len, &got, &err) < 0)
			fail_msg("%s: %s", good[i].what, err.text);
		assert_int_equal(got.kind, good[i].record.kind);
		assert_int_equal(got.has_passed, good[i].record.has_passed);
		assert_true(got.first_s == good[i].record.first_s);
		assert_true(got.last_s == good[i].record.last_s);
		assert_int_equal(got.count, good[i].record.count);
	}
}

static const struct {
	const char *what;
	const char *bytes;
	size_t len;
} bad[] = {
	{ "nothing", "", 0 },
	{ "version alone", "\x01", 1 },
	{ "version 0",
	  "\0"
	  "c\0\0\0\0",
	  6 },
	{ "version 2",
	  "\x02"
	  "c\0\0\0\0",
	  6 },
	{ "kind x",
	  "\x01"
	  "x\0\0\0\0",
	  6 },
	{ "an unknown flag",
	  "\x01"
	  "c\x02\0\0\0",
	  6 },
	{ "no count",
	  "\x01"
	  "c\0\0\0",
	  5 },
	{ "a byte left over",
	  "\x01"
	  "c\0\0\0\0\0",
	  7 },
	{ "a number without end",
	  "\x01"
	  "c\0\0\0\x80",
	  6 },
	{ "a number in a longer form",
	  "\x01"
	  "c\0\x80\0\0\0",
	  7 },
	{ "a count of 2^32",
	  "\x01"
	  "c\0\0\0\x80\x80\x80\x80\x10",
	  10 },
	{ "a number of 2^64",
	  "\x01"
	  "c\0\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02\0\0",
	  15 },
	{ "a last time beyond the end",
	  "\x01"
	  "c\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01\0",
	  15 },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		unsigned char *copy = malloc(bad[i].len + 1);
		struct sceau_greylist_record got = { .count = 77 };
		struct sceau_err err = { .text = "" };
		int ret;

		assert_non_null(copy);
		memcpy(copy, bad[i].bytes, bad[i].len);
		copy = realloc(copy, bad[i].len > 0 ? bad[i].len : 1);
		ret = sceau_greylist_record_decode(copy, bad[i].len, &got,
		                                   &err);
		if (ret != -1 || got.count != 77)
			fail_msg("%s: was taken", bad[i].what);
		assert_int_equal(err.fault, SCEAU_FAULT_PEER);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
