/* dmarc_author.c - see dmarc_author.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/dmarc_author.h"

#include <string.h>

static bool is_known(const struct sceau_dmarc_authors *authors,
                     const char *domain)
{
	for (size_t i = 0; i < authors->count; i++) {
		if (strcmp(authors->domains[i], domain) == 0)
			return true;
	}
	return false;
}

static void add(struct sceau_dmarc_authors *authors, const char *domain)
{
	if (is_known(authors, domain))
		return;
	if (authors->count == SCEAU_DMARC_AUTHORS_MAX) {
		authors->is_cut = true;
		return;
	}
	(void)sceau_slice_copy(sceau_slice_of(domain),
	                       authors->domains[authors->count++],
	                       SCEAU_DMARC_DOMAIN_SIZE);
}

/* Add the domains of one field. Returns false when something in it is no
   mailbox with a domain. */
static bool read_field(struct sceau_slice value,
                       struct sceau_dmarc_authors *authors)
{
	struct sceau_address_list list;
	struct sceau_address_mailbox mailbox;
	bool is_good = true, is_empty = true;
	int ret;

	sceau_address_list_init(&list, value);
	while ((ret = sceau_address_list_next(&list, &mailbox, NULL)) == 1) {
		is_empty = false;
		if (mailbox.address.domain[0] == '\0')
			is_good = false;
		else
			add(authors, mailbox.address.domain);
	}
	return ret == 0 && is_good && !is_empty;
}

void sceau_dmarc_authors_find(const struct sceau_header *header,
                              struct sceau_dmarc_authors *authors_r)
{
	size_t fields = 0, i;
	bool is_good = true;

	memset(authors_r, 0, sizeof(*authors_r));
	for (i = 0; sceau_header_find(header, "From", i, &i); i++) {
		fields++;
		if (!read_field(sceau_header_get(header, i).value, authors_r))
			is_good = false;
	}
	if (fields == 0)
		authors_r->status = SCEAU_DMARC_AUTHOR_NO_FROM;
	else if (fields > 1)
		authors_r->status = SCEAU_DMARC_AUTHOR_MANY_FROM;
	else if (!is_good)
		authors_r->status = SCEAU_DMARC_AUTHOR_ODD;
	else if (authors_r->count > 1)
		authors_r->status = SCEAU_DMARC_AUTHOR_MANY;
}

const char *
sceau_dmarc_author_status_name(enum sceau_dmarc_author_status status)
{
	switch (status) {
	case SCEAU_DMARC_AUTHOR_ONE:
		return "one";
	case SCEAU_DMARC_AUTHOR_NO_FROM:
		return "no-from";
	case SCEAU_DMARC_AUTHOR_MANY_FROM:
		return "many-from";
	case SCEAU_DMARC_AUTHOR_MANY:
		return "many-authors";
	case SCEAU_DMARC_AUTHOR_ODD:
		break;
	}
	return "odd-from";
}
