/* postgrey.c - see postgrey.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "base/ip.h"
#include "policy/postgrey.h"

/* --- the database --- */

static int hex_value(char c)
{
	if (sceau_text_is_digit(c))
		return c - '0';
	c = sceau_text_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that an escape at line.data[i] stands for; moves i to its end. */
static int take_escape(struct sceau_slice line, size_t *i)
{
	if (*i + 1 < line.len && line.data[*i + 1] == '\\') {
		*i += 1;
		return '\\';
	}
	if (*i + 2 >= line.len)
		return -1;
	int high = hex_value(line.data[*i + 1]);
	int low = hex_value(line.data[*i + 2]);

	*i += 2;
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

int sceau_postgrey_unescape(struct sceau_slice line, char *out, size_t size,
                            struct sceau_err *err)
{
	size_t used = 0;

	for (size_t i = 0; i < line.len; i++) {
		int c = (unsigned char)line.data[i];

		if (c == '\\')
			c = take_escape(line, &i);
		/* postgrey's C ancestors end keys in a NUL */
		if (c == 0 && i + 1 == line.len)
			break;
		if (c <= 0)
			return sceau_fail(err, SCEAU_FAULT_PEER,
			                  "not a line of db_dump -p");
		if (used + 1 >= size)
			return sceau_fail(err, SCEAU_FAULT_PEER,
			                  "a line is too long");
		out[used++] = (char)c;
	}
	out[used] = '\0';
	return (int)used;
}

/* "A,B" or "A,B,more". */
static bool parse_pair(const char *value, uint64_t *a_r, uint64_t *b_r)
{
	struct sceau_slice rest = sceau_slice_of(value), a, b;

	return sceau_slice_next_word(&rest, ",", &a) &&
	       sceau_slice_next_word(&rest, ",", &b) &&
	       sceau_text_parse_number(a, UINT64_MAX / 2, a_r, NULL) == 0 &&
	       sceau_text_parse_number(b, UINT64_MAX / 2, b_r, NULL) == 0;
}

static uint64_t age_s(uint64_t time_s, uint64_t now_s)
{
	return now_s > time_s ? now_s - time_s : 0;
}

/* Where the sender ends and the recipient begins: both may hold a '/', and the
   sender be empty. */
static const char *find_recipient(const char *text)
{
	const char *at = text;

	for (; (at = strchr(at, '/')) != NULL; at++) {
		const char *sign = memchr(text, '@', (size_t)(at - text));

		if (strchr(at + 1, '@') != NULL && (at == text || sign != NULL))
			return at + 1;
	}
	return NULL;
}

static int make_attempt(const char *key, const struct sceau_ip *ip,
                        struct sceau_postgrey_entry *entry,
                        struct sceau_err *err)
{
	char sender[SCEAU_GREYLIST_PART_SIZE], address[2048];
	char recipient[SCEAU_GREYLIST_PART_SIZE];
	char origin[SCEAU_GREYLIST_PART_SIZE];
	const char *rest = strchr(key, '/') + 1;
	const char *to = find_recipient(rest);

	if (to == NULL ||
	    sceau_slice_copy(
		    (struct sceau_slice){ rest, (size_t)(to - rest) - 1 },
		    address, sizeof(address)) < 0)
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "a key without sender and recipient");
	sceau_greylist_sender(address, sender);
	sceau_greylist_recipient(to, recipient);
	sceau_greylist_origin(ip, NULL, origin);
	sceau_greylist_attempt_key(recipient, sender, origin, entry->key);
	return 0;
}

int sceau_postgrey_entry_make(const char *key, const char *value,
                              uint64_t delay_s, uint64_t now_s,
                              struct sceau_postgrey_entry *entry_r,
                              struct sceau_err *err)
{
	struct sceau_postgrey_entry entry = { .key = "" };
	struct sceau_slice host = { key, strcspn(key, "/") };
	char origin[SCEAU_GREYLIST_PART_SIZE];
	uint64_t a, b;
	struct sceau_ip ip;

	if (sceau_ip_parse(host, &ip, NULL) < 0 || !parse_pair(value, &a, &b))
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "not of postgrey, or of one with --privacy");
	entry.record.count = 1;
	entry.record.last_s = age_s(b, now_s);
	entry.record.first_s = entry.record.last_s;
	if (key[host.len] == '\0') {
		entry.record.kind = SCEAU_GREYLIST_CLIENT;
		entry.record.count = a < UINT32_MAX ? (uint32_t)a : UINT32_MAX;
		sceau_greylist_origin(&ip, NULL, origin);
		sceau_greylist_client_key(origin, entry.key);
	} else {
		entry.record.kind = SCEAU_GREYLIST_ATTEMPT;
		entry.record.first_s = age_s(a, now_s);
		entry.record.has_passed = b >= a && b - a >= delay_s;
		if (make_attempt(key, &ip, &entry, err) < 0)
			return -1;
	}
	*entry_r = entry;
	return 0;
}

/* --- the lists --- */

static int fail_regex(struct sceau_err *err)
{
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "no pattern can stand for this regular expression");
}

/* A pattern in the making. */
struct pattern {
	char *out;
	size_t used;
};

static bool put(struct pattern *pattern, char c)
{
	bool is_more = c == '*' && pattern->used > 0 &&
	               pattern->out[pattern->used - 1] == '*';

	if (is_more)
		return true;
	if (pattern->used >= SCEAU_EXEMPT_NAME_MAX)
		return false;
	pattern->out[pattern->used++] = c;
	return true;
}

