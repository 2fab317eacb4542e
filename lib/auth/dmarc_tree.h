/* dmarc_tree.h - DMARC's walk up the DNS tree (RFC 9989 4.10).
 *
 * What was learned about each name is kept in one place, so that the walks of
 * one mail, which end in the same few names, ask for each only once; and a
 * walk is done again from its start whenever something new is known, until
 * nothing is missing. That keeps the algorithm readable as the RFC writes it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DMARC_TREE_H
#define SCEAU_DMARC_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/dmarc_record.h"
#include "auth/dns_answer.h"

/* Names that one walk asks for (RFC 9989 4.10). */
#define SCEAU_DMARC_WALK_MAX 8

/* What a name's answer came to. */
enum sceau_dmarc_level_state {
	SCEAU_DMARC_LEVEL_EMPTY, /* no record, or several */
	SCEAU_DMARC_LEVEL_RECORD,
	SCEAU_DMARC_LEVEL_ERROR, /* DNS did not say, or memory ran out */
};

struct sceau_dmarc_level {
	const char *domain; /* whose _dmarc was asked; the tree's user owns it
	                     */
	enum sceau_dmarc_level_state state;
	bool is_nxdomain;
	bool has_many; /* several records: EMPTY */
	struct sceau_dmarc_record *record; /* RECORD: the tree's */
};

/* What is known of the names of one mail. */
struct sceau_dmarc_tree {
	size_t count;
	size_t max;
	struct sceau_dmarc_level *levels;
};

enum sceau_dmarc_walk_state {
	SCEAU_DMARC_WALK_DONE,
	SCEAU_DMARC_WALK_ASK, /* missing says for which name */
	SCEAU_DMARC_WALK_ERROR, /* a name on the way could not be asked */
};

/* How a walk went. Pointers go into domain, as it was given, or the tree. */
struct sceau_dmarc_walk {
	const char *missing; /* ASK: ask for _dmarc of this domain */
	const char *org; /* DONE: the Organizational Domain; never NULL */
	/* DONE: the record of org, and of the public suffix above it that ended
	   the walk; NULL: there is none */
	const struct sceau_dmarc_level *org_level, *psd_level;
};

/* Make room for max names. Returns 0, or -1 when memory ran out. */
int sceau_dmarc_tree_init(struct sceau_dmarc_tree *tree, size_t max);

/* Release the memory; a tree of zeros will do. */
void sceau_dmarc_tree_deinit(struct sceau_dmarc_tree *tree);

/* Name number step (from 0) of the walk that begins at domain, a part of it;
   NULL when the walk is over. Domains of more than 8 labels lose all but 7 at
   the first step. */
const char *sceau_dmarc_tree_target(const char *domain, size_t step);

/* Whether domain is ancestor or lies below it; both in lower case. */
bool sceau_dmarc_tree_is_under(const char *domain, const char *ancestor);

/* Whether domain can be a domain name here: 1 to 255 bytes of labels of
   letters, digits, '-' and '_', of 63 at most, with dots between them. */
bool sceau_dmarc_tree_is_domain(const char *domain);

/* What is known of domain. NULL: nothing yet. */
const struct sceau_dmarc_level *
sceau_dmarc_tree_get(const struct sceau_dmarc_tree *tree, const char *domain);

/* Keep the answer for _dmarc of domain, whose text must outlive the tree.
   answer NULL: it cannot be asked, since the name would be too long, and so
   cannot be there. Beyond the tree's bound nothing is kept. */
void sceau_dmarc_tree_put(struct sceau_dmarc_tree *tree, const char *domain,
                          const struct sceau_dns_answer *answer);

/* Walk up from domain with what is known. Fills the members of walk_r that
   belong to the state it returns. */
enum sceau_dmarc_walk_state
sceau_dmarc_tree_walk(const struct sceau_dmarc_tree *tree, const char *domain,
                      struct sceau_dmarc_walk *walk_r);

#endif
