/* spf_record.c - see spf_record.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "auth/spf_macro.h"
#include "auth/spf_record.h"

#define VERSION "v=spf1"

enum argument {
	ARG_NONE, /* all */
	ARG_DOMAIN, /* ":" domain-spec */
	ARG_MAYBE_DOMAIN, /* [ ":" domain-spec ] */
	ARG_MAYBE_DOMAIN_BITS, /* and then [ dual-cidr-length ] */
	ARG_NETWORK4, /* ":" ip4-network [ ip4-cidr-length ] */
	ARG_NETWORK6,
};

static const struct {
	const char *name;
	enum sceau_spf_kind kind;
	enum argument argument;
} mechanisms[] = {
	{ "all", SCEAU_SPF_ALL, ARG_NONE },
	{ "include", SCEAU_SPF_INCLUDE, ARG_DOMAIN },
	{ "a", SCEAU_SPF_A, ARG_MAYBE_DOMAIN_BITS },
	{ "mx", SCEAU_SPF_MX, ARG_MAYBE_DOMAIN_BITS },
	{ "ptr", SCEAU_SPF_PTR, ARG_MAYBE_DOMAIN },
	{ "ip4", SCEAU_SPF_IP4, ARG_NETWORK4 },
	{ "ip6", SCEAU_SPF_IP6, ARG_NETWORK6 },
	{ "exists", SCEAU_SPF_EXISTS, ARG_DOMAIN },
};

static struct sceau_slice drop(struct sceau_slice text, size_t len)
{
	return (struct sceau_slice){ text.data + len, text.len - len };
}

static bool begins_with(struct sceau_slice text, char c)
{
	return text.len > 0 && text.data[0] == c;
}

static int fail(struct sceau_err *err, const char *why, struct sceau_slice text)
{
	return sceau_fail(err, SCEAU_FAULT_PEER, "%s in \"%.*s\"", why,
	                  text.len < 80 ? (int)text.len : 80,
	                  text.len == 0 ? "" : text.data);
}

bool sceau_spf_record_is(struct sceau_slice text)
{
	const size_t len = sizeof(VERSION) - 1;
	struct sceau_slice start = { text.data, len };

	return text.len >= len &&
	       sceau_slice_equal_nocase(start, sceau_slice_of(VERSION)) &&
	       (text.len == len || text.data[len] == ' ');
}

struct sceau_slice sceau_spf_record_terms(struct sceau_slice record)
{
	return drop(record, sizeof(VERSION) - 1);
}

/* The labels of RFC 7208 7.1, toplabel: letters, digits, hyphens in between,
   and not digits alone. */
