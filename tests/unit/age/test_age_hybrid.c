/* test_age_hybrid.c - the hybrid KEM, its key schedule and its stanza
 *
 * The figures are those of the HPKE test vectors for MLKEM768-X25519 with
 * HKDF-SHA-256 and ChaCha20-Poly1305 (FiloSottile/hpke, testdata/hpke-pq.json),
 * which are made from known random bytes; long values are kept as SHA-256.
 * What needs ML-KEM is run where OpenSSL has it (3.5, Debian 13); elsewhere the
 * same calls must say so.
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <sodium.h>

#include "age/age_hybrid.h"
#include "base/base64.h"
#include "unit/age/age_test.h"

static const char seed_text[] = "b3f98b03126a431ccecc62ae0f68e102"
				"c2d8e1cc7b21ba85d821d8e31761e0f8";
static const char random_text[] = "a3a869097e0241158eca5dc6c9e695f9"
				  "e0d2ee5db51c09c435aab69d56509a43"
				  "d94ff76d7d47cf79ecf75394261236ce"
				  "c024bd849cc782e14f7f0738af83daed";
static const char public_sha256[] = "120b60e0ae3c00c1c9def1c61aeb12de"
				    "710bfa49646ae6f99a7e564b25ace493";
static const char enc_sha256[] = "3a7ef30fb815e75b7f0f16f5bab5c362"
				 "50882d94ea0f776cc2241cdd3b36b480";
static const char shared_text[] = "b90cf181d95351d1091569487caaf6c3"
				  "434eeb181a2c4c04631980ce139afa67";
/* Hexadecimal digits that stand for themselves. */
static const char info_text[] = "4f6465206f6e2061204772656369616e2055726e";
static const char key_text[] = "4a4c042267e8ec360c83b2baf0d5e3dc"
			       "ca73a86531cdf67ec41d95bccfe12387";
static const char nonce_text[] = "5ddfaaee10a4dfd0d8e1b49f";

static const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE] = "YELLOW SUBMARIN";

static uint8_t seed[SCEAU_AGE_HYBRID_SEED_SIZE];
static uint8_t random_bytes[SCEAU_AGE_HYBRID_RANDOM_SIZE];
static uint8_t public[SCEAU_AGE_HYBRID_PUBLIC_SIZE];
static uint8_t shared[SCEAU_AGE_KEY_SIZE];
static uint8_t *const public_x = public + SCEAU_AGE_MLKEM_PUBLIC_SIZE;

static void unhex(const char *text, uint8_t *out, size_t size)
{
	size_t len;

	assert_int_equal(
		sodium_hex2bin(out, size, text, strlen(text), NULL, &len, NULL),
		0);
	assert_int_equal(len, size);
}

static void check_sha256(const uint8_t *data, size_t len, const char *want)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	char text[2 * sizeof(hash) + 1];

	crypto_hash_sha256(hash, data, len);
	sodium_bin2hex(text, sizeof(text), hash, sizeof(hash));
	assert_string_equal(text, want);
}

static int setup(void **state)
{
	(void)state;
	unhex(seed_text, seed, sizeof(seed));
	unhex(random_text, random_bytes, sizeof(random_bytes));
	unhex(shared_text, shared, sizeof(shared));
	if (sceau_age_mlkem_is_available() &&
	    sceau_age_hybrid_public(seed, public, NULL) < 0)
		return -1;
	return 0;
}

/* Skip what cannot run here. */
static void need_mlkem(void)
{
	if (!sceau_age_mlkem_is_available())
		skip();
}

static void test_schedule(void **state)
{
	uint8_t want_key[SCEAU_AGE_KEY_SIZE];
	uint8_t want_nonce[SCEAU_AGE_AEAD_NONCE_SIZE];
	uint8_t key[SCEAU_AGE_KEY_SIZE];
	uint8_t nonce[SCEAU_AGE_AEAD_NONCE_SIZE];

	(void)state;
	unhex(key_text, want_key, sizeof(want_key));
	unhex(nonce_text, want_nonce, sizeof(want_nonce));
	assert_int_equal(sceau_age_hybrid_schedule(shared,
	                                           sceau_slice_of(info_text),
	                                           key, nonce, NULL),
	                 0);
	assert_memory_equal(key, want_key, sizeof(key));
	assert_memory_equal(nonce, want_nonce, sizeof(nonce));
}

static void test_kem(void **state)
{
	uint8_t enc[SCEAU_AGE_HYBRID_ENC_SIZE];
	uint8_t got[SCEAU_AGE_KEY_SIZE];

	(void)state;
	need_mlkem();
	check_sha256(public, sizeof(public), public_sha256);
	assert_int_equal(sceau_age_hybrid_encapsulate(public, random_bytes, enc,
	                                              got, NULL),
	                 0);
	check_sha256(enc, sizeof(enc), enc_sha256);
	assert_memory_equal(got, shared, sizeof(got));
	memset(got, 0, sizeof(got));
	assert_int_equal(
		sceau_age_hybrid_decapsulate(seed, public_x, enc, got, NULL),
		SCEAU_AGE_OK);
	assert_memory_equal(got, shared, sizeof(got));
}

