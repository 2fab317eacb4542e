/* dkim_published.h - is a key of ours the one that verifiers find in DNS?
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DAEMON_DKIM_PUBLISHED_H
#define SCEAU_DAEMON_DKIM_PUBLISHED_H

#include <stddef.h>

#include "auth/dkim_lookup.h"
#include "base/buf.h"
#include "base/err.h"
#include "daemon/dkim_key.h"

enum sceau_dkim_published {
	SCEAU_DKIM_UNKNOWN, /* DNS gave no answer */
	SCEAU_DKIM_PUBLISHED, /* what we sign verifies */
	SCEAU_DKIM_MISSING, /* there is no key at its name */
	SCEAU_DKIM_MISMATCH, /* another key, or a record nobody can use */
};

/* Judge what entry number index of lookup, which asked for this key's selector
   and domain, came to. *reason_r is set to a few words of ours, "" for a key
   that is published. */
enum sceau_dkim_published
sceau_dkim_published_judge(const struct sceau_dkim_key *key,
                           const struct sceau_dkim_lookup *lookup, size_t index,
                           const char **reason_r);

/* "unknown", "published", "missing" or "mismatch". */
const char *sceau_dkim_published_name(enum sceau_dkim_published state);

/* Append the text of the record that publishes key: "v=DKIM1; k=rsa; p=...".
   Returns 0, or -1 with FAULT_TEMP. */
int sceau_dkim_published_record(const struct sceau_dkim_key *key,
                                struct sceau_buf *out, struct sceau_err *err);

#endif
