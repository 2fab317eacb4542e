/* test_age_crypto.c - golden outputs of the ciphers: RFC 4231, 5869 and 8439
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "age/age_crypto.h"

static size_t unhex(const char *text, uint8_t *out)
{
	size_t len = 0;

	assert_int_equal(
		sodium_hex2bin(out, 256, text, strlen(text), " ", &len, NULL),
		0);
	return len;
}

static struct sceau_slice slice(const uint8_t *data, size_t len)
{
	return (struct sceau_slice){ (const char *)data, len };
}

/* RFC 4231, test case 2. */
static void test_hmac(void **state)
{
	uint8_t mac[32];
	uint8_t want[256];

	(void)state;
	unhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec384"
	      "3",
	      want);
	assert_int_equal(
		sceau_age_hmac(sceau_slice_of("Jefe"),
	                       sceau_slice_of("what do ya want for nothing?"),
	                       mac, NULL),
		0);
	assert_memory_equal(mac, want, 32);
}

/* RFC 5869, appendix A.3 has an empty salt and info; A.1 both, first block. */
static void test_hkdf(void **state)
{
	uint8_t secret[256];
	uint8_t salt[256];
	uint8_t key[32];
	uint8_t want[256];

	(void)state;
	size_t secret_len = unhex(
		"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", secret);
	unhex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2"
	      "d",
	      want);
	assert_int_equal(sceau_age_hkdf(slice(secret, secret_len),
	                                sceau_slice_of(NULL), "", key, NULL),
	                 0);
	assert_memory_equal(key, want, 32);

	size_t salt_len = unhex("000102030405060708090a0b0c", salt);
	unhex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5b"
	      "f",
	      want);
	assert_int_equal(sceau_age_hkdf(slice(secret, secret_len),
	                                slice(salt, salt_len),
	                                "\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7"
	                                "\xf8\xf9",
	                                key, NULL),
	                 0);
	assert_memory_equal(key, want, 32);
}

/* libsodium is the second opinion, over lengths around the block sizes. */
static void test_aead_against_sodium(void **state)
{
	uint8_t key[32] = { 1, 2, 3 };
	uint8_t nonce[12] = { 9 };
	uint8_t plain[300];
	struct sceau_age_aead *aead;

	(void)state;
	memset(plain, 'x', sizeof(plain));
	assert_int_equal(sceau_age_aead_new(key, true, &aead, NULL), 0);
	for (size_t len = 0; len <= sizeof(plain); len++) {
		uint8_t got[316];
		uint8_t want[316];
		nonce[11] = (uint8_t)len;
		assert_int_equal(
			sceau_age_aead_seal(aead, nonce, plain, len, got, NULL),
			0);
		crypto_aead_chacha20poly1305_ietf_encrypt(
			want, NULL, plain, len, NULL, 0, NULL, nonce, key);
		assert_memory_equal(got, want, len + 16);
	}
	sceau_age_aead_free(&aead);
	assert_null(aead);
	sceau_age_aead_free(&aead);
}

static void test_aead_refuses(void **state)
{
	static const uint8_t zero[40];
	uint8_t key[32] = { 5 };
	uint8_t nonce[12] = { 0 };
	uint8_t sealed[56];
	uint8_t plain[40];
	struct sceau_age_aead *sealer;
	struct sceau_age_aead *opener;

	(void)state;
	memset(plain, 7, sizeof(plain));
	assert_int_equal(sceau_age_aead_new(key, true, &sealer, NULL), 0);
	assert_int_equal(sceau_age_aead_new(key, false, &opener, NULL), 0);
	assert_int_equal(
		sceau_age_aead_seal(sealer, nonce, plain, 40, sealed, NULL), 0);
	for (size_t bit = 0; bit < sizeof(sealed) * 8; bit++) {
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		memset(plain, 7, sizeof(plain));
		assert_int_equal(sceau_age_aead_open(opener, nonce, sealed, 56,
		                                     plain, NULL),
		                 0);
		assert_memory_equal(plain, zero, 40);
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	nonce[0] ^= 1;
	assert_int_equal(
		sceau_age_aead_open(opener, nonce, sealed, 56, plain, NULL), 0);
	nonce[0] ^= 1;
	/* Refusing does not spoil the key, and in place works, too. */
	assert_int_equal(
		sceau_age_aead_open(opener, nonce, sealed, 56, sealed, NULL),
		1);
	assert_int_equal(sealed[0], 7);
	sceau_age_aead_free(&sealer);
	sceau_age_aead_free(&opener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_hkdf),
		cmocka_unit_test(test_aead_against_sodium),
		cmocka_unit_test(test_aead_refuses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
