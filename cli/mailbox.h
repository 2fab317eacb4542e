/* mailbox.h - the verbs of `sceau mailbox` and what they share.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_MAILBOX_H
#define SCEAU_CLI_MAILBOX_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "age/age_identity.h"
#include "cli/account.h"
#include "cli/io.h"

#define SCEAU_DEFAULT_STATE_DIR "/var/lib/sceau"
#define SCEAU_DEFAULT_SERVER_KEY "/etc/sceau/server.key"
#define SCEAU_DEFAULT_SERVER_RECIPIENT "/etc/sceau/server.recipient"

/* The command line of one verb. Texts point into argv; NULL: not given. */
struct sceau_mailbox_options {
	const char *user;
	const char *home;
	const char *directory;
	const char *state_dir;
	const char *server; /* file with the server's recipient */
	const char *escrow; /* a recipient */
	const char *server_key;
	struct sceau_io_owner owner;
	enum sceau_age_kind kind; /* of what is made */
	bool wants_json;
};

/* Give options->user an identity and write it to a new key directory. Returns
   an exit status: FINDINGS when the account has one already, CONFIG and TEMP
   with a message. */
int sceau_mailbox_init(const struct sceau_mailbox_options *options);

/* Print what is known of options->user and its keys. Returns an exit status:
   FINDINGS when something is not as it must be. */
int sceau_mailbox_status(const struct sceau_mailbox_options *options);

/* Make the server's identity and its public file. Returns an exit status. */
int sceau_mailbox_server_key(const struct sceau_mailbox_options *options);

/* Where an account's keys are, or will be. */
struct sceau_mailbox_place {
	struct sceau_account account;
	char directory[PATH_MAX];
	char state_dir[PATH_MAX]; /* of the public copies for the key gate */
	char state_name[NAME_MAX + 1]; /* the account's file there */
};

/* Find the place of options->user. Returns 0, or -1 as sceau_account_find. */
int sceau_mailbox_find(const struct sceau_mailbox_options *options,
                       struct sceau_mailbox_place *place,
                       struct sceau_err *err);

/* Read a file that holds one recipient. Returns 0, or -1 with FAULT_CONFIG and
   the path; *exists_r (may be NULL) tells a missing file from a bad one. */
int sceau_mailbox_read_recipient(const char *path,
                                 struct sceau_age_recipient *recipient_r,
                                 bool *exists_r, struct sceau_err *err);

/* Compare the key gate's copy with recipient. Returns 1 when it is the same, 0
   when there is no copy, -1 with FAULT_CONFIG when it differs or is no
   recipient. */
int sceau_mailbox_check_copy(const struct sceau_mailbox_place *place,
                             const struct sceau_age_recipient *recipient,
                             struct sceau_err *err);

#endif
