/* dkim_test_key.h - private keys for tests, made on the spot
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_TEST_DKIM_KEY_H
#define SCEAU_TEST_DKIM_KEY_H

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#define TEST_PEM_SIZE 8192

/* Write pkey to out as PEM and free it; encrypted with "secret" when cipher is
   not NULL. */
static inline void test_pem(EVP_PKEY *pkey, const EVP_CIPHER *cipher,
                            char out[TEST_PEM_SIZE])
{
	BIO *bio = BIO_new(BIO_s_mem());
	char secret[] = "secret";
	char *data;
	long len;

	assert_non_null(pkey);
	assert_int_equal(PEM_write_bio_PrivateKey(bio, pkey, cipher, NULL, 0,
	                                          NULL, cipher ? secret : NULL),
	                 1);
	len = BIO_get_mem_data(bio, &data);
	assert_in_range(len, 1, TEST_PEM_SIZE - 1);
	memcpy(out, data, (size_t)len);
	out[len] = '\0';
	BIO_free(bio);
	EVP_PKEY_free(pkey);
}

#endif
