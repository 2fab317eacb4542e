/* dkim.c - sign a mail with DKIM, through libopendkim
 *
 * Guards against what the library is known to do: without a field list it
 * signs everything; it signs with a key of the wrong type and reports success;
 * its cache races between threads; names over 4 KB overrun a buffer when a
 * list is set; a missing last CRLF fails; bare CRs hash differently elsewhere;
 * some of its error strings are NULL.
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/dkim.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <sodium.h>
#include <opendkim/dkim.h>

#define MAX_NAMES 64
#define NAME_SIZE 80
#define FIELD_MAX (1024 * 1024)

struct names {
	char text[MAX_NAMES][NAME_SIZE];
	const char *list[MAX_NAMES + 1]; /* NULL-ended, for the library */
	size_t count;
};

struct sceau_dkim {
	DKIM_LIB *lib;
	dkim_canon_t header_canon;
	dkim_canon_t body_canon;
	struct names headers;
	struct names oversign;
};

struct sceau_dkim_sign {
	const struct sceau_dkim *dkim;
	DKIM *handle;
	struct sceau_buf field; /* scratch: the field being given */
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

/* Letters, digits and '-': the library reads a list as patterns, so nothing
   that means more than itself may stand in it. */
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
		names->list[names->count] = names->text[names->count];
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

/* The library copies the private key for every signature and frees the copy
   as it is: wipe whatever it gives back. */
static void *plain_malloc(void *closure, size_t size)
{
	(void)closure;
	return malloc(size);
}

static void wiping_free(void *closure, void *memory)
{
	(void)closure;
	if (memory != NULL)
		sodium_memzero(memory, malloc_usable_size(memory));
	free(memory);
}

/* Copy a NUL-ended list into the option the library keeps it in. */
static bool set_list(DKIM_LIB *lib, dkim_opts_t option,
                     const struct names *names)
{
	return dkim_options(lib, DKIM_OP_SETOPT, option,
	                    (void *)(uintptr_t)names->list,
	                    sizeof(const char **)) == DKIM_STAT_OK;
}

static int open_library(struct sceau_dkim *dkim, struct sceau_err *err)
{
	unsigned flags = DKIM_LIBFLAGS_NONE; /* above all: no CACHE */
	unsigned bits = SCEAU_DKIM_MIN_BITS;

	dkim->lib = dkim_init(plain_malloc, wiping_free);
	if (dkim->lib == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	if (!dkim_libfeature(dkim->lib, DKIM_FEATURE_SHA256) ||
	    !dkim_libfeature(dkim->lib, DKIM_FEATURE_OVERSIGN))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "this libopendkim cannot sign with SHA-256 "
		                  "or oversign");
	if (dkim_options(dkim->lib, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags,
	                 sizeof(flags)) != DKIM_STAT_OK ||
	    dkim_options(dkim->lib, DKIM_OP_SETOPT, DKIM_OPTS_MINKEYBITS, &bits,
	                 sizeof(bits)) != DKIM_STAT_OK ||
	    !set_list(dkim->lib, DKIM_OPTS_SIGNHDRS, &dkim->headers) ||
	    !set_list(dkim->lib, DKIM_OPTS_OVERSIGNHDRS, &dkim->oversign))
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "libopendkim refused an option");
	return 0;
}

static dkim_canon_t library_canon(enum sceau_dkim_canon canon)
{
	return canon == SCEAU_DKIM_SIMPLE ? DKIM_CANON_SIMPLE
	                                  : DKIM_CANON_RELAXED;
}

int sceau_dkim_new(const struct sceau_dkim_options *options,
                   struct sceau_dkim **dkim_r, struct sceau_err *err)
{
	struct sceau_dkim *dkim = calloc(1, sizeof(*dkim));

	if (dkim == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	dkim->header_canon = library_canon(options->header_canon);
	dkim->body_canon = library_canon(options->body_canon);
	if (copy_names(&options->headers, &dkim->headers, err) < 0 ||
	    copy_names(&options->oversign, &dkim->oversign, err) < 0 ||
	    check_names(dkim, err) < 0 || open_library(dkim, err) < 0) {
		sceau_dkim_free(&dkim);
		return -1;
	}
	*dkim_r = dkim;
	return 0;
}

void sceau_dkim_free(struct sceau_dkim **dkim)
{
	if (*dkim == NULL)
		return;
	if ((*dkim)->lib != NULL)
		dkim_close((*dkim)->lib);
	free(*dkim);
	*dkim = NULL;
}

/* Turn a status into an error. The library knows no text for some of its own
   states. */
static int library_failed(const struct sceau_dkim_sign *sign, DKIM_STAT status,
                          const char *doing, struct sceau_err *err)
{
	const char *detail = NULL;
	enum sceau_fault fault = status == DKIM_STAT_SYNTAX ? SCEAU_FAULT_PEER
	                                                    : SCEAU_FAULT_TEMP;

	if (sign->handle != NULL)
		detail = dkim_geterror(sign->handle);
	if (detail == NULL)
		detail = dkim_getresultstr(status);
	return sceau_fail(err, fault, "libopendkim, %s: status %d%s%s", doing,
	                  status, detail != NULL ? ": " : "",
	                  detail != NULL ? detail : "");
}

int sceau_dkim_sign_new(struct sceau_dkim *dkim,
                        const struct sceau_dkim_key *key,
                        struct sceau_dkim_sign **sign_r, struct sceau_err *err)
{
	struct sceau_dkim_sign *sign = calloc(1, sizeof(*sign));
	DKIM_STAT status = DKIM_STAT_NORESOURCE;

