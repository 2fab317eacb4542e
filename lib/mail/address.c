/* address.c - addr-spec, paths and printing; see address.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "mail/address.h"
#include "mail/address_spec.h"

static int fail(struct sceau_err *err, const char *what)
{
	return sceau_fail(err, SCEAU_FAULT_PEER, "malformed address: %s", what);
}

static bool has_control(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

/* Append len bytes to a string of used bytes in out[size]. Returns -1 when
   they do not fit. */
static int append(char *out, size_t size, size_t *used, struct sceau_slice text)
{
	if (text.len >= size - *used)
		return -1;
	memcpy(out + *used, text.data, text.len);
	*used += text.len;
	out[*used] = '\0';
	return 0;
}

static int append_quoted(char *out, size_t size, size_t *used,
                         struct sceau_slice text)
{
	char c;

	while (sceau_token_unquote_next(&text, &c)) {
		if (append(out, size, used, (struct sceau_slice){ &c, 1 }) < 0)
			return -1;
	}
	return 0;
}

/* A token of the local part. *open: a word stands before it without a dot. */
static int read_local_token(const struct sceau_token *token, bool *open,
                            size_t *used, char *out, struct sceau_err *err)
{
	size_t size = SCEAU_ADDRESS_LOCAL_MAX + 1;
	bool is_word = token->kind == SCEAU_TOKEN_WORD ||
	               token->kind == SCEAU_TOKEN_QUOTED;
	bool is_dot = token->kind == SCEAU_TOKEN_SPECIAL &&
	              token->text.data[0] == '.';

	if (!is_word && !is_dot)
		return fail(err, "local part");
	if (is_word && *open)
		return fail(err, "two words without a dot");
	*open = is_word;

	int ret = token->kind == SCEAU_TOKEN_QUOTED
	                  ? append_quoted(out, size, used, token->text)
	                  : append(out, size, used, token->text);

	return ret < 0 ? fail(err, "local part too long") : 0;
}

static bool is_domain_word(struct sceau_slice word)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = word.data[i];

		if (!sceau_text_is_alpha(c) && !sceau_text_is_digit(c) &&
		    c != '-' && c != '_' && (unsigned char)c < 0x80)
			return false;
	}
	return true;
}

static int read_literal(struct sceau_slice text, struct sceau_slice rest,
                        char *out, struct sceau_err *err)
{
	struct sceau_token token;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] <= ' ' || text.data[i] >= 0x7f ||
		    strchr("[\\", text.data[i]) != NULL)
			return fail(err, "address literal");
	}
	if (text.len == 0 || text.len > SCEAU_ADDRESS_DOMAIN_MAX - 2 ||
	    sceau_token_next_word(&rest, SCEAU_ADDRESS_SPECIALS, &token) !=
	            SCEAU_TOKEN_END)
		return fail(err, "address literal");
	out[0] = '[';
	memcpy(out + 1, text.data, text.len);
	out[text.len + 1] = ']';
	out[text.len + 2] = '\0';
	return 0;
}

/* rest begins behind the '@' and has to be used up. */
static int read_domain(struct sceau_slice rest, char *out,
                       struct sceau_err *err)
{
	struct sceau_token token;
	bool open = false;
	size_t used = 0;

	sceau_token_next_word(&rest, SCEAU_ADDRESS_SPECIALS, &token);
	if (token.kind == SCEAU_TOKEN_LITERAL)
		return read_literal(token.text, rest, out, err);
	for (; token.kind != SCEAU_TOKEN_END;
	     sceau_token_next_word(&rest, SCEAU_ADDRESS_SPECIALS, &token)) {
		bool is_word = token.kind == SCEAU_TOKEN_WORD;
		bool is_dot = token.kind == SCEAU_TOKEN_SPECIAL &&
		              token.text.data[0] == '.';

		if (is_word == open || (!is_word && !is_dot) ||
		    (is_word && !is_domain_word(token.text)))
			return fail(err, "domain");
		open = is_word;
		if (append(out, SCEAU_ADDRESS_DOMAIN_MAX + 1, &used,
		           token.text) < 0)
			return fail(err, "domain too long");
	}
	if (used > 0 && out[used - 1] == '.')
		out[--used] = '\0';
	return used > 0 ? 0 : fail(err, "empty domain");
}

/* Whether text can be part of a path: no blank and no comment outside of
   quotes. */
static bool is_tight(struct sceau_slice text)
{
	struct sceau_token token;

	while (sceau_token_next(&text, SCEAU_ADDRESS_SPECIALS, &token) !=
	       SCEAU_TOKEN_END) {
		if (token.spaced || token.kind == SCEAU_TOKEN_COMMENT)
			return false;
	}
	return !token.spaced;
}

/* The last checks; *address_r is set only when they hold. */
static int finish(struct sceau_address *address,
                  struct sceau_address *address_r, struct sceau_err *err)
{
	if (has_control(address->local) || has_control(address->domain))
		return fail(err, "control character");
	if (!sceau_text_is_utf8(address->local, strlen(address->local)) ||
	    !sceau_text_is_utf8(address->domain, strlen(address->domain)))
		return fail(err, "not UTF-8");
	sceau_text_make_lower(address->domain);
	*address_r = *address;
	return 0;
}

