/* store_table.c - see store_table.h
 *
 * Two arrays: `main`, and while a resize is under way `old`, which only loses
 * entries. In main a removed slot is closed by moving later ones of its chain
 * back; in old it is marked as gone, since its order must not change under
 * the cursor that empties it.
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_table.h"

_Static_assert(SCEAU_STORE_SECRET_SIZE == crypto_shorthash_siphashx24_KEYBYTES,
               "the key of the hash");

#define SLOTS_MIN 64
#define WORK_PER_PUT 16
#define MOVES_PER_PUT 64
#define VICTIMS 16

/* half[0] of a real id is odd; 0 is an empty slot, GONE one of old that was
   moved or removed. */
#define GONE 2

struct slot {
	struct sceau_store_id id;
	struct sceau_store_entry entry;
};

struct array {
	struct slot *slots; /* NULL: not there */
	size_t mask; /* number of slots - 1, a power of two - 1 */
	size_t live;
};

struct sceau_store_table {
	struct array main, old;
	size_t moved; /* slots of old below this are empty or gone */
	size_t swept; /* next slot of main to look at */
	size_t entries_max;
	uint64_t evicted;
	uint64_t longest_ns; /* longest life that an entry was given */
	uint8_t secret[crypto_shorthash_siphashx24_KEYBYTES];
};

static int array_init(struct array *array, size_t slots)
{
	array->slots = calloc(slots, sizeof(array->slots[0]));
	array->mask = slots - 1;
	array->live = 0;
	return array->slots != NULL ? 0 : -1;
}

static void array_deinit(struct array *array)
{
	free(array->slots);
	array->slots = NULL;
	array->mask = 0;
	array->live = 0;
}

static size_t home_of(const struct array *array, struct sceau_store_id id)
{
	return (size_t)id.half[1] & array->mask;
}

static bool is_same(struct sceau_store_id a, struct sceau_store_id b)
{
	return a.half[0] == b.half[0] && a.half[1] == b.half[1];
}

static bool is_live(const struct slot *slot)
{
	return (slot->id.half[0] & 1) != 0;
}

/* The slot of id, or NULL. */
static struct slot *array_find(const struct array *array,
                               struct sceau_store_id id)
{
	if (array->slots == NULL)
		return NULL;
	for (size_t i = home_of(array, id);; i = (i + 1) & array->mask) {
		struct slot *slot = &array->slots[i];

		if (is_same(slot->id, id))
			return slot;
		if (slot->id.half[0] == 0)
			return NULL;
	}
}

static void array_insert(struct array *array, const struct slot *slot)
{
	size_t i = home_of(array, slot->id);

	while (is_live(&array->slots[i]))
		i = (i + 1) & array->mask;
	array->slots[i] = *slot;
	array->live++;
}

/* Empty slot i of main and close the gap: a later slot of the run moves into
   it unless its home lies cyclically after the gap. */
static void main_remove(struct array *array, size_t i)
{
	size_t gap = i;

	for (size_t j = (i + 1) & array->mask; is_live(&array->slots[j]);
	     j = (j + 1) & array->mask) {
		size_t home = home_of(array, array->slots[j].id);

		if (((j - home) & array->mask) >= ((j - gap) & array->mask)) {
			array->slots[gap] = array->slots[j];
			gap = j;
		}
	}
	memset(&array->slots[gap], 0, sizeof(array->slots[gap]));
	array->live--;
}

static void old_remove(struct array *array, struct slot *slot)
{
	slot->id.half[0] = GONE;
	array->live--;
}

static void remove_slot(struct sceau_store_table *table, struct slot *slot)
{
	struct array *main = &table->main;

	if (slot >= main->slots && slot <= main->slots + main->mask)
		main_remove(main, (size_t)(slot - main->slots));
	else
		old_remove(&table->old, slot);
}

static struct slot *find(struct sceau_store_table *table,
                         struct sceau_store_id id)
{
	struct slot *slot = array_find(&table->main, id);

