/* settings_23.c - the plugin's settings under Dovecot 2.3: plugin { }
 *
 * Dovecot has expanded %variables in all of them before we are asked, and
 * "</path" into the file's contents, read by root at start.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/plugin_settings.h"

#include <string.h>

#include <mail-namespace.h>
#include <mail-storage-settings.h>

static const char *get(struct mail_user *user, const char *name,
                       const char *default_value)
{
	const char *value = mail_user_plugin_getenv(user, name);

	return value == NULL || *value == '\0' ? default_value : value;
}

int sceau_settings_read(struct mail_user *user, struct sceau_settings *set_r,
                        const char **error_r)
{
	const char *require = get(user, "sceau_require", "yes");
	const char *auto_init = get(user, "sceau_auto_init", "no");

	if (strcmp(require, "yes") != 0 && strcmp(require, "no") != 0) {
		*error_r = "sceau_require must be yes or no";
		return -1;
	}
	set_r->require = strcmp(require, "yes") == 0;
	if (sceau_settings_auto_init(auto_init, &set_r->auto_init) < 0) {
		*error_r = "sceau_auto_init must be no, server or escrow";
		return -1;
	}
	set_r->keys = get(user, "sceau_keys", SCEAU_DEFAULT_KEYS);
	set_r->server_key = get(user, "sceau_server_key", "");
	set_r->server_recipient = get(user, "sceau_server_recipient",
	                              SCEAU_DEFAULT_SERVER_RECIPIENT);
	set_r->escrow_recipient = get(user, "sceau_escrow_recipient",
	                              SCEAU_DEFAULT_ESCROW_RECIPIENT);
	return 0;
}

bool sceau_settings_has_full_access(const struct mail_namespace *ns)
{
	return ns->mail_set->mail_full_filesystem_access;
}

const char *sceau_settings_attachment_dir(const struct mail_storage *storage)
{
	return storage->set->mail_attachment_dir;
}
