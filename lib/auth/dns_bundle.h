/* dns_bundle.h - several deciders driven as one.
 *
 * What one mail needs of DNS at one time (the policy and the keys; HELO and
 * MAIL FROM) is one machine for whoever carries it out, with one beginning and
 * one end. The members' questions are open side by side.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DNS_BUNDLE_H
#define SCEAU_DNS_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/dns_decider.h"

#define SCEAU_DNS_BUNDLE_MAX 8
/* Questions of all members that are open at a time; more wait. */
#define SCEAU_DNS_BUNDLE_OPEN_MAX 64

/* Owned by the caller, private. */
struct sceau_dns_bundle {
	size_t count;
	struct {
		const struct sceau_dns_decider *decider;
		void *state;
	} members[SCEAU_DNS_BUNDLE_MAX];
	/* the id of an open question is its place here */
	struct {
		bool is_open;
		size_t member;
		unsigned id; /* the member's */
	} open[SCEAU_DNS_BUNDLE_OPEN_MAX];
};

/* The calls of the bundle; state is a struct sceau_dns_bundle. */
extern const struct sceau_dns_decider sceau_dns_bundle_decider;

/* Make it empty: it has no questions then. */
void sceau_dns_bundle_init(struct sceau_dns_bundle *bundle);

/* Add a member, which must outlive the bundle's use; at most
   SCEAU_DNS_BUNDLE_MAX of them (assertion). */
void sceau_dns_bundle_add(struct sceau_dns_bundle *bundle,
                          const struct sceau_dns_decider *decider, void *state);

#endif
