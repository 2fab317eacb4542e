/* age_header.c - see age_header.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "age/age_crypto.h"
#include "age/age_header.h"
#include "base/base64.h"

/* The part of the first line that every version of age shares. */
#define MAGIC_ANY_VERSION_SIZE 19
#define BODY_LINE_MAX 64
#define BODY_LINE_BYTES 48
#define MAC_TEXT_SIZE 43

/* Where the parser is. line is the one read last. */
struct reader {
	const char *data;
	size_t len;
	size_t next; /* start of the next line */
	unsigned line_number;
	struct sceau_slice line; /* without its LF */
};

static enum sceau_age_status refuse(const struct reader *reader,
                                    const char *reason, struct sceau_err *err)
{
	sceau_fail(err, SCEAU_FAULT_PEER, "header line %u: %s",
	           reader->line_number, reason);
	return SCEAU_AGE_HEADER;
}

/* Read the next line into reader->line. What lies beyond the bound is not
   looked at, so that the answer does not depend on how much was given. */
static enum sceau_age_status next_line(struct reader *reader,
                                       struct sceau_err *err)
{
	const char *start = reader->data + reader->next;
	size_t len = reader->len < SCEAU_AGE_HEADER_MAX ? reader->len
	                                                : SCEAU_AGE_HEADER_MAX;

	reader->line_number++;
	const char *end = len == reader->next
	                          ? NULL
	                          : memchr(start, '\n', len - reader->next);
	if (end == NULL) {
		if (len < SCEAU_AGE_HEADER_MAX)
			return SCEAU_AGE_MORE;
		return refuse(reader, "the header is longer than 65536 bytes",
		              err);
	}
	reader->line.data = start;
	reader->line.len = (size_t)(end - start);
	reader->next += reader->line.len + 1;
	return SCEAU_AGE_OK;
}

/* The first line. A wrong byte is refused at once: what is no age file need not
   be read any further. */
static enum sceau_age_status read_magic(struct reader *reader,
                                        struct sceau_err *err)
{
	size_t have = reader->len < SCEAU_AGE_MAGIC_SIZE ? reader->len
	                                                 : SCEAU_AGE_MAGIC_SIZE;
	size_t same = 0;

	while (same < have && reader->data[same] == SCEAU_AGE_MAGIC[same])
		same++;
	reader->line_number = 1;
	if (same < have && same < MAGIC_ANY_VERSION_SIZE)
		return refuse(reader, "this is not an age file", err);
	if (same < have)
		return refuse(reader, "not version 1 of the age format", err);
	if (have < SCEAU_AGE_MAGIC_SIZE)
		return SCEAU_AGE_MORE;
	reader->next = SCEAU_AGE_MAGIC_SIZE;
	return SCEAU_AGE_OK;
}

/* Count the arguments of a stanza's first line and cut off the type. Each has
   at least one visible character, single spaces between them. */
static const char *split_arguments(struct sceau_slice line,
                                   struct sceau_age_stanza *stanza)
{
	size_t count = 0;
	size_t type_len = 0;
	char previous = ' ';

	for (size_t i = 0; i < line.len; i++) {
		char c = line.data[i];
		if (c == ' ' && previous != ' ') {
			if (count++ == 0)
				type_len = i;
		} else if (c < 33 || c > 126) {
			return "a stanza's argument is empty or has a "
			       "character that is not allowed";
		}
		previous = c;
	}
	if (previous == ' ')
		return "a stanza's argument is missing";
	if (count > SCEAU_AGE_ARGUMENTS_MAX)
		return "a stanza has too many arguments";

	if (count == 0)
		type_len = line.len;
	size_t skip = count == 0 ? type_len : type_len + 1;
	stanza->type.data = line.data;
	stanza->type.len = type_len;
	stanza->arguments.data = line.data + skip;
	stanza->arguments.len = line.len - skip;
	stanza->argument_count = count;
	return NULL;
}

