/* header_rule_apply.h - clean a header by the admin's rules, then by ours.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_HEADER_RULE_APPLY_H
#define SCEAU_HEADER_RULE_APPLY_H

#include "mail/header_rule.h"

/* What the caller knows of the session. */
struct sceau_header_rule_facts {
	const char *account; /* login, "" = none: account= then never fits */
	const char *host; /* this host's name, as Received fields have it */
};

/* What was done. */
struct sceau_header_rule_report {
	/* For each field of the header the line of the rule that decided,
	   0: none, so the built-in ones did. NULL for an empty header. */
	unsigned *line;
	/* How many fields a rule could not decide on within its bounds; they
	   were passed on to the next rule. */
	size_t gave_up;
	unsigned gave_up_line; /* the first such rule's */
};

/* Apply rules, and the built-in ones to what is left: the edits are marked in
   header. Does not ask sceau_header_cleanup_judge. Returns 0 and *report_r, to
   be released by sceau_header_rule_report_deinit; or -1 with FAULT_LIMIT or
   FAULT_TEMP from the view's bounds, some edits then being marked already. */
int sceau_header_rules_apply(const struct sceau_header_rules *rules,
                             const struct sceau_header_rule_facts *facts,
                             struct sceau_header *header,
                             struct sceau_header_rule_report *report_r,
                             struct sceau_err *err);

/* Release what the report holds. */
void sceau_header_rule_report_deinit(struct sceau_header_rule_report *report);

#endif
