/* dkim.c - sign a mail with DKIM (RFC 6376)
 *
 * The field is written so that no line of it is over 78 columns, and hashed
 * exactly as it is sent: a header signed as simple bears no other fold.
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/dkim.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/dkim_select.h"
#include "base/base64.h"
#include "daemon/dkim_crypto.h"

#define FIELD "DKIM-Signature"
#define MAX_NAMES 64
#define NAME_SIZE 80
#define COLUMNS 78
/* Text of h=: what is left of SCEAU_DKIM_VALUE_MAX has room for the rest. */
#define NAMES_MAX 8192

struct names {
	char text[MAX_NAMES][NAME_SIZE];
	size_t count;
};

struct sceau_dkim {
	enum sceau_dkim_canon header_canon;
	enum sceau_dkim_canon body_canon;
	struct names headers;
	struct names oversign;
};

struct sceau_dkim_sign {
	const struct sceau_dkim *dkim;
	const struct sceau_dkim_key *keys[SCEAU_DKIM_SIGNERS_MAX];
	size_t count;
	uint64_t now_s;
	struct sceau_buf names; /* h= */
	struct sceau_dkim_hash *header_hash; /* the fields of h= so far */
	struct sceau_dkim_hash *body_hash;
	struct sceau_dkim_body body;
	unsigned char body_result[SCEAU_DKIM_HASH_SIZE];
	char last; /* last byte of the body so far, '\n' when empty */
};

/* Fields that change on the way or must stay private. */
static const char *const never_signed[] = {
	"Return-Path",
	"Received",
	"Authentication-Results",
	"DKIM-Signature",
	"Bcc",
	"Resent-Bcc",
	"ARC-Seal",
	"ARC-Message-Signature",
	"ARC-Authentication-Results",
	"X-Envelope-From",
	"Delivered-To",
};

static bool has_name(const struct names *names, struct sceau_slice name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (sceau_slice_is_nocase(name, names->text[i]))
			return true;
	}
	return false;
}

/* Letters, digits and '-': what stands in h= needs no quoting. */
static int check_name(struct sceau_slice word, struct sceau_err *err)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = word.data[i];

		if (!sceau_text_is_alpha(c) && !sceau_text_is_digit(c) &&
		    c != '-')
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "\"%.*s\" is not a header field name",
			                  (int)word.len, word.data);
	}
	for (size_t i = 0; i < sizeof(never_signed) / sizeof(*never_signed);
	     i++) {
		if (sceau_slice_is_nocase(word, never_signed[i]))
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "%s must not be signed: it changes "
			                  "on the way or is private",
			                  never_signed[i]);
	}
	return 0;
}

static int copy_names(const struct sceau_conf_list *list, struct names *names,
                      struct sceau_err *err)
{
	for (size_t i = 0; i < list->count; i++) {
		struct sceau_slice word = sceau_slice_of(list->items[i]);

		if (check_name(word, err) < 0)
			return -1;
		if (has_name(names, word))
			continue;
		if (names->count == MAX_NAMES ||
		    sceau_slice_copy(word, names->text[names->count],
		                     NAME_SIZE) < 0)
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "over %d field names, or one over "
			                  "%d bytes",
			                  MAX_NAMES, NAME_SIZE - 1);
		names->count++;
	}
	return 0;
}

static int check_names(const struct sceau_dkim *dkim, struct sceau_err *err)
{
	struct sceau_slice from = sceau_slice_of("From");

	if (!has_name(&dkim->headers, from) || !has_name(&dkim->oversign, from))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "From must be signed and oversigned");
	for (size_t i = 0; i < dkim->oversign.count; i++) {
		struct sceau_slice name = sceau_slice_of(
			dkim->oversign.text[i]);

		if (!has_name(&dkim->headers, name))
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "%s is oversigned but not signed",
			                  dkim->oversign.text[i]);
	}
	return 0;
}

int sceau_dkim_new(const struct sceau_dkim_options *options,
                   struct sceau_dkim **dkim_r, struct sceau_err *err)
{
	struct sceau_dkim *dkim = calloc(1, sizeof(*dkim));

	if (dkim == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	dkim->header_canon = options->header_canon;
	dkim->body_canon = options->body_canon;
	if (copy_names(&options->headers, &dkim->headers, err) < 0 ||
	    copy_names(&options->oversign, &dkim->oversign, err) < 0 ||
	    check_names(dkim, err) < 0) {
		sceau_dkim_free(&dkim);
		return -1;
	}
	*dkim_r = dkim;
	return 0;
}

void sceau_dkim_free(struct sceau_dkim **dkim)
{
	free(*dkim);
	*dkim = NULL;
}

int sceau_dkim_sign_new(const struct sceau_dkim *dkim,
                        const struct sceau_dkim_key *const *keys, size_t count,
                        uint64_t now_s, struct sceau_dkim_sign **sign_r,
                        struct sceau_err *err)
{
	struct sceau_dkim_sign *sign = calloc(1, sizeof(*sign));

