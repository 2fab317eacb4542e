/* plugin_settings.h - the plugin's settings, the same on every Dovecot.
 *
 * Where they come from differs: settings_23.c reads plugin {} of Dovecot 2.3,
 * settings_24.c the settings of 2.4. Exactly one of them is built.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_PLUGIN_SETTINGS_H
#define SCEAU_PLUGIN_SETTINGS_H

#include <lib.h>
#include <mail-user.h>
#include <mail-storage-private.h>

#define SCEAU_DEFAULT_KEYS "~/.sceau"
#define SCEAU_DEFAULT_SERVER_RECIPIENT "/etc/sceau/server.recipient"
#define SCEAU_DEFAULT_ESCROW_RECIPIENT "/etc/sceau/escrow.recipient"

/* To whom a first delivery may seal the identity it makes. */
enum sceau_auto_init {
	SCEAU_AUTO_INIT_NO,
	SCEAU_AUTO_INIT_SERVER,
	SCEAU_AUTO_INIT_ESCROW,
};

/* All strings live as long as the user. */
struct sceau_settings {
	const char *keys; /* key directory, "~/" not yet expanded */
	bool require; /* no plaintext for accounts that are not enrolled */
	enum sceau_auto_init auto_init;
	const char *server_key; /* secret: text of an identity file, or "" */
	const char *server_recipient; /* path */
	const char *escrow_recipient; /* path */
};

/* Read the settings of user. Returns 0, or -1 with *error_r: one line that
   names the setting. */
int sceau_settings_read(struct mail_user *user, struct sceau_settings *set_r,
                        const char **error_r);

/* Whether IMAP clients of this namespace may name any path of the file system
   as a folder (mail_full_filesystem_access). */
bool sceau_settings_has_full_access(const struct mail_namespace *ns);

/* The directory outside of the mails' files where this storage puts their
   attachments, or "" when it does not. */
const char *sceau_settings_attachment_dir(const struct mail_storage *storage);

/* Read the value of sceau_auto_init. Returns 0, or -1 when it is none. */
int sceau_settings_auto_init(const char *text, enum sceau_auto_init *value_r);

#endif
