/* callbacks.c - libmilter's events, one after the other, for one role
 *
 * Most events are not answered (SMFIP_NR_...): that saves a round trip each.
 * DATA is: on a TCP socket Postfix would else wait 40 ms for the delayed ACK
 * of what it wrote before. Whatever goes wrong earlier is therefore told at
 * the end of the mail, which is also where edits are sent, with the verdict
 * right behind them: edits of a filter that dies in between stay.
 *
 * SPDX-License-Identifier: MIT
 */
#include "callbacks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <libmilter/mfapi.h>

#include "daemon/loop.h"
#include "edits.h"

#define NO_REPLY                                                               \
	(SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT |       \
	 SMFIP_NR_UNKN | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY)

/* libmilter hands no context to the first callback of a connection. */
static struct sceau_milter *the_milter;

void sceau_milter_init(struct sceau_milter *milter,
                       const struct sceau_role *role)
{
	memset(milter, 0, sizeof(*milter));
	milter->role = role;
	(void)pthread_mutex_init(&milter->lock, NULL);
}

void sceau_milter_use(struct sceau_milter *milter, struct sceau_rules *rules)
{
	struct sceau_rules *old;

	(void)pthread_mutex_lock(&milter->lock);
	old = milter->rules;
	milter->rules = rules;
	(void)pthread_mutex_unlock(&milter->lock);
	sceau_rules_unref(&old);
}

static struct sceau_rules *take_rules(struct sceau_milter *milter)
{
	struct sceau_rules *rules;

	(void)pthread_mutex_lock(&milter->lock);
	rules = sceau_rules_ref(milter->rules);
	(void)pthread_mutex_unlock(&milter->lock);
	return rules;
}

static const char *macro(SMFICTX *ctx, const char *name)
{
	return smfi_getsymval(ctx, (char *)(uintptr_t)name);
}

/* Go on. Where no answer was agreed on, libmilter must be told so each time: it
   logs a line for each answer that it is given all the same. */
static sfsistat go_on(const struct sceau_session *session, unsigned long event)
{
	if (session != NULL && (session->no_reply & event) != 0)
		return SMFIS_NOREPLY;
	return SMFIS_CONTINUE;
}

/* --- the connection --- */

static bool ask_macros(SMFICTX *ctx)
{
	static const struct {
		int stage;
		const char *names;
	} wanted[] = {
		{ SMFIM_CONNECT, "j {daemon_name}" },
		{ SMFIM_ENVFROM, "i {auth_authen}" },
		{ SMFIM_EOM, "i" },
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (smfi_setsymlist(ctx, wanted[i].stage,
		                    (char *)(uintptr_t)wanted[i].names) !=
		    MI_SUCCESS)
			return false;
	}
	return true;
}

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1,
                             unsigned long f2, unsigned long f3,
                             unsigned long *pf0, unsigned long *pf1,
                             unsigned long *pf2, unsigned long *pf3)
{
	struct sceau_session *session = sceau_session_new();
	unsigned long actions = SMFIF_ADDHDRS | SMFIF_CHGHDRS;

	(void)f2;
	(void)f3;
	if (session == NULL || (f0 & actions) != actions ||
	    smfi_setpriv(ctx, session) != MI_SUCCESS) {
		sceau_session_free(&session);
		sceau_log(SCEAU_LOG_ERROR, "the mail server lets us edit no "
		                           "headers, or memory ran out: "
		                           "connection refused");
		return SMFIS_REJECT;
	}
	if ((f0 & SMFIF_SETSYMLIST) != 0 && ask_macros(ctx))
		actions |= SMFIF_SETSYMLIST;
	session->has_leading_space = (f1 & SMFIP_HDR_LEADSPC) != 0;
	session->services = &the_milter->services;
	session->no_reply = f1 & NO_REPLY;
	*pf0 = actions | (f0 & SMFIF_QUARANTINE);
	*pf1 = f1 & (NO_REPLY | SMFIP_HDR_LEADSPC);
	*pf2 = 0;
	*pf3 = 0;
	return SMFIS_CONTINUE;
}

static void describe_client(struct sceau_session *session, const char *name,
                            const struct sockaddr *addr)
{
	char text[INET6_ADDRSTRLEN] = "unknown";

	session->has_no_port = false;
	session->has_ip = false;
	if (addr != NULL && addr->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)addr;

		session->has_no_port = in->sin_port == 0;
		session->has_ip = sceau_ip_from_bytes(&in->sin_addr, 4,
		                                      &session->ip) == 0;
		(void)inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
	} else if (addr != NULL && addr->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)addr;

		session->has_no_port = in6->sin6_port == 0;
		session->has_ip = sceau_ip_from_bytes(&in6->sin6_addr, 16,
		                                      &session->ip) == 0;
		(void)inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
	}
	(void)snprintf(session->client, sizeof(session->client), "%.200s[%s]",
	               name != NULL ? name : "unknown", text);
}

