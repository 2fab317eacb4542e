/* dkim_select.c - which fields of a header a DKIM signature covers
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/dkim_select.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	struct sceau_slice name;
	size_t index;
};

/* The fields of one name: entries[start..start+count), from the top down. */
struct group {
	struct sceau_slice name;
	size_t start;
	size_t count;
	size_t picked;
};

struct sceau_dkim_select {
	struct entry *entries; /* by name, then from the top down */
	struct group *groups; /* by name */
	size_t group_count;
};

static int compare_names(struct sceau_slice a, struct sceau_slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < len; i++) {
		unsigned char x = (unsigned char)sceau_text_lower(a.data[i]);
		unsigned char y = (unsigned char)sceau_text_lower(b.data[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	if (a.len == b.len)
		return 0;
	return a.len < b.len ? -1 : 1;
}

static int by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = compare_names(x->name, y->name);

	if (order != 0)
		return order;
	return x->index < y->index ? -1 : 1;
}

static int by_group(const void *name, const void *group)
{
	return compare_names(*(const struct sceau_slice *)name,
	                     ((const struct group *)group)->name);
}

static void make_groups(struct sceau_dkim_select *select, size_t count)
{
	struct group *group = NULL;

	for (size_t i = 0; i < count; i++) {
		struct sceau_slice name = select->entries[i].name;

		if (group == NULL || compare_names(group->name, name) != 0) {
			group = &select->groups[select->group_count++];
			group->name = name;
			group->start = i;
		}
		group->count++;
	}
}

int sceau_dkim_select_new(const struct sceau_header *header,
                          enum sceau_dkim_side side,
                          struct sceau_dkim_select **select_r,
                          struct sceau_err *err)
{
	struct sceau_dkim_select *select = calloc(1, sizeof(*select));
	size_t count = 0;

	if (select != NULL) {
		select->entries = calloc(header->count + 1,
		                         sizeof(*select->entries));
		select->groups = calloc(header->count + 1,
		                        sizeof(*select->groups));
	}
	if (select == NULL || select->entries == NULL ||
	    select->groups == NULL) {
		sceau_dkim_select_free(&select);
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	}
	for (size_t i = 0; i < header->count; i++) {
		struct sceau_header_field field = sceau_header_get(header, i);

		if (side == SCEAU_DKIM_RECEIVED ? field.added : field.deleted)
			continue;
		select->entries[count].name = field.name;
		select->entries[count++].index = i;
	}
	qsort(select->entries, count, sizeof(*select->entries), by_name);
	make_groups(select, count);
	*select_r = select;
	return 0;
}

void sceau_dkim_select_reset(struct sceau_dkim_select *select)
{
	for (size_t i = 0; i < select->group_count; i++)
		select->groups[i].picked = 0;
}

static struct group *find(const struct sceau_dkim_select *select,
                          struct sceau_slice name)
{
	return bsearch(&name, select->groups, select->group_count,
	               sizeof(*select->groups), by_group);
}

bool sceau_dkim_select_pick(struct sceau_dkim_select *select,
                            struct sceau_slice name, size_t *index_r)
{
	struct group *group = find(select, name);
	size_t last;

	if (group == NULL || group->picked == group->count)
		return false;
	last = group->start + group->count - 1;
	*index_r = select->entries[last - group->picked++].index;
	return true;
}

size_t sceau_dkim_select_count(const struct sceau_dkim_select *select,
                               struct sceau_slice name)
{
	const struct group *group = find(select, name);

	return group != NULL ? group->count : 0;
}

const char *sceau_dkim_select_stray(const struct sceau_dkim_select *select)
{
	static const char *const once[] = {
		"From",
		"Sender",
		"Reply-To",
		"To",
		"Cc",
		"Date",
		"Subject",
		"Message-ID",
		"In-Reply-To",
		"References",
		"MIME-Version",
		"Content-Type",
		"Content-Transfer-Encoding",
	};

	for (size_t i = 0; i < sizeof(once) / sizeof(*once); i++) {
		const struct group *group = find(select,
		                                 sceau_slice_of(once[i]));

		if (group == NULL || group->count < 2)
			continue;
		/* From, the first, counts in any case */
		if (i == 0 ||
		    (group->picked > 0 && group->picked < group->count))
			return once[i];
	}
	return NULL;
}

void sceau_dkim_select_free(struct sceau_dkim_select **select)
{
	if (*select == NULL)
		return;
	free((*select)->entries);
	free((*select)->groups);
	free(*select);
	*select = NULL;
}
