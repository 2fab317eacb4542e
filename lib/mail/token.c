/* token.c - see token.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "mail/token.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void advance(struct sceau_slice *slice, size_t len)
{
	/* An empty slice may have no data at all. */
	if (len == 0)
		return;
	slice->data += len;
	slice->len -= len;
}

/* Whether the backslash at text.data[i] quotes the byte behind it. */
static bool is_pair(struct sceau_slice text, size_t i)
{
	return i + 1 < text.len && text.data[i + 1] != '\0';
}

/* Length of the thing that begins with open and ends with close at the front
   of text, both included; 0 when it has no end. Only comments nest. */
static size_t measure(struct sceau_slice text, char open, char close)
{
	size_t depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '\0')
			return 0;
		if (c == '\\')
			i += is_pair(text, i) ? 1 : 0;
		else if (c == close && --depth == 0)
			return i + 1;
		else if (c == open && (depth == 0 || open == '('))
			depth++;
	}
	return 0;
}

static size_t measure_quoted(struct sceau_slice text)
{
	for (size_t i = 1; i < text.len && text.data[i] != '\0'; i++) {
		if (text.data[i] == '\\')
			i += is_pair(text, i) ? 1 : 0;
		else if (text.data[i] == '"')
			return i + 1;
	}
	return 0;
}

static size_t measure_word(struct sceau_slice text, const char *specials)
{
	size_t i = 0;

	while (i < text.len && !is_blank(text.data[i]) &&
	       strchr("()\"", text.data[i]) == NULL &&
	       strchr(specials, text.data[i]) == NULL)
		i++;
	return i;
}

static enum sceau_token_kind end(struct sceau_slice *rest,
                                 enum sceau_token_kind kind,
                                 struct sceau_token *token)
{
	token->kind = kind;
	token->text = *rest;
	advance(rest, rest->len);
	return kind;
}

/* A token of len bytes, of which the first and last margin are no text. */
static enum sceau_token_kind take(struct sceau_slice *rest, size_t len,
                                  size_t margin, enum sceau_token_kind kind,
                                  struct sceau_token *token)
{
	if (len == 0)
		return end(rest, SCEAU_TOKEN_BROKEN, token);
	token->kind = kind;
	token->text.data = rest->data + margin;
	token->text.len = len - 2 * margin;
	advance(rest, len);
	return kind;
}

enum sceau_token_kind sceau_token_next(struct sceau_slice *rest,
                                       const char *specials,
                                       struct sceau_token *token_r)
{
	token_r->spaced = false;
	while (rest->len > 0 && is_blank(rest->data[0])) {
		token_r->spaced = true;
		advance(rest, 1);
	}
	if (rest->len == 0)
		return end(rest, SCEAU_TOKEN_END, token_r);

	char c = rest->data[0];

	/* strchr finds the NUL of a string too. */
	if (c == '\0' || c == ')')
		return end(rest, SCEAU_TOKEN_BROKEN, token_r);
	if (c == '(')
		return take(rest, measure(*rest, '(', ')'), 1,
		            SCEAU_TOKEN_COMMENT, token_r);
	if (c == '"')
		return take(rest, measure_quoted(*rest), 1, SCEAU_TOKEN_QUOTED,
		            token_r);
	if (strchr(specials, c) == NULL)
		return take(rest, measure_word(*rest, specials), 0,
		            SCEAU_TOKEN_WORD, token_r);
	if (c == '[')
		return take(rest, measure(*rest, '[', ']'), 1,
		            SCEAU_TOKEN_LITERAL, token_r);
	return take(rest, 1, 0, SCEAU_TOKEN_SPECIAL, token_r);
}

enum sceau_token_kind sceau_token_next_word(struct sceau_slice *rest,
                                            const char *specials,
                                            struct sceau_token *token_r)
{
	bool spaced = false;

	while (sceau_token_next(rest, specials, token_r) == SCEAU_TOKEN_COMMENT)
		spaced = true;
	token_r->spaced = token_r->spaced || spaced;
	return token_r->kind;
}

bool sceau_token_unquote_next(struct sceau_slice *rest, char *c_r)
{
	while (rest->len > 0) {
		size_t pair = rest->data[0] == '\\' && rest->len > 1 ? 1 : 0;
		char c = rest->data[pair];

		advance(rest, pair + 1);
		if (c != '\r' && c != '\n') {
			*c_r = c;
			return true;
		}
	}
	return false;
}

int sceau_token_unquote(struct sceau_slice text, struct sceau_buf *out)
{
	char c;

	while (sceau_token_unquote_next(&text, &c))
		sceau_buf_append(out, &c, 1);
	return out->failed ? -1 : 0;
}
