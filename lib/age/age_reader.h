/* age_reader.h - read a sealed file of known size, at any place.
 *
 * The random access counterpart of age_opener.h: one chunk is fetched and
 * opened for each place that is asked for, nothing is kept but that chunk and
 * the last one. The last chunk is opened first of all, so that the size and
 * every place relative to the end can be trusted from then on.
 *
 * The core does no I/O: bytes of the file come from a callback.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AGE_READER_H
#define SCEAU_AGE_READER_H

#include <stddef.h>
#include <stdint.h>

#include "age/age_header.h"
#include "age/age_status.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

/* Where the file comes from. read must write the len bytes at offset to data
   (offset + len is never above size) and return 0, or fill err and return -1.
 */
struct sceau_age_source {
	int (*read)(void *context, uint64_t offset, uint8_t *data, size_t len,
	            struct sceau_err *err);
	void *context;
	uint64_t size; /* of the whole file */
};

/* Opaque; at most 128 KiB on the heap, less for a small file. */
struct sceau_age_reader;

/* Read and parse the header of source. data must be initialised with a bound
   of SCEAU_AGE_HEADER_MAX at least and be empty; it then holds a beginning of
   the file into which the slices of *header point. Returns OK, HEADER (also
   when the file ends within its header), or INTERNAL when source or memory
   failed: err is then source's. */
enum sceau_age_status
sceau_age_reader_header(const struct sceau_age_source *source,
                        struct sceau_buf *data, struct sceau_age_header *header,
                        struct sceau_err *err);

/* Make a reader of a file whose header has header_length bytes and whose file
   key is known (sceau_age_unwrap; no longer needed afterwards). Opens the last
   chunk. source is copied; its context must outlive the reader.

   Returns OK and sets *reader_r (the caller frees it); HEADER or PAYLOAD when
   the file has an impossible size or was altered or cut; INTERNAL. */
enum sceau_age_status
sceau_age_reader_new(const struct sceau_age_source *source,
                     size_t header_length,
                     const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                     struct sceau_age_reader **reader_r, struct sceau_err *err);

/* Wipe and free, and make the pointer NULL; NULL inside is fine. */
void sceau_age_reader_free(struct sceau_age_reader **reader);

/* Size of the plaintext: authentic. */
uint64_t sceau_age_reader_size(const struct sceau_age_reader *reader);

/* Number of chunks that the file has. */
uint64_t sceau_age_reader_chunks(const struct sceau_age_reader *reader);

/* How many times a chunk was opened so far: what random access costs. */
uint64_t sceau_age_reader_opened(const struct sceau_age_reader *reader);

/* Plaintext from offset to the end of the chunk that offset lies in: *out_r is
   authentic, good until the next call, and empty only at (or behind) the end.
   Returns OK, PAYLOAD when the chunk was altered (err names it), INTERNAL.
   After a failure other places may still be read. */
enum sceau_age_status sceau_age_reader_read(struct sceau_age_reader *reader,
                                            uint64_t offset,
                                            struct sceau_slice *out_r,
                                            struct sceau_err *err);

#endif
