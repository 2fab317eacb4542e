/* store.c - see store.h: the calls that go to the engine
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/store.h"

void sceau_store_charge(struct sceau_store *store,
                        const struct sceau_store_request *request,
                        sceau_store_charge_fn *done, void *ctx)
{
	store->engine->charge(store, request, done, ctx);
}

void sceau_store_cancel(struct sceau_store *store, const void *ctx)
{
	store->engine->cancel(store, ctx);
}

void sceau_store_tick(struct sceau_store *store, uint64_t now_ns)
{
	store->engine->tick(store, now_ns);
}

void sceau_store_stats(const struct sceau_store *store,
                       struct sceau_store_stats *stats_r)
{
	store->engine->stats(store, stats_r);
}

void sceau_store_free(struct sceau_store **store)
{
	if (*store == NULL)
		return;
	(*store)->engine->free(*store);
	*store = NULL;
}
