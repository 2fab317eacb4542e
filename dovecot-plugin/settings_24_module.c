/* settings_24_module.c - tell Dovecot 2.4's configuration reader our settings
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/settings_24.h"

#define EXPORT __attribute__((visibility("default")))

/* Dovecot finds these by name. */
EXPORT extern const char *sceau_settings_version;
EXPORT extern const struct setting_parser_info *sceau_settings_set_infos[];

const char *sceau_settings_version = DOVECOT_ABI_VERSION;

const struct setting_parser_info *sceau_settings_set_infos[] = {
	&sceau_settings_24_info,
	NULL,
};
