/* decision.h - an answer of the store as a reply, a log line and counters
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_POLICYD_DECISION_H
#define SCEAU_POLICYD_DECISION_H

#include "daemon/log.h"
#include "daemon/store.h"
#include "policy-daemon/limits.h"
#include "policy/policy_reply.h"
#include "policy/policy_request.h"

/* What was decided on one request at DATA. Borrows everything. */
struct sceau_policyd_decision {
	const struct sceau_policy_request *request;
	const struct sceau_limit_subject *subject;
	struct sceau_policyd_limits *limits; /* that were asked with */
	size_t charges; /* rules that applied */
	const struct sceau_store_answer *answer;
	uint64_t took_ms;
};

/* Count it with the rules that refused, or would have. */
void sceau_policyd_decision_count(
	const struct sceau_policyd_decision *decision);

/* Write its log lines to log: one for the decision, one more for each dry-run
   rule that would have refused. */
void sceau_policyd_decision_log(const struct sceau_policyd_decision *decision,
                                void (*log)(const struct sceau_log_line *,
                                            enum sceau_log_level));

/* The reply: action for sceau_policy_reply_write and its text. */
void sceau_policyd_decision_reply(const struct sceau_policyd_decision *decision,
                                  char action[SCEAU_POLICY_ACTION_MAX + 1],
                                  char text[SCEAU_LIMIT_TEXT_SIZE]);

#endif
