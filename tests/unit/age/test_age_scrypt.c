/* test_age_scrypt.c - file keys wrapped with a passphrase
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

#include "age/age_opener.h"
#include "age/age_scrypt.h"
#include "age/age_sealer.h"
#include "unit/age/age_test.h"

static const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE] = "YELLOW SUBMARIN";

/* A header whose only stanzas are count scrypt ones of low cost. */
static void make_header(struct sceau_buf *out, const char *passphrase,
                        unsigned count)
{
	struct sceau_random random = sceau_age_random();

	sceau_buf_init(out, 4096);
	assert_int_equal(sceau_age_header_begin(out, NULL), 0);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(
			sceau_age_scrypt_wrap(sceau_slice_of(passphrase), 4,
		                              file_key, &random, out, NULL),
			0);
	assert_int_equal(sceau_age_header_end(out, file_key, NULL), 0);
}

static enum sceau_age_status unwrap(const struct sceau_buf *buf,
                                    const char *passphrase, uint8_t *key,
                                    struct sceau_err *err)
{
	struct sceau_age_identities *set = set_of(TEST_IDENTITY);
	struct sceau_age_header header;

	if (passphrase != NULL)
		assert_int_equal(sceau_age_identities_set_passphrase(
					 set, sceau_slice_of(passphrase), NULL),
		                 0);
	assert_int_equal(
		sceau_age_header_parse(buf->data, buf->used, &header, NULL),
		SCEAU_AGE_OK);
	enum sceau_age_status status = sceau_age_unwrap(set, &header, buf->data,
	                                                key, err);
	sceau_age_identities_free(&set);
	return status;
}

static void test_wrap_unwrap(void **state)
{
	uint8_t key[SCEAU_AGE_FILE_KEY_SIZE] = "";
	struct sceau_buf buf;
	struct sceau_err err;

	(void)state;
	make_header(&buf, "correct horse", 1);
	assert_non_null(strstr(buf.data, " 4\n"));
	assert_int_equal(unwrap(&buf, "correct horse", key, &err),
	                 SCEAU_AGE_OK);
	assert_memory_equal(key, file_key, sizeof(key));
	assert_int_equal(unwrap(&buf, "correct hors", key, &err),
	                 SCEAU_AGE_NO_MATCH);
	assert_int_equal(unwrap(&buf, NULL, key, &err), SCEAU_AGE_NO_MATCH);
	/* The cost is part of what the MAC covers, and of the key. */
	char *cost = strstr(buf.data, " 4\n");
	cost[1] = '5';
	assert_int_equal(unwrap(&buf, "correct horse", key, &err),
	                 SCEAU_AGE_NO_MATCH);
	sceau_buf_deinit(&buf);
}

/* Alone or not at all, whoever asks. */
static void test_alone(void **state)
{
	uint8_t key[SCEAU_AGE_FILE_KEY_SIZE];
	struct sceau_buf buf;
	struct sceau_err err;

	(void)state;
	make_header(&buf, "pw", 2);
	assert_int_equal(unwrap(&buf, "pw", key, &err), SCEAU_AGE_HEADER);
	assert_int_equal(unwrap(&buf, NULL, key, &err), SCEAU_AGE_HEADER);
	sceau_buf_deinit(&buf);
}

static void test_bounds(void **state)
{
	char text[SCEAU_AGE_PASSPHRASE_MAX + 1];
	struct sceau_age_identities *set = set_of(TEST_IDENTITY);
	struct sceau_slice slice = { text, 0 };
	struct sceau_random random = sceau_age_random();
	struct sceau_age_sealer *sealer;
	struct sceau_slice header;
	struct sceau_err err;

	(void)state;
	memset(text, 'p', sizeof(text));
	assert_int_equal(sceau_age_identities_set_passphrase(set, slice, &err),
	                 -1);
	assert_int_equal(sceau_age_sealer_new_passphrase(
				 slice, &random, &sealer, &header, &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	slice.len = SCEAU_AGE_PASSPHRASE_MAX;
	assert_int_equal(sceau_age_identities_set_passphrase(set, slice, &err),
	                 0);
	slice.len++;
	assert_int_equal(sceau_age_identities_set_passphrase(set, slice, &err),
	                 -1);
	sceau_age_identities_free(&set);
}

/* A whole file at the cost that is really used. */
static void test_file(void **state)
{
	struct sceau_random random = sceau_age_random();
	struct sceau_age_identities *set;
	struct sceau_age_opener *opener;
	struct sceau_age_sealer *sealer;
	struct sceau_slice piece;
	struct sceau_buf file;
	size_t used;

	(void)state;
	sceau_buf_init(&file, 4096);
	assert_int_equal(sceau_age_sealer_new_passphrase(sceau_slice_of("pw"),
	                                                 &random, &sealer,
	                                                 &piece, NULL),
	                 0);
	sceau_buf_append(&file, piece.data, piece.len);
	assert_int_equal(
		sceau_age_sealer_put(sealer, "hello", 5, &used, &piece, NULL),
		0);
	assert_int_equal(sceau_age_sealer_finish(sealer, &piece, NULL), 0);
	sceau_buf_append(&file, piece.data, piece.len);
	sceau_age_sealer_free(&sealer);

	assert_int_equal(sceau_age_identities_new(&set, NULL), 0);
	assert_int_equal(sceau_age_identities_set_passphrase(
				 set, sceau_slice_of("pw"), NULL),
	                 0);
	assert_int_equal(sceau_age_opener_new(set, &opener, NULL), 0);
	for (size_t pos = 0; pos < file.used; pos += used)
		assert_true(sceau_age_opener_put(opener, file.data + pos,
		                                 file.used - pos, &used, &piece,
		                                 NULL) >= 0);
	assert_int_equal(sceau_age_opener_finish(opener, &piece, NULL),
	                 SCEAU_AGE_OK);
	assert_true(sceau_slice_is(piece, "hello"));
	sceau_age_opener_free(&opener);
	sceau_age_identities_free(&set);
	sceau_buf_deinit(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrap_unwrap),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
