/* header_print.c - header fields as text; see header.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "mail/header.h"
#include "mail/header_entry.h"

/* Append value; in place of each line end (CRLF or LF) goes eol. */
static void append_lines(struct sceau_slice value, const char *eol,
                         struct sceau_buf *out)
{
	const char *data = value.data, *end = value.data + value.len, *lf;

	while (data < end &&
	       (lf = memchr(data, '\n', (size_t)(end - data))) != NULL) {
		const char *stop = lf;

		if (stop > data && stop[-1] == '\r')
			stop--;
		sceau_buf_append(out, data, (size_t)(stop - data));
		sceau_buf_append_text(out, eol);
		data = lf + 1;
	}
	if (data < end)
		sceau_buf_append(out, data, (size_t)(end - data));
}

int sceau_header_unfold(struct sceau_slice value, struct sceau_buf *out)
{
	append_lines(value, "", out);
	return out->failed ? -1 : 0;
}

int sceau_header_print_field(const struct sceau_header *header, size_t index,
                             const char *eol, struct sceau_buf *out)
{
	struct sceau_header_field field = sceau_header_get(header, index);

	sceau_buf_append(out, field.name.data, field.name.len);
	sceau_buf_append(out, ":", 1);
	append_lines(field.value, eol, out);
	return out->failed ? -1 : 0;
}

int sceau_header_print(const struct sceau_header *header, struct sceau_buf *out)
{
	const char *eol = header->crlf ? "\r\n" : "\n";
	bool open_line = false;

	for (size_t i = 0; i < header->count; i++) {
		const struct sceau_header_entry *entry = &header->entries[i];

		if (entry->deleted)
			continue;
		/* The last line of a cut message has no line end. */
		if (open_line)
			sceau_buf_append_text(out, eol);
		if (entry->raw_len == 0) {
			sceau_header_print_field(header, i, eol, out);
			sceau_buf_append_text(out, eol);
			open_line = false;
			continue;
		}

		const char *raw = header->bytes.data + entry->name_at;

		sceau_buf_append(out, raw, entry->raw_len);
		open_line = raw[entry->raw_len - 1] != '\n';
	}
	return out->failed ? -1 : 0;
}
