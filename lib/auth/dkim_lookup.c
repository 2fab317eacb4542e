/* dkim_lookup.c - the public keys of a mail's DKIM signatures, from DNS
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/dkim_lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/dkim_record.h"
#include "base/buf.h"

struct entry {
	char name[SCEAU_DNS_NAME_SIZE];
	enum sceau_dkim_lookup_status status;
	bool is_secure;
	struct sceau_buf record;
};

struct sceau_dkim_lookup {
	size_t count;
	size_t asked; /* entries below this were handed out */
	struct entry *entries[SCEAU_DKIM_LOOKUP_MAX];
};

struct sceau_dkim_lookup *sceau_dkim_lookup_new(void)
{
	return calloc(1, sizeof(struct sceau_dkim_lookup));
}

int sceau_dkim_lookup_add(struct sceau_dkim_lookup *lookup,
                          const char *selector, const char *domain)
{
	char name[SCEAU_DNS_NAME_SIZE];
	struct entry *entry;
	int len = snprintf(name, sizeof(name), "%s._domainkey.%s", selector,
	                   domain);

	if (len < 0 || (size_t)len >= sizeof(name) ||
	    !sceau_dns_name_is_valid(name))
		return -1;
	for (size_t i = 0; i < lookup->count; i++) {
		if (sceau_text_equal_nocase(lookup->entries[i]->name, name))
			return (int)i;
	}
	if (lookup->count == SCEAU_DKIM_LOOKUP_MAX)
		return -1;
	entry = calloc(1, sizeof(*entry));
	if (entry == NULL)
		return -1;
	memcpy(entry->name, name, (size_t)len + 1);
	sceau_buf_init(&entry->record, SCEAU_DKIM_RECORD_MAX);
	lookup->entries[lookup->count] = entry;
	return (int)lookup->count++;
}

static int ask(void *state, struct sceau_dns_question *question_r)
{
	struct sceau_dkim_lookup *lookup = state;

	if (lookup->asked == lookup->count)
		return 0;
	question_r->name = lookup->entries[lookup->asked]->name;
	question_r->type = SCEAU_DNS_TXT;
	question_r->id = (unsigned)lookup->asked++;
	return 1;
}

static struct sceau_slice text_of(const struct sceau_buf *buf)
{
	return (struct sceau_slice){ sceau_buf_text(buf), buf->used };
}

/* Keep the one record, or the one among several that is a key. */
static void choose(struct entry *entry, const struct sceau_dns_answer *answer)
{
	struct sceau_buf text;

	entry->status = SCEAU_DKIM_LOOKUP_NO_RECORD;
	sceau_buf_init(&text, SCEAU_DKIM_RECORD_MAX);
	for (size_t i = 0; i < answer->count; i++) {
		sceau_buf_clear(&text);
		if (sceau_dns_record_text(&answer->records[i], &text, NULL) < 0)
			continue;
		if (answer->count > 1 &&
		    !sceau_dkim_record_is_key(text_of(&text)))
			continue;
		if (entry->status == SCEAU_DKIM_LOOKUP_FOUND) {
			entry->status = SCEAU_DKIM_LOOKUP_SEVERAL;
			break;
		}
		if (sceau_buf_append(&entry->record, text.data, text.used) < 0)
			continue;
		entry->status = SCEAU_DKIM_LOOKUP_FOUND;
	}
	sceau_buf_deinit(&text);
}

static void answer(void *state, unsigned id,
                   const struct sceau_dns_answer *given)
{
	struct sceau_dkim_lookup *lookup = state;
	struct entry *entry = lookup->entries[id];

	switch (given->status) {
	case SCEAU_DNS_OK:
		entry->is_secure = given->is_secure;
		choose(entry, given);
		break;
	case SCEAU_DNS_NODATA:
	case SCEAU_DNS_NXDOMAIN:
		entry->status = SCEAU_DKIM_LOOKUP_NO_KEY;
		break;
	case SCEAU_DNS_SERVFAIL:
	case SCEAU_DNS_TIMEOUT:
		entry->status = SCEAU_DKIM_LOOKUP_TEMPORARY;
		break;
	}
}

const struct sceau_dns_decider sceau_dkim_lookup_decider = {
	.ask = ask,
	.answer = answer,
};

enum sceau_dkim_lookup_status
sceau_dkim_lookup_status(const struct sceau_dkim_lookup *lookup, size_t index)
{
	return lookup->entries[index]->status;
}

struct sceau_slice
sceau_dkim_lookup_record(const struct sceau_dkim_lookup *lookup, size_t index)
{
	const struct entry *entry = lookup->entries[index];

	if (entry->status != SCEAU_DKIM_LOOKUP_FOUND)
		return (struct sceau_slice){ NULL, 0 };
	return text_of(&entry->record);
}

bool sceau_dkim_lookup_is_secure(const struct sceau_dkim_lookup *lookup,
                                 size_t index)
{
	return lookup->entries[index]->is_secure;
}

void sceau_dkim_lookup_free(struct sceau_dkim_lookup **lookup)
{
	if (*lookup == NULL)
		return;
	for (size_t i = 0; i < (*lookup)->count; i++) {
		sceau_buf_deinit(&(*lookup)->entries[i]->record);
		free((*lookup)->entries[i]);
	}
	free(*lookup);
	*lookup = NULL;
}
