/* received.c - see received.h
 *
 * What Postfix writes (smtpd.c, pickup.c; 3.7 to 3.10):
 *   from HELO (NAME [ADDRESS])
 *       (using TLS...) (No client certificate requested)
 *       (Authenticated sender: LOGIN)
 *       by HOST (Postfix) with PROTOCOL id QUEUEID for <RCPT>; DATE
 *   by HOST (Postfix, from userid N) id QUEUEID; DATE
 *   by HOST (Postfix) id QUEUEID for <RCPT>; DATE
 * HELO has no blank, parenthesis, quote, backslash or semicolon (smtpd
 * replaces them), but it can be the word "by": so clauses are found by their
 * place, never by searching for a word.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/ip.h"
#include "mail/received.h"
#include "mail/token.h"

static struct sceau_slice without_final_dot(struct sceau_slice name)
{
	if (name.len > 0 && name.data[name.len - 1] == '.')
		name.len--;
	return name;
}

/* Take the comments at the front of *rest, and the word behind them into
   *word. Returns the first comment, empty when there is none. */
static struct sceau_slice take_comments(struct sceau_slice *rest,
                                        struct sceau_token *word)
{
	struct sceau_slice first = { NULL, 0 };
	bool has_first = false;

	while (sceau_token_next(rest, ";", word) == SCEAU_TOKEN_COMMENT) {
		if (!has_first)
			first = word->text;
		has_first = true;
	}
	return first;
}

static bool is_word(const struct sceau_token *token, const char *text)
{
	return token->kind == SCEAU_TOKEN_WORD &&
	       sceau_slice_is_nocase(token->text, text);
}

/* Whether a comment "NAME [ADDRESS]" or "[ADDRESS]" names a loopback address.
 */
static bool is_loopback(struct sceau_slice comment)
{
	struct sceau_slice address = sceau_slice_trim(comment);
	struct sceau_ip ip;
	size_t from = address.len;

	if (address.len == 0 || address.data[address.len - 1] != ']')
		return false;
	while (from > 0 && address.data[from - 1] != '[')
		from--;
	if (from == 0)
		return false;
	address.data += from;
	address.len -= from + 1;
	return sceau_ip_parse_literal(address, &ip, NULL) == 0 &&
	       sceau_ip_is_loopback(&ip);
}

/* Whether a comment ends in ", from userid DIGITS". */
static bool is_from_userid(struct sceau_slice comment)
{
	static const char mark[] = ", from userid ";
	size_t len = comment.len, want = sizeof(mark) - 1;

	while (len > 0 && sceau_text_is_digit(comment.data[len - 1]))
		len--;
	return len < comment.len && len > want &&
	       memcmp(comment.data + len - want, mark, want) == 0;
}

/* RFC 3848 and RFC 6531 4.3: only an authenticated session gets these. */
static bool is_authenticated(const struct sceau_token *protocol)
{
	return is_word(protocol, "ESMTPA") || is_word(protocol, "ESMTPSA") ||
	       is_word(protocol, "UTF8SMTPA") ||
	       is_word(protocol, "UTF8SMTPSA");
}

/* rest begins behind "from". */
static enum sceau_received_kind judge_session(struct sceau_slice rest,
                                              struct sceau_slice host)
{
	struct sceau_token token;

	if (sceau_token_next(&rest, ";", &token) != SCEAU_TOKEN_WORD)
		return SCEAU_RECEIVED_FOREIGN;

	bool loopback = is_loopback(take_comments(&rest, &token));

	if (!is_word(&token, "by") ||
	    sceau_token_next(&rest, ";", &token) != SCEAU_TOKEN_WORD)
		return SCEAU_RECEIVED_FOREIGN;

	struct sceau_slice by = without_final_dot(token.text);
	bool ours = sceau_slice_equal_nocase(by, host);

	take_comments(&rest, &token);
	if (ours && is_word(&token, "with")) {
		sceau_token_next(&rest, ";", &token);
		if (is_authenticated(&token))
			return SCEAU_RECEIVED_AUTHENTICATED;
	}
	if (loopback && (ours || sceau_slice_is_nocase(by, "localhost")))
		return SCEAU_RECEIVED_LOOPBACK;
	return SCEAU_RECEIVED_FOREIGN;
}

/* rest begins behind "by": no client is named. */
static enum sceau_received_kind judge_hidden(struct sceau_slice rest,
                                             struct sceau_slice host)
{
	struct sceau_token token;

	if (sceau_token_next(&rest, ";", &token) != SCEAU_TOKEN_WORD ||
	    !sceau_slice_equal_nocase(without_final_dot(token.text), host))
		return SCEAU_RECEIVED_FOREIGN;

