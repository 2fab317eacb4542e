/* dkim_key.h - one private key that signs mail of one domain.
 *
 * The type is read from the key itself, never from a name: libopendkim would
 * sign with a key of another type and report success. A key never changes;
 * any number of threads may use it at once.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DAEMON_DKIM_KEY_H
#define SCEAU_DAEMON_DKIM_KEY_H

#include "base/err.h"
#include "base/text.h"
#include "daemon/dkim_crypto.h"

struct sceau_dkim_key;

/* Read a private key from PEM text. domain and selector are copied, the domain
   in lower case; both must be host name labels (A-labels).

   Returns  0  *key_r is the caller's, to be freed
           -1  FAULT_CONFIG: bad names, no PEM private key, an encrypted one,
               not RSA, or below SCEAU_DKIM_MIN_BITS; FAULT_TEMP: no memory. */
int sceau_dkim_key_new(struct sceau_slice pem, const char *domain,
                       const char *selector, struct sceau_dkim_key **key_r,
                       struct sceau_err *err);

/* Wipe and release *key and set it to NULL; NULL is accepted. */
void sceau_dkim_key_free(struct sceau_dkim_key **key);

/* The d= of a key: lower case, lives as long as the key. */
const char *sceau_dkim_key_domain(const struct sceau_dkim_key *key);

/* The s= of a key; lives as long as the key. */
const char *sceau_dkim_key_selector(const struct sceau_dkim_key *key);

/* Length of the RSA modulus in bits. */
unsigned sceau_dkim_key_bits(const struct sceau_dkim_key *key);

/* The key itself as plain PEM text, nothing around it; lives as long as the
   key. Secret: never log it, wipe every copy. */
const char *sceau_dkim_key_pem(const struct sceau_dkim_key *key);

#endif
