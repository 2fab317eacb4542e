/* settings_24_info.c - the plugin's settings described for Dovecot 2.4
 *
 * Linked into the plugin and into the settings module (settings_24.h).
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/settings_24.h"

#include <stddef.h>

#include "dovecot-plugin/plugin_settings.h"

#define DEF(type, name)                                                        \
	SETTING_DEFINE_STRUCT_##type(#name, name, struct sceau_settings_24)

static const struct setting_define defines[] = {
	DEF(STR, sceau_keys),
	DEF(BOOL, sceau_require),
	DEF(ENUM, sceau_auto_init),
	DEF(FILE, sceau_server_key),
	DEF(STR, sceau_server_recipient),
	DEF(STR, sceau_escrow_recipient),

	SETTING_DEFINE_LIST_END,
};

static const struct sceau_settings_24 defaults = {
	.sceau_keys = SCEAU_DEFAULT_KEYS,
	.sceau_require = TRUE,
	.sceau_auto_init = "no:server:escrow",
	.sceau_server_key = "",
	.sceau_server_recipient = SCEAU_DEFAULT_SERVER_RECIPIENT,
	.sceau_escrow_recipient = SCEAU_DEFAULT_ESCROW_RECIPIENT,
};

const struct setting_parser_info sceau_settings_24_info = {
	.name = "sceau",
	.plugin_dependency = "lib10_sceau_plugin",
	.defines = defines,
	.defaults = &defaults,
	.struct_size = sizeof(struct sceau_settings_24),
	.pool_offset1 = 1 + offsetof(struct sceau_settings_24, pool),
};
