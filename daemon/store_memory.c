/* store_memory.c - the engine of store.h in the memory of this process alone
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>

#include "daemon/store.h"
#include "daemon/store_ledger.h"

struct memory {
	struct sceau_store store; /* first: see store.h */
	struct sceau_store_ledger ledger;
};

static void memory_charge(struct sceau_store *store,
                          const struct sceau_store_request *request,
                          sceau_store_charge_fn *done, void *ctx)
{
	struct memory *memory = (struct memory *)store;

	sceau_store_ledger_charge(&memory->ledger, request, done, ctx);
}

/* Every answer was given before its call returned. */
static void memory_cancel(struct sceau_store *store, const void *ctx)
{
	(void)store;
	(void)ctx;
}

static void memory_tick(struct sceau_store *store, uint64_t now_ns)
{
	struct memory *memory = (struct memory *)store;

	sceau_store_ledger_tick(&memory->ledger, now_ns);
}

static void memory_stats(const struct sceau_store *store,
                         struct sceau_store_stats *stats_r)
{
	const struct memory *memory = (const struct memory *)store;

	sceau_store_ledger_stats(&memory->ledger, stats_r);
	stats_r->engine = "memory";
}

static void memory_free(struct sceau_store *store)
{
	struct memory *memory = (struct memory *)store;

	sceau_store_ledger_deinit(&memory->ledger);
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

	if (memory == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	memory->store.engine = &engine;
	if (sceau_store_ledger_init(&memory->ledger, entries_max, err) == 0)
		return &memory->store;
	free(memory);
	return NULL;
}
