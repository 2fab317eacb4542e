/* dkim.h - sign a mail with DKIM (RFC 6376).
 *
 * The only door to libopendkim, whose code is of 2018: what it is known to get
 * wrong is guarded here and nowhere else, and another engine would change
 * dkim.c alone.
 *
 * Signatures are rsa-sha256 over an explicit list of fields. The library never
 * sees a field outside that list, nor a body with a bare CR or LF (verifiers
 * disagree on those).
 *
 * Threads: a struct sceau_dkim may be used by any number of threads at once, a
 * struct sceau_dkim_sign by one at a time.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DAEMON_DKIM_H
#define SCEAU_DAEMON_DKIM_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/dkim_canon.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "daemon/dkim_key.h"
#include "mail/header.h"

/* A signature header field, folded, with every tag we write. */
#define SCEAU_DKIM_VALUE_MAX 16384

/* How to sign. */
struct sceau_dkim_options {
	enum sceau_dkim_canon header_canon;
	enum sceau_dkim_canon body_canon;
	struct sceau_conf_list headers; /* fields to sign, where there */
	struct sceau_conf_list oversign; /* of which none may be added */
};

struct sceau_dkim; /* options and library, one for a process */
struct sceau_dkim_sign; /* one signature in the making */

/* Check options and prepare the library.

   Returns  0  *dkim_r is the caller's, to be freed
           -1  FAULT_CONFIG: a name is no field name, may never be signed
               (Received, Bcc, ...), is oversigned but not signed, or From is
               not both; FAULT_TEMP: no memory. */
int sceau_dkim_new(const struct sceau_dkim_options *options,
                   struct sceau_dkim **dkim_r, struct sceau_err *err);

/* Release *dkim and set it to NULL; NULL is accepted. No signature of it may
   be in the making. */
void sceau_dkim_free(struct sceau_dkim **dkim);

/* Start a signature. key must live until ..._free.

   Returns  0  *sign_r is the caller's, to be freed
           -1  FAULT_TEMP: the library failed or no memory. */
int sceau_dkim_sign_new(struct sceau_dkim *dkim,
                        const struct sceau_dkim_key *key,
                        struct sceau_dkim_sign **sign_r, struct sceau_err *err);

/* Give the whole header as it will leave: fields that an edit took out do not
   count, changed and new ones do. Fields outside the list are ignored. Call
   once, before any body.

   Returns  0
           -1  FAULT_PEER: a bare CR or a NUL in a field to be signed, or no
               From; FAULT_LIMIT: a field over 1 MB; FAULT_TEMP. */
int sceau_dkim_sign_header(struct sceau_dkim_sign *sign,
                           const struct sceau_header *header,
                           struct sceau_err *err);

/* Give the next bytes of the body, lines ended by CRLF, in any chunking.

   Returns  0
           -1  FAULT_PEER: a bare CR or LF; FAULT_TEMP. */
int sceau_dkim_sign_body(struct sceau_dkim_sign *sign, const void *data,
                         size_t len, struct sceau_err *err);

/* The body is complete: sign, and append to value the value of the field
   "DKIM-Signature": it begins with a blank, its lines end in LF and it has
   none at its end. A body that lacked its last CRLF is signed as if it were
   there, as every mail server sends it.

   Returns  0
           -1  FAULT_PEER: a bare CR at the end; FAULT_TEMP. */
int sceau_dkim_sign_end(struct sceau_dkim_sign *sign, struct sceau_buf *value,
                        struct sceau_err *err);

/* Release *sign, finished or not, and set it to NULL; NULL is accepted. */
void sceau_dkim_sign_free(struct sceau_dkim_sign **sign);

#endif
