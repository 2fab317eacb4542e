/* test_age_sealer.c - sealing and opening whole files, however they are cut
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

#include "age/age_opener.h"
#include "age/age_sealer.h"
#include "age/age_stream.h"
#include "unit/age/age_test.h"

#define CHUNK SCEAU_AGE_CHUNK_SIZE
#define FILE_MAX (1 << 20)

static char plain[4 * CHUNK];

static int fill_plain(void **state)
{
	uint32_t seed = 5;

	(void)state;
	return fill_repeatable(&seed, plain, sizeof(plain));
}

static struct sceau_age_recipient recipient_of(const char *text)
{
	struct sceau_age_recipient recipient;

	assert_int_equal(sceau_age_recipient_parse(sceau_slice_of(text),
	                                           &recipient, NULL),
	                 0);
	return recipient;
}

/* Seal plain[0..size) in pieces of step bytes, the same way each time. */
static void seal(struct sceau_buf *out, size_t size, size_t step)
{
	uint32_t seed = 3;
	struct sceau_random random = { fill_repeatable, &seed };
	struct sceau_age_recipient recipient = recipient_of(TEST_RECIPIENT);
	struct sceau_age_sealer *sealer;
	struct sceau_slice piece;
	size_t pos = 0;

	sceau_buf_init(out, FILE_MAX);
	assert_int_equal(sceau_age_sealer_new(&recipient, 1, &random, &sealer,
	                                      &piece, NULL),
	                 0);
	sceau_buf_append(out, piece.data, piece.len);
	while (pos < size) {
		size_t len = size - pos < step ? size - pos : step;
		size_t used;
		int ret = sceau_age_sealer_put(sealer, plain + pos, len, &used,
		                               &piece, NULL);
		assert_true(ret >= 0);
		if (ret == 0)
			assert_int_equal(used, len);
		else
			sceau_buf_append(out, piece.data, piece.len);
		pos += used;
	}
	assert_int_equal(sceau_age_sealer_finish(sealer, &piece, NULL), 0);
	sceau_buf_append(out, piece.data, piece.len);
	sceau_age_sealer_free(&sealer);
	assert_null(sealer);
	assert_false(out->failed);
}

/* Open in pieces of step bytes; what came out is in out. */
static enum sceau_age_status open_all(const char *data, size_t size,
                                      size_t step, struct sceau_buf *out)
{
	struct sceau_age_identities *set = set_of(TEST_IDENTITY);
	struct sceau_age_opener *opener;
	enum sceau_age_status status = SCEAU_AGE_MORE;
	struct sceau_slice piece;
	struct sceau_err err = { 0 };
	size_t pos = 0;

	sceau_buf_init(out, FILE_MAX);
	assert_int_equal(sceau_age_opener_new(set, &opener, NULL), 0);
	while (pos < size && status >= 0) {
		size_t len = size - pos < step ? size - pos : step;
		size_t used;
		status = sceau_age_opener_put(opener, data + pos, len, &used,
		                              &piece, &err);
		sceau_buf_append(out, piece.data, piece.len);
		pos += used;
	}
	if (status >= 0) {
		status = sceau_age_opener_finish(opener, &piece, &err);
		sceau_buf_append(out, piece.data, piece.len);
	}
	assert_true(status == SCEAU_AGE_OK || err.text[0] != '\0');
	sceau_age_opener_free(&opener);
	sceau_age_identities_free(&set);
	return status;
}

static const size_t sizes[] = {
	0,     1,         15,         16,        1000,          CHUNK - 1,
	CHUNK, CHUNK + 1, CHUNK + 16, 2 * CHUNK, 2 * CHUNK + 1, 3 * CHUNK + 777,
};
static const size_t steps[] = { 1, 999, CHUNK - 1, CHUNK, CHUNK + 1, FILE_MAX };

#define SIZE_COUNT (sizeof(sizes) / sizeof(sizes[0]))
#define STEP_COUNT (sizeof(steps) / sizeof(steps[0]))

static void test_any_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZE_COUNT; i++) {
		struct sceau_buf whole;
		seal(&whole, sizes[i], FILE_MAX);
		assert_int_equal(whole.used,
		                 sceau_age_sealed_size(168, sizes[i]));
		for (size_t j = 0; j < STEP_COUNT; j++) {
			struct sceau_buf again;
			struct sceau_buf back;
			seal(&again, sizes[i], steps[j]);
			assert_int_equal(again.used, whole.used);
			assert_memory_equal(again.data, whole.data, whole.used);
			assert_int_equal(open_all(again.data, again.used,
			                          steps[j], &back),
			                 SCEAU_AGE_OK);
			assert_int_equal(back.used, sizes[i]);
			if (back.used > 0)
				assert_memory_equal(back.data, plain,
				                    back.used);
			sceau_buf_deinit(&again);
			sceau_buf_deinit(&back);
		}
		sceau_buf_deinit(&whole);
	}
}

/* Whatever comes out of a damaged file is a true beginning, in whole chunks. */
static void check_damaged(const struct sceau_buf *file, size_t size,
                          const char *what)
{
	struct sceau_buf out;
	enum sceau_age_status status = open_all(file->data, size, FILE_MAX,
	                                        &out);

	if (status >= 0)
		fail_msg("%s at size %zu was accepted", what, size);
	assert_int_equal(out.used % CHUNK, 0);
	if (out.used > 0)
		assert_memory_equal(out.data, plain, out.used);
	sceau_buf_deinit(&out);
}

