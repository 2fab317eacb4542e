/* dmarc_author.h - whose mail a header says it is (RFC 9989 5.3.1 and 11.5).
 *
 * The Author Domain is the one domain of the one From field. Mail that names
 * none or several is no valid mail (RFC 5322 3.6), DMARC cannot pass it, and
 * whoever shows it may show any of the names: so all of them are found here,
 * and the caller judges each (sceau_dmarc_combine).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DMARC_AUTHOR_H
#define SCEAU_DMARC_AUTHOR_H

#include <stdbool.h>
#include <stddef.h>

#include "mail/address.h"
#include "mail/header.h"

/* RFC 9989 11.5 wants a limit; mail of real people has one author domain. */
#define SCEAU_DMARC_AUTHORS_MAX 4
/* A domain name with its NUL. */
#define SCEAU_DMARC_DOMAIN_SIZE (SCEAU_ADDRESS_DOMAIN_MAX + 1)

enum sceau_dmarc_author_status {
	SCEAU_DMARC_AUTHOR_ONE = 0, /* one From field, one domain */
	SCEAU_DMARC_AUTHOR_NO_FROM, /* no From field */
	SCEAU_DMARC_AUTHOR_MANY_FROM, /* several From fields */
	SCEAU_DMARC_AUTHOR_MANY, /* one field, several domains */
	SCEAU_DMARC_AUTHOR_ODD, /* no mailbox list, or nobody with a domain */
};

struct sceau_dmarc_authors {
	enum sceau_dmarc_author_status status;
	bool is_cut; /* there were more domains than are kept */
	size_t count;
	/* as mail/address.h stores domains: lower case, U-labels kept */
	char domains[SCEAU_DMARC_AUTHORS_MAX][SCEAU_DMARC_DOMAIN_SIZE];
};

/* Find the author domains of a header, each once. Several authors of one
   domain are one (status ONE). With any other status than ONE, what was found
   before the trouble is in domains, too. Deleted fields do not count. */
void sceau_dmarc_authors_find(const struct sceau_header *header,
                              struct sceau_dmarc_authors *authors_r);

/* Short name of a status for logs: "one", "no-from", "many-from", ... */
const char *
sceau_dmarc_author_status_name(enum sceau_dmarc_author_status status);

#endif
