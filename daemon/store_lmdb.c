/* store_lmdb.c - the engine of store.h in memory with a file behind it
 *
 * In the file, beside the secret of the hash: buckets under their id, and
 * events under their expiry and id, so that those of one second, which nobody
 * changes and which expire together, lie together. An event told again later
 * is written anew; the younger one counts.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/store.h"
#include "daemon/store_changes.h"
#include "daemon/store_ledger.h"

#define ID_SIZE sizeof(struct sceau_store_id)
#define STAMP_SIZE 8 /* an expiry, most byte first */
#define PACKED_SIZE 8

/* Entries take 50 to 75 bytes of the file; while pages are replaced up to
   three times that. When it is full it is made anew. */
#define FILE_BYTES_PER_ENTRY 256
#define FILE_BYTES_MIN (32ULL << 20)

/* While a disk hangs, so many changes are remembered, or as many as there are
   entries. */
#define CHANGES_MIN 16384

enum table {
	TABLE_SECRET, /* first: ids mean nothing without it */
	TABLE_BUCKETS,
	TABLE_EVENTS,
};

static const char *const tables[] = { "secret", "buckets", "events" };

#define SECRET_KEY "secret"

struct lmdb {
	struct sceau_store store; /* first: see store.h */
	struct sceau_store_ledger ledger;
	struct sceau_state_file *file;
	uint64_t now_ns; /* of the file's clock, as last heard */
	size_t changes_max; /* then the file is rather made anew */
	bool knows_secret; /* that of the file */
	bool owes_secret; /* the file does not have ours */
	/* Entries to be written: since the last group, and of the group. */
	struct sceau_store_changes changes, group;
	struct record {
		uint8_t key[STAMP_SIZE + ID_SIZE], value[PACKED_SIZE];
	} record; /* what next() points to */
};

static struct lmdb *lmdb_of(struct sceau_store *store)
{
	return (struct lmdb *)store;
}

static void put_number(uint8_t *out, uint64_t value)
{
	for (size_t i = 0; i < 8; i++)
		out[i] = (uint8_t)(value >> (8 * (7 - i)));
}

static uint64_t get_number(const uint8_t *data)
{
	uint64_t value = 0;

	for (size_t i = 0; i < 8; i++)
		value = value << 8 | data[i];
	return value;
}

/* An entry as a record; its bytes go to room. */
static struct sceau_state_record
record_of(struct sceau_store_id id, const struct sceau_store_entry *entry,
          struct record *room)
{
	struct sceau_state_record record = {
		.table = TABLE_BUCKETS,
		.key = room->key,
		.key_len = ID_SIZE,
		.expires_ns = entry->expires_ns,
	};
	uint8_t *key = room->key;

	if (sceau_store_entry_is_event(entry)) {
		record.table = TABLE_EVENTS;
		record.key_len = STAMP_SIZE + ID_SIZE;
		put_number(key, entry->expires_ns);
		key += STAMP_SIZE;
		put_number(room->value, entry->value);
		record.value = room->value;
		record.value_len = PACKED_SIZE;
	}
	memcpy(key, &id, ID_SIZE);
	return record;
}

static void load_secret(struct lmdb *lmdb,
                        const struct sceau_state_record *record)
{
	if (record->value_len != SCEAU_STORE_SECRET_SIZE)
		return;
	sceau_store_table_set_secret(lmdb->ledger.table, record->value);
	lmdb->knows_secret = true;
	lmdb->owes_secret = false;
}

static void on_load(void *ctx, const struct sceau_state_record *record,
                    uint64_t now_ns)
{
	struct lmdb *lmdb = ctx;
	struct sceau_store_entry entry = { .expires_ns = record->expires_ns };
	const uint8_t *key = record->key;
	bool is_event = record->table == TABLE_EVENTS;
	struct sceau_store_id id;

	if (record->table == TABLE_SECRET) {
		load_secret(lmdb, record);
		return;
	}
	if (!lmdb->knows_secret ||
	    record->key_len != ID_SIZE + (is_event ? STAMP_SIZE : 0) ||
	    record->value_len != (is_event ? PACKED_SIZE : 0))
		return;
	if (is_event) {
		key += STAMP_SIZE;
		entry.value = get_number(record->value);
	}
	/* Keys of events ascend by expiry: the last one of an id counts. */
	memcpy(&id, key, ID_SIZE);
	sceau_store_table_put(lmdb->ledger.table, id, entry, now_ns);
}

static struct sceau_state_record secret_record(const struct lmdb *lmdb)
{
	return (struct sceau_state_record){
		.table = TABLE_SECRET,
		.key = SECRET_KEY,
		.key_len = sizeof(SECRET_KEY) - 1,
		.expires_ns = UINT64_MAX,
		.value = sceau_store_table_secret(lmdb->ledger.table),
		.value_len = SCEAU_STORE_SECRET_SIZE,
	};
}

/* The group before was taken as a whole, or forgotten. */
static void on_begin(void *ctx)
{
	struct lmdb *lmdb = ctx;
	struct sceau_store_changes empty = lmdb->group;

	lmdb->group = lmdb->changes;
	lmdb->changes = empty;
}

static bool on_next(void *ctx, struct sceau_state_record *record_r,
                    bool *is_gone_r)
{
	struct lmdb *lmdb = ctx;
	const struct sceau_store_entry *entry;
	struct sceau_store_entry gone = { .expires_ns = 0 };
	struct sceau_store_id id;

	*is_gone_r = false;
	if (lmdb->owes_secret) {
		lmdb->owes_secret = false;
		*record_r = secret_record(lmdb);
		return true;
	}
	if (!sceau_store_changes_take(&lmdb->group, &id))
		return false;
	entry = sceau_store_table_get(lmdb->ledger.table, id, lmdb->now_ns);
	/* It may have been an event, which the file's sweep finds by itself;
	   then there is no such bucket. */
	*is_gone_r = entry == NULL;
	*record_r = record_of(id, entry != NULL ? entry : &gone, &lmdb->record);
	return true;
}

