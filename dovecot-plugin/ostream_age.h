/* ostream_age.h - Dovecot output streams: one that seals, one that watches.
 *
 * Include <lib.h> first.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_OSTREAM_AGE_H
#define SCEAU_OSTREAM_AGE_H

#include <lib.h>
#include <ostream.h>

#include "age/age_sealer.h"

/* Make a stream that writes what it gets to output, sealed. header is what
   sealer gave as the file's first bytes, written before anything else. Takes
   sealer over (it is freed with the stream) and a reference to output. The
   last chunk is written when the stream is finished; without that the file
   stays one that every reader refuses. Its offset counts plaintext. */
struct ostream *sceau_ostream_age_create(struct ostream *output,
                                         struct sceau_age_sealer *sealer,
                                         struct sceau_slice header);

/* Make a stream that writes what it gets to output unchanged, and notes
   whether it begins like an age file. Takes a reference to output. */
struct ostream *sceau_ostream_guard_create(struct ostream *output);

/* Whether output, or a stream that it was put around, is a guard that has seen
   the beginning of an age file. */
bool sceau_ostream_guard_has_seen_age(struct ostream *output);

#endif
