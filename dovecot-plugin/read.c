/* read.c - mails that are read: open the sealed ones
 *
 * Dovecot asks each plugin when the stream of a mail's file was opened, ours
 * first (lib10), so that compression plugins see what they wrote.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/plugin.h"

#include <stdio.h>
#include <string.h>

#include <istream.h>
#include <module-context.h>

#include <sodium.h>

#include "age/age_reader.h"
#include "dovecot-plugin/istream_age.h"
#include "dovecot-plugin/looks.h"

#define MAIL_CONTEXT(obj) MODULE_CONTEXT(obj, sceau_mail_module)

static MODULE_CONTEXT_DEFINE_INIT(sceau_mail_module, &mail_module_register);

struct sceau_mail {
	union mail_module_context module_ctx;
	enum sceau_mail_state state; /* of the file that was opened last */
};

static struct sceau_mail *context_of(struct mail *mail)
{
	struct mail_private *pmail = container_of(mail, struct mail_private,
	                                          mail);

	return MAIL_CONTEXT(pmail);
}

void sceau_no_cache(struct mailbox *box)
{
	box->mail_cache_disabled = TRUE;
}

static enum sceau_looks looks_of(struct istream *input)
{
	const unsigned char *data;
	size_t size;

	/* A shorter file gives what it has. */
	(void)i_stream_read_bytes(input, &data, &size, SCEAU_LOOKS_SIZE);
	return sceau_looks(data, size);
}

/* Read the header and find the file key. */
static enum sceau_age_status find_key(struct sceau_user *suser,
                                      const struct sceau_age_source *source,
                                      size_t *header_length_r,
                                      struct sceau_file_key *key_r,
                                      struct sceau_err *err)
{
	struct sceau_age_header header;
	enum sceau_age_status status;
	struct sceau_buf data;

	sceau_buf_init(&data, SCEAU_AGE_HEADER_MAX);
	status = sceau_age_reader_header(source, &data, &header, err);
	if (status == SCEAU_AGE_OK)
		status = sceau_user_file_key(suser, &header, data.data, key_r,
		                             err);
	if (status == SCEAU_AGE_OK)
		*header_length_r = header.length;
	sceau_buf_deinit(&data);
	return status;
}

/* Open every chunk once. */
static enum sceau_age_status check_all(struct sceau_age_reader *reader,
                                       struct sceau_err *err)
{
	enum sceau_age_status status;
	struct sceau_slice plain;
	uint64_t offset = 0;

	do {
		status = sceau_age_reader_read(reader, offset, &plain, err);
		offset += plain.len;
	} while (status == SCEAU_AGE_OK && plain.len > 0);
	return status;
}

/* Make a reader of the sealed file behind input. */
static enum sceau_age_status open_reader(struct sceau_user *suser,
                                         struct istream *input,
                                         enum sceau_mail_state *state_r,
                                         struct sceau_age_reader **reader_r,
                                         struct sceau_err *err)
{
	struct sceau_file_key key;
	struct sceau_age_source source;
	enum sceau_age_status status;
	size_t header_length = 0;

	if (sceau_istream_age_source(input, &source, err) < 0)
		return SCEAU_AGE_INTERNAL;
	status = find_key(suser, &source, &header_length, &key, err);
	if (status < 0)
		return status;
	*state_r = key.is_ours ? SCEAU_MAIL_SEALED : SCEAU_MAIL_JUST_SEALED;
	status = sceau_age_reader_new(&source, header_length, key.bytes,
	                              reader_r, err);
	sodium_memzero(&key, sizeof(key));
	/* Dovecot's pop3 ends a mail whose stream fails as if it were whole,
	   and logs nothing; then its client deletes it. */
	if (status == SCEAU_AGE_OK &&
	    null_strcmp(suser->user->service, "pop3") == 0) {
		status = check_all(*reader_r, err);
		if (status < 0)
			sceau_age_reader_free(reader_r);
	}
	return status;
}