static sfsistat on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *addr)
{
	struct sceau_session *session = smfi_getpriv(ctx);

	if (session == NULL)
		return SMFIS_TEMPFAIL;
	atomic_fetch_add(&the_milter->counters.connections, 1);
	describe_client(session, name, addr);
	sceau_session_text(macro(ctx, "{daemon_name}"), session->daemon_name,
	                   sizeof(session->daemon_name));
	sceau_session_text(macro(ctx, "j"), session->host,
	                   sizeof(session->host));
	return go_on(session, SMFIP_NR_CONN);
}

static sfsistat on_helo(SMFICTX *ctx, char *name)
{
	struct sceau_session *session = smfi_getpriv(ctx);

	if (session != NULL)
		sceau_session_text(name, session->helo, sizeof(session->helo));
	return go_on(session, SMFIP_NR_HELO);
}

static void forget_mail(struct sceau_session *session)
{
	if (session->mail.rules != NULL)
		atomic_fetch_sub(&the_milter->mails_under_way, 1);
	sceau_session_reset(session);
}

static sfsistat on_close(SMFICTX *ctx)
{
	struct sceau_session *session = smfi_getpriv(ctx);

	if (session != NULL)
		forget_mail(session);
	sceau_session_free(&session);
	(void)smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

/* --- the mail --- */

static sfsistat on_envfrom(SMFICTX *ctx, char **argv)
{
	struct sceau_session *session = smfi_getpriv(ctx);
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

	if (session == NULL)
		return SMFIS_TEMPFAIL;
	forget_mail(session);
	atomic_fetch_add(&the_milter->mails_under_way, 1);
	sceau_session_begin(session, take_rules(the_milter), argv[0]);
	sceau_session_text(macro(ctx, "{auth_authen}"), session->mail.user,
	                   sizeof(session->mail.user));
	sceau_session_text(macro(ctx, "i"), session->mail.queue_id,
	                   sizeof(session->mail.queue_id));
	session->mail.has_early_id = session->mail.queue_id[0] != '\0';
	if (the_milter->role->begin != NULL &&
	    the_milter->role->begin(session, argv[0], &err) < 0)
		sceau_session_fail(session, &err);
	return go_on(session, SMFIP_NR_MAIL);
}

/* Recipients and unknown commands are no reason to refuse anything. */
static sfsistat on_envrcpt(SMFICTX *ctx, char **argv)
{
	struct sceau_session *session = smfi_getpriv(ctx);

	if (session != NULL && session->mail.rules != NULL)
		sceau_session_add_recipient(session, argv[0]);
	return go_on(session, SMFIP_NR_RCPT);
}

static sfsistat on_unknown(SMFICTX *ctx, const char *command)
{
	(void)command;
	return go_on(smfi_getpriv(ctx), SMFIP_NR_UNKN);
}

static sfsistat on_data(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	struct sceau_session *session = smfi_getpriv(ctx);

	if (session != NULL && session->mail.rules != NULL)
		sceau_session_add_field(session, name, value);
	return go_on(session, SMFIP_NR_HDR);
}

static sfsistat on_eoh(SMFICTX *ctx)
{
	struct sceau_session *session = smfi_getpriv(ctx);
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

	if (session == NULL || session->mail.rules == NULL ||
	    session->mail.has_failed)
		return go_on(session, SMFIP_NR_EOH);
	if (the_milter->role->end_header(session, &err) < 0)
		sceau_session_fail(session, &err);
	return go_on(session, SMFIP_NR_EOH);
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *data, size_t len)
{
	struct sceau_session *session = smfi_getpriv(ctx);
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

	if (the_milter->role->body == NULL || session == NULL ||
	    session->mail.rules == NULL || session->mail.has_failed)
		return go_on(session, SMFIP_NR_BODY);
	if (the_milter->role->body(session, data, len, &err) < 0)
		sceau_session_fail(session, &err);
	return go_on(session, SMFIP_NR_BODY);
}

static void finish_line(const struct sceau_session *session,
                        struct sceau_log_line *line, enum sceau_log_level level)
{
	const struct sceau_mail *mail = &session->mail;

	sceau_log_line_add(line, "client", session->client);
	sceau_log_line_add_address(line, "from", mail->sender);
	sceau_log_line_add_address(line, "to", mail->recipient);
	if (mail->recipients > 1)
		sceau_log_line_addf(line, "recipients", "%zu",
		                    mail->recipients);
	sceau_log_line_addf(
		line, "took", "%llums",
		(unsigned long long)(sceau_loop_now_ms() - mail->began_ms));
	sceau_log_line_send(line, level);
}

/* The mail could not be decided on. When the MTA may hold some of the edits
   already, only a refusal undoes them. Nor is what the mail itself brought
   about a reason to let it pass: whoever wrote it could choose that. */
static sfsistat fail_mail(SMFICTX *ctx, const struct sceau_session *session,
                          bool is_half_edited, const struct sceau_err *err)
{
	const struct sceau_mail *mail = &session->mail;
	bool accepts = !is_half_edited && err->fault == SCEAU_FAULT_TEMP &&
	               the_milter->role->accepts_on_error(
			       &mail->rules->settings->milter);
	struct sceau_log_line line;

	atomic_fetch_add(&the_milter->counters.failures, 1);
	sceau_log_line_init(&line, mail->queue_id);
	sceau_log_line_add(&line, "action", accepts ? "accept" : "tempfail");
	sceau_log_line_add(&line, "reason", err->text);
	finish_line(session, &line, SCEAU_LOG_ERROR);
	if (accepts)
		return SMFIS_ACCEPT;
	(void)smfi_setreply(ctx, (char *)(uintptr_t) "451",
	                    (char *)(uintptr_t) "4.7.1",
	                    (char *)(uintptr_t) "Service unavailable, try "
	                                        "again later");
	return SMFIS_TEMPFAIL;
}

/* A refusal needs no edits. */
static sfsistat refuse(SMFICTX *ctx, const struct sceau_verdict *verdict)
{
	char text[2 * SCEAU_VERDICT_TEXT_SIZE];

	sceau_verdict_escape(verdict, text);
	(void)smfi_setreply(ctx, (char *)(uintptr_t)verdict->code,
	                    (char *)(uintptr_t)verdict->status, text);
	return verdict->kind == SCEAU_VERDICT_REJECT ? SMFIS_REJECT
	                                             : SMFIS_TEMPFAIL;
}

static sfsistat decide(SMFICTX *ctx, struct sceau_session *session)
{
	struct sceau_mail *mail = &session->mail;
	struct sceau_err err = mail->err;
	struct sceau_log_line line;
	bool has_begun = false;

	sceau_session_text(macro(ctx, "i"), mail->queue_id,
	                   sizeof(mail->queue_id));
	sceau_log_line_init(&line, mail->queue_id);
	if (mail->has_failed ||
	    the_milter->role->end_mail(session, &the_milter->counters, &line,
	                               &err) < 0)
		return fail_mail(ctx, session, false, &err);
	if (mail->verdict.kind >= SCEAU_VERDICT_TEMPFAIL) {
		finish_line(session, &line, SCEAU_LOG_INFO);
		return refuse(ctx, &mail->verdict);
	}
	if (sceau_edits_send(ctx, session, &has_begun, &err) < 0)
		return fail_mail(ctx, session, has_begun, &err);
	if (mail->verdict.kind == SCEAU_VERDICT_HOLD &&
	    smfi_quarantine(ctx, mail->verdict.text) != MI_SUCCESS) {
		sceau_fail(&err, SCEAU_FAULT_TEMP,
		           "the mail server does not let us put it on hold");
		return fail_mail(ctx, session, true, &err);
	}
	finish_line(session, &line, SCEAU_LOG_INFO);
	return SMFIS_CONTINUE;
}

static sfsistat on_eom(SMFICTX *ctx)
{
	struct sceau_session *session = smfi_getpriv(ctx);
	sfsistat verdict;

	if (session == NULL || session->mail.rules == NULL)
		return SMFIS_TEMPFAIL;
	atomic_fetch_add(&the_milter->counters.mails, 1);
	/* first counted, then asked: see sceau_server_stop */
	atomic_fetch_add(&the_milter->verdicts_under_way, 1);
	if (atomic_load(&the_milter->is_stopping))
		verdict = SMFIS_TEMPFAIL;
	else
		verdict = decide(ctx, session);
	forget_mail(session);
	atomic_fetch_sub(&the_milter->verdicts_under_way, 1);
	return verdict;
}

static sfsistat on_abort(SMFICTX *ctx)
{
	struct sceau_session *session = smfi_getpriv(ctx);

	if (session != NULL)
		forget_mail(session);
	return SMFIS_CONTINUE;
}

int sceau_milter_register(struct sceau_milter *milter, struct sceau_err *err)
{
	struct smfiDesc filter = {
		.xxfi_name = (char *)(uintptr_t) "sceau-milter",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE |
		              SMFIF_SETSYMLIST,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_envfrom,
		.xxfi_envrcpt = on_envrcpt,
		.xxfi_header = on_header,
		.xxfi_eoh = on_eoh,
		.xxfi_body = on_body,
		.xxfi_eom = on_eom,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_unknown = on_unknown,
		.xxfi_data = on_data,
		.xxfi_negotiate = on_negotiate,
	};

	the_milter = milter;
	if (smfi_register(filter) != MI_SUCCESS)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "libmilter refused our callbacks");
	return 0;
}
