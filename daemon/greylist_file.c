/* greylist_file.c - see greylist_file.h
 *
 * Two tables: "clock", whose one record is two numbers of eight bytes, the
 * lowest first (steady and wall clock), and "records". Nothing expires by the
 * file's own clock, which is the host's: what has ended is taken out by the
 * table.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/greylist_file.h"

#define MARK_KEY "clock"
#define MARK_SIZE 16
#define MARK_EACH_MS (600ULL * 1000) /* written at least so often */

/* A record takes 120 to 250 bytes of the file; while pages are replaced up to
   three times that. When it is full it is made anew. */
#define FILE_BYTES_PER_ENTRY 600
#define FILE_BYTES_MIN (16ULL << 20)

enum table {
	TABLE_CLOCK,
	TABLE_RECORDS,
};

static const char *const tables[] = { "clock", "records" };

struct sceau_greylist_file {
	struct sceau_state_file *file;
	struct sceau_greylist_table *table;
	struct sceau_steady_clock *clock;
	const struct sceau_greylist_rules *rules; /* while it is loaded */
	uint64_t start_wall_ns, start_ms;
	uint64_t marked_ms;
	bool owes_mark;
	/* What next() points to. */
	unsigned char mark[MARK_SIZE];
	unsigned char value[SCEAU_GREYLIST_RECORD_MAX];
};

static uint64_t wall_s(void)
{
	return (uint64_t)time(NULL);
}