/* Either half altered gives another secret, not an error. */
static void test_altered_enc(void **state)
{
	static const size_t places[] = { 0, SCEAU_AGE_MLKEM_SEALED_SIZE - 1,
		                         SCEAU_AGE_MLKEM_SEALED_SIZE };
	uint8_t enc[SCEAU_AGE_HYBRID_ENC_SIZE];
	uint8_t got[SCEAU_AGE_KEY_SIZE];
	struct sceau_err err;

	(void)state;
	need_mlkem();
	assert_int_equal(sceau_age_hybrid_encapsulate(public, random_bytes, enc,
	                                              got, NULL),
	                 0);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		enc[places[i]] ^= 1;
		assert_int_equal(sceau_age_hybrid_decapsulate(seed, public_x,
		                                              enc, got, NULL),
		                 SCEAU_AGE_OK);
		assert_memory_not_equal(got, shared, sizeof(got));
		enc[places[i]] ^= 1;
	}
	/* RFC 7748, 6.1: a share that makes every secret zero. */
	memset(enc + SCEAU_AGE_MLKEM_SEALED_SIZE, 0, SCEAU_AGE_X25519_SIZE);
	assert_int_equal(
		sceau_age_hybrid_decapsulate(seed, public_x, enc, got, &err),
		SCEAU_AGE_HEADER);
	assert_int_equal(err.fault, SCEAU_FAULT_PEER);
}

static void test_bad_public(void **state)
{
	uint8_t bad[SCEAU_AGE_HYBRID_PUBLIC_SIZE];
	uint8_t enc[SCEAU_AGE_HYBRID_ENC_SIZE];
	uint8_t got[SCEAU_AGE_KEY_SIZE];
	struct sceau_err err;

	(void)state;
	need_mlkem();
	/* FIPS 203, 7.2: a coefficient of 4095 is not below q = 3329. */
	memcpy(bad, public, sizeof(bad));
	bad[0] = 0xff;
	bad[1] |= 0x0f;
	assert_int_equal(
		sceau_age_hybrid_encapsulate(bad, random_bytes, enc, got, &err),
		-1);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	memcpy(bad, public, sizeof(bad));
	memset(bad + SCEAU_AGE_MLKEM_PUBLIC_SIZE, 0, SCEAU_AGE_X25519_SIZE);
	assert_int_equal(
		sceau_age_hybrid_encapsulate(bad, random_bytes, enc, got, &err),
		-1);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
}

/* Parse the header text and read its only stanza. */
static enum sceau_age_status read_stanza(const struct sceau_buf *text,
                                         struct sceau_age_hybrid *parts,
                                         struct sceau_err *err)
{
	struct sceau_age_header header;

	assert_int_equal(
		sceau_age_header_parse(text->data, text->used, &header, NULL),
		SCEAU_AGE_OK);
	return sceau_age_hybrid_read(&header.stanzas[0], parts, err);
}

/* A header with one stanza of a share and a body of so many bytes. */
static void make_stanza(struct sceau_buf *out, size_t share_len,
                        size_t body_len, const char *suffix)
{
	static const uint8_t bytes[2000] = { 7 };
	char share[2000];
	char line[3000];

	sceau_base64_encode(bytes, share_len, share);
	snprintf(line, sizeof(line), "mlkem768x25519 %s%s", share, suffix);
	sceau_buf_init(out, SCEAU_AGE_HEADER_MAX);
	assert_int_equal(sceau_age_header_begin(out, NULL), 0);
	assert_int_equal(
		sceau_age_header_add_stanza(out, line, bytes, body_len, NULL),
		0);
	assert_int_equal(sceau_age_header_end(out, file_key, NULL), 0);
}

static const struct {
	size_t share_len;
	size_t body_len;
	const char *suffix;
	const char *want; /* part of the error; NULL: fine */
} forms[] = {
	{ 1120, 32, "", NULL },
	{ 1119, 32, "", "1120 bytes" },
	{ 1121, 32, "", "1120 bytes" },
	{ 32, 32, "", "1120 bytes" },
	/* 1120 bytes end with two characters of a group: 4 spare bits. */
	{ 1120, 32, "A", "1120 bytes" },
	{ 1120, 32, "=", "1120 bytes" },
	{ 1120, 32, " A", "exactly one argument" },
	{ 1120, 31, "", "32 bytes" },
	{ 1120, 33, "", "32 bytes" },
	{ 1120, 0, "", "32 bytes" },
	{ 1120, 1000, "", "32 bytes" },
};

