/* conf_dnsbl.c - see conf_dnsbl.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/conf_dnsbl.h"

#define ROW struct sceau_conf_dnsbl

/* None by default: each list has terms that an admin must have read. */
static const struct sceau_conf_key keys[] = {
	SCEAU_CONF_LIST(ROW, dnsbl_lists, "dnsbl_lists", "",
	                "lists asked about a client's address: "
	                "[NAME:]ZONE[=FILTER][*WEIGHT]"),
	SCEAU_CONF_LIST(ROW, dnsbl_helo_lists, "dnsbl_helo_lists", "",
	                "lists asked about the name in HELO"),
	SCEAU_CONF_LIST(ROW, dnsbl_sender_lists, "dnsbl_sender_lists", "",
	                "lists asked about the domain of MAIL FROM"),
	SCEAU_CONF_LIST(ROW, dnsbl_reverse_lists, "dnsbl_reverse_lists", "",
	                "lists asked about the client's name"),
	SCEAU_CONF_STRING(ROW, dnsbl_keys, "dnsbl_keys",
	                  "/etc/sceau/dnsbl.keys",
	                  "file with your keys for lists, as NAME KEY; {NAME} "
	                  "in a zone stands for one"),
};

const struct sceau_conf_table sceau_conf_dnsbl_table = {
	.area = "dnsbl",
	.keys = keys,
	.count = sizeof(keys) / sizeof(keys[0]),
};
