/* fuzz_age_header.c - headers: any cut gives the same answer, and a header that
 * is accepted writes back to the same bytes
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "age/age_header.h"
#include "fuzz/fuzz.h"

/* Every prefix says MORE up to some length and the whole's answer from there
   on. */
static void check_prefixes(const uint8_t *data, size_t size,
                           enum sceau_age_status want)
{
	enum sceau_age_status last = SCEAU_AGE_MORE;

	for (size_t len = 0; len <= size; len++) {
		struct sceau_age_header header;
		/* An exact-size copy, so that a read past it is seen. */
		uint8_t *copy = malloc(len == 0 ? 1 : len);
		memcpy(copy, data, len);
		enum sceau_age_status got = sceau_age_header_parse(
			copy, len, &header, NULL);
		free(copy);
		if (last != SCEAU_AGE_MORE && got != last)
			abort();
		if (got == SCEAU_AGE_OK && header.length > len)
			abort();
		last = got;
	}
	if (last != want)
		abort();
}

static void check_writing(const uint8_t *data,
                          const struct sceau_age_header *header)
{
	struct sceau_buf out;

	sceau_buf_init(&out, SCEAU_AGE_HEADER_MAX);
	if (sceau_age_header_begin(&out, NULL) < 0)
		abort();
	for (size_t i = 0; i < header->stanza_count; i++) {
		const struct sceau_age_stanza *stanza = &header->stanzas[i];
		uint8_t *body = malloc(stanza->body.len);
		char *line = malloc(stanza->type.len + stanza->arguments.len +
		                    2);
		size_t used = stanza->type.len;
		int len = sceau_age_stanza_body(stanza, body, stanza->body.len);
		if (len < 0)
			abort();
		memcpy(line, stanza->type.data, used);
		for (size_t j = 0; j < stanza->argument_count; j++) {
			struct sceau_slice word = sceau_age_stanza_argument(
				stanza, j);
			if (word.len == 0)
				abort();
			line[used++] = ' ';
			memcpy(line + used, word.data, word.len);
			used += word.len;
		}
		line[used] = '\0';
		if (sceau_age_header_add_stanza(&out, line, body, (size_t)len,
		                                NULL) < 0)
			abort();
		free(line);
		free(body);
	}
	sceau_buf_append_text(&out, "---");
	if (out.failed || out.used != header->mac_input_length ||
	    memcmp(out.data, data, out.used) != 0)
		abort();
	sceau_buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE];
	struct sceau_age_header header;

	if (size > 4096)
		return 0;
	enum sceau_age_status status = sceau_age_header_parse(data, size,
	                                                      &header, NULL);
	check_prefixes(data, size, status);
	if (status != SCEAU_AGE_OK)
		return 0;
	check_writing(data, &header);
	if (sceau_age_header_check_mac(&header, data, file_key, NULL) > 0)
		abort();
	return 0;
}
