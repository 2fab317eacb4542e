/* conf_milter.h - settings of sceau-milter, keys mx_... and sign_...
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CONF_MILTER_H
#define SCEAU_CONF_MILTER_H

#include "base/conf.h"

/* Order of the words in the rows of ..._on_internal_error. */
enum sceau_conf_on_error {
	SCEAU_CONF_ON_ERROR_TEMPFAIL, /* 451: the client tries again */
	SCEAU_CONF_ON_ERROR_ACCEPT, /* let the mail pass as it is, and log it */
};

/* Order of the words in the row of sign_canonicalization: header/body. */
enum sceau_conf_canon {
	SCEAU_CONF_CANON_RELAXED_RELAXED,
	SCEAU_CONF_CANON_RELAXED_SIMPLE,
	SCEAU_CONF_CANON_SIMPLE_RELAXED,
	SCEAU_CONF_CANON_SIMPLE_SIMPLE,
};

/* Strings and lists belong to the struct sceau_settings that holds this. */
struct sceau_conf_milter {
	const char *mx_listen; /* for sceau_listen_parse */
	const char *mx_authserv_id; /* "" = myhostname */
	int mx_on_internal_error; /* enum sceau_conf_on_error */
	const char *sign_listen;
	int sign_on_internal_error; /* enum sceau_conf_on_error */
	struct sceau_conf_list sign_daemons;
	bool sign_cleanup;
	const char *sign_header_rules; /* path of the rule file */
	const char *sign_key_directory;
	struct sceau_conf_list sign_headers;
	struct sceau_conf_list sign_oversign_headers;
	int sign_canonicalization; /* enum sceau_conf_canon */
};

extern const struct sceau_conf_table sceau_conf_milter_table;

#endif
