/* age_hybrid.h - wrap a file key for a hybrid post-quantum key.
 *
 *   -> mlkem768x25519 ENC
 *   BODY                     the file key, encrypted
 *
 * MLKEM768-X25519: one secret of ML-KEM-768 and one of X25519 are hashed into
 * one (a KEM also known as X-Wing, HPKE id 0x647a), which holds as long as
 * either of the two does. What wraps the file key is HPKE in base mode (RFC
 * 9180, 5.1) with HKDF-SHA-256 and ChaCha20-Poly1305. An identity is a seed of
 * 32 bytes from which both secret keys are expanded.
 *
 * Needs OpenSSL 3.5 at run time. Without it the form of stanzas and identities
 * can still be checked, so that they are not taken for damaged ones.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AGE_HYBRID_H
#define SCEAU_AGE_HYBRID_H

#include <stdbool.h>
#include <stdint.h>

#include "age/age_crypto.h"
#include "age/age_header.h"
#include "age/age_status.h"
#include "age/age_x25519.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/random.h"

#define SCEAU_AGE_HYBRID_SEED_SIZE 32
/* Public key: ML-KEM's, then X25519's. */
#define SCEAU_AGE_HYBRID_PUBLIC_SIZE                                           \
	(SCEAU_AGE_MLKEM_PUBLIC_SIZE + SCEAU_AGE_X25519_SIZE)
/* ENC: ML-KEM's ciphertext, then an ephemeral share. */
#define SCEAU_AGE_HYBRID_ENC_SIZE                                              \
	(SCEAU_AGE_MLKEM_SEALED_SIZE + SCEAU_AGE_X25519_SIZE)
/* Random bytes of one encapsulation: ML-KEM's, then the ephemeral secret. */
#define SCEAU_AGE_HYBRID_RANDOM_SIZE                                           \
	(SCEAU_AGE_MLKEM_RANDOM_SIZE + SCEAU_AGE_X25519_SIZE)

/* The public key of a seed. Returns 0, or -1 with FAULT_CONFIG ("needs OpenSSL
   3.5") or FAULT_TEMP. */
int sceau_age_hybrid_public(const uint8_t seed[SCEAU_AGE_HYBRID_SEED_SIZE],
                            uint8_t public_r[SCEAU_AGE_HYBRID_PUBLIC_SIZE],
                            struct sceau_err *err);

/* Make a shared secret for the holder of public (HPKE: Encap). Returns 0, or
   -1: FAULT_CONFIG when nothing can be sealed to public or there is no ML-KEM,
   FAULT_TEMP. */
int sceau_age_hybrid_encapsulate(
	const uint8_t public[SCEAU_AGE_HYBRID_PUBLIC_SIZE],
	const uint8_t random[SCEAU_AGE_HYBRID_RANDOM_SIZE],
	uint8_t enc_r[SCEAU_AGE_HYBRID_ENC_SIZE],
	uint8_t shared_r[SCEAU_AGE_KEY_SIZE], struct sceau_err *err);

/* The shared secret of enc (HPKE: Decap). public_x25519 is the last part of
   the seed's public key. Returns OK; HEADER when the share is a low-order
   point; UNSUPPORTED when there is no ML-KEM; INTERNAL. An enc that was altered
   gives another secret. */
enum sceau_age_status
sceau_age_hybrid_decapsulate(const uint8_t seed[SCEAU_AGE_HYBRID_SEED_SIZE],
                             const uint8_t public_x25519[SCEAU_AGE_X25519_SIZE],
                             const uint8_t enc[SCEAU_AGE_HYBRID_ENC_SIZE],
                             uint8_t shared_r[SCEAU_AGE_KEY_SIZE],
                             struct sceau_err *err);

/* The key and nonce of the first message under a shared secret (HPKE:
   KeySchedule, base mode). info has at most 64 bytes. Returns 0, or -1 with
   FAULT_TEMP. */
int sceau_age_hybrid_schedule(const uint8_t shared[SCEAU_AGE_KEY_SIZE],
                              struct sceau_slice info,
                              uint8_t key_r[SCEAU_AGE_KEY_SIZE],
                              uint8_t nonce_r[SCEAU_AGE_AEAD_NONCE_SIZE],
                              struct sceau_err *err);

/* Append the stanza that wraps file_key for public. Returns as
   sceau_age_hybrid_encapsulate, and FAULT_TEMP for memory and random bytes. */
int sceau_age_hybrid_wrap(const uint8_t public[SCEAU_AGE_HYBRID_PUBLIC_SIZE],
                          const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                          const struct sceau_random *random,
                          struct sceau_buf *out, struct sceau_err *err);

/* The variable parts of a stanza. */
struct sceau_age_hybrid {
	uint8_t enc[SCEAU_AGE_HYBRID_ENC_SIZE];
	uint8_t body[SCEAU_AGE_WRAPPED_SIZE];
};

/* Check the form of a hybrid stanza, before anything is decrypted. Returns OK
   and *parts_r, or HEADER. */
enum sceau_age_status
sceau_age_hybrid_read(const struct sceau_age_stanza *stanza,
                      struct sceau_age_hybrid *parts_r, struct sceau_err *err);

/* Try one seed. Returns OK and file_key_r; NO_MATCH (err untouched); or as
   sceau_age_hybrid_decapsulate. */
enum sceau_age_status
sceau_age_hybrid_open(const struct sceau_age_hybrid *parts,
                      const uint8_t seed[SCEAU_AGE_HYBRID_SEED_SIZE],
                      const uint8_t public_x25519[SCEAU_AGE_X25519_SIZE],
                      uint8_t file_key_r[SCEAU_AGE_FILE_KEY_SIZE],
                      struct sceau_err *err);

#endif
