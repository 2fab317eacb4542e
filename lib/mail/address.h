/* address.h - mail addresses: SMTP paths and header mailboxes.
 *
 * RFC 5321 4.1.2 (with RFC 6531): <a@b>, <>, <Postmaster>, source routes
 * <@r,@s:a@b>, quoted local parts <"a@ \" b"@c> and <""@c>, address literals
 * <a@[IPv6:::1]>. RFC 5322 3.4 and 4.4: lists of mailboxes with display names,
 * comments, groups, obsolete routes. What a reader cannot guess:
 * - Local parts are stored as meant: unquoted, quoted pairs resolved, case
 *   kept (only the domain's host may decide that A is a). Domains are stored
 *   in lower case without a final dot; U-labels stay what they are.
 * - Dots may stand anywhere in a local part: a..b@c and a.@c are in use.
 * - Control characters, NUL and bytes that are not UTF-8 are refused even in
 *   quotes: an address becomes a key and a word in a log line.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_ADDRESS_H
#define SCEAU_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"

/* RFC 5321 4.5.3.1 says 64 and 255; longer local parts are in use (VERP). */
#define SCEAU_ADDRESS_LOCAL_MAX 255
#define SCEAU_ADDRESS_DOMAIN_MAX 255
/* Room for sceau_address_print, closing NUL included. */
#define SCEAU_ADDRESS_TEXT_MAX                                                 \
	(2 * SCEAU_ADDRESS_LOCAL_MAX + SCEAU_ADDRESS_DOMAIN_MAX + 4)

struct sceau_address {
	char local[SCEAU_ADDRESS_LOCAL_MAX + 1];
	/* "" if there was none: the null path, "postmaster", "root"; an address
	   literal in its brackets */
	char domain[SCEAU_ADDRESS_DOMAIN_MAX + 1];
};

/* Read the path of MAIL FROM or RCPT TO as a milter gets it: in angle brackets,
   or bare as from sendmail(1); "<>" and "" are the null path. A source route
   is passed over (RFC 5321 appendix C). Blanks and comments, which no path
   has, are refused, though Postfix may have been kind to them.
   Returns 0, or -1 with FAULT_PEER and *address_r untouched. */
int sceau_address_parse_path(struct sceau_slice text,
                             struct sceau_address *address_r,
                             struct sceau_err *err);

/* Read an address in Postfix's internal form, as the policy protocol shows it:
   never quoted, split at the last '@'. Returns as sceau_address_parse_path. */
int sceau_address_parse_internal(struct sceau_slice text,
                                 struct sceau_address *address_r,
                                 struct sceau_err *err);

/* Whether address is the null path. ""@d is not: it has a domain. */
bool sceau_address_is_null(const struct sceau_address *address);

/* Whether both name the same mailbox: local parts byte for byte, domains with
   A-Z and a-z the same. */
bool sceau_address_equal(const struct sceau_address *a,
                         const struct sceau_address *b);

/* Whether two domains are the same: A-Z and a-z are, a final dot does not
   count. */
bool sceau_address_is_same_domain(struct sceau_slice a, struct sceau_slice b);

/* Write the address without angle brackets to out[SCEAU_ADDRESS_TEXT_MAX],
   quoted where it must be; "" for the null path. Read back by
   sceau_address_parse_path it is the same. */
void sceau_address_print(const struct sceau_address *address, char *out);

/* One entry of a mailbox list. */
struct sceau_address_mailbox {
	struct sceau_address address;
	struct sceau_slice name; /* display name as written, with its quotes,
	                            folds, encoded words and inner comments;
	                            "" = none; points into the value */
	bool in_group;
};

/* Where a reader of a list is; owned by the caller, private. */
struct sceau_address_list {
	struct sceau_slice rest;
	bool in_group;
	bool after_element; /* a comma must come next */
};

/* Begin to read the value of From, To, Cc, Sender or Reply-To, folds included.
   value must outlive the list. */
void sceau_address_list_init(struct sceau_address_list *list,
                             struct sceau_slice value);

/* Read the next mailbox. Empty entries and groups without members are passed
   over. What stands before an angle bracket is a display name, even when it
   holds an unquoted '@' (as some mailers write it).

   Returns  1  *mailbox_r is set
            0  the list is over
           -1  FAULT_PEER: not a mailbox list. The list is then over, and what
               it gave before should not be trusted either */
int sceau_address_list_next(struct sceau_address_list *list,
                            struct sceau_address_mailbox *mailbox_r,
                            struct sceau_err *err);

#endif
