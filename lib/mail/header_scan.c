/* header_scan.c - see header_scan.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "mail/header_scan.h"

enum state {
	LINE_START, /* of the first line, or after a whole line of field */
	LINE_CR, /* the line began with CR: an empty line if LF follows */
	NAME, /* in what may be a field name */
	NAME_BLANK, /* blanks after it: only a colon may follow */
	VALUE, /* anywhere after the colon */
	DONE,
};

void sceau_header_scan_init(struct sceau_header_scan *scan,
                            struct sceau_header *header)
{
	scan->header = header;
	sceau_buf_init(&scan->field, header->max_bytes);
	scan->state = LINE_START;
	scan->separator = "";
}

void sceau_header_scan_deinit(struct sceau_header_scan *scan)
{
	sceau_buf_deinit(&scan->field);
}

static int keep(struct sceau_header_scan *scan, const char *data, size_t len,
                struct sceau_err *err)
{
	if (sceau_buf_append(&scan->field, data, len) == 0)
		return 0;
	if (len > scan->field.max - scan->field.used)
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "header longer than %zu bytes",
		                  scan->field.max);
	return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
}

/* Nothing can continue the field any more: it goes into the view. */
static int end_field(struct sceau_header_scan *scan, struct sceau_err *err)
{
	struct sceau_slice raw = { scan->field.data, scan->field.used };

	if (raw.len == 0)
		return 0;
	if (sceau_header_add_raw(scan->header, raw, err) < 0)
		return -1;
	sceau_buf_clear(&scan->field);
	return 0;
}

static int done(struct sceau_header_scan *scan, const char *separator)
{
	scan->separator = separator;
	scan->state = DONE;
	return 1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_name_char(char c)
{
	return c > ' ' && c < 0x7f && c != ':';
}

/* The first byte of a line. */
static int start_line(struct sceau_header_scan *scan, char c, size_t *pos,
                      struct sceau_err *err)
{
	if (is_blank(c) && scan->field.used > 0) {
		scan->state = VALUE;
		return 0;
	}
	if (end_field(scan, err) < 0)
		return -1;
	if (is_name_char(c)) {
		scan->state = NAME;
		return 0;
	}
	if (c == '\r') {
		scan->state = LINE_CR;
		(*pos)++;
		return keep(scan, &c, 1, err);
	}
	if (c != '\n')
		return done(scan, "");
	(*pos)++;
	return done(scan, "\n");
}

/* The second byte of a line whose first is CR. */
static int end_cr(struct sceau_header_scan *scan, char c, size_t *pos)
{
	if (c != '\n')
		return done(scan, "");
	(*pos)++;
	sceau_buf_clear(&scan->field);
	return done(scan, "\r\n");
}

/* A byte between the start of a line and the colon. */
static int read_name(struct sceau_header_scan *scan, char c, size_t *pos,
                     struct sceau_err *err)
{
	if (c == ':')
		scan->state = VALUE;
	else if (is_blank(c))
		scan->state = NAME_BLANK;
	else if (scan->state == NAME_BLANK || !is_name_char(c))
		return done(scan, "");
	(*pos)++;
	return keep(scan, &c, 1, err);
}

/* Up to the end of the line, or of data. */
static int read_value(struct sceau_header_scan *scan, struct sceau_slice rest,
                      size_t *pos, struct sceau_err *err)
{
	const char *lf = memchr(rest.data, '\n', rest.len);
	size_t len = rest.len;

	if (lf != NULL) {
		len = (size_t)(lf - rest.data) + 1;
		scan->state = LINE_START;
	}
	*pos += len;
	return keep(scan, rest.data, len, err);
}

static int step(struct sceau_header_scan *scan, struct sceau_slice rest,
                size_t *pos, struct sceau_err *err)
{
	switch ((enum state)scan->state) {
	case LINE_START:
		return start_line(scan, rest.data[0], pos, err);
	case LINE_CR:
		return end_cr(scan, rest.data[0], pos);
	case NAME:
	case NAME_BLANK:
		return read_name(scan, rest.data[0], pos, err);
	case VALUE:
		return read_value(scan, rest, pos, err);
	case DONE:
		break;
	}
	return 1;
}

int sceau_header_scan_feed(struct sceau_header_scan *scan, const char *data,
                           size_t len, size_t *used_r, struct sceau_err *err)
{
	size_t pos = 0;
	int ret = scan->state == DONE ? 1 : 0;

	while (ret == 0 && pos < len) {
		struct sceau_slice rest = { data + pos, len - pos };

		ret = step(scan, rest, &pos, err);
	}
	*used_r = pos;
	return ret;
}

int sceau_header_scan_finish(struct sceau_header_scan *scan,
                             struct sceau_err *err)
{
	/* In the other states field holds a line that became body. */
	if (scan->state == LINE_START || scan->state == VALUE) {
		if (end_field(scan, err) < 0)
			return -1;
	}
	scan->state = DONE;
	return 0;
}

const char *sceau_header_scan_separator(const struct sceau_header_scan *scan)
{
	return scan->separator;
}

struct sceau_slice sceau_header_scan_left(const struct sceau_header_scan *scan)
{
	struct sceau_slice left = { scan->field.data, scan->field.used };

	return left;
}
