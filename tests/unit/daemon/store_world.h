/* store_world.h - a store with a file, its loop and directory, for tests
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_TEST_STORE_WORLD_H
#define SCEAU_TEST_STORE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "daemon/store.h"
#include "unit/daemon/temp_dir.h"

#define S SCEAU_RATE_NS_PER_S
#define HOUR (3600 * S)
#define START (1800000000ULL * S)
#define FILE_NAME "limits.mdb"
#define WAIT_MS 20000

static struct sceau_loop *loop;
static struct sceau_store *store;

/* store is what the file holds, at now. */
static inline void open_store(uint64_t now)
{
	struct sceau_err err = { .text = "" };

	store = sceau_store_lmdb_new(loop, temp_path(FILE_NAME), 100000, now,
	                             &err);
	if (store == NULL)
		fail_msg("%s", err.text);
}

/* Close it in good order and open it again. */
static inline void reopen(uint64_t now)
{
	sceau_store_free(&store);
	open_store(now);
}

/* For cmocka: a loop and an empty directory. */
static inline int setup(void **state)
{
	(void)state;
	loop = sceau_loop_new(NULL);
	return loop == NULL || temp_dir_make() == NULL ? -1 : 0;
}

/* For cmocka: all of it away, and no limit on the size of files. */
static inline int teardown(void **state)
{
	struct rlimit any;

	(void)state;
	if (getrlimit(RLIMIT_FSIZE, &any) == 0) {
		any.rlim_cur = any.rlim_max;
		setrlimit(RLIMIT_FSIZE, &any);
	}
	sceau_store_free(&store);
	sceau_loop_free(&loop);
	temp_dir_remove();
	return 0;
}

static bool is_passed;

/* For sceau_store_charge: sets is_passed to what the answer says. */
static inline void on_answer(void *ctx, const struct sceau_store_answer *answer)
{
	(void)ctx;
	assert_false(answer->failed);
	is_passed = !answer->refused;
}

/* Draw cost units of the limit a day of key; whether they passed. */
static inline bool charge_once(uint64_t now, const char *key, uint64_t limit,
                               uint64_t cost, const char *once)
{
	struct sceau_store_charge charge = { .key = key, .cost = cost };
	const struct sceau_store_request request = {
		.now_ns = now,
		.once = once,
		.once_ns = 600 * S,
		.charges = &charge,
		.count = 1,
	};

	assert_int_equal(
		sceau_rate_init(&charge.rate, limit, 86400, limit, NULL), 0);
	sceau_store_charge(store, &request, on_answer, NULL);
	return is_passed;
}

/* The same for an event without a name. */
static inline bool charge(uint64_t now, const char *key, uint64_t limit,
                          uint64_t cost)
{
	return charge_once(now, key, limit, cost, "");
}

/* Units left of the limit now. Draws none. */
static inline uint64_t left(uint64_t now, const char *key, uint64_t limit)
{
	uint64_t units = limit;

	/* What does not pass draws nothing; the first that passes would. */
	while (units > 0 && !charge(now, key, limit, units))
		units--;
	return units;
}

/* The loop ran long enough. */
static inline void on_timer(void *ctx)
{
	(void)ctx;
	sceau_loop_stop(loop);
}

/* Run the loop for so long. */
static inline void run_loop(uint64_t ms)
{
	struct sceau_loop_timer *timer = sceau_loop_timer_new(loop, on_timer,
	                                                      NULL, NULL);

	assert_non_null(timer);
	sceau_loop_timer_start(timer, ms);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	sceau_loop_timer_free(&timer);
}

/* What stats say of the file. */
static inline struct sceau_state_stats file_stats(void)
{
	struct sceau_store_stats stats;

	sceau_store_stats(store, &stats);
	assert_string_equal(stats.engine, "lmdb");
	assert_true(stats.has_file);
	return stats.file;
}

/* Everything charged is in the file. */
static inline bool is_durable(void)
{
	return file_stats().is_kept && file_stats().behind_ms == 0 &&
	       file_stats().commits > 0 && file_stats().trouble[0] == '\0';
}

/* Nothing is written. */
static inline bool is_down(void)
{
	return !file_stats().is_kept;
}

/* A file was set aside, and a new one is written. */
static inline bool has_set_aside(void)
{
	return file_stats().set_aside > 0 && file_stats().is_kept;
}

/* Run the loop until this holds; fails the test if it never does. */
static inline void wait_until(bool (*holds)(void))
{
	for (int waited = 0; waited < WAIT_MS && !holds(); waited += 20)
		run_loop(20);
	if (!holds())
		fail_msg("not within %d s: %s", WAIT_MS / 1000,
		         file_stats().trouble);
}

/* Use up 10 units a day of accounts with these numbers, each with an event. */
static inline void fill_from(unsigned first, unsigned end)
{
	char key[32];

	for (unsigned i = first; i < end; i++) {
		snprintf(key, sizeof(key), "account%u", i);
		assert_true(charge_once(START, key, 10, 10, key));
	}
}

/* The same for so many accounts. */
static inline void fill(unsigned accounts)
{
	fill_from(0, accounts);
}

/* Make the file so short. */
static inline void cut(off_t size)
{
	assert_int_equal(truncate(temp_path(FILE_NAME), size), 0);
}

/* Bytes of the file. */
static inline off_t size_of(void)
{
	struct stat st;

	assert_int_equal(stat(temp_path(FILE_NAME), &st), 0);
	return st.st_size;
}

#endif
