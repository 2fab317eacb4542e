/* test_state_file.c - whose file it is; the rest is in test_store_lmdb.c
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "daemon/state_file.h"
#include "unit/daemon/temp_dir.h"

#define NOW 1800000000000000000ULL

static const char *const tables[] = { "things" };
static struct sceau_loop *loop;

/* An owner of one record, which it has or has not to write. */
struct owner {
	bool is_changed;
	unsigned loaded;
};

static void on_load(void *ctx, const struct sceau_state_record *record,
                    uint64_t now_ns)
{
	struct owner *owner = ctx;

	assert_int_equal(record->table, 0);
	assert_int_equal(record->key_len, 3);
	assert_memory_equal(record->key, "key", 3);
	assert_int_equal(record->value_len, 5);
	assert_memory_equal(record->value, "value", 5);
	assert_true(record->expires_ns == NOW + 100);
	assert_true(now_ns >= NOW);
	owner->loaded++;
}

static void on_begin(void *ctx)
{
	(void)ctx;
}

static const struct sceau_state_record the_record = { 0,         "key",   3,
	                                              NOW + 100, "value", 5 };

static bool on_next(void *ctx, struct sceau_state_record *record_r,
                    bool *is_gone_r)
{
	struct owner *owner = ctx;
	bool was_changed = owner->is_changed;

	*record_r = the_record;
	*is_gone_r = false;
	owner->is_changed = false;
	return was_changed;
}

static void on_forget(void *ctx)
{
	struct owner *owner = ctx;

	owner->is_changed = false;
}

static void on_each(void *ctx, sceau_state_emit_fn *emit, void *emit_ctx)
{
	(void)ctx;
	emit(emit_ctx, &the_record);
}

static const struct sceau_state_hooks hooks = {
	.load = on_load,
	.begin = on_begin,
	.next = on_next,
	.forget = on_forget,
	.each = on_each,
};

static struct sceau_state_file *open_file(struct owner *owner, uint64_t now_ns,
                                          struct sceau_err *err)
{
	const struct sceau_state_options options = {
		.path = temp_path("dir/x.mdb"),
		.layout = { tables, 1, 1 << 20 },
		.now_ns = now_ns,
	};

	return sceau_state_file_new(loop, &options, &hooks, owner, err);
}

static int setup(void **state)
{
	(void)state;
	loop = sceau_loop_new(NULL);
	return loop == NULL || temp_dir_make() == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	sceau_loop_free(&loop);
	remove(temp_path("dir/x.mdb"));
	remove(temp_path("dir/x.mdb.lock"));
	temp_dir_remove();
	return 0;
}

/* The directory is made, a record comes back until it has expired. */
static void test_comes_back(void **state)
{
	struct owner owner = { .is_changed = true };
	struct sceau_state_file *file = open_file(&owner, NOW, NULL);

	(void)state;
	assert_non_null(file);
	assert_true(sceau_state_file_skew_ns(file) == 0);
	sceau_state_file_touch(file, NOW);
	sceau_state_file_free(&file);
	assert_null(file);
	for (uint64_t then = 0; then <= 100; then += 50) {
		file = open_file(&owner, NOW + then, NULL);
		assert_non_null(file);
		sceau_state_file_free(&file);
	}
	assert_int_equal(owner.loaded, 2);
	/* The file's clock stands where it was written last. */
	file = open_file(&owner, 7, NULL);
	assert_true(sceau_state_file_skew_ns(file) == NOW + 100 - 7);
	sceau_state_file_free(&file);
	sceau_state_file_free(&file);
}

/* The child of a daemon that was killed may hold it for a moment. */
static void test_waits_for_the_last_one(void **state)
{
	struct owner owner = { .is_changed = false };
	int told[2];

	(void)state;
	assert_int_equal(pipe(told), 0);
	mkdir(temp_path("dir"), 0700);
	pid_t pid = fork();
	if (pid == 0) {
		int fd = open(temp_path("dir/x.mdb.lock"), O_RDWR | O_CREAT,
		              0600);

		flock(fd, LOCK_EX);
		if (write(told[1], "x", 1) != 1)
			_exit(1);
		poll(NULL, 0, 700);
		_exit(0);
	}
	char byte;
	assert_int_equal(read(told[0], &byte, 1), 1);
	uint64_t start_ms = sceau_loop_now_ms();
	struct sceau_state_file *file = open_file(&owner, NOW, NULL);
	assert_non_null(file);
	assert_true(sceau_loop_now_ms() - start_ms >= 500);
	sceau_state_file_free(&file);
	waitpid(pid, NULL, 0);
	close(told[0]);
	close(told[1]);
}

/* While its owner lives nobody else touches it. */
static void test_two_owners(void **state)
{
	struct owner owner = { .is_changed = false };
	struct sceau_state_file *first = open_file(&owner, NOW, NULL);
	struct sceau_err err;

	(void)state;
	assert_non_null(first);
	assert_null(open_file(&owner, NOW, &err));
	assert_int_equal(err.fault, SCEAU_FAULT_TEMP);
	if (strstr(err.text, "x.mdb.lock: another process holds it") == NULL)
		fail_msg("%s", err.text);
	sceau_state_file_free(&first);
}

static void test_bad_directory(void **state)
{
	struct owner owner = { .is_changed = false };
	struct sceau_err err;
	FILE *file = fopen(temp_path("dir"), "w");

	(void)state;
	fclose(file);
	assert_null(open_file(&owner, NOW, &err));
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	assert_non_null(strstr(err.text, "dir: is no directory"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_comes_back),
		TEST(test_waits_for_the_last_one),
		TEST(test_two_owners),
		TEST(test_bad_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
