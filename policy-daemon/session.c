/* session.c - see session.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy-daemon/decision.h"
#include "policy-daemon/session.h"
#include "policy/policy_reply.h"

#define NS_PER_MS 1000000U

/* So many requests of other states without one at DATA are no accident. */
#define RCPT_WITHOUT_DATA 1000
#define END_WITHOUT_DATA 10

void sceau_policyd_session_init(struct sceau_policyd_session *session,
                                struct sceau_policyd *policyd,
                                const struct sceau_policyd_session_hooks *hooks,
                                void *ctx)
{
	session->policyd = policyd;
	session->hooks = hooks;
	session->ctx = ctx;
	session->asked.limits = NULL;
	session->is_waiting = false;
	session->is_in_call = false;
	sceau_policy_request_init(&session->req);
}

void sceau_policyd_session_deinit(struct sceau_policyd_session *session)
{
	if (session->is_waiting)
		sceau_store_cancel(session->policyd->store, session);
	sceau_policyd_limits_unref(&session->asked.limits);
}

static void reply(struct sceau_policyd_session *session, const char *action,
                  const char *text)
{
	char out[SCEAU_POLICY_REPLY_SIZE];
	size_t len = sceau_policy_reply_write(out, action, text);

	sceau_policy_request_init(&session->req);
	session->hooks->reply(session->ctx, out, len);
}

static void count(struct sceau_policyd_counts *counts,
                  const struct sceau_store_answer *answer)
{
	if (answer->failed)
		counts->failed++;
	if (answer->refused)
		counts->refused++;
	else
		counts->passed++;
	if (answer->repeated)
		counts->repeated++;
}

static void on_answer(void *ctx, const struct sceau_store_answer *answer)
{
	struct sceau_policyd_session *session = ctx;
	struct sceau_policyd *policyd = session->policyd;
	uint64_t now = policyd->now_ns(), started = session->asked.started_ns;
	struct sceau_policyd_decision decision = {
		.request = &session->req,
		.subject = &session->asked.subject,
		.limits = session->asked.limits,
		.charges = session->asked.charges,
		.answer = answer,
		.took_ms = now > started ? (now - started) / NS_PER_MS : 0,
	};
	char action[SCEAU_POLICY_ACTION_MAX + 1];
	char text[SCEAU_LIMIT_TEXT_SIZE];

	session->is_waiting = false;
	count(&policyd->counts, answer);
	sceau_policyd_decision_count(&decision);
	sceau_policyd_decision_log(&decision, policyd->log);
	sceau_policyd_decision_reply(&decision, action, text);
	sceau_policyd_limits_unref(&session->asked.limits);
	bool was_late = !session->is_in_call;
	reply(session, action, text);
	if (was_late)
		session->hooks->resume(session->ctx);
}

/* The name of the event for the store: a request is told again with the same
   instance and state. And with the same recipients: a client whose DATA
   something behind us refused may name more of them and say DATA again, in
   the same transaction. */
static void name_event(const struct sceau_policyd_session *session, char *out,
                       size_t size)
{
	const char *instance = sceau_policy_request_get(&session->req,
	                                                "instance");

	out[0] = '\0';
	if (instance[0] != '\0')
		snprintf(out, size, "DATA/%" PRIu64 "/%s",
		         session->asked.subject.recipients, instance);
}

static void serve_data(struct sceau_policyd_session *session)
{
	struct sceau_policyd *policyd = session->policyd;
	struct sceau_store_request request = {
		.now_ns = policyd->now_ns(),
		.once_ns = SCEAU_POLICYD_ONCE_S * SCEAU_RATE_NS_PER_S,
	};
	char once[256];

	policyd->counts.data++;
	sceau_limit_subject_init(&session->asked.subject, &session->req);
	request.count = sceau_policyd_limits_charge(
		policyd->limits, &session->asked.subject, &request.charges);
	if (request.count == 0) {
		policyd->counts.passed++;
		reply(session, "DUNNO", NULL);
		return;
	}
	name_event(session, once, sizeof(once));
	request.once = once;
	session->asked.limits = sceau_policyd_limits_ref(policyd->limits);
	session->asked.started_ns = request.now_ns;
	session->asked.charges = request.count;
	session->is_waiting = true;
	session->is_in_call = true;
	sceau_store_charge(policyd->store, &request, on_answer, session);
	session->is_in_call = false;
}

/* Limits that are never asked at DATA never refuse anything: say so, once. */
static void watch_states(struct sceau_policyd *policyd)
{
	const struct sceau_policyd_counts *counts = &policyd->counts;
	struct sceau_log_line line;

	if (policyd->warned_no_data || counts->data > 0 ||
	    policyd->limits->rules.count == 0 ||
	    (counts->rcpt < RCPT_WITHOUT_DATA &&
	     counts->end_of_message < END_WITHOUT_DATA))
		return;
	policyd->warned_no_data = true;
	sceau_log_line_init(&line, NULL);
	sceau_log_line_add(&line, "action", "warning");
	sceau_log_line_add(&line, "reason", "no limit was ever charged");
	sceau_log_line_addf(&line, "asked",
	                    "%" PRIu64 " times at RCPT and %" PRIu64
	                    " at END-OF-MESSAGE but never at DATA",
	                    counts->rcpt, counts->end_of_message);
	sceau_log_line_add(&line, "remedy",
	                   "check_policy_service in smtpd_data_restrictions");
	policyd->log(&line, SCEAU_LOG_WARNING);
}

static void serve_other(struct sceau_policyd_session *session,
                        const char *state)
{
	struct sceau_policyd_counts *counts = &session->policyd->counts;

	if (strcmp(state, "RCPT") == 0)
		counts->rcpt++;
	else if (strcmp(state, "END-OF-MESSAGE") == 0)
		counts->end_of_message++;
	else
		counts->other++;
	watch_states(session->policyd);
	reply(session, "DUNNO", NULL);
}

static int serve(struct sceau_policyd_session *session, struct sceau_err *err)
{
	const struct sceau_policy_request *req = &session->req;
	const char *kind = sceau_policy_request_get(req, "request");
	const char *state = sceau_policy_request_get(req, "protocol_state");

	if (strcmp(kind, "smtpd_access_policy") != 0)
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "a request of type \"%.60s\", not "
		                  "smtpd_access_policy",
		                  kind);
	if (strcmp(state, "DATA") == 0)
		serve_data(session);
	else
		serve_other(session, state);
	return 0;
}

int sceau_policyd_session_input(struct sceau_policyd_session *session,
                                const char *data, size_t len, size_t *used_r,
                                struct sceau_err *err)
{
	size_t pos = 0, used;
	int ret = 0;

	while (ret >= 0 && pos < len && !session->is_waiting) {
		ret = sceau_policy_request_feed(&session->req, data + pos,
		                                len - pos, &used, err);
		pos += used;
		if (ret == 1)
			ret = serve(session, err);
	}
	*used_r = pos;
	if (ret < 0)
		session->policyd->counts.broken++;
	return ret < 0 ? -1 : 0;
}

bool sceau_policyd_session_is_idle(const struct sceau_policyd_session *session)
{
	return !session->is_waiting &&
	       sceau_policy_request_is_empty(&session->req);
}
