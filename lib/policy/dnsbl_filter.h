/* dnsbl_filter.h - which addresses count: "127.0.0.[2;4..7;11]".
 *
 * Postscreen's syntax (postconf(5), postscreen_dnsbl_sites): four numbers, each
 * of which may be a list in brackets, of numbers and A..B, with ';' between.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DNSBL_FILTER_H
#define SCEAU_DNSBL_FILTER_H

#include <stdbool.h>

#include "policy/dnsbl_list.h"

/* Read a filter. Returns 0, or -1 with FAULT_CONFIG and *filter_r untouched.
   The first number must be 127: nothing else is an answer (RFC 5782 2.1). */
int sceau_dnsbl_filter_parse(struct sceau_slice text,
                             struct sceau_dnsbl_filter *filter_r,
                             struct sceau_err *err);

/* The filter of a list without one: 127.0.0.2 to 127.0.0.254. */
void sceau_dnsbl_filter_usual(struct sceau_dnsbl_filter *filter_r);

/* Whether the address, 4 bytes in network order, passes. */
bool sceau_dnsbl_filter_has(const struct sceau_dnsbl_filter *filter,
                            const unsigned char address[4]);

#endif
