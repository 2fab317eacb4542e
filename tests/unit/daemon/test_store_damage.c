/* test_store_damage.c - a store whose file or disk is not what it was: it
 * opens, says so, and goes on
 *
 * SPDX-License-Identifier: MIT
 */
#include <fcntl.h>
#include <signal.h>

#include "unit/daemon/store_world.h"

/* xor or fill bytes of the file. */
static void spoil(off_t from, off_t to, off_t step, int flip)
{
	int fd = open(temp_path(FILE_NAME), O_RDWR);
	uint64_t seed = 88172645463325252ULL;

	assert_true(fd >= 0);
	for (off_t i = from; i < to; i += step) {
		uint8_t byte = 0;

		assert_true(pread(fd, &byte, 1, i) >= 0);
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		byte = flip != 0 ? (uint8_t)(byte ^ flip) : (uint8_t)seed;
		assert_int_equal(pwrite(fd, &byte, 1, i), 1);
	}
	close(fd);
}

static void be_empty(void)
{
	cut(0);
}

static void be_short(void)
{
	cut(4096);
}

static void be_half(void)
{
	cut(size_of() / 2);
}

static void lack_last_page(void)
{
	cut(size_of() - 4096);
}

static void lack_all_but_heads(void)
{
	cut(8192);
}

static void be_random(void)
{
	spoil(0, size_of(), 1, 0);
}

static void have_random_pages(void)
{
	spoil(8192, size_of(), 1, 0);
}

static void have_one_bit_wrong_each_page(void)
{
	spoil(8192 + 100, size_of(), 4096, 4);
}

static void have_flags_wrong(void)
{
	spoil(8192 + 10, size_of(), 4096, 0x0f);
}

static void have_page_numbers_wrong(void)
{
	spoil(8192 + 2, size_of(), 4096, 0x40);
}

static void have_offsets_wrong(void)
{
	spoil(8192 + 17, size_of(), 4096, 0x77);
}

static void have_free_space_wrong(void)
{
	spoil(8192 + 13, size_of(), 4096, 0x30);
}

static void have_roots_wrong(void)
{
	/* Of the two heads: everything from the map size on. */
	spoil(24, 160, 1, 0x5a);
	spoil(4096 + 24, 4096 + 160, 1, 0x5a);
}

static void have_zeroed_middle(void)
{
	off_t size = size_of();
	int fd = open(temp_path(FILE_NAME), O_RDWR);
	char zero[4096] = "";

	for (off_t i = size / 3 / 4096 * 4096; i < size * 2 / 3; i += 4096)
		assert_int_equal(pwrite(fd, zero, 4096, i), 4096);
	close(fd);
}

static void be_a_directory(void)
{
	assert_int_equal(remove(temp_path(FILE_NAME)), 0);
	assert_int_equal(mkdir(temp_path(FILE_NAME), 0700), 0);
}

static void be_a_fifo(void)
{
	assert_int_equal(remove(temp_path(FILE_NAME)), 0);
	assert_int_equal(mkfifo(temp_path(FILE_NAME), 0600), 0);
}

static void be_a_loose_link(void)
{
	assert_int_equal(remove(temp_path(FILE_NAME)), 0);
	assert_int_equal(symlink("nowhere", temp_path(FILE_NAME)), 0);
}

static void be_text(void)
{
	FILE *file = fopen(temp_path(FILE_NAME), "w");

	for (int i = 0; i < 5000; i++)
		fputs("# not a database\n", file);
	fclose(file);
}

static void be_of_somebody_else(void)
{
	if (geteuid() == 0)
		assert_int_equal(chown(temp_path(FILE_NAME), 65534, 65534), 0);
	else
		be_empty();
}

static void be_unreadable(void)
{
	/* root may read everything. */
	if (geteuid() == 0)
		be_empty();
	else
		assert_int_equal(chmod(temp_path(FILE_NAME), 0), 0);
}

