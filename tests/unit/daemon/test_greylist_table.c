/* test_greylist_table.c - many records, few of them, and what changed
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/greylist_table.h"
#include "daemon/loop.h"

#define NOW 1000000ULL
#define DAY 86400ULL

static const struct sceau_greylist_rules rules = {
	.delay_s = 60,
	.retry_window_s = 2 * DAY,
	.lifetime_s = 35 * DAY,
	.learned_s = 180 * DAY,
	.client_passes = 5,
};

static struct sceau_greylist_record waiting(uint64_t since_s)
{
	return (struct sceau_greylist_record){ .kind = SCEAU_GREYLIST_ATTEMPT,
		                               .first_s = since_s,
		                               .last_s = since_s,
		                               .count = 1 };
}

static void put(struct sceau_greylist_table *table, const char *key,
                struct sceau_greylist_record record, uint64_t now_s)
{
	assert_int_equal(
		sceau_greylist_table_put(table, key, &record, &rules, now_s),
		0);
}

static const char *key_of(unsigned i)
{
	static char key[SCEAU_GREYLIST_KEY_SIZE];

	snprintf(key, sizeof(key), "c/key%u.test", i);
	return key;
}

static size_t entries(const struct sceau_greylist_table *table)
{
	struct sceau_greylist_table_stats stats;

	sceau_greylist_table_stats(table, &stats);
	return stats.entries;
}

/* Against a plain array: every record is found, before and after removals. */
static void test_many(void **state)
{
	static bool is_there[20000];
	struct sceau_greylist_table *table = sceau_greylist_table_new(100000);
	unsigned seed = 7;
	size_t want = 0;

	(void)state;
	assert_non_null(table);
	for (unsigned i = 0; i < 60000; i++) {
		unsigned which;

		seed = seed * 1103515245 + 12345;
		which = (seed >> 8) % 20000;
		if (seed >> 30 == 0) {
			assert_int_equal(sceau_greylist_table_remove(
						 table, key_of(which)),
			                 is_there[which]);
			is_there[which] = false;
		} else {
			put(table, key_of(which), waiting(NOW + which), NOW);
			is_there[which] = true;
		}
	}
	for (unsigned i = 0; i < 20000; i++) {
		const struct sceau_greylist_record *record =
			sceau_greylist_table_get(table, key_of(i));

		assert_int_equal(record != NULL, is_there[i]);
		want += is_there[i];
		if (record != NULL)
			assert_int_equal(record->first_s, NOW + i);
	}
	assert_int_equal(entries(table), want);
	sceau_greylist_table_free(&table);
	assert_null(table);
	sceau_greylist_table_free(&table);
}

static bool count(void *ctx, const char *key,
                  const struct sceau_greylist_record *record)
{
	unsigned char *seen = ctx;
	unsigned i;

	(void)record;
	assert_int_equal(sscanf(key, "c/key%u.test", &i), 1);
	seen[i]++;
	return true;
}

static bool stop_at_once(void *ctx, const char *key,
                         const struct sceau_greylist_record *record)
{
	(void)key;
	(void)record;
	(*(int *)ctx)++;
	return false;
}

static void test_each(void **state)
{
	static unsigned char seen[3000];
	struct sceau_greylist_table *table = sceau_greylist_table_new(100000);
	size_t place = 0, pages = 0;
	int calls = 0;

	(void)state;
	sceau_greylist_table_each(table, &place, 10, count, seen);
	assert_int_equal(place, 0);
	for (unsigned i = 0; i < 1000; i++)
		put(table, key_of(i), waiting(NOW), NOW);
	do {
		sceau_greylist_table_each(table, &place, 100, count, seen);
		pages++;
		/* it grows meanwhile */
		for (unsigned i = 0; i < 50 && pages < 20; i++)
			put(table, key_of(1000 + i + 50 * (unsigned)pages),
			    waiting(NOW), NOW);
	} while (place != 0);
	assert_true(pages >= 10);
	for (unsigned i = 0; i < 1000; i++)
		assert_true(seen[i] >= 1);
	sceau_greylist_table_each(table, &place, 100, stop_at_once, &calls);
	assert_int_equal(calls, 1);
	assert_int_equal(place, 0);
	sceau_greylist_table_free(&table);
}

/* A flood of first attempts does not drive out who is known. */
static void test_full(void **state)
{
	struct sceau_greylist_table *table = sceau_greylist_table_new(2000);
	struct sceau_greylist_table_stats stats;
	struct sceau_greylist_record known = waiting(NOW);
	size_t left = 0;

	(void)state;
	known.has_passed = true;
	for (unsigned i = 0; i < 1000; i++)
		put(table, key_of(i), known, NOW);
	for (unsigned i = 1000; i < 50000; i++)
		put(table, key_of(i), waiting(NOW), NOW);
	for (unsigned i = 0; i < 1000; i++)
		left += sceau_greylist_table_get(table, key_of(i)) != NULL;
	sceau_greylist_table_stats(table, &stats);
	assert_int_equal(stats.entries, 2000);
	assert_int_equal(stats.evicted, 48000);
	assert_true(left > 950);
	/* a lower bound is kept by and by */
	sceau_greylist_table_bound(table, 100);
	for (unsigned i = 50000; i < 52000; i++)
		put(table, key_of(i), waiting(NOW), NOW);
	assert_int_equal(entries(table), 100);
	sceau_greylist_table_free(&table);
}

