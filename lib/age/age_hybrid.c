/* age_hybrid.c - see age_hybrid.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "age/age_hybrid.h"
#include "base/base64.h"

#define TYPE "mlkem768x25519"
#define INFO "age-encryption.org/mlkem768x25519"
#define INFO_MAX 64

#define X_SIZE SCEAU_AGE_X25519_SIZE
#define HASH_SIZE SCEAU_AGE_KEY_SIZE
#define COMBINER_LABEL "\\.//^\\"
#define COMBINER_LABEL_SIZE 6

/* RFC 9180, 5.1: the suite that labels every hash of the key schedule. */
static const char suite[] = { 'H',  'P',  'K',  'E',  0x64,
	                      0x7a, 0x00, 0x01, 0x00, 0x03 };

static int fail_missing(struct sceau_err *err)
{
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "hybrid keys (" TYPE ") need OpenSSL 3.5");
}

/* Both secret keys of an identity. */
struct secrets {
	uint8_t mlkem[SCEAU_AGE_MLKEM_SEED_SIZE];
	uint8_t x25519[X_SIZE];
};

static int expand(const uint8_t seed[SCEAU_AGE_HYBRID_SEED_SIZE],
                  struct secrets *secrets, struct sceau_err *err)
{
	struct sceau_slice data = { (const char *)seed,
		                    SCEAU_AGE_HYBRID_SEED_SIZE };

	return sceau_age_shake(data, (uint8_t *)secrets, sizeof(*secrets), err);
}

int sceau_age_hybrid_public(const uint8_t seed[SCEAU_AGE_HYBRID_SEED_SIZE],
                            uint8_t public_r[SCEAU_AGE_HYBRID_PUBLIC_SIZE],
                            struct sceau_err *err)
{
	struct secrets secrets;

	if (!sceau_age_mlkem_is_available())
		return fail_missing(err);
	int ret = expand(seed, &secrets, err);
	if (ret == 0)
		ret = sceau_age_mlkem_public(secrets.mlkem, public_r, err);
	if (ret == 0)
		crypto_scalarmult_curve25519_base(
			public_r + SCEAU_AGE_MLKEM_PUBLIC_SIZE, secrets.x25519);
	sodium_memzero(&secrets, sizeof(secrets));
	return ret;
}

/* One secret of two. ML-KEM's ciphertext is not hashed: it cannot be exchanged
   without changing ML-KEM's secret. */
static int combine(const uint8_t mlkem[HASH_SIZE], const uint8_t x25519[X_SIZE],
                   const uint8_t share[X_SIZE], const uint8_t public[X_SIZE],
                   uint8_t shared_r[HASH_SIZE], struct sceau_err *err)
{
	uint8_t input[HASH_SIZE + 3 * X_SIZE + COMBINER_LABEL_SIZE];
	struct sceau_slice data = { (const char *)input, sizeof(input) };

	memcpy(input, mlkem, HASH_SIZE);
	memcpy(input + HASH_SIZE, x25519, X_SIZE);
	memcpy(input + HASH_SIZE + X_SIZE, share, X_SIZE);
	memcpy(input + HASH_SIZE + 2 * X_SIZE, public, X_SIZE);
	memcpy(input + HASH_SIZE + 3 * X_SIZE, COMBINER_LABEL,
	       COMBINER_LABEL_SIZE);
	int ret = sceau_age_sha3(data, shared_r, err);
	sodium_memzero(input, sizeof(input));
	return ret;
}

int sceau_age_hybrid_encapsulate(
	const uint8_t public[SCEAU_AGE_HYBRID_PUBLIC_SIZE],
	const uint8_t random[SCEAU_AGE_HYBRID_RANDOM_SIZE],
	uint8_t enc_r[SCEAU_AGE_HYBRID_ENC_SIZE],
	uint8_t shared_r[SCEAU_AGE_KEY_SIZE], struct sceau_err *err)
{
	const uint8_t *public_x = public + SCEAU_AGE_MLKEM_PUBLIC_SIZE;
	const uint8_t *secret_x = random + SCEAU_AGE_MLKEM_RANDOM_SIZE;
	uint8_t *share = enc_r + SCEAU_AGE_MLKEM_SEALED_SIZE;
	uint8_t mlkem[HASH_SIZE];
	uint8_t x25519[X_SIZE];

	if (!sceau_age_mlkem_is_available())
		return fail_missing(err);
	int ret = sceau_age_mlkem_encapsulate(public, random, enc_r, mlkem,
	                                      err);
	crypto_scalarmult_curve25519_base(share, secret_x);
	if (ret == 0 &&
	    crypto_scalarmult_curve25519(x25519, secret_x, public_x) != 0)
		ret = sceau_fail(err, SCEAU_FAULT_CONFIG,
		                 "nothing can be sealed to this recipient: "
		                 "it has a low-order point");
	if (ret == 0)
		ret = combine(mlkem, x25519, share, public_x, shared_r, err);
	sodium_memzero(mlkem, sizeof(mlkem));
	sodium_memzero(x25519, sizeof(x25519));
	return ret;
}

