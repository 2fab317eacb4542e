/* test_state_directory.c - where files are not kept, and what to do about it
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/lmdb_file.h"
#include "daemon/state_directory.h"
#include "unit/daemon/temp_dir.h"

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

static void expect_refused(const char *path, const char *want)
{
	struct sceau_err err = { .text = "" };

	assert_int_equal(sceau_state_directory_check(path, &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	if (strstr(err.text, want) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", want, err.text);
	assert_non_null(strstr(err.text, path));
}

static void test_refusals(void **state)
{
	FILE *file = fopen(temp_path("file"), "w");

	(void)state;
	assert_non_null(file);
	fclose(file);
	expect_refused(temp_path("file"), "is no directory");
	expect_refused(temp_path("no/such"), "create it: install -d -m 0750");
	expect_refused(temp_path("file/below"), "Not a directory");
	assert_int_equal(mkdir(temp_path("open"), 0700), 0);
	assert_int_equal(chmod(temp_path("open"), 0757), 0);
	expect_refused(temp_path("open"), "chmod o-w");
}

static void test_made(void **state)
{
	struct stat st;

	(void)state;
	/* The check changes nothing. */
	assert_int_equal(sceau_state_directory_check(temp_path("new"), NULL),
	                 0);
	assert_int_equal(stat(temp_path("new"), &st), -1);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			sceau_state_directory_make(temp_path("new"), NULL), 0);
	assert_int_equal(stat(temp_path("new"), &st), 0);
	assert_int_equal(st.st_mode & 07, 0);
}

/* Numbers of statfs(2). */
static void test_remote(void **state)
{
	static const uint64_t remote[] = { 0x6969, 0xff534d42, 0xfe534d42,
		                           0x00c36400, 0x5346414f };
	static const uint64_t local[] = {
		0xef53, /* ext2, 3, 4 */
		0x58465342, /* XFS */
		0x9123683e, /* Btrfs */
		0x01021994, /* tmpfs */
		0x794c7630, /* overlay */
		0x2fc12fc1, /* ZFS */
		0xf2f52010, /* F2FS */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
		assert_true(sceau_lmdb_file_is_remote(remote[i]));
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		assert_false(sceau_lmdb_file_is_remote(local[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_refusals, make, away),
		cmocka_unit_test_setup_teardown(test_made, make, away),
		cmocka_unit_test(test_remote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
