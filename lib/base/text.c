/* text.c - see text.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/text.h"

#define DURATION_MAX (10ULL * 366 * 86400)
#define SIZE_BYTES_MAX (1ULL << 50)
#define DISTANCE_MAX 64

struct sceau_slice sceau_slice_of(const char *text)
{
	struct sceau_slice slice = { .data = text, .len = 0 };

	if (text != NULL)
		slice.len = strlen(text);
	return slice;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct sceau_slice sceau_slice_trim(struct sceau_slice slice)
{
	while (slice.len > 0 && is_blank(slice.data[0])) {
		slice.data++;
		slice.len--;
	}
	while (slice.len > 0 && is_blank(slice.data[slice.len - 1]))
		slice.len--;
	return slice;
}

bool sceau_slice_is(struct sceau_slice slice, const char *text)
{
	return strlen(text) == slice.len &&
	       (slice.len == 0 || memcmp(slice.data, text, slice.len) == 0);
}

bool sceau_slice_equal_nocase(struct sceau_slice a, struct sceau_slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (sceau_text_lower(a.data[i]) != sceau_text_lower(b.data[i]))
			return false;
	}
	return true;
}

bool sceau_slice_is_nocase(struct sceau_slice slice, const char *text)
{
	return sceau_slice_equal_nocase(slice, sceau_slice_of(text));
}

static bool is_separator(char c, const char *separators)
{
	return c != '\0' && strchr(separators, c) != NULL;
}

bool sceau_slice_next_word(struct sceau_slice *rest, const char *separators,
                           struct sceau_slice *word_r)
{
	size_t start = 0;

	while (start < rest->len && is_separator(rest->data[start], separators))
		start++;
	if (start == rest->len) {
		rest->data += start;
		rest->len = 0;
		return false;
	}
	size_t end = start;
	while (end < rest->len && !is_separator(rest->data[end], separators))
		end++;
	word_r->data = rest->data + start;
	word_r->len = end - start;
	rest->data += end;
	rest->len -= end;
	return true;
}

bool sceau_slice_next_line(struct sceau_slice *rest, struct sceau_slice *line_r)
{
	if (rest->len == 0)
		return false;
	const char *end = memchr(rest->data, '\n', rest->len);
	size_t len = end != NULL ? (size_t)(end - rest->data) : rest->len;
	size_t step = len + (end != NULL ? 1 : 0);

	*line_r = (struct sceau_slice){ rest->data, len };
	rest->data += step;
	rest->len -= step;
	return true;
}

int sceau_slice_copy(struct sceau_slice slice, char *out, size_t size)
{
	if (slice.len >= size)
		return -1;
	if (slice.len > 0 && memchr(slice.data, '\0', slice.len) != NULL)
		return -1;
	if (slice.len > 0)
		memcpy(out, slice.data, slice.len);
	out[slice.len] = '\0';
	return 0;
}

char sceau_text_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool sceau_text_is_alpha(char c)
{
	char lower = sceau_text_lower(c);

	return lower >= 'a' && lower <= 'z';
}

bool sceau_text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool sceau_text_equal_nocase(const char *a, const char *b)
{
	return sceau_slice_equal_nocase(sceau_slice_of(a), sceau_slice_of(b));
}

void sceau_text_make_lower(char *text)
{
	for (; *text != '\0'; text++)
		*text = sceau_text_lower(*text);
}

size_t sceau_text_utf8_length(const char *data, size_t len)
{
	const unsigned char *p = (const unsigned char *)data;
	size_t need;

	if (len == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		need = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		need = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		need = 4;
	else
		return 0;
	if (len < need)
		return 0;
	for (size_t i = 1; i < need; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	/* RFC 3629 section 4: the second byte rules out overlong forms,
	   surrogates and code points above U+10FFFF. */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return need;
}

bool sceau_text_is_utf8(const char *data, size_t len)
{
	size_t pos = 0;

	while (pos < len) {
		size_t n = sceau_text_utf8_length(data + pos, len - pos);

		if (n == 0)
			return false;
		pos += n;
	}
	return true;
}

