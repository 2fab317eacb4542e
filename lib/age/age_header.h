/* age_header.h - the text header of an age v1 file (c2sp.org/age).
 *
 *   age-encryption.org/v1
 *   -> TYPE ARG ...          one or more stanzas: the file key, wrapped
 *   BODY                     base64, lines of 64, the last one shorter
 *   --- MAC                  HMAC-SHA-256 up to and including "---"
 *
 * Lines end in LF alone, base64 is canonical and without padding, anything
 * else is a header failure. This room knows the form of stanzas, not their
 * meaning: wrapping and unwrapping is age_identity.h.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AGE_HEADER_H
#define SCEAU_AGE_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "age/age_status.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

#define SCEAU_AGE_FILE_KEY_SIZE 16
#define SCEAU_AGE_MAC_SIZE 32
#define SCEAU_AGE_NONCE_SIZE 16 /* first bytes of the payload */

/* Bounds of what is accepted. The header of a mail has about 168 bytes (1630
   with a hybrid stanza); files that people make for many holders have more. */
#define SCEAU_AGE_HEADER_MAX 65536
#define SCEAU_AGE_STANZAS_MAX 64
#define SCEAU_AGE_ARGUMENTS_MAX 16

/* The first line, with its LF. A file that starts with these bytes claims to
   be an age file; mail from outside may claim that, too. */
#define SCEAU_AGE_MAGIC "age-encryption.org/v1\n"
#define SCEAU_AGE_MAGIC_SIZE 22

/* One recipient stanza. All slices point into the parsed bytes. */
struct sceau_age_stanza {
	struct sceau_slice type; /* first argument */
	struct sceau_slice arguments; /* the others, as written */
	size_t argument_count; /* of the others */
	struct sceau_slice body; /* base64 lines with their LFs */
};

/* A parsed header. Its slices are good as long as the bytes that were parsed.
   Everything may be read, nothing changed. */
struct sceau_age_header {
	size_t length; /* bytes up to the LF of the MAC line; the payload's
	                  nonce begins here */
	size_t mac_input_length; /* bytes that the MAC covers */
	uint8_t mac[SCEAU_AGE_MAC_SIZE]; /* as read, not checked */
	size_t stanza_count;
	struct sceau_age_stanza stanzas[SCEAU_AGE_STANZAS_MAX];
};

/* Parse the header at the start of data[0..len), a prefix of the file.

   Returns SCEAU_AGE_OK          *header is filled; header->length <= len
           SCEAU_AGE_MORE        good so far: call again from the start with a
                                 longer prefix. At the end of the file this
                                 means a cut header: report SCEAU_AGE_HEADER
           SCEAU_AGE_HEADER      err tells why
   A longer prefix never changes an answer other than MORE, and a prefix of
   SCEAU_AGE_HEADER_MAX bytes never gets MORE. *header is only meaningful after
   OK. Needs no key; nothing in it is authentic before
   sceau_age_header_check_mac(). */
enum sceau_age_status sceau_age_header_parse(const void *data, size_t len,
                                             struct sceau_age_header *header,
                                             struct sceau_err *err);

/* Argument number index (0 = the one after the type) of a parsed stanza; the
   empty slice when there is none (no argument is ever empty). */
struct sceau_slice
sceau_age_stanza_argument(const struct sceau_age_stanza *stanza, size_t index);

/* Decode the body of a parsed stanza into out[size]. Returns the number of
   bytes, or -1 when there are more than size: out is then untouched. */
int sceau_age_stanza_body(const struct sceau_age_stanza *stanza, void *out,
                          size_t size);

/* Whether the header's MAC is right under file_key, compared in constant time.
   data is what header was parsed from. Returns OK, HMAC, or INTERNAL. */
enum sceau_age_status sceau_age_header_check_mac(
	const struct sceau_age_header *header, const void *data,
	const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE], struct sceau_err *err);

/* The three steps of writing a header: begin, one add_stanza for each
   recipient (age_identity.h does that), end. They append to out and return 0,
   or -1 with FAULT_TEMP when memory or out's bound did not allow it.
   begin appends the first line; out must be empty. */
int sceau_age_header_begin(struct sceau_buf *out, struct sceau_err *err);

/* Append the stanza "-> " line, where line is the type and its arguments
   joined by single spaces, with the given body. */
int sceau_age_header_add_stanza(struct sceau_buf *out, const char *line,
                                const void *body, size_t body_len,
                                struct sceau_err *err);

/* Append the MAC line; out then holds a whole header. */
int sceau_age_header_end(struct sceau_buf *out,
                         const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                         struct sceau_err *err);

#endif
