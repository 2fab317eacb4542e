/* greylist.h - greylisting with its memory: one interface, several engines.
 *
 * The rules and records are those of policy/greylist.h; an engine keeps the
 * records, has the clock they are dated by, and makes one decision one step,
 * so that two attempts at the same time, perhaps on two hosts, do not undo
 * each other. Answers come by callback, perhaps before the call returns
 * (memory does so), perhaps later, always within a deadline of the engine.
 *
 * The loop thread only; worker threads ask through daemon/greylist_desk.h.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DAEMON_GREYLIST_H
#define SCEAU_DAEMON_GREYLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "daemon/conf_greylist.h"
#include "daemon/loop.h"
#include "policy/greylist.h"
#include "policy/greylist_key.h"

/* Records of one page of a list. */
#define SCEAU_GREYLIST_PAGE_MAX 200

struct sceau_greylist;

/* One attempt. The parts are those of policy/greylist_key.h. */
struct sceau_greylist_request {
	struct sceau_greylist_rules rules;
	char recipient[SCEAU_GREYLIST_PART_SIZE];
	char sender[SCEAU_GREYLIST_PART_SIZE];
	char origin[SCEAU_GREYLIST_PART_SIZE];
	char network[SCEAU_GREYLIST_PART_SIZE]; /* the client's, if the origin
	                                           is a domain; else "" */
};

/* The keys of the records that a request is about. */
struct sceau_greylist_keys {
	char attempt[SCEAU_GREYLIST_KEY_SIZE];
	char client[SCEAU_GREYLIST_KEY_SIZE];
	char learned[SCEAU_GREYLIST_KEY_SIZE];
	char net_attempt[SCEAU_GREYLIST_KEY_SIZE]; /* "" without a network */
	char net_client[SCEAU_GREYLIST_KEY_SIZE];
};

struct sceau_greylist_answer {
	bool has_failed; /* the engine could not say: see err */
	struct sceau_greylist_decision decision;
	struct sceau_err err;
};

/* answer lives until it returns. */
typedef void sceau_greylist_fn(void *ctx,
                               const struct sceau_greylist_answer *answer);

/* A page of records, for people. */
struct sceau_greylist_page {
	struct {
		char key[SCEAU_GREYLIST_KEY_SIZE];
		struct sceau_greylist_record record;
	} entry[SCEAU_GREYLIST_PAGE_MAX];
	size_t count; /* may be 0 in the middle of a list */
	uint64_t next; /* where to go on; 0 = this was the last page */
	uint64_t now_s; /* by the clock that dates the records */
};

/* What came of a change or a page; page is NULL for a change and lives until
   it returns; err is NULL when it worked. */
typedef void sceau_greylist_page_fn(void *ctx,
                                    const struct sceau_greylist_page *page,
                                    const struct sceau_err *err);

/* A change by an admin. */
struct sceau_greylist_change {
	char key[SCEAU_GREYLIST_KEY_SIZE];
	bool is_removal; /* else: keep record */
	/* Its times are ages: seconds before now. */
	struct sceau_greylist_record record;
};

/* Figures for `stats`. */
struct sceau_greylist_stats {
	const char *engine; /* "memory", "lmdb", "redis" */
	uint64_t entries, entries_max; /* memory */
	uint64_t bytes, evicted;
	bool is_kept; /* records outlive the process */
	char trouble[200]; /* "" when there is none */
};

/* What an engine implements; for greylist_*.c only. */
struct sceau_greylist_engine {
	void (*decide)(struct sceau_greylist *greylist,
	               const struct sceau_greylist_request *request,
	               sceau_greylist_fn *done, void *ctx);
	void (*learn)(struct sceau_greylist *greylist,
	              const struct sceau_greylist_rules *rules,
	              const char *user, const char *other);
	void (*change)(struct sceau_greylist *greylist,
	               const struct sceau_greylist_rules *rules,
	               const struct sceau_greylist_change *change,
	               sceau_greylist_page_fn *done, void *ctx);
	void (*list)(struct sceau_greylist *greylist, uint64_t place,
	             sceau_greylist_page_fn *done, void *ctx);
	void (*cancel)(struct sceau_greylist *greylist, const void *ctx);
	void (*use)(struct sceau_greylist *greylist,
	            const struct sceau_greylist_rules *rules,
	            size_t entries_max);
	void (*stats)(const struct sceau_greylist *greylist,
	              struct sceau_greylist_stats *stats_r);
	void (*free)(struct sceau_greylist *greylist);
};

/* An engine's struct begins with this. */
struct sceau_greylist {
	const struct sceau_greylist_engine *engine;
};

/* Decide on one attempt and keep what comes of it; request is read before this
   returns. done(ctx, answer) is called exactly once, unless cancelled. */
void sceau_greylist_decide_on(struct sceau_greylist *greylist,
                              const struct sceau_greylist_request *request,
                              sceau_greylist_fn *done, void *ctx);

/* One of our users (sceau_greylist_recipient) wrote to somebody
   (sceau_greylist_sender). Never fails aloud: it is a favour. */
void sceau_greylist_learn_pair(struct sceau_greylist *greylist,
                               const struct sceau_greylist_rules *rules,
                               const char *user, const char *other);

/* Carry out a change; rules say what makes room for it. done is called as
   above. Removing what is not there works. */
void sceau_greylist_apply(struct sceau_greylist *greylist,
                          const struct sceau_greylist_rules *rules,
                          const struct sceau_greylist_change *change,
                          sceau_greylist_page_fn *done, void *ctx);

/* The page of all records that begins at place (0 = the first one), in no
   order. Records that are made meanwhile may be shown twice or not. done is
   called as above. */
void sceau_greylist_list(struct sceau_greylist *greylist, uint64_t place,
                         sceau_greylist_page_fn *done, void *ctx);

/* Call nothing with this ctx any more. */
void sceau_greylist_cancel(struct sceau_greylist *greylist, const void *ctx);

/* After a reload: the rules by which records expire, and how many there may
   be. */
void sceau_greylist_use(struct sceau_greylist *greylist,
                        const struct sceau_greylist_rules *rules,
                        size_t entries_max);

/* Fill stats_r with the figures of now; cheap. */
void sceau_greylist_stats(const struct sceau_greylist *greylist,
                          struct sceau_greylist_stats *stats_r);

/* Release it and set *greylist to NULL. No callback is called any more. NULL is
   allowed. */
void sceau_greylist_free(struct sceau_greylist **greylist);

/* The rules that settings make. */
struct sceau_greylist_rules
sceau_greylist_rules_of(const struct sceau_conf_greylist *conf);

/* An engine in the memory of this process, for at most entries_max records;
   with path they outlive it in that file, but for about the last second. NULL
   and err: FAULT_TEMP when memory runs out, else as sceau_state_file_new. */
struct sceau_greylist *sceau_greylist_memory_new(
	struct sceau_loop *loop, const struct sceau_greylist_rules *rules,
	size_t entries_max, const char *path, struct sceau_err *err);

/* For engines: the keys of a request. */
void sceau_greylist_request_keys(const struct sceau_greylist_request *request,
                                 struct sceau_greylist_keys *keys_r);

/* For engines: the record of a change at now_s. */
struct sceau_greylist_record
sceau_greylist_change_record(const struct sceau_greylist_change *change,
                             uint64_t now_s);

#endif
