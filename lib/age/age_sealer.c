/* age_sealer.c - see age_sealer.h
 *
 * A full chunk stays in the buffer until one more byte or the end shows
 * whether it is the last one.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "age/age_scrypt.h"
#include "age/age_sealer.h"
#include "age/age_stream.h"

struct sceau_age_sealer {
	struct sceau_age_payload *payload;
	struct sceau_buf header; /* with the nonce */
	uint64_t index; /* of the chunk in buf */
	size_t used; /* plaintext bytes in buf */
	uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE];
	uint8_t buf[SCEAU_AGE_SEALED_CHUNK_SIZE];
};

/* Who shall open the file: count recipients, or a passphrase. */
struct holders {
	const struct sceau_age_recipient *recipients;
	size_t count;
	struct sceau_slice passphrase;
};

/* Append a stanza for every holder. */
static int wrap(struct sceau_age_sealer *sealer, const struct holders *holders,
                const struct sceau_random *random, struct sceau_err *err)
{
	if (holders->count == 0)
		return sceau_age_scrypt_wrap(
			holders->passphrase, SCEAU_AGE_SCRYPT_WORK,
			sealer->file_key, random, &sealer->header, err);
	for (size_t i = 0; i < holders->count; i++) {
		if (sceau_age_wrap(&holders->recipients[i], sealer->file_key,
		                   random, &sealer->header, err) < 0)
			return -1;
	}
	return 0;
}

/* Write the header and the nonce to sealer->header and derive the key. */
static int start(struct sceau_age_sealer *sealer, const struct holders *holders,
                 const struct sceau_random *random, struct sceau_err *err)
{
	uint8_t nonce[SCEAU_AGE_NONCE_SIZE];

	if (random->fill(random->context, sealer->file_key,
	                 sizeof(sealer->file_key)) < 0 ||
	    random->fill(random->context, nonce, sizeof(nonce)) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no random bytes");
	if (sceau_age_header_begin(&sealer->header, err) < 0 ||
	    wrap(sealer, holders, random, err) < 0 ||
	    sceau_age_header_end(&sealer->header, sealer->file_key, err) < 0)
		return -1;
	if (sceau_buf_append(&sealer->header, nonce, sizeof(nonce)) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no memory");
	return sceau_age_payload_new(sealer->file_key, nonce, true,
	                             &sealer->payload, err);
}

static int make(const struct holders *holders,
                const struct sceau_random *random,
                struct sceau_age_sealer **sealer_r,
                struct sceau_slice *header_r, struct sceau_err *err)
{
	/* Not zeroed: 64 KiB of it are written before they are read. */
	struct sceau_age_sealer *sealer = malloc(sizeof(*sealer));

	if (sealer == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no memory");
	sealer->payload = NULL;
	sealer->index = 0;
	sealer->used = 0;
	sceau_buf_init(&sealer->header, SCEAU_AGE_HEADER_MAX);
	if (start(sealer, holders, random, err) < 0) {
		sceau_age_sealer_free(&sealer);
		return -1;
	}
	*sealer_r = sealer;
	header_r->data = sealer->header.data;
	header_r->len = sealer->header.used;
	return 0;
}

int sceau_age_sealer_new(const struct sceau_age_recipient *recipients,
                         size_t count, const struct sceau_random *random,
                         struct sceau_age_sealer **sealer_r,
                         struct sceau_slice *header_r, struct sceau_err *err)
{
	struct holders holders = { .recipients = recipients, .count = count };

	if (count == 0 || count > SCEAU_AGE_STANZAS_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a file needs 1 to %d recipients, not %zu",
		                  SCEAU_AGE_STANZAS_MAX, count);
	/* c2sp.org/age: one holder who is not safe from quantum computers
	   would undo what the hybrid ones were chosen for. */
	for (size_t i = 1; i < count; i++) {
		if (recipients[i].kind != recipients[0].kind)
			return sceau_fail(
				err, SCEAU_FAULT_CONFIG,
				"hybrid recipients (age1pq1...) and "
				"X25519 ones (age1...) do not go into "
				"one file");
	}
	return make(&holders, random, sealer_r, header_r, err);
}

int sceau_age_sealer_new_passphrase(struct sceau_slice passphrase,
                                    const struct sceau_random *random,
                                    struct sceau_age_sealer **sealer_r,
                                    struct sceau_slice *header_r,
                                    struct sceau_err *err)
{
	struct holders holders = { .passphrase = passphrase };

	if (passphrase.len == 0 || passphrase.len > SCEAU_AGE_PASSPHRASE_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a passphrase has 1 to %d bytes",
		                  SCEAU_AGE_PASSPHRASE_MAX);
	return make(&holders, random, sealer_r, header_r, err);
}

void sceau_age_sealer_free(struct sceau_age_sealer **sealer_p)
{
	struct sceau_age_sealer *sealer = *sealer_p;

	if (sealer == NULL)
		return;
	sceau_age_payload_free(&sealer->payload);
	sceau_buf_deinit(&sealer->header);
	sodium_memzero(sealer->file_key, sizeof(sealer->file_key));
	sodium_memzero(sealer->buf, sealer->used);
	free(sealer);
	*sealer_p = NULL;
}

const uint8_t *sceau_age_sealer_file_key(const struct sceau_age_sealer *sealer)
{
	return sealer->file_key;
}

/* Seal plain as the current chunk into buf and make it the output. */
static int seal(struct sceau_age_sealer *sealer, bool is_last,
                const uint8_t *plain, size_t len, struct sceau_slice *out_r,
                struct sceau_err *err)
{
	if (sceau_age_payload_seal(sealer->payload, sealer->index, is_last,
	                           plain, len, sealer->buf, err) < 0)
		return -1;
	sealer->index++;
	sealer->used = 0;
	out_r->data = (const char *)sealer->buf;
	out_r->len = len + SCEAU_AGE_TAG_SIZE;
	return 1;
}

int sceau_age_sealer_put(struct sceau_age_sealer *sealer, const void *data,
                         size_t len, size_t *used_r, struct sceau_slice *out_r,
                         struct sceau_err *err)
{
	if (sealer->used == 0 && len > SCEAU_AGE_CHUNK_SIZE) {
		/* A whole chunk with more behind it: no copy. */
		*used_r = SCEAU_AGE_CHUNK_SIZE;
		return seal(sealer, false, data, SCEAU_AGE_CHUNK_SIZE, out_r,
		            err);
	}
	size_t room = SCEAU_AGE_CHUNK_SIZE - sealer->used;
	size_t taken = len < room ? len : room;
	if (taken > 0)
		memcpy(sealer->buf + sealer->used, data, taken);
	sealer->used += taken;
	*used_r = taken;
	if (taken == len)
		return 0;
	return seal(sealer, false, sealer->buf, SCEAU_AGE_CHUNK_SIZE, out_r,
	            err);
}

int sceau_age_sealer_finish(struct sceau_age_sealer *sealer,
                            struct sceau_slice *out_r, struct sceau_err *err)
{
	if (seal(sealer, true, sealer->buf, sealer->used, out_r, err) < 0)
		return -1;
	return 0;
}
