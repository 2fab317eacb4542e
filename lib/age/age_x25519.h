/* age_x25519.h - wrap a file key for an X25519 public key (a stanza of age).
 *
 *   -> X25519 SHARE
 *   BODY                     the file key, encrypted
 *
 * SHARE is an ephemeral public key; both sides derive the wrapping key from
 * the shared secret, the share and the recipient.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AGE_X25519_H
#define SCEAU_AGE_X25519_H

#include <stdint.h>

#include "age/age_crypto.h"
#include "age/age_header.h"
#include "age/age_status.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/random.h"

/* Of a secret key and of a public one. */
#define SCEAU_AGE_X25519_SIZE 32

/* Append the stanza that wraps file_key for public. Returns 0, or -1 with
   FAULT_TEMP (memory, random bytes) or FAULT_CONFIG (public is a low-order
   point, to which nothing can be sealed). */
int sceau_age_x25519_wrap(const uint8_t public[SCEAU_AGE_X25519_SIZE],
                          const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                          const struct sceau_random *random,
                          struct sceau_buf *out, struct sceau_err *err);

/* The variable parts of a stanza. */
struct sceau_age_x25519 {
	uint8_t share[SCEAU_AGE_X25519_SIZE];
	uint8_t body[SCEAU_AGE_WRAPPED_SIZE];
};

/* Check the form of an X25519 stanza, before anything is decrypted (no
   partitioning oracle). Returns OK and *parts_r, or HEADER. */
enum sceau_age_status
sceau_age_x25519_read(const struct sceau_age_stanza *stanza,
                      struct sceau_age_x25519 *parts_r, struct sceau_err *err);

/* Try one key pair. Returns OK and file_key_r; NO_MATCH (err untouched); HEADER
   when the share is a low-order point; INTERNAL. */
enum sceau_age_status
sceau_age_x25519_open(const struct sceau_age_x25519 *parts,
                      const uint8_t secret[SCEAU_AGE_X25519_SIZE],
                      const uint8_t public[SCEAU_AGE_X25519_SIZE],
                      uint8_t file_key_r[SCEAU_AGE_FILE_KEY_SIZE],
                      struct sceau_err *err);

#endif