	return slot != NULL ? slot : array_find(&table->old, id);
}

/* An end later than the longest life from now can only come of a clock that
   went back: it is moved here, so that nothing stays for years. */
static bool has_expired(const struct sceau_store_table *table,
                        struct slot *slot, uint64_t now_ns)
{
	if (slot->entry.expires_ns > now_ns + table->longest_ns)
		slot->entry.expires_ns = now_ns + table->longest_ns;
	return slot->entry.expires_ns <= now_ns;
}

/* Without memory for another array the table stays as it is: full, it
   evicts. */
static void resize(struct sceau_store_table *table, size_t slots)
{
	struct array array;

	if (array_init(&array, slots) < 0)
		return;
	table->old = table->main;
	table->main = array;
	table->moved = 0;
	table->swept = 0;
}

static void move_some(struct sceau_store_table *table, size_t slots,
                      uint64_t now_ns)
{
	struct array *old = &table->old;

	if (old->slots == NULL)
		return;
	for (; slots > 0 && table->moved <= old->mask; slots--) {
		struct slot *slot = &old->slots[table->moved++];

		if (!is_live(slot))
			continue;
		if (!has_expired(table, slot, now_ns))
			array_insert(&table->main, slot);
		old_remove(old, slot);
	}
	if (table->moved > old->mask)
		array_deinit(old);
}

static void sweep_some(struct sceau_store_table *table, size_t slots,
                       uint64_t now_ns)
{
	struct array *main = &table->main;

	for (; slots > 0; slots--) {
		struct slot *slot = &main->slots[table->swept & main->mask];

		/* After a removal another entry may stand in this slot. */
		if (is_live(slot) && has_expired(table, slot, now_ns))
			main_remove(main, table->swept & main->mask);
		else
			table->swept++;
	}
}

static size_t entries(const struct sceau_store_table *table)
{
	return table->main.live + table->old.live;
}

static void resize_if_due(struct sceau_store_table *table)
{
	size_t slots = table->main.mask + 1;

	if (table->old.slots != NULL)
		return;
	if (entries(table) >= slots / 4 * 3)
		resize(table, slots * 2);
	else if (slots > SLOTS_MIN && entries(table) < slots / 8)
		resize(table, slots / 2);
}

void sceau_store_table_work(struct sceau_store_table *table, size_t slots,
                            uint64_t now_ns)
{
	move_some(table, slots, now_ns);
	sweep_some(table, slots, now_ns);
	resize_if_due(table);
}

/* The one nearest to its end of some slots, from a place that moves on. Of
   the fuller array, so that few empty slots are passed. */
static struct slot *find_victim(struct sceau_store_table *table)
{
	bool in_old = table->old.live > table->main.live;
	struct array *array = in_old ? &table->old : &table->main;
	size_t from = in_old ? table->moved : table->swept;
	struct slot *victim = NULL;
	size_t seen = 0, i;

	for (i = 0; i <= array->mask && seen < VICTIMS; i++) {
		struct slot *slot = &array->slots[(from + i) & array->mask];

		if (!is_live(slot))
			continue;
		seen++;
		if (victim == NULL ||
		    slot->entry.expires_ns < victim->entry.expires_ns)
			victim = slot;
	}
	if (!in_old)
		table->swept += i;
	return victim;
}

/* There is always an empty slot afterwards, also when the array could not
   grow for want of memory: chains must end. */
static void make_room(struct sceau_store_table *table, uint64_t now_ns)
{
	while (entries(table) >= table->entries_max ||
	       table->main.live >= table->main.mask) {
		struct slot *victim = find_victim(table);

		if (!has_expired(table, victim, now_ns))
			table->evicted++;
		remove_slot(table, victim);
	}
}

const uint8_t *sceau_store_table_secret(const struct sceau_store_table *table)
{
	return table->secret;
}

