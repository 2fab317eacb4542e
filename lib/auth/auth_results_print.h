/* auth_results_print.h - write an Authentication-Results field (RFC 8601).
 *
 *   mx.home.example;
 *	spf=pass smtp.mailfrom=example.com;
 *	dkim=pass header.d=example.com header.s=s1 header.b=AbCdEfGh;
 *	dmarc=fail header.from=example.net policy.dmarc=reject
 *
 * Nothing that came from outside can end a value, begin a comment or pose as
 * another result: what is no plain word stands in a quoted string, and what is
 * not printable ASCII becomes '?', since the mail need not allow UTF-8 (RFC
 * 6532). Values over their bound, and results that no longer fit, are left out
 * as a whole: half an address is another address.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AUTH_RESULTS_PRINT_H
#define SCEAU_AUTH_RESULTS_PRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/dkim_verdict.h"
#include "auth/dmarc.h"
#include "auth/spf_result.h"
#include "base/buf.h"
#include "base/err.h"
#include "mail/address.h"

/* Bytes of one value; quoted it has at most twice as many, and its line stays
   below the 998 of RFC 5322. */
#define SCEAU_AUTH_RESULTS_VALUE_MAX 400
/* Bytes of the whole field. 64 signatures with names of usual length fit. */
#define SCEAU_AUTH_RESULTS_MAX 16384

/* A field that is being written; owned by the caller. All but left_out is
   private. */
struct sceau_auth_results {
	struct sceau_buf value; /* finished results */
	struct sceau_buf open; /* the one being written */
	size_t column;
	size_t count; /* finished ones */
	size_t left_out; /* results that did not fit */
};

/* Begin a field of this authserv-id (auth_results.h). */
void sceau_auth_results_init(struct sceau_auth_results *results,
                             struct sceau_slice authserv_id);

/* Begin the result of a method; both are words of ours. Ends the one before. */
void sceau_auth_results_begin(struct sceau_auth_results *results,
                              const char *method, const char *result);

/* Say why, in words of anybody: reason="...". Once for a result, before its
   properties; nothing for an empty one. */
void sceau_auth_results_reason(struct sceau_auth_results *results,
                               struct sceau_slice reason);

/* Add a property: name is a word of ours such as "smtp.mailfrom", value any
   bytes. An empty value is left out. */
void sceau_auth_results_property(struct sceau_auth_results *results,
                                 const char *name, struct sceau_slice value);

/* End the field: append its value to out, with a blank in front, folds as LF
   and a tab. "none" when there was no result. Returns 0, or -1 with FAULT_TEMP
   (memory) or FAULT_LIMIT (out is full); out may then hold a part. */
int sceau_auth_results_end(struct sceau_auth_results *results,
                           struct sceau_buf *out, struct sceau_err *err);

/* Release the memory. */
void sceau_auth_results_deinit(struct sceau_auth_results *results);

/* SPF of MAIL FROM: spf=... smtp.mailfrom=. sender is the address; NULL or the
   null path when there was none to check and HELO stood for it: then
   smtp.helo= alone. A local part that is no ASCII is left out. */
void sceau_auth_results_add_mailfrom(struct sceau_auth_results *results,
                                     const struct sceau_spf_result *spf,
                                     const struct sceau_address *sender);

/* SPF of HELO: spf=... smtp.helo=. */
void sceau_auth_results_add_helo(struct sceau_auth_results *results,
                                 const struct sceau_spf_result *spf);

/* One signature: dkim=... header.d= header.i= header.s= header.a= header.b=
   (RFC 8601 2.7.1, RFC 6008). */
void sceau_auth_results_add_dkim(struct sceau_auth_results *results,
                                 const struct sceau_dkim_verdict *verdict);

/* dmarc=... header.from= policy.dmarc= (RFC 9989 9.1). */
void sceau_auth_results_add_dmarc(struct sceau_auth_results *results,
                                  const struct sceau_dmarc_verdict *verdict);

#endif
