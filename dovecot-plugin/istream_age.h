/* istream_age.h - a Dovecot input stream that opens a sealed mail.
 *
 * Include <lib.h> first.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_ISTREAM_AGE_H
#define SCEAU_ISTREAM_AGE_H

#include <lib.h>
#include <istream.h>

#include "age/age_reader.h"

/* Describe the file behind input as a source for sceau_age_reader_*. source is
   good as long as input. Returns 0, or -1 with FAULT_TEMP when its size cannot
   be told. */
int sceau_istream_age_source(struct istream *input,
                             struct sceau_age_source *source_r,
                             struct sceau_err *err);

/* Make a stream of the plaintext that reader gives of input. Takes reader over
   (it is freed with the stream) and a reference to input. Seekable at the cost
   of one chunk; its size is known and exact; no byte is given out before its
   chunk was authenticated. A chunk that is not authentic ends the stream with
   an error that names it. When the stream is closed, event gets a debug line
   with the number of chunks that were opened. */
struct istream *sceau_istream_age_create(struct istream *input,
                                         struct sceau_age_reader *reader,
                                         struct event *event);

#endif
