/* age_reader.c - read a sealed file of known size, at any place
 *
 * Chunks are opened in place: the memory that held the sealed bytes holds the
 * plaintext afterwards.
 *
 * SPDX-License-Identifier: MIT
 */
#include "age/age_reader.h"

#include <stdlib.h>

#include <sodium.h>

#include "age/age_stream.h"

/* Enough for the header of every mail with one X25519 stanza. */
#define HEADER_FIRST_READ 256

#define NO_CHUNK UINT64_MAX

struct sceau_age_reader {
	struct sceau_age_source source;
	struct sceau_age_layout layout;
	struct sceau_age_payload *payload;
	uint64_t opened;
	uint8_t *last; /* the last chunk: opened once, kept */
	uint8_t *middle; /* another one, NULL until it is needed */
	uint64_t middle_index; /* which one, or NO_CHUNK */
};

/* Make data hold the first want bytes of the file. */
static int read_more(const struct sceau_age_source *source,
                     struct sceau_buf *data, uint64_t want,
                     struct sceau_err *err)
{
	uint8_t piece[4096];

	while (data->used < want) {
		size_t len = want - data->used < sizeof(piece)
		                     ? (size_t)(want - data->used)
		                     : sizeof(piece);

		if (source->read(source->context, data->used, piece, len, err) <
		    0)
			return -1;
		if (sceau_buf_append(data, piece, len) < 0)
			return sceau_fail(err, SCEAU_FAULT_TEMP,
			                  "no memory for an age header");
	}
	return 0;
}

enum sceau_age_status
sceau_age_reader_header(const struct sceau_age_source *source,
                        struct sceau_buf *data, struct sceau_age_header *header,
                        struct sceau_err *err)
{
	uint64_t max = source->size < SCEAU_AGE_HEADER_MAX
	                       ? source->size
	                       : SCEAU_AGE_HEADER_MAX;
	uint64_t want = HEADER_FIRST_READ;
	enum sceau_age_status status;

	for (;;) {
		if (want > max)
			want = max;
		if (read_more(source, data, want, err) < 0)
			return SCEAU_AGE_INTERNAL;
		status = sceau_age_header_parse(data->data, data->used, header,
		                                err);
		if (status != SCEAU_AGE_MORE)
			return status;
		if (want == max)
			break;
		want *= 4;
	}
	sceau_fail(err, SCEAU_FAULT_PEER, "the file ends within its header");
	return SCEAU_AGE_HEADER;
}

/* Fetch and open one chunk into memory, which has room for its sealed form. */
static enum sceau_age_status open_chunk(struct sceau_age_reader *reader,
                                        const struct sceau_age_chunk *chunk,
                                        uint8_t *memory, struct sceau_err *err)
{
	enum sceau_age_status status;
	size_t len;

	if (reader->source.read(reader->source.context, chunk->offset, memory,
	                        chunk->sealed_size, err) < 0)
		return SCEAU_AGE_INTERNAL;
	reader->opened++;
	status = sceau_age_payload_open(reader->payload, chunk->index,
	                                chunk->is_last, memory,
	                                chunk->sealed_size, memory, &len, err);
	if (status < 0) {
		/* Nothing that was not authenticated stays in our memory. */
		sodium_memzero(memory, chunk->sealed_size);
		sceau_fail_in(err, "chunk %llu of %llu",
		              (unsigned long long)chunk->index + 1,
		              (unsigned long long)reader->layout.chunk_count);
	}
	return status;
}

/* Layout, payload key and the last chunk. The caller frees reader on failure.
 */