void sceau_store_table_set_secret(struct sceau_store_table *table,
                                  const uint8_t secret[SCEAU_STORE_SECRET_SIZE])
{
	assert(entries(table) == 0);
	memcpy(table->secret, secret, sizeof(table->secret));
}

struct sceau_store_id
sceau_store_table_id(const struct sceau_store_table *table, char kind,
                     const char *name)
{
	uint8_t text[1024], hash[crypto_shorthash_siphashx24_BYTES];
	struct sceau_store_id id;
	size_t len = strlen(name);

	/* Names are far shorter; a longer one is as good as its head. */
	if (len > sizeof(text) - 1)
		len = sizeof(text) - 1;
	text[0] = (uint8_t)kind;
	memcpy(text + 1, name, len);
	crypto_shorthash_siphashx24(hash, text, len + 1, table->secret);
	memcpy(&id, hash, sizeof(id));
	id.half[0] |= 1;
	return id;
}

const struct sceau_store_entry *
sceau_store_table_get(struct sceau_store_table *table, struct sceau_store_id id,
                      uint64_t now_ns)
{
	struct slot *slot = find(table, id);

	if (slot == NULL || has_expired(table, slot, now_ns))
		return NULL;
	return &slot->entry;
}

void sceau_store_table_put(struct sceau_store_table *table,
                           struct sceau_store_id id,
                           struct sceau_store_entry entry, uint64_t now_ns)
{
	struct slot fresh = { .id = id, .entry = entry };

	move_some(table, MOVES_PER_PUT, now_ns);
	sweep_some(table, WORK_PER_PUT, now_ns);
	struct slot *slot = find(table, id);
	if (entry.expires_ns <= now_ns) {
		if (slot != NULL)
			remove_slot(table, slot);
		return;
	}
	if (entry.expires_ns - now_ns > table->longest_ns)
		table->longest_ns = entry.expires_ns - now_ns;
	if (slot != NULL) {
		slot->entry = entry;
		return;
	}
	make_room(table, now_ns);
	array_insert(&table->main, &fresh);
	resize_if_due(table);
}

struct sceau_store_table *sceau_store_table_new(size_t entries_max)
{
	struct sceau_store_table *table;

	if (sodium_init() < 0)
		return NULL;
	table = calloc(1, sizeof(*table));
	if (table == NULL)
		return NULL;
	table->entries_max = entries_max < 16 ? 16 : entries_max;
	randombytes_buf(table->secret, sizeof(table->secret));
	if (array_init(&table->main, SLOTS_MIN) < 0)
		sceau_store_table_free(&table);
	return table;
}

void sceau_store_table_free(struct sceau_store_table **table)
{
	if (*table == NULL)
		return;
	array_deinit(&(*table)->main);
	array_deinit(&(*table)->old);
	sodium_memzero((*table)->secret, sizeof((*table)->secret));
	free(*table);
	*table = NULL;
}

static void each(const struct array *array,
                 void (*fn)(void *ctx, struct sceau_store_id id,
                            const struct sceau_store_entry *entry),
                 void *ctx)
{
	for (size_t i = 0; array->slots != NULL && i <= array->mask; i++) {
		if (is_live(&array->slots[i]))
			fn(ctx, array->slots[i].id, &array->slots[i].entry);
	}
}

void sceau_store_table_each(const struct sceau_store_table *table,
                            void (*fn)(void *ctx, struct sceau_store_id id,
                                       const struct sceau_store_entry *entry),
                            void *ctx)
{
	each(&table->main, fn, ctx);
	each(&table->old, fn, ctx);
}

size_t sceau_store_table_entries(const struct sceau_store_table *table)
{
	return entries(table);
}

uint64_t sceau_store_table_evicted(const struct sceau_store_table *table)
{
	return table->evicted;
}

size_t sceau_store_table_slots(const struct sceau_store_table *table)
{
	return table->main.mask + 1 +
	       (table->old.slots != NULL ? table->old.mask + 1 : 0);
}
