/* age_crypto.c - see age_crypto.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <limits.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <sodium.h>

#include "age/age_crypto.h"

#define INFO_MAX 64

/* Names of OpenSSL 3.5, which the headers of 3.0 do not have. */
#define MLKEM "ML-KEM-768"
#define MLKEM_SEED "seed"
#define MLKEM_RANDOM "ikme" /* the m of FIPS 203 */

static int fail_library(struct sceau_err *err)
{
	/* Our failure must not turn up in the next TLS message of the
	   process that we are loaded into. */
	ERR_clear_error();
	return sceau_fail(err, SCEAU_FAULT_TEMP, "the cipher library failed");
}

int sceau_age_hmac(struct sceau_slice key, struct sceau_slice data,
                   uint8_t mac_r[SCEAU_AGE_KEY_SIZE], struct sceau_err *err)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned mac_len = 0;

	assert(key.len <= INT_MAX);
	if (HMAC(EVP_sha256(), key.len == 0 ? "" : key.data, (int)key.len,
	         (const unsigned char *)data.data, data.len, mac,
	         &mac_len) == NULL ||
	    mac_len != SCEAU_AGE_KEY_SIZE)
		return fail_library(err);
	memcpy(mac_r, mac, SCEAU_AGE_KEY_SIZE);
	sodium_memzero(mac, sizeof(mac));
	return 0;
}

int sceau_age_hkdf(struct sceau_slice secret, struct sceau_slice salt,
                   const char *info, uint8_t key_r[SCEAU_AGE_KEY_SIZE],
                   struct sceau_err *err)
{
	uint8_t extracted[SCEAU_AGE_KEY_SIZE];
	char block[INFO_MAX + 1];
	size_t info_len = strlen(info);

	assert(info_len <= INFO_MAX);
	memcpy(block, info, info_len);
	block[info_len] = 1; /* number of the only block we need */
	if (sceau_age_hmac(salt, secret, extracted, err) < 0)
		return -1;
	struct sceau_slice prk = { (const char *)extracted, sizeof(extracted) };
	struct sceau_slice input = { block, info_len + 1 };
	int ret = sceau_age_hmac(prk, input, key_r, err);
	sodium_memzero(extracted, sizeof(extracted));
	return ret;
}

/* The cipher context is the whole object: the type only hides OpenSSL. */
static EVP_CIPHER_CTX *context_of(struct sceau_age_aead *aead)
{
	return (EVP_CIPHER_CTX *)aead;
}

int sceau_age_aead_new(const uint8_t key[SCEAU_AGE_KEY_SIZE], bool is_sealing,
                       struct sceau_age_aead **aead_r, struct sceau_err *err)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

	if (context == NULL)
		return fail_library(err);
	if (EVP_CipherInit_ex(context, EVP_chacha20_poly1305(), NULL, key, NULL,
	                      is_sealing) != 1) {
		EVP_CIPHER_CTX_free(context);
		return fail_library(err);
	}
	*aead_r = (struct sceau_age_aead *)context;
	return 0;
}

void sceau_age_aead_free(struct sceau_age_aead **aead)
{
	if (*aead != NULL)
		EVP_CIPHER_CTX_free(context_of(*aead)); /* wipes the key */
	*aead = NULL;
}

int sceau_age_aead_seal(struct sceau_age_aead *aead,
                        const uint8_t nonce[SCEAU_AGE_AEAD_NONCE_SIZE],
                        const uint8_t *plain, size_t len, uint8_t *sealed,
                        struct sceau_err *err)
{
	EVP_CIPHER_CTX *context = context_of(aead);
	int used = 0;
	int more = 0;

	assert(len <= INT_MAX - SCEAU_AGE_AEAD_TAG_SIZE);
	if (EVP_EncryptInit_ex(context, NULL, NULL, NULL, nonce) != 1 ||
	    (len > 0 &&
	     EVP_EncryptUpdate(context, sealed, &used, plain, (int)len) != 1) ||
	    EVP_EncryptFinal_ex(context, sealed + used, &more) != 1 ||
	    (size_t)used + (size_t)more != len ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG,
	                        SCEAU_AGE_AEAD_TAG_SIZE, sealed + len) != 1)
		return fail_library(err);
	return 0;
}

