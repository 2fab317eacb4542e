/* test_time_of_day.c - near the wall clock, and never back
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "daemon/time_of_day.h"

static void test_goes_on(void **state)
{
	uint64_t before = sceau_time_of_day_ns(), wall_s = (uint64_t)time(NULL);

	(void)state;
	/* A minute: the machine may be slow. */
	assert_true(before / 1000000000 + 60 > wall_s);
	assert_true(before / 1000000000 < wall_s + 60);
	for (int i = 0; i < 100000; i++) {
		uint64_t now = sceau_time_of_day_ns();

		assert_true(now >= before);
		before = now;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
