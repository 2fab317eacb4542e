/* test_text.c - slices, numbers, UTF-8 and names that are nearly right
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"

static void test_trim_and_words(void **state)
{
	struct sceau_slice rest = sceau_slice_of(" a, b ,,c"), word;
	struct sceau_buf seen;

	(void)state;
	sceau_buf_init(&seen, 8);
	while (sceau_slice_next_word(&rest, ", ", &word))
		sceau_buf_append(&seen, word.data, word.len);
	assert_string_equal(sceau_buf_text(&seen), "abc");
	sceau_buf_deinit(&seen);
	assert_true(sceau_slice_is(
		sceau_slice_trim(sceau_slice_of("\t x y \r\n")), "x y"));
	assert_int_equal(sceau_slice_trim(sceau_slice_of(" \t")).len, 0);
	assert_int_equal(sceau_slice_of(NULL).len, 0);
}

static void test_lines(void **state)
{
	struct sceau_slice rest = sceau_slice_of("a b\r\n\nc");
	struct sceau_slice line;

	(void)state;
	assert_true(sceau_slice_next_line(&rest, &line));
	assert_true(sceau_slice_is(line, "a b\r"));
	assert_true(sceau_slice_next_line(&rest, &line));
	assert_int_equal(line.len, 0);
	assert_true(sceau_slice_next_line(&rest, &line));
	assert_true(sceau_slice_is(line, "c"));
	assert_false(sceau_slice_next_line(&rest, &line));
	assert_true(sceau_slice_is(line, "c"));
	/* a closing LF begins no further line */
	rest = sceau_slice_of("a\n");
	assert_true(sceau_slice_next_line(&rest, &line));
	assert_false(sceau_slice_next_line(&rest, &line));
}

static void test_case(void **state)
{
	(void)state;
	assert_true(sceau_text_equal_nocase("From", "fROM"));
	assert_false(sceau_text_equal_nocase("From", "Fro"));
	/* '[' and '{' differ by the same bit as letters do. */
	assert_false(sceau_text_equal_nocase("[", "{"));
	assert_true(sceau_slice_is_nocase(sceau_slice_of("aB"), "Ab"));
}

static void test_copy(void **state)
{
	char out[4] = "zzz";

	(void)state;
	assert_int_equal(sceau_slice_copy(sceau_slice_of("abcd"), out, 4), -1);
	assert_string_equal(out, "zzz");
	assert_int_equal(sceau_slice_copy(sceau_slice_of("abc"), out, 4), 0);
	assert_string_equal(out, "abc");
	assert_int_equal(
		sceau_slice_copy((struct sceau_slice){ "a\0b", 3 }, out, 4),
		-1);
}

static const struct {
	const char *text;
	int want_ret;
	uint64_t want;
} durations[] = {
	{ "30", 0, 30 },       { "30s", 0, 30 },
	{ "5m", 0, 300 },      { "2h", 0, 7200 },
	{ "1d", 0, 86400 },    { "2w", 0, 1209600 },
	{ "0", 0, 0 },         { "", -1, 0 },
	{ "m", -1, 0 },        { "5x", -1, 0 },
	{ "-5", -1, 0 },       { "5 m", -1, 0 },
	{ "1000000w", -1, 0 }, { "99999999999999999999", -1, 0 },
};

static void test_durations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
		uint64_t got = 77;
		int ret = sceau_text_parse_duration(
			sceau_slice_of(durations[i].text), &got, &err);
		uint64_t want = ret < 0 ? 77 : durations[i].want;

		if (ret != durations[i].want_ret || got != want)
			fail_msg("\"%s\": got %d %llu", durations[i].text, ret,
			         (unsigned long long)got);
		if (ret < 0)
			assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	}
}