static const struct {
	const char *what;
	void (*damage)(void);
	bool may_be_whole; /* what is damaged may be nothing that is read */
} kinds[] = {
	{ "empty", be_empty, false },
	{ "one page", be_short, false },
	{ "cut in half", be_half, false },
	{ "last page missing", lack_last_page, true },
	{ "two head pages alone", lack_all_but_heads, false },
	{ "random", be_random, false },
	{ "random but for its heads", have_random_pages, false },
	{ "a bit of each page", have_one_bit_wrong_each_page, true },
	{ "page flags", have_flags_wrong, false },
	{ "page numbers", have_page_numbers_wrong, true },
	{ "offsets in pages", have_offsets_wrong, false },
	{ "free space of pages", have_free_space_wrong, false },
	{ "roots", have_roots_wrong, false },
	{ "zeroed middle", have_zeroed_middle, false },
	{ "a directory", be_a_directory, false },
	{ "a FIFO", be_a_fifo, false },
	{ "a link to nowhere", be_a_loose_link, false },
	{ "a text", be_text, false },
	{ "another owner", be_of_somebody_else, false },
	{ "unreadable", be_unreadable, false },
};

/* Each kind: the store opens, the damaged file is set aside, and what is
   charged from then on is kept as ever. */
static void test_damage(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		open_store(START);
		fill(2000);
		sceau_store_free(&store);
		kinds[i].damage();
		open_store(START);
		uint64_t aside = file_stats().set_aside;
		if (aside == 0 && !kinds[i].may_be_whole)
			fail_msg("%s: not noticed", kinds[i].what);
		assert_int_equal(temp_dir_count(FILE_NAME ".damaged", NULL),
		                 aside);
		assert_true(charge(START, "new", 3, 3));
		assert_false(charge(START, "new", 3, 1));
		reopen(START);
		if (charge(START, "new", 3, 1))
			fail_msg("%s: lost what came after", kinds[i].what);
		assert_int_equal(file_stats().set_aside, 0);
		assert_true(file_stats().is_kept);
		sceau_store_free(&store);
		teardown(NULL);
		setup(NULL);
	}
}

/* Of a file that breaks off, what stands before the break is used. */
static void test_salvage(void **state)
{
	unsigned known = 0;
	char key[32];

	(void)state;
	open_store(START);
	fill(5000);
	/* A start copies the file: no free pages are left in it. */
	reopen(START);
	sceau_store_free(&store);
	/* One record in the middle: its check finds it. */
	spoil(size_of() / 2, size_of() / 2 + 64, 1, 0x11);
	open_store(START);
	assert_int_equal(file_stats().set_aside, 1);
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "account%u", i);
		known += !charge(START, key, 10, 1);
	}
	if (known < 50)
		fail_msg("%u of 5000 entries were saved", known);
}

/* While the daemon runs somebody cuts the file, which its process has mapped:
   that one dies, the daemon makes a new file of what it knows. */
static void test_damage_while_running(void **state)
{
	(void)state;
	open_store(START);
	fill(5000);
	wait_until(is_durable);
	cut(8192);
	for (int i = 0; i < 200 && file_stats().set_aside == 0; i++) {
		char key[32];

		snprintf(key, sizeof(key), "more%d", i);
		charge(START, key, 10, 10);
		run_loop(100);
	}
	wait_until(has_set_aside);
	assert_false(charge(START, "account4999", 10, 1));
	wait_until(is_durable);
	reopen(START);
	assert_false(charge(START, "account0", 10, 1));
	assert_false(charge(START, "account4999", 10, 1));
	assert_false(charge(START, "more0", 10, 1));
	assert_int_equal(file_stats().set_aside, 0);
}

/* The file is removed under the daemon: it comes back with all there is. */
static void test_removed_while_running(void **state)
{
	(void)state;
	open_store(START);
	fill(100);
	wait_until(is_durable);
	remove(temp_path(FILE_NAME));
	charge(START, "more", 10, 10);
	wait_until(is_down);
	wait_until(is_durable);
	assert_int_equal(access(temp_path(FILE_NAME), R_OK), 0);
	reopen(START);
	assert_false(charge(START, "account99", 10, 1));
	assert_false(charge(START, "more", 10, 1));
}

/* No room on the disk: it goes on in memory, and all is written when there is
   room again. A limit on the size of files stands for the disk. */