static enum sceau_age_status
start(struct sceau_age_reader *reader, size_t header_length,
      const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE], struct sceau_err *err)
{
	const struct sceau_age_source *source = &reader->source;
	uint8_t nonce[SCEAU_AGE_NONCE_SIZE];
	struct sceau_age_chunk chunk;
	enum sceau_age_status status;

	status = sceau_age_layout_init(&reader->layout, header_length,
	                               source->size, err);
	if (status < 0)
		return status;
	if (source->read(source->context, header_length, nonce, sizeof(nonce),
	                 err) < 0)
		return SCEAU_AGE_INTERNAL;
	if (sceau_age_payload_new(file_key, nonce, false, &reader->payload,
	                          err) < 0)
		return SCEAU_AGE_INTERNAL;
	if (sceau_age_layout_chunk(&reader->layout,
	                           reader->layout.chunk_count - 1, &chunk) < 0)
		return SCEAU_AGE_INTERNAL;
	reader->last = malloc(chunk.sealed_size);
	if (reader->last == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "no memory for a chunk");
		return SCEAU_AGE_INTERNAL;
	}
	return open_chunk(reader, &chunk, reader->last, err);
}

enum sceau_age_status
sceau_age_reader_new(const struct sceau_age_source *source,
                     size_t header_length,
                     const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                     struct sceau_age_reader **reader_r, struct sceau_err *err)
{
	struct sceau_age_reader *reader = calloc(1, sizeof(*reader));
	enum sceau_age_status status;

	if (reader == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "no memory for a reader");
		return SCEAU_AGE_INTERNAL;
	}
	reader->source = *source;
	reader->middle_index = NO_CHUNK;
	status = start(reader, header_length, file_key, err);
	if (status < 0) {
		sceau_age_reader_free(&reader);
		return status;
	}
	*reader_r = reader;
	return SCEAU_AGE_OK;
}

void sceau_age_reader_free(struct sceau_age_reader **reader)
{
	struct sceau_age_reader *r = *reader;

	*reader = NULL;
	if (r == NULL)
		return;
	if (r->last != NULL)
		sodium_memzero(r->last, r->layout.last_sealed_size);
	free(r->last);
	if (r->middle != NULL)
		sodium_memzero(r->middle, SCEAU_AGE_SEALED_CHUNK_SIZE);
	free(r->middle);
	sceau_age_payload_free(&r->payload);
	free(r);
}

uint64_t sceau_age_reader_size(const struct sceau_age_reader *reader)
{
	return reader->layout.plain_size;
}

uint64_t sceau_age_reader_chunks(const struct sceau_age_reader *reader)
{
	return reader->layout.chunk_count;
}

uint64_t sceau_age_reader_opened(const struct sceau_age_reader *reader)
{
	return reader->opened;
}

/* Make the memory of a chunk that is not the last one hold chunk. */
static enum sceau_age_status load_middle(struct sceau_age_reader *reader,
                                         const struct sceau_age_chunk *chunk,
                                         struct sceau_err *err)
{
	enum sceau_age_status status;

	if (reader->middle_index == chunk->index)
		return SCEAU_AGE_OK;
	if (reader->middle == NULL)
		reader->middle = malloc(SCEAU_AGE_SEALED_CHUNK_SIZE);
	if (reader->middle == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "no memory for a chunk");
		return SCEAU_AGE_INTERNAL;
	}
	reader->middle_index = NO_CHUNK;
	status = open_chunk(reader, chunk, reader->middle, err);
	if (status == SCEAU_AGE_OK)
		reader->middle_index = chunk->index;
	return status;
}

enum sceau_age_status sceau_age_reader_read(struct sceau_age_reader *reader,
                                            uint64_t offset,
                                            struct sceau_slice *out_r,
                                            struct sceau_err *err)
{
	struct sceau_age_chunk chunk;
	enum sceau_age_status status;
	const uint8_t *plain = reader->last;
	size_t skip;

	if (offset >= reader->layout.plain_size) {
		*out_r = (struct sceau_slice){ NULL, 0 };
		return SCEAU_AGE_OK;
	}
	if (sceau_age_layout_chunk(&reader->layout,
	                           offset / SCEAU_AGE_CHUNK_SIZE, &chunk) < 0)
		return SCEAU_AGE_INTERNAL;
	if (!chunk.is_last) {
		status = load_middle(reader, &chunk, err);
		if (status < 0)
			return status;
		plain = reader->middle;
	}
	skip = (size_t)(offset - chunk.plain_offset);
	*out_r = (struct sceau_slice){ (const char *)plain + skip,
		                       chunk.plain_size - skip };
	return SCEAU_AGE_OK;
}
