/* sign.c - the sign role: clean what our users hand in, then sign it
 *
 * Cleanup is decided at the end of the header, so that the signature covers
 * the header as it will leave; the body is hashed as it passes.
 *
 * SPDX-License-Identifier: MIT
 */
#include "role.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "mail/header_rule_apply.h"

static bool is_listed(const struct sceau_conf_list *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i], word) == 0)
			return true;
	}
	return false;
}

/* This host's name, as the MTA writes it into Received fields. */
static const char *sign_host(const struct sceau_session *session)
{
	if (session->host[0] != '\0')
		return session->host;
	return session->mail.rules->settings->common.myhostname;
}

static struct sceau_sign_facts facts_of(const struct sceau_session *session)
{
	const struct sceau_mail *mail = &session->mail;
	const struct sceau_settings *settings = mail->rules->settings;

	return (struct sceau_sign_facts){
		.is_authenticated = mail->user[0] != '\0',
		.is_own_daemon = is_listed(&settings->milter.sign_daemons,
		                           session->daemon_name),
		.has_no_port = session->has_no_port,
		.has_early_id = mail->has_early_id,
		.host = sceau_slice_of(sign_host(session)),
	};
}

/* Whoever has logged in writes no bounces: a mail of theirs without a sender is
   the receipt that a mail program returns (RFC 8098), and names the program. */
static int clean(struct sceau_session *session, struct sceau_err *err)
{
	struct sceau_mail *mail = &session->mail;
	struct sceau_header_cleanup_facts facts = {
		.authenticated = true,
		.null_sender = mail->sender[0] == '\0' && mail->user[0] == '\0',
	};
	struct sceau_header_rule_facts known = {
		.account = mail->user,
		.host = sign_host(session),
	};
	struct sceau_header_rule_report report;

	if (!mail->rules->settings->milter.sign_cleanup)
		return 0;
	mail->sign.cleanup = sceau_header_cleanup_judge(&mail->header, &facts);
	if (mail->sign.cleanup != SCEAU_HEADER_CLEANUP_YES)
		return 0;
	if (sceau_header_rules_apply(&mail->rules->header, &known,
	                             &mail->header, &report, err) < 0)
		return -1;
	mail->sign.gave_up_line = report.gave_up_line;
	sceau_header_rule_report_deinit(&report);
	mail->sign.is_cleaned = sceau_header_is_edited(&mail->header);
	return 0;
}

/* Leave out the keys that have signed this mail already. */
static void drop_used_keys(struct sceau_mail *mail)
{
	struct sceau_sign_mail *sign = &mail->sign;
	size_t left = 0;

	for (size_t i = 0; i < sign->key_count; i++) {
		const struct sceau_dkim_key *key = sign->keys[i];

		if (!sceau_sign_rule_is_signed(&mail->header,
		                               sceau_dkim_key_domain(key),
		                               sceau_dkim_key_selector(key)))
			sign->keys[left++] = key;
	}
	sign->key_count = left;
}

/* Which keys sign, if any. */
static enum sceau_sign_verdict choose_keys(struct sceau_mail *mail)
{
	struct sceau_sign_mail *sign = &mail->sign;
	enum sceau_sign_verdict verdict = sceau_sign_rule_author(&mail->header,
	                                                         sign->domain);

	if (verdict != SCEAU_SIGN_YES)
		return verdict;
	sign->key_count = sceau_dkim_keys_find(mail->rules->keys, sign->domain,
	                                       sign->keys);
	if (sign->key_count == 0)
		return SCEAU_SIGN_NO_KEY;
	drop_used_keys(mail);
	return sign->key_count == 0 ? SCEAU_SIGN_ALREADY : SCEAU_SIGN_YES;
}

/* What the mail itself forbids (a bare CR, which others would hash another
   way) leaves it unsigned; anything else is our own trouble. */
static int settle(struct sceau_sign_mail *sign, int ret, struct sceau_err *err)
{
	if (ret == 0 || err->fault != SCEAU_FAULT_PEER)
		return ret;
	(void)snprintf(sign->refusal, sizeof(sign->refusal), "%s", err->text);
	sceau_dkim_sign_free(&sign->sign);
	return 0;
}

static int sign_end_header(struct sceau_session *session, struct sceau_err *err)
{
	struct sceau_mail *mail = &session->mail;
	struct sceau_sign_facts facts = facts_of(session);
	struct sceau_sign_mail *sign = &mail->sign;
	int ret;

	sign->verdict = sceau_sign_rule_origin(&facts, &mail->header);
	if (sign->verdict != SCEAU_SIGN_YES)
		return 0;
	if (clean(session, err) < 0)
		return -1;
	sign->verdict = choose_keys(mail);
	if (sign->verdict != SCEAU_SIGN_YES)
		return 0;
	ret = sceau_dkim_sign_new(mail->rules->dkim, sign->keys,
	                          sign->key_count, (uint64_t)time(NULL),
	                          &sign->sign, err);
	if (ret == 0)
		ret = sceau_dkim_sign_header(sign->sign, &mail->header, err);
	return settle(sign, ret, err);
}