static void test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct sceau_age_hybrid parts;
		struct sceau_buf text;
		struct sceau_err err = { 0 };
		make_stanza(&text, forms[i].share_len, forms[i].body_len,
		            forms[i].suffix);
		enum sceau_age_status got = read_stanza(&text, &parts, &err);
		assert_int_equal(got, forms[i].want == NULL ? SCEAU_AGE_OK
		                                            : SCEAU_AGE_HEADER);
		if (forms[i].want != NULL &&
		    strstr(err.text, forms[i].want) == NULL)
			fail_msg("form %zu: %s", i, err.text);
		sceau_buf_deinit(&text);
	}
	/* No argument at all. */
	struct sceau_age_stanza bare = { .type = sceau_slice_of(
						 "mlkem768x25519") };
	struct sceau_age_hybrid parts;
	assert_int_equal(sceau_age_hybrid_read(&bare, &parts, NULL),
	                 SCEAU_AGE_HEADER);
}

static void test_wrap_open(void **state)
{
	uint32_t number = 5;
	struct sceau_random random = { fill_repeatable, &number };
	uint8_t other[SCEAU_AGE_HYBRID_SEED_SIZE] = { 1 };
	uint8_t other_public[SCEAU_AGE_HYBRID_PUBLIC_SIZE];
	uint8_t got[SCEAU_AGE_FILE_KEY_SIZE];
	struct sceau_age_hybrid parts;
	struct sceau_buf text;

	(void)state;
	need_mlkem();
	sceau_buf_init(&text, SCEAU_AGE_HEADER_MAX);
	assert_int_equal(sceau_age_header_begin(&text, NULL), 0);
	assert_int_equal(
		sceau_age_hybrid_wrap(public, file_key, &random, &text, NULL),
		0);
	assert_int_equal(sceau_age_header_end(&text, file_key, NULL), 0);
	assert_int_equal(text.used, 1627); /* one stanza, computed by hand */
	assert_int_equal(read_stanza(&text, &parts, NULL), SCEAU_AGE_OK);
	sceau_buf_deinit(&text);
	assert_int_equal(
		sceau_age_hybrid_open(&parts, seed, public_x, got, NULL),
		SCEAU_AGE_OK);
	assert_memory_equal(got, file_key, sizeof(got));

	assert_int_equal(sceau_age_hybrid_public(other, other_public, NULL), 0);
	assert_int_equal(sceau_age_hybrid_open(
				 &parts, other,
				 other_public + SCEAU_AGE_MLKEM_PUBLIC_SIZE,
				 got, NULL),
	                 SCEAU_AGE_NO_MATCH);
	for (size_t i = 0; i < sizeof(parts.body); i++) {
		parts.body[i] ^= 0x40;
		assert_int_equal(sceau_age_hybrid_open(&parts, seed, public_x,
		                                       got, NULL),
		                 SCEAU_AGE_NO_MATCH);
		parts.body[i] ^= 0x40;
	}
	parts.enc[17] ^= 1;
	assert_int_equal(
		sceau_age_hybrid_open(&parts, seed, public_x, got, NULL),
		SCEAU_AGE_NO_MATCH);
}

static void test_no_random(void **state)
{
	struct sceau_random random = { fill_never, NULL };
	struct sceau_buf out;
	struct sceau_err err;

	(void)state;
	sceau_buf_init(&out, 4096);
	assert_int_equal(
		sceau_age_hybrid_wrap(public, file_key, &random, &out, &err),
		-1);
	assert_int_equal(err.fault, SCEAU_FAULT_TEMP);
	assert_int_equal(out.used, 0);
	sceau_buf_deinit(&out);
}

/* With an OpenSSL before 3.5 everything names what is missing. */
static void test_without_mlkem(void **state)
{
	struct sceau_random random = sceau_age_random();
	struct sceau_age_hybrid parts = { { 0 }, { 0 } };
	uint8_t got[SCEAU_AGE_HYBRID_PUBLIC_SIZE];
	struct sceau_buf out;
	struct sceau_err err;

	(void)state;
	if (sceau_age_mlkem_is_available())
		skip();
	sceau_buf_init(&out, 4096);
	assert_int_equal(sceau_age_hybrid_public(seed, got, &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	assert_non_null(strstr(err.text, "OpenSSL 3.5"));
	memset(&err, 0, sizeof(err));
	assert_int_equal(
		sceau_age_hybrid_wrap(public, file_key, &random, &out, &err),
		-1);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	assert_non_null(strstr(err.text, "OpenSSL 3.5"));
	memset(&err, 0, sizeof(err));
	assert_int_equal(
		sceau_age_hybrid_open(&parts, seed, public_x, got, &err),
		SCEAU_AGE_UNSUPPORTED);
	assert_non_null(strstr(err.text, "OpenSSL 3.5"));
	sceau_buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schedule),
		cmocka_unit_test(test_kem),
		cmocka_unit_test(test_altered_enc),
		cmocka_unit_test(test_bad_public),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_wrap_open),
		cmocka_unit_test(test_no_random),
		cmocka_unit_test(test_without_mlkem),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, setup, NULL);
}
