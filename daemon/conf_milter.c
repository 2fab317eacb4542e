/* conf_milter.c - see conf_milter.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/conf_milter.h"

#define ROW struct sceau_conf_milter
#define SOCKETS "unix:/var/spool/postfix/sceau/"

/* RFC 6376 5.4.1, and RFC 8058 for the List- fields. */
#define SIGN_HEADERS                                                           \
	"From Sender Reply-To Subject Date Message-ID To Cc "                  \
	"MIME-Version Content-Type Content-Transfer-Encoding "                 \
	"Content-Disposition In-Reply-To References "                          \
	"Resent-Date Resent-From Resent-Sender Resent-To Resent-Cc "           \
	"Resent-Message-ID List-Id List-Help List-Unsubscribe "                \
	"List-Unsubscribe-Post List-Subscribe List-Post List-Owner "           \
	"List-Archive"

static const struct sceau_conf_key keys[] = {
	SCEAU_CONF_STRING(ROW, mx_listen, "mx_listen", SOCKETS "mx.sock",
	                  "socket on which the mx role serves Postfix"),
	SCEAU_CONF_STRING(ROW, mx_authserv_id, "mx_authserv_id", "",
	                  "our name in Authentication-Results; empty is "
	                  "myhostname"),
	SCEAU_CONF_CHOICE(ROW, mx_on_internal_error, "mx_on_internal_error",
	                  "tempfail", "tempfail accept",
	                  "what the mx role answers when it fails itself"),
	SCEAU_CONF_STRING(ROW, sign_listen, "sign_listen", SOCKETS "sign.sock",
	                  "socket on which the sign role serves Postfix"),
	SCEAU_CONF_CHOICE(ROW, sign_on_internal_error, "sign_on_internal_error",
	                  "tempfail", "tempfail accept",
	                  "what the sign role answers when it fails itself"),
	SCEAU_CONF_LIST(ROW, sign_daemons, "sign_daemons", "ORIGINATING",
	                "milter_macro_daemon_name of listeners that only our "
	                "own users reach"),
	SCEAU_CONF_BOOL(ROW, sign_cleanup, "sign_cleanup", "yes",
	                "take out fields that tell on the author before "
	                "signing"),
	SCEAU_CONF_STRING(ROW, sign_header_rules, "sign_header_rules",
	                  "/etc/sceau/headers",
	                  "file with rules for the header of submitted mail"),
	SCEAU_CONF_STRING(ROW, sign_key_directory, "sign_key_directory",
	                  "/etc/sceau/dkim",
	                  "directory of DOMAIN/SELECTOR.private"),
	SCEAU_CONF_LIST(ROW, sign_headers, "sign_headers", SIGN_HEADERS,
	                "header fields that are signed"),
	SCEAU_CONF_LIST(ROW, sign_oversign_headers, "sign_oversign_headers",
	                "From",
	                "header fields of which nobody may add another one"),
	SCEAU_CONF_CHOICE(ROW, sign_canonicalization, "sign_canonicalization",
	                  "relaxed/relaxed",
	                  "relaxed/relaxed relaxed/simple simple/relaxed "
	                  "simple/simple",
	                  "how header and body may change on the way"),
};

const struct sceau_conf_table sceau_conf_milter_table = {
	.area = "milter",
	.keys = keys,
	.count = sizeof(keys) / sizeof(keys[0]),
};
