/* spf_macro.h - macros in SPF records and explanations (RFC 7208 7).
 *
 *   %{LETTER [DIGITS] [r] [DELIMITERS]}   a value, split, reversed, shortened
 *   %%  %_  %-                            "%", " ", "%20"
 *
 * What a reader cannot guess: a name that comes out longer than 253 characters
 * loses labels on its left (7.3), so names are built in a window over their
 * end, whatever the record repeats. A name that needs a local part with other
 * characters than printable ASCII is no name (RFC 8616 4). Work and memory are
 * linear in the text.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_SPF_MACRO_H
#define SCEAU_SPF_MACRO_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/spf_result.h"
#include "base/text.h"

/* Longest value of a macro: a local part, '@' and a domain. */
#define SCEAU_SPF_MACRO_VALUE_MAX 600

/* What the letters stand for; any byte may stand in them, what is longer than
   SCEAU_SPF_MACRO_VALUE_MAX is cut. */
struct sceau_spf_macro_values {
	const char *sender; /* s */
	const char *local_part; /* l */
	const char *sender_domain; /* o */
	const char *domain; /* d: whose record is read */
	const char *ip_dots; /* i: octets or nibbles between dots */
	const char *validated; /* p: the client's name, or "unknown" */
	const char *version; /* v: "in-addr" or "ip6" */
	const char *helo; /* h */
	const char *ip_text; /* c, in explanations only */
	const char *receiver; /* r, likewise */
	const char *timestamp; /* t, likewise */
};

/* One piece of a macro-string. */
struct sceau_spf_macro_piece {
	struct sceau_slice literal; /* when letter is 0; lives long enough */
	char letter; /* lower case; 0: literal is the piece */
	bool is_escaped; /* the letter was upper case: URL-escape */
	bool is_reversed;
	unsigned keep; /* right-hand parts to keep; 0 = all */
	struct sceau_slice delimiters; /* "" = "." */
};

/* Take the next piece from the front of *rest; has_spaces: the text is an
   explanation, in which blanks may stand, and c, r and t.

   Returns  1  *piece_r is set
            0  *rest was empty
           -1  not a macro-string: an odd '%' or letter, %{l0}, a control or
               8-bit character, or one that is not allowed here */
int sceau_spf_macro_next(struct sceau_slice *rest, bool has_spaces,
                         struct sceau_spf_macro_piece *piece_r);

/* Whether text, a sound macro-string, has a macro with one of letters (in
   lower case). */
bool sceau_spf_macro_uses(struct sceau_slice text, const char *letters);

/* Expand a sound macro-string to a domain name: final dot dropped, cut to 253
   characters, labels of 1 to 63. Returns false (out untouched) when no name
   comes out of it. */
bool sceau_spf_macro_domain(struct sceau_slice text,
                            const struct sceau_spf_macro_values *values,
                            char out[SCEAU_SPF_DOMAIN_MAX + 1]);

/* Expand an explanation, cut to SCEAU_SPF_EXPLANATION_MAX; bytes of values that
   are not printable ASCII become '?'. Returns 0, or -1 (out untouched) when
   text is no sound explanation. */
int sceau_spf_macro_explanation(struct sceau_slice text,
                                const struct sceau_spf_macro_values *values,
                                char out[SCEAU_SPF_EXPLANATION_MAX + 1]);

#endif
