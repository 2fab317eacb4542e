/* plugin.h - what the parts of the plugin share: the account and its policy.
 *
 * Dovecot loads the plugin into imap, pop3, lmtp, dovecot-lda, doveadm and
 * others; each mail user in such a process gets one struct sceau_user. Include
 * <lib.h> first: Dovecot wants it so.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_PLUGIN_H
#define SCEAU_PLUGIN_H

#include <lib.h>
#include <mail-user.h>
#include <mail-storage-private.h>

#include "age/age_identity.h"
#include "base/err.h"
#include "dovecot-plugin/plugin_settings.h"
#include "dovecot-plugin/recent.h"

/* An account with the plugin switched on. */
struct sceau_user {
	union mail_user_module_context module_ctx;
	struct mail_user *user;
	struct sceau_settings set;
	const char *dir; /* the key directory, absolute */
	struct sceau_age_identities *identities; /* NULL until needed */
	struct sceau_recent *recent; /* NULL until a mail is saved */
	unsigned plain_reported; /* plaintext mails found in a sealed box */
	char last_report[800]; /* of a mail that could not be opened */
};

/* Hook: a mail user begins. Sets user->error when the settings are wrong. */
void sceau_user_created(struct mail_user *user);

/* The plugin's part of user, or NULL when the plugin is not switched on for
   it (also Dovecot's internal users). */
struct sceau_user *sceau_user_get(struct mail_user *user);

/* Decide what happens to a mail that is to be saved, and enrol the account
   first where sceau_auto_init says so.

   Returns  1  seal it to *recipient_r
            0  store it as it is: not enrolled, and sceau_require = no
           -1  do not store it: err tells the admin why */
int sceau_user_recipient(struct sceau_user *suser,
                         struct sceau_age_recipient *recipient_r,
                         struct sceau_err *err);

/* The key of one file. Secret: wiped by whoever asked for it. */
struct sceau_file_key {
	uint8_t bytes[SCEAU_AGE_FILE_KEY_SIZE];
	bool is_ours; /* the account's identity opened it; otherwise it is
	                 remembered from writing the file */
};

/* Find the file key of a mail: one just written, or one the account's identity
   opens (unlocked now if it was not yet). data is what header was parsed from.
   Returns OK and *key_r, else a class and err. */
enum sceau_age_status sceau_user_file_key(struct sceau_user *suser,
                                          const struct sceau_age_header *header,
                                          const void *data,
                                          struct sceau_file_key *key_r,
                                          struct sceau_err *err);

/* Whether every mail that the account's identity opens is sealed to recipient:
   false when the identity is not unlocked, has older ones beside it, or belongs
   to another recipient. */
bool sceau_user_is_sole_recipient(const struct sceau_user *suser,
                                  const struct sceau_age_recipient *recipient);

/* Remember the key of a file that is being written, so that it can be read
   back while this user lives. */
void sceau_user_remember(struct sceau_user *suser,
                         const uint8_t mac[SCEAU_AGE_MAC_SIZE],
                         const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE]);

/* Whether the account has a key directory. Also true when that cannot be told:
   then it must not be treated as one that has none. */
bool sceau_user_is_enrolled(const struct sceau_user *suser);

/* Report a mail that lies in plaintext in an enrolled account's mailbox; name
   is its file. After the first few only their number is told, at the end. */
void sceau_user_found_plain(struct sceau_user *suser, const char *name);

/* Hook: a user's namespaces are complete. Sets user->error when the key
   directory lies where an IMAP client could reach it. */
void sceau_roots_check(struct mail_namespace *namespaces);

/* Hook, for every user of the process: a mailbox is about to be used. */
void sceau_save_mailbox_allocated(struct mailbox *box);

/* Hook: a mail is about to be used. */
void sceau_read_mail_allocated(struct mail *mail);

/* How the file of a mail is stored. */
enum sceau_mail_state {
	SCEAU_MAIL_UNKNOWN, /* not opened, or the plugin is not on for it */
	SCEAU_MAIL_PLAIN,
	SCEAU_MAIL_SEALED, /* and opened with the account's identity */
	SCEAU_MAIL_JUST_SEALED, /* by this process, opened with its file key */
};

/* Open mail (if it is not open yet) and say how its file is stored. Returns -1
   with the storage's error set when it cannot be opened. */
int sceau_read_mail_state(struct mail *mail, enum sceau_mail_state *state_r);

/* Keep what is read from the mailbox's mails out of dovecot.index.cache. */
void sceau_no_cache(struct mailbox *box);

#endif
