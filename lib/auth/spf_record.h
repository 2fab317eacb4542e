/* spf_record.h - read an SPF record, term by term (RFC 7208 4.6.1 and 12).
 *
 *   v=spf1 [+-~?]MECHANISM[:DOMAIN-SPEC or :NETWORK][/BITS[//BITS]] NAME=VALUE
 *
 * What a reader cannot guess: a term is a modifier when '=' ends its name
 * before any ':' or '/'; a domain-spec may hold '/' and ':', so the lengths of
 * prefixes are what stands at its end; it must end in a macro or in a dot and
 * a top label that is not all digits. One broken term makes the whole record
 * an error, wherever it stands. Any size; nothing is allocated.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_SPF_RECORD_H
#define SCEAU_SPF_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ip.h"
#include "base/text.h"

enum sceau_spf_kind {
	SCEAU_SPF_ALL,
	SCEAU_SPF_INCLUDE,
	SCEAU_SPF_A,
	SCEAU_SPF_MX,
	SCEAU_SPF_PTR,
	SCEAU_SPF_IP4,
	SCEAU_SPF_IP6,
	SCEAU_SPF_EXISTS,
	SCEAU_SPF_REDIRECT,
	SCEAU_SPF_EXP,
	SCEAU_SPF_UNKNOWN, /* a modifier without meaning */
};

/* One term; the slices point into the record. */
struct sceau_spf_term {
	enum sceau_spf_kind kind;
	char qualifier; /* of a mechanism: + - ~ or ? */
	struct sceau_slice text; /* the whole term */
	struct sceau_slice domain_spec; /* "" = none was written */
	unsigned bits4; /* of A and MX: 0 to 32; of IP4 */
	unsigned bits6; /* of A and MX: 0 to 128; of IP6 */
	uint8_t address[16]; /* of IP4 (first 4) and IP6 */
};

/* The modifiers of a record; domain_spec "" = not there. */
struct sceau_spf_modifiers {
	struct sceau_spf_term redirect;
	struct sceau_spf_term exp;
};

/* Whether text (a TXT record, its strings joined) is an SPF record: "v=spf1",
   in any case, and then its end or a space (RFC 7208 4.5). */
bool sceau_spf_record_is(struct sceau_slice text);

/* Read a whole record and fill modifiers_r. Returns 0, or -1 with FAULT_PEER
   (modifiers_r untouched) when a term is not sound or redirect or exp stands
   twice (RFC 7208 4.6, 6); *term_r is then the text of that term. */
int sceau_spf_record_check(struct sceau_slice record,
                           struct sceau_spf_modifiers *modifiers_r,
                           struct sceau_slice *term_r, struct sceau_err *err);

/* The terms of a record, without its version. Walked by the function below. */
struct sceau_slice sceau_spf_record_terms(struct sceau_slice record);

/* Take the next term from the front of *rest.

   Returns  1  *term_r is set
            0  there is none left
           -1  FAULT_PEER: it is not sound. Of *term_r only text is set */
int sceau_spf_record_next(struct sceau_slice *rest,
                          struct sceau_spf_term *term_r, struct sceau_err *err);

/* Whether ip is in the network of an IP4 or IP6 term: families never mix
   (RFC 7208 5). */
bool sceau_spf_term_has(const struct sceau_spf_term *term,
                        const struct sceau_ip *ip);

/* Whether address (4 bytes for an IPv4 ip, 16 for IPv6) and ip share the bits
   that an A or MX term asks for. */
bool sceau_spf_term_is_near(const struct sceau_spf_term *term,
                            const struct sceau_ip *ip,
                            const unsigned char *address);

#endif
