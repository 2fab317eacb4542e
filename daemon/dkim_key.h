/* dkim_key.h - one private key that signs mail of one domain.
 *
 * The type is read from the key itself, never from a name. The key is parsed
 * once; libcrypto wipes it when it goes. A key never changes; any number of
 * threads may use it at once.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DAEMON_DKIM_KEY_H
#define SCEAU_DAEMON_DKIM_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/dkim_record.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "daemon/dkim_crypto.h"

/* Room for a signature by a key of SCEAU_DKIM_BITS_MAX. */
#define SCEAU_DKIM_SIGNATURE_SIZE (SCEAU_DKIM_BITS_MAX / 8)

struct sceau_dkim_key;

/* Read a private key from PEM text. domain and selector are copied, the domain
   in lower case; both must be host name labels (A-labels). The key is tried
   out once.

   Returns  0  *key_r is the caller's, to be freed
           -1  FAULT_CONFIG: bad names, no PEM private key, an encrypted one,
               neither RSA of SCEAU_DKIM_MIN_BITS to SCEAU_DKIM_BITS_MAX nor
               Ed25519, or one that signs what it does not verify; FAULT_TEMP:
               no memory. */
int sceau_dkim_key_new(struct sceau_slice pem, const char *domain,
                       const char *selector, struct sceau_dkim_key **key_r,
                       struct sceau_err *err);

/* Make a new key; bits count for RSA alone. Returns as sceau_dkim_key_new. */
int sceau_dkim_key_generate(enum sceau_dkim_key_type type, unsigned bits,
                            const char *domain, const char *selector,
                            struct sceau_dkim_key **key_r,
                            struct sceau_err *err);

/* Wipe and release *key and set it to NULL; NULL is accepted. */
void sceau_dkim_key_free(struct sceau_dkim_key **key);

/* The d= of a key: lower case, lives as long as the key. */
const char *sceau_dkim_key_domain(const struct sceau_dkim_key *key);

/* The s= of a key; lives as long as the key. */
const char *sceau_dkim_key_selector(const struct sceau_dkim_key *key);

/* What the key is. */
enum sceau_dkim_key_type sceau_dkim_key_type(const struct sceau_dkim_key *key);

/* Length of an RSA modulus in bits; 0 for Ed25519, whose keys are all alike. */
unsigned sceau_dkim_key_bits(const struct sceau_dkim_key *key);

/* Sign hash into bytes; *len_r is set to the signature's length. Returns 0, or
   -1 when libcrypto failed. */
int sceau_dkim_key_sign(const struct sceau_dkim_key *key,
                        const unsigned char hash[SCEAU_DKIM_HASH_SIZE],
                        unsigned char bytes[SCEAU_DKIM_SIGNATURE_SIZE],
                        size_t *len_r);

/* Whether record holds the public key of this key, in whichever form. */
bool sceau_dkim_key_is_same(const struct sceau_dkim_key *key,
                            const struct sceau_dkim_record *record);

/* Whether both hold the same public key. */
bool sceau_dkim_key_is_equal(const struct sceau_dkim_key *a,
                             const struct sceau_dkim_key *b);

/* Append the public key as verifiers find it, in base64: the p= of its record.
   Returns 0, or -1 with FAULT_TEMP. */
int sceau_dkim_key_print_public(const struct sceau_dkim_key *key,
                                struct sceau_buf *out, struct sceau_err *err);

/* The private key as PEM text, in memory of sodium_malloc that the caller gives
   to sodium_free; *len_r is set to its length. Secret: never log it. NULL when
   memory ran out. */
char *sceau_dkim_key_print_private(const struct sceau_dkim_key *key,
                                   size_t *len_r);

#endif
