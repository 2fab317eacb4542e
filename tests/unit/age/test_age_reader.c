/* test_age_reader.c - sealed files read at any place, and altered ones
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

#include "age/age_reader.h"
#include "age/age_sealer.h"
#include "age/age_stream.h"

#define CHUNK ((size_t)SCEAU_AGE_CHUNK_SIZE)

/* A sealed file in memory, and what its reader asked of it. */
struct file {
	struct sceau_buf data;
	uint8_t key[SCEAU_AGE_FILE_KEY_SIZE];
	size_t plain_size;
	bool is_failing;
	unsigned reads;
};

static uint8_t plain_byte(size_t at)
{
	return (uint8_t)(at * 31 + at / 251);
}

static int file_read(void *context, uint64_t offset, uint8_t *data, size_t len,
                     struct sceau_err *err)
{
	struct file *file = context;

	file->reads++;
	assert_true(offset + len <= file->data.used);
	if (file->is_failing)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "the disk is gone");
	memcpy(data, file->data.data + offset, len);
	return 0;
}

static struct sceau_age_source source_of(struct file *file)
{
	return (struct sceau_age_source){ file_read, file, file->data.used };
}

static void append(struct file *file, struct sceau_slice bytes)
{
	assert_int_equal(sceau_buf_append(&file->data, bytes.data, bytes.len),
	                 0);
}

static void make_file(struct file *file, size_t plain_size)
{
	struct sceau_random random = sceau_age_random();
	struct sceau_age_identities *set;
	struct sceau_age_recipient recipient;
	struct sceau_age_sealer *sealer;
	struct sceau_slice out;
	struct sceau_err err;

	memset(file, 0, sizeof(*file));
	file->plain_size = plain_size;
	sceau_buf_init(&file->data, 1 << 24);
	assert_int_equal(sceau_age_identities_new(&set, &err), 0);
	assert_int_equal(sceau_age_identities_generate(set, SCEAU_AGE_X25519,
	                                               &random, &err),
	                 0);
	sceau_age_identities_recipient(set, 0, &recipient, NULL);
	assert_int_equal(sceau_age_sealer_new(&recipient, 1, &random, &sealer,
	                                      &out, &err),
	                 0);
	memcpy(file->key, sceau_age_sealer_file_key(sealer), sizeof(file->key));
	append(file, out);
	for (size_t at = 0; at < plain_size; at++) {
		uint8_t byte = plain_byte(at);
		size_t used;

		while (sceau_age_sealer_put(sealer, &byte, 1, &used, &out,
		                            &err) == 1) {
			append(file, out);
			if (used == 1)
				break;
		}
	}
	assert_int_equal(sceau_age_sealer_finish(sealer, &out, &err), 0);
	append(file, out);
	sceau_age_sealer_free(&sealer);
	sceau_age_identities_free(&set);
}

static size_t header_length(struct file *file)
{
	struct sceau_age_source source = source_of(file);
	struct sceau_age_header header;
	struct sceau_buf data;
	struct sceau_err err;

	sceau_buf_init(&data, SCEAU_AGE_HEADER_MAX);
	assert_int_equal(sceau_age_reader_header(&source, &data, &header, &err),
	                 SCEAU_AGE_OK);
	sceau_buf_deinit(&data);
	return header.length;
}

static enum sceau_age_status open_file(struct file *file,
                                       struct sceau_age_reader **reader)
{
	struct sceau_age_source source = source_of(file);
	struct sceau_err err = { .text = "" };
	enum sceau_age_status status;

	*reader = NULL;
	status = sceau_age_reader_new(&source, header_length(file), file->key,
	                              reader, &err);
	if (status < 0)
		assert_string_not_equal(err.text, "");
	return status;
}

/* Read [offset, offset + len) and compare with what was sealed. */
static void check_range(struct sceau_age_reader *reader, size_t offset,
                        size_t len)
{
	struct sceau_slice out;
	struct sceau_err err;

	while (len > 0) {
		assert_int_equal(
			sceau_age_reader_read(reader, offset, &out, &err),
			SCEAU_AGE_OK);
		assert_int_not_equal(out.len, 0);
		for (size_t i = 0; i < out.len && len > 0; i++, len--)
			assert_int_equal((uint8_t)out.data[i],
			                 plain_byte(offset + i));
		offset += out.len;
	}
}

static const size_t sizes[] = {
	0, 1, 100, 65535, 65536, 65537, 131071, 131072, 131073, 300000,
};

