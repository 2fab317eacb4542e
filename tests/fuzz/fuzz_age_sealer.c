/* fuzz_age_sealer.c - seal then open is identity, and no cut changes a byte
 *
 * Input: one byte that picks the size, then a list of piece lengths; the
 * plaintext is made up, since its value does not matter.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "age/age_opener.h"
#include "age/age_sealer.h"
#include "age/age_stream.h"
#include "fuzz/fuzz.h"
#include "unit/age/age_test.h"

#define PLAIN_MAX (3 * SCEAU_AGE_CHUNK_SIZE + 300)

static char plain[PLAIN_MAX];

/* The cuts of one run: pairs of bytes, repeated as often as needed. */
struct cuts {
	const uint8_t *data;
	size_t size;
	size_t next;
};

static size_t next_cut(struct cuts *cuts, size_t rest)
{
	if (cuts->size < 2)
		return rest;
	if (cuts->next + 2 > cuts->size)
		cuts->next = 0;
	size_t len = (size_t)cuts->data[cuts->next] << 8 |
	             cuts->data[cuts->next + 1];
	cuts->next += 2;
	/* Small pieces, and some that are longer than a chunk. */
	if (len > 0xf000)
		len = SCEAU_AGE_CHUNK_SIZE + (len - 0xf800);
	len++;
	return len < rest ? len : rest;
}

static void seal(struct sceau_buf *out, size_t size, struct cuts cuts)
{
	uint32_t seed = 11;
	struct sceau_random random = { fill_repeatable, &seed };
	struct sceau_age_recipient recipient;
	struct sceau_age_sealer *sealer;
	struct sceau_slice piece;
	size_t pos = 0;

	sceau_buf_init(out, 2 * PLAIN_MAX);
	if (sceau_age_recipient_parse(sceau_slice_of(TEST_RECIPIENT),
	                              &recipient, NULL) < 0 ||
	    sceau_age_sealer_new(&recipient, 1, &random, &sealer, &piece,
	                         NULL) < 0)
		abort();
	sceau_buf_append(out, piece.data, piece.len);
	while (pos < size) {
		size_t len = next_cut(&cuts, size - pos);
		size_t used;
		int ret = sceau_age_sealer_put(sealer, plain + pos, len, &used,
		                               &piece, NULL);
		if (ret < 0 || (ret == 0 && used != len))
			abort();
		if (ret == 1)
			sceau_buf_append(out, piece.data, piece.len);
		pos += used;
	}
	if (sceau_age_sealer_finish(sealer, &piece, NULL) < 0)
		abort();
	sceau_buf_append(out, piece.data, piece.len);
	sceau_age_sealer_free(&sealer);
}

static void check_opening(const struct sceau_buf *file, size_t size,
                          struct cuts cuts)
{
	struct sceau_age_identities *set = set_of(TEST_IDENTITY);
	struct sceau_age_opener *opener;
	struct sceau_slice piece;
	size_t pos = 0;
	size_t done = 0;

	if (sceau_age_opener_new(set, &opener, NULL) < 0)
		abort();
	while (pos < file->used) {
		size_t len = next_cut(&cuts, file->used - pos);
		size_t used;
		if (sceau_age_opener_put(opener, file->data + pos, len, &used,
		                         &piece, NULL) < 0)
			abort();
		if (piece.len > 0 &&
		    memcmp(piece.data, plain + done, piece.len) != 0)
			abort();
		done += piece.len;
		pos += used;
	}
	if (sceau_age_opener_finish(opener, &piece, NULL) != SCEAU_AGE_OK)
		abort();
	if (piece.len > 0 && memcmp(piece.data, plain + done, piece.len) != 0)
		abort();
	if (done + piece.len != size)
		abort();
	sceau_age_opener_free(&opener);
	sceau_age_identities_free(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t bases[] = { 0, SCEAU_AGE_CHUNK_SIZE,
		                        2 * SCEAU_AGE_CHUNK_SIZE,
		                        3 * SCEAU_AGE_CHUNK_SIZE };
	struct cuts whole = { NULL, 0, 0 };
	struct sceau_buf one;
	struct sceau_buf many;

	if (size < 2 || size > 64)
		return 0;
	/* Around each border of chunks. */
	size_t plain_size = bases[data[0] % 4] + data[1];
	if (plain_size >= 128)
		plain_size -= 128;
	struct cuts cuts = { data + 2, size - 2, 0 };
	/* Pieces of a few bytes would make a run last for seconds. */
	if (size >= 4 && data[2] == 0 && data[3] < 16)
		return 0;
	uint32_t seed = 23;
	fill_repeatable(&seed, plain, plain_size);

	seal(&one, plain_size, whole);
	seal(&many, plain_size, cuts);
	if (one.failed || one.used != many.used ||
	    memcmp(one.data, many.data, one.used) != 0)
		abort();
	check_opening(&one, plain_size, cuts);
	sceau_buf_deinit(&one);
	sceau_buf_deinit(&many);
	return 0;
}
