/* received_spf.h - print the Received-SPF field of a check (RFC 7208 9.1).
 *
 * Everything that came from outside stands in quoted strings, so that none of
 * it can end the field, begin a comment or pose as another key.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_RECEIVED_SPF_H
#define SCEAU_RECEIVED_SPF_H

#include <stdbool.h>

#include "auth/spf_result.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/ip.h"

/* Longest value that is printed. */
#define SCEAU_RECEIVED_SPF_MAX 4096

/* What the field tells besides the result; any byte may stand in them. */
struct sceau_received_spf {
	const struct sceau_spf_result *result;
	bool is_helo; /* the identity that was checked */
	struct sceau_ip ip;
	struct sceau_slice helo;
	struct sceau_slice mail_from; /* "" for the null sender */
	struct sceau_slice receiver; /* our name */
};

/* Append the value (behind "Received-SPF: ", folded with "\n\t", no line end
   after it) to out. Lines have at most 998 bytes. Returns 0, or -1 with
   FAULT_LIMIT when out is full; out may then hold a part. */
int sceau_received_spf_print(const struct sceau_received_spf *field,
                             struct sceau_buf *out, struct sceau_err *err);

#endif
