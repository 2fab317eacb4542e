/* account.h - what the system knows of a mail account: home, owner, mail.
 *
 * Dovecot is asked first (doveadm user), since only it knows virtual users;
 * without Dovecot it is the password file.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_ACCOUNT_H
#define SCEAU_CLI_ACCOUNT_H

#include <limits.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"
#include "cli/io.h"

#define SCEAU_ACCOUNT_ROOTS_MAX 8

struct sceau_account {
	char home[PATH_MAX];
	struct sceau_io_owner owner;
	/* Directories that IMAP clients can list; none when not known. */
	char roots[SCEAU_ACCOUNT_ROOTS_MAX][PATH_MAX];
	size_t root_count;
};

/* Find the account user. home, when not NULL, is what the admin says: then not
   knowing the user is no failure. Returns 0, or -1 with FAULT_CONFIG (no such
   user, no home) or FAULT_TEMP (Dovecot is there but does not answer). */
int sceau_account_find(const char *user, const char *home,
                       struct sceau_account *account, struct sceau_err *err);

/* Read the answer of `doveadm user`: lines "field TAB value" of which home,
   uid, gid and the mail location are taken. What it does not name stays as it
   was in *account. For sceau_account_find and its test. */
void sceau_account_read(struct sceau_slice answer,
                        struct sceau_account *account);

/* Refuse (FAULT_CONFIG, with path and remedy) a key directory that lies inside
   one of the account's mail roots. Links are resolved as far as the paths
   exist. Returns 0 when it is out of reach or no root is known. */
int sceau_account_check_directory(const struct sceau_account *account,
                                  const char *directory, struct sceau_err *err);

#endif
