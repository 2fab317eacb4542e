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

#define HOST_SIZE 256

struct sceau_dkim_key {
	char domain[HOST_SIZE];
	char selector[HOST_SIZE];
	unsigned bits;
	char *pem; /* sodium_malloc, NUL-terminated */
};

/* No terminal: an encrypted key fails instead of asking. */
static int no_passphrase(char *buf, int size, int writing, void *closure)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)closure;
	return -1;
}

static int check_type(const EVP_PKEY *pkey, unsigned *bits_r,
                      struct sceau_err *err)
{
	if (EVP_PKEY_base_id(pkey) != EVP_PKEY_RSA) {
		const char *type = EVP_PKEY_get0_type_name(pkey);

		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a key of type %s; rsa-sha256 needs an RSA "
		                  "key",
		                  type != NULL ? type : "unknown");
	}
	int bits = EVP_PKEY_bits(pkey);

	if (bits < SCEAU_DKIM_MIN_BITS)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "an RSA key of %d bits; verifiers ignore "
		                  "less than %d, make one of %d",
		                  bits, SCEAU_DKIM_MIN_BITS,
		                  SCEAU_DKIM_GOOD_BITS);
	*bits_r = (unsigned)bits;
	return 0;
}

/* Write the key again as plain PEM: what the library gets holds the key alone,
   no text around it (it takes a text that begins with MII for base64). */
static char *plain_pem(const EVP_PKEY *pkey)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *data, *copy = NULL;

	if (bio == NULL)
		return NULL;
	if (PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL)) {
		long len = BIO_get_mem_data(bio, &data);

		if (len > 0)
			copy = sodium_malloc((size_t)len + 1);
		if (copy != NULL) {
			memcpy(copy, data, (size_t)len);
			copy[len] = '\0';
		}
	}
	BIO_free(bio);
	return copy;
}

static int read_pem(struct sceau_dkim_key *key, struct sceau_slice pem,
                    struct sceau_err *err)
{
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	EVP_PKEY *pkey;
	int ret;

	if (bio == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	ERR_clear_error();
	if (pkey == NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "not an unencrypted private key in PEM form");
	ret = check_type(pkey, &key->bits, err);
	if (ret == 0) {
		key->pem = plain_pem(pkey);
		if (key->pem == NULL)
			ret = sceau_fail(err, SCEAU_FAULT_TEMP,
			                 "out of memory");
	}
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return ret;
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

int sceau_dkim_key_new(struct sceau_slice pem, const char *domain,
                       const char *selector, struct sceau_dkim_key **key_r,
                       struct sceau_err *err)
{
	struct sceau_dkim_key *key = calloc(1, sizeof(*key));

	if (sodium_init() < 0 || key == NULL) {
		free(key);
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	}
	if (copy_host(domain, key->domain, "domain", err) < 0 ||
	    copy_host(selector, key->selector, "selector", err) < 0 ||
	    read_pem(key, pem, err) < 0) {
		sceau_dkim_key_free(&key);
		return -1;
	}
	sceau_text_make_lower(key->domain);
	*key_r = key;
	return 0;
}

void sceau_dkim_key_free(struct sceau_dkim_key **key)
{
	if (*key == NULL)
		return;
	sodium_free((*key)->pem);
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

unsigned sceau_dkim_key_bits(const struct sceau_dkim_key *key)
{
	return key->bits;
}

const char *sceau_dkim_key_pem(const struct sceau_dkim_key *key)
{
	return key->pem;
}
