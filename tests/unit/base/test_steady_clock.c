/* test_steady_clock.c - clocks that jump, and what may come of it
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/steady_clock.h"

#define HOUR 3600ULL
#define DAY (24 * HOUR)
#define Y2026 1767225600ULL
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The wall clock when the last mark was written and at the next start, and how
   much time may be counted in between. */
static const struct {
	const char *what;
	uint64_t wall_then, wall_now, want_gap;
} restarts[] = {
	{ "at once", Y2026, Y2026, 0 },
	{ "a minute later", Y2026, Y2026 + 60, 60 },
	{ "just a day", Y2026, Y2026 + DAY, DAY },
	{ "a month: counts a day", Y2026, Y2026 + 30 * DAY, DAY },
	{ "an hour back", Y2026, Y2026 - HOUR, 0 },
	{ "no clock at the start", Y2026, 17, 0 },
	{ "no clock when it was written", 17, Y2026, 0 },
	{ "no clock at all", 17, 300, 0 },
	{ "years ahead", Y2026, Y2026 + 4000 * DAY, DAY },
	{ "put right after years ahead", Y2026 + 4000 * DAY, Y2026, 0 },
	{ "the end of time", Y2026, UINT64_MAX, DAY },
};

static void test_restart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(restarts); i++) {
		struct sceau_steady_mark mark = {
			.steady_s = 5000000, .wall_s = restarts[i].wall_then
		};
		struct sceau_steady_clock clock;
		uint64_t got;

		sceau_steady_clock_init(&clock, &mark, restarts[i].wall_now,
		                        777);
		got = sceau_steady_clock_now(&clock, 777);
		if (got != 5000000 + restarts[i].want_gap)
			fail_msg("%s: got %llu, want %llu", restarts[i].what,
			         (unsigned long long)(got - 5000000),
			         (unsigned long long)restarts[i].want_gap);
	}
}

static void test_run(void **state)
{
	struct sceau_steady_clock clock;

	(void)state;
	sceau_steady_clock_init(&clock, NULL, Y2026, 10500);
	assert_int_equal(sceau_steady_clock_now(&clock, 10500), Y2026);
	assert_int_equal(sceau_steady_clock_now(&clock, 11499), Y2026);
	assert_int_equal(sceau_steady_clock_now(&clock, 11500), Y2026 + 1);
	assert_int_equal(sceau_steady_clock_now(&clock, 70500), Y2026 + 60);
	/* no such thing as a monotonic clock that goes back, but then too */
	assert_int_equal(sceau_steady_clock_now(&clock, 0), Y2026);
}

/* A first start without a clock is no reason to date things to 1970: they
   would look half a century old when NTP has spoken. */
static void test_first_start(void **state)
{
	struct sceau_steady_clock clock;
	struct sceau_steady_mark mark;

	(void)state;
	sceau_steady_clock_init(&clock, NULL, 42, 0);
	mark = sceau_steady_clock_mark(&clock, Y2026, 5000);
	assert_true(mark.steady_s > Y2026 - 400 * DAY);
	assert_int_equal(mark.wall_s, Y2026);
	/* NTP spoke while it ran: nothing but the five seconds have passed */
	assert_int_equal(mark.steady_s, sceau_steady_clock_now(&clock, 0) + 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_first_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
