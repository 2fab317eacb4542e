/* base64.h - strict base64 (RFC 4648, section 4), without padding.
 *
 * One text for one value: the decoder refuses '=', white space, a last
 * character whose unused bits are not zero, and every other alphabet. Where
 * text is authenticated, a second spelling of the same bytes is an attack.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_BASE64_H
#define SCEAU_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Characters that len bytes need, without a closing NUL. */
#define SCEAU_BASE64_LENGTH(len) (((len)*4 + 2) / 3)

/* Write len bytes as base64 to out, which has room for
   SCEAU_BASE64_LENGTH(len) characters and a closing NUL. Returns the number of
   characters. data and out must not overlap. */
size_t sceau_base64_encode(const void *data, size_t len, char *out);

/* Read len characters of base64 into out[size]. Returns 0 and sets *used_r to
   the number of bytes; -1 when the text is not canonical or does not fit: what
   out holds then is not defined, *used_r is untouched. out may be the same
   memory as text. */
int sceau_base64_decode(const char *text, size_t len, void *out, size_t size,
                        size_t *used_r);

#endif
