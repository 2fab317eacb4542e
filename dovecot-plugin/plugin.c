/* plugin.c - Dovecot's entry: register the hooks
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/plugin.h"

#include <mail-storage-hooks.h>
#include <module-dir.h>

#include <sodium.h>

#define EXPORT __attribute__((visibility("default")))

/* Dovecot finds these by name, and loads only what has its own ABI. */
EXPORT extern const char *sceau_plugin_version;
EXPORT void sceau_plugin_init(struct module *module);
EXPORT void sceau_plugin_deinit(void);

const char *sceau_plugin_version = DOVECOT_ABI_VERSION;

/* For users whose mail_plugins name us; lib10: opens before any other. */
static struct mail_storage_hooks hooks = {
	.mail_user_created = sceau_user_created,
	.mail_namespaces_created = sceau_roots_check,
	.mail_allocated = sceau_read_mail_allocated,
};

/* For every user of the process, and sorted as lib95: seals after all. */
static struct mail_storage_hooks save_hooks = {
	.mailbox_allocated = sceau_save_mailbox_allocated,
};

static char save_module_path[] = "lib95_sceau_plugin.so";
static struct module save_module = {
	.path = save_module_path,
};

void sceau_plugin_init(struct module *module)
{
	if (sodium_init() < 0)
		i_fatal("sceau: libsodium cannot be initialised");
	mail_storage_hooks_add(module, &hooks);
	mail_storage_hooks_add_forced(&save_module, &save_hooks);
}

void sceau_plugin_deinit(void)
{
	mail_storage_hooks_remove(&save_hooks);
	mail_storage_hooks_remove(&hooks);
}