/* U+200E and U+200F, U+2028 to U+202E, U+2066 to U+2069. */
static bool is_line_end_or_turn(const unsigned char *p)
{
	if (p[0] != 0xe2)
		return false;
	if (p[1] == 0x80)
		return p[2] == 0x8e || p[2] == 0x8f ||
		       (p[2] >= 0xa8 && p[2] <= 0xae);
	return p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9;
}

bool sceau_text_is_control(const char *data, size_t n)
{
	const unsigned char *p = (const unsigned char *)data;

	if (n == 1)
		return p[0] < 0x20 || p[0] == 0x7f;
	if (n == 2)
		return p[0] == 0xc2 && p[1] < 0xa0;
	return n == 3 && is_line_end_or_turn(p);
}

void sceau_text_make_printable(char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len;) {
		size_t n = sceau_text_utf8_length(text + i, len - i);

		if (n == 0) {
			text[i++] = '?';
			continue;
		}
		if (sceau_text_is_control(text + i, n))
			memset(text + i, '?', n);
		i += n;
	}
}

int sceau_text_parse_number(struct sceau_slice slice, uint64_t max,
                            uint64_t *value_r, struct sceau_err *err)
{
	uint64_t value = 0;

	if (slice.len == 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a number is missing");
	for (size_t i = 0; i < slice.len; i++) {
		if (!sceau_text_is_digit(slice.data[i]))
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "\"%.*s\" is not a number",
			                  slice.len < 60 ? (int)slice.len : 60,
			                  slice.data);
		uint64_t digit = (uint64_t)(slice.data[i] - '0');
		if (value > max / 10 || value * 10 > max - digit)
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "%.*s is more than %llu",
			                  slice.len < 60 ? (int)slice.len : 60,
			                  slice.data, (unsigned long long)max);
		value = value * 10 + digit;
	}
	*value_r = value;
	return 0;
}

static int parse_with_unit(struct sceau_slice slice, uint64_t factor,
                           uint64_t max, uint64_t *value_r,
                           struct sceau_err *err)
{
	uint64_t value;

	if (factor != 1)
		slice.len--;
	if (sceau_text_parse_number(slice, max / factor, &value, err) < 0)
		return -1;
	*value_r = value * factor;
	return 0;
}

int sceau_text_parse_duration(struct sceau_slice slice, uint64_t *seconds_r,
                              struct sceau_err *err)
{
	uint64_t factor = 1;
	char unit = slice.len > 0 ? slice.data[slice.len - 1] : '\0';

	switch (unit) {
	case 's':
		slice.len--;
		break;
	case 'm':
		factor = 60;
		break;
	case 'h':
		factor = 3600;
		break;
	case 'd':
		factor = 86400;
		break;
	case 'w':
		factor = 604800;
		break;
	default:
		break;
	}
	return parse_with_unit(slice, factor, DURATION_MAX, seconds_r, err);
}

int sceau_text_parse_size(struct sceau_slice slice, uint64_t *bytes_r,
                          struct sceau_err *err)
{
	uint64_t factor = 1;
	char unit = slice.len > 0 ? slice.data[slice.len - 1] : '\0';

	if (unit == 'k' || unit == 'K')
		factor = 1ULL << 10;
	else if (unit == 'M')
		factor = 1ULL << 20;
	else if (unit == 'G')
		factor = 1ULL << 30;
	return parse_with_unit(slice, factor, SIZE_BYTES_MAX, bytes_r, err);
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

unsigned sceau_text_distance(const char *a, const char *b)
{
	size_t alen = strlen(a), blen = strlen(b);
	unsigned row[DISTANCE_MAX + 1];

	if (alen > DISTANCE_MAX || blen > DISTANCE_MAX)
		return DISTANCE_MAX + 1;
	for (size_t j = 0; j <= blen; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= alen; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= blen; j++) {
			unsigned above = row[j];

			row[j] = min3(row[j] + 1, row[j - 1] + 1,
			              diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[blen];
}

bool sceau_text_fits(const char *pattern, const char *text)
{
	const char *star = NULL, *resume = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			resume = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star != NULL) {
			/* Let the last star take one byte more. */
			pattern = star + 1;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