	if (sign == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	sign->dkim = dkim;
	sign->last = '\n';
	sceau_buf_init(&sign->field, FIELD_MAX);
	sign->handle = dkim_sign(
		dkim->lib, (const unsigned char *)"sceau", NULL,
		(unsigned char *)(uintptr_t)sceau_dkim_key_pem(key),
		(const unsigned char *)sceau_dkim_key_selector(key),
		(const unsigned char *)sceau_dkim_key_domain(key),
		dkim->header_canon, dkim->body_canon, DKIM_SIGN_RSASHA256, -1,
		&status);
	if (sign->handle == NULL) {
		(void)library_failed(sign, status, "start", err);
		sceau_dkim_sign_free(&sign);
		return -1;
	}
	*sign_r = sign;
	return 0;
}

/* Append value with every line end as CRLF. */
static int append_value(struct sceau_buf *field, struct sceau_slice value,
                        struct sceau_err *err)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.data[i];

		if (c == '\0' || (c == '\r' && (i + 1 == value.len ||
		                                value.data[i + 1] != '\n')))
			return sceau_fail(err, SCEAU_FAULT_PEER,
			                  "a bare CR or a NUL in the header");
		if (c == '\n' && (i == 0 || value.data[i - 1] != '\r'))
			(void)sceau_buf_append(field, "\r", 1);
		(void)sceau_buf_append(field, &c, 1);
	}
	return 0;
}

static int give_field(struct sceau_dkim_sign *sign,
                      const struct sceau_header_field *field,
                      struct sceau_err *err)
{
	struct sceau_buf *text = &sign->field;
	DKIM_STAT status;

	sceau_buf_clear(text);
	(void)sceau_buf_append(text, field->name.data, field->name.len);
	(void)sceau_buf_append(text, ":", 1);
	if (append_value(text, field->value, err) < 0)
		return -1;
	if (text->failed)
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "header field %.*s is too long",
		                  (int)field->name.len, field->name.data);
	status = dkim_header(sign->handle, (unsigned char *)text->data,
	                     text->used);
	if (status != DKIM_STAT_OK)
		return library_failed(sign, status, "header", err);
	return 0;
}

int sceau_dkim_sign_header(struct sceau_dkim_sign *sign,
                           const struct sceau_header *header,
                           struct sceau_err *err)
{
	DKIM_STAT status;

	for (size_t i = 0; i < header->count; i++) {
		struct sceau_header_field field = sceau_header_get(header, i);

		if (!field.deleted &&
		    has_name(&sign->dkim->headers, field.name) &&
		    give_field(sign, &field, err) < 0)
			return -1;
	}
	status = dkim_eoh(sign->handle);
	if (status != DKIM_STAT_OK)
		return library_failed(sign, status, "end of header", err);
	return 0;
}

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
	DKIM_STAT status;

	if (len == 0)
		return 0;
	if ((sign->last == '\r' && bytes[0] != '\n') ||
	    has_bare(bytes, len, sign->last))
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "a bare CR or LF in the body");
	sign->last = bytes[len - 1];
	status = dkim_body(sign->handle, (unsigned char *)(uintptr_t)data, len);
	if (status != DKIM_STAT_OK)
		return library_failed(sign, status, "body", err);
	return 0;
}

int sceau_dkim_sign_end(struct sceau_dkim_sign *sign, struct sceau_buf *value,
                        struct sceau_err *err)
{
	unsigned char *text;
	size_t len;
	DKIM_STAT status;

	if (sign->last == '\r')
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "a bare CR at the end of the body");
	if (sign->last != '\n' &&
	    sceau_dkim_sign_body(sign, "\r\n", 2, err) < 0)
		return -1;
	status = dkim_eom(sign->handle, NULL);
	if (status != DKIM_STAT_OK)
		return library_failed(sign, status, "end of mail", err);
	status = dkim_getsighdr_d(sign->handle, strlen(DKIM_SIGNHEADER) + 2,
	                          &text, &len);
	if (status != DKIM_STAT_OK)
		return library_failed(sign, status, "signature field", err);
	(void)sceau_buf_append(value, " ", 1);
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '\r')
			(void)sceau_buf_append(value, &text[i], 1);
	}
	if (value->failed)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "no room for the signature");
	return 0;
}

void sceau_dkim_sign_free(struct sceau_dkim_sign **sign)
{
	if (*sign == NULL)
		return;
	if ((*sign)->handle != NULL)
		dkim_free((*sign)->handle);
	sceau_buf_deinit(&(*sign)->field);
	free(*sign);
	*sign = NULL;
}