int sceau_age_aead_open(struct sceau_age_aead *aead,
                        const uint8_t nonce[SCEAU_AGE_AEAD_NONCE_SIZE],
                        const uint8_t *sealed, size_t len, uint8_t *plain,
                        struct sceau_err *err)
{
	EVP_CIPHER_CTX *context = context_of(aead);
	uint8_t tag[SCEAU_AGE_AEAD_TAG_SIZE];
	int used = 0;
	int more = 0;

	assert(len >= sizeof(tag) && len <= INT_MAX);
	len -= sizeof(tag);
	memcpy(tag, sealed + len, sizeof(tag));
	if (EVP_DecryptInit_ex(context, NULL, NULL, NULL, nonce) != 1 ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof(tag),
	                        tag) != 1 ||
	    (len > 0 &&
	     EVP_DecryptUpdate(context, plain, &used, sealed, (int)len) != 1)) {
		sodium_memzero(plain, len);
		return fail_library(err);
	}
	if (EVP_DecryptFinal_ex(context, plain + used, &more) != 1) {
		ERR_clear_error();
		sodium_memzero(plain, len);
		return 0;
	}
	return 1;
}

static const uint8_t wrap_nonce[SCEAU_AGE_AEAD_NONCE_SIZE];

int sceau_age_key_wrap(const uint8_t key[SCEAU_AGE_KEY_SIZE],
                       const uint8_t *file_key,
                       uint8_t wrapped[SCEAU_AGE_WRAPPED_SIZE],
                       struct sceau_err *err)
{
	struct sceau_age_aead *aead;

	if (sceau_age_aead_new(key, true, &aead, err) < 0)
		return -1;
	int ret = sceau_age_aead_seal(
		aead, wrap_nonce, file_key,
		SCEAU_AGE_WRAPPED_SIZE - SCEAU_AGE_AEAD_TAG_SIZE, wrapped, err);
	sceau_age_aead_free(&aead);
	return ret;
}

int sceau_age_key_unwrap(const uint8_t key[SCEAU_AGE_KEY_SIZE],
                         const uint8_t wrapped[SCEAU_AGE_WRAPPED_SIZE],
                         uint8_t *file_key, struct sceau_err *err)
{
	struct sceau_age_aead *aead;

	if (sceau_age_aead_new(key, false, &aead, err) < 0)
		return -1;
	int ret = sceau_age_aead_open(aead, wrap_nonce, wrapped,
	                              SCEAU_AGE_WRAPPED_SIZE, file_key, err);
	sceau_age_aead_free(&aead);
	return ret;
}

/* Hash data into out[len] with the digest of that name. */
static int hash(const char *name, struct sceau_slice data, uint8_t *out,
                size_t len, struct sceau_err *err)
{
	EVP_MD *digest = EVP_MD_fetch(NULL, name, NULL);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int ret = 0;

	if (digest == NULL || context == NULL ||
	    EVP_DigestInit_ex2(context, digest, NULL) != 1 ||
	    EVP_DigestUpdate(context, data.data, data.len) != 1)
		ret = -1;
	/* SHAKE has no length of its own. */
	if (ret == 0 && (EVP_MD_get_flags(digest) & EVP_MD_FLAG_XOF) != 0)
		ret = EVP_DigestFinalXOF(context, out, len) == 1 ? 0 : -1;
	else if (ret == 0)
		ret = EVP_DigestFinal_ex(context, out, NULL) == 1 ? 0 : -1;
	EVP_MD_CTX_free(context); /* wipes its state */
	EVP_MD_free(digest);
	return ret < 0 ? fail_library(err) : 0;
}

int sceau_age_sha3(struct sceau_slice data, uint8_t hash_r[SCEAU_AGE_KEY_SIZE],
                   struct sceau_err *err)
{
	return hash("SHA3-256", data, hash_r, SCEAU_AGE_KEY_SIZE, err);
}

int sceau_age_shake(struct sceau_slice data, uint8_t *out, size_t len,
                    struct sceau_err *err)
{
	return hash("SHAKE256", data, out, len, err);
}

bool sceau_age_mlkem_is_available(void)
{
	EVP_KEM *kem = EVP_KEM_fetch(NULL, MLKEM, NULL);

	if (kem == NULL)
		ERR_clear_error();
	EVP_KEM_free(kem);
	return kem != NULL;
}

