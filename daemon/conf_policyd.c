/* conf_policyd.c - see conf_policyd.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/conf_policyd.h"

static const struct sceau_conf_key keys[] = {
	SCEAU_CONF_STRING(struct sceau_conf_policyd, policy_listen,
	                  "policy_listen",
	                  "unix:/var/spool/postfix/sceau/policy.sock",
	                  "socket on which sceau-policyd serves Postfix"),
	SCEAU_CONF_STRING(struct sceau_conf_policyd, policy_limits,
	                  "policy_limits", "/etc/sceau/limits",
	                  "file with the limit rules"),
	SCEAU_CONF_NUMBER(struct sceau_conf_policyd, policy_store_entries,
	                  "policy_store_entries", "1000000", 1000, 100000000,
	                  "most limits and messages remembered at a time"),
};

const struct sceau_conf_table sceau_conf_policyd_table = {
	.area = "policyd",
	.keys = keys,
	.count = sizeof(keys) / sizeof(keys[0]),
};
