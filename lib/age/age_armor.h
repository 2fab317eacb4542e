/* age_armor.h - age files as text: strict PEM (RFC 7468, figure 3).
 *
 *   -----BEGIN AGE ENCRYPTED FILE-----
 *   BASE64                      lines of 64, with padding at the end
 *   -----END AGE ENCRYPTED FILE-----
 *
 * White space is accepted before and behind, CRLF for LF, nothing else: text
 * that several readers could take differently is refused.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AGE_ARMOR_H
#define SCEAU_AGE_ARMOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "age/age_status.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

#define SCEAU_AGE_ARMOR_LINE 64 /* characters */
#define SCEAU_AGE_ARMOR_LINE_BYTES 48
/* How far into a file one must look to know whether it is armored. */
#define SCEAU_AGE_ARMOR_DETECT_MAX 1024

/* What the first bytes of a file say about it. */
enum sceau_age_form {
	SCEAU_AGE_FORM_UNKNOWN, /* more bytes are needed */
	SCEAU_AGE_FORM_BINARY, /* age, or nothing of ours */
	SCEAU_AGE_FORM_ARMORED, /* armor, perhaps a damaged one */
};

/* Judge data[0..len), the beginning of a file. is_all says that the file has
   no more bytes: then, and from SCEAU_AGE_ARMOR_DETECT_MAX bytes on, the answer
   is never UNKNOWN. */
enum sceau_age_form sceau_age_armor_detect(const void *data, size_t len,
                                           bool is_all);

/* A writer; the caller's storage, private to age_armor.c. */
struct sceau_age_armorer {
	size_t used;
	uint8_t line[SCEAU_AGE_ARMOR_LINE_BYTES];
};

/* Start a text: append its first line to out. Returns 0, or -1 with FAULT_TEMP
   (memory, out's bound), as do the next two. */
int sceau_age_armor_begin(struct sceau_age_armorer *armorer,
                          struct sceau_buf *out, struct sceau_err *err);

/* Append what data makes of lines; up to 47 bytes are kept for the next one. */
int sceau_age_armor_put(struct sceau_age_armorer *armorer, const void *data,
                        size_t len, struct sceau_buf *out,
                        struct sceau_err *err);

/* Append the rest and the last line. */
int sceau_age_armor_end(struct sceau_age_armorer *armorer,
                        struct sceau_buf *out, struct sceau_err *err);

/* A reader; the caller's storage, private to age_armor.c. */
struct sceau_age_dearmorer {
	int stage;
	size_t used;
	char line[SCEAU_AGE_ARMOR_LINE + 2]; /* with a CR, without the LF */
	uint8_t bytes[SCEAU_AGE_ARMOR_LINE_BYTES];
};

/* Make the reader ready for a new text. */
void sceau_age_dearmor_init(struct sceau_age_dearmorer *dearmorer);

/* Give the next len characters.

   Returns SCEAU_AGE_MORE   all were taken, nothing came out
           SCEAU_AGE_OK     *out_r holds decoded bytes (good until the next
                            call); call again with what lies after the first
                            *used_r characters
           SCEAU_AGE_ARMOR  err tells why; only init may follow */
enum sceau_age_status
sceau_age_dearmor_put(struct sceau_age_dearmorer *dearmorer, const void *data,
                      size_t len, size_t *used_r, struct sceau_slice *out_r,
                      struct sceau_err *err);

/* End of the text. Returns OK when its last line was there, else ARMOR. */
enum sceau_age_status
sceau_age_dearmor_finish(struct sceau_age_dearmorer *dearmorer,
                         struct sceau_err *err);

#endif
