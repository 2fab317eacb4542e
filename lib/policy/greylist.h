/* greylist.h - who is asked to come back later, and who need not.
 *
 * A mail server that has a queue tries again; much of what sends junk does
 * not. So the first attempt of an unknown origin, sender and recipient is
 * deferred, and the one that comes back after the delay passes. What is known
 * lies in three kinds of records, named by greylist_key.h:
 *
 *   attempt   origin, sender and recipient: waiting, then known
 *   client    an origin that came back so often that it is trusted
 *   learned   one of our users and somebody he has written to
 *
 * Pure: who keeps the records, and on which clock, is not known here. Seconds
 * may be of any clock; for one that jumps, the rules are:
 * - a record of the future is taken for one of now: its sender may wait once
 *   more for the delay, and is never locked out;
 * - nothing of the future has expired.
 * That a jump forward ends nothing too early is the matter of the clock
 * (base/steady_clock.h).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_GREYLIST_H
#define SCEAU_GREYLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Bytes of an encoded record. */
#define SCEAU_GREYLIST_RECORD_MAX 27
#define SCEAU_GREYLIST_TEXT_SIZE 128

struct sceau_greylist_rules {
	uint64_t delay_s; /* how long an attempt must wait */
	uint64_t retry_window_s; /* and by when it must have come back */
	uint64_t lifetime_s; /* of what is known, from its last use */
	uint64_t learned_s; /* of whom our users wrote to, likewise */
	uint32_t client_passes; /* an origin is trusted that has come back so
	                           often, at most once an hour; 0 = never */
	bool is_learning; /* the caller lets everything pass: nobody comes
	                     back, so the next mail counts as if he had */
};

/* The letter stands in keys and in records. */
enum sceau_greylist_kind {
	SCEAU_GREYLIST_ATTEMPT = 'a',
	SCEAU_GREYLIST_CLIENT = 'c',
	SCEAU_GREYLIST_LEARNED = 'l',
};

struct sceau_greylist_record {
	enum sceau_greylist_kind kind;
	bool has_passed; /* attempt: it is known */
	uint64_t first_s; /* first attempt, first time it counted */
	uint64_t last_s; /* last one; never before first_s */
	uint32_t count; /* attempts; of a client: how often it came back */
};

/* What is known of one attempt. A record that is not there, or of another
   kind than its place asks for, does not count. When the origin is a domain,
   the client's network may be known, too: from a time when SPF could not be
   checked, or from another greylisting. What says more then counts. */
struct sceau_greylist_known {
	bool has_attempt, has_client, has_learned;
	struct sceau_greylist_record attempt, client, learned;
	bool has_net_attempt, has_net_client;
	struct sceau_greylist_record net_attempt, net_client;
};

enum sceau_greylist_reason {
	SCEAU_GREYLIST_NEW, /* defer: nothing was known */
	SCEAU_GREYLIST_EARLY, /* defer: came back before the delay was over */
	SCEAU_GREYLIST_RETRY, /* pass: came back in time */
	SCEAU_GREYLIST_KNOWN, /* pass: has passed before */
	SCEAU_GREYLIST_TRUSTED, /* pass: the client is */
	SCEAU_GREYLIST_ANSWER, /* pass: our user has written to the sender */
};

struct sceau_greylist_decision {
	bool passes;
	enum sceau_greylist_reason reason;
	uint64_t waited_s; /* since the first attempt, if there was one */
	uint64_t wait_s; /* until it would pass; 0 if it does */
	/* What must be kept; the others, and those of the network, are as they
	   were. */
	bool keeps_attempt, keeps_client, keeps_learned;
	struct sceau_greylist_known known;
};

/* Decide on one attempt at now_s. */
void sceau_greylist_decide(const struct sceau_greylist_rules *rules,
                           const struct sceau_greylist_known *known,
                           uint64_t now_s,
                           struct sceau_greylist_decision *decision_r);

/* Note that one of our users wrote to somebody: the record to keep, where old
   (NULL = none) was. Returns false, and record_r is untouched, when the old
   one will do. */
bool sceau_greylist_learn(const struct sceau_greylist_rules *rules,
                          const struct sceau_greylist_record *old,
                          uint64_t now_s,
                          struct sceau_greylist_record *record_r);

/* A record of this kind that passes from now on, as an admin may wish. */
struct sceau_greylist_record
sceau_greylist_granted(const struct sceau_greylist_rules *rules,
                       enum sceau_greylist_kind kind, uint64_t now_s);

/* Seconds from now_s until the record counts for nothing; 0 if it has come to
   that. */
uint64_t sceau_greylist_rest_s(const struct sceau_greylist_rules *rules,
                               const struct sceau_greylist_record *record,
                               uint64_t now_s);

/* Write the record to out; returns its length. Compact (6 to 27 bytes) and
   the same on every machine. last_s before first_s is our bug. */
size_t
sceau_greylist_record_encode(const struct sceau_greylist_record *record,
                             unsigned char out[SCEAU_GREYLIST_RECORD_MAX]);

/* Read a record of data[0..len) back. Returns 0, or -1 with FAULT_PEER and
   *record_r untouched: another version, bytes that are missing or left over,
   or nothing that the function above writes. */
int sceau_greylist_record_decode(const void *data, size_t len,
                                 struct sceau_greylist_record *record_r,
                                 struct sceau_err *err);

/* One word for a log line: "new", "early", "retry", ... Never NULL. */
const char *sceau_greylist_reason_word(enum sceau_greylist_reason reason);

/* What the client is told that shall come back in wait_s seconds. */
void sceau_greylist_reply_text(uint64_t wait_s,
                               char out[SCEAU_GREYLIST_TEXT_SIZE]);

#endif