/* Make a key object of one of its parts: a seed, or a public key. Returns NULL
   when there is no ML-KEM or the part is no key. */
static EVP_PKEY *import_key(const char *part, const uint8_t *data, size_t len)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, MLKEM, NULL);
	EVP_PKEY *key = NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(part, (void *)data, len),
		OSSL_PARAM_construct_end(),
	};
	int selection = strcmp(part, MLKEM_SEED) == 0 ? EVP_PKEY_KEYPAIR
	                                              : EVP_PKEY_PUBLIC_KEY;

	if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &key, selection, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

int sceau_age_mlkem_public(const uint8_t seed[SCEAU_AGE_MLKEM_SEED_SIZE],
                           uint8_t public_r[SCEAU_AGE_MLKEM_PUBLIC_SIZE],
                           struct sceau_err *err)
{
	EVP_PKEY *key = import_key(MLKEM_SEED, seed, SCEAU_AGE_MLKEM_SEED_SIZE);
	uint8_t public[SCEAU_AGE_MLKEM_PUBLIC_SIZE];
	size_t len = 0;

	if (key == NULL ||
	    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY,
	                                    public, sizeof(public),
	                                    &len) != 1 ||
	    len != sizeof(public)) {
		EVP_PKEY_free(key);
		return fail_library(err);
	}
	EVP_PKEY_free(key);
	memcpy(public_r, public, sizeof(public));
	return 0;
}

int sceau_age_mlkem_encapsulate(
	const uint8_t public[SCEAU_AGE_MLKEM_PUBLIC_SIZE],
	const uint8_t random[SCEAU_AGE_MLKEM_RANDOM_SIZE],
	uint8_t sealed_r[SCEAU_AGE_MLKEM_SEALED_SIZE],
	uint8_t shared_r[SCEAU_AGE_KEY_SIZE], struct sceau_err *err)
{
	EVP_PKEY *key = import_key(OSSL_PKEY_PARAM_PUB_KEY, public,
	                           SCEAU_AGE_MLKEM_PUBLIC_SIZE);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(MLKEM_RANDOM, (void *)random,
		                                  SCEAU_AGE_MLKEM_RANDOM_SIZE),
		OSSL_PARAM_construct_end(),
	};
	size_t sealed_len = SCEAU_AGE_MLKEM_SEALED_SIZE;
	size_t shared_len = SCEAU_AGE_KEY_SIZE;

	if (key == NULL && sceau_age_mlkem_is_available()) {
		ERR_clear_error();
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "not an ML-KEM-768 public key");
	}
	EVP_PKEY_CTX *context = key == NULL ? NULL
	                                    : EVP_PKEY_CTX_new_from_pkey(
						      NULL, key, NULL);
	int ret = 0;
	if (context == NULL ||
	    EVP_PKEY_encapsulate_init(context, params) != 1 ||
	    EVP_PKEY_encapsulate(context, sealed_r, &sealed_len, shared_r,
	                         &shared_len) != 1)
		ret = fail_library(err);
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(key);
	return ret;
}

int sceau_age_mlkem_decapsulate(
	const uint8_t seed[SCEAU_AGE_MLKEM_SEED_SIZE],
	const uint8_t sealed[SCEAU_AGE_MLKEM_SEALED_SIZE],
	uint8_t shared_r[SCEAU_AGE_KEY_SIZE], struct sceau_err *err)
{
	EVP_PKEY *key = import_key(MLKEM_SEED, seed, SCEAU_AGE_MLKEM_SEED_SIZE);
	EVP_PKEY_CTX *context = key == NULL ? NULL
	                                    : EVP_PKEY_CTX_new_from_pkey(
						      NULL, key, NULL);
	size_t len = SCEAU_AGE_KEY_SIZE;
	int ret = 0;

	if (context == NULL || EVP_PKEY_decapsulate_init(context, NULL) != 1 ||
	    EVP_PKEY_decapsulate(context, shared_r, &len, sealed,
	                         SCEAU_AGE_MLKEM_SEALED_SIZE) != 1)
		ret = fail_library(err);
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(key); /* wipes it */
	return ret;
}
