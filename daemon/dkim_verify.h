/* dkim_verify.h - verify the DKIM signatures of a whole mail (RFC 6376).
 *
 * In this order: ..._new with the header; the questions of ..._lookup are
 * carried out, while ..._body takes the text as it comes; when both are done,
 * ..._end, then the verdicts. The header is hashed in ..._new, the text as it
 * passes: nothing of the mail is kept.
 *
 * What never passes, though other programs let it: a signature over a part of
 * the text (l=), with SHA-1 or with an RSA key under 1024 bits; one whose mail
 * has a second From, or a second field of another kind that a mail has once,
 * beside the signed one; an expired one and one from the future.
 *
 * Threads: one may carry out the lookup while another gives the body; else one
 * at a time.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DAEMON_DKIM_VERIFY_H
#define SCEAU_DAEMON_DKIM_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/dkim_lookup.h"
#include "auth/dkim_verdict.h"
#include "base/err.h"
#include "mail/header.h"

/* The most signatures of one mail that are looked at. */
#define SCEAU_DKIM_VERIFY_MAX 64
/* How many are by default: more than that are seen on junk only. */
#define SCEAU_DKIM_VERIFY_DEFAULT 8

/* How to verify. */
struct sceau_dkim_verify_options {
	size_t max_signatures; /* 1 to SCEAU_DKIM_VERIFY_MAX, from the top */
	uint64_t now_s; /* the time, in seconds since 1970 */
};

struct sceau_dkim_verify; /* one mail being verified */

/* Read the signatures of header, which is as it was received: what an edit has
   deleted still counts, what one has put in does not. header is not needed any
   more afterwards. A mail without a signature is no error: there are no
   verdicts then, and its body is not needed.

   Returns  0  *verify_r is the caller's, to be freed
           -1  FAULT_TEMP: no memory. */
int sceau_dkim_verify_new(const struct sceau_header *header,
                          const struct sceau_dkim_verify_options *options,
                          struct sceau_dkim_verify **verify_r,
                          struct sceau_err *err);

/* The questions about keys: the state of sceau_dkim_lookup_decider. It asks one
   name for each different pair of domain and selector whose signature could
   pass, and lives as long as verify. Never NULL. */
struct sceau_dkim_lookup *
sceau_dkim_verify_lookup(struct sceau_dkim_verify *verify);

/* Whether ..._body wants the text at all. */
bool sceau_dkim_verify_wants_body(const struct sceau_dkim_verify *verify);

/* Give the next bytes of the body, lines ended by CRLF, in any chunking.
   Returns 0, or -1 with FAULT_TEMP. */
int sceau_dkim_verify_body(struct sceau_dkim_verify *verify, const void *data,
                           size_t len, struct sceau_err *err);

/* The body is complete and the lookup has come to its end (a key it was never
   answered about counts as a timeout): decide. A body that lacked its last
   CRLF is taken as if it were there, as every mail server sends it.
   Returns 0, or -1 with FAULT_TEMP. */
int sceau_dkim_verify_end(struct sceau_dkim_verify *verify,
                          struct sceau_err *err);

/* How many verdicts there are: one for each DKIM-Signature field, from the top,
   up to max_signatures. Good after ..._new; the verdicts after ..._end. */
size_t sceau_dkim_verify_count(const struct sceau_dkim_verify *verify);

/* Verdict number index, below the count; lives as long as verify. */
const struct sceau_dkim_verdict *
sceau_dkim_verify_get(const struct sceau_dkim_verify *verify, size_t index);

/* How many signatures below those were not looked at. */
size_t sceau_dkim_verify_skipped(const struct sceau_dkim_verify *verify);

/* Release *verify, finished or not, and set it to NULL; NULL is accepted. The
   lookup must not be in anybody's hands any more. */
void sceau_dkim_verify_free(struct sceau_dkim_verify **verify);

#endif
