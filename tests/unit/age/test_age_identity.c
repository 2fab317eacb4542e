/* test_age_identity.c - keys as text, wrapping and unwrapping file keys
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sodium.h>

#include "age/age_identity.h"
#include "age/bech32.h"
#include "base/base64.h"
#include "unit/age/age_test.h"

static const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE] = "YELLOW SUBMARIN";

static void test_recipient(void **state)
{
	struct sceau_age_recipient recipient;
	struct sceau_age_recipient own;
	char text[SCEAU_AGE_RECIPIENT_TEXT_SIZE];
	struct sceau_age_identities *set = set_of(TEST_IDENTITY);

	(void)state;
	assert_int_equal(sceau_age_recipient_parse(
				 sceau_slice_of(" " TEST_RECIPIENT "\r\n"),
				 &recipient, NULL),
	                 0);
	sceau_age_recipient_format(&recipient, text);
	assert_string_equal(text, TEST_RECIPIENT);
	assert_int_equal(sceau_age_identities_recipient(set, 0, &own, NULL), 0);
	assert_true(sceau_age_recipient_equal(&own, &recipient));
	own.key[31] ^= 1;
	assert_false(sceau_age_recipient_equal(&own, &recipient));
	own.key[31] ^= 1;
	own.kind = SCEAU_AGE_HYBRID;
	assert_false(sceau_age_recipient_equal(&own, &recipient));
	assert_false(sceau_age_identities_has_hybrid(set));
	sceau_age_identities_free(&set);
}

static const struct {
	const char *text;
	const char *want; /* part of the error */
} bad_recipients[] = {
	{ "", "not a key" },
	{ "age1", "not a key" },
	{ TEST_RECIPIENT "x", "not a key" },
	{ TEST_IDENTITY, "secret identity" },
	/* Right checksum, wrong kind or length (BIP 173 examples). */
	{ "a12uel5l", "not a recipient" },
};

static void test_bad_recipients(void **state)
{
	const size_t count = sizeof(bad_recipients) / sizeof(bad_recipients[0]);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct sceau_age_recipient recipient;
		struct sceau_err err = { 0 };
		assert_int_equal(sceau_age_recipient_parse(
					 sceau_slice_of(bad_recipients[i].text),
					 &recipient, &err),
		                 -1);
		assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
		if (strstr(err.text, bad_recipients[i].want) == NULL)
			fail_msg("%s: %s", bad_recipients[i].text, err.text);
		assert_null(strstr(err.text, "1EGTZ"));
	}
}

/* Right prefix and checksum, wrong length; and kinds that we do not know. */
static void test_other_kinds(void **state)
{
	static const struct {
		const char *prefix;
		size_t len;
		const char *want;
	} kinds[] = {
		{ "age", 31, "not a recipient" },
		{ "age", 33, "not a recipient" },
		{ "age1pq", 1215, "not a recipient" },
		{ "age1pq", 1217, "not a recipient" },
		{ "age1pq", 32, "not a recipient" },
		{ "age1tagpq", 1249, "not a recipient" },
		{ "age1tag", 33, "not a recipient" },
	};
	uint8_t data[SCEAU_BECH32_DATA_MAX] = { 1 };
	char text[SCEAU_BECH32_TEXT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct sceau_age_recipient recipient;
		struct sceau_err err;
		assert_int_equal(sceau_bech32_encode(kinds[i].prefix, data,
		                                     kinds[i].len, text,
		                                     sizeof(text), NULL),
		                 0);
		assert_int_equal(sceau_age_recipient_parse(sceau_slice_of(text),
		                                           &recipient, &err),
		                 -1);
		assert_non_null(strstr(err.text, kinds[i].want));
	}
}

