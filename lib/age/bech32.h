/* bech32.h - Bech32 (BIP 173) without its length limit, as age keys use it.
 *
 * text = prefix "1" data checksum; data are 5-bit groups, the checksum six of
 * them. A text is all lower or all upper case; the checksum is computed over
 * the lower-case one. The prefix may itself hold a '1' (the last one counts).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_BECH32_H
#define SCEAU_BECH32_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/* Bounds of what is read and written: a hybrid recipient has 1216 bytes. */
#define SCEAU_BECH32_DATA_MAX 1280
#define SCEAU_BECH32_PREFIX_MAX 32
#define SCEAU_BECH32_TEXT_MAX                                                  \
	(SCEAU_BECH32_PREFIX_MAX + 1 + (SCEAU_BECH32_DATA_MAX * 8 + 4) / 5 + 6)

/* Write data[0..len) under a lower-case prefix to out[size], NUL-terminated.
   Everything is lower case (sceau_bech32_make_upper gives the other form).
   Returns -1 with FAULT_CONFIG when a bound is exceeded or out is too small,
   else 0. */
int sceau_bech32_encode(const char *prefix, const uint8_t *data, size_t len,
                        char *out, size_t size, struct sceau_err *err);

/* Upper-case the a-z of a NUL-terminated text in place. */
void sceau_bech32_make_upper(char *text);

/* Read text. On success returns 0: prefix_r[SCEAU_BECH32_PREFIX_MAX + 1] is
   the prefix in lower case, *is_upper_r (may be NULL) 1 when the text was in
   upper case, data_r[size] the data and *len_r their number. Returns -1 with
   FAULT_CONFIG when the text is not valid or does not fit. The text may be a
   secret: err never quotes it, and the working copy is wiped. */
int sceau_bech32_decode(struct sceau_slice text, char *prefix_r,
                        int *is_upper_r, uint8_t *data_r, size_t size,
                        size_t *len_r, struct sceau_err *err);

#endif
