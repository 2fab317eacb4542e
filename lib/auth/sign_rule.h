/* sign_rule.h - whose mail is signed: never what is not ours.
 *
 * Facts of the session and the header as it was received come in, a verdict
 * comes out. The client's address is no fact here: content filters and Sieve
 * hand foreign mail over from this very host.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_SIGN_RULE_H
#define SCEAU_SIGN_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/header.h"

/* A domain with its NUL. */
#define SCEAU_SIGN_DOMAIN_SIZE (SCEAU_ADDRESS_DOMAIN_MAX + 1)

/* What the MTA told of the session. */
struct sceau_sign_facts {
	bool is_authenticated; /* {auth_authen} is set and not empty */
	bool is_own_daemon; /* {daemon_name} is one of sign_daemons */
	bool has_no_port; /* the client's port is 0 */
	bool has_early_id; /* the queue id was known at MAIL */
	struct sceau_slice host; /* this host's name, macro j */
};

/* Why a mail is signed or not. */
enum sceau_sign_verdict {
	SCEAU_SIGN_YES = 0,
	SCEAU_SIGN_NOT_SUBMITTED, /* nobody of ours handed it in */
	SCEAU_SIGN_REDIRECTED, /* Sieve sent a foreign mail back */
	SCEAU_SIGN_FOREIGN, /* a Received field tells of another place */
	SCEAU_SIGN_NO_FROM, /* no From field */
	SCEAU_SIGN_MANY_FROM, /* more than one From field */
	SCEAU_SIGN_ODD_FROM, /* not one mailbox with a domain */
	SCEAU_SIGN_NO_KEY, /* no key for that domain (the caller knows) */
	SCEAU_SIGN_ALREADY, /* our signature is there (the caller asks) */
};

/* Whether the mail is one of ours. It is when somebody logged in to hand it
   in. Else it must have come through one of our own listeners, or from
   sendmail(1), which shows both no client port and a queue id at MAIL; and its
   header must tell of nothing but this host (mail/received.h).
   Ask before any edit. Returns YES, NOT_SUBMITTED, REDIRECTED or FOREIGN. */
enum sceau_sign_verdict
sceau_sign_rule_origin(const struct sceau_sign_facts *facts,
                       const struct sceau_header *header);

/* The domain that answers for the author: copied to domain_r as
   mail/address.h stores it.
   Returns YES, or NO_FROM, MANY_FROM or ODD_FROM (domain_r untouched). */
enum sceau_sign_verdict
sceau_sign_rule_author(const struct sceau_header *header,
                       char domain_r[SCEAU_SIGN_DOMAIN_SIZE]);

/* Whether a DKIM-Signature of this domain and selector is there; A-Z and a-z
   are the same. Deleted fields do not count. */
bool sceau_sign_rule_is_signed(const struct sceau_header *header,
                               const char *domain, const char *selector);

/* Short name for logs: "not-submitted", "foreign", ... Never NULL. */
const char *sceau_sign_verdict_name(enum sceau_sign_verdict verdict);

#endif
