/* account_keys.h - the key directory of a mail account: names and contents.
 *
 *   recipient                public, one line "age1..." or "age1pq1...": mail
 *                            is sealed to it
 *   identity.password.age    the secret identity, sealed to the login password
 *   identity.app-NAME.age    ... to an app password
 *   identity.recovery.age    ... to a printed recovery code
 *   identity.server.age      ... to the server's own identity
 *   identity.escrow.age      ... to an offline holder
 *
 * Every identity file is an age file of the same identity text, so that `age`
 * alone gets from a holder's key to the mail. Any may be absent, never all.
 * This room only names, reads and writes bytes: files are the caller's.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_ACCOUNT_KEYS_H
#define SCEAU_ACCOUNT_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "age/age_identity.h"
#include "age/age_status.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/random.h"
#include "base/text.h"

#define SCEAU_KEY_RECIPIENT_FILE "recipient"

/* A sealed identity file is never longer than this: identities, one header. */
#define SCEAU_KEY_FILE_MAX (2 * 65536)
/* Longest recipient file that is read; it holds one line and comments. */
#define SCEAU_KEY_RECIPIENT_FILE_MAX 8192
#define SCEAU_KEY_APP_NAME_MAX 64
/* Longest file name of a slot, with its NUL. */
#define SCEAU_KEY_NAME_SIZE 96

/* Who holds a copy of the account's identity. */
enum sceau_key_slot {
	SCEAU_KEY_PASSWORD, /* the login password */
	SCEAU_KEY_RECOVERY, /* a printed code */
	SCEAU_KEY_SERVER, /* this server, /etc/sceau/server.key */
	SCEAU_KEY_ESCROW, /* an offline identity of the admin */
	SCEAU_KEY_APP, /* an app password, one slot for each name */
};

/* File name of a slot in the key directory. app_name is only looked at for
   SCEAU_KEY_APP: 1 to SCEAU_KEY_APP_NAME_MAX of a-z 0-9 '-' '_'. Returns 0, or
   -1 with FAULT_CONFIG for any other app name. */
int sceau_key_slot_file(enum sceau_key_slot slot, const char *app_name,
                        char out[SCEAU_KEY_NAME_SIZE], struct sceau_err *err);

/* Which slot a file name of the key directory stands for. Returns 0 and sets
   *slot_r, or -1 when it is none (also "recipient" and temporary files). */
int sceau_key_slot_of_file(const char *name, enum sceau_key_slot *slot_r);

/* Read the text of a recipient file: exactly one recipient; empty lines and
   '#' comments allowed. Returns 0, or -1 with FAULT_CONFIG and the reason, to
   which the caller adds the path. The same form is used by server.recipient
   and by the copies that the key gate reads. */
int sceau_key_recipient_parse(struct sceau_slice text,
                              struct sceau_age_recipient *recipient_r,
                              struct sceau_err *err);

/* Append the text of a recipient file (one line) to out. Returns 0, or -1 with
   FAULT_TEMP. */
int sceau_key_recipient_format(const struct sceau_age_recipient *recipient,
                               struct sceau_buf *out, struct sceau_err *err);

/* Append the account's identities, sealed to one holder, to out: the content of
   a slot file. identities is never changed. Returns 0, or -1 as
   sceau_age_sealer_new, for out's bound (use SCEAU_KEY_FILE_MAX), and with
   FAULT_CONFIG when identities has a hybrid one and holder is X25519. */
int sceau_key_seal(const struct sceau_age_identities *identities,
                   const struct sceau_age_recipient *holder,
                   const struct sceau_random *random, struct sceau_buf *out,
                   struct sceau_err *err);

/* Open the content of a slot file with a holder's identities and make a new
   set of what is in it: *identities_r, which the caller frees. Returns OK, a
   class of sceau_age_unwrap, PAYLOAD when it was altered or what is inside is
   no identity file, INTERNAL. */
enum sceau_age_status sceau_key_open(struct sceau_slice sealed,
                                     const struct sceau_age_identities *holder,
                                     struct sceau_age_identities **identities_r,
                                     struct sceau_err *err);

/* Whether set holds the secret half of recipient: compared after opening a
   slot, so that a swapped recipient file is noticed before mail is sealed to
   it. */
bool sceau_key_matches(const struct sceau_age_identities *set,
                       const struct sceau_age_recipient *recipient);

/* Whether the directory inner is root or lies below it: the rule that keeps a
   key directory out of every mail root, where IMAP could list and delete it.
   Purely textual: "//", "/./" and "/../" are resolved, links are not (hand in
   real paths where there are any). Returns 1 inside, 0 not inside, -1 with
   FAULT_CONFIG when one of them is not an absolute path below PATH_MAX. */
int sceau_key_path_is_inside(const char *inner, const char *root,
                             struct sceau_err *err);

/* Write the file name under which the public recipient of user is kept for the
   key gate: bytes other than A-Z a-z 0-9 @ . _ - + and a leading '.' become
   %XX. Returns 0, or -1 with FAULT_CONFIG when user is empty or the name does
   not fit into out[size] (a file name has at most 255 bytes). */
int sceau_key_user_file(const char *user, char *out, size_t size,
                        struct sceau_err *err);

#endif
