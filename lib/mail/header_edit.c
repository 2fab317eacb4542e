/* header_edit.c - list the edits of a header view for an MTA; see header.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "mail/header.h"
#include "mail/header_entry.h"

/* A field and its number among those of its name. */
struct place {
	struct sceau_slice name;
	size_t index;
	size_t nth;
};

static int compare_names(struct sceau_slice a, struct sceau_slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < len; i++) {
		int d = sceau_text_lower(a.data[i]) -
		        sceau_text_lower(b.data[i]);

		if (d != 0)
			return d;
	}
	return (a.len > b.len) - (a.len < b.len);
}

static int by_name(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int d = compare_names(x->name, y->name);

	return d != 0 ? d : (x->index > y->index) - (x->index < y->index);
}

static int by_index_backwards(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->index < y->index) - (x->index > y->index);
}

/* Number the fields that came with the mail, last one first in places.
   Sorting, not searching: a mail may hold thousands of fields of one name.
   Returns how many there are. */
static size_t number_fields(const struct sceau_header *header,
                            struct place *places)
{
	size_t n = 0;

	for (size_t i = 0; i < header->count; i++) {
		if (header->entries[i].origin != SCEAU_HEADER_RECEIVED)
			continue;
		places[n].name = sceau_header_get(header, i).name;
		places[n].index = i;
		n++;
	}
	qsort(places, n, sizeof(*places), by_name);
	for (size_t i = 0; i < n; i++) {
		bool same = i > 0 && compare_names(places[i - 1].name,
		                                   places[i].name) == 0;

		places[i].nth = same ? places[i - 1].nth + 1 : 1;
	}
	qsort(places, n, sizeof(*places), by_index_backwards);
	return n;
}

/* Append value with every CRLF as LF. */
static void append_value(struct sceau_buf *out, struct sceau_slice value)
{
	size_t from = 0;

	for (size_t i = 0; i + 1 < value.len; i++) {
		if (value.data[i] != '\r' || value.data[i + 1] != '\n')
			continue;
		sceau_buf_append(out, value.data + from, i - from);
		from = i + 1;
	}
	sceau_buf_append(out, value.data + from, value.len - from);
}

struct listing {
	const struct sceau_header *header;
	struct sceau_buf strings;
	sceau_header_edit_fn *fn;
	void *ctx;
};

static int emit(struct listing *listing, struct sceau_header_edit *edit,
                struct sceau_err *err)
{
	struct sceau_header_field field = sceau_header_get(listing->header,
	                                                   edit->index);
	struct sceau_buf *strings = &listing->strings;

	sceau_buf_clear(strings);
	sceau_buf_append(strings, field.name.data, field.name.len);
	sceau_buf_append(strings, "", 1);
	append_value(strings, field.value);
	if (strings->failed)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	edit->name = strings->data;
	if (edit->kind != SCEAU_HEADER_EDIT_DELETE)
		edit->value = strings->data + field.name.len + 1;
	return listing->fn(listing->ctx, edit, err);
}

static int list_marks(struct listing *listing, const struct place *places,
                      size_t count, struct sceau_err *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct sceau_header_entry *entry =
			&listing->header->entries[places[i].index];
		struct sceau_header_edit edit = {
			.kind = entry->deleted ? SCEAU_HEADER_EDIT_DELETE
			                       : SCEAU_HEADER_EDIT_CHANGE,
			.nth = places[i].nth,
			.index = places[i].index,
		};

		if ((entry->deleted || entry->changed) &&
		    emit(listing, &edit, err) < 0)
			return -1;
	}
	return 0;
}

static int list_new(struct listing *listing, enum sceau_header_origin origin,
                    size_t index, struct sceau_err *err)
{
	const struct sceau_header_entry *entry =
		&listing->header->entries[index];
	struct sceau_header_edit edit = {
		.kind = origin == SCEAU_HEADER_INSERTED
		                ? SCEAU_HEADER_EDIT_INSERT
		                : SCEAU_HEADER_EDIT_APPEND,
		.index = index,
	};

	if (entry->origin != origin || entry->deleted)
		return 0;
	return emit(listing, &edit, err);
}

static int list_all(struct listing *listing, struct place *places,
                    struct sceau_err *err)
{
	size_t count = listing->header->count;
	size_t n = number_fields(listing->header, places);

	if (list_marks(listing, places, n, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (list_new(listing, SCEAU_HEADER_APPENDED, i, err) < 0)
			return -1;
	}
	for (size_t i = count; i > 0; i--) {
		if (list_new(listing, SCEAU_HEADER_INSERTED, i - 1, err) < 0)
			return -1;
	}
	return 0;
}

int sceau_header_list_edits(const struct sceau_header *header,
                            sceau_header_edit_fn *fn, void *ctx,
                            struct sceau_err *err)
{
	if (!sceau_header_is_edited(header))
		return 0;

	struct place *places = calloc(header->count, sizeof(*places));
	if (places == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");

	struct listing listing = { .header = header, .fn = fn, .ctx = ctx };

	sceau_buf_init(&listing.strings, header->max_bytes + 2);
	int ret = list_all(&listing, places, err);
	sceau_buf_deinit(&listing.strings);
	free(places);
	return ret;
}
