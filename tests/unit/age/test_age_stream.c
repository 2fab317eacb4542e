/* test_age_stream.c - sizes, places and single chunks
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

#include "age/age_stream.h"

#define HEADER 168
#define CHUNK SCEAU_AGE_CHUNK_SIZE
#define SEALED SCEAU_AGE_SEALED_CHUNK_SIZE

static const struct {
	uint64_t payload; /* file size less header and nonce */
	enum sceau_age_status want;
	uint64_t plain;
	uint64_t chunks;
} sizes[] = {
	{ 0, SCEAU_AGE_PAYLOAD, 0, 0 },
	{ 15, SCEAU_AGE_PAYLOAD, 0, 0 },
	{ 16, SCEAU_AGE_OK, 0, 1 },
	{ 17, SCEAU_AGE_OK, 1, 1 },
	{ SEALED - 1, SCEAU_AGE_OK, CHUNK - 1, 1 },
	{ SEALED, SCEAU_AGE_OK, CHUNK, 1 },
	{ SEALED + 1, SCEAU_AGE_PAYLOAD, 0, 0 },
	{ SEALED + 15, SCEAU_AGE_PAYLOAD, 0, 0 },
	/* An empty last chunk behind a full one. */
	{ SEALED + 16, SCEAU_AGE_PAYLOAD, 0, 0 },
	{ SEALED + 17, SCEAU_AGE_OK, CHUNK + 1, 2 },
	{ 2 * SEALED, SCEAU_AGE_OK, 2 * CHUNK, 2 },
	{ 2 * SEALED + 16, SCEAU_AGE_PAYLOAD, 0, 0 },
	{ 400ULL * SEALED + 100, SCEAU_AGE_OK, 400ULL * CHUNK + 84, 401 },
};

static void test_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct sceau_age_layout layout;
		struct sceau_err err;
		uint64_t file = HEADER + 16 + sizes[i].payload;
		assert_int_equal(
			sceau_age_layout_init(&layout, HEADER, file, &err),
			sizes[i].want);
		if (sizes[i].want != SCEAU_AGE_OK) {
			assert_int_equal(err.fault, SCEAU_FAULT_PEER);
			continue;
		}
		assert_int_equal(layout.plain_size, sizes[i].plain);
		assert_int_equal(layout.chunk_count, sizes[i].chunks);
		assert_int_equal(sceau_age_sealed_size(HEADER, sizes[i].plain),
		                 file);
	}
}

static void test_no_nonce(void **state)
{
	struct sceau_age_layout layout;

	(void)state;
	for (uint64_t size = 0; size < HEADER + 16; size++)
		assert_int_equal(
			sceau_age_layout_init(&layout, HEADER, size, NULL),
			SCEAU_AGE_HEADER);
}

/* Every plaintext size up to three chunks gives a size that is read back. */
static void test_size_round_trip(void **state)
{
	(void)state;
	for (uint64_t plain = 0; plain <= 3 * CHUNK; plain++) {
		struct sceau_age_layout layout;
		uint64_t file = sceau_age_sealed_size(HEADER, plain);
		if (sceau_age_layout_init(&layout, HEADER, file, NULL) !=
		            SCEAU_AGE_OK ||
		    layout.plain_size != plain)
			fail_msg("size %llu", (unsigned long long)plain);
	}
}

/* Chunks lie side by side, in the file and in the plaintext. */
static void test_chunks(void **state)
{
	(void)state;
	for (uint64_t plain = 0; plain < 4 * CHUNK; plain += 9973) {
		struct sceau_age_layout layout;
		struct sceau_age_chunk chunk;
		uint64_t offset = HEADER + 16;
		uint64_t plain_offset = 0;
		uint64_t file = sceau_age_sealed_size(HEADER, plain);
		assert_int_equal(
			sceau_age_layout_init(&layout, HEADER, file, NULL),
			SCEAU_AGE_OK);
		for (uint64_t i = 0; i < layout.chunk_count; i++) {
			assert_int_equal(
				sceau_age_layout_chunk(&layout, i, &chunk), 0);
			assert_int_equal(chunk.index, i);
			assert_int_equal(chunk.offset, offset);
			assert_int_equal(chunk.plain_offset, plain_offset);
			assert_int_equal(chunk.is_last,
			                 i + 1 == layout.chunk_count);
			offset += chunk.sealed_size;
			plain_offset += chunk.plain_size;
		}
		assert_int_equal(offset, file);
		assert_int_equal(plain_offset, plain);
		chunk.index = 77;
		assert_int_equal(sceau_age_layout_chunk(
					 &layout, layout.chunk_count, &chunk),
		                 -1);
		assert_int_equal(chunk.index, 77);
	}
}

