/* rules.c - what a mail is judged by: settings, signing options, keys
 *
 * SPDX-License-Identifier: MIT
 */
#include "rules.h"

#include <stdlib.h>

#include "auth/auth_results.h"
#include "daemon/dkim_conf.h"
#include "daemon/header_rules.h"

static struct sceau_rules *rules_new(struct sceau_settings *settings)
{
	struct sceau_rules *rules = calloc(1, sizeof(*rules));

	if (rules == NULL)
		return NULL;
	atomic_init(&rules->references, 1);
	rules->settings = sceau_settings_ref(settings);
	rules->authserv_id = settings->milter.mx_authserv_id;
	if (rules->authserv_id[0] == '\0')
		rules->authserv_id = settings->common.myhostname;
	return rules;
}

int sceau_rules_new_mx(struct sceau_settings *settings,
                       struct sceau_rules **rules_r, struct sceau_err *err)
{
	struct sceau_rules *rules = rules_new(settings);

	if (rules == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	/* An id that nobody could write would let every forged one pass. */
	if (!sceau_auth_results_is_id(sceau_slice_of(rules->authserv_id))) {
		sceau_rules_unref(&rules);
		return sceau_conf_fail(settings->conf, "mx_authserv_id", err,
		                       "must be a name of letters, digits, "
		                       "'.', '-' and '_', such as this host's");
	}
	if (sceau_mx_rules_new(settings, &rules->mx, err) < 0) {
		sceau_rules_unref(&rules);
		return -1;
	}
	*rules_r = rules;
	return 0;
}

static int check_directory(const struct sceau_settings *settings,
                           struct sceau_err *err)
{
	if (settings->milter.sign_key_directory[0] == '/')
		return 0;
	return sceau_conf_fail(settings->conf, "sign_key_directory", err,
	                       "must be a path that begins with /, such as "
	                       "/etc/sceau/dkim");
}

int sceau_rules_new_sign(struct sceau_settings *settings,
                         struct sceau_rules **rules_r, struct sceau_err *err)
{
	struct sceau_rules *rules = rules_new(settings);

	if (rules == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	if (check_directory(settings, err) < 0 ||
	    sceau_dkim_conf_new(settings, &rules->dkim, err) < 0 ||
	    sceau_header_rules_load(settings, &rules->header, err) < 0 ||
	    sceau_dkim_keys_load(settings->milter.sign_key_directory,
	                         &rules->keys, err) < 0) {
		sceau_rules_unref(&rules);
		return -1;
	}
	*rules_r = rules;
	return 0;
}

struct sceau_rules *sceau_rules_ref(struct sceau_rules *rules)
{
	atomic_fetch_add(&rules->references, 1);
	return rules;
}

void sceau_rules_unref(struct sceau_rules **rules)
{
	struct sceau_rules *old = *rules;

	*rules = NULL;
	if (old == NULL || atomic_fetch_sub(&old->references, 1) > 1)
		return;
	sceau_mx_rules_free(&old->mx);
	sceau_dkim_free(&old->dkim);
	sceau_header_rules_deinit(&old->header);
	sceau_dkim_keys_unref(&old->keys);
	sceau_settings_unref(&old->settings);
	free(old);
}
