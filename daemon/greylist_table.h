/* greylist_table.h - the records of greylisting in memory, by their keys.
 *
 * Bounded: when it is full, the record nearest to its end among a few makes
 * room, so that first attempts of strangers, which end soon, do not drive out
 * who is known. Nothing takes long: the table grows by one chain at a time and
 * is swept a few chains at a time.
 *
 * It remembers which records were changed, for whoever keeps them on disk.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_GREYLIST_TABLE_H
#define SCEAU_GREYLIST_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/greylist.h"
#include "policy/greylist_key.h"

struct sceau_greylist_table;

/* A table for at most entries_max records (at least 16). NULL when memory
   runs out. */
struct sceau_greylist_table *sceau_greylist_table_new(size_t entries_max);

/* Release it and set *table to NULL. NULL is allowed. */
void sceau_greylist_table_free(struct sceau_greylist_table **table);

/* From now on hold at most entries_max; more than that go by and by. */
void sceau_greylist_table_bound(struct sceau_greylist_table *table,
                                size_t entries_max);

/* The record under key, NULL when there is none. One that has expired is still
   there: the rules see to that. Good until the next put, remove or sweep. */
const struct sceau_greylist_record *
sceau_greylist_table_get(const struct sceau_greylist_table *table,
                         const char *key);

/* Keep record (copied) under key, in place of what was there; what makes room
   is chosen by rules at now_s. Returns 0, or -1 when memory runs out. */
int sceau_greylist_table_put(struct sceau_greylist_table *table,
                             const char *key,
                             const struct sceau_greylist_record *record,
                             const struct sceau_greylist_rules *rules,
                             uint64_t now_s);

/* Take out what is under key. Returns whether there was something. */
bool sceau_greylist_table_remove(struct sceau_greylist_table *table,
                                 const char *key);

/* Look at the next chains (about one record each) and take out what has
   expired. */
void sceau_greylist_table_sweep(struct sceau_greylist_table *table,
                                size_t chains,
                                const struct sceau_greylist_rules *rules,
                                uint64_t now_s);

/* Return false to stop. */
typedef bool
sceau_greylist_table_fn(void *ctx, const char *key,
                        const struct sceau_greylist_record *record);

/* Call fn for the records from *place_r on (0 = all), until it returns false or
   has had at least most records and a chain is at its end. Then *place_r is
   where to go on, 0 at the end. Records that are put meanwhile may be shown
   twice or not; all others are shown. fn must not change the table. */
void sceau_greylist_table_each(const struct sceau_greylist_table *table,
                               size_t *place_r, size_t most,
                               sceau_greylist_table_fn *fn, void *ctx);

/* Whether to remember changes from now on; not by default. */
void sceau_greylist_table_watch(struct sceau_greylist_table *table,
                                bool is_watched);

/* The oldest change not taken yet: *record_r is what is under key now, NULL
   when it is gone. Several changes of one record may count as one. Returns
   false when there is none. key_r and record_r are good until the next call of
   any kind. */
bool sceau_greylist_table_change(struct sceau_greylist_table *table,
                                 const char **key_r,
                                 const struct sceau_greylist_record **record_r);

/* Forget all changes. */
void sceau_greylist_table_forget_changes(struct sceau_greylist_table *table);

struct sceau_greylist_table_stats {
	size_t entries, entries_max;
	size_t bytes; /* memory, but for what malloc adds */
	uint64_t evicted; /* made room before their end */
};

/* Fill stats_r with the figures of now; cheap. */
void sceau_greylist_table_stats(const struct sceau_greylist_table *table,
                                struct sceau_greylist_table_stats *stats_r);

#endif