static void on_forget(void *ctx)
{
	struct lmdb *lmdb = ctx;

	sceau_store_changes_clear(&lmdb->changes);
	sceau_store_changes_clear(&lmdb->group);
	lmdb->owes_secret = false;
}

struct each {
	sceau_state_emit_fn *emit;
	void *emit_ctx;
	uint64_t now_ns;
};

static void on_entry(void *ctx, struct sceau_store_id id,
                     const struct sceau_store_entry *entry)
{
	const struct each *each = ctx;
	struct record room;

	if (entry->expires_ns <= each->now_ns)
		return;
	const struct sceau_state_record record = record_of(id, entry, &room);
	each->emit(each->emit_ctx, &record);
}

static void on_each(void *ctx, sceau_state_emit_fn *emit, void *emit_ctx)
{
	const struct lmdb *lmdb = ctx;
	struct each each = { emit, emit_ctx, lmdb->now_ns };
	const struct sceau_state_record secret = secret_record(lmdb);

	emit(emit_ctx, &secret);
	sceau_store_table_each(lmdb->ledger.table, on_entry, &each);
}

static const struct sceau_state_hooks hooks = {
	.load = on_load,
	.begin = on_begin,
	.next = on_next,
	.forget = on_forget,
	.each = on_each,
};

static void on_put(void *ctx, struct sceau_store_id id)
{
	struct lmdb *lmdb = ctx;

	if (sceau_store_changes_add(&lmdb->changes, id) < 0 ||
	    lmdb->changes.count > lmdb->changes_max) {
		sceau_store_changes_clear(&lmdb->changes);
		sceau_state_file_renew(lmdb->file);
	}
	sceau_state_file_touch(lmdb->file, lmdb->now_ns);
}

static void set_now(struct lmdb *lmdb, uint64_t now_ns)
{
	lmdb->now_ns = now_ns + sceau_state_file_skew_ns(lmdb->file);
}

static void lmdb_charge(struct sceau_store *store,
                        const struct sceau_store_request *request,
                        sceau_store_charge_fn *done, void *ctx)
{
	struct lmdb *lmdb = lmdb_of(store);
	struct sceau_store_request own = *request;

	set_now(lmdb, request->now_ns);
	own.now_ns = lmdb->now_ns;
	sceau_store_ledger_charge(&lmdb->ledger, &own, done, ctx);
}

/* Every answer was given before its call returned. */
static void lmdb_cancel(struct sceau_store *store, const void *ctx)
{
	(void)store;
	(void)ctx;
}

static void lmdb_tick(struct sceau_store *store, uint64_t now_ns)
{
	struct lmdb *lmdb = lmdb_of(store);

	set_now(lmdb, now_ns);
	sceau_store_ledger_tick(&lmdb->ledger, lmdb->now_ns);
}

static void lmdb_stats(const struct sceau_store *store,
                       struct sceau_store_stats *stats_r)
{
	const struct lmdb *lmdb = (const struct lmdb *)store;

	sceau_store_ledger_stats(&lmdb->ledger, stats_r);
	stats_r->engine = "lmdb";
	stats_r->has_file = true;
	sceau_state_file_stats(lmdb->file, &stats_r->file);
}

static void lmdb_free(struct sceau_store *store)
{
	struct lmdb *lmdb = lmdb_of(store);

	sceau_state_file_free(&lmdb->file);
	sceau_store_changes_clear(&lmdb->changes);
	sceau_store_changes_clear(&lmdb->group);
	sceau_store_ledger_deinit(&lmdb->ledger);
	free(lmdb);
}

static const struct sceau_store_engine engine = {
	.charge = lmdb_charge,
	.cancel = lmdb_cancel,
	.tick = lmdb_tick,
	.stats = lmdb_stats,
	.free = lmdb_free,
};

static int open_file(struct lmdb *lmdb, struct sceau_loop *loop,
                     const char *path, struct sceau_err *err)
{
	const struct sceau_state_options options = {
		.path = path,
		.layout = { .tables = tables,
		            .count = sizeof(tables) / sizeof(tables[0]),
		            .size_max = FILE_BYTES_MIN +
		                        FILE_BYTES_PER_ENTRY *
		                                lmdb->ledger.entries_max },
		.now_ns = lmdb->now_ns,
	};

	lmdb->owes_secret = true;
	lmdb->file = sceau_state_file_new(loop, &options, &hooks, lmdb, err);
	if (lmdb->file == NULL)
		return -1;
	set_now(lmdb, options.now_ns);
	if (lmdb->owes_secret)
		sceau_state_file_touch(lmdb->file, lmdb->now_ns);
	return 0;
}

struct sceau_store *sceau_store_lmdb_new(struct sceau_loop *loop,
                                         const char *path, size_t entries_max,
                                         uint64_t now_ns, struct sceau_err *err)
{
	struct lmdb *lmdb = calloc(1, sizeof(*lmdb));

	if (lmdb == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	lmdb->store.engine = &engine;
	lmdb->now_ns = now_ns;
	lmdb->changes_max = entries_max > CHANGES_MIN ? entries_max
	                                              : CHANGES_MIN;
	if (sceau_store_ledger_init(&lmdb->ledger, entries_max, err) < 0) {
		free(lmdb);
		return NULL;
	}
	lmdb->ledger.on_put = on_put;
	lmdb->ledger.ctx = lmdb;
	if (open_file(lmdb, loop, path, err) == 0)
		return &lmdb->store;
	lmdb_free(&lmdb->store);
	return NULL;
}
