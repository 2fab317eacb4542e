/* age_stream.c - see age_stream.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "age/age_crypto.h"
#include "age/age_stream.h"

struct sceau_age_payload {
	struct sceau_age_aead *aead;
};

static enum sceau_age_status refuse(enum sceau_age_status status,
                                    const char *reason, struct sceau_err *err)
{
	sceau_fail(err, SCEAU_FAULT_PEER, "%s", reason);
	return status;
}

enum sceau_age_status sceau_age_layout_init(struct sceau_age_layout *layout,
                                            uint64_t header_length,
                                            uint64_t file_size,
                                            struct sceau_err *err)
{
	if (file_size < header_length ||
	    file_size - header_length < SCEAU_AGE_NONCE_SIZE)
		return refuse(SCEAU_AGE_HEADER,
		              "the file ends before its payload", err);

	uint64_t offset = header_length + SCEAU_AGE_NONCE_SIZE;
	uint64_t sealed = file_size - offset;
	uint64_t count = sealed / SCEAU_AGE_SEALED_CHUNK_SIZE;
	uint64_t last = sealed % SCEAU_AGE_SEALED_CHUNK_SIZE;
	if (last > 0)
		count++;
	else
		last = SCEAU_AGE_SEALED_CHUNK_SIZE;
	if (count == 0 || last < SCEAU_AGE_TAG_SIZE)
		return refuse(SCEAU_AGE_PAYLOAD, "the file was cut", err);
	if (count > 1 && last == SCEAU_AGE_TAG_SIZE)
		return refuse(SCEAU_AGE_PAYLOAD,
		              "the last chunk is empty: the file was cut", err);

	layout->payload_offset = offset;
	layout->plain_size = sealed - count * SCEAU_AGE_TAG_SIZE;
	layout->chunk_count = count;
	layout->last_sealed_size = last;
	return SCEAU_AGE_OK;
}

int sceau_age_layout_chunk(const struct sceau_age_layout *layout,
                           uint64_t index, struct sceau_age_chunk *chunk_r)
{
	if (index >= layout->chunk_count)
		return -1;
	chunk_r->index = index;
	chunk_r->is_last = index == layout->chunk_count - 1;
	chunk_r->offset = layout->payload_offset +
	                  index * SCEAU_AGE_SEALED_CHUNK_SIZE;
	chunk_r->sealed_size = chunk_r->is_last
	                               ? (size_t)layout->last_sealed_size
	                               : SCEAU_AGE_SEALED_CHUNK_SIZE;
	chunk_r->plain_offset = index * SCEAU_AGE_CHUNK_SIZE;
	chunk_r->plain_size = chunk_r->sealed_size - SCEAU_AGE_TAG_SIZE;
	return 0;
}

uint64_t sceau_age_sealed_size(uint64_t header_length, uint64_t plain_size)
{
	uint64_t count = plain_size / SCEAU_AGE_CHUNK_SIZE;

	if (count == 0 || plain_size % SCEAU_AGE_CHUNK_SIZE != 0)
		count++;
	return header_length + SCEAU_AGE_NONCE_SIZE + plain_size +
	       count * SCEAU_AGE_TAG_SIZE;
}

int sceau_age_payload_new(const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                          const uint8_t nonce[SCEAU_AGE_NONCE_SIZE],
                          bool is_sealing, struct sceau_age_payload **payload_r,
                          struct sceau_err *err)
{
	uint8_t key[SCEAU_AGE_KEY_SIZE];
	struct sceau_slice secret = { (const char *)file_key,
		                      SCEAU_AGE_FILE_KEY_SIZE };
	struct sceau_slice salt = { (const char *)nonce, SCEAU_AGE_NONCE_SIZE };
	struct sceau_age_payload *payload = calloc(1, sizeof(*payload));

	if (payload == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no memory");
	int ret = sceau_age_hkdf(secret, salt, "payload", key, err);
	if (ret == 0)
		ret = sceau_age_aead_new(key, is_sealing, &payload->aead, err);
	sodium_memzero(key, sizeof(key));
	if (ret < 0) {
		sceau_age_payload_free(&payload);
		return -1;
	}
	*payload_r = payload;
	return 0;
}

void sceau_age_payload_free(struct sceau_age_payload **payload)
{
	if (*payload != NULL)
		sceau_age_aead_free(&(*payload)->aead);
	free(*payload);
	*payload = NULL;
}

/* Counter in 11 bytes, big endian, then the mark of the last chunk. */
static void make_nonce(uint64_t index, bool is_last,
                       uint8_t nonce[SCEAU_AGE_AEAD_NONCE_SIZE])
{
	memset(nonce, 0, SCEAU_AGE_AEAD_NONCE_SIZE);
	for (unsigned i = 0; i < 8; i++)
		nonce[10 - i] = (uint8_t)(index >> 8 * i);
	nonce[11] = is_last ? 1 : 0;
}

enum sceau_age_status sceau_age_payload_open(struct sceau_age_payload *payload,
                                             uint64_t index, bool is_last,
                                             const uint8_t *sealed,
                                             size_t sealed_len, uint8_t *plain,
                                             size_t *plain_len_r,
                                             struct sceau_err *err)
{
	uint8_t nonce[SCEAU_AGE_AEAD_NONCE_SIZE];

	if (sealed_len < SCEAU_AGE_TAG_SIZE)
		return refuse(SCEAU_AGE_PAYLOAD, "a chunk was cut", err);
	size_t len = sealed_len - SCEAU_AGE_TAG_SIZE;
	bool is_possible = is_last ? len <= SCEAU_AGE_CHUNK_SIZE &&
	                                     (len > 0 || index == 0)
	                           : len == SCEAU_AGE_CHUNK_SIZE;
	if (!is_possible) {
		sodium_memzero(plain, len);
		return refuse(SCEAU_AGE_PAYLOAD,
		              "a chunk has an impossible size", err);
	}

	make_nonce(index, is_last, nonce);
	int ret = sceau_age_aead_open(payload->aead, nonce, sealed, sealed_len,
	                              plain, err);
	if (ret < 0)
		return SCEAU_AGE_INTERNAL;
	if (ret == 0) {
		sceau_fail(err, SCEAU_FAULT_PEER,
		           "chunk %llu was altered or is not the %s",
		           (unsigned long long)index,
		           is_last ? "end of the file"
		                   : "one that belongs here");
		return SCEAU_AGE_PAYLOAD;
	}
	*plain_len_r = len;
	return SCEAU_AGE_OK;
}

int sceau_age_payload_seal(struct sceau_age_payload *payload, uint64_t index,
                           bool is_last, const uint8_t *plain, size_t plain_len,
                           uint8_t *sealed, struct sceau_err *err)
{
	uint8_t nonce[SCEAU_AGE_AEAD_NONCE_SIZE];

	assert(plain_len <= SCEAU_AGE_CHUNK_SIZE);
	assert(is_last || plain_len == SCEAU_AGE_CHUNK_SIZE);
	make_nonce(index, is_last, nonce);
	return sceau_age_aead_seal(payload->aead, nonce, plain, plain_len,
	                           sealed, err);
}
