/* age_scrypt.h - wrap a file key with a passphrase (the scrypt stanza of age).
 *
 *   -> scrypt SALT LOG2N
 *
 * The cost lies in memory: 128 * 8 * 2^LOG2N bytes. A stanza of this type must
 * be the only one of its file.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AGE_SCRYPT_H
#define SCEAU_AGE_SCRYPT_H

#include <stdint.h>

#include "age/age_header.h"
#include "age/age_status.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/random.h"
#include "base/text.h"

/* log2 N when sealing: 128 MiB, which still fits into the 256 MB of address
   space that Dovecot gives its processes. */
#define SCEAU_AGE_SCRYPT_WORK 17
/* The most that is opened: 4 GiB. A writer who asks for more wants to keep us
   busy; `age` stops there, too. */
#define SCEAU_AGE_SCRYPT_WORK_MAX 22

/* Append the stanza that wraps file_key with passphrase at cost log2 N = work
   (1 to SCEAU_AGE_SCRYPT_WORK_MAX). Returns 0, or -1 with FAULT_TEMP (memory,
   random bytes). */
int sceau_age_scrypt_wrap(struct sceau_slice passphrase, unsigned work,
                          const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                          const struct sceau_random *random,
                          struct sceau_buf *out, struct sceau_err *err);

/* Open a scrypt stanza. Returns OK and file_key_r; NO_MATCH (err untouched);
   HEADER when the stanza is malformed or too costly; INTERNAL when there is not
   enough memory. An empty passphrase (data NULL) only checks the form and
   returns NO_MATCH. */
enum sceau_age_status sceau_age_scrypt_unwrap(
	const struct sceau_age_stanza *stanza, struct sceau_slice passphrase,
	uint8_t file_key_r[SCEAU_AGE_FILE_KEY_SIZE], struct sceau_err *err);

#endif