static enum sceau_age_status refuse(const char *reason, struct sceau_err *err)
{
	sceau_fail(err, SCEAU_FAULT_PEER, "%s", reason);
	return SCEAU_AGE_HEADER;
}

enum sceau_age_status
sceau_age_hybrid_decapsulate(const uint8_t seed[SCEAU_AGE_HYBRID_SEED_SIZE],
                             const uint8_t public_x25519[SCEAU_AGE_X25519_SIZE],
                             const uint8_t enc[SCEAU_AGE_HYBRID_ENC_SIZE],
                             uint8_t shared_r[SCEAU_AGE_KEY_SIZE],
                             struct sceau_err *err)
{
	const uint8_t *share = enc + SCEAU_AGE_MLKEM_SEALED_SIZE;
	enum sceau_age_status status = SCEAU_AGE_INTERNAL;
	struct secrets secrets;
	uint8_t mlkem[HASH_SIZE];
	uint8_t x25519[X_SIZE];

	if (!sceau_age_mlkem_is_available()) {
		fail_missing(err);
		return SCEAU_AGE_UNSUPPORTED;
	}
	if (expand(seed, &secrets, err) < 0)
		goto out;
	if (crypto_scalarmult_curve25519(x25519, secrets.x25519, share) != 0)
		status = refuse("a hybrid share is a low-order point", err);
	else if (sceau_age_mlkem_decapsulate(secrets.mlkem, enc, mlkem, err) ==
	                 0 &&
	         combine(mlkem, x25519, share, public_x25519, shared_r, err) ==
	                 0)
		status = SCEAU_AGE_OK;
out:
	sodium_memzero(&secrets, sizeof(secrets));
	sodium_memzero(mlkem, sizeof(mlkem));
	sodium_memzero(x25519, sizeof(x25519));
	return status;
}

/* LabeledExtract of RFC 9180, 4. */
static int extract(struct sceau_slice salt, const char *label,
                   struct sceau_slice secret, uint8_t out[HASH_SIZE],
                   struct sceau_err *err)
{
	struct sceau_buf input;
	int ret;

	sceau_buf_init(&input, 256);
	sceau_buf_append_text(&input, "HPKE-v1");
	sceau_buf_append(&input, suite, sizeof(suite));
	sceau_buf_append_text(&input, label);
	sceau_buf_append(&input, secret.data, secret.len);
	if (input.failed)
		ret = sceau_fail(err, SCEAU_FAULT_TEMP, "no memory");
	else
		ret = sceau_age_hmac(
			salt, (struct sceau_slice){ input.data, input.used },
			out, err);
	sceau_buf_deinit(&input);
	return ret;
}

/* LabeledExpand of RFC 9180, 4, for what one hash is long enough for. */
static int expand_label(const uint8_t secret[HASH_SIZE], const char *label,
                        const uint8_t *context, size_t context_len,
                        uint8_t *out, size_t len, struct sceau_err *err)
{
	const char length[2] = { 0, (char)len };
	struct sceau_slice key = { (const char *)secret, HASH_SIZE };
	uint8_t block[HASH_SIZE];
	struct sceau_buf input;
	int ret;

	assert(len <= HASH_SIZE);
	sceau_buf_init(&input, 256);
	sceau_buf_append(&input, length, sizeof(length));
	sceau_buf_append_text(&input, "HPKE-v1");
	sceau_buf_append(&input, suite, sizeof(suite));
	sceau_buf_append_text(&input, label);
	sceau_buf_append(&input, context, context_len);
	sceau_buf_append(&input, "\1", 1); /* HKDF: the first block */
	if (input.failed)
		ret = sceau_fail(err, SCEAU_FAULT_TEMP, "no memory");
	else
		ret = sceau_age_hmac(
			key, (struct sceau_slice){ input.data, input.used },
			block, err);
	sceau_buf_deinit(&input);
	if (ret == 0)
		memcpy(out, block, len);
	sodium_memzero(block, sizeof(block));
	return ret;
}

int sceau_age_hybrid_schedule(const uint8_t shared[SCEAU_AGE_KEY_SIZE],
                              struct sceau_slice info,
                              uint8_t key_r[SCEAU_AGE_KEY_SIZE],
                              uint8_t nonce_r[SCEAU_AGE_AEAD_NONCE_SIZE],
                              struct sceau_err *err)
{
	const struct sceau_slice none = { NULL, 0 };
	struct sceau_slice salt = { (const char *)shared, HASH_SIZE };
	uint8_t context[1 + 2 * HASH_SIZE] = { 0 }; /* 0: base mode */
	uint8_t secret[HASH_SIZE];
	int ret = -1;

