/* limit_charge.h - what the limit rules charge one message with.
 *
 * Which bucket of a rule a message draws from is its state key, e.g.
 * "limit/daily/account/user@example.org". Bytes of the value other than
 * letters, digits and _ . @ + : - stand as %XX in it, so that two values never
 * share a key, whatever they hold.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_LIMIT_CHARGE_H
#define SCEAU_LIMIT_CHARGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/limit_rule.h"
#include "policy/policy_request.h"

/* Short enough for every store (LMDB: 511 bytes). Values too long for it are
   cut: those that begin alike then share a bucket, which is no way around a
   limit. */
#define SCEAU_LIMIT_STATE_KEY_SIZE 500
#define SCEAU_LIMIT_VALUE_SIZE 400
#define SCEAU_LIMIT_WAIT_SIZE 24
#define SCEAU_LIMIT_TEXT_SIZE 201

/* What of a request the rules look at. "" = the request has none: rules with
   this key do not apply to it. */
struct sceau_limit_subject {
	char account[SCEAU_LIMIT_VALUE_SIZE]; /* lower case */
	char sender_domain[SCEAU_LIMIT_VALUE_SIZE]; /* lower case */
	char client_network[SCEAU_LIMIT_VALUE_SIZE]; /* 192.0.2.0/24 */
	uint64_t recipients; /* at least 1 */
};

struct sceau_limit_charge {
	char key[SCEAU_LIMIT_STATE_KEY_SIZE];
	uint64_t cost;
};

/* Read what the rules look at from a complete request of protocol_state DATA:
   sasl_username, sender, client_address and recipient_count. A count that is
   no number, or 0, is taken for 1: nothing is free by being odd. */
void sceau_limit_subject_init(struct sceau_limit_subject *subject,
                              const struct sceau_policy_request *req);

/* The charge of rule on subject. Returns false, and charge_r is untouched,
   when the rule does not apply: the key has no value or match= another one. */
bool sceau_limit_charge_make(const struct sceau_limit_rule *rule,
                             const struct sceau_limit_subject *subject,
                             struct sceau_limit_charge *charge_r);

/* The value that rule counts apart, "" when subject has none. Points into
   subject. */
const char *sceau_limit_value(const struct sceau_limit_rule *rule,
                              const struct sceau_limit_subject *subject);

/* One line for the client that rule refused: which limit, and when it ends.
   cost is what the message would have cost, wait_ns as in rate.h. */
void sceau_limit_refusal_text(const struct sceau_limit_rule *rule,
                              uint64_t cost, uint64_t wait_ns,
                              char out[SCEAU_LIMIT_TEXT_SIZE]);

/* wait_ns for people: its two greatest units, rounded up ("45s", "3h12m"), or
   "never" for SCEAU_RATE_NEVER. */
void sceau_limit_wait_text(uint64_t wait_ns, char out[SCEAU_LIMIT_WAIT_SIZE]);

#endif
