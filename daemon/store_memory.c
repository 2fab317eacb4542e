/* store_memory.c - the engine of store.h in the memory of this process
 *
 * One table holds both kinds of entries: buckets ('l'), whose expiry is the
 * time at which they are full again, which is all of their state; and events
 * told once ('o'), with the answer packed into the value.
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <stdlib.h>

#include "daemon/store.h"
#include "daemon/store_table.h"

#define KIND_BUCKET 'l'
#define KIND_ONCE 'o'
#define SLOT_BYTES 32
#define WORK_PER_TICK 4096

#define NS_PER_S SCEAU_RATE_NS_PER_S

/* Bits of a packed answer: 0 refused, 1 never, 2-23 tag, 24-63 seconds. */
#define PACKED_REFUSED 1U
#define PACKED_NEVER 2U
#define PACKED_TAG_SHIFT 2
#define PACKED_WAIT_SHIFT 24

/* A charge under decision. */
struct decision {
	struct sceau_store_id id;
	struct sceau_rate_answer answer;
};

struct memory {
	struct sceau_store store; /* first: see store.h */
	struct sceau_store_table *table;
	size_t entries_max;
	/* Room for the charges of one call. */
	struct decision *decisions;
	uint32_t *over;
	size_t room;
};

static struct memory *memory_of(struct sceau_store *store)
{
	return (struct memory *)store;
}

