/* check_policy_lines.c - what Postfix's lines about the policy daemon get wrong
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/check_host.h"

#define DATA "smtpd_data_restrictions"

/* Whoever logs in is the one whom limits are for. */
static void check_order(struct sceau_check_host *host,
                        const struct sceau_check_mention *mention)
{
	struct sceau_check_finding *finding;

	if (mention->after.len == 0)
		return;
	finding = sceau_check_add_postfix(host, SCEAU_CHECK_ERROR,
	                                  "policy-order", mention->service,
	                                  mention->parameter);
	if (finding == NULL)
		return;
	sceau_check_say(finding->what,
	                "%s stands behind %.*s, which ends the list: your own "
	                "users are never limited",
	                mention->socket->name, (int)mention->after.len,
	                mention->after.data);
	sceau_check_say(finding->remedy,
	                "put check_policy_service before permit_mynetworks and "
	                "permit_sasl_authenticated");
}

/* check_policy_service unix:x, timeout=10s: the option is taken for a
   restriction, and all mail refused. */
static void check_braces(struct sceau_check_host *host,
                         const struct sceau_check_mention *mention)
{
	struct sceau_check_finding *finding;

	if (mention->next.len == 0 ||
	    memchr(mention->next.data, '=', mention->next.len) == NULL)
		return;
	finding = sceau_check_add_postfix(host, SCEAU_CHECK_ERROR,
	                                  "policy-braces", mention->service,
	                                  mention->parameter);
	if (finding == NULL)
		return;
	sceau_check_say(finding->what,
	                "without braces Postfix takes \"%.*s\" for a "
	                "restriction that it does not know",
	                (int)mention->next.len, mention->next.data);
	sceau_check_say(finding->remedy,
	                "write check_policy_service { %.*s, %.*s, ... }",
	                (int)mention->word.text.len, mention->word.text.data,
	                (int)mention->next.len, mention->next.data);
}

/* Limits are charged at DATA and nowhere else. */
static void check_data(struct sceau_check_host *host,
                       const struct sceau_check_mention *mention)
{
	struct sceau_check_finding *finding;

	if (sceau_check_asks(host, mention->service, DATA,
	                     SCEAU_CHECK_SOCKET_POLICY))
		return;
	finding = sceau_check_add_postfix(host, SCEAU_CHECK_ERROR,
	                                  "limits-not-charged",
	                                  mention->service, DATA);
	if (finding == NULL)
		return;
	sceau_check_say(finding->what,
	                "%s/%s asks %s, but not at DATA, where limits are "
	                "charged: they do nothing",
	                mention->service->name, mention->service->type,
	                mention->socket->name);
	sceau_check_say(finding->remedy,
	                "put check_policy_service { %.*s, ... } into "
	                "smtpd_data_restrictions",
	                (int)mention->word.text.len, mention->word.text.data);
}

/* What a content filter gives back was charged when it came. */
static void check_twice(struct sceau_check_host *host,
                        const struct sceau_check_mention *mention)
{
	struct sceau_check_finding *finding;

	if (strcmp(mention->parameter, DATA) != 0 ||
	    !sceau_check_is_loopback(mention->service) ||
	    sceau_postfix_conf_is_own(&host->postfix, mention->service, DATA) ||
	    !sceau_check_is_filtered(host))
		return;
	finding = sceau_check_add(host->check, SCEAU_CHECK_ERROR,
	                          "charged-twice");
	sceau_check_say_service(host, finding, mention->service);
	sceau_check_say(finding->what,
	                "mail that a content filter gives back here is charged "
	                "to its limits a second time");
	sceau_check_say(finding->remedy,
	                "add -o smtpd_data_restrictions= and "
	                "-o smtpd_end_of_data_restrictions= to it in "
	                "master.cf");
}

void sceau_check_policy_lines(struct sceau_check_host *host)
{
	for (size_t i = 0; i < host->mention_count; i++) {
		const struct sceau_check_mention *mention = &host->mentions[i];

		if (mention->socket->id != SCEAU_CHECK_SOCKET_POLICY)
			continue;
		check_order(host, mention);
		check_braces(host, mention);
		check_data(host, mention);
		check_twice(host, mention);
	}
}