static bool is_toplabel(struct sceau_slice label)
{
	bool has_other = false;

	if (label.len == 0 || label.data[0] == '-' ||
	    label.data[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		char c = label.data[i];

		if (sceau_text_is_digit(c))
			continue;
		if (!sceau_text_is_alpha(c) && c != '-')
			return false;
		has_other = true;
	}
	return has_other;
}

/* The end of a domain-spec that is no macro: a dot, a top label, perhaps one
   more dot; all of it in the last literal piece. */
static bool has_toplabel(struct sceau_slice literal)
{
	if (literal.len > 0 && literal.data[literal.len - 1] == '.')
		literal.len--;
	for (size_t i = literal.len; i > 0; i--) {
		if (literal.data[i - 1] == '.')
			return is_toplabel(drop(literal, i));
	}
	return false;
}

static bool is_domain_spec(struct sceau_slice text)
{
	struct sceau_spf_macro_piece piece = { .letter = 0 };
	struct sceau_slice rest = text;
	bool is_last_plain = false;
	int ret;

	while ((ret = sceau_spf_macro_next(&rest, false, &piece)) > 0)
		is_last_plain = piece.letter == 0 &&
		                piece.literal.data + piece.literal.len ==
		                        rest.data;
	if (ret < 0 || text.len == 0)
		return false;
	return !is_last_plain || has_toplabel(piece.literal);
}

/* Read "0" or digits without a leading zero, at most max, all of text. */
static bool read_bits(struct sceau_slice text, unsigned max, unsigned *bits_r)
{
	uint64_t value;

	if (text.len > 1 && text.data[0] == '0')
		return false;
	if (sceau_text_parse_number(text, max, &value, NULL) < 0)
		return false;
	*bits_r = (unsigned)value;
	return true;
}

/* Split text before a mark that only digits follow. Returns whether there was
   one; *digits_r is what follows it, *head_r what stands before. */
static bool split_bits(struct sceau_slice text, const char *mark,
                       struct sceau_slice *head_r, struct sceau_slice *digits_r)
{
	size_t len = strlen(mark);
	size_t at = text.len;

	while (at > 0 && sceau_text_is_digit(text.data[at - 1]))
		at--;
	if (at == text.len || at < len ||
	    memcmp(text.data + at - len, mark, len) != 0)
		return false;
	*head_r = (struct sceau_slice){ text.data, at - len };
	*digits_r = drop(text, at);
	return true;
}

/* Take a dual-cidr-length from the end of *rest. */
static bool take_dual_bits(struct sceau_slice *rest,
                           struct sceau_spf_term *term)
{
	struct sceau_slice digits, head;

	term->bits4 = 32;
	term->bits6 = 128;
	if (split_bits(*rest, "//", &head, &digits)) {
		if (!read_bits(digits, 128, &term->bits6))
			return false;
		*rest = head;
	}
	if (split_bits(*rest, "/", &head, &digits)) {
		if (!read_bits(digits, 32, &term->bits4))
			return false;
		*rest = head;
	}
	return true;
}

/* The address is kept as written: ::ffff:0:0/96 is a network of IPv6 here,
   which no client is in, since one that is IPv4-mapped counts as IPv4. */
static bool read_address(struct sceau_slice text, bool is_v6,
                         uint8_t address_r[16])
{
	struct sceau_ip ip;

	if (text.len == 0 ||
	    is_v6 != (memchr(text.data, ':', text.len) != NULL) ||
	    sceau_ip_parse(text, &ip, NULL) < 0)
		return false;
	memset(address_r, 0, 16);
	if (is_v6 && ip.len == 4) {
		address_r[10] = address_r[11] = 0xff;
		memcpy(address_r + 12, ip.bytes, 4);
	} else {
		memcpy(address_r, ip.bytes, ip.len);
	}
	return true;
}

static bool read_network(struct sceau_slice rest, bool is_v6,
                         struct sceau_spf_term *term)
{
	unsigned max = is_v6 ? 128 : 32;
	unsigned *bits = is_v6 ? &term->bits6 : &term->bits4;
	struct sceau_slice digits, head;

	*bits = max;
	if (!begins_with(rest, ':'))
		return false;
	rest = drop(rest, 1);
	if (split_bits(rest, "/", &head, &digits)) {
		if (!read_bits(digits, max, bits))
			return false;
		rest = head;
	}
	return read_address(rest, is_v6, term->address);
}

/* rest is what follows the name of a mechanism. */
static bool read_argument(struct sceau_slice rest, enum argument argument,
                          struct sceau_spf_term *term)
{
	switch (argument) {
	case ARG_NONE:
		return rest.len == 0;
	case ARG_NETWORK4:
	case ARG_NETWORK6:
		return read_network(rest, argument == ARG_NETWORK6, term);
	case ARG_MAYBE_DOMAIN_BITS:
		if (!take_dual_bits(&rest, term))
			return false;
		break;
	case ARG_DOMAIN:
	case ARG_MAYBE_DOMAIN:
		break;
	}
	if (rest.len == 0)
		return argument != ARG_DOMAIN;
	if (!begins_with(rest, ':'))
		return false;
	term->domain_spec = drop(rest, 1);
	return is_domain_spec(term->domain_spec);
}

static int read_mechanism(struct sceau_spf_term *term, struct sceau_err *err)
{
	struct sceau_slice rest = term->text;
	size_t len = 0;

	term->qualifier = '+';
	if (memchr("+-~?", rest.data[0], 4) != NULL) {
		term->qualifier = rest.data[0];
		rest = drop(rest, 1);
	}
	while (len < rest.len && rest.data[len] != ':' && rest.data[len] != '/')
		len++;
	struct sceau_slice name = { rest.data, len };
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]);
	     i++) {
		if (!sceau_slice_is_nocase(name, mechanisms[i].name))
			continue;
		term->kind = mechanisms[i].kind;
		if (read_argument(drop(rest, len), mechanisms[i].argument,
		                  term))
			return 0;
		return fail(err, "syntax error", term->text);
	}
	return fail(err, "unknown mechanism", term->text);
}

static bool is_modifier_name(struct sceau_slice name)
{
	if (name.len == 0 || !sceau_text_is_alpha(name.data[0]))
		return false;
	for (size_t i = 1; i < name.len; i++) {
		char c = name.data[i];

		if (!sceau_text_is_alpha(c) && !sceau_text_is_digit(c) &&
		    c != '-' && c != '_' && c != '.')
			return false;
	}
	return true;
}