/* One atom at *at: a literal, which is returned, or '?' for any set of single
   bytes; 0 when it is none of these. */
static char take_atom(const char **at, const char *end)
{
	char c = *(*at)++;

	if (c == '\\') {
		if (*at == end)
			return 0;
		c = *(*at)++;
		if (strchr("dwDWs", c) != NULL)
			return '?';
		return sceau_text_is_alpha(c) || sceau_text_is_digit(c) ? 0 : c;
	}
	if (c == '.')
		return '?';
	if (c == '[') {
		const char *close = memchr(*at, ']', (size_t)(end - *at));

		if (close == NULL || close == *at)
			return 0;
		*at = close + 1;
		return '?';
	}
	return strchr("()|*+?{}^$", c) != NULL ? 0 : c;
}

/* Pass over a group with its quantifier; what it fits is unknown. */
static bool skip_group(const char **at, const char *end)
{
	unsigned depth = 0;

	for (; *at < end; (*at)++) {
		if (**at == '\\')
			(*at)++;
		else if (**at == '(')
			depth++;
		else if (**at == ')' && --depth == 0)
			break;
	}
	if (*at >= end)
		return false;
	(*at)++;
	while (*at < end && strchr("*+?", **at) != NULL)
		(*at)++;
	return true;
}

static bool translate(const char *at, const char *end, struct pattern *pattern)
{
	while (at < end) {
		if (*at == '(') {
			if (!skip_group(&at, end) || !put(pattern, '*'))
				return false;
			continue;
		}
		char atom = take_atom(&at, end);

		if (atom == 0)
			return false;
		if (at == end || strchr("*+?{", *at) == NULL) {
			if (!put(pattern, atom))
				return false;
			continue;
		}
		/* how often does not matter: none is enough for '*' */
		if (*at == '{') {
			at = memchr(at, '}', (size_t)(end - at));
			if (at == NULL)
				return false;
		}
		at++;
		if (at < end && *at == '?')
			at++;
		if (!put(pattern, '*'))
			return false;
	}
	return true;
}

/* The text between two slashes. */
static int translate_regex(struct sceau_slice text, char *out,
                           struct sceau_err *err)
{
	const char *at = text.data + 1, *end = text.data + text.len - 1;
	struct pattern pattern = { out, 0 };
	bool has_end = end > at && end[-1] == '$' &&
	               (end - at < 2 || end[-2] != '\\');

	if (has_end)
		end--;
	if (at < end && *at == '^')
		at++;
	else if (!put(&pattern, '*'))
		return fail_regex(err);
	if (!translate(at, end, &pattern) || (!has_end && !put(&pattern, '*')))
		return fail_regex(err);
	out[pattern.used] = '\0';
	/* all the world is no exemption */
	if (strspn(out, "*?.") == pattern.used)
		return fail_regex(err);
	return 0;
}

/* "192.168.1" is a /24; "192.168" is meant to be a /16, which postgrey's code
   takes for the first /24 of it. */
static int translate_partial(struct sceau_slice text, char *out,
                             struct sceau_err *err)
{
	char whole[64];
	struct sceau_ip ip;
	unsigned dots = 0;

	for (size_t i = 0; i < text.len; i++)
		dots += text.data[i] == '.';
	snprintf(whole, sizeof(whole), "%.*s%s", (int)text.len, text.data,
	         dots == 1 ? ".0.0" : ".0");
	if (dots < 1 || dots > 2 || text.len > 15 ||
	    sceau_ip_parse(sceau_slice_of(whole), &ip, NULL) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "not an address or a network");
	snprintf(out, SCEAU_EXEMPT_NAME_MAX + 1, "%s/%u", whole,
	         dots == 1 ? 16U : 24U);
	return 0;
}

static bool is_digits_and_dots(struct sceau_slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!sceau_text_is_digit(text.data[i]) && text.data[i] != '.')
			return false;
	}
	return true;
}

/* Let sceau_exempt_parse say whether it is good. */
static int check_line(enum sceau_exempt_kind kind, const char *out,
                      struct sceau_err *err)
{
	struct sceau_exempt exempt;

	if (sceau_exempt_parse(kind, out, strlen(out), "", &exempt, err) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "not an entry that this greylisting has");
	sceau_exempt_deinit(&exempt);
	return 0;
}

int sceau_postgrey_exempt_line(enum sceau_exempt_kind kind,
                               struct sceau_slice line,
                               char out[SCEAU_EXEMPT_NAME_MAX + 1],
                               struct sceau_err *err)
{
	const char *hash = memchr(line.data, '#', line.len);
	char text[SCEAU_EXEMPT_NAME_MAX + 1] = "";
	struct sceau_ip ip;

	if (hash != NULL)
		line.len = (size_t)(hash - line.data);
	line = sceau_slice_trim(line);
	if (line.len == 0) {
		out[0] = '\0';
		return 0;
	}
	if (line.len >= 2 && line.data[0] == '/' &&
	    line.data[line.len - 1] == '/') {
		if (kind == SCEAU_EXEMPT_RECIPIENTS ||
		    translate_regex(line, text, err) < 0)
			return fail_regex(err);
	} else if (kind == SCEAU_EXEMPT_CLIENTS && is_digits_and_dots(line) &&
	           sceau_ip_parse(line, &ip, NULL) < 0) {
		if (translate_partial(line, text, err) < 0)
			return -1;
	} else if (sceau_slice_copy(line, text, sizeof(text)) < 0) {
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "too long");
	}
	if (check_line(kind, text, err) < 0)
		return -1;
	memcpy(out, text, sizeof(text));
	return 0;
}
