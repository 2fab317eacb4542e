/* test_set_aside.c - damaged files are kept, a few of them
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/set_aside.h"
#include "unit/daemon/temp_dir.h"

/* 2026-01-02 03:04:05 UTC */
#define NOW 1767323045

static int make(void **state)
{
	(void)state;
	return temp_dir_make() == NULL ? -1 : 0;
}

static int away(void **state)
{
	(void)state;
	temp_dir_remove();
	return 0;
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(temp_path(name), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void expect_text(const char *path, const char *want)
{
	char got[64] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_non_null(fgets(got, sizeof(got), file));
	fclose(file);
	assert_string_equal(got, want);
}

static void test_name_and_content(void **state)
{
	char name[256];

	(void)state;
	write_file("x.mdb", "first");
	assert_int_equal(sceau_set_aside(temp_path("x.mdb"), NOW, name,
	                                 sizeof(name), NULL),
	                 0);
	assert_string_equal(name, temp_path("x.mdb.damaged-20260102T030405Z"));
	expect_text(name, "first");
	assert_int_equal(access(temp_path("x.mdb"), F_OK), -1);
	/* Another one in the same second replaces nothing. */
	write_file("x.mdb", "second");
	assert_int_equal(sceau_set_aside(temp_path("x.mdb"), NOW, name,
	                                 sizeof(name), NULL),
	                 0);
	assert_string_equal(name, temp_path("x.mdb.damaged-20260102T030405Zb"));
	expect_text(temp_path("x.mdb.damaged-20260102T030405Z"), "first");
	expect_text(name, "second");
}

/* The youngest are kept; files of other names and directories are left. */
static void test_bound(void **state)
{
	char name[256], text[16];

	(void)state;
	write_file("x.mdb.new", "n");
	write_file("y.mdb.damaged-20200101T000000Z", "y");
	write_file("x.mdb.damage", "d");
	mkdir(temp_path("x.mdb.damaged-20200101T000000Z"), 0700);
	for (int i = 0; i < 9; i++) {
		snprintf(text, sizeof(text), "%d", i);
		write_file("x.mdb", text);
		assert_int_equal(sceau_set_aside(temp_path("x.mdb"), NOW + i,
		                                 name, sizeof(name), NULL),
		                 0);
	}
	assert_int_equal(temp_dir_count("x.mdb.damaged-2026", NULL),
	                 SCEAU_SET_ASIDE_MAX);
	expect_text(temp_path("x.mdb.damaged-20260102T030413Z"), "8");
	expect_text(temp_path("x.mdb.damaged-20260102T030411Z"), "6");
	assert_int_equal(temp_dir_count("x.mdb.new", NULL), 1);
	assert_int_equal(temp_dir_count("x.mdb.damage", NULL),
	                 SCEAU_SET_ASIDE_MAX + 2);
	assert_int_equal(temp_dir_count("y.mdb", NULL), 1);
}

static void test_failures(void **state)
{
	struct sceau_err err;
	char name[256];

	(void)state;
	assert_int_equal(sceau_set_aside(temp_path("none"), NOW, name,
	                                 sizeof(name), &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_TEMP);
	assert_non_null(strstr(err.text, "none: cannot be renamed: No such"));
	write_file("x", "x");
	assert_int_equal(sceau_set_aside(temp_path("x"), NOW, name, 20, &err),
	                 -1);
	assert_int_equal(access(temp_path("x"), F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_name_and_content, make,
		                                away),
		cmocka_unit_test_setup_teardown(test_bound, make, away),
		cmocka_unit_test_setup_teardown(test_failures, make, away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
