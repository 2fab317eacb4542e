/* conf_dnsbl.h - settings of DNS lists, keys dnsbl_...
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CONF_DNSBL_H
#define SCEAU_CONF_DNSBL_H

#include "base/conf.h"

/* Strings and lists belong to the struct sceau_settings that holds this. */
struct sceau_conf_dnsbl {
	/* Each item is for sceau_dnsbl_lists_add. */
	struct sceau_conf_list dnsbl_lists; /* about the client's address */
	struct sceau_conf_list dnsbl_helo_lists;
	struct sceau_conf_list dnsbl_sender_lists;
	struct sceau_conf_list dnsbl_reverse_lists;
	const char *dnsbl_keys; /* file, for sceau_dnsbl_keys_parse */
};

extern const struct sceau_conf_table sceau_conf_dnsbl_table;

#endif