static void test_all_sizes_all_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i], chunks = size == 0 ? 1 : 0;
		struct sceau_age_reader *reader;
		struct sceau_slice out;
		struct sceau_err err;
		struct file file;

		chunks += (size + CHUNK - 1) / CHUNK;
		make_file(&file, size);
		assert_int_equal(open_file(&file, &reader), SCEAU_AGE_OK);
		assert_int_equal(sceau_age_reader_size(reader), size);
		assert_int_equal(sceau_age_reader_chunks(reader), chunks);
		check_range(reader, 0, size);
		/* The last chunk was opened to learn the size, once. */
		assert_int_equal(sceau_age_reader_opened(reader), chunks);
		for (size_t at = 0; at < size; at += 9973)
			check_range(reader, size - 1 - at, 1);
		assert_int_equal(
			sceau_age_reader_read(reader, size, &out, &err),
			SCEAU_AGE_OK);
		assert_int_equal(out.len, 0);
		assert_int_equal(
			sceau_age_reader_read(reader, UINT64_MAX, &out, &err),
			SCEAU_AGE_OK);
		assert_int_equal(out.len, 0);
		sceau_age_reader_free(&reader);
		sceau_buf_deinit(&file.data);
	}
}

static void test_tail_opens_two_chunks(void **state)
{
	struct sceau_age_reader *reader;
	struct file file;

	(void)state;
	make_file(&file, 10 * CHUNK + 1000);
	assert_int_equal(open_file(&file, &reader), SCEAU_AGE_OK);
	check_range(reader, file.plain_size - 4096, 4096);
	assert_int_equal(sceau_age_reader_opened(reader), 2);
	sceau_age_reader_free(&reader);
	assert_null(reader);
	sceau_buf_deinit(&file.data);
}

/* Read everything; returns how many bytes were given out before a failure and
   checks that each of them is a true one. */
static size_t released(struct file *file, enum sceau_age_status *status_r)
{
	struct sceau_age_reader *reader;
	struct sceau_slice out = { NULL, 0 };
	struct sceau_err err;
	size_t at = 0;

	*status_r = open_file(file, &reader);
	if (*status_r < 0) {
		assert_null(reader);
		return 0;
	}
	do {
		*status_r = sceau_age_reader_read(reader, at, &out, &err);
		if (*status_r < 0)
			break;
		for (size_t i = 0; i < out.len; i++)
			assert_int_equal((uint8_t)out.data[i],
			                 plain_byte(at + i));
		at += out.len;
	} while (out.len > 0);
	sceau_age_reader_free(&reader);
	return at;
}

static void test_flipped_bytes(void **state)
{
	enum sceau_age_status status;
	struct file file;
	size_t start;

	(void)state;
	make_file(&file, 2 * CHUNK + 500);
	start = header_length(&file);
	for (size_t at = start; at < file.data.used; at += 1 + at % 4099) {
		size_t chunk, got;

		file.data.data[at] ^= 1;
		got = released(&file, &status);
		assert_int_equal(status, SCEAU_AGE_PAYLOAD);
		if (at < start + SCEAU_AGE_NONCE_SIZE) {
			assert_int_equal(got, 0);
		} else {
			chunk = (at - start - SCEAU_AGE_NONCE_SIZE) /
			        SCEAU_AGE_SEALED_CHUNK_SIZE;
			/* The last one is opened first. */
			assert_int_equal(got, chunk == 2 ? 0 : chunk * CHUNK);
		}
		file.data.data[at] ^= 1;
	}
	assert_int_equal(released(&file, &status), file.plain_size);
	sceau_buf_deinit(&file.data);
}

static void test_cut_files(void **state)
{
	enum sceau_age_status status;
	struct file file;
	size_t start, whole;

	(void)state;
	make_file(&file, 2 * CHUNK + 500);
	start = header_length(&file) + SCEAU_AGE_NONCE_SIZE;
	whole = file.data.used;
	for (size_t border = 0; border <= 3; border++) {
		for (int near = -17; near <= 17; near++) {
			size_t end = start +
			             border * SCEAU_AGE_SEALED_CHUNK_SIZE;

			end = border == 3 ? whole : end;
			if ((near >= 0 && border == 3) ||
			    (near < -16 && border == 0))
				continue;
			file.data.used = end + (size_t)near;
			assert_int_equal(released(&file, &status), 0);
			assert_true(status == SCEAU_AGE_PAYLOAD ||
			            status == SCEAU_AGE_HEADER);
		}
	}
	sceau_buf_deinit(&file.data);
}

static void test_swapped_chunks(void **state)
{
	uint8_t first[SCEAU_AGE_SEALED_CHUNK_SIZE];
	enum sceau_age_status status;
	struct file file;
	char *chunk;

	(void)state;
	make_file(&file, 3 * CHUNK);
	chunk = file.data.data + header_length(&file) + SCEAU_AGE_NONCE_SIZE;
	memcpy(first, chunk, sizeof(first));
	memcpy(chunk, chunk + sizeof(first), sizeof(first));
	memcpy(chunk + sizeof(first), first, sizeof(first));
	assert_int_equal(released(&file, &status), 0);
	assert_int_equal(status, SCEAU_AGE_PAYLOAD);
	sceau_buf_deinit(&file.data);
}