static int make_room(struct memory *memory, size_t count, struct sceau_err *err)
{
	if (count <= memory->room)
		return 0;
	struct decision *decisions = reallocarray(memory->decisions, count,
	                                          sizeof(decisions[0]));
	if (decisions != NULL)
		memory->decisions = decisions;
	uint32_t *over = reallocarray(memory->over, count, sizeof(over[0]));
	if (over != NULL)
		memory->over = over;
	if (decisions == NULL || over == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	memory->room = count;
	return 0;
}

static uint64_t pack(const struct sceau_store_answer *answer)
{
	uint64_t wait_s = (answer->wait_ns + NS_PER_S - 1) / NS_PER_S;

	if (!answer->refused)
		return 0;
	if (answer->wait_ns == SCEAU_RATE_NEVER)
		return PACKED_REFUSED | PACKED_NEVER |
		       (uint64_t)answer->tag << PACKED_TAG_SHIFT;
	return PACKED_REFUSED | (uint64_t)answer->tag << PACKED_TAG_SHIFT |
	       wait_s << PACKED_WAIT_SHIFT;
}

static void unpack(uint64_t value, struct sceau_store_answer *answer)
{
	answer->repeated = true;
	answer->refused = (value & PACKED_REFUSED) != 0;
	if (!answer->refused)
		return;
	answer->tag = (uint32_t)(value >> PACKED_TAG_SHIFT) &
	              SCEAU_STORE_TAG_MAX;
	answer->wait_ns = (value & PACKED_NEVER) != 0
	                          ? SCEAU_RATE_NEVER
	                          : (value >> PACKED_WAIT_SHIFT) * NS_PER_S;
}

/* What each bucket says; who holds longest refuses. */
static void decide(struct memory *memory,
                   const struct sceau_store_request *request,
                   struct sceau_store_answer *answer)
{
	for (size_t i = 0; i < request->count; i++) {
		const struct sceau_store_charge *charge = &request->charges[i];
		struct decision *decision = &memory->decisions[i];
		const struct sceau_store_entry *entry;

		assert(charge->tag <= SCEAU_STORE_TAG_MAX);
		decision->id = sceau_store_table_id(memory->table, KIND_BUCKET,
		                                    charge->key);
		entry = sceau_store_table_get(memory->table, decision->id,
		                              request->now_ns);
		decision->answer = sceau_rate_ask(
			&charge->rate, entry != NULL ? entry->expires_ns : 0,
			request->now_ns, charge->cost);
		if (decision->answer.passes)
			continue;
		if (charge->is_trial) {
			memory->over[answer->over_count++] = charge->tag;
			continue;
		}
		if (answer->refused &&
		    decision->answer.wait_ns <= answer->wait_ns)
			continue;
		answer->refused = true;
		answer->tag = charge->tag;
		answer->wait_ns = decision->answer.wait_ns;
	}
	answer->over = memory->over;
	if (answer->refused)
		answer->over_count = 0;
}

/* Keep what was decided. After a refusal nothing is drawn; a state that was
   cut since the clock went back is kept even then (rate.h). */
static void keep(struct memory *memory,
                 const struct sceau_store_request *request,
                 const struct sceau_store_answer *answer)
{
	for (size_t i = 0; i < request->count; i++) {
		const struct decision *decision = &memory->decisions[i];
		struct sceau_store_entry entry = {
			.expires_ns = decision->answer.full_at_ns,
		};

		if (decision->answer.passes && answer->refused)
			continue;
		sceau_store_table_put(memory->table, decision->id, entry,
		                      request->now_ns);
	}
}

/* A refusal is remembered no longer than it holds: the same transaction may
   ask again then, and is charged like any other. */
static void remember(struct memory *memory, struct sceau_store_id id,
                     const struct sceau_store_request *request,
                     const struct sceau_store_answer *answer)
{
	struct sceau_store_entry entry = { .value = pack(answer) };
	uint64_t life = request->once_ns;

	if (answer->refused && answer->wait_ns < life)
		life = answer->wait_ns;
	entry.expires_ns = request->now_ns + life;
	sceau_store_table_put(memory->table, id, entry, request->now_ns);
}

static bool is_repeated(struct memory *memory, struct sceau_store_id id,
                        const struct sceau_store_request *request,
                        struct sceau_store_answer *answer)
{
	const struct sceau_store_entry *entry = sceau_store_table_get(
		memory->table, id, request->now_ns);

	if (entry == NULL)
		return false;
	unpack(entry->value, answer);
	return true;
}

static void memory_charge(struct sceau_store *store,
                          const struct sceau_store_request *request,
                          sceau_store_charge_fn *done, void *ctx)
{
	struct memory *memory = memory_of(store);
	struct sceau_store_answer answer = { .failed = false };
	bool is_named = request->once[0] != '\0' && request->once_ns > 0;
	struct sceau_store_id id = { { 0, 0 } };

	if (is_named)
		id = sceau_store_table_id(memory->table, KIND_ONCE,
		                          request->once);
	if (is_named && is_repeated(memory, id, request, &answer)) {
		done(ctx, &answer);
		return;
	}
	if (make_room(memory, request->count, &answer.err) < 0) {
		answer.failed = true;
		done(ctx, &answer);
		return;
	}
	decide(memory, request, &answer);
	keep(memory, request, &answer);
	if (is_named)
		remember(memory, id, request, &answer);
	done(ctx, &answer);
}

/* Every answer was given before its call returned. */
static void memory_cancel(struct sceau_store *store, const void *ctx)
{
	(void)store;
	(void)ctx;
}

/* A pass over the whole table takes about a minute, however large it is. */
static void memory_tick(struct sceau_store *store, uint64_t now_ns)
{
	struct sceau_store_table *table = memory_of(store)->table;
	size_t part = sceau_store_table_slots(table) / 64;

	sceau_store_table_work(
		table, part > WORK_PER_TICK ? part : WORK_PER_TICK, now_ns);
}

static void memory_stats(const struct sceau_store *store,
                         struct sceau_store_stats *stats_r)
{
	const struct memory *memory = (const struct memory *)store;

	stats_r->entries = sceau_store_table_entries(memory->table);
	stats_r->entries_max = memory->entries_max;
	stats_r->evicted = sceau_store_table_evicted(memory->table);
	stats_r->bytes = (uint64_t)sceau_store_table_slots(memory->table) *
	                 SLOT_BYTES;
}

static void memory_free(struct sceau_store *store)
{
	struct memory *memory = memory_of(store);

	sceau_store_table_free(&memory->table);
	free(memory->decisions);
	free(memory->over);
	free(memory);
}

static const struct sceau_store_engine engine = {
	.charge = memory_charge,
	.cancel = memory_cancel,
	.tick = memory_tick,
	.stats = memory_stats,
	.free = memory_free,
};

struct sceau_store *sceau_store_memory_new(size_t entries_max,
                                           struct sceau_err *err)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (memory != NULL) {
		memory->store.engine = &engine;
		memory->entries_max = entries_max < 16 ? 16 : entries_max;
		memory->table = sceau_store_table_new(memory->entries_max);
	}
	if (memory == NULL || memory->table == NULL) {
		free(memory);
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	return &memory->store;
}