static const struct {
	const char *text;
	size_t count; /* 0 = refused */
	const char *want; /* part of the error */
} files[] = {
	{ TEST_IDENTITY, 1, "" },
	{ TEST_IDENTITY "\n", 1, "" },
	{ "# created by hand\r\n\r\n" TEST_IDENTITY "\r\n", 1, "" },
	{ "\n#\n" TEST_IDENTITY "\n" OTHER_IDENTITY "\n\n", 2, "" },
	{ "", 0, "no identity" },
	{ "# " TEST_IDENTITY "\n", 0, "no identity" },
	{ TEST_IDENTITY "\nnonsense\n", 0, "line 2: not a key" },
	{ "\n\n" TEST_RECIPIENT, 0, "line 3: not an identity" },
	{ TEST_IDENTITY " " OTHER_IDENTITY, 0, "line 1: " },
	{ "age-secret-key-"
	  "1egtzvffv20835nwyv6270lxyvk2vknx2mmdkwyklmgr48uawx40q2p2lm0",
	  0, "line 1: not an identity" },
	{ HYBRID_IDENTITY, 1, "" },
	{ TEST_IDENTITY "\n" HYBRID_IDENTITY "\n" OTHER_IDENTITY, 3, "" },
	{ "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX"
	  "0H3SK3ZQFQ",
	  0, "not a key" },
};

static void test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct sceau_age_identities *set;
		struct sceau_err err = { 0 };
		assert_int_equal(sceau_age_identities_new(&set, NULL), 0);
		int ret = sceau_age_identities_parse(
			set, sceau_slice_of(files[i].text), &err);
		assert_int_equal(ret, files[i].count == 0 ? -1 : 0);
		assert_int_equal(sceau_age_identities_count(set),
		                 files[i].count);
		if (strstr(err.text, files[i].want) == NULL)
			fail_msg("%s: %s", files[i].text, err.text);
		if (ret < 0)
			assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
		assert_null(strstr(err.text, "EGTZ"));
		sceau_age_identities_free(&set);
		assert_null(set);
	}
}

/* A broken file leaves what was in the set before. */
static void test_all_or_nothing(void **state)
{
	struct sceau_age_identities *set = set_of(OTHER_IDENTITY);
	char text[200];
	size_t len;

	(void)state;
	assert_int_equal(
		sceau_age_identities_parse(
			set, sceau_slice_of(TEST_IDENTITY "\nx\n"), NULL),
		-1);
	assert_int_equal(sceau_age_identities_count(set), 1);
	assert_int_equal(sceau_age_identities_format(set, text, sizeof(text),
	                                             &len, NULL),
	                 0);
	assert_string_equal(text, OTHER_IDENTITY "\n");
	assert_int_equal(len, strlen(text));
	assert_int_equal(
		sceau_age_identities_format(set, text, len, &len, NULL), -1);
	sceau_age_identities_free(&set);
}

