/* dmarc_tree.c - see dmarc_tree.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/dmarc_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define LABEL_MAX 63
#define DOMAIN_MAX 255

int sceau_dmarc_tree_init(struct sceau_dmarc_tree *tree, size_t max)
{
	*tree = (struct sceau_dmarc_tree){
		.max = max,
		.levels = calloc(max, sizeof(*tree->levels)),
	};
	return tree->levels != NULL ? 0 : -1;
}

void sceau_dmarc_tree_deinit(struct sceau_dmarc_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		free(tree->levels[i].record);
	free(tree->levels);
	memset(tree, 0, sizeof(*tree));
}

static size_t count_labels(const char *domain)
{
	size_t count = 1;

	for (; *domain != '\0'; domain++)
		count += *domain == '.';
	return count;
}

/* The last count labels of domain. */
static const char *last_labels(const char *domain, size_t count)
{
	for (size_t drop = count_labels(domain) - count; drop > 0; drop--)
		domain = strchr(domain, '.') + 1;
	return domain;
}

const char *sceau_dmarc_tree_target(const char *domain, size_t step)
{
	size_t labels = count_labels(domain);

	if (step == 0)
		return domain;
	if (labels > SCEAU_DMARC_WALK_MAX)
		labels = SCEAU_DMARC_WALK_MAX;
	return step < labels ? last_labels(domain, labels - step) : NULL;
}

bool sceau_dmarc_tree_is_under(const char *domain, const char *ancestor)
{
	size_t len = strlen(domain), end = strlen(ancestor);

	if (len < end || strcmp(domain + len - end, ancestor) != 0)
		return false;
	return len == end || domain[len - end - 1] == '.';
}

bool sceau_dmarc_tree_is_domain(const char *domain)
{
	size_t label = 0, i;

	for (i = 0; domain[i] != '\0'; i++) {
		char c = domain[i];

		if (c == '.') {
			if (label == 0)
				return false;
			label = 0;
			continue;
		}
		if (!sceau_text_is_alpha(c) && !sceau_text_is_digit(c) &&
		    c != '-' && c != '_')
			return false;
		if (++label > LABEL_MAX)
			return false;
	}
	return label > 0 && i <= DOMAIN_MAX;
}

const struct sceau_dmarc_level *
sceau_dmarc_tree_get(const struct sceau_dmarc_tree *tree, const char *domain)
{
	for (size_t i = 0; i < tree->count; i++) {
		if (strcmp(tree->levels[i].domain, domain) == 0)
			return &tree->levels[i];
	}
	return NULL;
}

static void read_records(struct sceau_dmarc_level *level,
                         const struct sceau_dns_answer *answer)
{
	struct sceau_dmarc_record *record = malloc(sizeof(*record));
	int count = record == NULL ? -1
	                           : sceau_dmarc_record_find(answer, record);

	level->has_many = count > 1;
	if (count == 1) {
		level->state = SCEAU_DMARC_LEVEL_RECORD;
		level->record = record;
		return;
	}
	if (count < 0)
		level->state = SCEAU_DMARC_LEVEL_ERROR;
	free(record);
}

void sceau_dmarc_tree_put(struct sceau_dmarc_tree *tree, const char *domain,
                          const struct sceau_dns_answer *answer)
{
	struct sceau_dmarc_level *level;

	if (tree->count == tree->max ||
	    sceau_dmarc_tree_get(tree, domain) != NULL)
		return;
	level = &tree->levels[tree->count++];
	*level = (struct sceau_dmarc_level){
		.domain = domain,
		.state = SCEAU_DMARC_LEVEL_EMPTY,
		.is_nxdomain = answer == NULL ||
		               answer->status == SCEAU_DNS_NXDOMAIN,
	};
	if (answer == NULL)
		return;
	if (answer->status == SCEAU_DNS_OK)
		read_records(level, answer);
	else if (answer->status == SCEAU_DNS_SERVFAIL ||
	         answer->status == SCEAU_DNS_TIMEOUT)
		level->state = SCEAU_DMARC_LEVEL_ERROR;
}

/* RFC 9989 4.10.2, once the walk up from domain has ended at last. */
static void select_org(const struct sceau_dmarc_tree *tree, const char *domain,
                       const char *last, struct sceau_dmarc_walk *walk)
{
	const struct sceau_dmarc_level *level = sceau_dmarc_tree_get(tree,
	                                                             last);

	/* rules 1 and 3: the one that stopped it or has the fewest labels */
	walk->org = last;
	walk->org_level = level;
	if (level->record->psd != SCEAU_DMARC_PSD_YES || last == domain)
		return;
	/* rule 2: one label below, in the hierarchy, whether the walk went
	   there or not */
	walk->psd_level = level;
	walk->org = last_labels(domain, count_labels(last) + 1);
	walk->org_level = sceau_dmarc_tree_get(tree, walk->org);
	if (walk->org_level != NULL &&
	    walk->org_level->state != SCEAU_DMARC_LEVEL_RECORD)
		walk->org_level = NULL;
}

enum sceau_dmarc_walk_state
sceau_dmarc_tree_walk(const struct sceau_dmarc_tree *tree, const char *domain,
                      struct sceau_dmarc_walk *walk_r)
{
	const char *target, *last = NULL;

	*walk_r = (struct sceau_dmarc_walk){ .org = domain };
	for (size_t step = 0;
	     (target = sceau_dmarc_tree_target(domain, step)) != NULL; step++) {
		const struct sceau_dmarc_level *level = sceau_dmarc_tree_get(
			tree, target);

		if (level == NULL) {
			walk_r->missing = target;
			return SCEAU_DMARC_WALK_ASK;
		}
		if (level->state == SCEAU_DMARC_LEVEL_ERROR)
			return SCEAU_DMARC_WALK_ERROR;
		if (level->state != SCEAU_DMARC_LEVEL_RECORD)
			continue;
		last = target;
		if (level->record->psd != SCEAU_DMARC_PSD_UNKNOWN)
			break;
	}
	if (last != NULL)
		select_org(tree, domain, last, walk_r);
	return SCEAU_DMARC_WALK_DONE;
}
