/* test_store_lmdb.c - what was charged is known to the next process, whatever
 * happens to the process and the clock
 *
 * SPDX-License-Identifier: MIT
 */
#include <signal.h>
#include <sys/wait.h>
#include <poll.h>

#include "unit/daemon/store_world.h"

/* The same charges into memory and into a store that is closed and opened
   again all the time: every answer is the same. */
static void test_like_memory(void **state)
{
	struct sceau_store *memory = sceau_store_memory_new(100000, NULL);
	uint64_t seed = 1, now = START;
	char key[32], once[32];

	(void)state;
	assert_non_null(memory);
	open_store(now);
	for (int i = 0; i < 6000; i++) {
		struct sceau_store *file_store = store;
		bool passed;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		now += (seed >> 33) % (30 * S);
		snprintf(key, sizeof(key), "account%u",
		         (unsigned)(seed >> 40) % 200);
		/* One in four tells an event of before again. */
		snprintf(once, sizeof(once), "event%d",
		         seed >> 62 == 0 ? i / 2 : i);
		uint64_t cost = 1 + (seed >> 50) % 3;
		passed = charge_once(now, key, 20, cost, once);
		store = memory;
		assert_int_equal(charge_once(now, key, 20, cost, once), passed);
		store = file_store;
		if (i % 500 == 499)
			reopen(now);
	}
	sceau_store_free(&memory);
}

/* An event that was answered before the restart is not charged again. */
static void test_event_is_known(void **state)
{
	(void)state;
	open_store(START);
	assert_true(charge_once(START, "a", 2, 1, "one"));
	assert_true(charge(START, "a", 2, 1));
	assert_false(charge_once(START, "a", 2, 1, "three"));
	reopen(START + S);
	assert_true(charge_once(START + S, "a", 2, 1, "one"));
	assert_false(charge_once(START + S, "a", 2, 1, "three"));
	assert_false(charge_once(START + S, "a", 2, 1, "four"));
}

/* What was charged is on the disk soon, without a close. */
static void test_group_commit(void **state)
{
	uint64_t commits;

	(void)state;
	open_store(START);
	wait_until(is_durable);
	commits = file_stats().commits;
	for (int i = 0; i < 1000; i++)
		charge(START, "a", 1000000, 1);
	assert_int_equal(file_stats().commits, commits);
	wait_until(is_durable);
	/* One group, not a thousand. */
	assert_int_equal(file_stats().commits, commits + 1);
	assert_int_equal(file_stats().committed_ms / 1000, 0);
	/* Who changes nothing writes nothing. */
	run_loop(1200);
	assert_int_equal(file_stats().commits, commits + 1);
}

/* In another process: charge one unit of "a" each, and tell the pipe. */
static void charge_until_killed(int fd)
{
	setpgid(0, 0);
	loop = sceau_loop_new(NULL);
	open_store(START);
	for (;;) {
		charge(START, "a", 1000000, 1);
		if (write(fd, "x", 1) != 1)
			_exit(1);
		run_loop(5);
	}
}

/* kill -9 of the daemon alone: its child commits what it was handed; what was
   charged in the last half second may be missing. And of both. */
static void test_kill(void **state)
{
	(void)state;
	for (int group = 0; group < 2; group++) {
		char buf[65536];
		uint64_t before = 0, after = 0;
		int fds[2];

		assert_int_equal(pipe(fds), 0);
		pid_t pid = fork();
		if (pid == 0)
			charge_until_killed(fds[1]);
		close(fds[1]);
		while (before < 300) {
			ssize_t n = read(fds[0], buf, sizeof(buf));
			assert_true(n > 0);
			before += (uint64_t)n;
		}
		/* All of those are older than this. */
		poll(NULL, 0, 1500);
		kill(group ? -pid : pid, SIGKILL);
		waitpid(pid, NULL, 0);
		ssize_t n;
		while ((n = read(fds[0], buf, sizeof(buf))) > 0)
			after += (uint64_t)n;
		close(fds[0]);
		open_store(START);
		uint64_t used = 1000000 - left(START, "a", 1000000);
		if (used < before || used > before + after + 1)
			fail_msg("%d used of %d to %d", (int)used, (int)before,
			         (int)(before + after));
		sceau_store_free(&store);
		remove(temp_path(FILE_NAME));
	}
}

