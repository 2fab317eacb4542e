/* mx_rules.h - the lists of the mx role, read once: networks and domains.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_MX_RULES_H
#define SCEAU_MILTER_MX_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/ip.h"
#include "daemon/conf_load.h"

/* Networks of one setting. */
struct sceau_mx_networks {
	size_t count;
	struct sceau_ip_net *nets;
};

/* Read only. */
struct sceau_mx_rules {
	const struct sceau_conf_mx *conf; /* the settings own it */
	struct sceau_mx_networks exempt;
	struct sceau_mx_networks relays;
};

/* Read the lists of settings, which must outlive the rules. Returns 0, or -1
   with FAULT_CONFIG naming the setting, or FAULT_TEMP. */
int sceau_mx_rules_new(const struct sceau_settings *settings,
                       struct sceau_mx_rules **rules_r, struct sceau_err *err);

/* Release *rules and set it to NULL; NULL is accepted. */
void sceau_mx_rules_free(struct sceau_mx_rules **rules);

/* Whether ip lies in one of the networks. */
bool sceau_mx_networks_have(const struct sceau_mx_networks *networks,
                            const struct sceau_ip *ip);

/* Whether domain (A-labels) is in the list of a setting: "a.example" stands for
   itself, ".a.example" for all names below it. Any case. */
bool sceau_mx_domains_have(const struct sceau_conf_list *list,
                           const char *domain);

#endif
