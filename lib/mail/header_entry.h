/* header_entry.h - how a header view keeps its fields; only for header*.c
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_HEADER_ENTRY_H
#define SCEAU_HEADER_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

enum sceau_header_origin {
	SCEAU_HEADER_RECEIVED = 0, /* it came with the mail */
	SCEAU_HEADER_INSERTED, /* an edit put it on top */
	SCEAU_HEADER_APPENDED, /* an edit put it at the end */
};

/* Positions are offsets into the view's bytes, which move when they grow. */
struct sceau_header_entry {
	size_t name_at;
	size_t name_len;
	size_t value_at;
	size_t value_len;
	size_t raw_len; /* the whole field from name_at; 0 = print it anew */
	enum sceau_header_origin origin;
	bool deleted;
	bool changed;
};

#endif
