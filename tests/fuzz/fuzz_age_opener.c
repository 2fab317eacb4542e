/* fuzz_age_opener.c - damaged files: any cut gives the same class and the same
 * bytes, and opening chunk by chunk agrees on what is sound
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "age/age_opener.h"
#include "age/age_stream.h"
#include "fuzz/fuzz.h"
#include "unit/age/age_test.h"

static enum sceau_age_status open_all(const struct sceau_age_identities *set,
                                      const uint8_t *data, size_t size,
                                      size_t step, struct sceau_buf *out)
{
	struct sceau_age_opener *opener;
	enum sceau_age_status status = SCEAU_AGE_MORE;
	struct sceau_slice piece;
	size_t pos = 0;

	sceau_buf_init(out, 1 << 20);
	if (sceau_age_opener_new(set, &opener, NULL) < 0)
		abort();
	while (pos < size && status >= 0) {
		size_t len = size - pos < step ? size - pos : step;
		size_t used;
		status = sceau_age_opener_put(opener, data + pos, len, &used,
		                              &piece, NULL);
		sceau_buf_append(out, piece.data, piece.len);
		pos += used;
	}
	if (status >= 0) {
		status = sceau_age_opener_finish(opener, &piece, NULL);
		sceau_buf_append(out, piece.data, piece.len);
	}
	sceau_age_opener_free(&opener);
	return status;
}

/* The same file as a seeking reader sees it. */
static enum sceau_age_status open_chunks(const struct sceau_age_identities *set,
                                         const uint8_t *data, size_t size)
{
	static uint8_t plain[SCEAU_AGE_CHUNK_SIZE];
	uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE];
	struct sceau_age_header header;
	struct sceau_age_layout layout;
	struct sceau_age_payload *payload;
	enum sceau_age_status status = sceau_age_header_parse(data, size,
	                                                      &header, NULL);

	if (status == SCEAU_AGE_MORE)
		return SCEAU_AGE_HEADER;
	if (status == SCEAU_AGE_OK)
		status = sceau_age_unwrap(set, &header, data, file_key, NULL);
	if (status == SCEAU_AGE_OK)
		status = sceau_age_layout_init(&layout, header.length, size,
		                               NULL);
	if (status != SCEAU_AGE_OK)
		return status;
	if (sceau_age_payload_new(file_key, data + header.length, false,
	                          &payload, NULL) < 0)
		abort();
	for (uint64_t i = 0; i < layout.chunk_count && status == SCEAU_AGE_OK;
	     i++) {
		struct sceau_age_chunk chunk;
		size_t len;
		if (sceau_age_layout_chunk(&layout, i, &chunk) < 0)
			abort();
		status = sceau_age_payload_open(
			payload, i, chunk.is_last, data + chunk.offset,
			chunk.sealed_size, plain, &len, NULL);
	}
	sceau_age_payload_free(&payload);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t steps[] = { 1, 3, 22, 100, 65537 };
	static struct sceau_age_identities *set;
	struct sceau_buf whole;

	if (size > 200000)
		return 0;
	if (set == NULL)
		set = set_of(TEST_IDENTITY);
	enum sceau_age_status want = open_all(set, data, size, size + 1,
	                                      &whole);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct sceau_buf out;
		if (size > 8192 && steps[i] < 100)
			continue;
		if (open_all(set, data, size, steps[i], &out) != want ||
		    out.used != whole.used ||
		    (out.used > 0 &&
		     memcmp(out.data, whole.data, out.used) != 0))
			abort();
		sceau_buf_deinit(&out);
	}
	if (open_chunks(set, data, size) != want)
		abort();
	sceau_buf_deinit(&whole);
	return 0;
}
