/* mx.c - the mx role: take out what only we may write, check who the mail is
 * from, write down what was found; never sign
 *
 * SPDX-License-Identifier: MIT
 */
#include "role.h"

#include <stdio.h>

#include "auth/auth_results.h"
#include "mx_results.h"
#include "mx_verdict.h"

/* Who is not checked: our own users and hosts. Their mail comes here only where
   an admin has named this socket for them, too, and must never be refused. */
static const char *find_exemption(const struct sceau_session *session)
{
	const struct sceau_mail *mail = &session->mail;

	if (mail->user[0] != '\0')
		return "authenticated";
	if (session->has_no_port || mail->has_early_id)
		return "local";
	if (session->has_ip &&
	    sceau_mx_networks_have(&mail->rules->mx->exempt, &session->ip))
		return "exempt-network";
	return NULL;
}

static const char *host_name(const struct sceau_session *session)
{
	if (session->host[0] != '\0')
		return session->host;
	return session->mail.rules->settings->common.myhostname;
}

static int mx_begin(struct sceau_session *session, const char *sender,
                    struct sceau_err *err)
{
	struct sceau_mail *mail = &session->mail;
	const struct sceau_mx_envelope envelope = {
		.ip = session->has_ip ? &session->ip : NULL,
		.helo = session->helo,
		.sender = sender,
		.host = host_name(session),
	};

	mail->mx.exempt = find_exemption(session);
	if (mail->mx.exempt != NULL)
		return 0;
	return sceau_mx_checks_new(session->services, mail->rules, &envelope,
	                           &mail->mx.checks, err);
}

static size_t strip_fields(struct sceau_header *header, const char *name)
{
	size_t count = 0, i;

	for (i = 0; sceau_header_find(header, name, i, &i); i++) {
		sceau_header_delete(header, i);
		count++;
	}
	return count;
}

/* A stranger's field under our own name would be believed by what reads it
   behind us (RFC 8601 5), and nobody but us may say that a mail is to be put
   aside. */
static int mx_end_header(struct sceau_session *session, struct sceau_err *err)
{
	struct sceau_mail *mail = &session->mail;
	struct sceau_slice own = sceau_slice_of(mail->rules->authserv_id);

	/* DKIM is about the header as it came */
	if (mail->mx.checks != NULL &&
	    sceau_mx_checks_end_header(mail->mx.checks, &mail->header,
	                               host_name(session), err) < 0)
		return -1;
	mail->mx.stripped = sceau_auth_results_strip(&mail->header, own) +
	                    strip_fields(&mail->header,
	                                 SCEAU_MX_QUARANTINE_FIELD);
	/* Nothing in a Received-SPF proves who wrote it: whoever reads ours
	   gets no other. */
	if (mail->rules->mx->conf->received_spf)
		(void)strip_fields(&mail->header, SCEAU_MX_RECEIVED_SPF_FIELD);
	return 0;
}

static int mx_body(struct sceau_session *session, const void *data, size_t len,
                   struct sceau_err *err)
{
	if (session->mail.mx.checks == NULL)
		return 0;
	return sceau_mx_checks_body(session->mail.mx.checks, data, len, err);
}

static int insert_mark(struct sceau_header *header,
                       const struct sceau_mx_checks *checks,
                       const struct sceau_mx_decision *decision,
                       struct sceau_err *err)
{
	char text[SCEAU_DMARC_DOMAIN_SIZE + 32];
	int len;

	/* the author's name has been found to be a domain */
	len = snprintf(text, sizeof(text), " %s%s%s", decision->reason,
	               checks->dmarc.verdict.author[0] != '\0' ? "=" : "",
	               checks->dmarc.verdict.author);
	return sceau_header_insert(
		header, sceau_slice_of(SCEAU_MX_QUARANTINE_FIELD),
		(struct sceau_slice){ text, (size_t)len }, err);
}

static const char *action_name(const struct sceau_mail *mail,
                               const struct sceau_mx_decision *decision)
{
	switch (mail->verdict.kind) {
	case SCEAU_VERDICT_CONTINUE:
		return decision->is_marked ? "quarantine" : "accept";
	case SCEAU_VERDICT_HOLD:
		return "hold";
	case SCEAU_VERDICT_TEMPFAIL:
		return "tempfail";
	case SCEAU_VERDICT_REJECT:
		break;
	}
	return "reject";
}

static void count(const struct sceau_mail *mail,
                  const struct sceau_mx_decision *decision,
                  struct sceau_milter_counters *counters)
{
	atomic_fetch_add(&counters->stripped_fields, mail->mx.stripped);
	if (mail->verdict.kind == SCEAU_VERDICT_REJECT)
		atomic_fetch_add(&counters->rejected_mails, 1);
	if (mail->verdict.kind == SCEAU_VERDICT_TEMPFAIL)
		atomic_fetch_add(&counters->deferred_mails, 1);
	if (decision->is_marked)
		atomic_fetch_add(&counters->quarantined_mails, 1);
	if (mail->mx.checks != NULL &&
	    sceau_mx_results_are_late(mail->mx.checks))
		atomic_fetch_add(&counters->late_mails, 1);
}

static void tell(const struct sceau_mail *mail,
                 const struct sceau_mx_decision *decision,
                 struct sceau_log_line *line)
{
	sceau_log_line_add(line, "action", action_name(mail, decision));
	if (mail->mx.exempt != NULL)
		sceau_log_line_add(line, "reason", mail->mx.exempt);
	if (decision->reason[0] != '\0')
		sceau_log_line_add(line, "reason", decision->reason);
	if (decision->override != SCEAU_MX_OVERRIDE_NONE)
		sceau_log_line_add(line, "override",
		                   sceau_mx_override_name(decision->override));
	if (mail->mx.stripped > 0)
		sceau_log_line_addf(line, "forged", "%zu", mail->mx.stripped);
	if (mail->mx.checks != NULL)
		sceau_mx_results_log(mail->mx.checks, line);
}

static int mx_end_mail(struct sceau_session *session,
                       struct sceau_milter_counters *counters,
                       struct sceau_log_line *line, struct sceau_err *err)
{
	struct sceau_mail *mail = &session->mail;
	struct sceau_mx_checks *checks = mail->mx.checks;
	struct sceau_mx_decision decision = { .reason = "" };

	if (checks != NULL) {
		if (sceau_mx_checks_finish(checks, err) < 0)
			return -1;
		sceau_mx_verdict_decide(checks, &decision, &mail->verdict);
		if (sceau_mx_results_insert(checks, host_name(session),
		                            &mail->header, err) < 0)
			return -1;
		if (decision.is_marked &&
		    insert_mark(&mail->header, checks, &decision, err) < 0)
			return -1;
	}
	count(mail, &decision, counters);
	tell(mail, &decision, line);
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
	.begin = mx_begin,
	.end_header = mx_end_header,
	.body = mx_body,
	.end_mail = mx_end_mail,
	.accepts_on_error = mx_accepts_on_error,
	.socket = mx_socket,
	.socket_key = "mx_listen",
};
