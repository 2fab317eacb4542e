/* exempt.h - files of clients and of recipients that a check leaves alone.
 *
 * One entry a line; empty lines and what follows a '#' count for nothing.
 *
 *   clients                         recipients
 *   192.0.2.7  2001:db8::/32        bob@example.org
 *   example.org                     bob@            (at any domain)
 *   mail*.example.org               example.org     @example.org
 *
 * A domain stands for itself and everything below it. A name with * (any
 * bytes, none too) or ? (one) must fit a client's name as a whole. A
 * recipient's +extension does not matter, nor do A-Z and a-z.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_EXEMPT_H
#define SCEAU_EXEMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/ip.h"
#include "base/text.h"

#define SCEAU_EXEMPT_ENTRIES_MAX 10000
#define SCEAU_EXEMPT_FILE_MAX (1U << 20)
#define SCEAU_EXEMPT_NAME_MAX 320

enum sceau_exempt_kind {
	SCEAU_EXEMPT_CLIENTS,
	SCEAU_EXEMPT_RECIPIENTS,
};

struct sceau_exempt_entry;

/* The entries of one file. Zeroed, it has none. */
struct sceau_exempt {
	enum sceau_exempt_kind kind;
	struct sceau_exempt_entry *entry;
	size_t count;
};

/* Read a whole file: text[len], called file in errors. Returns 0, or -1 with
   "file:line: reason" in err: FAULT_CONFIG, or FAULT_TEMP when memory ran
   out; exempt_r is then untouched. Release it by sceau_exempt_deinit. */
int sceau_exempt_parse(enum sceau_exempt_kind kind, const char *text,
                       size_t len, const char *file,
                       struct sceau_exempt *exempt_r, struct sceau_err *err);

/* Whether clients have this one: ip, or name as the MTA gives it ("unknown"
   and NULL are no name). A file of recipients has none. */
bool sceau_exempt_has_client(const struct sceau_exempt *exempt,
                             const struct sceau_ip *ip, const char *name);

/* Whether recipients have this one: a path without angle brackets. A file of
   clients has none. */
bool sceau_exempt_has_recipient(const struct sceau_exempt *exempt,
                                const char *recipient);

/* Whether text fits the pattern, in which * and ? are as above; both in lower
   case. */
bool sceau_exempt_match(const char *pattern, const char *text);

/* Release the entries; there are none then. */
void sceau_exempt_deinit(struct sceau_exempt *exempt);

#endif
