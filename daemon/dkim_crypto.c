/* dkim_crypto.c - what DKIM needs of cryptography: SHA-256, RSA, Ed25519
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/dkim_crypto.h"

#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define EXPONENT_BITS_MAX 64

/* --- SHA-256 --- */

struct sceau_dkim_hash {
	EVP_MD_CTX *ctx;
	bool has_failed;
};

static struct sceau_dkim_hash *hash_alloc(void)
{
	struct sceau_dkim_hash *hash = calloc(1, sizeof(*hash));

	if (hash == NULL)
		return NULL;
	hash->ctx = EVP_MD_CTX_new();
	if (hash->ctx == NULL)
		sceau_dkim_hash_free(&hash);
	return hash;
}

struct sceau_dkim_hash *sceau_dkim_hash_new(void)
{
	struct sceau_dkim_hash *hash = hash_alloc();

	if (hash != NULL && !EVP_DigestInit_ex(hash->ctx, EVP_sha256(), NULL))
		sceau_dkim_hash_free(&hash);
	return hash;
}

struct sceau_dkim_hash *sceau_dkim_hash_copy(const struct sceau_dkim_hash *hash)
{
	struct sceau_dkim_hash *copy = hash_alloc();

	if (copy == NULL)
		return NULL;
	copy->has_failed = hash->has_failed;
	if (!EVP_MD_CTX_copy_ex(copy->ctx, hash->ctx))
		sceau_dkim_hash_free(&copy);
	return copy;
}

void sceau_dkim_hash_add(void *hash, const char *data, size_t len)
{
	struct sceau_dkim_hash *self = hash;

	if (!EVP_DigestUpdate(self->ctx, data, len))
		self->has_failed = true;
}

int sceau_dkim_hash_end(struct sceau_dkim_hash *hash,
                        unsigned char out[SCEAU_DKIM_HASH_SIZE])
{
	if (!EVP_DigestFinal_ex(hash->ctx, out, NULL))
		hash->has_failed = true;
	return hash->has_failed ? -1 : 0;
}

void sceau_dkim_hash_free(struct sceau_dkim_hash **hash)
{
	if (*hash == NULL)
		return;
	EVP_MD_CTX_free((*hash)->ctx);
	free(*hash);
	*hash = NULL;
}

/* --- public keys --- */

struct sceau_dkim_public {
	EVP_PKEY *pkey;
	unsigned bits; /* 0: Ed25519 */
};

/* All of the bytes, or none. */
static EVP_PKEY *read_rsa(const unsigned char *bytes, size_t len)
{
	const unsigned char *end = bytes;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &end, (long)len);

	if (pkey == NULL) {
		end = bytes;
		pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &end, (long)len);
	}
	if (pkey != NULL && end != bytes + len) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	return pkey;
}

static bool is_good_rsa(const EVP_PKEY *pkey)
{
	BIGNUM *exponent = NULL;
	bool is_good;

	if (EVP_PKEY_base_id(pkey) != EVP_PKEY_RSA ||
	    EVP_PKEY_bits(pkey) > SCEAU_DKIM_BITS_MAX)
		return false;
	is_good = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E,
	                                &exponent) &&
	          BN_num_bits(exponent) <= EXPONENT_BITS_MAX;
	BN_free(exponent);
	return is_good;
}

struct sceau_dkim_public *
sceau_dkim_public_new(const struct sceau_dkim_record *record)
{
	struct sceau_dkim_public *key = calloc(1, sizeof(*key));
	bool is_rsa = record->type == SCEAU_DKIM_RSA;

	if (key == NULL)
		return NULL;
	if (is_rsa)
		key->pkey = read_rsa(record->key, record->key_len);
	else
		key->pkey = EVP_PKEY_new_raw_public_key(
			EVP_PKEY_ED25519, NULL, record->key, record->key_len);
	ERR_clear_error();
	if (key->pkey == NULL || (is_rsa && !is_good_rsa(key->pkey))) {
		sceau_dkim_public_free(&key);
		return NULL;
	}
	if (is_rsa)
		key->bits = (unsigned)EVP_PKEY_bits(key->pkey);
	return key;
}

unsigned sceau_dkim_public_bits(const struct sceau_dkim_public *key)
{
	return key->bits;
}

const void *sceau_dkim_public_pkey(const struct sceau_dkim_public *key)
{
	return key->pkey;
}

static bool verify_rsa(EVP_PKEY *pkey, const unsigned char *hash,
                       const unsigned char *bytes, size_t len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	bool is_good;

	is_good = ctx != NULL && EVP_PKEY_verify_init(ctx) > 0 &&
	          EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
	          EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
	          EVP_PKEY_verify(ctx, bytes, len, hash,
	                          SCEAU_DKIM_HASH_SIZE) == 1;
	EVP_PKEY_CTX_free(ctx);
	return is_good;
}

static bool verify_ed25519(EVP_PKEY *pkey, const unsigned char *hash,
                           const unsigned char *bytes, size_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool is_good;

	is_good = ctx != NULL &&
	          EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) > 0 &&
	          EVP_DigestVerify(ctx, bytes, len, hash,
	                           SCEAU_DKIM_HASH_SIZE) == 1;
	EVP_MD_CTX_free(ctx);
	return is_good;
}

bool sceau_dkim_public_verify(const struct sceau_dkim_public *key,
                              const unsigned char hash[SCEAU_DKIM_HASH_SIZE],
                              const unsigned char *bytes, size_t len)
{
	bool is_good = key->bits > 0
	                       ? verify_rsa(key->pkey, hash, bytes, len)
	                       : verify_ed25519(key->pkey, hash, bytes, len);

	ERR_clear_error();
	return is_good;
}

void sceau_dkim_public_free(struct sceau_dkim_public **key)
{
	if (*key == NULL)
		return;
	EVP_PKEY_free((*key)->pkey);
	free(*key);
	*key = NULL;
}
