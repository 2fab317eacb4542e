/* auth_results.c - see auth_results.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/auth_results.h"
#include "base/buf.h"
#include "mail/token.h"

#define ID_MAX 255

static bool is_name_char(char c)
{
	return sceau_text_is_alpha(c) || sceau_text_is_digit(c) || c == '.' ||
	       c == '-' || c == '_';
}

static struct sceau_slice skip_to_name(struct sceau_slice text)
{
	while (text.len > 0 && !is_name_char(text.data[0])) {
		text.data++;
		text.len--;
	}
	return text;
}

static bool begins_with(struct sceau_slice text, struct sceau_slice id)
{
	struct sceau_slice start = { text.data, id.len };

	return text.len >= id.len && sceau_slice_equal_nocase(start, id);
}

/* Whether no name goes on at text.data[at]; a final dot is no name. */
static bool ends_at(struct sceau_slice text, size_t at)
{
	if (at < text.len && text.data[at] == '.')
		at++;
	return at >= text.len || !is_name_char(text.data[at]);
}

/* As a reader would that knows no comments and no quotes. */
static bool is_ours_raw(struct sceau_slice value, struct sceau_slice id)
{
	struct sceau_slice text = skip_to_name(value);

	return begins_with(text, id) && ends_at(text, id.len);
}

static bool is_odd(struct sceau_slice word)
{
	for (size_t i = 0; i < word.len; i++) {
		if ((unsigned char)word.data[i] >= 0x80 ||
		    (word.data[i] == '=' && i + 1 < word.len &&
		     word.data[i + 1] == '?'))
			return true;
	}
	return false;
}

/* The part before the first ';', its words written together. */
struct reading {
	struct sceau_slice id;
	struct sceau_buf flat;
	size_t words;
	bool torn_at_id; /* a word ends where the id would end */
	bool doubtful;
};

static void note_end(struct reading *reading)
{
	size_t end = reading->id.len, used = reading->flat.used;

	if (used == end || (used == end + 1 && reading->flat.data[end] == '.'))
		reading->torn_at_id = true;
}

static void read_word(struct reading *reading, const struct sceau_token *token)
{
	struct sceau_slice word = token->text;

	reading->words++;
	if (is_odd(word))
		reading->doubtful = true;
	if (reading->flat.used == 0 && token->kind == SCEAU_TOKEN_WORD)
		word = skip_to_name(word);
	if (sceau_token_unquote(word, &reading->flat) < 0)
		reading->doubtful = true;
	note_end(reading);
}

/* Read up to the first ';'. A '=' ends it too: results without ';', where the
   word in front of it is no id. */
static void read_id(struct reading *reading, struct sceau_slice value)
{
	struct sceau_token token;

	while (sceau_token_next_word(&value, ";=", &token) != SCEAU_TOKEN_END) {
		if (token.kind == SCEAU_TOKEN_BROKEN) {
			reading->doubtful = true;
			return;
		}
		if (token.kind != SCEAU_TOKEN_SPECIAL) {
			read_word(reading, &token);
			continue;
		}
		if (token.text.data[0] == '=' && reading->words <= 1)
			reading->doubtful = true;
		return;
	}
}

bool sceau_auth_results_is_ours(struct sceau_slice value,
                                struct sceau_slice authserv_id)
{
	struct reading reading = { .id = authserv_id };

	if (reading.id.len > 0 && reading.id.data[reading.id.len - 1] == '.')
		reading.id.len--;
	if (reading.id.len == 0 || is_ours_raw(value, reading.id))
		return true;
	sceau_buf_init(&reading.flat, value.len);
	read_id(&reading, value);

	struct sceau_slice flat = { reading.flat.data, reading.flat.used };
	bool ours = reading.doubtful || flat.len == 0 ||
	            (begins_with(flat, reading.id) &&
	             (reading.torn_at_id || ends_at(flat, reading.id.len)));

	sceau_buf_deinit(&reading.flat);
	return ours;
}

bool sceau_auth_results_is_id(struct sceau_slice id)
{
	if (id.len == 0 || id.len > ID_MAX)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		char c = id.data[i];

		if (!sceau_text_is_alpha(c) && !sceau_text_is_digit(c) &&
		    c != '.' && c != '-' && c != '_')
			return false;
	}
	return true;
}

size_t sceau_auth_results_strip(struct sceau_header *header,
                                struct sceau_slice authserv_id)
{
	size_t count = 0, i;

	for (size_t from = 0;
	     sceau_header_find(header, "Authentication-Results", from, &i);
	     from = i + 1) {
		if (!sceau_auth_results_is_ours(
			    sceau_header_get(header, i).value, authserv_id))
			continue;
		sceau_header_delete(header, i);
		count++;
	}
	return count;
}
