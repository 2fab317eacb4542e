/* mx_verdict.c - what the mx role does with a mail whose results are known
 *
 * SPDX-License-Identifier: MIT
 */
#include "mx_verdict.h"

#include <string.h>

/* What a rule asks for, before anybody is spared. */
enum wish {
	WISH_NOTHING,
	WISH_QUARANTINE,
	WISH_TEMPFAIL,
	WISH_REJECT,
};

static bool is_bad_from(const struct sceau_dmarc_verdict *verdict)
{
	switch (verdict->reason) {
	case SCEAU_DMARC_REASON_BAD_DOMAIN:
	case SCEAU_DMARC_REASON_NO_FROM:
	case SCEAU_DMARC_REASON_MANY_FROM:
	case SCEAU_DMARC_REASON_MANY_AUTHORS:
	case SCEAU_DMARC_REASON_ODD_FROM:
		return true;
	case SCEAU_DMARC_REASON_NOTHING:
	case SCEAU_DMARC_REASON_NO_RECORD:
	case SCEAU_DMARC_REASON_NO_POLICY:
	case SCEAU_DMARC_REASON_BAD_POLICY:
	case SCEAU_DMARC_REASON_DNS:
	case SCEAU_DMARC_REASON_AUTHENTICATION:
		break;
	}
	return false;
}

static enum wish ask_from(const struct sceau_mx_checks *checks,
                          struct sceau_verdict *verdict)
{
	if (checks->rules->mx->conf->bad_from != SCEAU_CONF_MARK_REJECT ||
	    !checks->has_dmarc || !is_bad_from(&checks->dmarc.verdict))
		return WISH_NOTHING;
	sceau_verdict_set(verdict, SCEAU_VERDICT_REJECT, "550", "5.7.1",
	                  "The From field must name one author domain "
	                  "(RFC 5322 3.6.2)");
	return WISH_REJECT;
}

static enum wish ask_dmarc(const struct sceau_mx_checks *checks,
                           struct sceau_verdict *verdict)
{
	const struct sceau_conf_mx *conf = checks->rules->mx->conf;
	const struct sceau_dmarc_verdict *dmarc = &checks->dmarc.verdict;

	if (conf->dmarc != SCEAU_CONF_DMARC_ENFORCE)
		return WISH_NOTHING;
	if (dmarc->result == SCEAU_DMARC_RESULT_TEMPERROR &&
	    conf->dmarc_temperror == SCEAU_CONF_TEMPERROR_TEMPFAIL) {
		sceau_verdict_set(verdict, SCEAU_VERDICT_TEMPFAIL, "451",
		                  "4.7.1",
		                  "The DMARC policy of %s cannot be checked "
		                  "now, try again later",
		                  dmarc->author);
		return WISH_TEMPFAIL;
	}
	switch (dmarc->disposition) {
	case SCEAU_DMARC_NONE:
		return WISH_NOTHING;
	case SCEAU_DMARC_QUARANTINE:
		return WISH_QUARANTINE;
	case SCEAU_DMARC_REJECT:
		break;
	}
	/* RFC 9989 7.2 */
	sceau_verdict_set(verdict, SCEAU_VERDICT_REJECT, "550", "5.7.1",
	                  "Email rejected per DMARC policy for %s",
	                  dmarc->author);
	return WISH_REJECT;
}

/* RFC 7372 3.2; the explanation is the domain's own words (RFC 7208 6.2). */
static enum wish ask_spf(const struct sceau_mx_checks *checks,
                         struct sceau_verdict *verdict)
{
	const struct sceau_spf_result *spf = sceau_mx_spf_of_sender(
		&checks->spf);

	if (checks->rules->mx->conf->spf_fail != SCEAU_CONF_MARK_REJECT ||
	    spf == NULL || spf->code != SCEAU_SPF_FAIL ||
	    (checks->has_dmarc &&
	     checks->dmarc.verdict.result == SCEAU_DMARC_RESULT_PASS))
		return WISH_NOTHING;
	if (spf->explanation[0] != '\0')
		sceau_verdict_set(verdict, SCEAU_VERDICT_REJECT, "550",
		                  "5.7.23", "SPF: %s explains: %s", spf->domain,
		                  spf->explanation);
	else
		sceau_verdict_set(
			verdict, SCEAU_VERDICT_REJECT, "550", "5.7.23",
			"SPF: this host may not send mail of %s", spf->domain);
	return WISH_REJECT;
}

