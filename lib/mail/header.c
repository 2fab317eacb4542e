/* header.c - see header.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "mail/header.h"
#include "mail/header_entry.h"

#define FIRST_SIZE 32

void sceau_header_init(struct sceau_header *header, size_t max_fields,
                       size_t max_bytes)
{
	memset(header, 0, sizeof(*header));
	header->max_fields = max_fields;
	sceau_buf_init(&header->bytes, max_bytes);
	header->max_bytes = max_bytes;
}

void sceau_header_clear(struct sceau_header *header)
{
	header->count = 0;
	sceau_buf_clear(&header->bytes);
	header->has_raw = false;
	header->crlf = false;
}

void sceau_header_deinit(struct sceau_header *header)
{
	free(header->entries);
	sceau_buf_deinit(&header->bytes);
	sceau_header_init(header, header->max_fields, header->max_bytes);
}

/* Copy text to the end of the view's bytes; *at_r is where it begins. */
static int store(struct sceau_header *header, struct sceau_slice text,
                 size_t *at_r, struct sceau_err *err)
{
	size_t at = header->bytes.used;

	if (text.len > header->max_bytes - at)
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "header longer than %zu bytes",
		                  header->max_bytes);
	if (sceau_buf_append(&header->bytes, text.data, text.len) < 0) {
		header->bytes.failed = false;
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	}
	*at_r = at;
	return 0;
}

/* Room for one more entry. */
static int grow(struct sceau_header *header, struct sceau_err *err)
{
	if (header->count >= header->max_fields)
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "more than %zu header fields",
		                  header->max_fields);
	if (header->count < header->size)
		return 0;

	size_t size = header->size == 0 ? FIRST_SIZE : header->size * 2;
	struct sceau_header_entry *entries = realloc(header->entries,
	                                             size * sizeof(*entries));

	if (entries == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	header->entries = entries;
	header->size = size;
	return 0;
}

/* An entry for name and value, copied, not yet in the list. */
static int make(struct sceau_header *header, struct sceau_slice name,
                struct sceau_slice value, struct sceau_header_entry *entry,
                struct sceau_err *err)
{
	memset(entry, 0, sizeof(*entry));
	if (grow(header, err) < 0 ||
	    store(header, name, &entry->name_at, err) < 0)
		return -1;
	if (store(header, value, &entry->value_at, err) < 0) {
		header->bytes.used = entry->name_at;
		return -1;
	}
	entry->name_len = name.len;
	entry->value_len = value.len;
	return 0;
}

int sceau_header_add(struct sceau_header *header, struct sceau_slice name,
                     struct sceau_slice value, struct sceau_err *err)
{
	struct sceau_header_entry entry;

	if (make(header, name, value, &entry, err) < 0)
		return -1;
	header->entries[header->count++] = entry;
	return 0;
}

int sceau_header_add_raw(struct sceau_header *header, struct sceau_slice raw,
                         struct sceau_err *err)
{
	struct sceau_header_entry entry = { .raw_len = raw.len };
	const char *colon = raw.len == 0 ? NULL
	                                 : memchr(raw.data, ':', raw.len);
	size_t end = raw.len;
	bool crlf = false;

	if (colon == NULL)
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "a header field without a colon");
	if (grow(header, err) < 0 ||
	    store(header, raw, &entry.name_at, err) < 0)
		return -1;

	size_t name_len = (size_t)(colon - raw.data);

	entry.value_at = entry.name_at + name_len + 1;
	while (name_len > 0 && (raw.data[name_len - 1] == ' ' ||
	                        raw.data[name_len - 1] == '\t'))
		name_len--;
	entry.name_len = name_len;
	if (raw.data[end - 1] == '\n') {
		end--;
		crlf = raw.data[end - 1] == '\r';
		end -= crlf ? 1 : 0;
	}
	entry.value_len = entry.name_at + end - entry.value_at;
	if (!header->has_raw)
		header->crlf = crlf;
	header->has_raw = true;
	header->entries[header->count++] = entry;
	return 0;
}

struct sceau_header_field sceau_header_get(const struct sceau_header *header,
                                           size_t index)
{
	const struct sceau_header_entry *entry = &header->entries[index];
	const char *bytes = header->bytes.data;

	return (struct sceau_header_field){
		.name = { bytes + entry->name_at, entry->name_len },
		.value = { bytes + entry->value_at, entry->value_len },
		.deleted = entry->deleted,
		.changed = entry->changed,
		.added = entry->origin != SCEAU_HEADER_RECEIVED,
	};
}

