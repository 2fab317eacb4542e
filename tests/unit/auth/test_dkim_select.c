/* test_dkim_select.c - which fields are picked, by RFC 6376 5.4.2 and 8.15
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

#include "auth/dkim_select.h"

static void add(struct sceau_header *header, const char *name)
{
	assert_int_equal(sceau_header_add(header, sceau_slice_of(name),
	                                  sceau_slice_of(" x"), NULL),
	                 0);
}

/* The indexes that the names, divided by blanks, pick; '-' = none. */
static void check(struct sceau_dkim_select *select, const char *names,
                  const char *want)
{
	struct sceau_slice rest = sceau_slice_of(names), name;
	char got[64] = "";
	size_t index;

	sceau_dkim_select_reset(select);
	while (sceau_slice_next_word(&rest, " ", &name)) {
		if (sceau_dkim_select_pick(select, name, &index))
			(void)snprintf(got + strlen(got), 8, "%zu ", index);
		else
			(void)snprintf(got + strlen(got), 8, "- ");
	}
	assert_string_equal(got, want);
}

static void test_pick(void **state)
{
	struct sceau_dkim_select *select = NULL;
	struct sceau_header header;

	(void)state;
	sceau_header_init(&header, 100, 10000);
	add(&header, "To"); /* 0 */
	add(&header, "Received");
	add(&header, "TO"); /* 2 */
	add(&header, "From");
	add(&header, "to"); /* 4 */
	add(&header, "Subject");
	assert_int_equal(sceau_dkim_select_new(&header, SCEAU_DKIM_RECEIVED,
	                                       &select, NULL),
	                 0);
	check(select, "from To To tO To Subject X-None Subject",
	      "3 4 2 0 - 5 - - ");
	check(select, "To", "4 ");
	assert_int_equal(sceau_dkim_select_count(select, sceau_slice_of("to")),
	                 3);
	assert_int_equal(sceau_dkim_select_count(select, sceau_slice_of("t")),
	                 0);
	sceau_dkim_select_free(&select);
	assert_null(select);
	sceau_header_deinit(&header);
}

static void test_sides(void **state)
{
	struct sceau_dkim_select *select = NULL;
	struct sceau_header header;

	(void)state;
	sceau_header_init(&header, 100, 10000);
	add(&header, "To");
	add(&header, "From");
	assert_int_equal(sceau_header_insert(&header, sceau_slice_of("To"),
	                                     sceau_slice_of(" new"), NULL),
	                 0);
	sceau_header_delete(&header, 2); /* From */
	assert_int_equal(sceau_dkim_select_new(&header, SCEAU_DKIM_RECEIVED,
	                                       &select, NULL),
	                 0);
	check(select, "From To To", "2 1 - ");
	sceau_dkim_select_free(&select);
	assert_int_equal(sceau_dkim_select_new(&header, SCEAU_DKIM_LEAVING,
	                                       &select, NULL),
	                 0);
	check(select, "From To To", "- 1 0 ");
	sceau_dkim_select_free(&select);
	sceau_header_deinit(&header);
}

static const struct {
	const char *fields;
	const char *picked;
	const char *want; /* NULL: no stray */
} strays[] = {
	{ "From To Subject", "From To Subject", NULL },
	{ "From From", "From", "From" },
	{ "From from", "From From", "From" },
	{ "From From", "To", "From" },
	{ "From Subject Subject", "From Subject", "Subject" },
	{ "From Subject Subject", "From Subject Subject", NULL },
	{ "From Subject Subject", "From", NULL }, /* none was signed */
	{ "From Subject Subject", "From Subject Subject Subject", NULL },
	{ "From To To Cc", "From To Cc", "To" },
	{ "From Content-Type Content-type", "From Content-Type",
	  "Content-Type" },
	{ "From Received Received", "From Received", NULL },
	{ "", "", NULL },
};

static void test_strays(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(strays) / sizeof(strays[0]); i++) {
		struct sceau_slice rest = sceau_slice_of(strays[i].fields);
		struct sceau_dkim_select *select = NULL;
		struct sceau_header header;
		struct sceau_slice name;
		const char *got;
		size_t index;

		sceau_header_init(&header, 100, 10000);
		while (sceau_slice_next_word(&rest, " ", &name))
			assert_int_equal(sceau_header_add(&header, name,
			                                  sceau_slice_of("x"),
			                                  NULL),
			                 0);
		assert_int_equal(sceau_dkim_select_new(&header,
		                                       SCEAU_DKIM_RECEIVED,
		                                       &select, NULL),
		                 0);
		rest = sceau_slice_of(strays[i].picked);
		while (sceau_slice_next_word(&rest, " ", &name))
			(void)sceau_dkim_select_pick(select, name, &index);
		got = sceau_dkim_select_stray(select);
		if ((got == NULL) != (strays[i].want == NULL) ||
		    (got != NULL && strcmp(got, strays[i].want) != 0))
			fail_msg("%s / %s: got %s", strays[i].fields,
			         strays[i].picked, got != NULL ? got : "none");
		sceau_dkim_select_free(&select);
		sceau_header_deinit(&header);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pick),
		cmocka_unit_test(test_sides),
		cmocka_unit_test(test_strays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