	assert(count >= 1 && count <= SCEAU_DKIM_SIGNERS_MAX);
	if (sign == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	sign->dkim = dkim;
	sign->last = '\n';
	sign->count = count;
	sign->now_s = now_s;
	for (size_t i = 0; i < count; i++)
		sign->keys[i] = keys[i];
	sceau_buf_init(&sign->names, NAMES_MAX);
	sign->header_hash = sceau_dkim_hash_new();
	sign->body_hash = sceau_dkim_hash_new();
	if (sign->header_hash == NULL || sign->body_hash == NULL) {
		sceau_dkim_sign_free(&sign);
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	}
	sceau_dkim_body_init(&sign->body, dkim->body_canon, sceau_dkim_hash_add,
	                     sign->body_hash);
	*sign_r = sign;
	return 0;
}

/* --- header --- */

/* Whether value holds a byte that others would read another way. */
static bool is_odd(struct sceau_slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.data[i];

		if (c == '\0' || (c == '\r' && (i + 1 == value.len ||
		                                value.data[i + 1] != '\n')))
			return true;
	}
	return false;
}

static void add_name(struct sceau_dkim_sign *sign, const char *name)
{
	if (sign->names.used > 0)
		(void)sceau_buf_append(&sign->names, ":", 1);
	(void)sceau_buf_append_text(&sign->names, name);
}

/* All fields of one name, from the bottom up: the order in which verifiers
   take them (5.4.2). */
static int add_fields(struct sceau_dkim_sign *sign,
                      const struct sceau_header *header,
                      struct sceau_dkim_select *select, const char *name,
                      struct sceau_err *err)
{
	size_t index;

	while (sceau_dkim_select_pick(select, sceau_slice_of(name), &index)) {
		struct sceau_header_field field = sceau_header_get(header,
		                                                   index);

		if (is_odd(field.value))
			return sceau_fail(err, SCEAU_FAULT_PEER,
			                  "a bare CR or a NUL in the header");
		sceau_dkim_canon_field(sign->dkim->header_canon, field.name,
		                       field.value, sceau_dkim_hash_add,
		                       sign->header_hash);
		sceau_dkim_hash_add(sign->header_hash, "\r\n", 2);
		add_name(sign, name);
	}
	return 0;
}

int sceau_dkim_sign_header(struct sceau_dkim_sign *sign,
                           const struct sceau_header *header,
                           struct sceau_err *err)
{
	const struct sceau_dkim *dkim = sign->dkim;
	struct sceau_dkim_select *select = NULL;
	int ret = 0;

	if (sceau_header_count(header, "From") == 0)
		return sceau_fail(err, SCEAU_FAULT_PEER, "no From");
	if (sceau_dkim_select_new(header, SCEAU_DKIM_LEAVING, &select, err) < 0)
		return -1;
	for (size_t i = 0; i < dkim->headers.count && ret == 0; i++)
		ret = add_fields(sign, header, select, dkim->headers.text[i],
		                 err);
	sceau_dkim_select_free(&select);
	for (size_t i = 0; i < dkim->oversign.count; i++)
		add_name(sign, dkim->oversign.text[i]);
	if (ret == 0 && sign->names.failed)
		ret = sceau_fail(err, SCEAU_FAULT_PEER,
		                 "too many header fields to sign");
	return ret;
}

/* --- body --- */

/* Whether data[0..len), which follows the byte before, holds a CR that no LF
   follows (one at the very end is left to the next chunk) or a LF that no CR
   precedes. */
static bool has_bare(const char *data, size_t len, char before)
{
	const char *end = data + len;

	for (const char *p = data; p < end; p++) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (p == NULL)
			break;
		if ((p == data ? before : p[-1]) != '\r')
			return true;
	}
	for (const char *p = data; p < end; p++) {
		p = memchr(p, '\r', (size_t)(end - p));
		if (p == NULL)
			break;
		if (p + 1 < end && p[1] != '\n')
			return true;
	}
	return false;
}

int sceau_dkim_sign_body(struct sceau_dkim_sign *sign, const void *data,
                         size_t len, struct sceau_err *err)
{
	const char *bytes = data;

	if (len == 0)
		return 0;
	if ((sign->last == '\r' && bytes[0] != '\n') ||
	    has_bare(bytes, len, sign->last))
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "a bare CR or LF in the body");
	sign->last = bytes[len - 1];
	sceau_dkim_body_feed(&sign->body, bytes, len);
	return 0;
}

int sceau_dkim_sign_end(struct sceau_dkim_sign *sign, struct sceau_err *err)
{
	if (sign->last == '\r')
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "a bare CR at the end of the body");
	sceau_dkim_body_end(&sign->body);
	if (sceau_dkim_hash_end(sign->body_hash, sign->body_result) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "libcrypto cannot hash");
	return 0;
}

/* --- the field --- */

/* Column of the last line of value, which stands behind "DKIM-Signature:". */
static size_t column_of(const struct sceau_buf *value)
{
	const char *eol = memrchr(value->data, '\n', value->used);
	size_t behind;

	if (eol == NULL)
		return strlen(FIELD ":") + value->used;
	behind = (size_t)(value->data + value->used - (eol + 1));
	return behind + 7; /* it begins with a tab */
}

