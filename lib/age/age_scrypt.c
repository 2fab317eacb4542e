/* age_scrypt.c - see age_scrypt.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "age/age_crypto.h"
#include "age/age_scrypt.h"
#include "base/base64.h"

#define SALT_SIZE 16
#define SALT_LABEL "age-encryption.org/v1/scrypt"
#define SALT_LABEL_SIZE (sizeof(SALT_LABEL) - 1)

/* The costly step. */
static int derive_key(struct sceau_slice passphrase,
                      const uint8_t salt[SALT_SIZE], unsigned work,
                      uint8_t key_r[SCEAU_AGE_KEY_SIZE], struct sceau_err *err)
{
	uint8_t label[SALT_LABEL_SIZE + SALT_SIZE];

	memcpy(label, SALT_LABEL, SALT_LABEL_SIZE);
	memcpy(label + SALT_LABEL_SIZE, salt, SALT_SIZE);
	if (crypto_pwhash_scryptsalsa208sha256_ll(
		    (const uint8_t *)passphrase.data, passphrase.len, label,
		    sizeof(label), 1ULL << work, 8, 1, key_r,
		    SCEAU_AGE_KEY_SIZE) != 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "the passphrase needs %llu MiB of memory",
		                  1ULL << work >> 10);
	return 0;
}

int sceau_age_scrypt_wrap(struct sceau_slice passphrase, unsigned work,
                          const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                          const struct sceau_random *random,
                          struct sceau_buf *out, struct sceau_err *err)
{
	uint8_t salt[SALT_SIZE];
	uint8_t key[SCEAU_AGE_KEY_SIZE];
	uint8_t body[SCEAU_AGE_WRAPPED_SIZE];
	char salt_text[SCEAU_BASE64_LENGTH(SALT_SIZE) + 1];
	char line[64];

	if (random->fill(random->context, salt, sizeof(salt)) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no random bytes");
	if (derive_key(passphrase, salt, work, key, err) < 0)
		return -1;
	int ret = sceau_age_key_wrap(key, file_key, body, err);
	sodium_memzero(key, sizeof(key));
	if (ret < 0)
		return -1;
	sceau_base64_encode(salt, sizeof(salt), salt_text);
	snprintf(line, sizeof(line), "scrypt %s %u", salt_text, work);
	return sceau_age_header_add_stanza(out, line, body, sizeof(body), err);
}

static enum sceau_age_status refuse(const char *reason, struct sceau_err *err)
{
	sceau_fail(err, SCEAU_FAULT_PEER, "%s", reason);
	return SCEAU_AGE_HEADER;
}

/* Read log2 N: digits without a leading zero. Returns -1 when it is none. */
static int read_work(struct sceau_slice text, unsigned *work_r)
{
	uint64_t work;

	if (text.len == 0 || text.data[0] == '0' ||
	    sceau_text_parse_number(text, UINT32_MAX, &work, NULL) < 0)
		return -1;
	*work_r = (unsigned)work;
	return 0;
}

enum sceau_age_status sceau_age_scrypt_unwrap(
	const struct sceau_age_stanza *stanza, struct sceau_slice passphrase,
	uint8_t file_key_r[SCEAU_AGE_FILE_KEY_SIZE], struct sceau_err *err)
{
	struct sceau_slice text = sceau_age_stanza_argument(stanza, 0);
	uint8_t salt[SALT_SIZE];
	uint8_t body[SCEAU_AGE_WRAPPED_SIZE];
	uint8_t key[SCEAU_AGE_KEY_SIZE];
	unsigned work;
	size_t used = 0;

	if (stanza->argument_count != 2)
		return refuse("a scrypt stanza needs a salt and a cost", err);
	if (sceau_base64_decode(text.data, text.len, salt, sizeof(salt),
	                        &used) < 0 ||
	    used != sizeof(salt))
		return refuse("a scrypt salt is not 16 bytes of canonical "
		              "base64",
		              err);
	if (read_work(sceau_age_stanza_argument(stanza, 1), &work) < 0)
		return refuse("a scrypt cost is not a number", err);
	if (work > SCEAU_AGE_SCRYPT_WORK_MAX)
		return refuse("a scrypt cost is higher than 22", err);
	/* Before anything is decrypted: no partitioning oracle. */
	if (sceau_age_stanza_body(stanza, body, sizeof(body)) != sizeof(body))
		return refuse("the body of a scrypt stanza is not 32 bytes",
		              err);
	if (passphrase.data == NULL)
		return SCEAU_AGE_NO_MATCH;
	if (derive_key(passphrase, salt, work, key, err) < 0)
		return SCEAU_AGE_INTERNAL;
	int ret = sceau_age_key_unwrap(key, body, file_key_r, err);
	sodium_memzero(key, sizeof(key));
	if (ret < 0)
		return SCEAU_AGE_INTERNAL;
	return ret == 1 ? SCEAU_AGE_OK : SCEAU_AGE_NO_MATCH;
}
