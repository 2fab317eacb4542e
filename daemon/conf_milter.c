/* conf_milter.c - see conf_milter.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/conf_milter.h"

#define SOCKETS "unix:/var/spool/postfix/sceau/"

static const struct sceau_conf_key keys[] = {
	SCEAU_CONF_STRING(struct sceau_conf_milter, mx_listen, "mx_listen",
	                  SOCKETS "mx.sock",
	                  "socket on which the mx role serves Postfix"),
	SCEAU_CONF_STRING(struct sceau_conf_milter, sign_listen, "sign_listen",
	                  SOCKETS "sign.sock",
	                  "socket on which the sign role serves Postfix"),
};

const struct sceau_conf_table sceau_conf_milter_table = {
	.area = "milter",
	.keys = keys,
	.count = sizeof(keys) / sizeof(keys[0]),
};
