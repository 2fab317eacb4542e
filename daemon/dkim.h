/* dkim.h - sign a mail with DKIM (RFC 6376).
 *
 * One mail, one or several signatures: rsa-sha256 and ed25519-sha256 (RFC
 * 8463), over an explicit list of fields; what the key is decides. A body with
 * a bare CR or LF is refused, since verifiers disagree on those.
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
#include <stdint.h>

#include "auth/dkim_canon.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "daemon/dkim_key.h"
#include "mail/header.h"

/* A signature header field, folded, with every tag we write. */
#define SCEAU_DKIM_VALUE_MAX 16384
/* Signatures that one mail gets at once. */
#define SCEAU_DKIM_SIGNERS_MAX 4

/* How to sign. */
struct sceau_dkim_options {
	enum sceau_dkim_canon header_canon;
	enum sceau_dkim_canon body_canon;
	struct sceau_conf_list headers; /* fields to sign, where there */
	struct sceau_conf_list oversign; /* of which none may be added */
};

struct sceau_dkim; /* checked options, one for a process */
struct sceau_dkim_sign; /* the signatures of one mail in the making */

/* Check options and copy them.

   Returns  0  *dkim_r is the caller's, to be freed
           -1  FAULT_CONFIG: a name is no field name, may never be signed
               (Received, Bcc, ...), is oversigned but not signed, or From is
               not both; FAULT_TEMP: no memory. */
int sceau_dkim_new(const struct sceau_dkim_options *options,
                   struct sceau_dkim **dkim_r, struct sceau_err *err);

/* Release *dkim and set it to NULL; NULL is accepted. No signature of it may
   be in the making. */
void sceau_dkim_free(struct sceau_dkim **dkim);

/* Start count (1 to SCEAU_DKIM_SIGNERS_MAX) signatures, one by each of keys,
   which must live until ..._free. now_s is what t= will say, in seconds since
   1970.

   Returns  0  *sign_r is the caller's, to be freed
           -1  FAULT_TEMP: libcrypto failed or no memory. */
int sceau_dkim_sign_new(const struct sceau_dkim *dkim,
                        const struct sceau_dkim_key *const *keys, size_t count,
                        uint64_t now_s, struct sceau_dkim_sign **sign_r,
                        struct sceau_err *err);

/* Give the whole header as it will leave: fields that an edit took out do not
   count, changed and new ones do. Fields outside the list are ignored. Call
   once, before any body.

   Returns  0
           -1  FAULT_PEER: a bare CR or a NUL in a field to be signed, no From,
               or so many fields that h= would be over 8 KB; FAULT_TEMP. */
int sceau_dkim_sign_header(struct sceau_dkim_sign *sign,
                           const struct sceau_header *header,
                           struct sceau_err *err);

/* Give the next bytes of the body, lines ended by CRLF, in any chunking.

   Returns  0
           -1  FAULT_PEER: a bare CR or LF. */
int sceau_dkim_sign_body(struct sceau_dkim_sign *sign, const void *data,
                         size_t len, struct sceau_err *err);

/* The body is complete. One that lacked its last CRLF is signed as if it were
   there, as every mail server sends it.

   Returns  0
           -1  FAULT_PEER: a bare CR at the end; FAULT_TEMP. */
int sceau_dkim_sign_end(struct sceau_dkim_sign *sign, struct sceau_err *err);

/* Sign with key number index, and put into value, which is empty, the value of
   the field "DKIM-Signature": it begins with a blank, its lines end in LF and
   it has none at its end. Call after ..._end. Returns 0, or -1 with
   FAULT_TEMP. */
int sceau_dkim_sign_value(struct sceau_dkim_sign *sign, size_t index,
                          struct sceau_buf *value, struct sceau_err *err);

/* Release *sign, finished or not, and set it to NULL; NULL is accepted. */
void sceau_dkim_sign_free(struct sceau_dkim_sign **sign);

#endif