static void test_generate(void **state)
{
	uint32_t seed = 7;
	struct sceau_random random = { fill_repeatable, &seed };
	struct sceau_random broken = { fill_never, NULL };
	struct sceau_age_identities *set;
	struct sceau_err err;

	(void)state;
	assert_int_equal(sceau_age_identities_new(&set, NULL), 0);
	assert_int_equal(sceau_age_identities_generate(set, SCEAU_AGE_X25519,
	                                               &broken, &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_TEMP);
	for (int i = 0; i < SCEAU_AGE_IDENTITIES_MAX; i++)
		assert_int_equal(sceau_age_identities_generate(
					 set, SCEAU_AGE_X25519, &random, &err),
		                 0);
	assert_int_equal(sceau_age_identities_generate(set, SCEAU_AGE_X25519,
	                                               &random, &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
	struct sceau_age_recipient a;
	struct sceau_age_recipient b;
	sceau_age_identities_recipient(set, 0, &a, NULL);
	sceau_age_identities_recipient(set, 1, &b, NULL);
	assert_false(sceau_age_recipient_equal(&a, &b));
	sceau_age_identities_free(&set);

	/* The system's source gives something, and not the same twice. */
	struct sceau_random system = sceau_age_random();
	uint8_t first[32] = { 0 };
	uint8_t second[32] = { 0 };
	assert_int_equal(system.fill(system.context, first, 32), 0);
	assert_int_equal(system.fill(system.context, second, 32), 0);
	assert_memory_not_equal(first, second, 32);
}

/* A header for the holders of text, with file_key in it. */
static void make_header(struct sceau_buf *out, const char *holders)
{
	uint32_t seed = 99;
	struct sceau_random random = { fill_repeatable, &seed };
	struct sceau_age_identities *set = set_of(holders);

	sceau_buf_init(out, SCEAU_AGE_HEADER_MAX);
	assert_int_equal(sceau_age_header_begin(out, NULL), 0);
	for (size_t i = 0; i < sceau_age_identities_count(set); i++) {
		struct sceau_age_recipient recipient;
		sceau_age_identities_recipient(set, i, &recipient, NULL);
		assert_int_equal(sceau_age_wrap(&recipient, file_key, &random,
		                                out, NULL),
		                 0);
	}
	assert_int_equal(sceau_age_header_end(out, file_key, NULL), 0);
	sceau_age_identities_free(&set);
}

static enum sceau_age_status unwrap(const struct sceau_buf *buf,
                                    const char *identities, uint8_t *key,
                                    struct sceau_err *err)
{
	struct sceau_age_identities *set = set_of(identities);
	struct sceau_age_header header;
	enum sceau_age_status status = sceau_age_header_parse(
		buf->data, buf->used, &header, err);

	if (status == SCEAU_AGE_OK)
		status = sceau_age_unwrap(set, &header, buf->data, key, err);
	sceau_age_identities_free(&set);
	return status;
}

static const struct {
	const char *holders;
	const char *identities;
	enum sceau_age_status want;
} wraps[] = {
	{ TEST_IDENTITY, TEST_IDENTITY, SCEAU_AGE_OK },
	{ TEST_IDENTITY, OTHER_IDENTITY, SCEAU_AGE_NO_MATCH },
	{ TEST_IDENTITY "\n" OTHER_IDENTITY, OTHER_IDENTITY, SCEAU_AGE_OK },
	{ TEST_IDENTITY "\n" OTHER_IDENTITY, TEST_IDENTITY, SCEAU_AGE_OK },
	{ OTHER_IDENTITY, TEST_IDENTITY "\n" OTHER_IDENTITY, SCEAU_AGE_OK },
	{ TEST_IDENTITY, TEST_IDENTITY "\n" OTHER_IDENTITY, SCEAU_AGE_OK },
};

static void test_wrap_unwrap(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wraps) / sizeof(wraps[0]); i++) {
		uint8_t key[SCEAU_AGE_FILE_KEY_SIZE] = "untouched";
		struct sceau_buf buf;
		struct sceau_err err;
		make_header(&buf, wraps[i].holders);
		assert_int_equal(unwrap(&buf, wraps[i].identities, key, &err),
		                 wraps[i].want);
		if (wraps[i].want == SCEAU_AGE_OK)
			assert_memory_equal(key, file_key, sizeof(key));
		else
			assert_string_equal((char *)key, "untouched");
		sceau_buf_deinit(&buf);
	}
}

/* No changed byte of a header gets its file key out. */
static void test_every_byte(void **state)
{
	struct sceau_buf buf;
	uint8_t key[SCEAU_AGE_FILE_KEY_SIZE];
	int hmac = 0;

	(void)state;
	make_header(&buf, TEST_IDENTITY "\n" OTHER_IDENTITY);
	for (size_t i = 0; i < buf.used; i++) {
		for (int bit = 0; bit < 8; bit++) {
			buf.data[i] ^= (char)(1 << bit);
			enum sceau_age_status got = unwrap(&buf, OTHER_IDENTITY,
			                                   key, NULL);
			assert_true(got != SCEAU_AGE_OK);
			hmac += got == SCEAU_AGE_HMAC;
			buf.data[i] ^= (char)(1 << bit);
		}
	}
	/* The other holder's stanza and the MAC itself are caught by it. */
	assert_true(hmac > 500);
	sceau_buf_deinit(&buf);
}

static void test_low_order_recipient(void **state)
{
	struct sceau_age_recipient recipient = { .kind = SCEAU_AGE_X25519 };
	struct sceau_random random = sceau_age_random();
	struct sceau_buf buf;
	struct sceau_err err;

	(void)state;
	sceau_buf_init(&buf, 1000);
	assert_int_equal(
		sceau_age_wrap(&recipient, file_key, &random, &buf, &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	assert_int_equal(buf.used, 0);
	random.fill = fill_never;
	assert_int_equal(
		sceau_age_wrap(&recipient, file_key, &random, &buf, &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_TEMP);
	sceau_buf_deinit(&buf);
}

/* As text the example of c2sp.org/age: its recipient has this SHA-256. */
static void test_hybrid_text(void **state)
{
	static const char want[] = "a091dd7e0ee9d62b75173dcc98441a0424baa941e66"
				   "a8776e570a4ae60ff61ea";
	struct sceau_age_identities *set = set_of(HYBRID_IDENTITY);
	struct sceau_age_recipient recipient;
	struct sceau_age_recipient again;
	char text[SCEAU_AGE_RECIPIENT_TEXT_SIZE];
	uint8_t hash[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof(hash) + 1];
	struct sceau_err err;
	size_t len;

	(void)state;
	assert_true(sceau_age_identities_has_hybrid(set));
	assert_int_equal(sceau_age_identities_format(set, text, sizeof(text),
	                                             &len, NULL),
	                 0);
	assert_string_equal(text, HYBRID_IDENTITY "\n");
	int ret = sceau_age_identities_recipient(set, 0, &recipient, &err);
	sceau_age_identities_free(&set);
	if (!sceau_age_mlkem_is_available()) {
		assert_int_equal(ret, -1);
		assert_non_null(strstr(err.text, "OpenSSL 3.5"));
		return;
	}
	assert_int_equal(ret, 0);
	sceau_age_recipient_format(&recipient, text);
	assert_int_equal(strlen(text), SCEAU_AGE_RECIPIENT_TEXT_SIZE - 1);
	crypto_hash_sha256(hash, (const uint8_t *)text, strlen(text));
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	assert_string_equal(hex, want);
	assert_int_equal(
		sceau_age_recipient_parse(sceau_slice_of(text), &again, NULL),
		0);
	assert_true(sceau_age_recipient_equal(&again, &recipient));
}

/* Without OpenSSL 3.5 a hybrid recipient cannot be sealed to, and no hybrid
   identity be made. */
static void test_hybrid_missing(void **state)
{
	struct sceau_random random = sceau_age_random();
	struct sceau_age_identities *set = set_of(TEST_IDENTITY);
	struct sceau_age_recipient recipient;
	uint8_t data[SCEAU_AGE_HYBRID_PUBLIC_SIZE] = { 1 };
	char text[SCEAU_BECH32_TEXT_MAX + 1];
	struct sceau_err err;

	(void)state;
	if (sceau_age_mlkem_is_available()) {
		sceau_age_identities_free(&set);
		skip();
	}
	assert_int_equal(sceau_age_identities_generate(set, SCEAU_AGE_HYBRID,
	                                               &random, &err),
	                 -1);
	assert_non_null(strstr(err.text, "OpenSSL 3.5"));
	assert_int_equal(sceau_age_identities_count(set), 1);
	assert_int_equal(sceau_bech32_encode("age1pq", data, sizeof(data), text,
	                                     sizeof(text), NULL),
	                 0);
	assert_int_equal(sceau_age_recipient_parse(sceau_slice_of(text),
	                                           &recipient, &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	assert_non_null(strstr(err.text, "OpenSSL 3.5"));
	sceau_age_identities_free(&set);
}

/* Both kinds in one set: each stanza is tried with its own. */
static void test_hybrid_wraps(void **state)
{
	static const char both[] = HYBRID_IDENTITY "\n" TEST_IDENTITY;
	uint8_t key[SCEAU_AGE_FILE_KEY_SIZE];
	struct sceau_buf buf;

	(void)state;
	if (!sceau_age_mlkem_is_available())
		skip();
	make_header(&buf, HYBRID_IDENTITY);
	assert_int_equal(unwrap(&buf, both, key, NULL), SCEAU_AGE_OK);
	assert_memory_equal(key, file_key, sizeof(key));
	assert_int_equal(unwrap(&buf, OTHER_HYBRID_IDENTITY, key, NULL),
	                 SCEAU_AGE_NO_MATCH);
	assert_int_equal(unwrap(&buf, TEST_IDENTITY, key, NULL),
	                 SCEAU_AGE_NO_MATCH);
	sceau_buf_deinit(&buf);
	make_header(&buf, TEST_IDENTITY);
	assert_int_equal(unwrap(&buf, both, key, NULL), SCEAU_AGE_OK);
	assert_int_equal(unwrap(&buf, HYBRID_IDENTITY, key, NULL),
	                 SCEAU_AGE_NO_MATCH);
	sceau_buf_deinit(&buf);
}

/* A hybrid stanza that is malformed is so on every system; a sound one is
   something that a system without OpenSSL 3.5 cannot open. Beside one that we
   can open it does no harm. */
static void test_hybrid_stanza(void **state)
{
	uint8_t enc[SCEAU_AGE_HYBRID_ENC_SIZE] = { 9 };
	uint8_t body[SCEAU_AGE_WRAPPED_SIZE] = { 9 };
	char line[2000] = "mlkem768x25519 ";
	uint8_t key[SCEAU_AGE_FILE_KEY_SIZE];
	struct sceau_buf buf;
	struct sceau_err err;

	(void)state;
	enc[SCEAU_AGE_MLKEM_SEALED_SIZE] = 9; /* the base point */
	sceau_base64_encode(enc, sizeof(enc), line + 15);
	make_header(&buf, TEST_IDENTITY);
	buf.used = SCEAU_AGE_MAGIC_SIZE;
	sceau_age_header_add_stanza(&buf, line, body, sizeof(body), NULL);
	size_t used = buf.used;
	sceau_age_header_end(&buf, file_key, NULL);
	assert_int_equal(unwrap(&buf, HYBRID_IDENTITY, key, &err),
	                 sceau_age_mlkem_is_available()
	                         ? SCEAU_AGE_NO_MATCH
	                         : SCEAU_AGE_UNSUPPORTED);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	if (!sceau_age_mlkem_is_available())
		assert_non_null(strstr(err.text, "OpenSSL 3.5"));

	struct sceau_random random = sceau_age_random();
	struct sceau_age_recipient recipient;
	sceau_age_recipient_parse(sceau_slice_of(TEST_RECIPIENT), &recipient,
	                          NULL);
	buf.used = used;
	assert_int_equal(
		sceau_age_wrap(&recipient, file_key, &random, &buf, NULL), 0);
	sceau_age_header_end(&buf, file_key, NULL);
	assert_int_equal(unwrap(&buf, TEST_IDENTITY, key, &err), SCEAU_AGE_OK);

	buf.used = SCEAU_AGE_MAGIC_SIZE;
	sceau_age_header_add_stanza(&buf, "mlkem768x25519 AAAA", body,
	                            sizeof(body), NULL);
	sceau_age_header_end(&buf, file_key, NULL);
	assert_int_equal(unwrap(&buf, TEST_IDENTITY, key, &err),
	                 SCEAU_AGE_HEADER);
	sceau_buf_deinit(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recipient),
		cmocka_unit_test(test_bad_recipients),
		cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_all_or_nothing),
		cmocka_unit_test(test_generate),
		cmocka_unit_test(test_wrap_unwrap),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_low_order_recipient),
		cmocka_unit_test(test_hybrid_text),
		cmocka_unit_test(test_hybrid_missing),
		cmocka_unit_test(test_hybrid_wraps),
		cmocka_unit_test(test_hybrid_stanza),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
