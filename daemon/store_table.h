/* store_table.h - a bounded table of things that expire.
 *
 * Open addressing, 32 bytes a slot. Keys are kept as 127 bits of a keyed hash
 * with a secret of the process (SipHash-128), so nobody outside can aim at one
 * chain, and two keys share an entry with a chance of 2^-127 a pair.
 *
 * Nothing ever takes long: a table that grows or shrinks moves some slots with
 * each operation, and what has expired is swept the same way. When the bound
 * is reached, the entry nearest to its end among a few makes room.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_STORE_TABLE_H
#define SCEAU_STORE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct sceau_store_table;

/* The hashed name of an entry. */
struct sceau_store_id {
	uint64_t half[2];
};

/* What a table keeps under an id. */
struct sceau_store_entry {
	uint64_t expires_ns; /* from then on as if it were not there */
	uint64_t value; /* the caller's */
};

/* A table for at most entries_max entries (at least 16). NULL when memory
   runs out. */
struct sceau_store_table *sceau_store_table_new(size_t entries_max);

/* Release it and set *table to NULL. NULL is allowed. */
void sceau_store_table_free(struct sceau_store_table **table);

/* Bytes of the secret. */
#define SCEAU_STORE_SECRET_SIZE 16

/* The secret: keep it with the entries where those outlive the process. Lives
   as long as the table. */
const uint8_t *sceau_store_table_secret(const struct sceau_store_table *table);

/* Take over the secret of the entries that will be put; the table is empty. */
void sceau_store_table_set_secret(
	struct sceau_store_table *table,
	const uint8_t secret[SCEAU_STORE_SECRET_SIZE]);

/* The id of name: of kind 'l' for limits and so on, so that names of
   different kinds never meet. */
struct sceau_store_id
sceau_store_table_id(const struct sceau_store_table *table, char kind,
                     const char *name);

/* What is kept under id. Returns NULL when nothing is, or it has expired at
   now_ns; else good until the next put or work. */
const struct sceau_store_entry *
sceau_store_table_get(struct sceau_store_table *table, struct sceau_store_id id,
                      uint64_t now_ns);

/* Keep entry under id, in place of what was there. One that has expired
   already is not kept and what was there is dropped. */
void sceau_store_table_put(struct sceau_store_table *table,
                           struct sceau_store_id id,
                           struct sceau_store_entry entry, uint64_t now_ns);

/* Look at slots of the table for what has expired, and move as many if it is
   being resized. put does a little of it by itself. */
void sceau_store_table_work(struct sceau_store_table *table, size_t slots,
                            uint64_t now_ns);

/* Give every entry to fn, expired ones too, in no order; the table must not be
   changed meanwhile. */
void sceau_store_table_each(const struct sceau_store_table *table,
                            void (*fn)(void *ctx, struct sceau_store_id id,
                                       const struct sceau_store_entry *entry),
                            void *ctx);

/* Entries kept, expired ones that were not swept yet included. */
size_t sceau_store_table_entries(const struct sceau_store_table *table);

/* Entries that made room for others although they had not expired. */
uint64_t sceau_store_table_evicted(const struct sceau_store_table *table);

/* Slots of the table, and of the one it is moving from. */
size_t sceau_store_table_slots(const struct sceau_store_table *table);

#endif
