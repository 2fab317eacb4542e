/* age_armor.c - see age_armor.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "age/age_armor.h"
#include "base/base64.h"

#define BEGIN_LINE "-----BEGIN AGE ENCRYPTED FILE-----"
#define END_LINE "-----END AGE ENCRYPTED FILE-----"
#define DASHES "-----"
#define MAGIC "age-encryption.org/"

enum stage {
	STAGE_BEFORE, /* white space, then the first line */
	STAGE_BODY,
	STAGE_SHORT, /* the short line was read: the last line follows */
	STAGE_AFTER, /* only white space may follow */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Whether data[0..len) and text agree as far as both go. */
static bool agrees(const char *data, size_t len, const char *text)
{
	size_t text_len = strlen(text);

	return strncmp(data, text, len < text_len ? len : text_len) == 0;
}

static bool contains(const char *data, size_t len, const char *text)
{
	return memmem(data, len, text, strlen(text)) != NULL;
}

enum sceau_age_form sceau_age_armor_detect(const void *data, size_t len,
                                           bool is_all)
{
	const char *text = data;
	size_t start = 0;

	if (len >= SCEAU_AGE_ARMOR_DETECT_MAX) {
		len = SCEAU_AGE_ARMOR_DETECT_MAX;
		is_all = true;
	}
	if (len >= strlen(MAGIC) && agrees(text, len, MAGIC))
		return SCEAU_AGE_FORM_BINARY;
	while (start < len && is_blank(text[start]))
		start++;
	if (len - start >= strlen(DASHES) &&
	    agrees(text + start, len - start, DASHES))
		return SCEAU_AGE_FORM_ARMORED;
	/* Something stands before the armor: that is for the reader to
	   refuse. */
	if (len > 0 && contains(text, len, BEGIN_LINE))
		return SCEAU_AGE_FORM_ARMORED;
	return is_all ? SCEAU_AGE_FORM_BINARY : SCEAU_AGE_FORM_UNKNOWN;
}

static int check_room(const struct sceau_buf *out, struct sceau_err *err)
{
	if (out->failed)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no memory");
	return 0;
}

int sceau_age_armor_begin(struct sceau_age_armorer *armorer,
                          struct sceau_buf *out, struct sceau_err *err)
{
	armorer->used = 0;
	sceau_buf_append_text(out, BEGIN_LINE "\n");
	return check_room(out, err);
}

/* Append one line of base64, padded. */
static void append_line(struct sceau_buf *out, const uint8_t *bytes, size_t len)
{
	char text[SCEAU_AGE_ARMOR_LINE + 2];
	size_t used = sceau_base64_encode(bytes, len, text);

	while (used % 4 != 0)
		text[used++] = '=';
	text[used++] = '\n';
	sceau_buf_append(out, text, used);
}

int sceau_age_armor_put(struct sceau_age_armorer *armorer, const void *data,
                        size_t len, struct sceau_buf *out,
                        struct sceau_err *err)
{
	const uint8_t *bytes = data;

	while (len > 0) {
		size_t room = sizeof(armorer->line) - armorer->used;
		size_t taken = len < room ? len : room;
		memcpy(armorer->line + armorer->used, bytes, taken);
		armorer->used += taken;
		bytes += taken;
		len -= taken;
		if (armorer->used == sizeof(armorer->line)) {
			append_line(out, armorer->line, armorer->used);
			armorer->used = 0;
		}
	}
	return check_room(out, err);
}

int sceau_age_armor_end(struct sceau_age_armorer *armorer,
                        struct sceau_buf *out, struct sceau_err *err)
{
	if (armorer->used > 0)
		append_line(out, armorer->line, armorer->used);
	sceau_buf_append_text(out, END_LINE "\n");
	return check_room(out, err);
}

void sceau_age_dearmor_init(struct sceau_age_dearmorer *dearmorer)
{
	dearmorer->stage = STAGE_BEFORE;
	dearmorer->used = 0;
}

