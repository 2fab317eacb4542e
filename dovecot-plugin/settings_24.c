/* settings_24.c - the plugin's settings under Dovecot 2.4
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/plugin_settings.h"

#include <mail-namespace.h>
#include <mail-storage-settings.h>
#include <mailbox-list.h>
#include <settings.h>

#include "dovecot-plugin/settings_24.h"

int sceau_settings_read(struct mail_user *user, struct sceau_settings *set_r,
                        const char **error_r)
{
	const struct sceau_settings_24 *set;
	struct settings_file key;

	if (settings_get(user->event, &sceau_settings_24_info, 0, &set,
	                 error_r) < 0)
		return -1;
	set_r->require = set->sceau_require;
	if (sceau_settings_auto_init(set->sceau_auto_init, &set_r->auto_init) <
	    0)
		i_unreached(); /* Dovecot has checked the choices */
	set_r->keys = p_strdup(user->pool, set->sceau_keys);
	settings_file_get(set->sceau_server_key, user->pool, &key);
	set_r->server_key = p_strdup(user->pool, key.content);
	set_r->server_recipient = p_strdup(user->pool,
	                                   set->sceau_server_recipient);
	set_r->escrow_recipient = p_strdup(user->pool,
	                                   set->sceau_escrow_recipient);
	settings_free(set);
	return 0;
}

bool sceau_settings_has_full_access(const struct mail_namespace *ns)
{
	return mailbox_list_get_mail_set(ns->list)->mail_full_filesystem_access;
}

const char *sceau_settings_attachment_dir(const struct mail_storage *storage)
{
	return storage->set->mail_ext_attachment_path;
}
