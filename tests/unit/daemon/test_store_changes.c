/* test_store_changes.c - each changed entry once, none forgotten
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/store_changes.h"

#define MANY 50000

static struct sceau_store_id id_of(uint64_t n)
{
	/* Odd, and neighbours in both halves: the worst there is. */
	return (struct sceau_store_id){ { 2 * n + 1, n << 20 } };
}

static void expect_all(struct sceau_store_changes *changes, size_t count)
{
	static uint8_t seen[MANY];
	struct sceau_store_id id;
	size_t taken = 0;

	memset(seen, 0, sizeof(seen));
	while (sceau_store_changes_take(changes, &id)) {
		size_t n = (size_t)(id.half[0] / 2);

		assert_true(n < count && id.half[1] == (uint64_t)n << 20);
		assert_int_equal(seen[n]++, 0);
		taken++;
	}
	assert_int_equal(taken, count);
	assert_false(sceau_store_changes_take(changes, &id));
}

static void test_once_each(void **state)
{
	static const size_t counts[] = { 0, 1, 255, 256, 1000, MANY, 3 };
	struct sceau_store_changes changes = { .slots = NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (size_t round = 0; round < 3; round++) {
			for (size_t n = 0; n < counts[i]; n++)
				assert_int_equal(sceau_store_changes_add(
							 &changes, id_of(n)),
				                 0);
		}
		expect_all(&changes, counts[i]);
	}
	sceau_store_changes_clear(&changes);
}

/* A burst is not paid for for ever. */
static void test_memory_comes_back(void **state)
{
	struct sceau_store_changes changes = { .slots = NULL };

	(void)state;
	for (size_t n = 0; n < MANY; n++)
		sceau_store_changes_add(&changes, id_of(n));
	assert_true(changes.mask >= MANY);
	expect_all(&changes, MANY);
	assert_true(changes.mask < 16384);
	for (size_t n = 0; n < 10; n++)
		sceau_store_changes_add(&changes, id_of(n));
	sceau_store_changes_clear(&changes);
	expect_all(&changes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once_each),
		cmocka_unit_test(test_memory_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
