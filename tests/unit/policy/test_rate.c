/* test_rate.c - never too many in any window, never a longer wait than told
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/rate.h"

#define S SCEAU_RATE_NS_PER_S
#define START (1800000000ULL * S) /* a day of 2027 */

static struct sceau_rate make(uint64_t count, uint64_t period_s, uint64_t burst)
{
	struct sceau_rate rate;

	assert_int_equal(sceau_rate_init(&rate, count, period_s, burst, NULL),
	                 0);
	return rate;
}

/* Take cost; returns whether it passed. */
static bool charge(const struct sceau_rate *rate, uint64_t *full_at,
                   uint64_t now, uint64_t cost, uint64_t *wait_r)
{
	struct sceau_rate_answer answer = sceau_rate_ask(rate, *full_at, now,
	                                                 cost);

	if (!answer.passes) /* nothing taken, nothing forgiven */
		assert_true(answer.full_at_ns == *full_at ||
		            answer.full_at_ns ==
		                    now + rate->burst * rate->interval_ns);
	assert_true(answer.passes == (answer.wait_ns == 0));
	*full_at = answer.full_at_ns;
	*wait_r = answer.wait_ns;
	return answer.passes;
}

static const struct {
	uint64_t count, period_s, burst;
	int want_ret;
	uint64_t want_interval_ns;
} inits[] = {
	{ 500, 86400, 100, 0, 172800 * (S / 1000) },
	{ 1, 1, 1, 0, S },
	{ 7, 1, 7, 0, 142857143 }, /* rounded up */
	{ 1000000000, 1, 1, 0, 1 },
	{ 1, SCEAU_RATE_PERIOD_MAX_S, 100, 0, SCEAU_RATE_PERIOD_MAX_S *S },
	{ 1, SCEAU_RATE_PERIOD_MAX_S, 101, -1, 0 },
	{ 0, 60, 1, -1, 0 },
	{ 1, 0, 1, -1, 0 },
	{ 1, 60, 0, -1, 0 },
	{ 1000000001, 60, 1, -1, 0 },
	{ 1, 60, 1000000001, -1, 0 },
	{ 1, SCEAU_RATE_PERIOD_MAX_S + 1, 1, -1, 0 },
	{ UINT64_MAX, UINT64_MAX, UINT64_MAX, -1, 0 },
};

static void test_init(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(inits) / sizeof(inits[0]); i++) {
		struct sceau_rate rate = { 77, 77 };
		struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
		int ret = sceau_rate_init(&rate, inits[i].count,
		                          inits[i].period_s, inits[i].burst,
		                          &err);
		uint64_t want = ret == 0 ? inits[i].want_interval_ns : 77;

		if (ret != inits[i].want_ret || rate.interval_ns != want)
			fail_msg("row %zu: got %d %llu (%s)", i, ret,
			         (unsigned long long)rate.interval_ns,
			         err.text);
		if (ret < 0)
			assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	}
}

/* N/PERIOD without a burst of its own: exactly N pass at once, the next one
   after PERIOD/N and not a nanosecond earlier. */
static void test_exactly_n_at_once(void **state)
{
	static const uint64_t counts[] = { 1, 2, 3, 7, 10, 500, 9999 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct sceau_rate rate = make(counts[i], 3600, counts[i]);
		uint64_t full_at = 0, wait, passed = 0;

		for (uint64_t n = 0; n < counts[i] + 20; n++)
			passed += charge(&rate, &full_at, START, 1, &wait);
		assert_int_equal(passed, counts[i]);
		assert_int_equal(wait, rate.interval_ns);
		assert_false(
			charge(&rate, &full_at, START + wait - 1, 1, &wait));
		assert_int_equal(wait, 1);
		assert_true(charge(&rate, &full_at, START + rate.interval_ns, 1,
		                   &wait));
		assert_false(charge(&rate, &full_at, START + rate.interval_ns,
		                    1, &wait));
	}
}

