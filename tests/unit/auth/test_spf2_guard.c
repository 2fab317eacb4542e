/* test_spf2_guard.c - records just at what libspf2 can hold, and just over it
 *
 * The edges are those of the library of Debian 12 as measured: 63 networks of
 * IPv4 and 25 of IPv6 count, one more and the record ends in neutral.
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/spf2_guard.h"
#include "base/buf.h"

/* "v=spf1", count times the term, and the end. */
static void make(struct sceau_buf *out, const char *term, size_t count,
                 const char *end)
{
	sceau_buf_init(out, 65535);
	sceau_buf_append_text(out, "v=spf1");
	for (size_t i = 0; i < count; i++)
		sceau_buf_appendf(out, " %s", term);
	sceau_buf_appendf(out, " %s", end);
}

static const struct {
	const char *term;
	size_t count;
	const char *end;
	int want;
} records[] = {
	{ "ip4:10.0.0.1", 63, "-all", 0 },
	{ "ip4:10.0.0.1", 64, "-all", -1 },
	{ "ip4:10.0.0.0/8", 63, "", 0 },
	{ "ip6:2001:db8::1", 25, "-all", 0 },
	{ "ip6:2001:db8::1", 26, "-all", -1 },
	{ "all", 127, "", 0 },
	{ "all", 128, "", -1 },
	/* 4 + 4 + 9, and up to 3 to fill up */
	{ "a:b.example", 25, "", 0 },
	{ "a:b.example", 26, "", -1 },
	{ "a:b.example/24", 21, "", 0 },
	{ "a:b.example/24", 22, "", -1 },
	/* modifiers have a place of their own */
	{ "x=y", 20, "-all", 0 },
	{ "x=abcdefghijklmnopqrstuvwxyz", 9, "-all", -1 },
	{ "exp=%{d}.example", 1, "-all", 0 },
	/* not sound, which the library would not notice */
	{ "a:b", 1, "-all", -1 },
	{ "ip4:10.0.0.1/08", 1, "-all", -1 },
	{ "a/0", 1, "-all", 0 },
};

static void test_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		struct sceau_err err;
		struct sceau_buf text;

		make(&text, records[i].term, records[i].count, records[i].end);
		struct sceau_slice slice = { text.data, text.used };
		int ret = sceau_spf2_guard_record(slice, &err);
		if (ret != records[i].want)
			fail_msg("%zu times %s: got %d", records[i].count,
			         records[i].term, ret);
		sceau_buf_deinit(&text);
	}
}

/* 60 macros and one more, in a record that is short enough otherwise, and in
   an explanation. */
static void test_macros(void **state)
{
	struct sceau_buf text;
	struct sceau_err err;

	(void)state;
	for (size_t count = 60; count <= 61; count++) {
		sceau_buf_init(&text, 65535);
		sceau_buf_append_text(&text, "v=spf1 x=");
		for (size_t i = 0; i < count; i++)
			sceau_buf_append_text(&text, "%{d}");
		struct sceau_slice slice = { text.data, text.used };
		int want = count == 60 ? 0 : -1;
		assert_int_equal(sceau_spf2_guard_record(slice, &err), want);
		if (want < 0)
			assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
		assert_int_equal(sceau_spf2_guard_text(slice), want == 0);
		/* however they are written */
		text.data[9 + 1] = '\0';
		assert_false(sceau_spf2_guard_text(slice));
		sceau_buf_deinit(&text);
	}
}

static void test_texts(void **state)
{
	(void)state;
	assert_true(sceau_spf2_guard_text(sceau_slice_of("")));
	assert_true(sceau_spf2_guard_text(sceau_slice_of("See %{d}.")));
	assert_false(sceau_spf2_guard_text((struct sceau_slice){ "a\0b", 3 }));
	assert_false(sceau_spf2_guard_text((struct sceau_slice){ "\0", 1 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_macros),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