static int sign_body(struct sceau_session *session, const void *data,
                     size_t len, struct sceau_err *err)
{
	struct sceau_sign_mail *sign = &session->mail.sign;

	if (sign->sign == NULL)
		return 0;
	return settle(sign, sceau_dkim_sign_body(sign->sign, data, len, err),
	              err);
}

static int insert_signature(struct sceau_mail *mail, size_t index,
                            struct sceau_err *err)
{
	struct sceau_buf value;
	int ret;

	sceau_buf_init(&value, SCEAU_DKIM_VALUE_MAX);
	ret = sceau_dkim_sign_value(mail->sign.sign, index, &value, err);
	if (ret == 0)
		ret = sceau_header_insert(
			&mail->header, sceau_slice_of("DKIM-Signature"),
			(struct sceau_slice){ value.data, value.used }, err);
	sceau_buf_deinit(&value);
	return ret;
}

/* The first key's signature ends up on top. */
static int insert_signatures(struct sceau_mail *mail, struct sceau_err *err)
{
	struct sceau_sign_mail *sign = &mail->sign;
	int ret = settle(sign, sceau_dkim_sign_end(sign->sign, err), err);

	if (ret < 0 || sign->sign == NULL)
		return ret;
	for (size_t i = sign->key_count; i > 0 && ret == 0; i--)
		ret = insert_signature(mail, i - 1, err);
	return ret;
}

/* What makes a mail ours. */
static const char *origin_name(const struct sceau_session *session)
{
	struct sceau_sign_facts facts = facts_of(session);

	if (facts.is_authenticated)
		return "authenticated";
	return facts.is_own_daemon ? "own-daemon" : "sendmail";
}

/* Never fail open in silence: what a rule names may still be in the mail. */
static void tell_gave_up(unsigned number, struct sceau_log_line *line)
{
	char text[48];

	(void)snprintf(text, sizeof(text), "gave up in line %u", number);
	sceau_log_line_add(line, "header-rules", text);
}

static void tell(const struct sceau_session *session,
                 struct sceau_log_line *line)
{
	const struct sceau_mail *mail = &session->mail;
	const struct sceau_sign_mail *sign = &mail->sign;

	if (sign->sign != NULL) {
		sceau_log_line_add(line, "action", "sign");
		sceau_log_line_add(line, "reason", origin_name(session));
		for (size_t i = 0; i < sign->key_count; i++) {
			const struct sceau_dkim_key *key = sign->keys[i];

			sceau_log_line_add(line, "d",
			                   sceau_dkim_key_domain(key));
			sceau_log_line_add(line, "s",
			                   sceau_dkim_key_selector(key));
		}
	} else {
		sceau_log_line_add(line, "action", "none");
		sceau_log_line_add(
			line, "reason",
			sign->refusal[0] != '\0'
				? sign->refusal
				: sceau_sign_verdict_name(sign->verdict));
		if (sign->domain[0] != '\0')
			sceau_log_line_add(line, "author", sign->domain);
	}
	if (sign->is_cleaned)
		sceau_log_line_add(line, "cleaned", "yes");
	if (sign->gave_up_line != 0)
		tell_gave_up(sign->gave_up_line, line);
	if (mail->user[0] != '\0')
		sceau_log_line_add(line, "user", mail->user);
}

static int sign_end_mail(struct sceau_session *session,
                         struct sceau_milter_counters *counters,
                         struct sceau_log_line *line, struct sceau_err *err)
{
	struct sceau_mail *mail = &session->mail;

	if (mail->sign.sign != NULL && insert_signatures(mail, err) < 0)
		return -1;
	if (mail->sign.sign != NULL)
		atomic_fetch_add(&counters->signed_mails, 1);
	else
		atomic_fetch_add(&counters->unsigned_mails, 1);
	if (mail->sign.is_cleaned)
		atomic_fetch_add(&counters->cleaned_mails, 1);
	tell(session, line);
	return 0;
}

static bool sign_accepts_on_error(const struct sceau_conf_milter *conf)
{
	return conf->sign_on_internal_error == SCEAU_CONF_ON_ERROR_ACCEPT;
}

static const char *sign_socket(const struct sceau_conf_milter *conf)
{
	return conf->sign_listen;
}

const struct sceau_role sceau_role_sign = {
	.name = "sign",
	.load = sceau_rules_new_sign,
	.end_header = sign_end_header,
	.body = sign_body,
	.end_mail = sign_end_mail,
	.accepts_on_error = sign_accepts_on_error,
	.socket = sign_socket,
	.socket_key = "sign_listen",
};
