/* buf.h - a growing byte buffer with a hard bound, for what has no fixed size.
 *
 * Contents may hold any byte; a NUL always follows them, so that text can be
 * read as a string. Every buffer has a maximum, since what fills it usually
 * comes from outside.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_BUF_H
#define SCEAU_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Read data and used; the rest is private. */
struct sceau_buf {
	char *data; /* NULL until the first byte */
	size_t used;
	size_t size;
	size_t max;
	bool failed; /* an append did not fit or memory ran out */
};

/* Make buf empty; it will hold at most max bytes. Nothing is allocated. */
void sceau_buf_init(struct sceau_buf *buf, size_t max);

/* Append len bytes. Returns 0, or -1 when the bound or memory does not allow
   it: contents are then unchanged and buf->failed stays set, so that a series
   of appends needs one check at its end. Once failed, appends do nothing. */
int sceau_buf_append(struct sceau_buf *buf, const void *data, size_t len);

/* Append a NUL-terminated string. Returns as sceau_buf_append. */
int sceau_buf_append_text(struct sceau_buf *buf, const char *text);

/* Append printf-style text. Returns as sceau_buf_append. */
int sceau_buf_appendf(struct sceau_buf *buf, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Drop the first len bytes (all, when len is more than used). */
void sceau_buf_consume(struct sceau_buf *buf, size_t len);

/* Forget the contents and the failure; keep the memory. */
void sceau_buf_clear(struct sceau_buf *buf);

/* The contents as a string: never NULL, good until the next change. */
const char *sceau_buf_text(const struct sceau_buf *buf);

/* Release the memory; buf is then as after init. */
void sceau_buf_deinit(struct sceau_buf *buf);

#endif
