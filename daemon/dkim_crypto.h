/* dkim_crypto.h - what DKIM needs of cryptography: SHA-256, RSA, Ed25519.
 *
 * With dkim_key.h the only door to libcrypto in the shell. What a reader cannot
 * guess: Ed25519 signs the SHA-256 hash of the header, not the header itself
 * (RFC 8463 3).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DAEMON_DKIM_CRYPTO_H
#define SCEAU_DAEMON_DKIM_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/dkim_record.h"

#define SCEAU_DKIM_HASH_SIZE 32
/* RFC 8301: verifiers must not accept less. */
#define SCEAU_DKIM_MIN_BITS 1024
/* RFC 8301: signers should use at least this. */
#define SCEAU_DKIM_GOOD_BITS 2048
/* More than that costs the verifier too much time. */
#define SCEAU_DKIM_BITS_MAX 8192

/* --- SHA-256 --- */

struct sceau_dkim_hash;

/* A hash of nothing so far; NULL when memory ran out. */
struct sceau_dkim_hash *sceau_dkim_hash_new(void);

/* Another one that goes on from where hash is; NULL when memory ran out. */
struct sceau_dkim_hash *
sceau_dkim_hash_copy(const struct sceau_dkim_hash *hash);

/* Add len bytes; hash is a struct sceau_dkim_hash: a sceau_dkim_sink_fn. */
void sceau_dkim_hash_add(void *hash, const char *data, size_t len);

/* The result; nothing can be added any more. Returns 0, or -1 when libcrypto
   failed on the way. */
int sceau_dkim_hash_end(struct sceau_dkim_hash *hash,
                        unsigned char out[SCEAU_DKIM_HASH_SIZE]);

/* Release *hash and set it to NULL; NULL is accepted. */
void sceau_dkim_hash_free(struct sceau_dkim_hash **hash);

/* --- public keys --- */

struct sceau_dkim_public;

/* The key of a record: for RSA a SubjectPublicKeyInfo (RFC 5280) or an
   RSAPublicKey (RFC 8017), for Ed25519 the 32 bytes (RFC 8463). Returns NULL
   when it is none, an RSA key over SCEAU_DKIM_BITS_MAX, or one whose exponent
   is over 64 bits (it would cost as much as signing). */
struct sceau_dkim_public *
sceau_dkim_public_new(const struct sceau_dkim_record *record);

/* Length of an RSA modulus; 0 for Ed25519. */
unsigned sceau_dkim_public_bits(const struct sceau_dkim_public *key);

/* Whether bytes[0..len) is this key's signature of hash. */
bool sceau_dkim_public_verify(const struct sceau_dkim_public *key,
                              const unsigned char hash[SCEAU_DKIM_HASH_SIZE],
                              const unsigned char *bytes, size_t len);

/* The key as libcrypto has it (an EVP_PKEY), for dkim_key.c alone; lives as
   long as key. */
const void *sceau_dkim_public_pkey(const struct sceau_dkim_public *key);

/* Release *key and set it to NULL; NULL is accepted. */
void sceau_dkim_public_free(struct sceau_dkim_public **key);

#endif
