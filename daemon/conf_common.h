/* conf_common.h - settings that every program reads.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CONF_COMMON_H
#define SCEAU_CONF_COMMON_H

#include <stdint.h>

#include "base/conf.h"

/* Order of the words in the row of `store`. */
enum sceau_conf_store {
	SCEAU_CONF_STORE_MEMORY, /* in the process, lost when it ends */
	SCEAU_CONF_STORE_LMDB, /* the same with a file behind it */
};

/* Strings belong to the struct sceau_settings that holds this. */
struct sceau_conf_common {
	const char *myhostname; /* never empty: gethostname() by default */
	const char *user; /* who the mx role, policyd and lmtpd become */
	const char *sign_user; /* who the sign role becomes */
	const char *control_directory; /* absolute */
	int syslog_facility; /* a LOG_... value, filled by conf_load */
	int syslog_facility_word; /* as written */
	int syslog_level; /* enum sceau_log_level */
	struct sceau_conf_list dns_servers; /* IP, IP@port or IP:port */
	uint64_t dns_deadline_s;
	const char *dns_trust_anchor; /* file; "" = no DNSSEC validation */
	int store; /* enum sceau_conf_store */
	const char *store_directory; /* absolute; daemon NAME keeps NAME/ */
};

extern const struct sceau_conf_table sceau_conf_common_table;

#endif
