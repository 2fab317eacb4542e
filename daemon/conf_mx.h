/* conf_mx.h - settings of sceau-milter's mx role: what it makes of SPF, DKIM
 * and DMARC
 *
 * Socket and name of the role stand in conf_milter.h.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CONF_MX_H
#define SCEAU_CONF_MX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"

/* Order of the words in the rows of mx_spf_fail and mx_bad_from. */
enum sceau_conf_mark {
	SCEAU_CONF_MARK, /* say so in Authentication-Results, nothing else */
	SCEAU_CONF_MARK_REJECT, /* 550 */
};

/* Order of the words in the row of mx_dmarc. */
enum sceau_conf_dmarc {
	SCEAU_CONF_DMARC_OFF, /* not even looked at */
	SCEAU_CONF_DMARC_MARK,
	SCEAU_CONF_DMARC_ENFORCE, /* do what the author's domain asks for */
};

/* Order of the words in the row of mx_dmarc_quarantine. */
enum sceau_conf_quarantine {
	SCEAU_CONF_QUARANTINE_MARK, /* X-Sceau-Quarantine, for Sieve */
	SCEAU_CONF_QUARANTINE_HOLD, /* Postfix's hold queue */
};

/* Order of the words in the row of mx_dmarc_temperror. */
enum sceau_conf_temperror {
	SCEAU_CONF_TEMPERROR_ACCEPT,
	SCEAU_CONF_TEMPERROR_TEMPFAIL, /* 451: the client tries again */
};

/* Strings and lists belong to the struct sceau_settings that holds this. */
struct sceau_conf_mx {
	struct sceau_conf_list exempt_networks;
	struct sceau_conf_list exempt_domains;
	struct sceau_conf_list trusted_relays;
	struct sceau_conf_list trusted_forwarders;
	int spf_engine; /* enum sceau_spf_engine */
	int spf_fail; /* enum sceau_conf_mark */
	bool received_spf;
	uint64_t dkim_signatures;
	int dmarc; /* enum sceau_conf_dmarc */
	int dmarc_quarantine; /* enum sceau_conf_quarantine */
	int dmarc_temperror; /* enum sceau_conf_temperror */
	int bad_from; /* enum sceau_conf_mark */
};

extern const struct sceau_conf_table sceau_conf_mx_table;

#endif
