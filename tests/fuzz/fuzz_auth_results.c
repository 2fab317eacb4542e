/* fuzz_auth_results.c - no disguise of our id gets through
 *
 * Input: first byte = a length, so many bytes of comment text, the rest a
 * field. Properties: our id in front of anything is ours, also behind a
 * comment or fold; folding the field otherwise changes nothing; stripping
 * leaves no field of ours.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth_results.h"
#include "base/buf.h"
#include "fuzz/fuzz.h"

#define ID "mx.home.example"

static bool is_ours(const struct sceau_buf *text)
{
	struct sceau_slice value = { text->data, text->used };

	return sceau_auth_results_is_ours(value, sceau_slice_of(ID));
}

/* comment(id); field */
static void check_behind_comment(const char *comment, size_t len,
                                 struct sceau_slice field)
{
	struct sceau_buf value;

	sceau_buf_init(&value, 4 * (len + field.len) + 100);
	sceau_buf_append_text(&value, " (");
	for (size_t i = 0; i < len; i++) {
		/* Quoted pairs: the comment ends where we end it. */
		if (comment[i] != '\0') {
			sceau_buf_append_text(&value, "\\");
			sceau_buf_append(&value, comment + i, 1);
		}
	}
	sceau_buf_append_text(&value, ")\r\n\t" ID " ;");
	sceau_buf_append(&value, field.data, field.len);
	REQUIRE(is_ours(&value));
	sceau_buf_deinit(&value);
}

static void check_folding(struct sceau_slice field)
{
	struct sceau_slice id = sceau_slice_of(ID);
	bool want = sceau_auth_results_is_ours(field, id);
	struct sceau_buf value;

	sceau_buf_init(&value, 3 * field.len + 100);
	for (size_t i = 0; i < field.len; i++) {
		/* Not behind a backslash: that would quote the fold. */
		if (field.data[i] == ' ' &&
		    (i == 0 || field.data[i - 1] != '\\'))
			sceau_buf_append_text(&value, "\r\n");
		sceau_buf_append(&value, field.data + i, 1);
	}
	REQUIRE(is_ours(&value) == want);
	sceau_buf_deinit(&value);
}

static void check_strip(struct sceau_slice field)
{
	struct sceau_slice name = sceau_slice_of("Authentication-Results");
	struct sceau_slice id = sceau_slice_of(ID);
	struct sceau_header header;

	sceau_header_init(&header, 3, 1U << 22);
	REQUIRE(sceau_header_add(&header, name, field, NULL) == 0);
	REQUIRE(sceau_header_add(&header, name, id, NULL) == 0);
	REQUIRE(sceau_header_add(&header, name, field, NULL) == 0);
	size_t ours = sceau_auth_results_is_ours(field, id) ? 3 : 1;
	REQUIRE(sceau_auth_results_strip(&header, id) == ours);
	REQUIRE(sceau_header_count(&header, "Authentication-Results") ==
	        3 - ours);
	sceau_header_deinit(&header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || (size_t)data[0] + 1 > size)
		return 0;

	const char *comment = (const char *)data + 1;
	struct sceau_slice field = { comment + data[0], size - 1 - data[0] };

	check_behind_comment(comment, data[0], field);
	check_folding(field);
	check_strip(field);
	return 0;
}
