/* age_sealer.h - seal a stream to recipients, pushed in pieces of any size.
 *
 * A machine without I/O: it takes bytes and says which bytes to write. The
 * result does not depend on how the input was cut.
 *
 *   sceau_age_sealer_new(...)          then write header_r
 *   while input: sceau_age_sealer_put  while it returns 1: write out_r
 *   sceau_age_sealer_finish            then write out_r: the last chunk
 *
 * Without finish the file is cut and every reader refuses it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AGE_SEALER_H
#define SCEAU_AGE_SEALER_H

#include <stddef.h>
#include <stdint.h>

#include "age/age_header.h"
#include "age/age_identity.h"
#include "base/err.h"
#include "base/random.h"
#include "base/text.h"

/* Opaque; about 65 KiB on the heap. */
struct sceau_age_sealer;

/* Start a file for count recipients (1 to SCEAU_AGE_STANZAS_MAX): makes a new
   file key and nonce from random. Returns 0, sets *sealer_r (the caller frees
   it) and *header_r to the bytes that come first in the file: header and
   nonce; they live as long as the sealer. Returns -1 with FAULT_TEMP (memory,
   random bytes) or FAULT_CONFIG (no recipient, too many, one that cannot be
   sealed to, X25519 and hybrid ones mixed). */
int sceau_age_sealer_new(const struct sceau_age_recipient *recipients,
                         size_t count, const struct sceau_random *random,
                         struct sceau_age_sealer **sealer_r,
                         struct sceau_slice *header_r, struct sceau_err *err);

/* Like sceau_age_sealer_new, but for whoever knows the passphrase (not empty),
   at the cost of SCEAU_AGE_SCRYPT_WORK: 0.3 s and 128 MiB. Such a file has no
   other recipients. */
int sceau_age_sealer_new_passphrase(struct sceau_slice passphrase,
                                    const struct sceau_random *random,
                                    struct sceau_age_sealer **sealer_r,
                                    struct sceau_slice *header_r,
                                    struct sceau_err *err);

/* Wipe and free, and make the pointer NULL; NULL inside is fine. Right at any
   time, also before finish. */
void sceau_age_sealer_free(struct sceau_age_sealer **sealer);

/* The file key, good until free. For a caller that must read back what it just
   wrote for somebody else, without that identity (Dovecot copies a mail to the
   next recipient from the first one's file). Never log or store it. */
const uint8_t *sceau_age_sealer_file_key(const struct sceau_age_sealer *sealer);

/* Give the next len bytes of plaintext.

   Returns  1  write *out_r now (a sealed chunk, good until the next call),
               then call again with what lies after the first *used_r bytes
            0  all len bytes were taken, nothing to write
           -1  FAULT_TEMP; the sealer can then only be freed */
int sceau_age_sealer_put(struct sceau_age_sealer *sealer, const void *data,
                         size_t len, size_t *used_r, struct sceau_slice *out_r,
                         struct sceau_err *err);

/* End the plaintext: *out_r is the last chunk to write, never empty, good until
   free. Returns 0, or -1 with FAULT_TEMP. Only free may follow. */
int sceau_age_sealer_finish(struct sceau_age_sealer *sealer,
                            struct sceau_slice *out_r, struct sceau_err *err);

#endif