	assert(info.len <= INFO_MAX);
	if (extract(none, "psk_id_hash", none, context + 1, err) == 0 &&
	    extract(none, "info_hash", info, context + 1 + HASH_SIZE, err) ==
	            0 &&
	    extract(salt, "secret", none, secret, err) == 0 &&
	    expand_label(secret, "key", context, sizeof(context), key_r,
	                 SCEAU_AGE_KEY_SIZE, err) == 0 &&
	    expand_label(secret, "base_nonce", context, sizeof(context),
	                 nonce_r, SCEAU_AGE_AEAD_NONCE_SIZE, err) == 0)
		ret = 0;
	sodium_memzero(secret, sizeof(secret));
	return ret;
}

/* Seal or open the file key under a shared secret: from and to have its size,
   and the wrapped one's. Returns as sceau_age_aead_open. */
static int crypt_file_key(const uint8_t shared[SCEAU_AGE_KEY_SIZE],
                          bool is_sealing, const uint8_t *from, uint8_t *to,
                          struct sceau_err *err)
{
	uint8_t key[SCEAU_AGE_KEY_SIZE];
	uint8_t nonce[SCEAU_AGE_AEAD_NONCE_SIZE];
	struct sceau_age_aead *aead;

	if (sceau_age_hybrid_schedule(shared, sceau_slice_of(INFO), key, nonce,
	                              err) < 0)
		return -1;
	int ret = sceau_age_aead_new(key, is_sealing, &aead, err);
	sodium_memzero(key, sizeof(key));
	if (ret < 0)
		return -1;
	if (is_sealing)
		ret = sceau_age_aead_seal(aead, nonce, from,
		                          SCEAU_AGE_FILE_KEY_SIZE, to, err);
	else
		ret = sceau_age_aead_open(aead, nonce, from,
		                          SCEAU_AGE_WRAPPED_SIZE, to, err);
	sceau_age_aead_free(&aead);
	sodium_memzero(nonce, sizeof(nonce));
	return ret;
}

int sceau_age_hybrid_wrap(const uint8_t public[SCEAU_AGE_HYBRID_PUBLIC_SIZE],
                          const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                          const struct sceau_random *random,
                          struct sceau_buf *out, struct sceau_err *err)
{
	char line[sizeof(TYPE) +
	          SCEAU_BASE64_LENGTH(SCEAU_AGE_HYBRID_ENC_SIZE) + 1] = TYPE
		" ";
	uint8_t entropy[SCEAU_AGE_HYBRID_RANDOM_SIZE];
	uint8_t enc[SCEAU_AGE_HYBRID_ENC_SIZE];
	uint8_t shared[SCEAU_AGE_KEY_SIZE];
	uint8_t body[SCEAU_AGE_WRAPPED_SIZE];

	if (random->fill(random->context, entropy, sizeof(entropy)) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no random bytes");
	int ret = sceau_age_hybrid_encapsulate(public, entropy, enc, shared,
	                                       err);
	sodium_memzero(entropy, sizeof(entropy));
	if (ret < 0)
		return -1;
	ret = crypt_file_key(shared, true, file_key, body, err);
	sodium_memzero(shared, sizeof(shared));
	if (ret < 0)
		return -1;
	sceau_base64_encode(enc, sizeof(enc), line + sizeof(TYPE));
	return sceau_age_header_add_stanza(out, line, body, sizeof(body), err);
}

enum sceau_age_status
sceau_age_hybrid_read(const struct sceau_age_stanza *stanza,
                      struct sceau_age_hybrid *parts_r, struct sceau_err *err)
{
	struct sceau_slice enc = sceau_age_stanza_argument(stanza, 0);
	struct sceau_age_hybrid parts;
	size_t used = 0;

	if (stanza->argument_count != 1)
		return refuse("a hybrid stanza needs exactly one argument",
		              err);
	if (sceau_base64_decode(enc.data, enc.len, parts.enc, sizeof(parts.enc),
	                        &used) < 0 ||
	    used != sizeof(parts.enc))
		return refuse("a hybrid share is not 1120 bytes of canonical "
		              "base64",
		              err);
	if (sceau_age_stanza_body(stanza, parts.body, sizeof(parts.body)) !=
	    sizeof(parts.body))
		return refuse("the body of a hybrid stanza is not 32 bytes",
		              err);
	*parts_r = parts;
	return SCEAU_AGE_OK;
}

enum sceau_age_status
sceau_age_hybrid_open(const struct sceau_age_hybrid *parts,
                      const uint8_t seed[SCEAU_AGE_HYBRID_SEED_SIZE],
                      const uint8_t public_x25519[SCEAU_AGE_X25519_SIZE],
                      uint8_t file_key_r[SCEAU_AGE_FILE_KEY_SIZE],
                      struct sceau_err *err)
{
	uint8_t shared[SCEAU_AGE_KEY_SIZE];
	enum sceau_age_status status = sceau_age_hybrid_decapsulate(
		seed, public_x25519, parts->enc, shared, err);

	if (status != SCEAU_AGE_OK)
		return status;
	int ret = crypt_file_key(shared, false, parts->body, file_key_r, err);
	sodium_memzero(shared, sizeof(shared));
	if (ret < 0)
		return SCEAU_AGE_INTERNAL;
	return ret == 1 ? SCEAU_AGE_OK : SCEAU_AGE_NO_MATCH;
}
