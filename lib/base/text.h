/* text.h - bounded text: slices, ASCII case, numbers, durations, UTF-8.
 *
 * Locale-free on purpose: mail syntax is ASCII, and tolower() of a Turkish
 * locale is not. A slice is a view: it owns nothing and need not end in NUL.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_TEXT_H
#define SCEAU_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A view of len bytes that somebody else owns. data may be NULL if len is 0. */
struct sceau_slice {
	const char *data;
	size_t len;
};

/* View of a NUL-terminated string; NULL gives the empty slice. */
struct sceau_slice sceau_slice_of(const char *text);

/* The slice without spaces, tabs, CR and LF at both ends. */
struct sceau_slice sceau_slice_trim(struct sceau_slice slice);

/* Whether slice holds exactly the bytes of text. */
bool sceau_slice_is(struct sceau_slice slice, const char *text);

/* Like sceau_slice_is, but A-Z and a-z are the same. */
bool sceau_slice_is_nocase(struct sceau_slice slice, const char *text);

/* Whether both slices hold the same bytes, A-Z and a-z being the same. */
bool sceau_slice_equal_nocase(struct sceau_slice a, struct sceau_slice b);

/* Take the next word from *rest: bytes up to the next byte that stands in
   separators (runs of separators count as one). Returns false when nothing
   but separators was left; *word_r is then untouched. */
bool sceau_slice_next_word(struct sceau_slice *rest, const char *separators,
                           struct sceau_slice *word_r);

/* Take the next line from *rest, without its LF; the last one may lack it.
   Returns false when nothing is left; *line_r is then untouched. */
bool sceau_slice_next_line(struct sceau_slice *rest,
                           struct sceau_slice *line_r);

/* Copy slice into out[size] with a closing NUL. Returns -1 (out untouched)
   when it does not fit or holds a NUL byte, else 0. */
int sceau_slice_copy(struct sceau_slice slice, char *out, size_t size);

/* c in lower case if it is one of A-Z, else c. */
char sceau_text_lower(char c);

/* Whether c is one of A-Z a-z. */
bool sceau_text_is_alpha(char c);

/* Whether c is one of 0-9. */
bool sceau_text_is_digit(char c);

/* Compare two NUL-terminated strings, A-Z and a-z being the same. */
bool sceau_text_equal_nocase(const char *a, const char *b);

/* Lower-case the A-Z of a NUL-terminated string in place. */
void sceau_text_make_lower(char *text);

/* Replace each control character, and each byte that is not part of valid
   UTF-8, by '?', in place; see sceau_text_is_control. Makes text from the
   network safe for one log line. */
void sceau_text_make_printable(char *text);

/* Length in bytes (1 to 4) of the valid UTF-8 sequence that data[0..len)
   starts with; 0 when it is none (RFC 3629: no overlong form, no surrogate).
 */
size_t sceau_text_utf8_length(const char *data, size_t len);

/* Whether the valid UTF-8 sequence data[0..n) would, on some terminal or in
   some log reader, move the cursor (C0, DEL, C1), end the line (U+2028, U+2029)
   or turn the direction of what follows (the bidirectional controls). */
bool sceau_text_is_control(const char *data, size_t n);

/* Whether data[0..len) is valid UTF-8 as a whole. */
bool sceau_text_is_utf8(const char *data, size_t len);

/* Read slice as an unsigned decimal number. Returns -1 with FAULT_CONFIG when
   it is empty, holds anything but digits or is greater than max. */
int sceau_text_parse_number(struct sceau_slice slice, uint64_t max,
                            uint64_t *value_r, struct sceau_err *err);

/* Read a duration: a number with one unit s, m, h, d or w (none = s), result
   in seconds, at most 10 years. Returns -1 with FAULT_CONFIG on anything else.
 */
int sceau_text_parse_duration(struct sceau_slice slice, uint64_t *seconds_r,
                              struct sceau_err *err);

/* Read a size: a number with one unit k, M or G (1024 each; none = bytes),
   result in bytes, at most 2^50. Returns -1 with FAULT_CONFIG on anything
   else. */
int sceau_text_parse_size(struct sceau_slice slice, uint64_t *bytes_r,
                          struct sceau_err *err);

/* Number of single-character edits between a and b (Levenshtein), for "did you
   mean". Strings over 64 bytes count as 65 edits apart. */
unsigned sceau_text_distance(const char *a, const char *b);

/* Whether text fits the pattern, in which '*' stands for any bytes (none too)
   and everything else for itself. Time is at most the product of lengths. */
bool sceau_text_fits(const char *pattern, const char *text);

#endif
