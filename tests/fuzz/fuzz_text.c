/* fuzz_text.c - text of strangers: printable once made so, words that cover
 * exactly what is no separator, numbers that print back, buffers that hold
 * what was put in whatever the pieces
 *
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "fuzz/fuzz.h"

static void check_printable(const char *text)
{
	size_t len = strlen(text);
	char *once = strdup(text);
	struct sceau_err err;

	must(once != NULL, "memory");
	sceau_text_make_printable(once);
	must(strlen(once) == len, "the length stays");
	must(sceau_text_is_utf8(once, len), "UTF-8");
	for (size_t i = 0; i < len; i++)
		must((unsigned char)once[i] >= 0x20 && once[i] != 0x7f,
		     "no control character");
	char *twice = strdup(once);
	must(twice != NULL, "memory");
	sceau_text_make_printable(twice);
	must(strcmp(once, twice) == 0, "a second time changes nothing");
	free(twice);

	(void)sceau_fail(&err, SCEAU_FAULT_PEER, "%s", text);
	(void)sceau_fail_in(&err, "%s", text);
	must(sceau_text_is_utf8(err.text, strlen(err.text)),
	     "an error's text is UTF-8, even where it was cut");
	must(strpbrk(err.text, "\r\n\033") == NULL, "one line");
	free(once);
}

static void check_words(struct sceau_slice text)
{
	struct sceau_slice rest = text, word;
	size_t in_words = 0, no_separators = 0;

	while (sceau_slice_next_word(&rest, ", \t", &word)) {
		must(word.len > 0, "no empty word");
		in_words += word.len;
	}
	for (size_t i = 0; i < text.len; i++)
		no_separators += text.data[i] != ',' && text.data[i] != ' ' &&
		                 text.data[i] != '\t';
	must(in_words == no_separators, "words hold all but separators");
}

static void check_numbers(struct sceau_slice text)
{
	char printed[32];
	uint64_t value = 0;
	size_t zeros = 0;

	(void)sceau_text_parse_duration(text, &value, NULL);
	(void)sceau_text_parse_size(text, &value, NULL);
	if (sceau_text_parse_number(text, UINT64_MAX, &value, NULL) < 0)
		return;
	while (zeros + 1 < text.len && text.data[zeros] == '0')
		zeros++;
	snprintf(printed, sizeof(printed), "%" PRIu64, value);
	must(strlen(printed) == text.len - zeros &&
	             strncmp(printed, text.data + zeros, text.len - zeros) == 0,
	     "a number prints back");
}

static void check_buf(const uint8_t *data, size_t size)
{
	size_t max = size / 2 + 8, pos = 0, want = 0;
	struct sceau_buf buf;

	sceau_buf_init(&buf, max);
	while (pos < size) {
		size_t n = data[pos] % 17;

		if (n > size - pos)
			n = size - pos;
		int ret = sceau_buf_append(&buf, data + pos, n);
		must(ret == 0 ? want + n <= max : buf.failed, "the bound");
		if (ret < 0)
			break;
		want += n;
		pos += n == 0 ? 1 : n;
	}
	must(buf.used == want && buf.used <= max, "nothing lost or doubled");
	sceau_buf_deinit(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sceau_slice text = { (const char *)data, size };
	char *copy = malloc(size + 1);

	must(copy != NULL, "memory");
	memcpy(copy, data, size);
	copy[size] = '\0';
	check_printable(copy);
	check_words(text);
	check_numbers(text);
	check_buf(data, size);
	free(copy);
	return 0;
}
