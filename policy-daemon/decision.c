/* decision.c - see decision.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdio.h>

#include "policy-daemon/decision.h"

/* The rule of a tag; NULL after a reload between a refusal and its repeat. */
static const struct sceau_limit_rule *
rule_of(const struct sceau_policyd_decision *decision, uint32_t tag)
{
	int i = sceau_policyd_limits_find(decision->limits, tag);

	return i < 0 ? NULL : &decision->limits->rules.rule[i];
}

static uint64_t cost_of(const struct sceau_policyd_decision *decision,
                        const struct sceau_limit_rule *rule)
{
	return rule->unit == SCEAU_LIMIT_RECIPIENTS
	               ? decision->subject->recipients
	               : 1;
}

void sceau_policyd_decision_count(const struct sceau_policyd_decision *decision)
{
	const struct sceau_store_answer *answer = decision->answer;
	struct sceau_policyd_limit_counts *counts = decision->limits->counts;
	int i;

	for (size_t n = 0; n < answer->over_count; n++) {
		i = sceau_policyd_limits_find(decision->limits,
		                              answer->over[n]);
		if (i >= 0)
			counts[i].dry_run++;
	}
	if (!answer->refused)
		return;
	i = sceau_policyd_limits_find(decision->limits, answer->tag);
	if (i >= 0)
		counts[i].refused++;
}

static void add_limit(struct sceau_log_line *line,
                      const struct sceau_policyd_decision *decision,
                      const struct sceau_limit_rule *rule)
{
	if (rule == NULL)
		return;
	sceau_log_line_add(line, "limit", rule->name);
	sceau_log_line_add(line, sceau_limit_key_word(rule->key),
	                   sceau_limit_value(rule, decision->subject));
	sceau_log_line_addf(line, "cost", "%" PRIu64, cost_of(decision, rule));
}

static void add_request(struct sceau_log_line *line,
                        const struct sceau_policyd_decision *decision)
{
	const struct sceau_policy_request *req = decision->request;

	sceau_log_line_addf(line, "client", "%s[%s]",
	                    sceau_policy_request_get(req, "client_name"),
	                    sceau_policy_request_get(req, "client_address"));
	sceau_log_line_add(line, "sasl_username",
	                   sceau_policy_request_get(req, "sasl_username"));
	sceau_log_line_add_address(line, "from",
	                           sceau_policy_request_get(req, "sender"));
	/* Postfix names the recipient of a mail that has only one. */
	if (sceau_policy_request_get(req, "recipient")[0] != '\0')
		sceau_log_line_add_address(
			line, "to", sceau_policy_request_get(req, "recipient"));
	sceau_log_line_addf(line, "recipients", "%" PRIu64,
	                    decision->subject->recipients);
	sceau_log_line_addf(line, "took", "%" PRIu64 "ms", decision->took_ms);
}

static void begin(struct sceau_log_line *line,
                  const struct sceau_policyd_decision *decision,
                  const char *action, const char *reason)
{
	sceau_log_line_init(
		line, sceau_policy_request_get(decision->request, "queue_id"));
	sceau_log_line_add(line, "action", action);
	sceau_log_line_add(line, "reason", reason);
}

static unsigned code_of(const struct sceau_limit_rule *rule)
{
	return rule != NULL ? rule->code : 450;
}

static void log_refusal(const struct sceau_policyd_decision *decision,
                        struct sceau_log_line *line)
{
	const struct sceau_store_answer *answer = decision->answer;
	const struct sceau_limit_rule *rule = rule_of(decision, answer->tag);
	char wait[SCEAU_LIMIT_WAIT_SIZE], code[12];

	snprintf(code, sizeof(code), "%u", code_of(rule));
	sceau_limit_wait_text(answer->wait_ns, wait);
	begin(line, decision, code, answer->repeated ? "repeated" : "limit");
	add_limit(line, decision, rule);
	sceau_log_line_add(line, "wait", wait);
	add_request(line, decision);
}

static void log_pass(const struct sceau_policyd_decision *decision,
                     struct sceau_log_line *line)
{
	const struct sceau_store_answer *answer = decision->answer;

	begin(line, decision, "dunno",
	      answer->failed     ? "store"
	      : answer->repeated ? "repeated"
	                         : "charged");
	if (answer->failed)
		sceau_log_line_add(line, "error", answer->err.text);
	sceau_log_line_addf(line, "limits", "%zu", decision->charges);
	add_request(line, decision);
}

void sceau_policyd_decision_log(const struct sceau_policyd_decision *decision,
                                void (*log)(const struct sceau_log_line *,
                                            enum sceau_log_level))
{
	const struct sceau_store_answer *answer = decision->answer;
	struct sceau_log_line line;

	for (size_t n = 0; n < answer->over_count; n++) {
		begin(&line, decision, "dunno", "dry-run");
		add_limit(&line, decision, rule_of(decision, answer->over[n]));
		add_request(&line, decision);
		log(&line, SCEAU_LOG_INFO);
	}
	if (answer->refused)
		log_refusal(decision, &line);
	else
		log_pass(decision, &line);
	log(&line, answer->failed ? SCEAU_LOG_WARNING : SCEAU_LOG_INFO);
}

void sceau_policyd_decision_reply(const struct sceau_policyd_decision *decision,
                                  char action[SCEAU_POLICY_ACTION_MAX + 1],
                                  char text[SCEAU_LIMIT_TEXT_SIZE])
{
	const struct sceau_store_answer *answer = decision->answer;
	const struct sceau_limit_rule *rule;
	char wait[SCEAU_LIMIT_WAIT_SIZE];

	text[0] = '\0';
	if (!answer->refused) {
		snprintf(action, SCEAU_POLICY_ACTION_MAX + 1, "DUNNO");
		return;
	}
	rule = rule_of(decision, answer->tag);
	snprintf(action, SCEAU_POLICY_ACTION_MAX + 1, "%u 4.7.1",
	         code_of(rule));
	if (rule != NULL) {
		sceau_limit_refusal_text(rule, cost_of(decision, rule),
		                         answer->wait_ns, text);
		return;
	}
	sceau_limit_wait_text(answer->wait_ns, wait);
	snprintf(text, SCEAU_LIMIT_TEXT_SIZE, "limit reached, try again in %s",
	         wait);
}
