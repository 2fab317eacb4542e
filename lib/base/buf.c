/* buf.c - see buf.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define FIRST_SIZE 256

void sceau_buf_init(struct sceau_buf *buf, size_t max)
{
	memset(buf, 0, sizeof(*buf));
	buf->max = max;
}

/* Room for len more bytes and the closing NUL. */
static int reserve(struct sceau_buf *buf, size_t len)
{
	if (buf->failed)
		return -1;
	if (len > buf->max - buf->used) {
		buf->failed = true;
		return -1;
	}
	size_t need = buf->used + len + 1;
	if (need <= buf->size)
		return 0;

	/* Doubling keeps a series of appends linear. */
	size_t size = buf->size == 0 ? FIRST_SIZE : buf->size * 2;
	if (size < need)
		size = need;
	char *data = realloc(buf->data, size);
	if (data == NULL) {
		buf->failed = true;
		return -1;
	}
	buf->data = data;
	buf->size = size;
	return 0;
}

int sceau_buf_append(struct sceau_buf *buf, const void *data, size_t len)
{
	if (reserve(buf, len) < 0)
		return -1;
	if (len > 0)
		memcpy(buf->data + buf->used, data, len);
	buf->used += len;
	buf->data[buf->used] = '\0';
	return 0;
}

int sceau_buf_append_text(struct sceau_buf *buf, const char *text)
{
	return sceau_buf_append(buf, text, strlen(text));
}

int sceau_buf_appendf(struct sceau_buf *buf, const char *fmt, ...)
{
	va_list args, again;
	int ret = -1;

	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	if (n < 0) {
		buf->failed = true;
	} else if (reserve(buf, (size_t)n) == 0) {
		vsnprintf(buf->data + buf->used, (size_t)n + 1, fmt, again);
		buf->used += (size_t)n;
		ret = 0;
	}
	va_end(again);
	va_end(args);
	return ret;
}

void sceau_buf_consume(struct sceau_buf *buf, size_t len)
{
	if (len == 0 || buf->used == 0)
		return;
	if (len > buf->used)
		len = buf->used;
	memmove(buf->data, buf->data + len, buf->used - len + 1);
	buf->used -= len;
}

void sceau_buf_clear(struct sceau_buf *buf)
{
	buf->used = 0;
	buf->failed = false;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

const char *sceau_buf_text(const struct sceau_buf *buf)
{
	return buf->data == NULL ? "" : buf->data;
}

void sceau_buf_deinit(struct sceau_buf *buf)
{
	size_t max = buf->max;

	free(buf->data);
	sceau_buf_init(buf, max);
}
