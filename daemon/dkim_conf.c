/* dkim_conf.c - how to sign, as sceau.conf says
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/dkim_conf.h"

int sceau_dkim_conf_new(const struct sceau_settings *settings,
                        struct sceau_dkim **dkim_r, struct sceau_err *err)
{
	const struct sceau_conf_milter *conf = &settings->milter;
	struct sceau_dkim_options options = {
		.header_canon = SCEAU_DKIM_RELAXED,
		.body_canon = SCEAU_DKIM_RELAXED,
		.headers = conf->sign_headers,
		.oversign = conf->sign_oversign_headers,
	};
	struct sceau_err reason;

	if (conf->sign_canonicalization == SCEAU_CONF_CANON_SIMPLE_RELAXED ||
	    conf->sign_canonicalization == SCEAU_CONF_CANON_SIMPLE_SIMPLE)
		options.header_canon = SCEAU_DKIM_SIMPLE;
	if (conf->sign_canonicalization == SCEAU_CONF_CANON_RELAXED_SIMPLE ||
	    conf->sign_canonicalization == SCEAU_CONF_CANON_SIMPLE_SIMPLE)
		options.body_canon = SCEAU_DKIM_SIMPLE;
	if (sceau_dkim_new(&options, dkim_r, &reason) == 0)
		return 0;
	if (reason.fault != SCEAU_FAULT_CONFIG)
		return sceau_fail(err, reason.fault, "%s", reason.text);
	return sceau_conf_fail(settings->conf, "sign_headers", err, "%s",
	                       reason.text);
}