static void test_sweep(void **state)
{
	struct sceau_greylist_table *table = sceau_greylist_table_new(100000);
	uint64_t begin, worst = 0;

	(void)state;
	for (unsigned i = 0; i < 50000; i++)
		put(table, key_of(i), waiting(NOW + (i % 2) * DAY), NOW);
	for (int i = 0; i < 2000; i++) {
		begin = sceau_loop_now_ms();
		sceau_greylist_table_sweep(table, 100, &rules, NOW + 2 * DAY);
		if (sceau_loop_now_ms() - begin > worst)
			worst = sceau_loop_now_ms() - begin;
	}
	assert_int_equal(entries(table), 25000);
	assert_null(sceau_greylist_table_get(table, key_of(0)));
	assert_non_null(sceau_greylist_table_get(table, key_of(1)));
	sceau_greylist_table_sweep(table, 100000, &rules, NOW + 3 * DAY);
	assert_int_equal(entries(table), 0);
	print_message("longest sweep of 100 chains: %llu ms\n",
	              (unsigned long long)worst);
	sceau_greylist_table_free(&table);
}

static void want_change(struct sceau_greylist_table *table, const char *want,
                        uint64_t want_first_s)
{
	const struct sceau_greylist_record *record;
	const char *key;

	assert_true(sceau_greylist_table_change(table, &key, &record));
	assert_string_equal(key, want);
	if (want_first_s == 0)
		assert_null(record);
	else
		assert_int_equal(record->first_s, want_first_s);
}

static void test_changes(void **state)
{
	struct sceau_greylist_table *table = sceau_greylist_table_new(100);
	const struct sceau_greylist_record *record;
	const char *key;

	(void)state;
	put(table, "c/before.test", waiting(1), NOW);
	assert_false(sceau_greylist_table_change(table, &key, &record));
	sceau_greylist_table_watch(table, true);
	put(table, "c/a.test", waiting(2), NOW);
	put(table, "c/b.test", waiting(3), NOW);
	put(table, "c/a.test", waiting(4), NOW); /* counts once */
	want_change(table, "c/a.test", 4);
	put(table, "c/a.test", waiting(5), NOW);
	assert_true(sceau_greylist_table_remove(table, "c/before.test"));
	/* gone and there again: both are told, in that order */
	assert_true(sceau_greylist_table_remove(table, "c/b.test"));
	put(table, "c/b.test", waiting(6), NOW);
	want_change(table, "c/b.test", 0);
	want_change(table, "c/a.test", 5);
	want_change(table, "c/before.test", 0);
	want_change(table, "c/b.test", 6);
	assert_false(sceau_greylist_table_change(table, &key, &record));

	put(table, "c/a.test", waiting(7), NOW);
	assert_true(sceau_greylist_table_remove(table, "c/a.test"));
	sceau_greylist_table_forget_changes(table);
	assert_false(sceau_greylist_table_change(table, &key, &record));
	/* what is swept or makes room is a change, too */
	sceau_greylist_table_sweep(table, 100, &rules, NOW * 100);
	want_change(table, "c/b.test", 0);
	put(table, "c/c.test", waiting(8), NOW);
	assert_true(sceau_greylist_table_remove(table, "c/c.test"));
	sceau_greylist_table_watch(table, false);
	assert_false(sceau_greylist_table_change(table, &key, &record));
	sceau_greylist_table_free(&table);
}

static void test_bytes(void **state)
{
	struct sceau_greylist_table *table = sceau_greylist_table_new(100000);
	struct sceau_greylist_table_stats empty, full;

	(void)state;
	sceau_greylist_table_stats(table, &empty);
	assert_true(empty.bytes < 2000);
	for (unsigned i = 0; i < 10000; i++)
		put(table, key_of(i), waiting(NOW), NOW);
	sceau_greylist_table_stats(table, &full);
	/* what sceau.conf(5) says, keys being longer */
	assert_true(full.bytes / 10000 < 120);
	for (unsigned i = 0; i < 10000; i++)
		assert_true(sceau_greylist_table_remove(table, key_of(i)));
	sceau_greylist_table_stats(table, &full);
	assert_int_equal(full.entries, 0);
	sceau_greylist_table_free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),    cmocka_unit_test(test_each),
		cmocka_unit_test(test_full),    cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_changes), cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
