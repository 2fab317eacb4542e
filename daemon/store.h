/* store.h - where limits are kept: one interface, several engines.
 *
 * An engine carries out whole operations, not reads and writes, so that each
 * can make them atomic in its own way: in memory by doing one after the other,
 * in a database by a transaction, on a shared server by a script. Answers come
 * by callback, perhaps before the call returns (memory does so), perhaps much
 * later. The loop thread only.
 *
 * Time is the caller's: nanoseconds of the wall clock, since engines that
 * outlive the process need it. A clock that jumps is bounded in its effect by
 * lib/policy/rate.h.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_STORE_H
#define SCEAU_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "daemon/loop.h"
#include "daemon/state_file.h"
#include "policy/rate.h"

#define SCEAU_STORE_TAG_MAX ((1U << 22) - 1)

struct sceau_store;

/* One bucket to draw from. */
struct sceau_store_charge {
	const char *key; /* the bucket; keys of one call all differ */
	struct sceau_rate rate;
	uint64_t cost;
	uint32_t tag; /* the caller's name for it, <= SCEAU_STORE_TAG_MAX */
	bool is_trial; /* never refuses: is only drawn from if it has enough */
};

struct sceau_store_request {
	uint64_t now_ns;
	/* Names the event, "" for none: the same name within once_ns is the
	   same event told again, gets the same answer and charges nothing. */
	const char *once;
	uint64_t once_ns;
	const struct sceau_store_charge *charges;
	size_t count;
};

struct sceau_store_answer {
	bool failed; /* the engine could not say: see err */
	bool refused; /* nothing was drawn, from no bucket */
	bool repeated; /* answer to an event told before */
	/* Of the bucket that holds longest, if refused. */
	uint32_t tag;
	uint64_t wait_ns; /* as in rate.h; of a repeated answer the first one,
	                     rounded up to a second */
	/* Trial buckets that had not enough; none if refused or repeated. */
	const uint32_t *over;
	size_t over_count;
	struct sceau_err err;
};

/* answer and what it points to live until it returns. */
typedef void sceau_store_charge_fn(void *ctx,
                                   const struct sceau_store_answer *answer);

/* Figures for `stats`. */
struct sceau_store_stats {
	uint64_t entries; /* live buckets and remembered events */
	uint64_t entries_max;
	uint64_t evicted; /* forgotten too early for want of room */
	uint64_t bytes; /* memory of the table */
	const char *engine; /* "memory", "lmdb" */
	bool has_file; /* file is filled */
	struct sceau_state_stats file;
};

/* What an engine implements; for store_*.c only. */
struct sceau_store_engine {
	void (*charge)(struct sceau_store *store,
	               const struct sceau_store_request *request,
	               sceau_store_charge_fn *done, void *ctx);
	void (*cancel)(struct sceau_store *store, const void *ctx);
	void (*tick)(struct sceau_store *store, uint64_t now_ns);
	void (*stats)(const struct sceau_store *store,
	              struct sceau_store_stats *stats_r);
	void (*free)(struct sceau_store *store);
};

/* An engine's struct begins with this. */
struct sceau_store {
	const struct sceau_store_engine *engine;
};

/* Draw from all buckets of request, or, when one that is no trial has not
   enough, from none. Everything request points to is read before this
   returns. done(ctx, answer) is called exactly once, unless cancelled. */
void sceau_store_charge(struct sceau_store *store,
                        const struct sceau_store_request *request,
                        sceau_store_charge_fn *done, void *ctx);

/* Call nothing with this ctx any more; what is under way may still be drawn. */
void sceau_store_cancel(struct sceau_store *store, const void *ctx);

/* Time for house-keeping, about once a second; takes well below a
   millisecond. */
void sceau_store_tick(struct sceau_store *store, uint64_t now_ns);

/* Fill stats_r with the figures of now; cheap. */
void sceau_store_stats(const struct sceau_store *store,
                       struct sceau_store_stats *stats_r);

/* Release the store and set *store to NULL. No callback is called any more.
   NULL is allowed. */
void sceau_store_free(struct sceau_store **store);

/* An engine in the memory of this process: lost when it ends. Holds at most
   entries_max buckets and remembered events (at least 16); when full it
   forgets one that would have ended soon for each new one. Takes 43 to 86
   bytes each. NULL and FAULT_TEMP when memory runs out. */
struct sceau_store *sceau_store_memory_new(size_t entries_max,
                                           struct sceau_err *err);

/* The memory engine with a file behind it, at path (daemon/state_file.h): what
   was charged a second before the process is killed is known to the next one.
   now_ns is the caller's clock, which must not jump (daemon/time_of_day.h). The
   file holds no names, only keyed hashes of them with their key. NULL and err
   as sceau_state_file_new. */
struct sceau_store *sceau_store_lmdb_new(struct sceau_loop *loop,
                                         const char *path, size_t entries_max,
                                         uint64_t now_ns,
                                         struct sceau_err *err);

#endif
