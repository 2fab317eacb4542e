/* session.c - what sceau-milter knows of one connection and of its mail
 *
 * SPDX-License-Identifier: MIT
 */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/loop.h"
#include "mx_checks.h"

/* Until the process has some: no DNS. */
static const struct sceau_services no_services;

struct sceau_session *sceau_session_new(void)
{
	struct sceau_session *session = calloc(1, sizeof(*session));

	if (session == NULL)
		return NULL;
	session->services = &no_services;
	sceau_header_init(&session->mail.header, SCEAU_HEADER_FIELDS_MAX,
	                  SCEAU_HEADER_BYTES_MAX);
	return session;
}

void sceau_session_free(struct sceau_session **session)
{
	if (*session == NULL)
		return;
	sceau_session_reset(*session);
	free(*session);
	*session = NULL;
}

void sceau_session_text(const char *text, char *out, size_t size)
{
	(void)snprintf(out, size, "%s", text != NULL ? text : "");
}

/* The memory of a header goes with its mail: an idle connection, of which
   Postfix keeps many, holds none. */
void sceau_session_reset(struct sceau_session *session)
{
	struct sceau_mail *mail = &session->mail;

	sceau_dkim_sign_free(&mail->sign.sign);
	sceau_mx_checks_free(&mail->mx.checks);
	sceau_rules_unref(&mail->rules);
	sceau_header_deinit(&mail->header);
	memset(mail, 0, sizeof(*mail));
	sceau_header_init(&mail->header, SCEAU_HEADER_FIELDS_MAX,
	                  SCEAU_HEADER_BYTES_MAX);
}

/* Copy the address of a path, cut at its size. */
static void copy_path(const char *text, char out[SCEAU_SESSION_TEXT_SIZE])
{
	struct sceau_slice path = sceau_slice_of(text);

	/* sendmail(1) shows the path without its brackets */
	if (path.len >= 2 && path.data[0] == '<' &&
	    path.data[path.len - 1] == '>') {
		path.data++;
		path.len -= 2;
	}
	(void)snprintf(out, SCEAU_SESSION_TEXT_SIZE, "%.*s", (int)path.len,
	               path.data != NULL ? path.data : "");
}

void sceau_session_begin(struct sceau_session *session,
                         struct sceau_rules *rules, const char *sender)
{
	struct sceau_mail *mail = &session->mail;

	sceau_session_reset(session);
	mail->rules = rules;
	mail->began_ms = sceau_loop_now_ms();
	copy_path(sender, mail->sender);
}

void sceau_session_add_recipient(struct sceau_session *session,
                                 const char *recipient)
{
	struct sceau_mail *mail = &session->mail;

	if (mail->recipients++ == 0)
		copy_path(recipient, mail->recipient);
}

void sceau_session_fail(struct sceau_session *session,
                        const struct sceau_err *err)
{
	if (session->mail.has_failed)
		return;
	session->mail.has_failed = true;
	session->mail.err = *err;
}

void sceau_session_add_field(struct sceau_session *session, const char *name,
                             const char *value)
{
	struct sceau_slice text = sceau_slice_of(value);
	struct sceau_buf spaced;
	struct sceau_err err;
	int ret;

	if (session->mail.has_failed)
		return;
	sceau_buf_init(&spaced, SCEAU_HEADER_BYTES_MAX);
	if (!session->has_leading_space) {
		/* the MTA has eaten one blank: put it back */
		(void)sceau_buf_append(&spaced, " ", 1);
		(void)sceau_buf_append(&spaced, text.data, text.len);
		text = (struct sceau_slice){ spaced.data, spaced.used };
	}
	if (spaced.failed)
		ret = sceau_fail(&err, SCEAU_FAULT_LIMIT,
		                 "a header field is too long");
	else
		ret = sceau_header_add(&session->mail.header,
		                       sceau_slice_of(name), text, &err);
	if (ret < 0)
		sceau_session_fail(session, &err);
	sceau_buf_deinit(&spaced);
}
