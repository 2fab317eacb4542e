/* mx_results.h - write what the checks came to into the header and the log.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_MX_RESULTS_H
#define SCEAU_MILTER_MX_RESULTS_H

#include "daemon/log.h"
#include "mx_checks.h"

/* The field that tells a Sieve script what the author's domain asked for. */
#define SCEAU_MX_QUARANTINE_FIELD "X-Sceau-Quarantine"

/* RFC 7208 9.1. */
#define SCEAU_MX_RECEIVED_SPF_FIELD "Received-SPF"

/* Put Authentication-Results on top of the header and below it, where
   mx_received_spf asks for them, one Received-SPF for each SPF result that
   stands in it; host is our name. Returns 0, or -1 as sceau_header_insert. */
int sceau_mx_results_insert(const struct sceau_mx_checks *checks,
                            const char *host, struct sceau_header *header,
                            struct sceau_err *err);

/* Add spf=, dkim= and dmarc= to the line, each with the domain that it is
   about. */
void sceau_mx_results_log(const struct sceau_mx_checks *checks,
                          struct sceau_log_line *line);

/* Whether any of the results is a temperror. */
bool sceau_mx_results_are_late(const struct sceau_mx_checks *checks);

#endif
