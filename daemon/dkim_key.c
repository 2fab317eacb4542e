/* dkim_key.c - one private key that signs mail of one domain
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/dkim_key.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/base64.h"

#define HOST_SIZE 256

struct sceau_dkim_key {
	char domain[HOST_SIZE];
	char selector[HOST_SIZE];
	enum sceau_dkim_key_type type;
	unsigned bits; /* 0: Ed25519 */
	EVP_PKEY *pkey;
};

/* --- reading --- */

/* No terminal: an encrypted key fails instead of asking. */
static int no_passphrase(char *buf, int size, int writing, void *closure)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)closure;
	return -1;
}

static int check_bits(int bits, struct sceau_err *err)
{
	if (bits < SCEAU_DKIM_MIN_BITS)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "an RSA key of %d bits; verifiers ignore "
		                  "less than %d, make one of %d",
		                  bits, SCEAU_DKIM_MIN_BITS,
		                  SCEAU_DKIM_GOOD_BITS);
	if (bits > SCEAU_DKIM_BITS_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "an RSA key of %d bits; more than %d fit no "
		                  "verifier, make one of %d",
		                  bits, SCEAU_DKIM_BITS_MAX,
		                  SCEAU_DKIM_GOOD_BITS);
	return 0;
}

static int read_type(struct sceau_dkim_key *key, struct sceau_err *err)
{
	const char *type = EVP_PKEY_get0_type_name(key->pkey);

	if (EVP_PKEY_base_id(key->pkey) == EVP_PKEY_ED25519) {
		key->type = SCEAU_DKIM_ED25519;
		return 0;
	}
	if (EVP_PKEY_base_id(key->pkey) != EVP_PKEY_RSA)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a key of type %s; DKIM knows RSA and "
		                  "Ed25519",
		                  type != NULL ? type : "unknown");
	key->type = SCEAU_DKIM_RSA;
	key->bits = (unsigned)EVP_PKEY_bits(key->pkey);
	return check_bits(EVP_PKEY_bits(key->pkey), err);
}

/* A damaged key signs, too: nobody would find out before the recipients. */
static int try_out(const struct sceau_dkim_key *key, struct sceau_err *err)
{
	static const unsigned char hash[SCEAU_DKIM_HASH_SIZE] = "sceau";
	unsigned char bytes[SCEAU_DKIM_SIGNATURE_SIZE];
	struct sceau_dkim_record record;
	struct sceau_dkim_public *public = NULL;
	struct sceau_buf text;
	bool is_good = false;
	size_t len;

	sceau_buf_init(&text, SCEAU_DKIM_RECORD_KEY_MAX * 2);
	(void)sceau_buf_append_text(&text, "k=");
	(void)sceau_buf_append_text(&text, sceau_dkim_key_type_name(key->type));
	(void)sceau_buf_append_text(&text, "; p=");
	if (sceau_dkim_key_print_public(key, &text, NULL) == 0 &&
	    sceau_dkim_record_read(sceau_slice_of(text.data), &record) == NULL)
	public = sceau_dkim_public_new(&record);
	if (public != NULL && sceau_dkim_key_sign(key, hash, bytes, &len) == 0)
		is_good = sceau_dkim_public_verify(public, hash, bytes, len);
	sceau_dkim_public_free(&public);
	sceau_buf_deinit(&text);
	if (!is_good)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a damaged key: what it signs does not "
		                  "verify");
	return 0;
}

static int read_pem(struct sceau_dkim_key *key, struct sceau_slice pem,
                    struct sceau_err *err)
{
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);

	if (bio == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	key->pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	ERR_clear_error();
	if (key->pkey == NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "not an unencrypted private key in PEM form");
	if (read_type(key, err) < 0)
		return -1;
	return try_out(key, err);
}

/* Copy a domain or selector; what stands in the signature must be the name
   that verifiers ask DNS for. */
static int copy_host(const char *name, char out[HOST_SIZE], const char *what,
                     struct sceau_err *err)
{
	struct sceau_slice slice = sceau_slice_of(name);
	bool good = slice.len > 0 && slice.len < 254;
	char before = '.';

	for (size_t i = 0; good && i < slice.len; i++) {
		char c = slice.data[i];

		good = sceau_text_is_alpha(c) || sceau_text_is_digit(c) ||
		       c == '-' || c == '_' || (c == '.' && before != '.');
		before = c;
	}
	if (!good || before == '.')
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "\"%s\" cannot be a %s: letters, digits, "
		                  "'-', '_' and single dots (other scripts in "
		                  "their xn-- form)",
		                  name, what);
	return sceau_slice_copy(slice, out, HOST_SIZE);
}

static struct sceau_dkim_key *
key_alloc(const char *domain, const char *selector, struct sceau_err *err)
{
	struct sceau_dkim_key *key = calloc(1, sizeof(*key));

	if (sodium_init() < 0 || key == NULL) {
		free(key);
		(void)sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	if (copy_host(domain, key->domain, "domain", err) < 0 ||
	    copy_host(selector, key->selector, "selector", err) < 0) {
		sceau_dkim_key_free(&key);
		return NULL;
	}
	sceau_text_make_lower(key->domain);
	return key;
}

int sceau_dkim_key_new(struct sceau_slice pem, const char *domain,
                       const char *selector, struct sceau_dkim_key **key_r,
                       struct sceau_err *err)
{
	struct sceau_dkim_key *key = key_alloc(domain, selector, err);

	if (key == NULL)
		return -1;
	if (read_pem(key, pem, err) < 0) {
		sceau_dkim_key_free(&key);
		return -1;
	}
	*key_r = key;
	return 0;
}

int sceau_dkim_key_generate(enum sceau_dkim_key_type type, unsigned bits,
                            const char *domain, const char *selector,
                            struct sceau_dkim_key **key_r,
                            struct sceau_err *err)
{
	struct sceau_dkim_key *key;

	if (type == SCEAU_DKIM_RSA && check_bits((int)bits, err) < 0)
		return -1;
	key = key_alloc(domain, selector, err);
	if (key == NULL)
		return -1;
	if (type == SCEAU_DKIM_RSA)
		key->pkey = EVP_RSA_gen(bits);
	else
		key->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	ERR_clear_error();
	if (key->pkey == NULL) {
		sceau_dkim_key_free(&key);
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "libcrypto cannot make a key");
	}
	if (read_type(key, err) < 0 || try_out(key, err) < 0) {
		sceau_dkim_key_free(&key);
		return -1;
	}
	*key_r = key;
	return 0;
}

