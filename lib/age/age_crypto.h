/* age_crypto.h - the ciphers of age v1, behind our own names.
 *
 * HKDF and HMAC with SHA-256 and ChaCha20-Poly1305, all from OpenSSL. Only
 * age_crypto.c includes OpenSSL, so that another library is one file's work.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AGE_CRYPTO_H
#define SCEAU_AGE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

#define SCEAU_AGE_KEY_SIZE 32
#define SCEAU_AGE_AEAD_NONCE_SIZE 12
#define SCEAU_AGE_AEAD_TAG_SIZE 16

/* HMAC-SHA-256 of data under key (RFC 2104). Returns 0, or -1 with FAULT_TEMP
   when the cipher library fails. */
int sceau_age_hmac(struct sceau_slice key, struct sceau_slice data,
                   uint8_t mac_r[SCEAU_AGE_KEY_SIZE], struct sceau_err *err);

/* One block of HKDF-SHA-256 (RFC 5869); info has at most 64 bytes. Returns as
   sceau_age_hmac. */
int sceau_age_hkdf(struct sceau_slice secret, struct sceau_slice salt,
                   const char *info, uint8_t key_r[SCEAU_AGE_KEY_SIZE],
                   struct sceau_err *err);

/* ChaCha20-Poly1305 under one key, for any number of messages. */
struct sceau_age_aead;

/* Make a cipher for sealing or for opening. Returns 0 and *aead_r (the caller
   frees it), or -1 with FAULT_TEMP. key is copied. */
int sceau_age_aead_new(const uint8_t key[SCEAU_AGE_KEY_SIZE], bool is_sealing,
                       struct sceau_age_aead **aead_r, struct sceau_err *err);

/* Wipe and free, and make the pointer NULL; NULL inside is fine. */
void sceau_age_aead_free(struct sceau_age_aead **aead);

/* Encrypt plain[0..len) and append the tag: sealed gets len + 16 bytes and may
   be the same memory as plain. len is below 2^31. Returns 0, or -1 with
   FAULT_TEMP. */
int sceau_age_aead_seal(struct sceau_age_aead *aead,
                        const uint8_t nonce[SCEAU_AGE_AEAD_NONCE_SIZE],
                        const uint8_t *plain, size_t len, uint8_t *sealed,
                        struct sceau_err *err);

/* Verify and decrypt sealed[0..len), tag included (len >= 16, below 2^31), to
   plain, which gets len - 16 bytes and may be the same memory. Returns 1 when
   it is authentic; 0 when not; -1 with FAULT_TEMP when the library fails. In
   the last two cases plain is zeroed. */
int sceau_age_aead_open(struct sceau_age_aead *aead,
                        const uint8_t nonce[SCEAU_AGE_AEAD_NONCE_SIZE],
                        const uint8_t *sealed, size_t len, uint8_t *plain,
                        struct sceau_err *err);

/* A file key, encrypted: 16 bytes and the tag. */
#define SCEAU_AGE_WRAPPED_SIZE 32

/* Encrypt a 16-byte file key under key, which must be used for nothing else:
   the nonce is constant. Returns as sceau_age_aead_seal. */
int sceau_age_key_wrap(const uint8_t key[SCEAU_AGE_KEY_SIZE],
                       const uint8_t *file_key,
                       uint8_t wrapped[SCEAU_AGE_WRAPPED_SIZE],
                       struct sceau_err *err);

/* The reverse. Returns as sceau_age_aead_open. */
int sceau_age_key_unwrap(const uint8_t key[SCEAU_AGE_KEY_SIZE],
                         const uint8_t wrapped[SCEAU_AGE_WRAPPED_SIZE],
                         uint8_t *file_key, struct sceau_err *err);

#endif
