/* age_stream.h - the payload of an age v1 file: chunks, keys and sizes.
 *
 *   header | nonce (16) | chunk 0 | chunk 1 | ... | last chunk
 *
 * A chunk is 65536 bytes of plaintext and a 16-byte tag (ChaCha20-Poly1305).
 * Its nonce is an 11-byte big-endian counter and one byte that is 1 in the last
 * chunk, 0 in the others. The last chunk may be shorter, but is empty only when
 * the whole plaintext is. So any chunk can be opened alone, and its place and
 * being the last are authenticated with it.
 *
 * Sizes follow from the file's size, which nobody authenticates: whoever
 * answers with a size, or seeks relative to the end, must first have opened the
 * last chunk with is_last = true. Everything of this room may be used from
 * several threads on different objects.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AGE_STREAM_H
#define SCEAU_AGE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "age/age_header.h"
#include "age/age_status.h"
#include "base/err.h"

#define SCEAU_AGE_CHUNK_SIZE 65536 /* plaintext of a full chunk */
#define SCEAU_AGE_TAG_SIZE 16
#define SCEAU_AGE_SEALED_CHUNK_SIZE (SCEAU_AGE_CHUNK_SIZE + SCEAU_AGE_TAG_SIZE)

/* Where everything lies in a file of known size; filled by
   sceau_age_layout_init, to be read by anyone. */
struct sceau_age_layout {
	uint64_t payload_offset; /* of chunk 0: header length + nonce */
	uint64_t plain_size; /* not authentic before the last chunk is */
	uint64_t chunk_count; /* at least 1 */
	uint64_t last_sealed_size; /* of the last chunk, with its tag */
};

/* One chunk of a layout. */
struct sceau_age_chunk {
	uint64_t index;
	bool is_last;
	uint64_t offset; /* in the file */
	size_t sealed_size; /* to read there */
	uint64_t plain_offset; /* of its first byte in the plaintext */
	size_t plain_size;
};

/* Compute the layout of a file of file_size bytes whose header has
   header_length bytes. Returns OK; HEADER when the nonce is missing or cut;
   PAYLOAD when no file can have that size (no chunk, a chunk shorter than its
   tag, an empty last chunk behind another one). */
enum sceau_age_status sceau_age_layout_init(struct sceau_age_layout *layout,
                                            uint64_t header_length,
                                            uint64_t file_size,
                                            struct sceau_err *err);

/* Describe chunk number index. Returns 0, or -1 when index is not below
   layout->chunk_count: *chunk_r is then untouched. */
int sceau_age_layout_chunk(const struct sceau_age_layout *layout,
                           uint64_t index, struct sceau_age_chunk *chunk_r);

/* Size of a file with plain_size bytes of content and a header of
   header_length bytes: the inverse of sceau_age_layout_init. plain_size must
   be below 2^62. */
uint64_t sceau_age_sealed_size(uint64_t header_length, uint64_t plain_size);

/* The payload key of one file, ready for use on every chunk: deriving it costs
   two HMACs once, a chunk then costs the cipher alone. Holds locked state in
   the cipher library; not for two threads at once. */
struct sceau_age_payload;

/* Derive the payload key from the file key and the nonce that follows the
   header. Neither is kept: wipe the file key when this was its last use.
   is_sealing chooses what the key can do. Returns 0 and sets *payload_r (the
   caller frees it), or -1 with FAULT_TEMP. */
int sceau_age_payload_new(const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                          const uint8_t nonce[SCEAU_AGE_NONCE_SIZE],
                          bool is_sealing, struct sceau_age_payload **payload_r,
                          struct sceau_err *err);

/* Wipe and free, and make the pointer NULL; NULL inside is fine. */
void sceau_age_payload_free(struct sceau_age_payload **payload);

/* Open chunk number index, sealed[0..sealed_len), into plain, which has room
   for sealed_len - SCEAU_AGE_TAG_SIZE bytes and may be the same memory as
   sealed (but may not overlap it otherwise). is_last must be what the layout
   says: a chunk opens only in its own place and role.

   Returns OK and sets *plain_len_r; PAYLOAD when the chunk is not authentic or
   its size is impossible; INTERNAL. On failure no unauthenticated byte is left
   in plain: it is zeroed as far as it was to be written. */
enum sceau_age_status sceau_age_payload_open(struct sceau_age_payload *payload,
                                             uint64_t index, bool is_last,
                                             const uint8_t *sealed,
                                             size_t sealed_len, uint8_t *plain,
                                             size_t *plain_len_r,
                                             struct sceau_err *err);

/* Seal chunk number index, plain[0..plain_len) (at most SCEAU_AGE_CHUNK_SIZE),
   into sealed, which has room for plain_len + SCEAU_AGE_TAG_SIZE bytes and may
   be the same memory as plain. Never seal two different contents under the
   same payload key, index and is_last. Returns 0, or -1 with FAULT_TEMP. */
int sceau_age_payload_seal(struct sceau_age_payload *payload, uint64_t index,
                           bool is_last, const uint8_t *plain, size_t plain_len,
                           uint8_t *sealed, struct sceau_err *err);

#endif
