/* age_opener.h - open a whole age file, pushed in pieces of any size.
 *
 * The sequential counterpart of age_sealer.h, for input whose size is not
 * known: pipes and key files. Only authenticated plaintext comes out. What was
 * released before a failure is a true beginning of the content, but until
 * finish returned OK nobody knows that it is all of it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AGE_OPENER_H
#define SCEAU_AGE_OPENER_H

#include <stddef.h>
#include <stdint.h>

#include "age/age_identity.h"
#include "age/age_status.h"
#include "base/err.h"
#include "base/text.h"

/* Opaque; about 65 KiB on the heap, and the header while it is read. */
struct sceau_age_opener;

/* Make an opener that tries the identities of set, which must outlive it.
   Returns 0 and sets *opener_r (the caller frees it), or -1 with FAULT_TEMP. */
int sceau_age_opener_new(const struct sceau_age_identities *set,
                         struct sceau_age_opener **opener_r,
                         struct sceau_err *err);

/* Wipe and free, and make the pointer NULL; NULL inside is fine. */
void sceau_age_opener_free(struct sceau_age_opener **opener);

/* Give the next len bytes of the file, from its first byte on.

   Returns SCEAU_AGE_MORE  all len bytes were taken, nothing came out
           SCEAU_AGE_OK    *out_r is authentic plaintext (good until the next
                           call; may be empty); call again with what lies after
                           the first *used_r bytes
           below 0         class and err; the opener can then only be freed */
enum sceau_age_status sceau_age_opener_put(struct sceau_age_opener *opener,
                                           const void *data, size_t len,
                                           size_t *used_r,
                                           struct sceau_slice *out_r,
                                           struct sceau_err *err);

/* End of the file. Returns OK with the last plaintext in *out_r (may be empty;
   good until free): only now is the content known to be whole. Below 0 as
   above, with *out_r empty. Only free may follow. */
enum sceau_age_status sceau_age_opener_finish(struct sceau_age_opener *opener,
                                              struct sceau_slice *out_r,
                                              struct sceau_err *err);

#endif
