/* age_crypto.h - the ciphers of age v1, behind our own names.
 *
 * HKDF and HMAC with SHA-256, ChaCha20-Poly1305, SHA-3 and ML-KEM-768, all from
 * OpenSSL. Only age_crypto.c includes OpenSSL, so that another library is one
 * file's work. ML-KEM came with OpenSSL 3.5: it is looked for when it is
 * needed, so one binary serves both.
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

/* SHA3-256 of data (FIPS 202). Returns as sceau_age_hmac. */
int sceau_age_sha3(struct sceau_slice data, uint8_t hash_r[SCEAU_AGE_KEY_SIZE],
                   struct sceau_err *err);

/* The first len bytes of SHAKE256 of data (FIPS 202). Returns as
   sceau_age_hmac. */
int sceau_age_shake(struct sceau_slice data, uint8_t *out, size_t len,
                    struct sceau_err *err);

/* ML-KEM-768 (FIPS 203). A secret key is its seed (d and z). */
#define SCEAU_AGE_MLKEM_SEED_SIZE 64
#define SCEAU_AGE_MLKEM_PUBLIC_SIZE 1184
#define SCEAU_AGE_MLKEM_SEALED_SIZE 1088
#define SCEAU_AGE_MLKEM_RANDOM_SIZE 32

/* Whether the library of this process has ML-KEM (OpenSSL 3.5 and later). */
bool sceau_age_mlkem_is_available(void);

/* The public key of a seed. Returns 0, or -1 with FAULT_TEMP; also when there
   is no ML-KEM, as do the next two. */
int sceau_age_mlkem_public(const uint8_t seed[SCEAU_AGE_MLKEM_SEED_SIZE],
                           uint8_t public_r[SCEAU_AGE_MLKEM_PUBLIC_SIZE],
                           struct sceau_err *err);

/* Make a shared secret for the holder of public, from 32 bytes of random that
   nobody can guess and that are used once. Returns 0, or -1: FAULT_CONFIG when
   public is no key (FIPS 203, 7.2), else FAULT_TEMP. */
int sceau_age_mlkem_encapsulate(
	const uint8_t public[SCEAU_AGE_MLKEM_PUBLIC_SIZE],
	const uint8_t random[SCEAU_AGE_MLKEM_RANDOM_SIZE],
	uint8_t sealed_r[SCEAU_AGE_MLKEM_SEALED_SIZE],
	uint8_t shared_r[SCEAU_AGE_KEY_SIZE], struct sceau_err *err);

/* The shared secret of sealed. There is no failure for one that was altered or
   meant for somebody else: shared_r is then another secret, as ML-KEM wants it.
   Returns 0, or -1 with FAULT_TEMP. */
int sceau_age_mlkem_decapsulate(
	const uint8_t seed[SCEAU_AGE_MLKEM_SEED_SIZE],
	const uint8_t sealed[SCEAU_AGE_MLKEM_SEALED_SIZE],
	uint8_t shared_r[SCEAU_AGE_KEY_SIZE], struct sceau_err *err);

#endif
