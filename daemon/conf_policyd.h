/* conf_policyd.h - settings of sceau-policyd, keys policy_...
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CONF_POLICYD_H
#define SCEAU_CONF_POLICYD_H

#include "base/conf.h"

/* Strings belong to the struct sceau_settings that holds this. */
struct sceau_conf_policyd {
	const char *policy_listen; /* for sceau_listen_parse */
	const char *policy_limits; /* path of the limits file */
	uint64_t policy_store_entries; /* most buckets and events kept */
};

extern const struct sceau_conf_table sceau_conf_policyd_table;

#endif