static enum sceau_age_status read_body(struct reader *reader,
                                       struct sceau_age_stanza *stanza,
                                       struct sceau_err *err)
{
	size_t start = reader->next;

	do {
		uint8_t bytes[BODY_LINE_BYTES];
		size_t used;
		enum sceau_age_status status = next_line(reader, err);
		if (status != SCEAU_AGE_OK)
			return status;
		/* A full line is a multiple of 4 characters, so each line
		   is canonical by itself. */
		if (reader->line.len > BODY_LINE_MAX)
			return refuse(reader,
			              "a stanza's body line is too long", err);
		if (sceau_base64_decode(reader->line.data, reader->line.len,
		                        bytes, sizeof(bytes), &used) < 0)
			return refuse(reader,
			              "a stanza's body is not canonical base64",
			              err);
	} while (reader->line.len == BODY_LINE_MAX);

	stanza->body.data = reader->data + start;
	stanza->body.len = reader->next - start;
	return SCEAU_AGE_OK;
}

/* reader->line is the first line of a stanza. */
static enum sceau_age_status read_stanza(struct reader *reader,
                                         struct sceau_age_header *header,
                                         struct sceau_err *err)
{
	struct sceau_slice line = reader->line;

	if (header->stanza_count == SCEAU_AGE_STANZAS_MAX)
		return refuse(reader, "there are too many stanzas", err);
	if (line.len < 3 || strncmp(line.data, "-> ", 3) != 0)
		return refuse(reader, "neither a stanza nor the MAC", err);
	line.data += 3;
	line.len -= 3;

	struct sceau_age_stanza *stanza =
		&header->stanzas[header->stanza_count];
	const char *reason = split_arguments(line, stanza);
	if (reason != NULL)
		return refuse(reader, reason, err);
	enum sceau_age_status status = read_body(reader, stanza, err);
	if (status == SCEAU_AGE_OK)
		header->stanza_count++;
	return status;
}

/* reader->line starts with "---". */
static enum sceau_age_status read_mac(struct reader *reader,
                                      struct sceau_age_header *header,
                                      struct sceau_err *err)
{
	struct sceau_slice line = reader->line;
	size_t used;

	if (header->stanza_count == 0)
		return refuse(reader, "there is no stanza", err);
	if (line.len != 4 + MAC_TEXT_SIZE || line.data[3] != ' ' ||
	    sceau_base64_decode(line.data + 4, MAC_TEXT_SIZE, header->mac,
	                        sizeof(header->mac), &used) < 0)
		return refuse(reader, "the MAC is not 43 characters of base64",
		              err);
	header->mac_input_length = (size_t)(line.data + 3 - reader->data);
	header->length = reader->next;
	return SCEAU_AGE_OK;
}

enum sceau_age_status sceau_age_header_parse(const void *data, size_t len,
                                             struct sceau_age_header *header,
                                             struct sceau_err *err)
{
	struct reader reader = { .data = data, .len = len };

	header->stanza_count = 0;
	enum sceau_age_status status = read_magic(&reader, err);
	while (status == SCEAU_AGE_OK) {
		status = next_line(&reader, err);
		if (status != SCEAU_AGE_OK)
			break;
		if (reader.line.len >= 3 &&
		    strncmp(reader.line.data, "---", 3) == 0)
			return read_mac(&reader, header, err);
		status = read_stanza(&reader, header, err);
	}
	return status;
}

struct sceau_slice
sceau_age_stanza_argument(const struct sceau_age_stanza *stanza, size_t index)
{
	struct sceau_slice rest = stanza->arguments;
	struct sceau_slice word = { NULL, 0 };

	for (size_t i = 0; i <= index; i++) {
		if (!sceau_slice_next_word(&rest, " ", &word))
			return (struct sceau_slice){ NULL, 0 };
	}
	return word;
}

