/* conf_mx.c - see conf_mx.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/conf_mx.h"

#include "daemon/spf_check.h"

#define ROW struct sceau_conf_mx

static const struct sceau_conf_key keys[] = {
	SCEAU_CONF_LIST(ROW, exempt_networks, "mx_exempt_networks",
	                "127.0.0.0/8 ::1",
	                "clients whose mail is not checked at all"),
	SCEAU_CONF_LIST(ROW, exempt_domains, "mx_exempt_domains", "",
	                "senders and authors whose mail is marked but never "
	                "refused; anybody can write such a name"),
	SCEAU_CONF_LIST(ROW, trusted_relays, "mx_trusted_relays", "",
	                "backup MX and other hosts of ours that hand on "
	                "foreign mail: SPF is about the host before them"),
	SCEAU_CONF_LIST(ROW, trusted_forwarders, "mx_trusted_forwarders", "",
	                "domains of forwarders and mailing lists: what SPF or "
	                "DKIM passes for one of them is never refused"),
	SCEAU_CONF_CHOICE(ROW, spf_engine, "mx_spf_engine", "builtin",
	                  SCEAU_SPF_ENGINE_WORDS,
	                  "who evaluates SPF; libspf2 is there to compare"),
	SCEAU_CONF_CHOICE(ROW, spf_fail, "mx_spf_fail", "mark", "mark reject",
	                  "what to do when SPF says fail and DMARC does not "
	                  "pass"),
	SCEAU_CONF_BOOL(ROW, received_spf, "mx_received_spf", "no",
	                "write Received-SPF, too, and take out strangers' "
	                "ones"),
	SCEAU_CONF_NUMBER(ROW, dkim_signatures, "mx_dkim_signatures", "8", 1,
	                  64, "DKIM signatures of one mail that are verified"),
	SCEAU_CONF_CHOICE(ROW, dmarc, "mx_dmarc", "mark", "off mark enforce",
	                  "whether DMARC is evaluated, and carried out"),
	SCEAU_CONF_CHOICE(ROW, dmarc_quarantine, "mx_dmarc_quarantine", "mark",
	                  "mark hold",
	                  "what mx_dmarc = enforce does with quarantine"),
	SCEAU_CONF_CHOICE(ROW, dmarc_temperror, "mx_dmarc_temperror", "accept",
	                  "accept tempfail",
	                  "what mx_dmarc = enforce does when DNS gave no "
	                  "answer"),
	SCEAU_CONF_CHOICE(ROW, bad_from, "mx_bad_from", "mark", "mark reject",
	                  "what to do with mail that does not name exactly one "
	                  "author domain"),
};

const struct sceau_conf_table sceau_conf_mx_table = {
	.area = "mx",
	.keys = keys,
	.count = sizeof(keys) / sizeof(keys[0]),
};