static void test_sizes(void **state)
{
	uint64_t got;

	(void)state;
	assert_int_equal(
		sceau_text_parse_size(sceau_slice_of("10M"), &got, NULL), 0);
	assert_int_equal(got, 10485760);
	assert_int_equal(
		sceau_text_parse_size(sceau_slice_of("3k"), &got, NULL), 0);
	assert_int_equal(got, 3072);
	assert_int_equal(
		sceau_text_parse_size(sceau_slice_of("9999999G"), &got, NULL),
		-1);
	assert_int_equal(
		sceau_text_parse_number(sceau_slice_of("18446744073709551615"),
	                                UINT64_MAX, &got, NULL),
		0);
	assert_true(got == UINT64_MAX);
	assert_int_equal(
		sceau_text_parse_number(sceau_slice_of("18446744073709551616"),
	                                UINT64_MAX, &got, NULL),
		-1);
}

static const struct {
	const char *text;
	bool want;
} utf8[] = {
	{ "", true },
	{ "plain", true },
	{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", true },
	{ "\xc0\xaf", false }, /* overlong '/' */
	{ "\xe0\x80\xaf", false },
	{ "\xed\xa0\x80", false }, /* surrogate */
	{ "\xf4\x90\x80\x80", false }, /* above U+10FFFF */
	{ "\xf8\x88\x80\x80\x80", false },
	{ "\xc3", false }, /* cut */
	{ "\xe2\x82", false },
	{ "\x80", false },
};

static void test_utf8(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(utf8) / sizeof(utf8[0]); i++) {
		bool got = sceau_text_is_utf8(utf8[i].text,
		                              strlen(utf8[i].text));

		if (got != utf8[i].want)
			fail_msg("row %zu: got %d", i, got);
	}
}

static void test_printable(void **state)
{
	char text[] = "a\r\nb\x1b[0m\xc2\x85\xe2\x80\xa8\xc3\xa9\xff\x7f."
		      "\xe2\x80\xae\xe2\x81\xa9";

	(void)state;
	sceau_text_make_printable(text);
	assert_string_equal(text, "a??b?[0m?????\xc3\xa9??.??????");
}

static void test_distance(void **state)
{
	(void)state;
	assert_int_equal(sceau_text_distance("dns_servers", "dns_server"), 1);
	assert_int_equal(sceau_text_distance("", "abc"), 3);
	assert_int_equal(sceau_text_distance("abc", "abc"), 0);
	assert_int_equal(sceau_text_distance("kitten", "sitting"), 3);
}

static void test_errors_are_one_safe_line(void **state)
{
	struct sceau_err err;

	(void)state;
	assert_int_equal(
		sceau_fail(&err, SCEAU_FAULT_PEER, "bad \"%s\"", "x\ny\x1b"),
		-1);
	assert_string_equal(err.text, "bad \"x?y?\"");
	assert_int_equal(sceau_fail_in(&err, "file:%d", 7), -1);
	assert_string_equal(err.text, "file:7: bad \"x?y?\"");
	assert_int_equal(err.fault, SCEAU_FAULT_PEER);
	assert_int_equal(sceau_fail(NULL, SCEAU_FAULT_TEMP, "x"), -1);
}

static void test_buf_bound(void **state)
{
	struct sceau_buf buf;

	(void)state;
	sceau_buf_init(&buf, 1000);
	for (int i = 0; i < 100; i++)
		assert_int_equal(sceau_buf_append(&buf, "0123456789", 10), 0);
	assert_int_equal(buf.used, 1000);
	assert_int_equal(sceau_buf_append_text(&buf, "x"), -1);
	assert_int_equal(buf.used, 1000);
	assert_true(buf.failed);
	sceau_buf_clear(&buf);
	assert_int_equal(sceau_buf_appendf(&buf, "%s-%d", "a", 5), 0);
	assert_string_equal(sceau_buf_text(&buf), "a-5");
	sceau_buf_consume(&buf, 2);
	assert_string_equal(sceau_buf_text(&buf), "5");
	sceau_buf_consume(&buf, 9);
	assert_string_equal(sceau_buf_text(&buf), "");
	sceau_buf_deinit(&buf);
	assert_string_equal(sceau_buf_text(&buf), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trim_and_words),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_case),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_printable),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_errors_are_one_safe_line),
		cmocka_unit_test(test_buf_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