/* Append a tag, on a new line if it does not fit. */
static void add_tag(struct sceau_buf *value, const char *name, const char *text)
{
	size_t len = 1 + strlen(name) + strlen(text) + 1;

	(void)sceau_buf_append(value, ";", 1);
	(void)sceau_buf_append_text(
		value, column_of(value) + len > COLUMNS ? "\n\t" : " ");
	(void)sceau_buf_append_text(value, name);
	(void)sceau_buf_append_text(value, text);
}

/* Append text in pieces that end behind a mark (any byte if it is NUL), on as
   many lines as it needs. */
static void add_folded(struct sceau_buf *value, const char *text, size_t len,
                       char mark)
{
	while (len > 0) {
		const char *end = mark != '\0' ? memchr(text, mark, len) : NULL;
		size_t column = column_of(value);
		size_t part = 1;

		if (mark != '\0')
			part = end != NULL ? (size_t)(end - text) + 1 : len;
		else if (column < COLUMNS)
			part = COLUMNS - column < len ? COLUMNS - column : len;
		if (column + part > COLUMNS)
			(void)sceau_buf_append_text(value, "\n\t");
		(void)sceau_buf_append(value, text, part);
		text += part;
		len -= part;
	}
}

static void add_base64(struct sceau_buf *value, const unsigned char *bytes,
                       size_t len)
{
	char text[SCEAU_BASE64_LENGTH(SCEAU_DKIM_SIGNATURE_SIZE) + 3];
	size_t used = sceau_base64_encode(bytes, len, text);

	while (used % 4 != 0)
		text[used++] = '=';
	add_folded(value, text, used, '\0');
}

static const char *canon_name(enum sceau_dkim_canon canon)
{
	return canon == SCEAU_DKIM_SIMPLE ? "simple" : "relaxed";
}

/* Everything up to "b=". */
static void add_field(const struct sceau_dkim_sign *sign,
                      const struct sceau_dkim_key *key, struct sceau_buf *value)
{
	const struct sceau_dkim *dkim = sign->dkim;
	char text[32];

	(void)sceau_buf_appendf(
		value, " v=1; a=%s-sha256; c=%s/%s",
		sceau_dkim_key_type_name(sceau_dkim_key_type(key)),
		canon_name(dkim->header_canon), canon_name(dkim->body_canon));
	add_tag(value, "d=", sceau_dkim_key_domain(key));
	add_tag(value, "s=", sceau_dkim_key_selector(key));
	(void)snprintf(text, sizeof(text), "%llu",
	               (unsigned long long)sign->now_s);
	add_tag(value, "t=", text);
	(void)sceau_buf_append_text(value, ";\n\th=");
	add_folded(value, sceau_buf_text(&sign->names), sign->names.used, ':');
	(void)sceau_buf_append_text(value, ";\n\tbh=");
	add_base64(value, sign->body_result, sizeof(sign->body_result));
	(void)sceau_buf_append_text(value, ";\n\tb=");
}

/* The hash that is signed: the fields, then this one as far as it goes. */
static int hash_header(const struct sceau_dkim_sign *sign,
                       const struct sceau_buf *value,
                       unsigned char out[SCEAU_DKIM_HASH_SIZE])
{
	struct sceau_dkim_hash *hash = sceau_dkim_hash_copy(sign->header_hash);
	struct sceau_slice text = { value->data, value->used };
	int ret;

	if (hash == NULL)
		return -1;
	sceau_dkim_canon_field(sign->dkim->header_canon, sceau_slice_of(FIELD),
	                       text, sceau_dkim_hash_add, hash);
	ret = sceau_dkim_hash_end(hash, out);
	sceau_dkim_hash_free(&hash);
	return ret;
}

int sceau_dkim_sign_value(struct sceau_dkim_sign *sign, size_t index,
                          struct sceau_buf *value, struct sceau_err *err)
{
	const struct sceau_dkim_key *key = sign->keys[index];
	unsigned char bytes[SCEAU_DKIM_SIGNATURE_SIZE];
	unsigned char hash[SCEAU_DKIM_HASH_SIZE];
	size_t len;

	add_field(sign, key, value);
	if (!value->failed && hash_header(sign, value, hash) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "libcrypto cannot hash");
	if (!value->failed && sceau_dkim_key_sign(key, hash, bytes, &len) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "libcrypto cannot sign");
	if (!value->failed)
		add_base64(value, bytes, len);
	if (value->failed)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "no room for the signature");
	return 0;
}

void sceau_dkim_sign_free(struct sceau_dkim_sign **sign)
{
	if (*sign == NULL)
		return;
	sceau_dkim_hash_free(&(*sign)->header_hash);
	sceau_dkim_hash_free(&(*sign)->body_hash);
	sceau_buf_deinit(&(*sign)->names);
	free(*sign);
	*sign = NULL;
}
