/* keys.h - the account's key directory: enrolled or not, recipient, identity.
 *
 * Nothing at the path: not enrolled. A directory: enrolled, and from then on
 * any trouble with what is in it is an error, never a reason to do without.
 * Files and their forms: lib/age/account_keys.h; how they are trusted:
 * key_file.h. Every error names a path and a remedy.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_KEYS_H
#define SCEAU_KEYS_H

#include "age/account_keys.h"
#include "age/age_identity.h"
#include "base/err.h"
#include "base/random.h"
#include "base/text.h"

/* Whether there is a key directory at dir. Returns 1 or 0, or -1 with err when
   it cannot be told or the directory cannot be trusted. */
int sceau_keys_enrolled(const char *dir, struct sceau_err *err);

/* Read the recipient that mail of this account is sealed to.

   Returns  1  *recipient_r is set
            0  not enrolled
           -1  enrolled, but its recipient is missing, unreadable or invalid */
int sceau_keys_recipient(const char *dir,
                         struct sceau_age_recipient *recipient_r,
                         struct sceau_err *err);

/* Read a file with one public recipient that the admin named, such as
   /etc/sceau/server.recipient. Returns 0, or -1 with FAULT_CONFIG or TEMP. */
int sceau_keys_holder(const char *path, struct sceau_age_recipient *recipient_r,
                      struct sceau_err *err);

/* Open the account's identities as the holder of server_key, the text of an
   identity file (/etc/sceau/server.key). Returns 0 and sets *identities_r,
   which the caller frees, or -1: not enrolled, server_key empty or invalid, no
   server slot, or the slot does not open. */
int sceau_keys_unlock(const char *dir, struct sceau_slice server_key,
                      struct sceau_age_identities **identities_r,
                      struct sceau_err *err);

/* Enrol: make a new identity, sealed to holder in slot, and the key directory
   with it. The directory appears whole or not at all, and an existing one is
   never touched: when somebody else was faster, that is success too. dir's
   parent must exist. Returns 0, or -1 with FAULT_TEMP or CONFIG. */
int sceau_keys_create(const char *dir, enum sceau_key_slot slot,
                      const struct sceau_age_recipient *holder,
                      const struct sceau_random *random, struct sceau_err *err);

#endif
