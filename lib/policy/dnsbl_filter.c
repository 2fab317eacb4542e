/* dnsbl_filter.c - see dnsbl_filter.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "policy/dnsbl_filter.h"

static void add(uint32_t octet[8], uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i <= to; i++)
		octet[i / 32] |= 1U << (i % 32);
}

static bool has(const uint32_t octet[8], unsigned value)
{
	return (octet[value / 32] >> (value % 32) & 1) != 0;
}

static int fail(struct sceau_slice text, struct sceau_err *err)
{
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "the filter \"%.*s\" is not four numbers like "
	                  "127.0.0.[2..11], the first one 127",
	                  text.len < 60 ? (int)text.len : 60,
	                  text.data != NULL ? text.data : "");
}

/* A number from 0 to 255 at the beginning of *rest, which is cut off. */
static bool take_number(struct sceau_slice *rest, uint64_t *value_r)
{
	struct sceau_slice digits = { rest->data, 0 };

	while (digits.len < rest->len && digits.len < 3 &&
	       sceau_text_is_digit(rest->data[digits.len]))
		digits.len++;
	if (sceau_text_parse_number(digits, 255, value_r, NULL) < 0)
		return false;
	rest->data += digits.len;
	rest->len -= digits.len;
	return true;
}

static bool take_text(struct sceau_slice *rest, const char *text)
{
	size_t len = strlen(text);

	if (rest->len < len || memcmp(rest->data, text, len) != 0)
		return false;
	rest->data += len;
	rest->len -= len;
	return true;
}

/* "N" or "A..B" within brackets. */
static bool take_range(struct sceau_slice *rest, uint32_t octet[8])
{
	uint64_t from, to;

	if (!take_number(rest, &from))
		return false;
	to = from;
	if (take_text(rest, "..") && (!take_number(rest, &to) || to < from))
		return false;
	add(octet, from, to);
	return true;
}

static bool take_octet(struct sceau_slice *rest, uint32_t octet[8])
{
	uint64_t value;

	if (!take_text(rest, "[")) {
		if (!take_number(rest, &value))
			return false;
		add(octet, value, value);
		return true;
	}
	do {
		if (!take_range(rest, octet))
			return false;
	} while (take_text(rest, ";"));
	return take_text(rest, "]");
}

int sceau_dnsbl_filter_parse(struct sceau_slice text,
                             struct sceau_dnsbl_filter *filter_r,
                             struct sceau_err *err)
{
	struct sceau_dnsbl_filter filter = { .octet = { { 0 } } };
	struct sceau_slice rest = text;

	for (int i = 0; i < 4; i++) {
		if ((i > 0 && !take_text(&rest, ".")) ||
		    !take_octet(&rest, filter.octet[i]))
			return fail(text, err);
	}
	if (rest.len > 0)
		return fail(text, err);
	for (unsigned i = 0; i < 256; i++) {
		if (has(filter.octet[0], i) != (i == 127))
			return fail(text, err);
	}
	*filter_r = filter;
	return 0;
}

void sceau_dnsbl_filter_usual(struct sceau_dnsbl_filter *filter_r)
{
	memset(filter_r, 0, sizeof(*filter_r));
	add(filter_r->octet[0], 127, 127);
	add(filter_r->octet[1], 0, 0);
	add(filter_r->octet[2], 0, 0);
	add(filter_r->octet[3], 2, 254);
}

bool sceau_dnsbl_filter_has(const struct sceau_dnsbl_filter *filter,
                            const unsigned char address[4])
{
	for (int i = 0; i < 4; i++) {
		if (!has(filter->octet[i], address[i]))
			return false;
	}
	return true;
}
