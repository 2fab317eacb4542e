/* dkim_canon.c - the canonical forms of header and body (RFC 6376 3.4)
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/dkim_canon.h"

#include <string.h>

/* Collects small pieces: a hash is fed in large ones many times faster. */
struct out {
	sceau_dkim_sink_fn *sink;
	void *ctx;
	size_t used;
	char bytes[1024];
};

static void flush(struct out *out)
{
	if (out->used > 0)
		out->sink(out->ctx, out->bytes, out->used);
	out->used = 0;
}

static void put(struct out *out, const char *data, size_t len)
{
	if (len > sizeof(out->bytes) - out->used)
		flush(out);
	if (len > sizeof(out->bytes) / 4) {
		flush(out);
		out->sink(out->ctx, data, len);
		return;
	}
	if (len > 0)
		memcpy(out->bytes + out->used, data, len);
	out->used += len;
}

/* --- header --- */

static bool is_white(char c)
{
	return c == ' ' || c == '\t';
}

/* The bytes as they are, but for line ends. */
static void put_simple(struct out *out, struct sceau_slice value)
{
	const char *p = value.data;
	const char *end = p + value.len;

	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		const char *stop = eol != NULL ? eol : end;

		put(out, p, (size_t)(stop - p));
		if (eol != NULL && (eol == value.data || eol[-1] != '\r'))
			put(out, "\r", 1);
		if (eol != NULL)
			put(out, "\n", 1);
		p = eol != NULL ? eol + 1 : end;
	}
}

/* Where a line end stands at p: its length, else 0. */
static size_t line_end(const char *p, const char *end)
{
	if (*p == '\n')
		return 1;
	return *p == '\r' && p + 1 < end && p[1] == '\n' ? 2 : 0;
}

/* 3.4.2: unfolded, runs of white space one blank, none at either end. */
static void put_relaxed(struct out *out, struct sceau_slice value)
{
	const char *p = value.data;
	const char *end = p + value.len;
	bool has_white = false, has_text = false;

	while (p < end) {
		size_t eol = line_end(p, end);

		if (eol > 0) {
			p += eol;
			continue;
		}
		if (is_white(*p)) {
			has_white = true;
		} else {
			if (has_white && has_text)
				put(out, " ", 1);
			put(out, p, 1);
			has_white = false;
			has_text = true;
		}
		p++;
	}
}

void sceau_dkim_canon_field(enum sceau_dkim_canon canon,
                            struct sceau_slice name, struct sceau_slice value,
                            sceau_dkim_sink_fn *sink, void *ctx)
{
	struct out out = { .sink = sink, .ctx = ctx };

	if (canon == SCEAU_DKIM_SIMPLE) {
		put(&out, name.data, name.len);
		put(&out, ":", 1);
		put_simple(&out, value);
	} else {
		while (name.len > 0 && is_white(name.data[name.len - 1]))
			name.len--;
		for (size_t i = 0; i < name.len; i++) {
			char c = sceau_text_lower(name.data[i]);

			put(&out, &c, 1);
		}
		put(&out, ":", 1);
		put_relaxed(&out, value);
	}
	flush(&out);
}

/* --- body --- */

void sceau_dkim_body_init(struct sceau_dkim_body *body,
                          enum sceau_dkim_canon canon, sceau_dkim_sink_fn *sink,
                          void *ctx)
{
	memset(body, 0, sizeof(*body));
	body->canon = canon;
	body->sink = sink;
	body->ctx = ctx;
}

/* Text follows: the line ends, the blank and the CR seen before it count. */
static void put_pending(struct sceau_dkim_body *body, struct out *out)
{
	for (; body->empty_lines > 0; body->empty_lines--)
		put(out, "\r\n", 2);
	if (body->has_white)
		put(out, " ", 1);
	if (body->has_cr)
		put(out, "\r", 1);
	body->has_white = false;
	body->has_cr = false;
	body->has_text = true;
}

/* 3.4.3: all but the empty lines at the end. */
static void feed_simple(struct sceau_dkim_body *body, struct out *out,
                        const char *data, size_t len)
{
	uint64_t lines = 0;
	bool has_cr;

	if (body->has_cr && data[0] == '\n') {
		body->has_cr = false;
		body->empty_lines++;
		data++;
		len--;
	}
	has_cr = len > 0 && data[len - 1] == '\r';
	if (has_cr)
		len--;
	for (; len >= 2 && data[len - 1] == '\n' && data[len - 2] == '\r';
	     len -= 2)
		lines++;
	/* a CR in front of a CR was no line end either */
	if (len > 0 || (body->has_cr && (has_cr || lines > 0))) {
		put_pending(body, out);
		put(out, data, len);
	}
	body->empty_lines += lines;
	body->has_cr = body->has_cr || has_cr;
}

/* How many bytes from p on are canonical already, so that what is hashed is
   what came: text, single blanks within a line, line ends before text. */
static size_t canonical_run(const char *p, const char *end)
{
	static const bool is_special[256] = {
		[' '] = true,
		['\t'] = true,
		['\r'] = true,
	};
	const unsigned char *q = (const unsigned char *)p;
	const unsigned char *stop = (const unsigned char *)end;

	while (q < stop) {
		if (!is_special[*q])
			q++;
		else if (*q == ' ' && q + 1 < stop && !is_special[q[1]])
			q += 2;
		else if (*q == '\r' && q + 2 < stop && q[1] == '\n' &&
		         !is_special[q[2]])
			q += 3;
		else
			break;
	}
	return (size_t)((const char *)q - p);
}

/* 3.4.4: runs of white space one blank, none at the end of a line, no empty
   lines at the end. */
static void feed_relaxed(struct sceau_dkim_body *body, struct out *out,
                         const char *data, size_t len)
{
	const char *p = data, *end = data + len;

	while (p < end) {
		if (body->has_cr && *p == '\n') {
			body->has_cr = false;
			body->has_white = false;
			body->empty_lines++;
			p++;
			continue;
		}
		if (body->has_cr)
			put_pending(body, out);
		if (is_white(*p)) {
			body->has_white = true;
			p++;
		} else if (*p == '\r') {
			body->has_cr = true;
			p++;
		} else {
			size_t run = canonical_run(p, end);

			put_pending(body, out);
			put(out, p, run);
			p += run;
		}
	}
}

void sceau_dkim_body_feed(struct sceau_dkim_body *body, const char *data,
                          size_t len)
{
	struct out out = { .sink = body->sink, .ctx = body->ctx };

	if (len == 0)
		return;
	if (body->canon == SCEAU_DKIM_SIMPLE)
		feed_simple(body, &out, data, len);
	else
		feed_relaxed(body, &out, data, len);
	flush(&out);
}

void sceau_dkim_body_end(struct sceau_dkim_body *body)
{
	struct out out = { .sink = body->sink, .ctx = body->ctx };

	/* a CR that no LF followed was a byte of the last line */
	if (body->has_cr)
		put_pending(body, &out);
	if (body->has_text || body->canon == SCEAU_DKIM_SIMPLE)
		put(&out, "\r\n", 2);
	flush(&out);
}
