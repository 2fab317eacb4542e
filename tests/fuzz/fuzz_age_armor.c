/* fuzz_age_armor.c - armor: any cut gives the same, and bytes come back
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "age/age_armor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum sceau_age_status read_text(const char *text, size_t len,
                                       size_t step, struct sceau_buf *out)
{
	struct sceau_age_dearmorer dearmorer;
	struct sceau_slice piece;

	sceau_buf_init(out, 1 << 20);
	sceau_age_dearmor_init(&dearmorer);
	for (size_t pos = 0; pos < len;) {
		size_t used = 0;
		size_t part = len - pos < step ? len - pos : step;
		if (sceau_age_dearmor_put(&dearmorer, text + pos, part, &used,
		                          &piece, NULL) < 0)
			return SCEAU_AGE_ARMOR;
		sceau_buf_append(out, piece.data, piece.len);
		pos += used;
	}
	return sceau_age_dearmor_finish(&dearmorer, NULL);
}

static void check_cuts(const char *text, size_t len)
{
	static const size_t steps[] = { 1, 2, 63, 67 };
	struct sceau_buf whole;
	enum sceau_age_status want = read_text(text, len, len + 1, &whole);

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct sceau_buf out;
		if (read_text(text, len, steps[i], &out) != want ||
		    out.used != whole.used ||
		    (out.used > 0 &&
		     memcmp(out.data, whole.data, out.used) != 0))
			abort();
		sceau_buf_deinit(&out);
	}
	sceau_buf_deinit(&whole);
}

/* The input as content: written in two pieces, it reads back. */
static void check_writing(const uint8_t *data, size_t size)
{
	struct sceau_age_armorer armorer;
	struct sceau_buf text;
	struct sceau_buf back;
	size_t first = size / 3;

	sceau_buf_init(&text, 1 << 20);
	if (sceau_age_armor_begin(&armorer, &text, NULL) < 0 ||
	    sceau_age_armor_put(&armorer, data, first, &text, NULL) < 0 ||
	    sceau_age_armor_put(&armorer, data + first, size - first, &text,
	                        NULL) < 0 ||
	    sceau_age_armor_end(&armorer, &text, NULL) < 0)
		abort();
	if (sceau_age_armor_detect(text.data, text.used, true) !=
	    SCEAU_AGE_FORM_ARMORED)
		abort();
	if (read_text(text.data, text.used, 50, &back) != SCEAU_AGE_OK ||
	    back.used != size ||
	    (size > 0 && memcmp(back.data, data, size) != 0))
		abort();
	sceau_buf_deinit(&text);
	sceau_buf_deinit(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 8192)
		return 0;
	check_cuts((const char *)data, size);
	check_writing(data, size);
	if (sceau_age_armor_detect(data, size, true) == SCEAU_AGE_FORM_UNKNOWN)
		abort();
	return 0;
}
