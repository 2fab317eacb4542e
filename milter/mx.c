/* mx.c - the mx role: take out what only we may write; never sign
 *
 * SPDX-License-Identifier: MIT
 */
#include "role.h"

#include "auth/auth_results.h"

/* A stranger's field under our own name would be believed by what reads it
   behind us (RFC 8601 5). */
static int mx_end_header(struct sceau_session *session, struct sceau_err *err)
{
	struct sceau_mail *mail = &session->mail;
	struct sceau_slice own = sceau_slice_of(mail->rules->authserv_id);

	(void)err;
	mail->mx.stripped = sceau_auth_results_strip(&mail->header, own);
	return 0;
}

static int mx_end_mail(struct sceau_session *session,
                       struct sceau_milter_counters *counters,
                       struct sceau_log_line *line, struct sceau_err *err)
{
	const struct sceau_mx_mail *mx = &session->mail.mx;

	(void)err;
	atomic_fetch_add(&counters->stripped_fields, mx->stripped);
	sceau_log_line_add(line, "action", mx->stripped > 0 ? "strip" : "none");
	if (mx->stripped > 0)
		sceau_log_line_addf(line, "forged", "%zu", mx->stripped);
	return 0;
}

static bool mx_accepts_on_error(const struct sceau_conf_milter *conf)
{
	return conf->mx_on_internal_error == SCEAU_CONF_ON_ERROR_ACCEPT;
}

static const char *mx_socket(const struct sceau_conf_milter *conf)
{
	return conf->mx_listen;
}

const struct sceau_role sceau_role_mx = {
	.name = "mx",
	.load = sceau_rules_new_mx,
	.end_header = mx_end_header,
	.body = NULL,
	.end_mail = mx_end_mail,
	.accepts_on_error = mx_accepts_on_error,
	.socket = mx_socket,
	.socket_key = "mx_listen",
};
