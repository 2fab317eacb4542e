/* policy_request.h - read one Postfix policy-delegation request.
 *
 * Wire format: lines "name=value\n", ended by an empty line (Postfix,
 * SMTPD_POLICY_README). Values are untrusted; Postfix does not promise their
 * order nor which ones are present, and later releases send more of them.
 *
 * Pure: no I/O, no clock, no allocation, no globals. Bytes go in, in any
 * chunking; a request comes out.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_POLICY_REQUEST_H
#define SCEAU_POLICY_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* A request of Postfix 3.7 has about 600 bytes; what a client can make longer
   in it is cut by Postfix at line_length_limit (2048) each. */
#define SCEAU_POLICY_REQUEST_MAX 16384

/* Owned by the caller; fields are private to policy_request.c. */
struct sceau_policy_request {
	size_t used;
	size_t line_start;
	bool done;
	char buf[SCEAU_POLICY_REQUEST_MAX];
};

/* Make req empty. Also how a connection starts its next request. */
void sceau_policy_request_init(struct sceau_policy_request *req);

/* Give req the next len bytes of the connection. *used_r is set in every case
   to how many of them were taken; the rest belongs to the next request. The
   outcome does not depend on how the bytes were cut into calls.

   Returns  1  the request is complete: read it with ..._get()
            0  all bytes taken, more are needed
           -1  err tells why: FAULT_PEER (a line without name and '=', a NUL
               byte) or FAULT_LIMIT (longer than SCEAU_POLICY_REQUEST_MAX).
               req can then only be initialised again. */
int sceau_policy_request_feed(struct sceau_policy_request *req,
                              const char *data, size_t len, size_t *used_r,
                              struct sceau_err *err);

/* Whether no byte of a request has come yet: the peer may close now without
   leaving half a request behind. */
bool sceau_policy_request_is_empty(const struct sceau_policy_request *req);

/* Value of the named attribute, "" when it was not sent (Postfix makes no
   difference between the two). Points into req: good until the next init.
   Of an attribute sent twice the first counts. Call only on a complete
   request. */
const char *sceau_policy_request_get(const struct sceau_policy_request *req,
                                     const char *name);

#endif
