/* fuzz_age_reader.c - whatever was done to a sealed file, no wrong byte comes
 * out of it, at any place, and only the true size is told
 *
 * Input: one byte that picks the size, then edits of four bytes each: what to
 * do (flip, cut, copy a piece elsewhere, append), and where.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdbool.h>
#include <string.h>

#include "age/age_reader.h"
#include "age/age_sealer.h"
#include "age/age_stream.h"
#include "fuzz/fuzz.h"
#include "unit/age/age_test.h"

#define PLAIN_MAX (2 * SCEAU_AGE_CHUNK_SIZE + 128)
#define FILE_MAX_SIZE (4 * SCEAU_AGE_SEALED_CHUNK_SIZE)

static uint8_t plain[PLAIN_MAX];
static uint8_t file[FILE_MAX_SIZE];
static size_t file_size;
static uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE];

static void write_file(struct sceau_slice piece)
{
	memcpy(file + file_size, piece.data, piece.len);
	file_size += piece.len;
}

static void seal(size_t size)
{
	uint32_t seed = 11;
	struct sceau_random random = { fill_repeatable, &seed };
	struct sceau_age_recipient recipient;
	struct sceau_age_sealer *sealer;
	struct sceau_slice piece;
	size_t pos = 0, used;

	file_size = 0;
	must(sceau_age_recipient_parse(sceau_slice_of(TEST_RECIPIENT),
	                               &recipient, NULL) == 0,
	     "the recipient is one");
	must(sceau_age_sealer_new(&recipient, 1, &random, &sealer, &piece,
	                          NULL) == 0,
	     "a sealer is made");
	memcpy(file_key, sceau_age_sealer_file_key(sealer), sizeof(file_key));
	write_file(piece);
	while (pos < size) {
		int ret = sceau_age_sealer_put(sealer, plain + pos, size - pos,
		                               &used, &piece, NULL);

		if (ret == 1)
			write_file(piece);
		pos += used;
	}
	must(sceau_age_sealer_finish(sealer, &piece, NULL) == 0,
	     "the sealer finishes");
	write_file(piece);
	sceau_age_sealer_free(&sealer);
}

static int read_at(void *context, uint64_t offset, uint8_t *data, size_t len,
                   struct sceau_err *err)
{
	(void)context;
	(void)err;
	must(offset + len <= file_size, "nothing is read behind the end");
	memcpy(data, file + offset, len);
	return 0;
}

/* Places near the borders of chunks are the interesting ones. */
static size_t place(const uint8_t *edit)
{
	size_t at = edit[1] % 4 * (size_t)SCEAU_AGE_SEALED_CHUNK_SIZE +
	            ((size_t)edit[2] << 8 | edit[3]) % 1024;

	return at < file_size ? at : file_size - 1;
}

static void apply(const uint8_t *edit)
{
	size_t at = place(edit);
	size_t rest = file_size - at;

	switch (edit[0] % 4) {
	case 0:
		file[at] ^= (uint8_t)(1 << edit[0] / 4 % 8);
		break;
	case 1:
		file_size = at > 0 ? at : 1;
		break;
	case 2: /* a whole chunk, or what there is of it, one further */
		if (rest > SCEAU_AGE_SEALED_CHUNK_SIZE)
			memmove(file + at + SCEAU_AGE_SEALED_CHUNK_SIZE,
			        file + at, rest - SCEAU_AGE_SEALED_CHUNK_SIZE);
		break;
	default:
		if (file_size + edit[3] < sizeof(file)) {
			memset(file + file_size, edit[2], edit[3]);
			file_size += edit[3];
		}
		break;
	}
}

static void check_place(struct sceau_age_reader *reader, uint64_t at,
                        size_t size)
{
	struct sceau_slice out;

	if (sceau_age_reader_read(reader, at, &out, NULL) < 0)
		return;
	must(at >= size ? out.len == 0 : out.len > 0 && out.len <= size - at,
	     "a place gives what lies there");
	must(out.len == 0 || memcmp(out.data, plain + at, out.len) == 0,
	     "no wrong byte comes out");
}

static void check_file(size_t size)
{
	struct sceau_age_source source = { read_at, NULL, file_size };
	struct sceau_age_header header;
	struct sceau_age_reader *reader;
	struct sceau_buf data;
	enum sceau_age_status status;

	sceau_buf_init(&data, SCEAU_AGE_HEADER_MAX);
	status = sceau_age_reader_header(&source, &data, &header, NULL);
	if (status == SCEAU_AGE_OK)
		status = sceau_age_header_check_mac(&header, data.data,
		                                    file_key, NULL);
	if (status == SCEAU_AGE_OK)
		status = sceau_age_reader_new(&source, header.length, file_key,
		                              &reader, NULL);
	sceau_buf_deinit(&data);
	if (status != SCEAU_AGE_OK)
		return;
	must(sceau_age_reader_size(reader) == size, "the size is the true one");
	for (size_t at = size; at <= size; at -= 4099)
		check_place(reader, at, size);
	check_place(reader, 0, size);
	check_place(reader, UINT64_MAX, size);
	sceau_age_reader_free(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t bases[] = { 0, SCEAU_AGE_CHUNK_SIZE,
		                        2 * SCEAU_AGE_CHUNK_SIZE };
	uint32_t seed = 23;

	if (size < 2 || size > 64)
		return 0;
	size_t plain_size = bases[data[0] % 3] + data[1] % 128;
	fill_repeatable(&seed, plain, plain_size);
	seal(plain_size);
	for (size_t at = 2; at + 4 <= size; at += 4)
		apply(data + at);
	check_file(plain_size);
	return 0;
}
