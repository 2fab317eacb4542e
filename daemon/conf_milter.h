/* conf_milter.h - settings of sceau-milter, keys mx_... and sign_...
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CONF_MILTER_H
#define SCEAU_CONF_MILTER_H

#include "base/conf.h"

/* Strings belong to the struct sceau_settings that holds this. */
struct sceau_conf_milter {
	const char *mx_listen; /* for sceau_listen_parse */
	const char *sign_listen;
};

extern const struct sceau_conf_table sceau_conf_milter_table;

#endif
