/* conf_greylist.c - see conf_greylist.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/conf_greylist.h"

#define ROW struct sceau_conf_greylist
#define HOUR 3600ULL
#define DAY (24 * HOUR)

/* The longest delay is below the shortest window, so that a client always has
   time to come back. */
static const struct sceau_conf_key keys[] = {
	SCEAU_CONF_CHOICE(ROW, mx_greylist_when, "mx_greylist_when",
	                  "suspicious", "never suspicious always",
	                  "which unknown clients are asked to come back later"),
	SCEAU_CONF_BOOL(ROW, mx_greylist_learning, "mx_greylist_learning",
	                "yes",
	                "let everybody pass, log who would have been asked"),
	SCEAU_CONF_DURATION(ROW, mx_greylist_delay_s, "mx_greylist_delay",
	                    "60s", 1, HOUR,
	                    "how soon an attempt may be made again"),
	SCEAU_CONF_DURATION(ROW, mx_greylist_retry_window_s,
	                    "mx_greylist_retry_window", "2d", 2 * HOUR,
	                    30 * DAY, "and how late it still counts as one"),
	SCEAU_CONF_DURATION(ROW, mx_greylist_lifetime_s, "mx_greylist_lifetime",
	                    "35d", DAY, 3650 * DAY,
	                    "how long who passed stays known, since the last "
	                    "mail"),
	SCEAU_CONF_DURATION(ROW, mx_greylist_answers_s, "mx_greylist_answers",
	                    "180d", DAY, 3650 * DAY,
	                    "how long those our users wrote to may answer "
	                    "without a delay"),
	SCEAU_CONF_NUMBER(ROW, mx_greylist_client_passes,
	                  "mx_greylist_client_passes", "5", 0, 1000,
	                  "a client that came back so often is trusted; 0: "
	                  "none is"),
	SCEAU_CONF_NUMBER(ROW, mx_greylist_score, "mx_greylist_score", "1", 1,
	                  32000,
	                  "score of the dnsbl_ lists from which a client is "
	                  "suspicious"),
	SCEAU_CONF_STRING(ROW, mx_greylist_clients, "mx_greylist_clients",
	                  "/etc/sceau/greylist.clients",
	                  "file of clients that are never asked"),
	SCEAU_CONF_STRING(ROW, mx_greylist_recipients, "mx_greylist_recipients",
	                  "/etc/sceau/greylist.recipients",
	                  "file of recipients whose mail is never delayed"),
	SCEAU_CONF_NUMBER(ROW, mx_greylist_entries, "mx_greylist_entries",
	                  "200000", 1000, 10000000,
	                  "most attempts, clients and answers remembered"),
};

const struct sceau_conf_table sceau_conf_greylist_table = {
	.area = "greylist",
	.keys = keys,
	.count = sizeof(keys) / sizeof(keys[0]),
};