static void test_disk_full(void **state)
{
	struct rlimit old, tight = { 65536, RLIM_INFINITY };

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	open_store(START);
	wait_until(is_durable);
	fill(5000);
	wait_until(is_down);
	assert_true(file_stats().behind_ms > 0);
	assert_int_equal(file_stats().set_aside, 0);
	assert_non_null(strstr(file_stats().trouble, "writing"));
	assert_false(charge(START, "account1", 10, 1));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	wait_until(is_durable);
	reopen(START);
	assert_false(charge(START, "account1", 10, 1));
	assert_false(charge(START, "account4999", 10, 1));
}

static void lock_is_a_link(void)
{
	assert_int_equal(remove(temp_path(FILE_NAME ".lock")), 0);
	assert_int_equal(symlink("nowhere", temp_path(FILE_NAME ".lock")), 0);
}

static void lock_is_a_directory(void)
{
	assert_int_equal(remove(temp_path(FILE_NAME ".lock")), 0);
	assert_int_equal(mkdir(temp_path(FILE_NAME ".lock"), 0700), 0);
}

/* What is no file where the lock belongs is no reason not to start. */
static void test_lock_makes_way(void **state)
{
	static void (*const spoilt[])(void) = { lock_is_a_link,
		                                lock_is_a_directory };

	(void)state;
	open_store(START);
	fill(10);
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++) {
		sceau_store_free(&store);
		spoilt[i]();
		open_store(START);
		assert_true(file_stats().is_kept);
		assert_false(charge(START, "account9", 10, 1));
	}
}

/* Where there can be no lock nothing is written; what was is known. */
static void test_no_lock(void **state)
{
	(void)state;
	open_store(START);
	fill(10);
	sceau_store_free(&store);
	lock_is_a_directory();
	assert_int_equal(mkdir(temp_path(FILE_NAME ".lock/full"), 0700), 0);
	open_store(START);
	assert_false(file_stats().is_kept);
	assert_int_equal(file_stats().set_aside, 0);
	assert_false(charge(START, "account9", 10, 1));
	assert_int_equal(rmdir(temp_path(FILE_NAME ".lock/full")), 0);
	wait_until(is_durable);
}

/* Who started us may have told us not to care for children. */
static void test_children_ignored(void **state)
{
	(void)state;
	open_store(START);
	fill(2000);
	sceau_store_free(&store);
	cut(size_of() / 2);
	signal(SIGCHLD, SIG_IGN);
	open_store(START);
	assert_int_equal(file_stats().set_aside, 1);
	assert_true(file_stats().is_kept);
}

/* The process that owns the file. */
static pid_t child(void)
{
	char path[64];
	int pid = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &pid), 1);
	fclose(file);
	return pid;
}

/* A service is stopped by signals to all its processes: that of the file goes
   on until it has what the daemon has for it. */
static void test_signals_to_all(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };

	(void)state;
	open_store(START);
	pid_t pid = child();
	fill(100);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		assert_int_equal(kill(pid, signals[i]), 0);
	reopen(START);
	assert_false(charge(START, "account99", 10, 1));
}

/* A signal that somebody sends is no damage. */
static void test_killed_by_hand(void **state)
{
	(void)state;
	open_store(START);
	fill(100);
	assert_int_equal(kill(child(), SIGUSR2), 0);
	assert_int_equal(kill(child(), SIGALRM), 0);
	wait_until(is_down);
	wait_until(is_durable);
	assert_int_equal(file_stats().set_aside, 0);
	reopen(START);
	assert_false(charge(START, "account99", 10, 1));
}

/* While the disk hangs no more changes are remembered than there are entries;
   later the file is made of all there is. */
static void test_disk_hangs(void **state)
{
	(void)state;
	open_store(START);
	wait_until(is_durable);
	pid_t pid = child();
	assert_int_equal(kill(pid, SIGSTOP), 0);
	fill(20000);
	run_loop(300);
	assert_true(file_stats().is_kept);
	fill_from(20000, 80000);
	assert_false(file_stats().is_kept);
	assert_int_equal(kill(pid, SIGCONT), 0);
	wait_until(is_durable);
	reopen(START);
	assert_false(charge(START, "account79999", 10, 1));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_damage),
		TEST(test_salvage),
		TEST(test_damage_while_running),
		TEST(test_removed_while_running),
		TEST(test_disk_full),
		TEST(test_lock_makes_way),
		TEST(test_no_lock),
		TEST(test_children_ignored),
		TEST(test_signals_to_all),
		TEST(test_killed_by_hand),
		TEST(test_disk_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
