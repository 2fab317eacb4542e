/* greylist_memory.c - greylisting in the memory of this process, with a file
 * behind it if wanted
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/steady_clock.h"
#include "daemon/greylist.h"
#include "daemon/greylist_file.h"
#include "daemon/greylist_table.h"

/* So much of the table each second: a million records in a quarter of an
   hour, and well below a millisecond. */
#define SWEEP_MS 1000
#define SWEEP_CHAINS 1000

struct memory {
	struct sceau_greylist greylist;
	struct sceau_loop_timer *timer;
	struct sceau_greylist_table *table;
	struct sceau_greylist_file *file; /* NULL: none */
	struct sceau_steady_clock clock;
	struct sceau_greylist_rules rules; /* by which records expire */
};

static struct memory *memory_of(struct sceau_greylist *greylist)
{
	return (struct memory *)greylist;
}

static uint64_t now_s(const struct memory *memory)
{
	return sceau_steady_clock_now(&memory->clock, sceau_loop_now_ms());
}

static bool look_up(struct memory *memory, const char *key,
                    struct sceau_greylist_record *record_r)
{
	const struct sceau_greylist_record *record = sceau_greylist_table_get(
		memory->table, key);

	if (record != NULL)
		*record_r = *record;
	return record != NULL;
}

static void touch(struct memory *memory)
{
	if (memory->file != NULL)
		sceau_greylist_file_touch(memory->file);
}

static int keep(struct memory *memory, const struct sceau_greylist_rules *rules,
                const char *key, const struct sceau_greylist_record *record)
{
	int ret = sceau_greylist_table_put(memory->table, key, record, rules,
	                                   now_s(memory));

	touch(memory);
	return ret;
}

static void decide(struct sceau_greylist *greylist,
                   const struct sceau_greylist_request *request,
                   sceau_greylist_fn *done, void *ctx)
{
	struct memory *memory = memory_of(greylist);
	struct sceau_greylist_answer answer = { .has_failed = false };
	struct sceau_greylist_decision *decision = &answer.decision;
	struct sceau_greylist_known known = { .has_attempt = false };
	struct sceau_greylist_keys keys;
	int ret = 0;

	sceau_greylist_request_keys(request, &keys);
	known.has_attempt = look_up(memory, keys.attempt, &known.attempt);
	known.has_client = look_up(memory, keys.client, &known.client);
	known.has_learned = look_up(memory, keys.learned, &known.learned);
	known.has_net_attempt = look_up(memory, keys.net_attempt,
	                                &known.net_attempt);
	known.has_net_client = look_up(memory, keys.net_client,
	                               &known.net_client);
	sceau_greylist_decide(&request->rules, &known, now_s(memory), decision);
	if (decision->keeps_attempt)
		ret |= keep(memory, &request->rules, keys.attempt,
		            &decision->known.attempt);
	if (decision->keeps_client)
		ret |= keep(memory, &request->rules, keys.client,
		            &decision->known.client);
	if (decision->keeps_learned)
		ret |= keep(memory, &request->rules, keys.learned,
		            &decision->known.learned);
	/* who cannot be remembered would wait for ever */
	if (ret < 0) {
		answer.has_failed = true;
		sceau_fail(&answer.err, SCEAU_FAULT_TEMP, "out of memory");
	}
	done(ctx, &answer);
}

static void learn(struct sceau_greylist *greylist,
                  const struct sceau_greylist_rules *rules, const char *user,
                  const char *other)
{
	struct memory *memory = memory_of(greylist);
	char key[SCEAU_GREYLIST_KEY_SIZE];
	struct sceau_greylist_record record;

	sceau_greylist_learned_key(user, other, key);
	if (sceau_greylist_learn(rules,
	                         sceau_greylist_table_get(memory->table, key),
	                         now_s(memory), &record))
		(void)keep(memory, rules, key, &record);
}

static void change(struct sceau_greylist *greylist,
                   const struct sceau_greylist_rules *rules,
                   const struct sceau_greylist_change *wanted,
                   sceau_greylist_page_fn *done, void *ctx)
{
	struct memory *memory = memory_of(greylist);
	struct sceau_greylist_record record;
	struct sceau_err err;

	if (wanted->is_removal) {
		(void)sceau_greylist_table_remove(memory->table, wanted->key);
		touch(memory);
		done(ctx, NULL, NULL);
		return;
	}
	record = sceau_greylist_change_record(wanted, now_s(memory));
	if (keep(memory, rules, wanted->key, &record) < 0) {
		sceau_fail(&err, SCEAU_FAULT_TEMP, "out of memory");
		done(ctx, NULL, &err);
		return;
	}
	done(ctx, NULL, NULL);
}

