/* header_cleanup.h - take out of a submitted mail what tells on its author.
 *
 * A rule names fields and says what happens to them; rules are data, so that
 * other lists than the built-in one can be given. Only the fields of the view
 * are touched: those of the mail itself, never of a message attached to it.
 *
 * Whether a mail is cleaned at all is a pure function of the view and of two
 * facts of the session (sceau_header_cleanup_judge). A mail that somebody else
 * wrote is passed on as it is: its fields are not our author's, and foreign
 * signatures would break.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_HEADER_CLEANUP_H
#define SCEAU_HEADER_CLEANUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "mail/header.h"

enum sceau_header_cleanup_action {
	SCEAU_HEADER_CLEANUP_DELETE, /* every field that matches */
	SCEAU_HEADER_CLEANUP_KEEP_FIRST, /* all of them but the topmost */
	SCEAU_HEADER_CLEANUP_TRIM, /* take comments out of the value */
};

/* pattern is a field name, or the beginning of names when it ends in '*';
   A-Z and a-z are the same. */
struct sceau_header_cleanup_rule {
	const char *pattern;
	enum sceau_header_cleanup_action action;
};

/* The built-in rules; *count_r is set to their number. They live forever.
   Deleted: Received (those the client sent: Postfix hides its own from a
   milter), X-Originating-IP, X-Mailer, User-Agent, X-Enigmail, X-Pgp-Agent,
   X-Forward*, X-Sender, X-Sender-IP, X-PHP-Originating-Script, X-PHP-Script,
   X-Source*, Bcc (Postfix drops it first, unless told otherwise).
   Mime-Version: comments are taken out, and repetitions. */
const struct sceau_header_cleanup_rule *
sceau_header_cleanup_default_rules(size_t *count_r);

/* What the caller knows of the session. */
struct sceau_header_cleanup_facts {
	bool authenticated; /* one of our users or this host submitted it */
	bool null_sender; /* MAIL FROM:<>, from nobody who has logged in */
};

/* Whether a mail is cleaned, and if not, why not. */
enum sceau_header_cleanup_verdict {
	SCEAU_HEADER_CLEANUP_YES = 0,
	SCEAU_HEADER_CLEANUP_FOREIGN, /* not submitted by one of us */
	SCEAU_HEADER_CLEANUP_BOUNCE, /* null sender: it quotes a foreign mail,
	                                or a server wrote it */
	SCEAU_HEADER_CLEANUP_LIST, /* a list passes on its member's mail */
	SCEAU_HEADER_CLEANUP_FORWARDED, /* it was delivered or passed on once */
	SCEAU_HEADER_CLEANUP_SIGNED, /* somebody has signed it already */
};

/* Whether the mail is cleaned. The first of these that holds decides:
   FOREIGN    facts->authenticated is false
   BOUNCE     facts->null_sender
   LIST       there is a List-Id, List-Post, Mailing-List or X-BeenThere, or a
              Precedence whose value is "list". List-Unsubscribe alone does
              not count: newsletters that a user sends himself carry it
   FORWARDED  there is a field that only a delivery or a forwarder writes:
              Delivered-To, X-Original-To, X-Sieve-Redirected-From,
              ARC-Seal, or any Resent-*
   SIGNED     there is a DKIM-Signature: whoever made it answers for the
              header as it stands, whether its h= tells so or not
   Deleted fields do not count. A user who puts such a field into his own mail
   only keeps his own traces. */
enum sceau_header_cleanup_verdict
sceau_header_cleanup_judge(const struct sceau_header *header,
                           const struct sceau_header_cleanup_facts *facts);

/* Short name of a verdict for logs: "yes", "list", ... Never NULL. */
const char *
sceau_header_cleanup_verdict_name(enum sceau_header_cleanup_verdict verdict);

/* Whether pattern, a field name or the beginning of names before a '*', fits
   name. */
bool sceau_header_cleanup_matches(const char *pattern, struct sceau_slice name);

/* Apply count rules to header: the edits are marked in it (header.h), to be
   listed by sceau_header_list_edits. Does not ask the judge.
   A rule that matches a name in the h= tag of a DKIM-Signature of the mail is
   not applied at all, since its edit would break that signature. (The whole
   rule: of a family such as X-Source* one signed member saves the others.)
   Rules are applied in their order; a deleted field meets no further rule.
   TRIM leaves a value alone that cannot be read or is nothing but a comment.
   Returns 0, or -1 with FAULT_LIMIT or FAULT_TEMP from the view's bounds;
   some edits may then be marked already. */
int sceau_header_cleanup_apply(struct sceau_header *header,
                               const struct sceau_header_cleanup_rule *rules,
                               size_t count, struct sceau_err *err);

/* The same, but for the fields whose number in settled (one for each field, or
   NULL) is not 0: they are passed over. */
int sceau_header_cleanup_apply_rest(
	struct sceau_header *header,
	const struct sceau_header_cleanup_rule *rules, size_t count,
	const unsigned *settled, struct sceau_err *err);

#endif
