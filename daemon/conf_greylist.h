/* conf_greylist.h - settings of greylisting, keys mx_greylist_...
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CONF_GREYLIST_H
#define SCEAU_CONF_GREYLIST_H

#include "base/conf.h"

/* Order of the words in the row of mx_greylist_when. */
enum sceau_conf_greylist_when {
	SCEAU_CONF_GREYLIST_NEVER,
	SCEAU_CONF_GREYLIST_SUSPICIOUS, /* policy/greylist_suspect.h */
	SCEAU_CONF_GREYLIST_ALWAYS,
};

/* Strings belong to the struct sceau_settings that holds this. */
struct sceau_conf_greylist {
	int mx_greylist_when; /* enum sceau_conf_greylist_when */
	bool mx_greylist_learning;
	uint64_t mx_greylist_delay_s;
	uint64_t mx_greylist_retry_window_s;
	uint64_t mx_greylist_lifetime_s;
	uint64_t mx_greylist_answers_s;
	uint64_t mx_greylist_client_passes; /* 0 = never */
	uint64_t mx_greylist_score;
	const char *mx_greylist_clients; /* files, for sceau_exempt_parse */
	const char *mx_greylist_recipients;
	uint64_t mx_greylist_entries;
};

extern const struct sceau_conf_table sceau_conf_greylist_table;

#endif