static bool is_macro_string(struct sceau_slice text)
{
	struct sceau_spf_macro_piece piece;
	int ret;

	/* What an unknown modifier is for is unknown, so c, r and t may stand
	   in it; a space cannot. */
	while ((ret = sceau_spf_macro_next(&text, true, &piece)) > 0)
		;
	return ret == 0;
}

static int read_modifier(struct sceau_spf_term *term, size_t name_len,
                         struct sceau_err *err)
{
	struct sceau_slice name = { term->text.data, name_len };
	struct sceau_slice value = drop(term->text, name_len + 1);
	bool is_good;

	if (!is_modifier_name(name))
		return fail(err, "syntax error", term->text);
	if (sceau_slice_is_nocase(name, "redirect"))
		term->kind = SCEAU_SPF_REDIRECT;
	else if (sceau_slice_is_nocase(name, "exp"))
		term->kind = SCEAU_SPF_EXP;
	else
		term->kind = SCEAU_SPF_UNKNOWN;
	if (term->kind == SCEAU_SPF_UNKNOWN) {
		is_good = is_macro_string(value);
	} else {
		term->domain_spec = value;
		is_good = is_domain_spec(value);
	}
	return is_good ? 0 : fail(err, "syntax error", term->text);
}

/* RFC 7208 4.6.1: '=' at once behind the name makes it a modifier. */
static int read_term(struct sceau_spf_term *term, struct sceau_err *err)
{
	for (size_t i = 0; i < term->text.len; i++) {
		char c = term->text.data[i];

		if (c == '=')
			return read_modifier(term, i, err);
		if (c == ':' || c == '/')
			break;
	}
	return read_mechanism(term, err);
}

int sceau_spf_record_next(struct sceau_slice *rest,
                          struct sceau_spf_term *term_r, struct sceau_err *err)
{
	struct sceau_slice text = *rest;
	struct sceau_spf_term term = { .kind = SCEAU_SPF_UNKNOWN };
	size_t len = 0;

	while (begins_with(text, ' '))
		text = drop(text, 1);
	while (len < text.len && text.data[len] != ' ')
		len++;
	*rest = drop(text, len);
	if (len == 0)
		return 0;
	term.text = (struct sceau_slice){ text.data, len };
	term_r->text = term.text;
	if (read_term(&term, err) < 0)
		return -1;
	*term_r = term;
	return 1;
}

static int keep_modifier(struct sceau_spf_term *kept,
                         const struct sceau_spf_term *term,
                         struct sceau_err *err)
{
	if (kept->text.len > 0)
		return fail(err, "a modifier stands twice", term->text);
	*kept = *term;
	return 0;
}

int sceau_spf_record_check(struct sceau_slice record,
                           struct sceau_spf_modifiers *modifiers_r,
                           struct sceau_slice *term_r, struct sceau_err *err)
{
	struct sceau_slice rest = sceau_spf_record_terms(record);
	struct sceau_spf_modifiers found = { .exp = { .qualifier = 0 } };
	struct sceau_spf_term term;
	int ret;

	while ((ret = sceau_spf_record_next(&rest, &term, err)) > 0) {
		if (term.kind == SCEAU_SPF_REDIRECT)
			ret = keep_modifier(&found.redirect, &term, err);
		else if (term.kind == SCEAU_SPF_EXP)
			ret = keep_modifier(&found.exp, &term, err);
		if (ret < 0)
			break;
	}
	if (ret < 0) {
		*term_r = term.text;
		return -1;
	}
	*modifiers_r = found;
	return 0;
}

static bool share_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned bytes = bits / 8, left = bits % 8;
	uint8_t mask = (uint8_t)(0xff00U >> left);

	return memcmp(a, b, bytes) == 0 &&
	       (left == 0 || ((a[bytes] ^ b[bytes]) & mask) == 0);
}

bool sceau_spf_term_has(const struct sceau_spf_term *term,
                        const struct sceau_ip *ip)
{
	if (ip->len != (term->kind == SCEAU_SPF_IP4 ? 4 : 16))
		return false;
	return share_bits(term->address, ip->bytes,
	                  ip->len == 4 ? term->bits4 : term->bits6);
}

bool sceau_spf_term_is_near(const struct sceau_spf_term *term,
                            const struct sceau_ip *ip,
                            const unsigned char *address)
{
	return share_bits(address, ip->bytes,
	                  ip->len == 4 ? term->bits4 : term->bits6);
}
