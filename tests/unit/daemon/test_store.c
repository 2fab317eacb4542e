/* test_store.c - charges are atomic, exact, and made once
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

#include "daemon/store.h"

#define S SCEAU_RATE_NS_PER_S
#define START (1800000000ULL * S)

struct seen {
	unsigned calls;
	struct sceau_store_answer answer;
	uint32_t over[8];
};

static void on_answer(void *ctx, const struct sceau_store_answer *answer)
{
	struct seen *seen = ctx;

	seen->calls++;
	seen->answer = *answer;
	assert_true(answer->over_count <= 8);
	for (size_t i = 0; i < answer->over_count; i++)
		seen->over[i] = answer->over[i];
}

static struct sceau_store_charge make(const char *key, uint64_t count,
                                      uint64_t period_s, uint64_t cost,
                                      uint32_t tag)
{
	struct sceau_store_charge charge = { .key = key,
		                             .cost = cost,
		                             .tag = tag };

	assert_int_equal(
		sceau_rate_init(&charge.rate, count, period_s, count, NULL), 0);
	return charge;
}

static struct seen ask(struct sceau_store *store, uint64_t now,
                       const char *once,
                       const struct sceau_store_charge *charges, size_t count)
{
	struct sceau_store_request request = {
		.now_ns = now,
		.once = once,
		.once_ns = 600 * S,
		.charges = charges,
		.count = count,
	};
	struct seen seen = { .calls = 0 };

	sceau_store_charge(store, &request, on_answer, &seen);
	assert_int_equal(seen.calls, 1);
	assert_false(seen.answer.failed);
	return seen;
}

static struct sceau_store *new_store(void)
{
	struct sceau_err err;
	struct sceau_store *store = sceau_store_memory_new(100000, &err);

	assert_non_null(store);
	return store;
}

static uint64_t entries_of(const struct sceau_store *store)
{
	struct sceau_store_stats stats;

	sceau_store_stats(store, &stats);
	return stats.entries;
}

/* 1000 tries on each of 50 accounts, all interleaved: 10 pass on each. */
static void test_exact_interleaved(void **state)
{
	struct sceau_store *store = new_store();
	unsigned passed[50] = { 0 };
	char key[32], once[32];

	(void)state;
	for (unsigned round = 0; round < 1000; round++) {
		for (unsigned account = 0; account < 50; account++) {
			snprintf(key, sizeof(key), "account%u", account);
			snprintf(once, sizeof(once), "%u.%u", account, round);
			struct sceau_store_charge charge = make(key, 10, 86400,
			                                        1, 0);

			passed[account] += !ask(store, START + round, once,
			                        &charge, 1)
			                            .answer.refused;
		}
	}
	for (unsigned account = 0; account < 50; account++)
		assert_int_equal(passed[account], 10);
	sceau_store_free(&store);
	assert_null(store);
}

static void test_all_or_nothing(void **state)
{
	struct sceau_store *store = new_store();
	struct sceau_store_charge both[] = { make("wide", 100, 3600, 1, 7),
		                             make("narrow", 3, 3600, 1, 8) };
	unsigned passed = 0;

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct seen seen = ask(store, START, "", both, 2);

		passed += !seen.answer.refused;
		if (seen.answer.refused)
			assert_int_equal(seen.answer.tag, 8);
	}
	assert_int_equal(passed, 3);
	/* The 47 refused ones have taken nothing of the wide one. */
	both[0].cost = 97;
	assert_false(ask(store, START, "", both, 1).answer.refused);
	both[0].cost = 1;
	assert_true(ask(store, START, "", both, 1).answer.refused);
	sceau_store_free(&store);
}

static void test_longest_wait_is_told(void **state)
{
	struct sceau_store *store = new_store();
	struct sceau_store_charge three[] = { make("a", 1, 60, 1, 1),
		                              make("b", 1, 3600, 1, 2),
		                              make("c", 1, 60, 1, 3) };
	struct seen seen;

	(void)state;
	assert_false(ask(store, START, "", three, 3).answer.refused);
	seen = ask(store, START + S, "", three, 3);
	assert_true(seen.answer.refused);
	assert_int_equal(seen.answer.tag, 2);
	assert_int_equal(seen.answer.wait_ns, 3599 * S);
	three[2].cost = 2;
	seen = ask(store, START + S, "", three, 3);
	assert_int_equal(seen.answer.tag, 3);
	assert_true(seen.answer.wait_ns == SCEAU_RATE_NEVER);
	sceau_store_free(&store);
}

/* Postfix tells a request again after a timeout: same name, same answer. */
static void test_once(void **state)
{
	struct sceau_store *store = new_store();
	struct sceau_store_charge charge = make("k", 2, 3600, 1, 4194303);
	struct seen seen;

	(void)state;
	for (int i = 0; i < 20; i++) {
		seen = ask(store, START + (unsigned)i * S, "one", &charge, 1);
		assert_false(seen.answer.refused);
		assert_int_equal(seen.answer.repeated, i > 0);
	}
	assert_false(ask(store, START, "two", &charge, 1).answer.refused);
	for (int i = 0; i < 20; i++) {
		seen = ask(store, START, "three", &charge, 1);
		assert_true(seen.answer.refused);
		assert_int_equal(seen.answer.repeated, i > 0);
		assert_int_equal(seen.answer.tag, 4194303);
		assert_int_equal(seen.answer.wait_ns, 1800 * S);
	}
	/* Forgotten after once_ns: charged like any other, here refused. */
	assert_false(
		ask(store, START + 599 * S, "one", &charge, 1).answer.refused);
	assert_true(
		ask(store, START + 601 * S, "one", &charge, 1).answer.refused);
	sceau_store_free(&store);
}