static void put_number(unsigned char *out, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		out[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get_number(const unsigned char *data)
{
	uint64_t value = 0;

	for (unsigned i = 8; i > 0; i--)
		value = value << 8 | data[i - 1];
	return value;
}

static struct sceau_state_record mark_record(struct sceau_greylist_file *file)
{
	struct sceau_steady_mark mark = sceau_steady_clock_mark(
		file->clock, wall_s(), sceau_loop_now_ms());

	put_number(file->mark, mark.steady_s);
	put_number(file->mark + 8, mark.wall_s);
	return (struct sceau_state_record){
		.table = TABLE_CLOCK,
		.key = MARK_KEY,
		.key_len = sizeof(MARK_KEY) - 1,
		.expires_ns = UINT64_MAX,
		.value = file->mark,
		.value_len = MARK_SIZE,
	};
}

/* record NULL: gone. */
static struct sceau_state_record
record_of(const char *key, const struct sceau_greylist_record *record,
          unsigned char value[SCEAU_GREYLIST_RECORD_MAX])
{
	struct sceau_state_record out = {
		.table = TABLE_RECORDS,
		.key = key,
		.key_len = strlen(key),
		.expires_ns = UINT64_MAX,
		.value = value,
	};

	if (record != NULL)
		out.value_len = sceau_greylist_record_encode(record, value);
	return out;
}

/* --- hooks of the file --- */

static void load_mark(struct sceau_greylist_file *file,
                      const struct sceau_state_record *record)
{
	struct sceau_steady_mark mark;

	if (record->value_len != MARK_SIZE)
		return;
	mark.steady_s = get_number(record->value);
	mark.wall_s = get_number((const unsigned char *)record->value + 8);
	sceau_steady_clock_init(file->clock, &mark, wall_s(),
	                        sceau_loop_now_ms());
}

/* What is no record, in a file whose checks say that it is sound, was written
   by another version of this program: it is left out. */
static void on_load(void *ctx, const struct sceau_state_record *record,
                    uint64_t now_ns)
{
	struct sceau_greylist_file *file = ctx;
	struct sceau_slice text = { record->key, record->key_len };
	char key[SCEAU_GREYLIST_KEY_SIZE];
	struct sceau_greylist_record value;
	struct sceau_greylist_parts parts;

	(void)now_ns;
	if (record->table == TABLE_CLOCK) {
		load_mark(file, record);
		return;
	}
	if (sceau_slice_copy(text, key, sizeof(key)) < 0 ||
	    sceau_greylist_key_parse(key, &parts, NULL) < 0 ||
	    sceau_greylist_record_decode(record->value, record->value_len,
	                                 &value, NULL) < 0 ||
	    value.kind != parts.kind)
		return;
	(void)sceau_greylist_table_put(
		file->table, key, &value, file->rules,
		sceau_steady_clock_now(file->clock, sceau_loop_now_ms()));
}

static void on_begin(void *ctx)
{
	struct sceau_greylist_file *file = ctx;

	file->owes_mark = true;
}

static bool on_next(void *ctx, struct sceau_state_record *record_r,
                    bool *is_gone_r)
{
	struct sceau_greylist_file *file = ctx;
	const struct sceau_greylist_record *record;
	const char *key;

	*is_gone_r = false;
	if (file->owes_mark) {
		file->owes_mark = false;
		*record_r = mark_record(file);
		return true;
	}
	if (!sceau_greylist_table_change(file->table, &key, &record))
		return false;
	*is_gone_r = record == NULL;
	*record_r = record_of(key, record, file->value);
	return true;
}

static void on_forget(void *ctx)
{
	struct sceau_greylist_file *file = ctx;

	sceau_greylist_table_forget_changes(file->table);
}

struct each {
	sceau_state_emit_fn *emit;
	void *emit_ctx;
};

static bool on_record(void *ctx, const char *key,
                      const struct sceau_greylist_record *record)
{
	const struct each *each = ctx;
	unsigned char value[SCEAU_GREYLIST_RECORD_MAX];
	struct sceau_state_record out = record_of(key, record, value);

	each->emit(each->emit_ctx, &out);
	return true;
}

static void on_each(void *ctx, sceau_state_emit_fn *emit, void *emit_ctx)
{
	struct sceau_greylist_file *file = ctx;
	struct each each = { emit, emit_ctx };
	struct sceau_state_record mark = mark_record(file);
	size_t place = 0;

	emit(emit_ctx, &mark);
	sceau_greylist_table_each(file->table, &place, SIZE_MAX, on_record,
	                          &each);
}

static const struct sceau_state_hooks hooks = {
	.load = on_load,
	.begin = on_begin,
	.next = on_next,
	.forget = on_forget,
	.each = on_each,
};

/* --- the file --- */

/* The host's clock without its jumps since the start. */
static uint64_t file_now_ns(const struct sceau_greylist_file *file)
{
	return file->start_wall_ns +
	       (sceau_loop_now_ms() - file->start_ms) * 1000000 +
	       sceau_state_file_skew_ns(file->file);
}

void sceau_greylist_file_touch(struct sceau_greylist_file *file)
{
	file->marked_ms = sceau_loop_now_ms();
	sceau_state_file_touch(file->file, file_now_ns(file));
}

void sceau_greylist_file_tick(struct sceau_greylist_file *file)
{
	if (sceau_loop_now_ms() - file->marked_ms >= MARK_EACH_MS)
		sceau_greylist_file_touch(file);
}

struct sceau_greylist_file *
sceau_greylist_file_new(struct sceau_loop *loop, const char *path,
                        struct sceau_greylist_table *table,
                        struct sceau_steady_clock *clock,
                        const struct sceau_greylist_rules *rules,
                        size_t entries_max, struct sceau_err *err)
{
	struct sceau_greylist_file *file = calloc(1, sizeof(*file));
	struct sceau_state_options options = {
		.path = path,
		.layout = { .tables = tables,
		            .count = sizeof(tables) / sizeof(tables[0]),
		            .size_max = FILE_BYTES_MIN +
		                        FILE_BYTES_PER_ENTRY * entries_max },
		.now_ns = wall_s() * 1000000000,
	};

	if (file == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	file->table = table;
	file->clock = clock;
	file->rules = rules;
	file->start_wall_ns = options.now_ns;
	file->start_ms = sceau_loop_now_ms();
	sceau_steady_clock_init(clock, NULL, wall_s(), file->start_ms);
	file->file = sceau_state_file_new(loop, &options, &hooks, file, err);
	if (file->file == NULL) {
		free(file);
		return NULL;
	}
	file->rules = NULL;
	sceau_greylist_table_watch(table, true);
	sceau_greylist_file_touch(file);
	return file;
}

void sceau_greylist_file_stats(const struct sceau_greylist_file *file,
                               struct sceau_state_stats *stats_r)
{
	sceau_state_file_stats(file->file, stats_r);
}

void sceau_greylist_file_free(struct sceau_greylist_file **file)
{
	struct sceau_greylist_file *old = *file;

	*file = NULL;
	if (old == NULL)
		return;
	sceau_state_file_free(&old->file);
	sceau_greylist_table_watch(old->table, false);
	free(old);
}
