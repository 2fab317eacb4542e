/* greylist_table.c - see greylist_table.h
 *
 * Linear hashing: there are level + split chains, of which those below split
 * and above level have been split already. Each new record that makes more
 * records than chains splits one more.
 *
 * SPDX-License-Identifier: MIT
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/greylist_table.h"

#define CHAINS_MIN 64
#define VICTIMS 16

struct entry {
	struct entry *next; /* of its chain */
	struct entry *next_change;
	uint64_t hash;
	struct sceau_greylist_record record;
	bool is_changed; /* in the queue of changes */
	bool is_gone; /* in no chain any more; the queue frees it */
	char key[];
};

struct sceau_greylist_table {
	struct entry **chains;
	size_t room; /* of chains */
	size_t level, split;
	size_t swept; /* next chain to look at */
	size_t entries, entries_max, bytes;
	uint64_t evicted;
	bool is_watched;
	struct entry *first_change, *last_change;
	struct entry *taken; /* gone, and free at the next call */
	unsigned char secret[crypto_shorthash_KEYBYTES];
};

_Static_assert(crypto_shorthash_BYTES == sizeof(uint64_t), "one number");

static uint64_t hash_of(const struct sceau_greylist_table *table,
                        const char *key)
{
	unsigned char bytes[crypto_shorthash_BYTES];
	uint64_t hash;

	crypto_shorthash(bytes, (const unsigned char *)key, strlen(key),
	                 table->secret);
	memcpy(&hash, bytes, sizeof(hash));
	return hash;
}

static size_t chains(const struct sceau_greylist_table *table)
{
	return table->level + table->split;
}

static size_t chain_of(const struct sceau_greylist_table *table, uint64_t hash)
{
	size_t i = (size_t)hash & (table->level - 1);

	if (i < table->split)
		i = (size_t)hash & (2 * table->level - 1);
	return i;
}

static size_t size_of(const struct entry *entry)
{
	return sizeof(*entry) + strlen(entry->key) + 1;
}

/* --- changes --- */

static void drop_taken(struct sceau_greylist_table *table)
{
	free(table->taken);
	table->taken = NULL;
}

static void note_change(struct sceau_greylist_table *table, struct entry *entry)
{
	if (!table->is_watched || entry->is_changed)
		return;
	entry->is_changed = true;
	entry->next_change = NULL;
	if (table->last_change != NULL)
		table->last_change->next_change = entry;
	else
		table->first_change = entry;
	table->last_change = entry;
}

static struct entry *take_change(struct sceau_greylist_table *table)
{
	struct entry *entry = table->first_change;

	if (entry == NULL)
		return NULL;
	table->first_change = entry->next_change;
	if (table->first_change == NULL)
		table->last_change = NULL;
	entry->is_changed = false;
	return entry;
}

bool sceau_greylist_table_change(struct sceau_greylist_table *table,
                                 const char **key_r,
                                 const struct sceau_greylist_record **record_r)
{
	struct entry *entry;

	drop_taken(table);
	entry = take_change(table);
	if (entry == NULL)
		return false;
	*key_r = entry->key;
	*record_r = entry->is_gone ? NULL : &entry->record;
	if (entry->is_gone)
		table->taken = entry;
	return true;
}

void sceau_greylist_table_forget_changes(struct sceau_greylist_table *table)
{
	struct entry *entry;

	drop_taken(table);
	while ((entry = take_change(table)) != NULL) {
		if (entry->is_gone)
			free(entry);
	}
}

void sceau_greylist_table_watch(struct sceau_greylist_table *table,
                                bool is_watched)
{
	table->is_watched = is_watched;
	if (!is_watched)
		sceau_greylist_table_forget_changes(table);
}

/* --- chains --- */

/* Where the entry of key hangs, or would. */
static struct entry **find(const struct sceau_greylist_table *table,
                           const char *key, uint64_t hash)
{
	struct entry **at = &table->chains[chain_of(table, hash)];

	while (*at != NULL &&
	       ((*at)->hash != hash || strcmp((*at)->key, key) != 0))
		at = &(*at)->next;
	return at;
}

/* Without memory for more chains they get longer. */
static void split_one(struct sceau_greylist_table *table)
{
	struct entry **from, **more, *entry;

	if (chains(table) == table->room) {
		more = reallocarray(table->chains, 2 * table->room,
		                    sizeof(*more));
		if (more == NULL)
			return;
		table->chains = more;
		table->room *= 2;
	}
	from = &table->chains[table->split];
	table->chains[chains(table)] = NULL;
	table->split++;
	while (*from != NULL) {
		struct entry **to;

		entry = *from;
		to = &table->chains[chain_of(table, entry->hash)];
		if (to == &table->chains[table->split - 1]) {
			from = &entry->next;
			continue;
		}
		*from = entry->next;
		entry->next = *to;
		*to = entry;
	}
	if (table->split == table->level) {
		table->level *= 2;
		table->split = 0;
	}
}

static void unhang(struct sceau_greylist_table *table, struct entry **at)
{
	struct entry *entry = *at;

	*at = entry->next;
	table->entries--;
	table->bytes -= size_of(entry);
	entry->is_gone = true;
	note_change(table, entry);
	if (!entry->is_changed)
		free(entry);
}

static void sweep_chain(struct sceau_greylist_table *table, size_t chain,
                        const struct sceau_greylist_rules *rules,
                        uint64_t now_s)
{
	struct entry **at = &table->chains[chain];

	while (*at != NULL) {
		if (sceau_greylist_rest_s(rules, &(*at)->record, now_s) == 0)
			unhang(table, at);
		else
			at = &(*at)->next;
	}
}

