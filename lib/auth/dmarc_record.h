/* dmarc_record.h - one DMARC Policy Record (RFC 9989 4.7 and 4.8).
 *
 *   v=DMARC1; p=reject; sp=quarantine; rua=mailto:dmarc@home.example
 *
 * What a reader cannot guess:
 * - Only a text that begins with v=DMARC1 is such a record. Whatever is wrong
 *   behind that is passed over, tag by tag, in favour of the default; so are
 *   unknown tags, and pct, rf and ri, which RFC 9989 took out.
 * - A tag that stands there twice is a syntax error (RFC 6376 3.2) and counts
 *   as one that cannot be read: nobody knows which one was meant.
 * - A policy that cannot be read does not fall back to another tag. RFC 9989
 *   4.10.1 makes the whole record p=none then, or no policy at all.
 * - Names of tags are read in any case, as the formal definition's "v" is.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DMARC_RECORD_H
#define SCEAU_DMARC_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/dns_answer.h"
#include "base/text.h"

/* Room for the addresses of rua with commas between them and the NUL. */
#define SCEAU_DMARC_URIS_SIZE 1024

enum sceau_dmarc_policy {
	SCEAU_DMARC_NONE,
	SCEAU_DMARC_QUARANTINE,
	SCEAU_DMARC_REJECT,
};

/* What a policy tag (p, sp, np) says. */
struct sceau_dmarc_request {
	bool is_present;
	bool is_valid; /* policy is what was written; else it is NONE */
	enum sceau_dmarc_policy policy;
};

enum sceau_dmarc_psd {
	SCEAU_DMARC_PSD_UNKNOWN, /* u, the default */
	SCEAU_DMARC_PSD_YES, /* a public suffix */
	SCEAU_DMARC_PSD_NO, /* an organization's own top */
};

/* When a failure report is wanted, bits. */
enum sceau_dmarc_fo {
	SCEAU_DMARC_FO_ALL = 1, /* 0: nothing aligned passed */
	SCEAU_DMARC_FO_ANY = 2, /* 1: something did not pass aligned */
	SCEAU_DMARC_FO_DKIM = 4, /* d: a signature failed */
	SCEAU_DMARC_FO_SPF = 8, /* s: SPF failed */
};

struct sceau_dmarc_record {
	struct sceau_dmarc_request p, sp, np;
	enum sceau_dmarc_psd psd;
	bool is_testing; /* t=y */
	bool adkim_is_strict;
	bool aspf_is_strict;
	unsigned fo; /* bits; to be ignored when ruf_count is 0 */
	size_t rua_count; /* valid URIs */
	size_t ruf_count;
	/* The first of rua's URIs that fit, without the obsolete "!10m" at
	   their ends, printable ASCII. */
	char rua[SCEAU_DMARC_URIS_SIZE];
};

/* Read the text of a TXT record, of any length and any bytes. Returns true and
   fills record_r when it is a DMARC Policy Record, else false (record_r is
   untouched). */
bool sceau_dmarc_record_parse(struct sceau_slice text,
                              struct sceau_dmarc_record *record_r);

/* The policy record of an answer to a TXT question. Returns 1 and fills
   record_r; 0: there is none; 2: there are several, or there may be (the
   answer was cut): RFC 9989 4.10 discards them all. -1: memory ran out. */
int sceau_dmarc_record_find(const struct sceau_dns_answer *answer,
                            struct sceau_dmarc_record *record_r);

/* Whether the record cannot be applied as written: p is missing or cannot be
   read, or sp or np cannot (RFC 9989 4.10.1). With a rua it is then p=none,
   else no policy at all. */
bool sceau_dmarc_record_is_broken(const struct sceau_dmarc_record *record);

/* "none", "quarantine" or "reject". */
const char *sceau_dmarc_policy_name(enum sceau_dmarc_policy policy);

#endif
