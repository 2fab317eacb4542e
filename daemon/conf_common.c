/* conf_common.c - see conf_common.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/conf_common.h"

#define ROW struct sceau_conf_common

static const struct sceau_conf_key keys[] = {
	SCEAU_CONF_STRING(
		ROW, myhostname, "myhostname", "",
		"name of this host in headers; empty asks the system"),
	SCEAU_CONF_STRING(ROW, user, "user", "_sceau",
	                  "user of every daemon but the sign role"),
	SCEAU_CONF_STRING(ROW, sign_user, "sign_user", "_sceau-sign",
	                  "user of the sign role, the only one to read keys"),
	SCEAU_CONF_STRING(ROW, control_directory, "control_directory",
	                  "/run/sceau", "directory of the control sockets"),
	SCEAU_CONF_CHOICE(ROW, syslog_facility_word, "syslog_facility", "mail",
	                  "mail daemon local0 local1 local2 local3 local4 "
	                  "local5 local6 local7",
	                  "syslog facility of all log lines"),
	SCEAU_CONF_CHOICE(ROW, syslog_level, "syslog_level", "info",
	                  "error warning info debug",
	                  "least important lines that are logged"),
	SCEAU_CONF_LIST(ROW, dns_servers, "dns_servers", "",
	                "resolvers to ask: IP, IP@port or IP:port"),
	SCEAU_CONF_DURATION(ROW, dns_deadline_s, "dns_deadline", "5s", 1, 60,
	                    "longest time that DNS may take for one mail"),
	SCEAU_CONF_STRING(ROW, dns_trust_anchor, "dns_trust_anchor",
	                  "/usr/share/dns/root.key",
	                  "file with the root key; empty: answers are not "
	                  "validated by DNSSEC"),
	SCEAU_CONF_CHOICE(ROW, store, "store", "lmdb", "memory lmdb",
	                  "where limits are kept"),
	SCEAU_CONF_STRING(ROW, store_directory, "store_directory",
	                  "/var/lib/sceau",
	                  "local directory of what outlives a daemon"),
};

const struct sceau_conf_table sceau_conf_common_table = {
	.area = "common",
	.keys = keys,
	.count = sizeof(keys) / sizeof(keys[0]),
};
