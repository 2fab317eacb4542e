/* greylist_suspect.h - which clients are worth a greylisting.
 *
 * Most honest mail comes from hosts that show who they are. The others are
 * - listed by DNS blocklists with a score of at least the threshold,
 * - or none that a list to be trusted has, and
 *   - SPF did not pass (whatever else it was, a lookup that failed included),
 *   - or their name is missing, or one that a provider gives out.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_GREYLIST_SUSPECT_H
#define SCEAU_GREYLIST_SUSPECT_H

#include <stdbool.h>

#include "base/ip.h"

/* What is known of a client at RCPT. */
struct sceau_greylist_signs {
	const struct sceau_ip *ip;
	const char *name; /* as the MTA gives it; "unknown" = none */
	bool has_spf_pass;
	bool is_trusted; /* a list to be trusted has it */
	int score; /* of the blocklists; 0 without any */
	int threshold; /* above 0 */
};

enum sceau_greylist_suspicion {
	SCEAU_GREYLIST_UNSUSPECTED,
	SCEAU_GREYLIST_LISTED,
	SCEAU_GREYLIST_NO_SPF,
	SCEAU_GREYLIST_NO_NAME,
	SCEAU_GREYLIST_GENERIC_NAME,
};

/* The first of the above that holds. */
enum sceau_greylist_suspicion
sceau_greylist_suspect(const struct sceau_greylist_signs *signs);

/* One word for a log line: "none", "dnsbl", "spf", "no-name", "generic-name".
 */
const char *
sceau_greylist_suspicion_word(enum sceau_greylist_suspicion suspicion);

#endif
