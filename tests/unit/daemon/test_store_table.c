/* test_store_table.c - the table against a plain array that forgets nothing
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "daemon/store_table.h"

#define NAMES 5000
#define ROUNDS 300000

static uint64_t seed = 88172645463325252ULL;

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static struct sceau_store_id id_of(struct sceau_store_table *table, size_t n)
{
	char name[32];

	snprintf(name, sizeof(name), "name%zu", n);
	return sceau_store_table_id(table, 'l', name);
}

/* Everything that was put and has not expired is there, nothing else; through
   all the growing, shrinking, removing and sweeping that this brings. */
static void test_like_a_plain_array(void **state)
{
	static struct sceau_store_entry model[NAMES];
	struct sceau_store_table *table = sceau_store_table_new(1000000);
	uint64_t now = 1000;
	size_t slots_most = 0;

	(void)state;
	for (size_t round = 0; round < ROUNDS; round++) {
		/* Busy and quiet times, so that the table breathes. */
		uint64_t step = round / 50000 % 2 == 0 ? 2 : 40;
		size_t n = next_random() % NAMES;
		struct sceau_store_id id = id_of(table, n);
		const struct sceau_store_entry *got;

		now += next_random() % step;
		got = sceau_store_table_get(table, id, now);
		if ((got != NULL) != (model[n].expires_ns > now))
			fail_msg("round %zu: name %zu is %s", round, n,
			         got != NULL ? "still there" : "lost");
		if (got != NULL)
			assert_true(got->expires_ns == model[n].expires_ns &&
			            got->value == model[n].value);
		/* 0: expired at once, which removes. */
		model[n].expires_ns = now + next_random() % 20000 *
		                                    (next_random() % 8 != 0);
		model[n].value = round;
		sceau_store_table_put(table, id, model[n], now);
		if (sceau_store_table_slots(table) > slots_most)
			slots_most = sceau_store_table_slots(table);
	}
	for (size_t n = 0; n < NAMES; n++)
		assert_true(
			(sceau_store_table_get(table, id_of(table, n), now) !=
		         NULL) == (model[n].expires_ns > now));
	assert_true(slots_most >= 8192);
	assert_int_equal(sceau_store_table_evicted(table), 0);
	/* All of it expires and the memory comes back. */
	for (int i = 0; i < 2000; i++)
		sceau_store_table_work(table, 64, now + 20000);
	assert_int_equal(sceau_store_table_entries(table), 0);
	assert_int_equal(sceau_store_table_slots(table), 64);
	sceau_store_table_free(&table);
	assert_null(table);
}

static void test_names_and_kinds(void **state)
{
	struct sceau_store_table *table = sceau_store_table_new(100);
	struct sceau_store_table *other = sceau_store_table_new(100);
	struct sceau_store_id a = sceau_store_table_id(table, 'l', "x");
	struct sceau_store_id b = sceau_store_table_id(table, 'o', "x");
	struct sceau_store_id c = sceau_store_table_id(table, 'l', "x");
	struct sceau_store_id d = sceau_store_table_id(other, 'l', "x");

	(void)state;
	assert_memory_equal(&a, &c, sizeof(a));
	assert_memory_not_equal(&a, &b, sizeof(a));
	/* Each table hashes with a secret of its own. */
	assert_memory_not_equal(&a, &d, sizeof(a));
	sceau_store_table_free(&table);
	sceau_store_table_free(&other);
}

/* A full table stays within its bound, and what ends last stays longest: by
   chance alone one in e^19 of the late ones would be left. */
static void test_eviction(void **state)
{
	struct sceau_store_table *table = sceau_store_table_new(1000);
	struct sceau_store_entry soon = { .expires_ns = 10000 };
	struct sceau_store_entry late = { .expires_ns = 1000000 };
	size_t kept = 0;

	(void)state;
	for (size_t n = 0; n < 500; n++)
		sceau_store_table_put(table, id_of(table, n), late, 1);
	for (size_t n = 500; n < 20000; n++) {
		sceau_store_table_put(table, id_of(table, n), soon, 1);
		assert_true(sceau_store_table_entries(table) <= 1000);
		assert_non_null(
			sceau_store_table_get(table, id_of(table, n), 1));
	}
	assert_int_equal(sceau_store_table_evicted(table), 19000);
	for (size_t n = 0; n < 500; n++)
		kept += sceau_store_table_get(table, id_of(table, n), 1) !=
		        NULL;
	if (kept < 400)
		fail_msg("only %zu of 500 kept", kept);
	sceau_store_table_free(&table);
}

/* After a clock that went back by a year nothing lives longer than it was
   given, counted anew from the first look at it. */
static void test_clock_back(void **state)
{
	uint64_t year = 365ULL * 86400 * 1000000000, now = 10 * year;
	struct sceau_store_entry entry = { .expires_ns = now + 500 };
	struct sceau_store_table *table = sceau_store_table_new(1000);

	(void)state;
	for (size_t n = 0; n < 100; n++)
		sceau_store_table_put(table, id_of(table, n), entry, now);
	now -= year;
	for (int i = 0; i < 100; i++)
		sceau_store_table_work(table, 64, now);
	assert_int_equal(sceau_store_table_entries(table), 100);
	for (int i = 0; i < 100; i++)
		sceau_store_table_work(table, 64, now + 500);
	assert_int_equal(sceau_store_table_entries(table), 0);
	sceau_store_table_free(&table);
}

/* No single call does more than its share, whatever the size: the table is
   counted in slots touched, since a wall clock would measure the machine. */
static void test_million_entries(void **state)
{
	struct sceau_store_table *table = sceau_store_table_new(1000000);
	struct sceau_store_entry entry = { .expires_ns = 1000 };
	size_t calls = 0;

	(void)state;
	for (size_t n = 0; n < 1000000; n++)
		sceau_store_table_put(table, id_of(table, n), entry, 1);
	assert_int_equal(sceau_store_table_entries(table), 1000000);
	assert_int_equal(sceau_store_table_evicted(table), 0);
	assert_true(sceau_store_table_slots(table) * 32 / 1000000 <= 100);
	size_t before = sceau_store_table_entries(table);
	while (before > 0 && calls++ < 10000) {
		sceau_store_table_work(table, 4096, 1000);
		size_t after = sceau_store_table_entries(table);

		assert_true(before - after <= 2 * 4096);
		before = after;
	}
	assert_int_equal(before, 0);
	sceau_store_table_free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_like_a_plain_array),
		cmocka_unit_test(test_names_and_kinds),
		cmocka_unit_test(test_eviction),
		cmocka_unit_test(test_clock_back),
		cmocka_unit_test(test_million_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