void sceau_greylist_table_sweep(struct sceau_greylist_table *table,
                                size_t count,
                                const struct sceau_greylist_rules *rules,
                                uint64_t now_s)
{
	for (; count > 0; count--) {
		if (table->swept >= chains(table))
			table->swept = 0;
		sweep_chain(table, table->swept++, rules, now_s);
	}
}

/* The one with the least time left of some that hang in a row, from a place
   that moves on. */
static void evict_one(struct sceau_greylist_table *table,
                      const struct sceau_greylist_rules *rules, uint64_t now_s)
{
	struct entry **victim = NULL;
	uint64_t least_s = UINT64_MAX;
	size_t seen = 0;

	while (seen < VICTIMS && seen < table->entries) {
		struct entry **at;

		if (table->swept >= chains(table))
			table->swept = 0;
		at = &table->chains[table->swept++];
		for (; *at != NULL; at = &(*at)->next) {
			uint64_t rest_s = sceau_greylist_rest_s(
				rules, &(*at)->record, now_s);

			seen++;
			if (victim == NULL || rest_s < least_s) {
				victim = at;
				least_s = rest_s;
			}
		}
	}
	if (victim == NULL)
		return;
	if (least_s > 0)
		table->evicted++;
	unhang(table, victim);
}

const struct sceau_greylist_record *
sceau_greylist_table_get(const struct sceau_greylist_table *table,
                         const char *key)
{
	const struct entry *entry = *find(table, key, hash_of(table, key));

	return entry != NULL ? &entry->record : NULL;
}

int sceau_greylist_table_put(struct sceau_greylist_table *table,
                             const char *key,
                             const struct sceau_greylist_record *record,
                             const struct sceau_greylist_rules *rules,
                             uint64_t now_s)
{
	uint64_t hash = hash_of(table, key);
	struct entry **at = find(table, key, hash), *entry = *at;
	size_t len = strlen(key);

	drop_taken(table);
	if (entry != NULL) {
		entry->record = *record;
		note_change(table, entry);
		return 0;
	}
	entry = calloc(1, sizeof(*entry) + len + 1);
	if (entry == NULL)
		return -1;
	entry->hash = hash;
	entry->record = *record;
	memcpy(entry->key, key, len + 1);
	/* two: so that a lowered bound is reached one day */
	for (int i = 0; i < 2 && table->entries >= table->entries_max; i++)
		evict_one(table, rules, now_s);
	if (table->entries >= chains(table))
		split_one(table);
	at = &table->chains[chain_of(table, hash)];
	entry->next = *at;
	*at = entry;
	table->entries++;
	table->bytes += size_of(entry);
	note_change(table, entry);
	return 0;
}

bool sceau_greylist_table_remove(struct sceau_greylist_table *table,
                                 const char *key)
{
	struct entry **at = find(table, key, hash_of(table, key));

	if (*at == NULL)
		return false;
	unhang(table, at);
	return true;
}

void sceau_greylist_table_each(const struct sceau_greylist_table *table,
                               size_t *place_r, size_t most,
                               sceau_greylist_table_fn *fn, void *ctx)
{
	size_t seen = 0, chain = *place_r;

	for (; chain < chains(table) && seen < most; chain++) {
		const struct entry *entry = table->chains[chain];

		for (; entry != NULL; entry = entry->next) {
			seen++;
			if (!fn(ctx, entry->key, &entry->record)) {
				*place_r = 0;
				return;
			}
		}
	}
	*place_r = chain < chains(table) ? chain : 0;
}

/* --- the table --- */

struct sceau_greylist_table *sceau_greylist_table_new(size_t entries_max)
{
	struct sceau_greylist_table *table;

	if (sodium_init() < 0)
		return NULL;
	table = calloc(1, sizeof(*table));
	if (table == NULL)
		return NULL;
	table->level = CHAINS_MIN;
	table->room = CHAINS_MIN;
	table->chains = calloc(table->room, sizeof(struct entry *));
	randombytes_buf(table->secret, sizeof(table->secret));
	sceau_greylist_table_bound(table, entries_max);
	if (table->chains == NULL)
		sceau_greylist_table_free(&table);
	return table;
}

void sceau_greylist_table_bound(struct sceau_greylist_table *table,
                                size_t entries_max)
{
	table->entries_max = entries_max < 16 ? 16 : entries_max;
}

void sceau_greylist_table_free(struct sceau_greylist_table **table)
{
	struct sceau_greylist_table *old = *table;

	*table = NULL;
	if (old == NULL)
		return;
	sceau_greylist_table_forget_changes(old);
	for (size_t i = 0; old->chains != NULL && i < chains(old); i++) {
		while (old->chains[i] != NULL) {
			struct entry *entry = old->chains[i];

			old->chains[i] = entry->next;
			free(entry);
		}
	}
	free(old->chains);
	sodium_memzero(old->secret, sizeof(old->secret));
	free(old);
}

void sceau_greylist_table_stats(const struct sceau_greylist_table *table,
                                struct sceau_greylist_table_stats *stats_r)
{
	stats_r->entries = table->entries;
	stats_r->entries_max = table->entries_max;
	stats_r->bytes = sizeof(*table) + table->bytes +
	                 table->room * sizeof(struct entry *);
	stats_r->evicted = table->evicted;
}
