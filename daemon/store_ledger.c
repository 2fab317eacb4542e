/* store_ledger.c - see store_ledger.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_ledger.h"

#define KIND_BUCKET 'l'
#define KIND_ONCE 'o'
#define SLOT_BYTES 32
#define WORK_PER_TICK 4096

#define NS_PER_S SCEAU_RATE_NS_PER_S

/* Bits of a packed answer: 0 refused, 1 never, 2-23 tag, 24-55 seconds (a wait
   is at most 100 years), 63 that it is one: a bucket's value is 0. */
#define PACKED_REFUSED 1U
#define PACKED_NEVER 2U
#define PACKED_TAG_SHIFT 2
#define PACKED_WAIT_SHIFT 24
#define PACKED_WAIT_MASK 0xffffffffU
#define PACKED_EVENT (1ULL << 63)

/* A charge under decision. */
struct sceau_store_decision {
	struct sceau_store_id id;
	struct sceau_rate_answer answer;
};

static int make_room(struct sceau_store_ledger *ledger, size_t count,
                     struct sceau_err *err)
{
	if (count <= ledger->room)
		return 0;
	struct sceau_store_decision *decisions = reallocarray(
		ledger->decisions, count, sizeof(decisions[0]));
	if (decisions != NULL)
		ledger->decisions = decisions;
	uint32_t *over = reallocarray(ledger->over, count, sizeof(over[0]));
	if (over != NULL)
		ledger->over = over;
	if (decisions == NULL || over == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	ledger->room = count;
	return 0;
}

static uint64_t pack(const struct sceau_store_answer *answer)
{
	uint64_t wait_s = (answer->wait_ns + NS_PER_S - 1) / NS_PER_S;

	if (!answer->refused)
		return PACKED_EVENT;
	if (answer->wait_ns == SCEAU_RATE_NEVER)
		return PACKED_EVENT | PACKED_REFUSED | PACKED_NEVER |
		       (uint64_t)answer->tag << PACKED_TAG_SHIFT;
	return PACKED_EVENT | PACKED_REFUSED |
	       (uint64_t)answer->tag << PACKED_TAG_SHIFT |
	       (wait_s & PACKED_WAIT_MASK) << PACKED_WAIT_SHIFT;
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
	                          : (value >> PACKED_WAIT_SHIFT &
	                             PACKED_WAIT_MASK) *
	                                    NS_PER_S;
}

/* What each bucket says; who holds longest refuses. */
static void decide(struct sceau_store_ledger *ledger,
                   const struct sceau_store_request *request,
                   struct sceau_store_answer *answer)
{
	for (size_t i = 0; i < request->count; i++) {
		const struct sceau_store_charge *charge = &request->charges[i];
		struct sceau_store_decision *decision = &ledger->decisions[i];
		const struct sceau_store_entry *entry;

		assert(charge->tag <= SCEAU_STORE_TAG_MAX);
		decision->id = sceau_store_table_id(ledger->table, KIND_BUCKET,
		                                    charge->key);
		entry = sceau_store_table_get(ledger->table, decision->id,
		                              request->now_ns);
		decision->answer = sceau_rate_ask(
			&charge->rate, entry != NULL ? entry->expires_ns : 0,
			request->now_ns, charge->cost);
		if (decision->answer.passes)
			continue;
		if (charge->is_trial) {
			ledger->over[answer->over_count++] = charge->tag;
			continue;
		}
		if (answer->refused &&
		    decision->answer.wait_ns <= answer->wait_ns)
			continue;
		answer->refused = true;
		answer->tag = charge->tag;
		answer->wait_ns = decision->answer.wait_ns;
	}
	answer->over = ledger->over;
	if (answer->refused)
		answer->over_count = 0;
}

static void put(struct sceau_store_ledger *ledger, struct sceau_store_id id,
                struct sceau_store_entry entry, uint64_t now_ns)
{
	sceau_store_table_put(ledger->table, id, entry, now_ns);
	if (ledger->on_put != NULL)
		ledger->on_put(ledger->ctx, id);
}

/* Keep what was decided. After a refusal nothing is drawn; a state that was
   cut since the clock went back is kept even then (rate.h). */
static void keep(struct sceau_store_ledger *ledger,
                 const struct sceau_store_request *request,
                 const struct sceau_store_answer *answer)
{
	for (size_t i = 0; i < request->count; i++) {
		const struct sceau_store_decision *decision =
			&ledger->decisions[i];
		struct sceau_store_entry entry = {
			.expires_ns = decision->answer.full_at_ns,
		};

		if (decision->answer.passes && answer->refused)
			continue;
		put(ledger, decision->id, entry, request->now_ns);
	}
}

/* A refusal is remembered no longer than it holds: the same transaction may
   ask again then, and is charged like any other. */
static void remember(struct sceau_store_ledger *ledger,
                     struct sceau_store_id id,
                     const struct sceau_store_request *request,
                     const struct sceau_store_answer *answer)
{
	struct sceau_store_entry entry = { .value = pack(answer) };
	uint64_t life = request->once_ns;

	if (answer->refused && answer->wait_ns < life)
		life = answer->wait_ns;
	entry.expires_ns = request->now_ns + life;
	put(ledger, id, entry, request->now_ns);
}

static bool is_repeated(struct sceau_store_ledger *ledger,
                        struct sceau_store_id id,
                        const struct sceau_store_request *request,
                        struct sceau_store_answer *answer)
{
	const struct sceau_store_entry *entry = sceau_store_table_get(
		ledger->table, id, request->now_ns);