int sceau_address_parse_spec(struct sceau_slice text,
                             struct sceau_address *address_r,
                             struct sceau_err *err)
{
	struct sceau_address address = { .local = "" };
	struct sceau_token token;
	bool open = false, any = false;
	size_t used = 0;

	while (sceau_token_next_word(&text, SCEAU_ADDRESS_SPECIALS, &token) !=
	       SCEAU_TOKEN_END) {
		if (token.kind == SCEAU_TOKEN_SPECIAL &&
		    token.text.data[0] == '@') {
			if (!any)
				return fail(err, "no local part");
			if (read_domain(text, address.domain, err) < 0)
				return -1;
			break;
		}
		any = true;
		if (read_local_token(&token, &open, &used, address.local, err) <
		    0)
			return -1;
	}
	if (address.domain[0] == '\0' && used == 0)
		return fail(err, "empty");
	return finish(&address, address_r, err);
}

int sceau_address_skip_route(struct sceau_slice *text, struct sceau_err *err)
{
	struct sceau_slice rest = *text;
	struct sceau_token token;

	sceau_token_next_word(&rest, SCEAU_ADDRESS_SPECIALS, &token);
	if (token.kind != SCEAU_TOKEN_SPECIAL ||
	    strchr("@,", token.text.data[0]) == NULL)
		return 0;
	while (token.kind != SCEAU_TOKEN_SPECIAL || token.text.data[0] != ':') {
		if (token.kind == SCEAU_TOKEN_END ||
		    token.kind == SCEAU_TOKEN_BROKEN ||
		    token.kind == SCEAU_TOKEN_QUOTED ||
		    (token.kind == SCEAU_TOKEN_SPECIAL &&
		     strchr("@,.", token.text.data[0]) == NULL))
			return fail(err, "source route");
		sceau_token_next_word(&rest, SCEAU_ADDRESS_SPECIALS, &token);
	}
	*text = rest;
	return 0;
}

int sceau_address_parse_path(struct sceau_slice text,
                             struct sceau_address *address_r,
                             struct sceau_err *err)
{
	bool open = text.len > 0 && text.data[0] == '<';

	if (open) {
		if (text.len < 2 || text.data[text.len - 1] != '>')
			return fail(err, "no closing '>'");
		text.data++;
		text.len -= 2;
	}
	if (text.len == 0) {
		memset(address_r, 0, sizeof(*address_r));
		return 0;
	}
	if (!is_tight(text))
		return fail(err, "blank or comment");
	if (sceau_address_skip_route(&text, err) < 0)
		return -1;
	return sceau_address_parse_spec(text, address_r, err);
}

int sceau_address_parse_internal(struct sceau_slice text,
                                 struct sceau_address *address_r,
                                 struct sceau_err *err)
{
	struct sceau_address address = { .local = "" };
	struct sceau_slice local = text;

	while (local.len > 0 && local.data[local.len - 1] != '@')
		local.len--;
	if (local.len > 0) {
		struct sceau_slice domain = { text.data + local.len,
			                      text.len - local.len };

		local.len--;
		if (!is_tight(domain))
			return fail(err, "domain");
		if (read_domain(domain, address.domain, err) < 0)
			return -1;
	} else {
		local = text;
	}
	if (sceau_slice_copy(local, address.local, sizeof(address.local)) < 0)
		return fail(err, "local part");
	return finish(&address, address_r, err);
}

bool sceau_address_is_null(const struct sceau_address *address)
{
	return address->local[0] == '\0' && address->domain[0] == '\0';
}

bool sceau_address_equal(const struct sceau_address *a,
                         const struct sceau_address *b)
{
	return strcmp(a->local, b->local) == 0 &&
	       sceau_text_equal_nocase(a->domain, b->domain);
}

bool sceau_address_is_same_domain(struct sceau_slice a, struct sceau_slice b)
{
	if (a.len > 1 && a.data[a.len - 1] == '.')
		a.len--;
	if (b.len > 1 && b.data[b.len - 1] == '.')
		b.len--;
	return sceau_slice_equal_nocase(a, b);
}

/* Whether a local part can stand without quotes. */
static bool is_plain(const char *local)
{
	if (local[0] == '\0')
		return false;
	for (; *local != '\0'; local++) {
		if (strchr(" ()\"\\" SCEAU_ADDRESS_SPECIALS, *local) != NULL &&
		    *local != '.')
			return false;
	}
	return true;
}

void sceau_address_print(const struct sceau_address *address, char *out)
{
	const char *local = address->local;
	bool quote = !is_plain(local);

	if (sceau_address_is_null(address)) {
		out[0] = '\0';
		return;
	}
	if (quote)
		*out++ = '"';
	for (; *local != '\0'; local++) {
		if (*local == '"' || *local == '\\')
			*out++ = '\\';
		*out++ = *local;
	}
	if (quote)
		*out++ = '"';
	if (address->domain[0] != '\0') {
		size_t len = strlen(address->domain);

		*out++ = '@';
		memcpy(out, address->domain, len);
		out += len;
	}
	*out = '\0';
}