	struct sceau_slice comment = take_comments(&rest, &token);

	if (is_from_userid(comment))
		return SCEAU_RECEIVED_LOCAL;
	/* "for" directly: a session behind smtpd_proxy_filter has no id yet. */
	if (comment.len > 0 &&
	    (is_word(&token, "id") || is_word(&token, "for")))
		return SCEAU_RECEIVED_HIDDEN;
	return SCEAU_RECEIVED_FOREIGN;
}

enum sceau_received_kind sceau_received_judge(struct sceau_slice value,
                                              struct sceau_slice host)
{
	struct sceau_slice name = without_final_dot(host);
	struct sceau_token token;

	if (name.len == 0)
		return SCEAU_RECEIVED_FOREIGN;
	sceau_token_next(&value, ";", &token);
	if (is_word(&token, "from"))
		return judge_session(value, name);
	if (is_word(&token, "by"))
		return judge_hidden(value, name);
	return SCEAU_RECEIVED_FOREIGN;
}

/* The address literal between the first '[' of text and the ']' behind it.
   Returns what stands behind that, or NULL when there is none. */
static const char *first_literal(struct sceau_slice text, struct sceau_ip *ip_r)
{
	const char *open = text.len > 0 ? memchr(text.data, '[', text.len)
	                                : NULL;
	struct sceau_slice literal;
	const char *close;

	if (open == NULL)
		return NULL;
	literal.data = open + 1;
	literal.len = text.len - (size_t)(literal.data - text.data);
	close = memchr(literal.data, ']', literal.len);
	if (close == NULL)
		return NULL;
	literal.len = (size_t)(close - literal.data);
	if (sceau_ip_parse_literal(literal, ip_r, NULL) < 0)
		return NULL;
	return close + 1;
}

/* Exim's helo=NAME in a comment; empty when it is not there. */
static struct sceau_slice helo_in(struct sceau_slice text)
{
	struct sceau_slice word, none = { NULL, 0 };

	while (sceau_slice_next_word(&text, " \t\r\n", &word)) {
		if (word.len > 5 && memcmp(word.data, "helo=", 5) == 0)
			return (struct sceau_slice){ word.data + 5,
				                     word.len - 5 };
	}
	return none;
}

bool sceau_received_client(struct sceau_slice value, struct sceau_ip *ip_r,
                           struct sceau_slice *helo_r)
{
	struct sceau_slice comment, rest, helo;
	struct sceau_token token, next;
	struct sceau_ip ip;
	const char *behind;

	sceau_token_next(&value, ";", &token);
	if (!is_word(&token, "from") ||
	    sceau_token_next(&value, ";", &token) != SCEAU_TOKEN_WORD)
		return false;
	comment = take_comments(&value, &next);
	behind = first_literal(comment, &ip);
	if (behind != NULL) {
		rest.data = behind;
		rest.len = comment.len - (size_t)(behind - comment.data);
		helo = helo_in(rest);
		*helo_r = helo.len > 0 ? helo : token.text;
		*ip_r = ip;
		return true;
	}
	/* Exim, of a client without a name: the word is the literal. In the
	   others' form the word is what the client said. */
	if (token.text.data[0] != '[' ||
	    (comment.len > 0 && memchr(comment.data, '[', comment.len)) ||
	    first_literal(token.text, &ip) != token.text.data + token.text.len)
		return false;
	*ip_r = ip;
	*helo_r = helo_in(comment);
	return true;
}

const char *sceau_received_kind_name(enum sceau_received_kind kind)
{
	switch (kind) {
	case SCEAU_RECEIVED_FOREIGN:
		return "foreign";
	case SCEAU_RECEIVED_AUTHENTICATED:
		return "authenticated";
	case SCEAU_RECEIVED_LOCAL:
		return "local";
	case SCEAU_RECEIVED_HIDDEN:
		return "hidden";
	case SCEAU_RECEIVED_LOOPBACK:
		return "loopback";
	}
	return "unknown";
}

bool sceau_received_began_here(const struct sceau_header *header,
                               struct sceau_slice host)
{
	size_t i;

	if (sceau_header_find(header, "X-Sieve-Redirected-From", 0, &i))
		return false;
	for (size_t from = 0; sceau_header_find(header, "Received", from, &i);
	     from = i + 1) {
		struct sceau_slice value = sceau_header_get(header, i).value;

		if (sceau_received_judge(value, host) == SCEAU_RECEIVED_FOREIGN)
			return false;
	}
	return true;
}