	if (entry == NULL)
		return false;
	unpack(entry->value, answer);
	return true;
}

bool sceau_store_entry_is_event(const struct sceau_store_entry *entry)
{
	return (entry->value & PACKED_EVENT) != 0;
}

void sceau_store_ledger_charge(struct sceau_store_ledger *ledger,
                               const struct sceau_store_request *request,
                               sceau_store_charge_fn *done, void *ctx)
{
	struct sceau_store_answer answer = { .failed = false };
	bool is_named = request->once[0] != '\0' && request->once_ns > 0;
	struct sceau_store_id id = { { 0, 0 } };

	if (is_named)
		id = sceau_store_table_id(ledger->table, KIND_ONCE,
		                          request->once);
	if (is_named && is_repeated(ledger, id, request, &answer)) {
		done(ctx, &answer);
		return;
	}
	if (make_room(ledger, request->count, &answer.err) < 0) {
		answer.failed = true;
		done(ctx, &answer);
		return;
	}
	decide(ledger, request, &answer);
	keep(ledger, request, &answer);
	if (is_named)
		remember(ledger, id, request, &answer);
	done(ctx, &answer);
}

/* A pass over the whole table takes about a minute, however large it is. */
void sceau_store_ledger_tick(struct sceau_store_ledger *ledger, uint64_t now_ns)
{
	size_t part = sceau_store_table_slots(ledger->table) / 64;

	sceau_store_table_work(ledger->table,
	                       part > WORK_PER_TICK ? part : WORK_PER_TICK,
	                       now_ns);
}

void sceau_store_ledger_stats(const struct sceau_store_ledger *ledger,
                              struct sceau_store_stats *stats_r)
{
	stats_r->entries = sceau_store_table_entries(ledger->table);
	stats_r->entries_max = ledger->entries_max;
	stats_r->evicted = sceau_store_table_evicted(ledger->table);
	stats_r->bytes = (uint64_t)sceau_store_table_slots(ledger->table) *
	                 SLOT_BYTES;
}

int sceau_store_ledger_init(struct sceau_store_ledger *ledger,
                            size_t entries_max, struct sceau_err *err)
{
	memset(ledger, 0, sizeof(*ledger));
	ledger->entries_max = entries_max < 16 ? 16 : entries_max;
	ledger->table = sceau_store_table_new(ledger->entries_max);
	if (ledger->table == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	return 0;
}

void sceau_store_ledger_deinit(struct sceau_store_ledger *ledger)
{
	sceau_store_table_free(&ledger->table);
	free(ledger->decisions);
	free(ledger->over);
	memset(ledger, 0, sizeof(*ledger));
}