static void test_other_places_after_a_failure(void **state)
{
	struct sceau_age_reader *reader;
	struct sceau_slice out;
	struct sceau_err err;
	struct file file;

	(void)state;
	make_file(&file, 3 * CHUNK);
	file.data.data[header_length(&file) + SCEAU_AGE_NONCE_SIZE] ^= 1;
	assert_int_equal(open_file(&file, &reader), SCEAU_AGE_OK);
	assert_int_equal(sceau_age_reader_read(reader, 5, &out, &err),
	                 SCEAU_AGE_PAYLOAD);
	assert_non_null(strstr(err.text, "chunk 1 of 3"));
	check_range(reader, CHUNK, CHUNK);
	assert_int_equal(sceau_age_reader_read(reader, 5, &out, &err),
	                 SCEAU_AGE_PAYLOAD);
	sceau_age_reader_free(&reader);
	sceau_buf_deinit(&file.data);
}

static void test_failing_source(void **state)
{
	struct sceau_age_reader *reader;
	struct sceau_age_source source;
	struct sceau_age_header header;
	struct sceau_slice out;
	struct sceau_err err;
	struct file file;

	(void)state;
	make_file(&file, 3 * CHUNK);
	assert_int_equal(open_file(&file, &reader), SCEAU_AGE_OK);
	file.is_failing = true;
	assert_int_equal(sceau_age_reader_read(reader, 0, &out, &err),
	                 SCEAU_AGE_INTERNAL);
	assert_string_equal(err.text, "the disk is gone");
	sceau_age_reader_free(&reader);
	source = source_of(&file);
	assert_int_equal(
		sceau_age_reader_new(&source, 200, file.key, &reader, &err),
		SCEAU_AGE_INTERNAL);
	assert_null(reader);
	sceau_buf_deinit(&file.data);
	sceau_buf_init(&file.data, 100000);
	append(&file, sceau_slice_of("age-encryption.org/v1\n-> X"));
	source = source_of(&file);
	{
		struct sceau_buf data;

		sceau_buf_init(&data, SCEAU_AGE_HEADER_MAX);
		assert_int_equal(
			sceau_age_reader_header(&source, &data, &header, &err),
			SCEAU_AGE_INTERNAL);
		sceau_buf_deinit(&data);
	}
	sceau_buf_deinit(&file.data);
}

static void test_header_reads(void **state)
{
	static const struct {
		const char *what;
		const char *start;
		size_t fill; /* so many stanza bodies of 64 characters */
		enum sceau_age_status want;
	} cases[] = {
		{ "no age file", "Subject: hello\n", 0, SCEAU_AGE_HEADER },
		{ "cut in the first line", "age-encr", 0, SCEAU_AGE_HEADER },
		{ "cut in a stanza", SCEAU_AGE_MAGIC "-> X25519 ", 0,
		  SCEAU_AGE_HEADER },
		{ "cut in a long stanza", SCEAU_AGE_MAGIC "-> X25519 a\n", 50,
		  SCEAU_AGE_HEADER },
		{ "too long", SCEAU_AGE_MAGIC "-> X25519 a\n", 2000,
		  SCEAU_AGE_HEADER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sceau_age_header header;
		struct sceau_age_source source;
		struct sceau_buf data;
		struct sceau_err err;
		struct file file;

		memset(&file, 0, sizeof(file));
		sceau_buf_init(&file.data, 1 << 20);
		append(&file, sceau_slice_of(cases[i].start));
		for (size_t n = 0; n < cases[i].fill; n++) {
			char line[66];

			memset(line, 'A', sizeof(line));
			snprintf(line + 64, 2, "\n");
			append(&file, (struct sceau_slice){ line, 65 });
		}
		source = source_of(&file);
		sceau_buf_init(&data, SCEAU_AGE_HEADER_MAX);
		if (sceau_age_reader_header(&source, &data, &header, &err) !=
		    cases[i].want)
			fail_msg("%s: want status %d", cases[i].what,
			         cases[i].want);
		assert_true(data.used <= SCEAU_AGE_HEADER_MAX);
		sceau_buf_deinit(&data);
		sceau_buf_deinit(&file.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_sizes_all_places),
		cmocka_unit_test(test_tail_opens_two_chunks),
		cmocka_unit_test(test_flipped_bytes),
		cmocka_unit_test(test_cut_files),
		cmocka_unit_test(test_swapped_chunks),
		cmocka_unit_test(test_other_places_after_a_failure),
		cmocka_unit_test(test_failing_source),
		cmocka_unit_test(test_header_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
