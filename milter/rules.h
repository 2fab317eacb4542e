/* rules.h - what a mail is judged by: settings, signing options, keys.
 *
 * One unchanging snapshot with counted references: a mail works with the one
 * it began with, and a reload puts another one in use.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_RULES_H
#define SCEAU_MILTER_RULES_H

#include "base/err.h"
#include "daemon/conf_load.h"
#include "daemon/dkim.h"
#include "daemon/dkim_keys.h"
#include "mail/header_rule.h"
#include "mx_rules.h"

/* Read only. */
struct sceau_rules {
	atomic_uint references;
	struct sceau_settings *settings;
	const char *authserv_id; /* never empty */
	struct sceau_mx_rules *mx; /* mx role; NULL in the sign role */
	struct sceau_dkim *dkim; /* sign role; NULL in the mx role */
	struct sceau_header_rules header; /* none in the mx role */
	struct sceau_dkim_keys *keys; /* sign role; NULL in the mx role */
};

/* Rules of the mx role; it has no keys. Takes a reference to settings.
   Returns 0, *rules_r holding one reference, or -1 with FAULT_CONFIG naming
   the setting, or FAULT_TEMP. */
int sceau_rules_new_mx(struct sceau_settings *settings,
                       struct sceau_rules **rules_r, struct sceau_err *err);

/* Rules of the sign role: reads the header rules and the keys. Returns as
   sceau_rules_new_mx. */
int sceau_rules_new_sign(struct sceau_settings *settings,
                         struct sceau_rules **rules_r, struct sceau_err *err);

/* One more reference; returns rules. */
struct sceau_rules *sceau_rules_ref(struct sceau_rules *rules);

/* Give back one reference and set *rules to NULL; NULL is accepted. */
void sceau_rules_unref(struct sceau_rules **rules);

#endif
