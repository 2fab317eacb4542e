/* age_identity.h - who may open a file: recipients and identities.
 *
 * A recipient is public, "age1..."; an identity is secret,
 * "AGE-SECRET-KEY-1...". Both are X25519, or hybrid: "age1pq1..." and
 * "AGE-SECRET-KEY-PQ-1..." (age_hybrid.h). An identity file is lines of text:
 * identities, empty lines and comments that start with '#'. Secrets live in
 * locked memory that is wiped when it is freed.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AGE_IDENTITY_H
#define SCEAU_AGE_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "age/age_header.h"
#include "age/age_hybrid.h"
#include "age/age_status.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/random.h"
#include "base/text.h"

/* The longest: "age1pq1" + 1952 characters + NUL; "AGE-SECRET-KEY-PQ-1" + 58 +
   NUL. */
#define SCEAU_AGE_RECIPIENT_TEXT_SIZE 1960
#define SCEAU_AGE_IDENTITY_TEXT_SIZE 78

/* Bounds of an identity file: rotation keeps old identities in it. */
#define SCEAU_AGE_IDENTITIES_MAX 64
#define SCEAU_AGE_IDENTITY_FILE_MAX 65536
#define SCEAU_AGE_PASSPHRASE_MAX 1024

enum sceau_age_kind {
	SCEAU_AGE_X25519,
	SCEAU_AGE_HYBRID, /* needs OpenSSL 3.5 */
};

/* Somebody to seal to. Owned by the caller; read and copy it freely. */
struct sceau_age_recipient {
	enum sceau_age_kind kind;
	uint8_t key[SCEAU_AGE_HYBRID_PUBLIC_SIZE]; /* X25519: the first 32 */
};

/* A set of identities (and at most one passphrase); only age_identity.c sees
   inside. */
struct sceau_age_identities;

/* The system's random source (libsodium's randombytes_buf): the one to hand to
   every function below outside of tests. */
struct sceau_random sceau_age_random(void);

/* Read "age1..." or "age1pq1...", white space at both ends allowed. Returns 0,
   or -1 with FAULT_CONFIG: not a recipient (an identity given by mistake is
   named as one and not quoted), or a hybrid one without OpenSSL 3.5. */
int sceau_age_recipient_parse(struct sceau_slice text,
                              struct sceau_age_recipient *recipient_r,
                              struct sceau_err *err);

/* Write the recipient as text, NUL-terminated. */
void sceau_age_recipient_format(const struct sceau_age_recipient *recipient,
                                char out[SCEAU_AGE_RECIPIENT_TEXT_SIZE]);

/* Whether both are the same recipient. */
bool sceau_age_recipient_equal(const struct sceau_age_recipient *a,
                               const struct sceau_age_recipient *b);

/* Make an empty set in *set_r. Returns 0, or -1 with FAULT_TEMP when there is
   no (lockable) memory. The caller frees it. */
int sceau_age_identities_new(struct sceau_age_identities **set_r,
                             struct sceau_err *err);

/* Wipe and free a set and make the pointer NULL; NULL inside is fine. */
void sceau_age_identities_free(struct sceau_age_identities **set);

/* Add every identity of an identity file's text. Returns 0, or -1 with
   FAULT_CONFIG and the line number (never the line) when a line is none of
   identity, comment, empty; when there is no identity at all, or more than the
   bounds allow. The set is then unchanged. CR before LF is accepted: these
   files are edited by people. Without OpenSSL 3.5 a hybrid identity is kept,
   so that it is not lost when the set is written again, but opens nothing:
   sceau_age_unwrap then says UNSUPPORTED. */
int sceau_age_identities_parse(struct sceau_age_identities *set,
                               struct sceau_slice text, struct sceau_err *err);

/* Add a new identity made from random. Returns 0, or -1 with FAULT_TEMP (no
   random bytes), FAULT_LIMIT (set is full) or FAULT_CONFIG (a hybrid one needs
   OpenSSL 3.5). */
int sceau_age_identities_generate(struct sceau_age_identities *set,
                                  enum sceau_age_kind kind,
                                  const struct sceau_random *random,
                                  struct sceau_err *err);

/* Give the set a passphrase for files that are sealed to one (replacing an
   earlier one): any 1 to SCEAU_AGE_PASSPHRASE_MAX bytes. Returns 0, or -1 with
   FAULT_CONFIG. */
int sceau_age_identities_set_passphrase(struct sceau_age_identities *set,
                                        struct sceau_slice passphrase,
                                        struct sceau_err *err);

/* Number of identities in the set; a passphrase does not count. */
size_t sceau_age_identities_count(const struct sceau_age_identities *set);

/* Public half of identity number index (< count; anything else is a bug of the
   caller). The newest is the last one added. Returns 0, or -1 with FAULT_CONFIG
   for a hybrid identity without OpenSSL 3.5. */
int sceau_age_identities_recipient(const struct sceau_age_identities *set,
                                   size_t index,
                                   struct sceau_age_recipient *recipient_r,
                                   struct sceau_err *err);

/* Whether some identity of the set is hybrid. */
bool sceau_age_identities_has_hybrid(const struct sceau_age_identities *set);

/* Write the set as an identity file (one identity a line) to out[size],
   NUL-terminated; *len_r is the length without the NUL. out is a secret: the
   caller wipes it. Returns 0, or -1 with FAULT_LIMIT when it does not fit
   (count * SCEAU_AGE_IDENTITY_TEXT_SIZE + 1 always does). */
int sceau_age_identities_format(const struct sceau_age_identities *set,
                                char *out, size_t size, size_t *len_r,
                                struct sceau_err *err);

/* Append the stanza that wraps file_key for recipient to the header in out.
   Returns 0, or -1 with FAULT_TEMP (memory, random bytes) or FAULT_CONFIG (a
   recipient that is no sound key, to which nothing can be sealed). */
int sceau_age_wrap(const struct sceau_age_recipient *recipient,
                   const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                   const struct sceau_random *random, struct sceau_buf *out,
                   struct sceau_err *err);

/* Find the file key of a parsed header (data is what it was parsed from) with
   any identity of set, then check the header's MAC.

   Returns SCEAU_AGE_OK           file_key_r is set; the caller wipes it
           SCEAU_AGE_NO_MATCH     none fits
           SCEAU_AGE_HEADER       a stanza of a known type is malformed
           SCEAU_AGE_HMAC         an identity fits, but the header was altered
           SCEAU_AGE_UNSUPPORTED  none fits, and there is a stanza type that
                                  this build cannot open (hybrid)
           SCEAU_AGE_INTERNAL     memory or cipher library
   file_key_r is untouched unless OK. */
enum sceau_age_status
sceau_age_unwrap(const struct sceau_age_identities *set,
                 const struct sceau_age_header *header, const void *data,
                 uint8_t file_key_r[SCEAU_AGE_FILE_KEY_SIZE],
                 struct sceau_err *err);

#endif