static bool has_trusted_pass(const struct sceau_mx_checks *checks)
{
	const struct sceau_conf_list *list =
		&checks->rules->mx->conf->trusted_forwarders;
	const struct sceau_spf_result *spf[] = {
		sceau_mx_spf_of_sender(&checks->spf),
		sceau_mx_spf_of_helo(&checks->spf),
	};
	size_t count = sceau_dkim_verify_count(checks->dkim);

	for (size_t i = 0; i < 2; i++) {
		if (spf[i] != NULL && spf[i]->code == SCEAU_SPF_PASS &&
		    sceau_mx_domains_have(list, spf[i]->domain))
			return true;
	}
	for (size_t i = 0; i < count; i++) {
		const struct sceau_dkim_verdict *dkim = sceau_dkim_verify_get(
			checks->dkim, i);

		if (dkim->result == SCEAU_DKIM_PASS &&
		    sceau_mx_domains_have(list, dkim->domain))
			return true;
	}
	return false;
}

static bool has_exempt_domain(const struct sceau_mx_checks *checks)
{
	const struct sceau_conf_list *list =
		&checks->rules->mx->conf->exempt_domains;
	const struct sceau_spf_result *spf = sceau_mx_spf_of_sender(
		&checks->spf);

	return (spf != NULL && sceau_mx_domains_have(list, spf->domain)) ||
	       (checks->has_dmarc &&
	        sceau_mx_domains_have(list, checks->dmarc.verdict.author));
}

static enum sceau_mx_override
find_override(const struct sceau_mx_checks *checks)
{
	if (has_exempt_domain(checks))
		return SCEAU_MX_OVERRIDE_DOMAIN;
	if (has_trusted_pass(checks))
		return SCEAU_MX_OVERRIDE_FORWARDER;
	return checks->is_relayed ? SCEAU_MX_OVERRIDE_RELAY
	                          : SCEAU_MX_OVERRIDE_NONE;
}

static void quarantine(const struct sceau_mx_checks *checks,
                       struct sceau_mx_decision *decision,
                       struct sceau_verdict *verdict)
{
	decision->is_marked = true;
	if (checks->rules->mx->conf->dmarc_quarantine ==
	    SCEAU_CONF_QUARANTINE_HOLD)
		sceau_verdict_set(verdict, SCEAU_VERDICT_HOLD, "", "",
		                  "sceau: %s", decision->reason);
	else
		memset(verdict, 0, sizeof(*verdict));
}

void sceau_mx_verdict_decide(const struct sceau_mx_checks *checks,
                             struct sceau_mx_decision *decision_r,
                             struct sceau_verdict *verdict_r)
{
	enum wish wish = WISH_NOTHING;
	const struct {
		const char *reason;
		enum wish (*ask)(const struct sceau_mx_checks *checks,
		                 struct sceau_verdict *verdict);
	} rules[] = {
		{ "from", ask_from },
		{ "dmarc", ask_dmarc },
		{ "spf", ask_spf },
	};

	*decision_r = (struct sceau_mx_decision){ .reason = "" };
	memset(verdict_r, 0, sizeof(*verdict_r));
	for (size_t i = 0; i < 3 && wish == WISH_NOTHING; i++) {
		wish = rules[i].ask(checks, verdict_r);
		if (wish != WISH_NOTHING)
			decision_r->reason = rules[i].reason;
	}
	if (wish == WISH_NOTHING)
		return;
	decision_r->override = find_override(checks);
	if (decision_r->override == SCEAU_MX_OVERRIDE_NONE) {
		if (wish == WISH_QUARANTINE)
			quarantine(checks, decision_r, verdict_r);
		return;
	}
	memset(verdict_r, 0, sizeof(*verdict_r));
	if (decision_r->override == SCEAU_MX_OVERRIDE_RELAY &&
	    wish != WISH_TEMPFAIL)
		quarantine(checks, decision_r, verdict_r);
}

const char *sceau_mx_override_name(enum sceau_mx_override override)
{
	switch (override) {
	case SCEAU_MX_OVERRIDE_NONE:
		return "";
	case SCEAU_MX_OVERRIDE_DOMAIN:
		return "exempt-domain";
	case SCEAU_MX_OVERRIDE_FORWARDER:
		return "forwarder";
	case SCEAU_MX_OVERRIDE_RELAY:
		break;
	}
	return "relay";
}
