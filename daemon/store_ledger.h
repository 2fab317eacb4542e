/* store_ledger.h - charges carried out in memory, for the engines that do so.
 *
 * One table holds both kinds of entries: buckets, whose expiry is the time at
 * which they are full again, which is all of their state; and events told
 * once, with the answer packed into the value.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_STORE_LEDGER_H
#define SCEAU_STORE_LEDGER_H

#include <stdbool.h>

#include "daemon/store.h"
#include "daemon/store_table.h"

struct sceau_store_decision;

/* Owned by the engine, which may set the hook after init and use table;
   the rest is private. */
struct sceau_store_ledger {
	struct sceau_store_table *table;
	/* The entry of id was put, or dropped; NULL: nobody wants to know. */
	void (*on_put)(void *ctx, struct sceau_store_id id);
	void *ctx;
	size_t entries_max;
	/* Room for the charges of one call. */
	struct sceau_store_decision *decisions;
	uint32_t *over;
	size_t room;
};

/* An empty ledger for at most entries_max entries (at least 16). -1 and
   FAULT_TEMP when memory runs out; deinit is allowed then, too. */
int sceau_store_ledger_init(struct sceau_store_ledger *ledger,
                            size_t entries_max, struct sceau_err *err);

/* Release what it holds. A zeroed one is allowed. */
void sceau_store_ledger_deinit(struct sceau_store_ledger *ledger);

/* As sceau_store_charge; done is called before it returns. */
void sceau_store_ledger_charge(struct sceau_store_ledger *ledger,
                               const struct sceau_store_request *request,
                               sceau_store_charge_fn *done, void *ctx);

/* As sceau_store_tick: house-keeping, about once a second. */
void sceau_store_ledger_tick(struct sceau_store_ledger *ledger,
                             uint64_t now_ns);

/* Fill the figures of the table; the others are untouched. */
void sceau_store_ledger_stats(const struct sceau_store_ledger *ledger,
                              struct sceau_store_stats *stats_r);

/* Whether an entry is an event and not a bucket. */
bool sceau_store_entry_is_event(const struct sceau_store_entry *entry);

#endif
