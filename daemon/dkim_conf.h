/* dkim_conf.h - how to sign, as sceau.conf says.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DAEMON_DKIM_CONF_H
#define SCEAU_DAEMON_DKIM_CONF_H

#include "base/err.h"
#include "daemon/conf_load.h"
#include "daemon/dkim.h"

/* sceau_dkim_new with the settings sign_headers, sign_oversign_headers and
   sign_canonicalization. Returns as it does; FAULT_CONFIG names the setting. */
int sceau_dkim_conf_new(const struct sceau_settings *settings,
                        struct sceau_dkim **dkim_r, struct sceau_err *err);

#endif
