/* token.h - the words of a structured header field (RFC 5322 3.2).
 *
 * Shared by the rooms that read addresses, Received and
 * Authentication-Results. Comments (nested to any depth), quoted strings and
 * quoted pairs are taken as a whole, in one pass without recursion, so text
 * inside them never counts as syntax and a hostile field costs linear time.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_TOKEN_H
#define SCEAU_TOKEN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/text.h"

enum sceau_token_kind {
	SCEAU_TOKEN_END = 0, /* nothing but blanks was left */
	SCEAU_TOKEN_WORD, /* a run of ordinary bytes, 8-bit ones included */
	SCEAU_TOKEN_QUOTED, /* "...": text is what stands between, as is */
	SCEAU_TOKEN_COMMENT, /* (...): likewise, inner parentheses included */
	SCEAU_TOKEN_LITERAL, /* [...]: likewise; only if '[' is special */
	SCEAU_TOKEN_SPECIAL, /* one of the special characters */
	SCEAU_TOKEN_BROKEN, /* a comment, quoted string or literal without
	                       end, a ')' without '(', or a NUL */
};

struct sceau_token {
	enum sceau_token_kind kind;
	struct sceau_slice text; /* points into the field */
	bool spaced; /* a blank stood before it, or a comment passed over */
};

/* Take the next token from the front of *rest. specials are the characters
   that are tokens of their own (blanks, '(', ')' and '"' always end a word;
   line ends count as blanks). Returns the kind, as in token_r->kind; after END
   or BROKEN *rest is empty. */
enum sceau_token_kind sceau_token_next(struct sceau_slice *rest,
                                       const char *specials,
                                       struct sceau_token *token_r);

/* The same, comments passed over. */
enum sceau_token_kind sceau_token_next_word(struct sceau_slice *rest,
                                            const char *specials,
                                            struct sceau_token *token_r);

/* Take the next character of a QUOTED token's text from the front of *rest, as
   it is meant: quoted pairs resolved (RFC 5322 3.2.1), line ends passed over.
   Returns true and sets *c_r, or false at the end. */
bool sceau_token_unquote_next(struct sceau_slice *rest, char *c_r);

/* Append the text of a QUOTED token as it is meant. Returns 0, or -1 when out
   is full. */
int sceau_token_unquote(struct sceau_slice text, struct sceau_buf *out);

#endif