int sceau_age_stanza_body(const struct sceau_age_stanza *stanza, void *out,
                          size_t size)
{
	const char *line = stanza->body.data;
	const char *end = line + stanza->body.len;
	size_t lf_count = (stanza->body.len + BODY_LINE_MAX) /
	                  (BODY_LINE_MAX + 1);
	size_t total = (stanza->body.len - lf_count) * 3 / 4;
	uint8_t *bytes = out;

	if (total > size)
		return -1;
	while (line < end) {
		const char *lf = memchr(line, '\n', (size_t)(end - line));
		size_t used = 0;
		/* The parser decoded the same text once, so it is sound. */
		int ret = sceau_base64_decode(line, (size_t)(lf - line), bytes,
		                              BODY_LINE_BYTES, &used);
		assert(ret == 0);
		(void)ret;
		bytes += used;
		line = lf + 1;
	}
	return (int)total;
}

/* The header's MAC over data[0..len). */
static int compute_mac(const char *data, size_t len, const uint8_t *file_key,
                       uint8_t mac_r[SCEAU_AGE_MAC_SIZE], struct sceau_err *err)
{
	uint8_t key[SCEAU_AGE_KEY_SIZE];
	struct sceau_slice secret = { (const char *)file_key,
		                      SCEAU_AGE_FILE_KEY_SIZE };

	if (sceau_age_hkdf(secret, sceau_slice_of(NULL), "header", key, err) <
	    0)
		return -1;
	struct sceau_slice mac_key = { (const char *)key, sizeof(key) };
	struct sceau_slice input = { data, len };
	int ret = sceau_age_hmac(mac_key, input, mac_r, err);
	sodium_memzero(key, sizeof(key));
	return ret;
}

enum sceau_age_status sceau_age_header_check_mac(
	const struct sceau_age_header *header, const void *data,
	const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE], struct sceau_err *err)
{
	uint8_t mac[SCEAU_AGE_MAC_SIZE];

	if (compute_mac(data, header->mac_input_length, file_key, mac, err) < 0)
		return SCEAU_AGE_INTERNAL;
	if (sodium_memcmp(mac, header->mac, sizeof(mac)) != 0) {
		sceau_fail(err, SCEAU_FAULT_PEER, "the header was altered");
		return SCEAU_AGE_HMAC;
	}
	return SCEAU_AGE_OK;
}

static int check_room(const struct sceau_buf *out, struct sceau_err *err)
{
	if (out->failed)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "no memory for the header");
	return 0;
}

int sceau_age_header_begin(struct sceau_buf *out, struct sceau_err *err)
{
	assert(out->used == 0);
	sceau_buf_append_text(out, SCEAU_AGE_MAGIC);
	return check_room(out, err);
}

int sceau_age_header_add_stanza(struct sceau_buf *out, const char *line,
                                const void *body, size_t body_len,
                                struct sceau_err *err)
{
	const uint8_t *bytes = body;
	size_t taken;

	sceau_buf_appendf(out, "-> %s\n", line);
	/* A body that ends with a full line gets an empty one behind it. */
	do {
		char text[BODY_LINE_MAX + 2];
		taken = body_len < BODY_LINE_BYTES ? body_len : BODY_LINE_BYTES;
		size_t len = sceau_base64_encode(bytes, taken, text);
		text[len] = '\n';
		sceau_buf_append(out, text, len + 1);
		bytes += taken;
		body_len -= taken;
	} while (taken == BODY_LINE_BYTES);
	return check_room(out, err);
}

int sceau_age_header_end(struct sceau_buf *out,
                         const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                         struct sceau_err *err)
{
	uint8_t mac[SCEAU_AGE_MAC_SIZE];
	char text[MAC_TEXT_SIZE + 1];

	sceau_buf_append_text(out, "---");
	if (check_room(out, err) < 0 ||
	    compute_mac(out->data, out->used, file_key, mac, err) < 0)
		return -1;
	sceau_base64_encode(mac, sizeof(mac), text);
	sceau_buf_appendf(out, " %s\n", text);
	return check_room(out, err);
}