static void test_costs(void **state)
{
	struct sceau_rate rate = make(500, 86400, 100);
	uint64_t full_at = 0, wait;

	(void)state;
	assert_false(charge(&rate, &full_at, START, 101, &wait));
	assert_true(wait == SCEAU_RATE_NEVER);
	assert_true(charge(&rate, &full_at, START, 60, &wait));
	assert_true(charge(&rate, &full_at, START, 0, &wait));
	assert_false(charge(&rate, &full_at, START, 41, &wait));
	assert_int_equal(wait, rate.interval_ns);
	assert_true(charge(&rate, &full_at, START, 40, &wait));
	assert_true(charge(&rate, &full_at, START, 0, &wait));
	assert_false(charge(&rate, &full_at, START, 100, &wait));
	assert_int_equal(wait, 100 * rate.interval_ns);
	/* A quiet time as long as told brings all of it back. */
	assert_true(charge(&rate, &full_at, START + wait, 100, &wait));
}

/* xorshift: the same numbers in every run. */
static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

#define EVENTS 400

/* In any stretch of time from one event to another no more than burst units
   plus those that came back meanwhile; and who waits as told passes. */
static void check_windows(uint64_t seed)
{
	static struct {
		uint64_t at, cost;
	} passed[EVENTS];
	uint64_t count = 1 + next_random(&seed) % 50;
	uint64_t burst = 1 + next_random(&seed) % 60;
	uint64_t period_s = 1 + next_random(&seed) % 7200;
	struct sceau_rate rate = make(count, period_s, burst);
	uint64_t full_at = 0, now = START, n = 0, wait;

	for (size_t i = 0; i < EVENTS; i++) {
		uint64_t cost = 1 + next_random(&seed) % burst;

		now += next_random(&seed) % (3 * rate.interval_ns);
		if (!charge(&rate, &full_at, now, cost, &wait)) {
			assert_true(wait <= burst * rate.interval_ns);
			assert_false(charge(&rate, &full_at, now + wait - 1,
			                    cost, &(uint64_t){ 0 }));
			now += wait;
			assert_true(charge(&rate, &full_at, now, cost, &wait));
		}
		passed[n].at = now;
		passed[n++].cost = cost;
	}
	for (size_t from = 0; from < n; from++) {
		uint64_t sum = 0;

		for (size_t to = from; to < n; to++) {
			uint64_t stretch = passed[to].at - passed[from].at;

			sum += passed[to].cost;
			if (sum > burst + stretch / rate.interval_ns)
				fail_msg("%llu passed in %llu ns",
				         (unsigned long long)sum,
				         (unsigned long long)stretch);
		}
	}
}

static void test_any_window(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++)
		check_windows(seed * 0x9e3779b97f4a7c15ULL);
}

/* A clock that went back by any time blocks no longer than an empty bucket
   takes, one that went forward gives no more than a full one. */
static void test_clock_jumps(void **state)
{
	static const uint64_t back[] = { 1, S, 3600 * S, 86400 * 365 * S,
		                         START };
	struct sceau_rate rate = make(10, 3600, 10);
	uint64_t wait, passed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(back) / sizeof(back[0]); i++) {
		uint64_t full_at = 0, now = START - back[i];

		assert_true(charge(&rate, &full_at, START, 10, &wait));
		for (uint64_t n = 0; n < 10; n++) {
			/* Asking often, as a queue does, costs nothing. */
			assert_false(
				charge(&rate, &full_at, now + n, 1, &wait));
			assert_true(wait <= rate.interval_ns - n);
		}
		assert_true(charge(&rate, &full_at, now + rate.interval_ns, 1,
		                   &wait));
	}
	uint64_t full_at = 0;
	assert_true(charge(&rate, &full_at, START, 10, &wait));
	for (int i = 0; i < 100; i++)
		passed += charge(&rate, &full_at, START + 86400 * 365 * S, 1,
		                 &wait);
	assert_int_equal(passed, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_init),
		cmocka_unit_test(test_exactly_n_at_once),
		cmocka_unit_test(test_costs),
		cmocka_unit_test(test_any_window),
		cmocka_unit_test(test_clock_jumps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