struct keys {
	struct sceau_age_payload *sealing;
	struct sceau_age_payload *opening;
};

static int make_keys(void **state)
{
	static const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE] = { 1 };
	static const uint8_t nonce[SCEAU_AGE_NONCE_SIZE] = { 2 };
	static struct keys keys;

	*state = &keys;
	return sceau_age_payload_new(file_key, nonce, true, &keys.sealing,
	                             NULL) +
	       sceau_age_payload_new(file_key, nonce, false, &keys.opening,
	                             NULL);
}

static int free_keys(void **state)
{
	struct keys *keys = *state;

	sceau_age_payload_free(&keys->sealing);
	sceau_age_payload_free(&keys->opening);
	sceau_age_payload_free(&keys->opening);
	return 0;
}

/* A chunk opens in its place and role and in no other. */
static void test_place(void **state)
{
	static const uint64_t places[] = { 0,         1,          255,
		                           256,       UINT32_MAX, 1ULL << 40,
		                           UINT64_MAX };
	static uint8_t plain[CHUNK];
	static uint8_t sealed[SEALED];
	struct keys *keys = *state;
	const size_t count = sizeof(places) / sizeof(places[0]);

	for (size_t i = 0; i < count * 2; i++) {
		memset(plain, (int)i, CHUNK);
		assert_int_equal(sceau_age_payload_seal(
					 keys->sealing, places[i / 2], i % 2,
					 plain, CHUNK, sealed, NULL),
		                 0);
		for (size_t j = 0; j < count * 2; j++) {
			size_t len = 0;
			enum sceau_age_status got = sceau_age_payload_open(
				keys->opening, places[j / 2], j % 2, sealed,
				SEALED, plain, &len, NULL);
			assert_int_equal(got, i == j ? SCEAU_AGE_OK
			                             : SCEAU_AGE_PAYLOAD);
			assert_int_equal(len, i == j ? CHUNK : 0);
			assert_int_equal(plain[CHUNK - 1], i == j ? i : 0);
		}
	}
}

/* Sizes that no chunk has are refused before the cipher, nothing is left. */
static void test_impossible(void **state)
{
	static uint8_t sealed[SEALED + 1];
	static uint8_t plain[SEALED];
	struct keys *keys = *state;
	struct sceau_err err;
	size_t len;

	assert_int_equal(sceau_age_payload_open(keys->opening, 0, true, sealed,
	                                        15, plain, &len, &err),
	                 SCEAU_AGE_PAYLOAD);
	assert_int_equal(sceau_age_payload_open(keys->opening, 0, true, sealed,
	                                        SEALED + 1, plain, &len, &err),
	                 SCEAU_AGE_PAYLOAD);
	assert_int_equal(sceau_age_payload_open(keys->opening, 0, false, sealed,
	                                        SEALED - 1, plain, &len, &err),
	                 SCEAU_AGE_PAYLOAD);
	/* A true but empty last chunk: good alone, refused behind others. */
	for (uint64_t i = 0; i < 2; i++) {
		assert_int_equal(sceau_age_payload_seal(keys->sealing, i, true,
		                                        plain, 0, sealed, NULL),
		                 0);
		assert_int_equal(sceau_age_payload_open(keys->opening, i, true,
		                                        sealed, 16, plain, &len,
		                                        &err),
		                 i == 0 ? SCEAU_AGE_OK : SCEAU_AGE_PAYLOAD);
	}
}

/* In place, every size, one key object for all. */
static void test_in_place(void **state)
{
	static uint8_t data[SEALED];
	struct keys *keys = *state;

	for (size_t size = 0; size <= CHUNK; size += size < 70 ? 1 : 6547) {
		size_t len;
		memset(data, 'm', size);
		assert_int_equal(sceau_age_payload_seal(keys->sealing, 0, true,
		                                        data, size, data, NULL),
		                 0);
		assert_int_equal(sceau_age_payload_open(keys->opening, 0, true,
		                                        data, size + 16, data,
		                                        &len, NULL),
		                 SCEAU_AGE_OK);
		assert_int_equal(len, size);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(data[i], 'm');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_no_nonce),
		cmocka_unit_test(test_size_round_trip),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_impossible),
		cmocka_unit_test(test_in_place),
	};
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
