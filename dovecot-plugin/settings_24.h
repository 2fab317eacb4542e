/* settings_24.h - the plugin's settings as Dovecot 2.4 knows them.
 *
 * The same description goes into the plugin and into a module of its own that
 * Dovecot's configuration reader loads (modules/settings/): a setting that the
 * reader does not know is an error. Both must be the same byte for byte.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_SETTINGS_24_H
#define SCEAU_SETTINGS_24_H

#include <lib.h>
#include <settings-parser.h>

/* Filled by Dovecot; lives until settings_free(). */
struct sceau_settings_24 {
	pool_t pool;
	const char *sceau_keys;
	bool sceau_require;
	const char *sceau_auto_init;
	const char *sceau_server_key; /* path LF contents */
	const char *sceau_server_recipient;
	const char *sceau_escrow_recipient;
};

extern const struct setting_parser_info sceau_settings_24_info;

#endif