/* The mail cannot be opened: log it with its file and tell the client. Dovecot
   tries again at once (it prefetches), so the same line is not logged twice in
   a row. Returns -1. */
static int report(struct sceau_user *suser, struct mail *mail, const char *name,
                  enum sceau_age_status status, const char *reason)
{
	char text[sizeof(suser->last_report)];

	snprintf(text, sizeof(text), "sceau: %s: %s: %s", name,
	         sceau_age_status_name(status), reason);
	if (strcmp(text, suser->last_report) == 0) {
		mail_storage_set_internal_error(mail->box->storage);
		return -1;
	}
	memcpy(suser->last_report, text, sizeof(text));
	mail_set_critical(mail, "%s", text);
	return -1;
}

/* Put a stream of the plaintext in the place of *stream. */
static int open_sealed(struct sceau_user *suser, struct mail *mail,
                       struct istream **stream, enum sceau_mail_state *state_r)
{
	struct istream *input = *stream;
	struct sceau_age_reader *reader;
	enum sceau_age_status status;
	struct sceau_err err;

	sceau_no_cache(mail->box);
	status = open_reader(suser, input, state_r, &reader, &err);
	if (status < 0)
		return report(suser, mail, i_stream_get_name(input), status,
		              err.text);
	*stream = sceau_istream_age_create(input, reader, suser->user->event);
	i_stream_unref(&input);
	return 0;
}

/* A file that is not sealed. In an enrolled account one that is damaged is not
   shown, and plaintext is reported. */
static int open_other(struct sceau_user *suser, struct mail *mail,
                      struct istream *input, bool is_damaged)
{
	const char *name = i_stream_get_name(input);

	if (!sceau_user_is_enrolled(suser))
		return 0;
	if (is_damaged)
		return report(suser, mail, name, SCEAU_AGE_HEADER,
		              "its first line was cut or altered");
	sceau_user_found_plain(suser, name);
	return 0;
}

static int istream_opened(struct mail *mail, struct istream **stream)
{
	struct sceau_user *suser = sceau_user_get(mail->box->storage->user);
	struct sceau_mail *smail = context_of(mail);
	enum sceau_looks looks = looks_of(*stream);

	smail->state = SCEAU_MAIL_UNKNOWN;
	if (looks == SCEAU_LOOKS_SEALED) {
		if (open_sealed(suser, mail, stream, &smail->state) < 0)
			return -1;
	} else {
		if (open_other(suser, mail, *stream,
		               looks == SCEAU_LOOKS_DAMAGED) < 0)
			return -1;
		smail->state = SCEAU_MAIL_PLAIN;
	}
	return smail->module_ctx.super.istream_opened(mail, stream);
}

void sceau_read_mail_allocated(struct mail *mail)
{
	enum mail_storage_class_flags flags = mail->box->storage->class_flags;
	struct mail_private *pmail = container_of(mail, struct mail_private,
	                                          mail);
	struct mail_vfuncs *v = pmail->vlast;
	struct sceau_mail *smail;

	if (sceau_user_get(mail->box->storage->user) == NULL ||
	    (flags & MAIL_STORAGE_CLASS_FLAG_BINARY_DATA) == 0)
		return;
	smail = p_new(pmail->pool, struct sceau_mail, 1);
	smail->module_ctx.super = *v;
	pmail->vlast = &smail->module_ctx.super;
	v->istream_opened = istream_opened;
	MODULE_CONTEXT_SET(pmail, sceau_mail_module, smail);
}

int sceau_read_mail_state(struct mail *mail, enum sceau_mail_state *state_r)
{
	struct sceau_mail *smail = context_of(mail);
	struct istream *input;

	if (smail == NULL) {
		*state_r = SCEAU_MAIL_UNKNOWN;
		return 0;
	}
	if (mail_get_stream_because(mail, NULL, NULL, "copying", &input) < 0)
		return -1;
	*state_r = smail->state;
	return 0;
}
