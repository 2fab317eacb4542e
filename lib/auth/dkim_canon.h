/* dkim_canon.h - the canonical forms of header and body (RFC 6376 3.4).
 *
 * What is hashed is handed to a sink in pieces. Only CRLF ends a line: a CR or
 * LF that stands alone is a byte like others. White space is SP and HTAB.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DKIM_CANON_H
#define SCEAU_DKIM_CANON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum sceau_dkim_canon {
	SCEAU_DKIM_SIMPLE, /* bytes as they are */
	SCEAU_DKIM_RELAXED, /* white space and the case of names may change */
};

/* Takes the next len bytes (at least 1) of the canonical form. */
typedef void sceau_dkim_sink_fn(void *ctx, const char *data, size_t len);

/* Give a header field without its last line end to sink. value is all behind
   the colon, its folds LF or CRLF; it comes out with CRLF. */
void sceau_dkim_canon_field(enum sceau_dkim_canon canon,
                            struct sceau_slice name, struct sceau_slice value,
                            sceau_dkim_sink_fn *sink, void *ctx);

/* A body on its way; owned by the caller, private. */
struct sceau_dkim_body {
	enum sceau_dkim_canon canon;
	sceau_dkim_sink_fn *sink;
	void *ctx;
	uint64_t empty_lines; /* seen, perhaps the last ones */
	bool has_cr; /* a CR was seen, perhaps of a CRLF */
	bool has_white; /* relaxed: white space was seen */
	bool has_text; /* something went to the sink */
};

/* Start a body whose canonical form goes to sink(ctx, ...). */
void sceau_dkim_body_init(struct sceau_dkim_body *body,
                          enum sceau_dkim_canon canon, sceau_dkim_sink_fn *sink,
                          void *ctx);

/* Give the next bytes, in any chunking. */
void sceau_dkim_body_feed(struct sceau_dkim_body *body, const char *data,
                          size_t len);

/* The body is complete: give the rest to the sink. A last line without CRLF
   gets one. */
void sceau_dkim_body_end(struct sceau_dkim_body *body);

#endif
