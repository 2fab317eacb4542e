/* age_opener.c - see age_opener.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "age/age_opener.h"
#include "age/age_stream.h"

enum stage {
	STAGE_HEADER,
	STAGE_NONCE,
	STAGE_CHUNKS,
	STAGE_END, /* the last chunk was opened */
};

struct sceau_age_opener {
	const struct sceau_age_identities *set;
	enum stage stage;
	struct sceau_age_payload *payload;
	struct sceau_buf header;
	uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE];
	uint64_t index; /* of the chunk that sealed holds */
	size_t used; /* bytes in sealed: nonce or chunk */
	size_t plain_len;
	uint8_t sealed[SCEAU_AGE_SEALED_CHUNK_SIZE];
	uint8_t plain[SCEAU_AGE_CHUNK_SIZE];
};

int sceau_age_opener_new(const struct sceau_age_identities *set,
                         struct sceau_age_opener **opener_r,
                         struct sceau_err *err)
{
	struct sceau_age_opener *opener = malloc(sizeof(*opener));

	if (opener == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no memory");
	opener->set = set;
	opener->stage = STAGE_HEADER;
	opener->payload = NULL;
	sceau_buf_init(&opener->header, SCEAU_AGE_HEADER_MAX);
	opener->index = 0;
	opener->used = 0;
	opener->plain_len = 0;
	*opener_r = opener;
	return 0;
}

void sceau_age_opener_free(struct sceau_age_opener **opener_p)
{
	struct sceau_age_opener *opener = *opener_p;

	if (opener == NULL)
		return;
	sceau_age_payload_free(&opener->payload);
	sceau_buf_deinit(&opener->header);
	sodium_memzero(opener->file_key, sizeof(opener->file_key));
	sodium_memzero(opener->plain, opener->plain_len);
	free(opener);
	*opener_p = NULL;
}

static enum sceau_age_status refuse(enum sceau_age_status status,
                                    const char *reason, struct sceau_err *err)
{
	sceau_fail(err, SCEAU_FAULT_PEER, "%s", reason);
	return status;
}

/* Collect header bytes and parse what is there. Bytes behind the header are
   given back. */
static enum sceau_age_status put_header(struct sceau_age_opener *opener,
                                        const char *data, size_t len,
                                        size_t *used_r, struct sceau_err *err)
{
	struct sceau_age_header header;
	size_t before = opener->header.used;
	size_t room = SCEAU_AGE_HEADER_MAX - before;
	size_t taken = len < room ? len : room;

	if (sceau_buf_append(&opener->header, data, taken) < 0) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "no memory");
		return SCEAU_AGE_INTERNAL;
	}
	*used_r = taken;
	/* Only the end of a line can complete a header, and parsing again for
	   every single byte would cost the square of its length. */
	if (before >= SCEAU_AGE_MAGIC_SIZE && taken < room &&
	    memchr(data, '\n', taken) == NULL)
		return SCEAU_AGE_MORE;
	enum sceau_age_status status = sceau_age_header_parse(
		opener->header.data, opener->header.used, &header, err);
	if (status != SCEAU_AGE_OK)
		return status;

	status = sceau_age_unwrap(opener->set, &header, opener->header.data,
	                          opener->file_key, err);
	if (status != SCEAU_AGE_OK)
		return status;
	*used_r = header.length - before;
	opener->stage = STAGE_NONCE;
	return SCEAU_AGE_OK;
}

/* Fill sealed up to size. Returns whether it is full. */
static bool collect(struct sceau_age_opener *opener, size_t size,
                    const char *data, size_t len, size_t *used_r)
{
	size_t room = size - opener->used;
	size_t taken = len < room ? len : room;

	if (taken > 0)
		memcpy(opener->sealed + opener->used, data, taken);
	opener->used += taken;
	*used_r = taken;
	return opener->used == size;
}

static enum sceau_age_status put_nonce(struct sceau_age_opener *opener,
                                       const char *data, size_t len,
                                       size_t *used_r, struct sceau_err *err)
{
	if (!collect(opener, SCEAU_AGE_NONCE_SIZE, data, len, used_r))
		return SCEAU_AGE_MORE;
	if (sceau_age_payload_new(opener->file_key, opener->sealed, false,
	                          &opener->payload, err) < 0)
		return SCEAU_AGE_INTERNAL;
	sodium_memzero(opener->file_key, sizeof(opener->file_key));
	opener->used = 0;
	opener->stage = STAGE_CHUNKS;
	return SCEAU_AGE_OK;
}

static enum sceau_age_status open_chunk(struct sceau_age_opener *opener,
                                        bool is_last, struct sceau_err *err)
{
	return sceau_age_payload_open(opener->payload, opener->index, is_last,
	                              opener->sealed, opener->used,
	                              opener->plain, &opener->plain_len, err);
}

static enum sceau_age_status
put_chunk(struct sceau_age_opener *opener, const char *data, size_t len,
          size_t *used_r, struct sceau_slice *out_r, struct sceau_err *err)
{
	if (!collect(opener, SCEAU_AGE_SEALED_CHUNK_SIZE, data, len, used_r))
		return SCEAU_AGE_MORE;
	/* Whether more follows is not known yet, but the chunk says itself
	   whether it is the last one. */
	enum sceau_age_status status = open_chunk(opener, false, NULL);
	if (status == SCEAU_AGE_PAYLOAD) {
		status = open_chunk(opener, true, err);
		opener->stage = STAGE_END;
	}
	if (status != SCEAU_AGE_OK)
		return status;
	opener->index++;
	opener->used = 0;
	out_r->data = (const char *)opener->plain;
	out_r->len = opener->plain_len;
	return SCEAU_AGE_OK;
}

enum sceau_age_status sceau_age_opener_put(struct sceau_age_opener *opener,
                                           const void *data, size_t len,
                                           size_t *used_r,
                                           struct sceau_slice *out_r,
                                           struct sceau_err *err)
{
	out_r->data = NULL;
	out_r->len = 0;
	*used_r = 0;
	if (len == 0)
		return SCEAU_AGE_MORE;
	switch (opener->stage) {
	case STAGE_HEADER:
		return put_header(opener, data, len, used_r, err);
	case STAGE_NONCE:
		return put_nonce(opener, data, len, used_r, err);
	case STAGE_CHUNKS:
		return put_chunk(opener, data, len, used_r, out_r, err);
	case STAGE_END:
		break;
	}
	return refuse(SCEAU_AGE_PAYLOAD, "there are bytes after the last chunk",
	              err);
}

enum sceau_age_status sceau_age_opener_finish(struct sceau_age_opener *opener,
                                              struct sceau_slice *out_r,
                                              struct sceau_err *err)
{
	out_r->data = NULL;
	out_r->len = 0;
	switch (opener->stage) {
	case STAGE_HEADER:
		return refuse(SCEAU_AGE_HEADER, "the header was cut", err);
	case STAGE_NONCE:
		return refuse(SCEAU_AGE_HEADER,
		              "the file ends before its payload", err);
	case STAGE_END:
		return SCEAU_AGE_OK;
	case STAGE_CHUNKS:
		break;
	}
	if (opener->used == 0)
		return refuse(SCEAU_AGE_PAYLOAD,
		              "the file was cut: its last chunk is missing",
		              err);
	enum sceau_age_status status = open_chunk(opener, true, err);
	if (status != SCEAU_AGE_OK)
		return status;
	opener->stage = STAGE_END;
	out_r->data = (const char *)opener->plain;
	out_r->len = opener->plain_len;
	return SCEAU_AGE_OK;
}