bool sceau_header_find(const struct sceau_header *header, const char *name,
                       size_t from, size_t *index_r)
{
	struct sceau_slice want = sceau_slice_of(name);

	for (size_t i = from; i < header->count; i++) {
		struct sceau_header_field field = sceau_header_get(header, i);

		if (!field.deleted &&
		    sceau_slice_equal_nocase(field.name, want)) {
			*index_r = i;
			return true;
		}
	}
	return false;
}

bool sceau_header_find_nth(const struct sceau_header *header, const char *name,
                           size_t nth, size_t *index_r)
{
	size_t i;

	for (size_t from = 0; sceau_header_find(header, name, from, &i);
	     from = i + 1) {
		if (--nth == 0) {
			*index_r = i;
			return true;
		}
	}
	return false;
}

size_t sceau_header_count(const struct sceau_header *header, const char *name)
{
	size_t count = 0, i;

	for (size_t from = 0; sceau_header_find(header, name, from, &i);
	     from = i + 1)
		count++;
	return count;
}

bool sceau_header_is_name(struct sceau_slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if (c <= ' ' || c >= 0x7f || c == ':')
			return false;
	}
	return name.len > 0;
}

/* Whether value can be put into a header without becoming more than one field:
   line ends only where a blank follows, no NUL, no bare CR. */
static bool is_value(struct sceau_slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		char next = i + 1 < value.len ? value.data[i + 1] : '\0';

		switch (value.data[i]) {
		case '\0':
			return false;
		case '\r':
			if (next != '\n')
				return false;
			break;
		case '\n':
			if (next != ' ' && next != '\t')
				return false;
			break;
		default:
			break;
		}
	}
	return true;
}

void sceau_header_delete(struct sceau_header *header, size_t index)
{
	header->entries[index].deleted = true;
}

int sceau_header_change(struct sceau_header *header, size_t index,
                        struct sceau_slice value, struct sceau_err *err)
{
	struct sceau_header_entry *entry = &header->entries[index];
	size_t at;

	if (entry->deleted)
		return 0;
	if (value.len == 0) {
		entry->deleted = true;
		return 0;
	}
	if (!is_value(value))
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "a header value with a stray line end");
	if (store(header, value, &at, err) < 0)
		return -1;
	entry->value_at = at;
	entry->value_len = value.len;
	entry->raw_len = 0;
	entry->changed = true;
	return 0;
}

static int make_new(struct sceau_header *header, struct sceau_slice name,
                    struct sceau_slice value, struct sceau_header_entry *entry,
                    struct sceau_err *err)
{
	if (!sceau_header_is_name(name))
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "\"%.*s\" cannot be a header field's name",
		                  name.len < 60 ? (int)name.len : 60,
		                  name.len == 0 ? "" : name.data);
	if (value.len == 0 || !is_value(value))
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "a header value that is empty or has a stray "
		                  "line end");
	return make(header, name, value, entry, err);
}

int sceau_header_insert(struct sceau_header *header, struct sceau_slice name,
                        struct sceau_slice value, struct sceau_err *err)
{
	struct sceau_header_entry entry;

	if (make_new(header, name, value, &entry, err) < 0)
		return -1;
	entry.origin = SCEAU_HEADER_INSERTED;
	memmove(header->entries + 1, header->entries,
	        header->count * sizeof(entry));
	header->entries[0] = entry;
	header->count++;
	return 0;
}

int sceau_header_append(struct sceau_header *header, struct sceau_slice name,
                        struct sceau_slice value, struct sceau_err *err)
{
	struct sceau_header_entry entry;

	if (make_new(header, name, value, &entry, err) < 0)
		return -1;
	entry.origin = SCEAU_HEADER_APPENDED;
	header->entries[header->count++] = entry;
	return 0;
}

bool sceau_header_is_edited(const struct sceau_header *header)
{
	for (size_t i = 0; i < header->count; i++) {
		const struct sceau_header_entry *entry = &header->entries[i];

		if (entry->deleted
		            ? entry->origin == SCEAU_HEADER_RECEIVED
		            : entry->changed ||
		                      entry->origin != SCEAU_HEADER_RECEIVED)
			return true;
	}
	return false;
}