/* A refusal is remembered no longer than it holds. */
static void test_once_refused_ends(void **state)
{
	struct sceau_store *store = new_store();
	struct sceau_store_charge charge = make("k", 1, 10, 1, 0);
	struct seen seen;

	(void)state;
	ask(store, START, "one", &charge, 1);
	assert_true(ask(store, START, "two", &charge, 1).answer.refused);
	seen = ask(store, START + 9 * S, "two", &charge, 1);
	assert_true(seen.answer.refused && seen.answer.repeated);
	seen = ask(store, START + 10 * S, "two", &charge, 1);
	assert_false(seen.answer.refused || seen.answer.repeated);
	sceau_store_free(&store);
}

static void test_never_is_remembered(void **state)
{
	struct sceau_store *store = new_store();
	struct sceau_store_charge charge = make("k", 1, 10, 2, 5);
	struct seen seen;

	(void)state;
	for (int i = 0; i < 2; i++) {
		seen = ask(store, START, "one", &charge, 1);
		assert_true(seen.answer.refused);
		assert_int_equal(seen.answer.repeated, i);
		assert_int_equal(seen.answer.tag, 5);
		assert_true(seen.answer.wait_ns == SCEAU_RATE_NEVER);
	}
	sceau_store_free(&store);
}

static void test_trials(void **state)
{
	struct sceau_store *store = new_store();
	struct sceau_store_charge charges[] = { make("t", 2, 3600, 1, 1),
		                                make("r", 4, 3600, 1, 2) };
	struct seen seen;

	(void)state;
	charges[0].is_trial = true;
	for (int i = 0; i < 6; i++) {
		seen = ask(store, START, "", charges, 2);
		assert_int_equal(seen.answer.refused, i >= 4);
		assert_int_equal(seen.answer.over_count, i == 2 || i == 3);
		if (seen.answer.over_count > 0)
			assert_int_equal(seen.over[0], 1);
	}
	/* What a real rule refused was not drawn from the trial either: its
	   first slot is back after half an hour, not later. */
	seen = ask(store, START + 1800 * S, "", charges, 1);
	assert_int_equal(seen.answer.over_count, 0);
	sceau_store_free(&store);
}

static void test_nothing_to_charge(void **state)
{
	struct sceau_store *store = new_store();
	struct seen seen = ask(store, START, "", NULL, 0);

	(void)state;
	assert_false(seen.answer.refused || seen.answer.repeated);
	assert_int_equal(entries_of(store), 0);
	sceau_store_free(&store);
}

/* Buckets that are full again and events long past leave by themselves. */
static void test_expiry_and_sweep(void **state)
{
	struct sceau_store *store = new_store();
	char key[32];

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(key, sizeof(key), "k%u", i);
		struct sceau_store_charge charge = make(key, 1, 60, 1, 0);
		ask(store, START, key, &charge, 1);
	}
	assert_int_equal(entries_of(store), 40000);
	for (int i = 0; i < 100; i++)
		sceau_store_tick(store, START + 60 * S);
	assert_int_equal(entries_of(store), 20000);
	for (int i = 0; i < 100; i++)
		sceau_store_tick(store, START + 600 * S);
	assert_int_equal(entries_of(store), 0);
	sceau_store_free(&store);
}

/* The clock goes back by a year: one slot later mail flows again, and the
   limit holds as before. */
static void test_clock_back(void **state)
{
	struct sceau_store *store = new_store();
	struct sceau_store_charge charge = make("k", 6, 3600, 1, 0);
	uint64_t now = START - 365 * 86400 * S;

	(void)state;
	for (int i = 0; i < 6; i++)
		assert_false(ask(store, START, "", &charge, 1).answer.refused);
	for (int i = 0; i < 599; i++) {
		struct seen seen = ask(store, now + (unsigned)i * S, "",
		                       &charge, 1);
		assert_true(seen.answer.refused);
		assert_true(seen.answer.wait_ns <= 600 * S);
	}
	now += 600 * S;
	assert_false(ask(store, now, "", &charge, 1).answer.refused);
	assert_true(ask(store, now, "", &charge, 1).answer.refused);
	sceau_store_free(&store);
}

/* Forward by a year: as after a quiet year, no more than a full bucket. */
static void test_clock_forward(void **state)
{
	struct sceau_store *store = new_store();
	struct sceau_store_charge charge = make("k", 6, 3600, 1, 0);
	unsigned passed = 0;

	(void)state;
	for (int i = 0; i < 20; i++)
		passed += !ask(store, START, "", &charge, 1).answer.refused;
	for (int i = 0; i < 20; i++)
		passed += !ask(store, START + 365 * 86400 * S, "", &charge, 1)
		                   .answer.refused;
	assert_int_equal(passed, 12);
	sceau_store_free(&store);
}

static void test_free_of_null(void **state)
{
	struct sceau_store *store = NULL;

	(void)state;
	sceau_store_free(&store);
	store = new_store();
	sceau_store_cancel(store, &store);
	sceau_store_free(&store);
	assert_null(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact_interleaved),
		cmocka_unit_test(test_all_or_nothing),
		cmocka_unit_test(test_longest_wait_is_told),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_once_refused_ends),
		cmocka_unit_test(test_never_is_remembered),
		cmocka_unit_test(test_trials),
		cmocka_unit_test(test_nothing_to_charge),
		cmocka_unit_test(test_expiry_and_sweep),
		cmocka_unit_test(test_clock_back),
		cmocka_unit_test(test_clock_forward),
		cmocka_unit_test(test_free_of_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
