/* limit_charge.c - see limit_charge.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "base/ip.h"
#include "base/text.h"
#include "policy/limit_charge.h"

static void set_value(char out[SCEAU_LIMIT_VALUE_SIZE], const char *text)
{
	snprintf(out, SCEAU_LIMIT_VALUE_SIZE, "%s", text);
	sceau_text_make_lower(out);
}

/* Postfix gives the sender unquoted: its domain follows the last '@'. */
static void set_domain(char out[SCEAU_LIMIT_VALUE_SIZE], const char *sender)
{
	const char *at = strrchr(sender, '@');

	set_value(out, at != NULL ? at + 1 : "");
	size_t len = strlen(out);
	if (len > 0 && out[len - 1] == '.')
		out[len - 1] = '\0';
}

/* IPv4 /24, IPv6 /64: what one customer of a provider usually can choose
   from. Postfix says "unknown" when it does not know the client. */
static void set_network(char out[SCEAU_LIMIT_VALUE_SIZE], const char *address)
{
	struct sceau_ip_net net;
	struct sceau_ip ip;

	out[0] = '\0';
	if (sceau_ip_parse(sceau_slice_of(address), &ip, NULL) < 0)
		return;
	net = sceau_ip_net_around(&ip, 24, 64);
	sceau_ip_net_print(&net, out);
}

static const char *key_text(enum sceau_limit_key key,
                            const struct sceau_limit_subject *subject)
{
	switch (key) {
	case SCEAU_LIMIT_ACCOUNT:
		return subject->account;
	case SCEAU_LIMIT_SENDER_DOMAIN:
		return subject->sender_domain;
	case SCEAU_LIMIT_CLIENT_NETWORK:
		return subject->client_network;
	}
	return "";
}

const char *sceau_limit_value(const struct sceau_limit_rule *rule,
                              const struct sceau_limit_subject *subject)
{
	return key_text(rule->key, subject);
}

static bool is_plain(char c)
{
	return sceau_text_is_alpha(c) || sceau_text_is_digit(c) ||
	       (c != '\0' && strchr("_.@+:-", c) != NULL);
}

static void append_escaped(char *out, size_t size, size_t used,
                           const char *value)
{
	for (; *value != '\0' && used + 4 <= size; value++) {
		if (is_plain(*value))
			out[used++] = *value;
		else
			used += (size_t)snprintf(
				out + used, size - used, "%%%02X",
				(unsigned)(unsigned char)*value);
	}
	out[used] = '\0';
}

bool sceau_limit_charge_make(const struct sceau_limit_rule *rule,
                             const struct sceau_limit_subject *subject,
                             struct sceau_limit_charge *charge_r)
{
	const char *value = sceau_limit_value(rule, subject);

	if (value[0] == '\0')
		return false;
	if (rule->match[0] != '\0' && !sceau_text_fits(rule->match, value))
		return false;
	int n = snprintf(charge_r->key, sizeof(charge_r->key), "limit/%s/%s/",
	                 rule->name, sceau_limit_key_word(rule->key));
	append_escaped(charge_r->key, sizeof(charge_r->key), (size_t)n, value);
	charge_r->cost = rule->unit == SCEAU_LIMIT_RECIPIENTS
	                         ? subject->recipients
	                         : 1;
	return true;
}

static uint64_t round_up(uint64_t value, uint64_t step)
{
	return (value + step - 1) / step * step;
}

void sceau_limit_wait_text(uint64_t wait_ns, char out[SCEAU_LIMIT_WAIT_SIZE])
{
	static const struct {
		unsigned seconds;
		char unit, sub_unit;
		unsigned sub_seconds;
	} units[] = {
		{ 86400, 'd', 'h', 3600 },
		{ 3600, 'h', 'm', 60 },
		{ 60, 'm', 's', 1 },
	};

	if (wait_ns == SCEAU_RATE_NEVER) {
		snprintf(out, SCEAU_LIMIT_WAIT_SIZE, "never");
		return;
	}
	uint64_t s = wait_ns / SCEAU_RATE_NS_PER_S +
	             (wait_ns % SCEAU_RATE_NS_PER_S != 0);
	if (s >= 3600)
		s = round_up(s, 60);
	if (s >= 86400)
		s = round_up(s, 3600);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		unsigned long long whole = s / units[i].seconds;
		uint64_t rest = s % units[i].seconds / units[i].sub_seconds;

		if (whole == 0)
			continue;
		int n = snprintf(out, SCEAU_LIMIT_WAIT_SIZE, "%llu%c", whole,
		                 units[i].unit);
		if (rest != 0)
			snprintf(out + n, SCEAU_LIMIT_WAIT_SIZE - (size_t)n,
			         "%u%c", (unsigned)rest, units[i].sub_unit);
		return;
	}
	snprintf(out, SCEAU_LIMIT_WAIT_SIZE, "%us", (unsigned)s);
}

static const char *key_noun(enum sceau_limit_key key)
{
	switch (key) {
	case SCEAU_LIMIT_ACCOUNT:
		return "account";
	case SCEAU_LIMIT_SENDER_DOMAIN:
		return "sender domain";
	case SCEAU_LIMIT_CLIENT_NETWORK:
		return "client network";
	}
	return "client";
}

void sceau_limit_refusal_text(const struct sceau_limit_rule *rule,
                              uint64_t cost, uint64_t wait_ns,
                              char out[SCEAU_LIMIT_TEXT_SIZE])
{
	char burst[48] = "", wait[SCEAU_LIMIT_WAIT_SIZE];
	const char *unit = sceau_limit_unit_word(rule->unit);
	unsigned long long count = rule->count, at_once = rule->rate.burst;

	if (at_once != count)
		snprintf(burst, sizeof(burst), " (%llu at once)", at_once);
	if (wait_ns == SCEAU_RATE_NEVER) {
		snprintf(out, SCEAU_LIMIT_TEXT_SIZE,
		         "limit \"%s\" of %llu %s per %s%s is less than the "
		         "%llu of this message, send it in parts",
		         rule->name, count, unit, rule->period, burst,
		         (unsigned long long)cost);
		return;
	}
	sceau_limit_wait_text(wait_ns, wait);
	snprintf(out, SCEAU_LIMIT_TEXT_SIZE,
	         "limit \"%s\" of %llu %s per %s%s reached for this %s, try "
	         "again in %s",
	         rule->name, count, unit, rule->period, burst,
	         key_noun(rule->key), wait);
}

void sceau_limit_subject_init(struct sceau_limit_subject *subject,
                              const struct sceau_policy_request *req)
{
	const char *count = sceau_policy_request_get(req, "recipient_count");
	uint64_t recipients = 1;

	set_value(subject->account,
	          sceau_policy_request_get(req, "sasl_username"));
	set_domain(subject->sender_domain,
	           sceau_policy_request_get(req, "sender"));
	set_network(subject->client_network,
	            sceau_policy_request_get(req, "client_address"));
	(void)sceau_text_parse_number(sceau_slice_of(count), UINT32_MAX,
	                              &recipients, NULL);
	subject->recipients = recipients > 0 ? recipients : 1;
}
