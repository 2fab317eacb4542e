/* postfix_list.c - see postfix_list.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/postfix_list.h"

/* CHARS_COMMA_SP of Postfix's mail_params.h. */
#define SEPARATORS ", \t\r\n"

static bool is_separator(char c)
{
	return c != '\0' && strchr(SEPARATORS, c) != NULL;
}

/* Length of the word that begins at data, braces kept together. */
static size_t word_length(struct sceau_slice text)
{
	size_t depth = 0, i;

	for (i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '{')
			depth++;
		else if (c == '}' && depth > 0)
			depth--;
		else if (depth == 0 && is_separator(c))
			break;
	}
	return i;
}

static void skip_separators(struct sceau_slice *text)
{
	while (text->len > 0 && is_separator(text->data[0])) {
		text->data++;
		text->len--;
	}
}

static struct sceau_slice take(struct sceau_slice *rest)
{
	struct sceau_slice word = { rest->data, word_length(*rest) };

	rest->data += word.len;
	rest->len -= word.len;
	return word;
}

static struct sceau_slice without_braces(struct sceau_slice text)
{
	if (text.len == 0 || text.data[0] != '{')
		return text;
	text.data++;
	text.len--;
	if (text.len > 0 && text.data[text.len - 1] == '}')
		text.len--;
	return sceau_slice_trim(text);
}

bool sceau_postfix_list_next(struct sceau_slice *rest,
                             struct sceau_postfix_word *word_r)
{
	skip_separators(rest);
	if (rest->len == 0)
		return false;
	bool has_braces = rest->data[0] == '{';
	struct sceau_slice inside = without_braces(take(rest));

	*word_r = (struct sceau_postfix_word){ .text = inside };
	if (!has_braces)
		return true;
	skip_separators(&inside);
	word_r->text = take(&inside);
	skip_separators(&inside);
	word_r->options = inside;
	return true;
}

/* "name=value" or "{ name = value }". */
static bool split_option(struct sceau_slice option, struct sceau_slice *name_r,
                         struct sceau_slice *value_r)
{
	option = without_braces(option);
	const char *equals = option.len > 0
	                             ? memchr(option.data, '=', option.len)
	                             : NULL;

	if (equals == NULL)
		return false;
	size_t len = (size_t)(equals - option.data);
	*name_r = sceau_slice_trim((struct sceau_slice){ option.data, len });
	*value_r = sceau_slice_trim(
		(struct sceau_slice){ equals + 1, option.len - len - 1 });
	return true;
}

bool sceau_postfix_word_option(const struct sceau_postfix_word *word,
                               const char *name, struct sceau_slice *value_r)
{
	struct sceau_slice rest = word->options, found, value;

	for (skip_separators(&rest); rest.len > 0; skip_separators(&rest)) {
		if (split_option(take(&rest), &found, &value) &&
		    sceau_slice_is(found, name)) {
			*value_r = value;
			return true;
		}
	}
	return false;
}

/* Cut "prefix" off *text. */
static bool cut(struct sceau_slice *text, const char *prefix)
{
	size_t len = strlen(prefix);

	if (text->len < len || strncmp(text->data, prefix, len) != 0)
		return false;
	text->data += len;
	text->len -= len;
	return true;
}

/* The last colon: an IPv6 address has some of its own. */
static struct sceau_slice cut_port(struct sceau_slice text,
                                   struct sceau_slice *host_r)
{
	size_t i = text.len;

	while (i > 0 && text.data[i - 1] != ':')
		i--;
	*host_r = (struct sceau_slice){ text.data, i > 0 ? i - 1 : 0 };
	if (host_r->len >= 2 && host_r->data[0] == '[' &&
	    host_r->data[host_r->len - 1] == ']') {
		host_r->data++;
		host_r->len -= 2;
	}
	return (struct sceau_slice){ text.data + i, text.len - i };
}

bool sceau_postfix_peer_parse(struct sceau_slice text,
                              struct sceau_postfix_peer *peer_r)
{
	*peer_r = (struct sceau_postfix_peer){ .is_unix = false };
	if (cut(&text, "unix:") || cut(&text, "local:")) {
		peer_r->is_unix = true;
		peer_r->path = text;
		return text.len > 0;
	}
	if (!cut(&text, "inet:") && !cut(&text, "inet6:"))
		return false;
	peer_r->port = cut_port(text, &peer_r->host);
	return peer_r->port.len > 0;
}

struct sceau_slice sceau_postfix_service_host(const char *name)
{
	struct sceau_slice host;

	(void)cut_port(sceau_slice_of(name), &host);
	return host;
}

struct sceau_slice sceau_postfix_service_port(const char *name)
{
	struct sceau_slice host;

	return cut_port(sceau_slice_of(name), &host);
}