static void test_cut_everywhere(void **state)
{
	struct sceau_buf file;
	const size_t border = 184 + SCEAU_AGE_SEALED_CHUNK_SIZE;

	(void)state;
	seal(&file, CHUNK + 40, FILE_MAX);
	for (size_t size = 0; size < 400; size++)
		check_damaged(&file, size, "cut");
	for (size_t size = border - 20; size < file.used; size++)
		check_damaged(&file, size, "cut");
	sceau_buf_append(&file, "x", 1);
	check_damaged(&file, file.used, "one byte more");
	sceau_buf_deinit(&file);
}

static void test_flip(void **state)
{
	struct sceau_buf file;

	(void)state;
	seal(&file, CHUNK + 300, FILE_MAX);
	for (size_t i = 0; i < file.used; i += i < 400 ? 1 : 397) {
		file.data[i] ^= 0x10;
		check_damaged(&file, file.used, "flip");
		file.data[i] ^= 0x10;
	}
	sceau_buf_deinit(&file);
}

/* Swapped chunks, a repeated chunk, and a chunk of another file. */
static void test_swap_and_splice(void **state)
{
	const size_t sealed = SCEAU_AGE_SEALED_CHUNK_SIZE;
	struct sceau_buf file;
	struct sceau_buf out;

	(void)state;
	seal(&file, 3 * CHUNK, FILE_MAX);
	char *chunk = file.data + 184;
	char *copy = malloc(sealed);
	memcpy(copy, chunk, sealed);
	memcpy(chunk, chunk + sealed, sealed);
	assert_int_equal(open_all(file.data, file.used, 5000, &out),
	                 SCEAU_AGE_PAYLOAD);
	assert_int_equal(out.used, 0);
	sceau_buf_deinit(&out);
	memcpy(chunk, copy, sealed);
	memcpy(chunk + sealed, copy, sealed);
	assert_int_equal(open_all(file.data, file.used, 5000, &out),
	                 SCEAU_AGE_PAYLOAD);
	assert_int_equal(out.used, CHUNK);
	sceau_buf_deinit(&out);
	free(copy);
	sceau_buf_deinit(&file);

	/* Same holder, other file key: the payload of one file behind the
	   header of another. */
	struct sceau_random random = sceau_age_random();
	struct sceau_age_recipient recipient = recipient_of(TEST_RECIPIENT);
	struct sceau_age_sealer *sealer;
	struct sceau_slice header;
	seal(&file, 500, FILE_MAX);
	assert_int_equal(sceau_age_sealer_new(&recipient, 1, &random, &sealer,
	                                      &header, NULL),
	                 0);
	memcpy(file.data, header.data, header.len);
	assert_int_equal(open_all(file.data, file.used, 5000, &out),
	                 SCEAU_AGE_PAYLOAD);
	sceau_buf_deinit(&out);
	sceau_buf_deinit(&file);
	sceau_age_sealer_free(&sealer);
}

/* What the sealer says is its file key opens the file without an identity. */
static void test_file_key(void **state)
{
	struct sceau_random random = sceau_age_random();
	struct sceau_age_recipient recipients[2] = {
		recipient_of(TEST_RECIPIENT), recipient_of(TEST_RECIPIENT)
	};
	struct sceau_age_sealer *sealer;
	struct sceau_age_header header;
	struct sceau_slice bytes;

	(void)state;
	assert_int_equal(sceau_age_sealer_new(recipients, 2, &random, &sealer,
	                                      &bytes, NULL),
	                 0);
	assert_int_equal(
		sceau_age_header_parse(bytes.data, bytes.len, &header, NULL),
		SCEAU_AGE_OK);
	assert_int_equal(header.stanza_count, 2);
	assert_int_equal(header.length + SCEAU_AGE_NONCE_SIZE, bytes.len);
	assert_int_equal(sceau_age_header_check_mac(
				 &header, bytes.data,
				 sceau_age_sealer_file_key(sealer), NULL),
	                 SCEAU_AGE_OK);
	sceau_age_sealer_free(&sealer);
	sceau_age_sealer_free(&sealer);
}

static void test_refused(void **state)
{
	struct sceau_random random = { fill_never, NULL };
	struct sceau_age_recipient recipient = recipient_of(TEST_RECIPIENT);
	struct sceau_age_sealer *sealer = NULL;
	struct sceau_slice header;
	struct sceau_err err;

	(void)state;
	assert_int_equal(sceau_age_sealer_new(&recipient, 1, &random, &sealer,
	                                      &header, &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_TEMP);
	random = sceau_age_random();
	assert_int_equal(sceau_age_sealer_new(&recipient, 0, &random, &sealer,
	                                      &header, &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	assert_int_equal(sceau_age_sealer_new(&recipient,
	                                      SCEAU_AGE_STANZAS_MAX + 1,
	                                      &random, &sealer, &header, &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	assert_null(sealer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_cut),
		cmocka_unit_test(test_cut_everywhere),
		cmocka_unit_test(test_flip),
		cmocka_unit_test(test_swap_and_splice),
		cmocka_unit_test(test_file_key),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, fill_plain, NULL);
}
