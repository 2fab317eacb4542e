/* mx_verdict.h - what the mx role does with a mail whose results are known.
 *
 * The rules, in order; the first that says something counts:
 *   1. a bad From field         mx_bad_from
 *   2. DMARC                    mx_dmarc = enforce: reject, quarantine, or
 *                               mx_dmarc_temperror
 *   3. SPF fail, DMARC no pass  mx_spf_fail
 * Who is spared: mail of a domain in mx_exempt_domains, and what SPF or DKIM
 * passes for one of mx_trusted_forwarders. Mail of a trusted relay is never
 * refused, since that host has taken it already and would have to bounce it to
 * a forged sender: it is put in quarantine instead.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_MX_VERDICT_H
#define SCEAU_MILTER_MX_VERDICT_H

#include "mx_checks.h"
#include "verdict.h"

/* Why something was not done that would have been. */
enum sceau_mx_override {
	SCEAU_MX_OVERRIDE_NONE = 0,
	SCEAU_MX_OVERRIDE_DOMAIN, /* mx_exempt_domains */
	SCEAU_MX_OVERRIDE_FORWARDER, /* mx_trusted_forwarders */
	SCEAU_MX_OVERRIDE_RELAY, /* mx_trusted_relays */
};

struct sceau_mx_decision {
	bool is_marked; /* X-Sceau-Quarantine goes in */
	const char *reason; /* "dmarc", "spf", "from"; "" when nothing is */
	enum sceau_mx_override override;
};

/* Decide on finished checks: fill decision_r and verdict_r. */
void sceau_mx_verdict_decide(const struct sceau_mx_checks *checks,
                             struct sceau_mx_decision *decision_r,
                             struct sceau_verdict *verdict_r);

/* Short name for logs: "forwarder", ...; "" for NONE. */
const char *sceau_mx_override_name(enum sceau_mx_override override);

#endif