void sceau_dkim_key_free(struct sceau_dkim_key **key)
{
	if (*key == NULL)
		return;
	EVP_PKEY_free((*key)->pkey);
	free(*key);
	*key = NULL;
}

const char *sceau_dkim_key_domain(const struct sceau_dkim_key *key)
{
	return key->domain;
}

const char *sceau_dkim_key_selector(const struct sceau_dkim_key *key)
{
	return key->selector;
}

enum sceau_dkim_key_type sceau_dkim_key_type(const struct sceau_dkim_key *key)
{
	return key->type;
}

unsigned sceau_dkim_key_bits(const struct sceau_dkim_key *key)
{
	return key->bits;
}

/* --- signing --- */

static bool sign_rsa(EVP_PKEY *pkey, const unsigned char *hash,
                     unsigned char *bytes, size_t *len_r)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	bool is_good;

	is_good = ctx != NULL && EVP_PKEY_sign_init(ctx) > 0 &&
	          EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
	          EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
	          EVP_PKEY_sign(ctx, bytes, len_r, hash,
	                        SCEAU_DKIM_HASH_SIZE) == 1;
	EVP_PKEY_CTX_free(ctx);
	return is_good;
}

static bool sign_ed25519(EVP_PKEY *pkey, const unsigned char *hash,
                         unsigned char *bytes, size_t *len_r)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool is_good;

	is_good = ctx != NULL &&
	          EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) > 0 &&
	          EVP_DigestSign(ctx, bytes, len_r, hash,
	                         SCEAU_DKIM_HASH_SIZE) == 1;
	EVP_MD_CTX_free(ctx);
	return is_good;
}

int sceau_dkim_key_sign(const struct sceau_dkim_key *key,
                        const unsigned char hash[SCEAU_DKIM_HASH_SIZE],
                        unsigned char bytes[SCEAU_DKIM_SIGNATURE_SIZE],
                        size_t *len_r)
{
	size_t len = SCEAU_DKIM_SIGNATURE_SIZE;
	bool is_good = key->type == SCEAU_DKIM_RSA
	                       ? sign_rsa(key->pkey, hash, bytes, &len)
	                       : sign_ed25519(key->pkey, hash, bytes, &len);

	ERR_clear_error();
	if (!is_good)
		return -1;
	*len_r = len;
	return 0;
}

/* --- its public half --- */

bool sceau_dkim_key_is_same(const struct sceau_dkim_key *key,
                            const struct sceau_dkim_record *record)
{
	struct sceau_dkim_public *public = sceau_dkim_public_new(record);
	bool is_same;

	if (public == NULL)
		return false;
	is_same = EVP_PKEY_eq(key->pkey, sceau_dkim_public_pkey(public)) == 1;
	ERR_clear_error();
	sceau_dkim_public_free(&public);
	return is_same;
}

bool sceau_dkim_key_is_equal(const struct sceau_dkim_key *a,
                             const struct sceau_dkim_key *b)
{
	bool is_same = EVP_PKEY_eq(a->pkey, b->pkey) == 1;

	ERR_clear_error();
	return is_same;
}

static int print_base64(const unsigned char *bytes, size_t len,
                        struct sceau_buf *out)
{
	char *text = malloc(SCEAU_BASE64_LENGTH(len) + 3);
	size_t used;

	if (text == NULL)
		return -1;
	used = sceau_base64_encode(bytes, len, text);
	while (used % 4 != 0)
		text[used++] = '=';
	(void)sceau_buf_append(out, text, used);
	free(text);
	return out->failed ? -1 : 0;
}

int sceau_dkim_key_print_public(const struct sceau_dkim_key *key,
                                struct sceau_buf *out, struct sceau_err *err)
{
	unsigned char raw[32], *der = NULL;
	size_t raw_len = sizeof(raw);
	int len, ret = -1;

	if (key->type == SCEAU_DKIM_ED25519) {
		if (EVP_PKEY_get_raw_public_key(key->pkey, raw, &raw_len))
			ret = print_base64(raw, raw_len, out);
	} else {
		len = i2d_PUBKEY(key->pkey, &der);
		if (len > 0)
			ret = print_base64(der, (size_t)len, out);
		OPENSSL_free(der);
	}
	ERR_clear_error();
	if (ret < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	return 0;
}

char *sceau_dkim_key_print_private(const struct sceau_dkim_key *key,
                                   size_t *len_r)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *data, *copy = NULL;

	if (bio == NULL)
		return NULL;
	if (PEM_write_bio_PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL,
	                             NULL)) {
		long len = BIO_get_mem_data(bio, &data);

		if (len > 0)
			copy = sodium_malloc((size_t)len);
		if (copy != NULL) {
			memcpy(copy, data, (size_t)len);
			*len_r = (size_t)len;
		}
	}
	BIO_free(bio);
	ERR_clear_error();
	return copy;
}
