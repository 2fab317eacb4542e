/* plugin_settings.c - what all Dovecot versions' settings have in common
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/plugin_settings.h"

#include <string.h>

int sceau_settings_auto_init(const char *text, enum sceau_auto_init *value_r)
{
	if (strcmp(text, "no") == 0)
		*value_r = SCEAU_AUTO_INIT_NO;
	else if (strcmp(text, "server") == 0)
		*value_r = SCEAU_AUTO_INIT_SERVER;
	else if (strcmp(text, "escrow") == 0)
		*value_r = SCEAU_AUTO_INIT_ESCROW;
	else
		return -1;
	return 0;
}
