/* age_x25519.c - see age_x25519.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include <sodium.h>

#include "age/age_x25519.h"
#include "base/base64.h"

#define KEY_SIZE SCEAU_AGE_X25519_SIZE
#define WRAP_INFO "age-encryption.org/v1/X25519"

/* The key that wraps a file key. */
static int derive_wrap_key(const uint8_t shared[KEY_SIZE],
                           const uint8_t share[KEY_SIZE],
                           const uint8_t recipient[KEY_SIZE],
                           uint8_t key_r[KEY_SIZE], struct sceau_err *err)
{
	uint8_t salt[2 * KEY_SIZE];

	memcpy(salt, share, KEY_SIZE);
	memcpy(salt + KEY_SIZE, recipient, KEY_SIZE);
	return sceau_age_hkdf(
		(struct sceau_slice){ (const char *)shared, KEY_SIZE },
		(struct sceau_slice){ (const char *)salt, sizeof(salt) },
		WRAP_INFO, key_r, err);
}

int sceau_age_x25519_wrap(const uint8_t public[SCEAU_AGE_X25519_SIZE],
                          const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                          const struct sceau_random *random,
                          struct sceau_buf *out, struct sceau_err *err)
{
	uint8_t secret[KEY_SIZE];
	uint8_t share[KEY_SIZE];
	uint8_t shared[KEY_SIZE];
	uint8_t key[KEY_SIZE];
	uint8_t body[SCEAU_AGE_WRAPPED_SIZE];
	char line[8 + SCEAU_BASE64_LENGTH(KEY_SIZE)] = "X25519 ";
	int ret = -1;

	if (random->fill(random->context, secret, sizeof(secret)) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no random bytes");
	crypto_scalarmult_curve25519_base(share, secret);
	if (crypto_scalarmult_curve25519(shared, secret, public) != 0) {
		sceau_fail(err, SCEAU_FAULT_CONFIG,
		           "nothing can be sealed to this recipient: "
		           "it is a low-order point");
		goto out;
	}
	if (derive_wrap_key(shared, share, public, key, err) < 0 ||
	    sceau_age_key_wrap(key, file_key, body, err) < 0)
		goto out;
	sceau_base64_encode(share, KEY_SIZE, line + 7);
	ret = sceau_age_header_add_stanza(out, line, body, sizeof(body), err);
out:
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(shared, sizeof(shared));
	sodium_memzero(key, sizeof(key));
	return ret;
}

static enum sceau_age_status refuse(const char *reason, struct sceau_err *err)
{
	sceau_fail(err, SCEAU_FAULT_PEER, "%s", reason);
	return SCEAU_AGE_HEADER;
}

enum sceau_age_status
sceau_age_x25519_read(const struct sceau_age_stanza *stanza,
                      struct sceau_age_x25519 *parts_r, struct sceau_err *err)
{
	struct sceau_slice share = sceau_age_stanza_argument(stanza, 0);
	struct sceau_age_x25519 parts;
	size_t used = 0;

	if (stanza->argument_count != 1)
		return refuse("an X25519 stanza needs exactly one share", err);
	if (sceau_base64_decode(share.data, share.len, parts.share, KEY_SIZE,
	                        &used) < 0 ||
	    used != KEY_SIZE)
		return refuse("an X25519 share is not 32 bytes of "
		              "canonical base64",
		              err);
	if (sceau_age_stanza_body(stanza, parts.body, sizeof(parts.body)) !=
	    sizeof(parts.body))
		return refuse("the body of an X25519 stanza is not 32 bytes",
		              err);
	*parts_r = parts;
	return SCEAU_AGE_OK;
}

enum sceau_age_status
sceau_age_x25519_open(const struct sceau_age_x25519 *parts,
                      const uint8_t secret[SCEAU_AGE_X25519_SIZE],
                      const uint8_t public[SCEAU_AGE_X25519_SIZE],
                      uint8_t file_key_r[SCEAU_AGE_FILE_KEY_SIZE],
                      struct sceau_err *err)
{
	uint8_t shared[KEY_SIZE];
	uint8_t key[KEY_SIZE];

	if (crypto_scalarmult_curve25519(shared, secret, parts->share) != 0)
		return refuse("an X25519 share is a low-order point", err);
	int ret = derive_wrap_key(shared, parts->share, public, key, err);
	if (ret == 0)
		ret = sceau_age_key_unwrap(key, parts->body, file_key_r, err);
	sodium_memzero(shared, sizeof(shared));
	sodium_memzero(key, sizeof(key));
	if (ret < 0)
		return SCEAU_AGE_INTERNAL;
	return ret == 1 ? SCEAU_AGE_OK : SCEAU_AGE_NO_MATCH;
}
