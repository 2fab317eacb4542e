/* dkim_lookup.h - the public keys of a mail's DKIM signatures, from DNS.
 *
 * RFC 6376 3.6.2: the TXT record of SELECTOR._domainkey.DOMAIN. The strings of
 * a record are joined without a space. A name without any record, or that does
 * not exist, has no key for good; an answer that did not come may come later.
 * What a reader cannot guess:
 * - Records that are no key (a wildcard's SPF, a verification token) beside the
 *   key are passed over. Of several keys at one name, which RFC 6376 leaves
 *   undefined, none is used: there is no order among them.
 * - The same name is asked once, whatever the number of signatures.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DKIM_LOOKUP_H
#define SCEAU_DKIM_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/dns_decider.h"
#include "base/text.h"

/* Names asked for one mail at most. */
#define SCEAU_DKIM_LOOKUP_MAX 64
/* A record over this is no key: an RSA key of 16384 bits needs 2.8 KB. */
#define SCEAU_DKIM_RECORD_MAX 8192

enum sceau_dkim_lookup_status {
	SCEAU_DKIM_LOOKUP_OPEN, /* not answered */
	SCEAU_DKIM_LOOKUP_FOUND,
	SCEAU_DKIM_LOOKUP_NO_KEY, /* no such name or no TXT record */
	SCEAU_DKIM_LOOKUP_NO_RECORD, /* TXT records, none of them a key */
	SCEAU_DKIM_LOOKUP_SEVERAL, /* more than one key */
	SCEAU_DKIM_LOOKUP_TEMPORARY, /* DNS failed or gave no answer */
};

struct sceau_dkim_lookup;

/* The calls that carry out a struct sceau_dkim_lookup. */
extern const struct sceau_dns_decider sceau_dkim_lookup_decider;

/* An empty lookup: no questions. NULL when memory ran out. */
struct sceau_dkim_lookup *sceau_dkim_lookup_new(void);

/* Ask for the key of selector and domain, too. The same pair again is the same
   entry. Returns the number of its entry, or -1: the name is none for DNS or
   over a bound, or memory ran out. */
int sceau_dkim_lookup_add(struct sceau_dkim_lookup *lookup,
                          const char *selector, const char *domain);

/* What entry number index, as ..._add gave it, came to. */
enum sceau_dkim_lookup_status
sceau_dkim_lookup_status(const struct sceau_dkim_lookup *lookup, size_t index);

/* The text of the record of an entry that is FOUND; it may hold any byte and
   lives as long as lookup. Else the empty slice. */
struct sceau_slice
sceau_dkim_lookup_record(const struct sceau_dkim_lookup *lookup, size_t index);

/* Whether that record was validated by DNSSEC. */
bool sceau_dkim_lookup_is_secure(const struct sceau_dkim_lookup *lookup,
                                 size_t index);

/* Release *lookup and set it to NULL; NULL is accepted. Nobody may be carrying
   it out any more. */
void sceau_dkim_lookup_free(struct sceau_dkim_lookup **lookup);

#endif
