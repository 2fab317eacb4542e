/* dkim_signature.h - read the value of a DKIM-Signature field (RFC 6376 3.5).
 *
 *   v=1; a=rsa-sha256; c=relaxed/simple; d=DOMAIN; s=SELECTOR;
 *   h=from:to:subject; bh=BASE64; b=BASE64 [; i= l= q= t= x= z=]
 *
 * z= is never looked at, and with l=, which lets anybody add text, a signature
 * counts for nothing. What a reader cannot guess:
 * - A signature that cannot count gets its verdict here, before DNS is asked.
 *   What could be read of it stays readable, for the report.
 * - d=, s= and i= may hold UTF-8 (RFC 8616): the caller turns names into
 *   A-labels.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DKIM_SIGNATURE_H
#define SCEAU_DKIM_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/dkim_canon.h"
#include "auth/dkim_record.h"
#include "auth/dkim_verdict.h"
#include "base/text.h"

/* Bytes of a signature: enough for RSA of 16384 bits. */
#define SCEAU_DKIM_SIGNATURE_BYTES_MAX 2048
/* Names in h=, repeated ones included. */
#define SCEAU_DKIM_SIGNED_MAX 2000
/* How far clocks may differ, in seconds. */
#define SCEAU_DKIM_DRIFT_S 300

/* What a signature says. Slices point into the value it was read from. */
struct sceau_dkim_signature {
	/* PASS: nothing speaks against it so far; else final, and why. */
	enum sceau_dkim_result result;
	const char *reason;

	enum sceau_dkim_key_type type; /* a=, with SHA-256 */
	enum sceau_dkim_canon header_canon;
	enum sceau_dkim_canon body_canon;
	char domain[SCEAU_DKIM_NAME_SIZE]; /* d=, lower case, "" = unreadable */
	char selector[SCEAU_DKIM_NAME_SIZE]; /* s=, likewise */
	char identity[SCEAU_DKIM_NAME_SIZE]; /* i=, decoded; "" = absent */
	bool is_subdomain; /* i= names a subdomain of d= */
	struct sceau_slice algorithm; /* a= as written */
	struct sceau_slice names; /* h= */
	size_t name_count;
	bool has_length;
	uint64_t length; /* l=, bytes of the canonical body */
	bool has_time, has_expiry;
	uint64_t time_s, expiry_s; /* t= and x= */
	unsigned char body_hash[32];
	unsigned char bytes[SCEAU_DKIM_SIGNATURE_BYTES_MAX];
	size_t bytes_len;
	struct sceau_slice b; /* all between "b=" and ';': not signed */
};

/* Read value, as it was received: folds are LF or CRLF. */
void sceau_dkim_signature_read(struct sceau_slice value, uint64_t now_s,
                               struct sceau_dkim_signature *signature_r);

/* Take the next name of h= from *rest; start with signature->names. Returns
   false when there was none left. */
bool sceau_dkim_signature_next_name(struct sceau_slice *rest,
                                    struct sceau_slice *name_r);

#endif
