/* received.h - did a mail begin on this host? What its Received fields say.
 *
 * Postfix writes one Received field for every session; a milter is shown all
 * but the one of the present session. The fields below an honest one may be
 * forged, so a single field from elsewhere settles it: the mail came from
 * outside, whatever older ones claim.
 *
 * The clauses are read as RFC 5322 tokens: nested comments, quoted strings and
 * quoted pairs are skipped as a whole, so text that a client chose (its HELO
 * name, a certificate's name) cannot pose as a clause.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_RECEIVED_H
#define SCEAU_RECEIVED_H

#include <stdbool.h>

#include "base/ip.h"
#include "base/text.h"
#include "mail/header.h"

enum sceau_received_kind {
	/* Anything else: another host's, plain SMTP from outside, unreadable */
	SCEAU_RECEIVED_FOREIGN = 0,
	/* from X (...) by HOST (...) with ESMTPA, ESMTPSA, UTF8SMTPA or
	   UTF8SMTPSA */
	SCEAU_RECEIVED_AUTHENTICATED,
	/* by HOST (Postfix, from userid N): sendmail(1) */
	SCEAU_RECEIVED_LOCAL,
	/* by HOST (Postfix) id X: smtpd_hide_client_session, Postfix >= 3.10 */
	SCEAU_RECEIVED_HIDDEN,
	/* from X (NAME [127.0.0.0/8 or ::1]) by HOST or by localhost: handed
	   over by a content filter or a program of this host */
	SCEAU_RECEIVED_LOOPBACK,
};

/* What kind of session the value of one Received field tells of; host is this
   host's name (Postfix: myhostname, milter macro j), A-Z and a-z the same, a
   final dot ignored. Never fails: what cannot be read is FOREIGN. */
enum sceau_received_kind sceau_received_judge(struct sceau_slice value,
                                              struct sceau_slice host);

/* Short name of a kind for logs: "foreign", "hidden", ... Never NULL. */
const char *sceau_received_kind_name(enum sceau_received_kind kind);

/* The client that one Received field tells of: the address in the brackets
   behind the name, as Postfix and Sendmail ("from HELO (NAME [ADDRESS])") and
   Exim ("from NAME ([ADDRESS] helo=HELO)", "from [ADDRESS] (helo=HELO)") write
   it. Ask only of a field whose writer is trusted. Returns true and sets *ip_r
   and *helo_r (points into value; "" when there is none), or false (both
   untouched) when no address can be read. */
bool sceau_received_client(struct sceau_slice value, struct sceau_ip *ip_r,
                           struct sceau_slice *helo_r);

/* Whether all that header shows says that the mail began on this host: no
   Received field is FOREIGN (none at all is fine: the session's own is hidden
   from a milter) and there is no X-Sieve-Redirected-From, which Dovecot's Sieve
   puts into foreign mail that it sends back through sendmail(1). Deleted
   fields do not count, so ask before any cleanup. */
bool sceau_received_began_here(const struct sceau_header *header,
                               struct sceau_slice host);

#endif