/* More than the bound: what is needed is evicted, and the file stays bounded,
   too. */
static void test_file_is_bounded(void **state)
{
	(void)state;
	store = sceau_store_lmdb_new(loop, temp_path(FILE_NAME), 1000, START,
	                             NULL);
	assert_non_null(store);
	fill(200000);
	wait_until(is_durable);
	assert_true(file_stats().bytes < (33U << 20));
	sceau_store_free(&store);
	assert_true(size_of() < (33 << 20));
}

/* Clocks */

static const struct {
	const char *what;
	uint64_t opened_at; /* by the caller's clock */
	uint64_t then; /* time that passes from there */
	uint64_t want_left; /* of 24 units a day, all drawn at START */
} clocks[] = {
	{ "the same time", START, 0, 0 },
	{ "six hours later", START + 6 * HOUR, 0, 6 },
	{ "six hours later, six more", START + 6 * HOUR, 6 * HOUR, 12 },
	{ "1970", 5 * S, 0, 0 },
	{ "1970, six hours more", 5 * S, 6 * HOUR, 6 },
	{ "1970, a day more", 5 * S, 24 * HOUR, 24 },
	{ "an hour back", START - HOUR, 0, 0 },
	{ "an hour back, six more", START - HOUR, 6 * HOUR, 6 },
	{ "years later", START + 100000 * HOUR, 0, 24 },
};

static void test_clocks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		uint64_t now = clocks[i].opened_at;

		open_store(START);
		assert_true(charge(START, "a", 24, 24));
		reopen(now);
		now += clocks[i].then;
		sceau_store_tick(store, now);
		uint64_t got = left(now, "a", 24);
		if (got != clocks[i].want_left)
			fail_msg("%s: %d left", clocks[i].what, (int)got);
		sceau_store_free(&store);
		remove(temp_path(FILE_NAME));
	}
}

/* After a start in 1970 the clock is set, and the next start sees it: what was
   drawn then has come back, and nothing lasts for ever. */
static void test_clock_is_mended(void **state)
{
	(void)state;
	open_store(START);
	charge(START, "a", 24, 24);
	reopen(5 * S);
	assert_true(charge(5 * S, "b", 24, 24));
	reopen(START + 3 * HOUR);
	assert_int_equal(left(START + 3 * HOUR, "a", 24), 3);
	assert_int_equal(left(START + 3 * HOUR, "b", 24), 3);
	for (int i = 0; i < 100; i++)
		sceau_store_tick(store, START + 48 * HOUR);
	struct sceau_store_stats stats;
	sceau_store_stats(store, &stats);
	assert_int_equal(stats.entries, 0);
}

/* What has expired leaves the file, too: after half a day of other accounts
   each hour it is no larger than after some hours. */
static void test_sweep_of_the_file(void **state)
{
	uint64_t half = 0;
	char key[32];
	struct stat st;

	(void)state;
	open_store(START);
	assert_int_equal(stat(temp_path(FILE_NAME), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	for (unsigned hour = 0; hour < 12; hour++) {
		uint64_t now = START + hour * HOUR;

		for (unsigned i = 0; i < 2000; i++) {
			snprintf(key, sizeof(key), "%u-%u", hour, i);
			charge_once(now, key, 24, 1, key);
		}
		sceau_store_tick(store, now);
		run_loop(SCEAU_STATE_BEHIND_MS / 2);
		wait_until(is_durable);
		if (hour == 5)
			half = file_stats().bytes;
	}
	if (file_stats().bytes > half * 3 / 2)
		fail_msg("%d bytes after %d", (int)file_stats().bytes,
		         (int)half);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_like_memory),     TEST(test_event_is_known),
		TEST(test_group_commit),    TEST(test_kill),
		TEST(test_file_is_bounded), TEST(test_clocks),
		TEST(test_clock_is_mended), TEST(test_sweep_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
