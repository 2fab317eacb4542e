/* greylist.c - see greylist.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "policy/greylist.h"

/* A client's retries count once in that time: one burst is one sign of a
   queue. What is used more often is not written each time either. */
#define COUNT_EACH_S 3600

static uint64_t age_s(uint64_t since_s, uint64_t now_s)
{
	return now_s > since_s ? now_s - since_s : 0;
}

static uint64_t window_s(const struct sceau_greylist_rules *rules)
{
	return rules->is_learning ? rules->lifetime_s : rules->retry_window_s;
}

/* When the time of a record is counted from, and how much it has. */
static uint64_t lifetime_s(const struct sceau_greylist_rules *rules,
                           const struct sceau_greylist_record *record,
                           uint64_t *from_s_r)
{
	*from_s_r = record->last_s;
	switch (record->kind) {
	case SCEAU_GREYLIST_ATTEMPT:
		if (record->has_passed)
			return rules->lifetime_s;
		*from_s_r = record->first_s;
		return window_s(rules);
	case SCEAU_GREYLIST_CLIENT:
		return rules->lifetime_s;
	case SCEAU_GREYLIST_LEARNED:
		return rules->learned_s;
	}
	return 0;
}

uint64_t sceau_greylist_rest_s(const struct sceau_greylist_rules *rules,
                               const struct sceau_greylist_record *record,
                               uint64_t now_s)
{
	uint64_t from_s;
	uint64_t life_s = lifetime_s(rules, record, &from_s);
	uint64_t age = age_s(from_s, now_s);

	return age < life_s ? life_s - age : 0;
}

/* What a record says now: nothing when it has expired; one of the future is of
   now, and must then be kept as such, lest it stays there for years. */
static bool take(const struct sceau_greylist_rules *rules, bool is_there,
                 enum sceau_greylist_kind kind, uint64_t now_s,
                 struct sceau_greylist_record *record, bool *keeps)
{
	*keeps = false;
	if (!is_there || record->kind != kind)
		return false;
	if (record->last_s > now_s) {
		record->last_s = now_s;
		*keeps = true;
	}
	if (record->first_s > now_s)
		record->first_s = now_s;
	return sceau_greylist_rest_s(rules, record, now_s) > 0;
}

static bool touch(struct sceau_greylist_record *record, uint64_t now_s)
{
	if (age_s(record->last_s, now_s) < COUNT_EACH_S)
		return false;
	record->last_s = now_s;
	return true;
}

static void add_one(struct sceau_greylist_record *record)
{
	if (record->count < UINT32_MAX)
		record->count++;
}

static bool is_trusted(const struct sceau_greylist_rules *rules,
                       const struct sceau_greylist_known *known)
{
	return known->has_client && rules->client_passes > 0 &&
	       known->client.count >= rules->client_passes;
}

static void count_client(const struct sceau_greylist_rules *rules,
                         uint64_t now_s,
                         struct sceau_greylist_decision *decision)
{
	struct sceau_greylist_known *known = &decision->known;

	if (rules->client_passes == 0)
		return;
	if (!known->has_client) {
		known->client = (struct sceau_greylist_record){
			.kind = SCEAU_GREYLIST_CLIENT,
			.first_s = now_s,
			.last_s = now_s,
			.count = 1,
		};
		known->has_client = true;
		decision->keeps_client = true;
	} else if (touch(&known->client, now_s)) {
		add_one(&known->client);
		decision->keeps_client = true;
	}
}

static void decide_attempt(const struct sceau_greylist_rules *rules,
                           uint64_t now_s,
                           struct sceau_greylist_decision *decision)
{
	struct sceau_greylist_known *known = &decision->known;
	struct sceau_greylist_record *attempt = &known->attempt;

	if (!known->has_attempt) {
		*attempt = (struct sceau_greylist_record){
			.kind = SCEAU_GREYLIST_ATTEMPT,
			.first_s = now_s,
			.last_s = now_s,
		};
		known->has_attempt = true;
	}
	decision->waited_s = age_s(attempt->first_s, now_s);
	if (attempt->has_passed) {
		decision->reason = SCEAU_GREYLIST_KNOWN;
		decision->passes = true;
		if (touch(attempt, now_s)) {
			add_one(attempt);
			decision->keeps_attempt = true;
		}
		return;
	}
	add_one(attempt);
	attempt->last_s = now_s;
	decision->keeps_attempt = true;
	if (decision->waited_s >= rules->delay_s) {
		attempt->has_passed = true;
		decision->reason = SCEAU_GREYLIST_RETRY;
		decision->passes = true;
		count_client(rules, now_s, decision);
		return;
	}
	decision->reason = attempt->count == 1 ? SCEAU_GREYLIST_NEW
	                                       : SCEAU_GREYLIST_EARLY;
	decision->wait_s = rules->delay_s - decision->waited_s;
}