static enum sceau_age_status refuse(const char *reason, struct sceau_err *err)
{
	sceau_fail(err, SCEAU_FAULT_PEER, "%s", reason);
	return SCEAU_AGE_ARMOR;
}

/* Decode a line of the body, padding included. */
static enum sceau_age_status decode_line(struct sceau_age_dearmorer *dearmorer,
                                         struct sceau_slice line,
                                         struct sceau_slice *out_r,
                                         struct sceau_err *err)
{
	size_t len = line.len;
	size_t used = 0;

	if (len == 0)
		return refuse("there is an empty line", err);
	if (len > SCEAU_AGE_ARMOR_LINE)
		return refuse("a line is longer than 64 characters", err);
	if (len % 4 != 0)
		return refuse("a line is not padded", err);
	for (unsigned i = 0; i < 2 && line.data[len - 1] == '='; i++)
		len--;
	if (sceau_base64_decode(line.data, len, dearmorer->bytes,
	                        sizeof(dearmorer->bytes), &used) < 0)
		return refuse("a line is not canonical base64", err);
	if (used < sizeof(dearmorer->bytes))
		dearmorer->stage = STAGE_SHORT;
	out_r->data = (const char *)dearmorer->bytes;
	out_r->len = used;
	return SCEAU_AGE_OK;
}

/* A whole line is there. */
static enum sceau_age_status take_line(struct sceau_age_dearmorer *dearmorer,
                                       struct sceau_slice *out_r,
                                       struct sceau_err *err)
{
	struct sceau_slice line = { dearmorer->line, dearmorer->used };

	dearmorer->used = 0;
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	if (dearmorer->stage == STAGE_BEFORE) {
		if (!sceau_slice_is(line, BEGIN_LINE))
			return refuse("it does not begin with " BEGIN_LINE,
			              err);
		dearmorer->stage = STAGE_BODY;
		return SCEAU_AGE_OK;
	}
	if (sceau_slice_is(line, END_LINE)) {
		dearmorer->stage = STAGE_AFTER;
		return SCEAU_AGE_OK;
	}
	if (dearmorer->stage == STAGE_SHORT)
		return refuse("a short line is not the last one", err);
	return decode_line(dearmorer, line, out_r, err);
}

enum sceau_age_status
sceau_age_dearmor_put(struct sceau_age_dearmorer *dearmorer, const void *data,
                      size_t len, size_t *used_r, struct sceau_slice *out_r,
                      struct sceau_err *err)
{
	const char *text = data;

	out_r->data = NULL;
	out_r->len = 0;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		bool is_between = dearmorer->stage == STAGE_AFTER ||
		                  (dearmorer->stage == STAGE_BEFORE &&
		                   dearmorer->used == 0);
		if (is_between && is_blank(c))
			continue;
		if (dearmorer->stage == STAGE_AFTER)
			return refuse("there is text behind " END_LINE, err);
		if (c != '\n') {
			if (dearmorer->used == sizeof(dearmorer->line))
				return refuse("a line is too long", err);
			dearmorer->line[dearmorer->used++] = c;
			continue;
		}
		enum sceau_age_status status = take_line(dearmorer, out_r, err);
		if (status != SCEAU_AGE_OK || out_r->len > 0) {
			*used_r = i + 1;
			return status;
		}
	}
	*used_r = len;
	return SCEAU_AGE_MORE;
}

enum sceau_age_status
sceau_age_dearmor_finish(struct sceau_age_dearmorer *dearmorer,
                         struct sceau_err *err)
{
	struct sceau_slice line = { dearmorer->line, dearmorer->used };

	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	/* The last line may lack its end. */
	if (dearmorer->stage == STAGE_AFTER ||
	    (dearmorer->stage != STAGE_BEFORE &&
	     sceau_slice_is(line, END_LINE)))
		return SCEAU_AGE_OK;
	return refuse("the text ends before " END_LINE, err);
}