static bool add_to_page(void *ctx, const char *key,
                        const struct sceau_greylist_record *record)
{
	struct sceau_greylist_page *page = ctx;

	/* a chain is longer than the rest of the page: does not happen but to
	   a table that could not grow */
	if (page->count == SCEAU_GREYLIST_PAGE_MAX)
		return false;
	snprintf(page->entry[page->count].key, SCEAU_GREYLIST_KEY_SIZE, "%s",
	         key);
	page->entry[page->count].record = *record;
	page->count++;
	return true;
}

static void list(struct sceau_greylist *greylist, uint64_t place,
                 sceau_greylist_page_fn *done, void *ctx)
{
	struct memory *memory = memory_of(greylist);
	struct sceau_greylist_page *page = calloc(1, sizeof(*page));
	size_t next = (size_t)place;
	struct sceau_err err;

	if (page == NULL) {
		sceau_fail(&err, SCEAU_FAULT_TEMP, "out of memory");
		done(ctx, NULL, &err);
		return;
	}
	page->now_s = now_s(memory);
	sceau_greylist_table_each(memory->table, &next,
	                          SCEAU_GREYLIST_PAGE_MAX / 2, add_to_page,
	                          page);
	page->next = next;
	done(ctx, page, NULL);
	free(page);
}

static void cancel(struct sceau_greylist *greylist, const void *ctx)
{
	(void)greylist;
	(void)ctx;
}

static void use(struct sceau_greylist *greylist,
                const struct sceau_greylist_rules *rules, size_t entries_max)
{
	struct memory *memory = memory_of(greylist);

	memory->rules = *rules;
	sceau_greylist_table_bound(memory->table, entries_max);
}

static void stats(const struct sceau_greylist *greylist,
                  struct sceau_greylist_stats *stats_r)
{
	const struct memory *memory = (const struct memory *)greylist;
	struct sceau_greylist_table_stats table;

	struct sceau_state_stats file;

	sceau_greylist_table_stats(memory->table, &table);
	*stats_r = (struct sceau_greylist_stats){
		.engine = "memory",
		.entries = table.entries,
		.entries_max = table.entries_max,
		.bytes = table.bytes,
		.evicted = table.evicted,
	};
	if (memory->file == NULL)
		return;
	sceau_greylist_file_stats(memory->file, &file);
	stats_r->engine = "lmdb";
	stats_r->is_kept = file.is_kept;
	snprintf(stats_r->trouble, sizeof(stats_r->trouble), "%s",
	         file.trouble);
}

static void release(struct sceau_greylist *greylist)
{
	struct memory *memory = memory_of(greylist);

	sceau_loop_timer_free(&memory->timer);
	sceau_greylist_file_free(&memory->file);
	sceau_greylist_table_free(&memory->table);
	free(memory);
}

static void on_sweep(void *ctx)
{
	struct memory *memory = ctx;
	struct sceau_greylist_table_stats before, after;

	sceau_greylist_table_stats(memory->table, &before);
	sceau_greylist_table_sweep(memory->table, SWEEP_CHAINS, &memory->rules,
	                           now_s(memory));
	sceau_greylist_table_stats(memory->table, &after);
	if (after.entries != before.entries)
		touch(memory);
	if (memory->file != NULL)
		sceau_greylist_file_tick(memory->file);
	sceau_loop_timer_start(memory->timer, SWEEP_MS);
}

static const struct sceau_greylist_engine engine = {
	.decide = decide,
	.learn = learn,
	.change = change,
	.list = list,
	.cancel = cancel,
	.use = use,
	.stats = stats,
	.free = release,
};

struct sceau_greylist *sceau_greylist_memory_new(
	struct sceau_loop *loop, const struct sceau_greylist_rules *rules,
	size_t entries_max, const char *path, struct sceau_err *err)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (memory == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	memory->greylist.engine = &engine;
	memory->rules = *rules;
	memory->table = sceau_greylist_table_new(entries_max);
	memory->timer = sceau_loop_timer_new(loop, on_sweep, memory, err);
	if (memory->table == NULL || memory->timer == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		release(&memory->greylist);
		return NULL;
	}
	sceau_steady_clock_init(&memory->clock, NULL, (uint64_t)time(NULL),
	                        sceau_loop_now_ms());
	if (path != NULL)
		memory->file = sceau_greylist_file_new(
			loop, path, memory->table, &memory->clock,
			&memory->rules, entries_max, err);
	if (path != NULL && memory->file == NULL) {
		release(&memory->greylist);
		return NULL;
	}
	sceau_loop_timer_start(memory->timer, SWEEP_MS);
	return &memory->greylist;
}