/* Take what is known of the network where it says more. */
static void merge_network(const struct sceau_greylist_rules *rules,
                          uint64_t now_s, struct sceau_greylist_known *known)
{
	const struct sceau_greylist_record *net = &known->net_attempt;
	bool unused;

	if (take(rules, known->has_net_attempt, SCEAU_GREYLIST_ATTEMPT, now_s,
	         &known->net_attempt, &unused) &&
	    (!known->has_attempt ||
	     net->has_passed > known->attempt.has_passed ||
	     (net->has_passed == known->attempt.has_passed &&
	      net->first_s < known->attempt.first_s))) {
		known->attempt = *net;
		known->has_attempt = true;
	}
	net = &known->net_client;
	if (take(rules, known->has_net_client, SCEAU_GREYLIST_CLIENT, now_s,
	         &known->net_client, &unused) &&
	    (!known->has_client || net->count > known->client.count)) {
		known->client = *net;
		known->has_client = true;
	}
}

void sceau_greylist_decide(const struct sceau_greylist_rules *rules,
                           const struct sceau_greylist_known *given,
                           uint64_t now_s,
                           struct sceau_greylist_decision *decision_r)
{
	struct sceau_greylist_decision decision = { .known = *given };
	struct sceau_greylist_known *known = &decision.known;

	known->has_learned = take(rules, given->has_learned,
	                          SCEAU_GREYLIST_LEARNED, now_s,
	                          &known->learned, &decision.keeps_learned);
	known->has_client = take(rules, given->has_client,
	                         SCEAU_GREYLIST_CLIENT, now_s, &known->client,
	                         &decision.keeps_client);
	known->has_attempt = take(rules, given->has_attempt,
	                          SCEAU_GREYLIST_ATTEMPT, now_s,
	                          &known->attempt, &decision.keeps_attempt);
	merge_network(rules, now_s, known);
	if (known->has_learned) {
		decision.passes = true;
		decision.reason = SCEAU_GREYLIST_ANSWER;
		decision.keeps_learned |= touch(&known->learned, now_s);
	} else if (is_trusted(rules, known)) {
		decision.passes = true;
		decision.reason = SCEAU_GREYLIST_TRUSTED;
		decision.keeps_client |= touch(&known->client, now_s);
	} else {
		decide_attempt(rules, now_s, &decision);
	}
	*decision_r = decision;
}

struct sceau_greylist_record
sceau_greylist_granted(const struct sceau_greylist_rules *rules,
                       enum sceau_greylist_kind kind, uint64_t now_s)
{
	struct sceau_greylist_record record = {
		.kind = kind, .first_s = now_s, .last_s = now_s, .count = 1
	};

	if (kind == SCEAU_GREYLIST_ATTEMPT)
		record.has_passed = true;
	if (kind == SCEAU_GREYLIST_CLIENT && rules->client_passes > 0)
		record.count = rules->client_passes;
	return record;
}

bool sceau_greylist_learn(const struct sceau_greylist_rules *rules,
                          const struct sceau_greylist_record *old,
                          uint64_t now_s,
                          struct sceau_greylist_record *record_r)
{
	struct sceau_greylist_record record;
	bool keeps = false;

	if (old != NULL)
		record = *old;
	if (old == NULL || !take(rules, true, SCEAU_GREYLIST_LEARNED, now_s,
	                         &record, &keeps)) {
		*record_r = sceau_greylist_granted(
			rules, SCEAU_GREYLIST_LEARNED, now_s);
		return true;
	}
	if (!touch(&record, now_s) && !keeps)
		return false;
	add_one(&record);
	*record_r = record;
	return true;
}

const char *sceau_greylist_reason_word(enum sceau_greylist_reason reason)
{
	switch (reason) {
	case SCEAU_GREYLIST_NEW:
		return "new";
	case SCEAU_GREYLIST_EARLY:
		return "early";
	case SCEAU_GREYLIST_RETRY:
		return "retry";
	case SCEAU_GREYLIST_KNOWN:
		return "known";
	case SCEAU_GREYLIST_TRUSTED:
		return "trusted";
	case SCEAU_GREYLIST_ANSWER:
		return "answer";
	}
	return "?";
}

void sceau_greylist_reply_text(uint64_t wait_s,
                               char out[SCEAU_GREYLIST_TEXT_SIZE])
{
	snprintf(out, SCEAU_GREYLIST_TEXT_SIZE,
	         "Greylisted: please try again in %llu second%s or later",
	         (unsigned long long)wait_s, wait_s == 1 ? "" : "s");
}
