/* test_header.c - the view of a header, and edits as an MTA applies them
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "mail/header.h"
#include "unit/mail/mta_model.h"

static struct sceau_header header;

static void add(const char *name, const char *value)
{
	struct sceau_err err;

	if (sceau_header_add(&header, sceau_slice_of(name),
	                     sceau_slice_of(value), &err) < 0)
		fail_msg("%s: %s", name, err.text);
}

static int setup(void **state)
{
	(void)state;
	sceau_header_init(&header, SCEAU_HEADER_FIELDS_MAX,
	                  SCEAU_HEADER_BYTES_MAX);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sceau_header_deinit(&header);
	return 0;
}

static void assert_printed(const char *want)
{
	struct sceau_buf out;

	sceau_buf_init(&out, 100000);
	assert_int_equal(sceau_header_print(&header, &out), 0);
	assert_string_equal(sceau_buf_text(&out), want);
	sceau_buf_deinit(&out);
}

static void test_find(void **state)
{
	size_t i = 99;

	(void)state;
	assert_false(sceau_header_find(&header, "a", 0, &i));
	add("Received", " one");
	add("From", " a");
	add("RECEIVED", " two");
	add("Received-SPF", " pass");
	add("received", " three");
	assert_int_equal(sceau_header_count(&header, "received"), 3);
	assert_int_equal(sceau_header_count(&header, "receive"), 0);
	assert_true(sceau_header_find(&header, "received", 1, &i));
	assert_int_equal(i, 2);
	assert_true(sceau_header_find_nth(&header, "Received", 3, &i));
	assert_int_equal(i, 4);
	assert_false(sceau_header_find_nth(&header, "Received", 4, &i));
	assert_false(sceau_header_find_nth(&header, "Received", 0, &i));
	assert_int_equal(i, 4);

	sceau_header_delete(&header, 2);
	assert_int_equal(sceau_header_count(&header, "received"), 2);
	assert_true(sceau_header_find_nth(&header, "Received", 2, &i));
	assert_int_equal(i, 4);
	assert_true(sceau_header_get(&header, 2).deleted);
	assert_true(
		sceau_slice_is(sceau_header_get(&header, 4).value, " three"));
}

static void test_unfold(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ " a", " a" },
		{ " a\n\tb", " a\tb" },
		{ " a\r\n b\r\n c", " a b c" },
		{ "\n a", " a" },
		{ " a\rb", " a\rb" },
		{ " a\r\r\n b", " a\r b" },
		{ " \n \n ", "   " },
		{ "a\n", "a" },
	};
	struct sceau_buf out;

	(void)state;
	sceau_buf_init(&out, 100);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sceau_buf_clear(&out);
		assert_int_equal(
			sceau_header_unfold(sceau_slice_of(cases[i][0]), &out),
			0);
		assert_string_equal(sceau_buf_text(&out), cases[i][1]);
	}
	sceau_buf_deinit(&out);
	sceau_buf_init(&out, 3);
	assert_int_equal(sceau_header_unfold(sceau_slice_of("abcd"), &out), -1);
	sceau_buf_deinit(&out);
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		bool want;
	} cases[] = {
		{ "X", true },     { "X-A_b!~", true }, { "", false },
		{ "a b", false },  { "a:b", false },    { "a\t", false },
		{ "a\nb", false }, { "\x7f", false },   { "\xc3\xa9", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (sceau_header_is_name(sceau_slice_of(cases[i].name)) !=
		    cases[i].want)
			fail_msg("\"%s\"", cases[i].name);
	}
	assert_false(sceau_header_is_name((struct sceau_slice){ "a\0b", 3 }));
}

/* No edit may put a line into the header. */
static void test_values_cannot_smuggle_lines(void **state)
{
	static const struct {
		const char *value;
		size_t len;
		int want;
	} cases[] = {
		{ " a", 2, 0 },           { "a\n b", 4, 0 },
		{ "a\r\n\tb", 5, 0 },     { "a\nBcc: b", 8, -1 },
		{ "a\r\nBcc: b", 9, -1 }, { "a\n", 2, -1 },
		{ "a\r\n", 3, -1 },       { "a\r", 2, -1 },
		{ "a\rb", 3, -1 },        { "a\r b", 4, -1 },
		{ "\n\n a", 4, -1 },      { "a\0b", 3, -1 },
		{ "\xff\x80", 2, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sceau_slice value = { cases[i].value, cases[i].len };
		struct sceau_slice name = sceau_slice_of("X");
		struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

		sceau_header_clear(&header);
		add("X", " old");
		int change = sceau_header_change(&header, 0, value, &err);
		int insert = sceau_header_insert(&header, name, value, &err);
		int append = sceau_header_append(&header, name, value, &err);

		if (change != cases[i].want || insert != cases[i].want ||
		    append != cases[i].want)
			fail_msg("row %zu: got %d %d %d", i, change, insert,
			         append);
		if (change == 0)
			continue;
		assert_int_equal(err.fault, SCEAU_FAULT_PEER);
		assert_false(sceau_header_is_edited(&header));
		assert_printed("X: old\n");
	}
}

static void test_impossible_names(void **state)
{
	struct sceau_slice value = sceau_slice_of(" v");

	(void)state;
	assert_int_equal(sceau_header_insert(&header, sceau_slice_of("a\nb"),
	                                     value, NULL),
	                 -1);
	assert_int_equal(
		sceau_header_append(&header, sceau_slice_of(""), value, NULL),
		-1);
	assert_int_equal(sceau_header_insert(&header, sceau_slice_of("a"),
	                                     sceau_slice_of(""), NULL),
	                 -1);
	assert_int_equal(header.count, 0);
}

static void test_print_of_edits(void **state)
{
	(void)state;
	add("A", " 1\n\tfolded");
	add("B", "2");
	add("C", " 3");
	assert_false(sceau_header_is_edited(&header));
	sceau_header_delete(&header, 1);
	assert_int_equal(sceau_header_change(&header, 2,
	                                     sceau_slice_of(" new\r\n x"),
	                                     NULL),
	                 0);
	assert_int_equal(sceau_header_insert(&header, sceau_slice_of("T1"),
	                                     sceau_slice_of(" t"), NULL),
	                 0);
	assert_int_equal(sceau_header_insert(&header, sceau_slice_of("T2"),
	                                     sceau_slice_of(" t"), NULL),
	                 0);
	assert_int_equal(sceau_header_append(&header, sceau_slice_of("E"),
	                                     sceau_slice_of(" e"), NULL),
	                 0);
	assert_true(sceau_header_is_edited(&header));
	assert_printed("T2: t\nT1: t\nA: 1\n\tfolded\nC: new\n x\nE: e\n");

	struct sceau_buf out;

	sceau_buf_init(&out, 100);
	assert_int_equal(sceau_header_print_field(&header, 2, "\r\n", &out), 0);
	assert_string_equal(sceau_buf_text(&out), "A: 1\r\n\tfolded");
	sceau_buf_deinit(&out);
}

static void test_edits_of_edits(void **state)
{
	(void)state;
	add("A", " 1");
	assert_int_equal(
		sceau_header_change(&header, 0, sceau_slice_of(" 2"), NULL), 0);
	assert_int_equal(
		sceau_header_change(&header, 0, sceau_slice_of(" 3"), NULL), 0);
	assert_printed("A: 3\n");
	assert_int_equal(
		sceau_header_change(&header, 0, sceau_slice_of(""), NULL), 0);
	assert_true(sceau_header_get(&header, 0).deleted);
	assert_int_equal(
		sceau_header_change(&header, 0, sceau_slice_of(" 4"), NULL), 0);
	assert_printed("");
	assert_true(sceau_header_is_edited(&header));

	/* What an edit put in and another took out never was. */
	sceau_header_clear(&header);
	assert_int_equal(sceau_header_append(&header, sceau_slice_of("E"),
	                                     sceau_slice_of(" e"), NULL),
	                 0);
	sceau_header_delete(&header, 0);
	assert_false(sceau_header_is_edited(&header));
}

static void test_raw(void **state)
{
	struct sceau_err err;

	(void)state;
	assert_int_equal(
		sceau_header_add_raw(&header,
	                             sceau_slice_of("A \t: x\r\n y\r\n"), &err),
		0);
	assert_int_equal(
		sceau_header_add_raw(&header, sceau_slice_of("B:"), &err), 0);
	assert_int_equal(
		sceau_header_add_raw(&header, sceau_slice_of("no"), &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_PEER);
	assert_int_equal(
		sceau_header_add_raw(&header, sceau_slice_of(""), &err), -1);
	struct sceau_header_field a = sceau_header_get(&header, 0);
	assert_true(sceau_slice_is(a.name, "A"));
	assert_true(sceau_slice_is(a.value, " x\r\n y"));
	assert_int_equal(sceau_header_get(&header, 1).value.len, 0);
	assert_printed("A \t: x\r\n y\r\nB:");

	/* The line end that a cut message lacks comes when a field follows. */
	assert_int_equal(sceau_header_append(&header, sceau_slice_of("C"),
	                                     sceau_slice_of(" 1\n 2"), &err),
	                 0);
	assert_printed("A \t: x\r\n y\r\nB:\r\nC: 1\r\n 2\r\n");
	assert_int_equal(
		sceau_header_change(&header, 0, sceau_slice_of(" z"), &err), 0);
	sceau_header_delete(&header, 1);
	assert_printed("A: z\r\nC: 1\r\n 2\r\n");
}

static void test_bounds(void **state)
{
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
	struct sceau_slice x = sceau_slice_of("x");

	(void)state;
	sceau_header_deinit(&header);
	sceau_header_init(&header, 2, 10);
	assert_int_equal(
		sceau_header_add(&header, x, sceau_slice_of("12345"), &err), 0);
	assert_int_equal(
		sceau_header_add(&header, x, sceau_slice_of("1234"), &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
	assert_int_equal(header.count, 1);
	/* The refused one has not used anything up. */
	assert_int_equal(
		sceau_header_add(&header, x, sceau_slice_of("123"), &err), 0);
	assert_int_equal(sceau_header_change(&header, 1, x, &err), -1);
	assert_printed("x:12345\nx:123\n");

	sceau_header_clear(&header);
	assert_int_equal(sceau_header_add(&header, x, x, &err), 0);
	assert_int_equal(sceau_header_add(&header, x, x, &err), 0);
	assert_int_equal(sceau_header_add(&header, x, x, &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
	assert_string_equal(err.text, "more than 2 header fields");
}

/* What an MTA holds after the edits. */
static void assert_applied(const char *want)
{
	struct mta_model mta = { .fields = NULL };
	struct sceau_buf out;

	for (size_t i = 0; i < header.count; i++) {
		struct sceau_header_field field = sceau_header_get(&header, i);
		char name[100], value[100];

		if (field.added)
			continue;
		assert_int_equal(sceau_slice_copy(field.name, name, 100), 0);
		assert_int_equal(sceau_slice_copy(field.value, value, 100), 0);
		/* A changed value was another one when the MTA showed it. */
		mta_put(&mta, mta.count, name, field.changed ? " old" : value);
	}
	assert_int_equal(sceau_header_list_edits(&header, mta_edit, &mta, NULL),
	                 0);
	sceau_buf_init(&out, 100000);
	mta_print(&mta, &out);
	assert_string_equal(sceau_buf_text(&out), want);
	sceau_buf_deinit(&out);
	mta_deinit(&mta);
}

/* Three equal fields: every subset, against live indexes. In forward order
   the MTA would be left with "two". */
static void test_delete_every_subset(void **state)
{
	static const char *const values[] = { " one", " two", " three",
		                              " four" };

	(void)state;
	for (unsigned set = 0; set < 16; set++) {
		struct sceau_buf want;

		sceau_header_clear(&header);
		sceau_buf_init(&want, 1000);
		for (unsigned i = 0; i < 4; i++) {
			const char *name = i % 2 == 0 ? "X-Mailer" : "x-mailer";

			add(name, values[i]);
			add("Y", values[i]);
			if ((set & (1U << i)) == 0)
				sceau_buf_appendf(&want, "%s:%s\n", name,
				                  values[i]);
			else
				sceau_header_delete(&header, 2 * i);
			sceau_buf_appendf(&want, "Y:%s\n", values[i]);
		}
		assert_applied(sceau_buf_text(&want));
		assert_printed(sceau_buf_text(&want));
		sceau_buf_deinit(&want);
	}
}

static void test_mixed_edits_applied(void **state)
{
	(void)state;
	add("A", " 1");
	add("B", " 1");
	add("A", " 2");
	add("a", " 3");
	add("B", " 2");
	sceau_header_delete(&header, 0);
	assert_int_equal(
		sceau_header_change(&header, 3, sceau_slice_of(" three"), NULL),
		0);
	sceau_header_delete(&header, 4);
	assert_int_equal(sceau_header_append(&header, sceau_slice_of("A"),
	                                     sceau_slice_of(" last"), NULL),
	                 0);
	assert_int_equal(sceau_header_insert(&header, sceau_slice_of("A"),
	                                     sceau_slice_of(" lower"), NULL),
	                 0);
	assert_int_equal(sceau_header_insert(&header, sceau_slice_of("A"),
	                                     sceau_slice_of(" top"), NULL),
	                 0);
	assert_printed("A: top\nA: lower\nB: 1\nA: 2\na: three\nA: last\n");
	assert_applied("A: top\nA: lower\nB: 1\nA: 2\na: three\nA: last\n");
}

static int stop_at_second(void *ctx, const struct sceau_header_edit *edit,
                          struct sceau_err *err)
{
	int *calls = ctx;

	(void)edit;
	return ++*calls == 2 ? sceau_fail(err, SCEAU_FAULT_TEMP, "enough") : 0;
}

static void test_listing_stops(void **state)
{
	struct sceau_err err;
	int calls = 0;

	(void)state;
	assert_int_equal(
		sceau_header_list_edits(&header, stop_at_second, &calls, &err),
		0);
	for (size_t i = 0; i < 3; i++) {
		add("A", " 1");
		sceau_header_delete(&header, i);
	}
	assert_int_equal(
		sceau_header_list_edits(&header, stop_at_second, &calls, &err),
		-1);
	assert_int_equal(calls, 2);
	assert_string_equal(err.text, "enough");
}

static int check_step(void *ctx, const struct sceau_header_edit *edit,
                      struct sceau_err *err)
{
	int *calls = ctx;

	(void)err;
	assert_string_equal(edit->name, "X");
	if (++*calls == 1) {
		assert_int_equal(edit->kind, SCEAU_HEADER_EDIT_DELETE);
		assert_int_equal(edit->nth, 2);
		assert_int_equal(edit->index, 1);
		assert_null(edit->value);
	} else {
		assert_int_equal(edit->kind, SCEAU_HEADER_EDIT_CHANGE);
		assert_int_equal(edit->nth, 1);
		/* libmilter wants LF. */
		assert_string_equal(edit->value, " a\n b\n\tc");
	}
	return 0;
}

static void test_step_contents(void **state)
{
	int calls = 0;

	(void)state;
	add("X", " 1");
	add("X", " 2");
	sceau_header_delete(&header, 1);
	assert_int_equal(sceau_header_change(&header, 0,
	                                     sceau_slice_of(" a\r\n b\n\tc"),
	                                     NULL),
	                 0);
	assert_int_equal(
		sceau_header_list_edits(&header, check_step, &calls, NULL), 0);
	assert_int_equal(calls, 2);
}

static int count_step(void *ctx, const struct sceau_header_edit *edit,
                      struct sceau_err *err)
{
	size_t *want_nth = ctx;

	(void)err;
	assert_int_equal(edit->nth, *want_nth);
	(*want_nth)--;
	return 0;
}

/* A hostile mail of 100000 equal fields, all of them deleted: the test's time
   limit is the check that this is not quadratic. */
static void test_many_fields(void **state)
{
	size_t many = 100000, nth = many;

	(void)state;
	sceau_header_deinit(&header);
	sceau_header_init(&header, many, 16U << 20);
	for (size_t i = 0; i < many; i++) {
		add(i % 2 == 0 ? "Received" : "RECEIVED", " x");
		sceau_header_delete(&header, i);
	}
	assert_int_equal(
		sceau_header_list_edits(&header, count_step, &nth, NULL), 0);
	assert_int_equal(nth, 0);
	assert_printed("");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_find),
		TEST(test_unfold),
		TEST(test_names),
		TEST(test_values_cannot_smuggle_lines),
		TEST(test_impossible_names),
		TEST(test_print_of_edits),
		TEST(test_edits_of_edits),
		TEST(test_raw),
		TEST(test_bounds),
		TEST(test_delete_every_subset),
		TEST(test_mixed_edits_applied),
		TEST(test_listing_stops),
		TEST(test_step_contents),
		TEST(test_many_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
