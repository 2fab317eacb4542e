/* secret.h - read files that hold secrets, into locked memory.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_SECRET_H
#define SCEAU_CLI_SECRET_H

#include <stddef.h>

#include "age/age_identity.h"
#include "base/err.h"
#include "base/text.h"

/* The content of a secret file. */
struct sceau_secret {
	char *data; /* locked memory, or NULL */
	size_t len;
};

/* Read the file path of at most max bytes. Returns 0, or -1 with FAULT_CONFIG
   (it cannot be opened, is too long) or FAULT_TEMP. */
int sceau_secret_read(const char *path, size_t max, struct sceau_secret *secret,
                      struct sceau_err *err);

/* Wipe and free; data becomes NULL. NULL inside is fine. */
void sceau_secret_free(struct sceau_secret *secret);

/* Add the identities of the file path to set. Returns 0, or -1 with
   FAULT_CONFIG and path (and line), or FAULT_TEMP. */
int sceau_secret_read_identities(const char *path,
                                 struct sceau_age_identities *set,
                                 struct sceau_err *err);

/* Read the first line of the file path (without its end) as a passphrase: a
   view into *secret, which the caller frees. Returns 0, or -1 with FAULT_CONFIG
   (not readable, empty, longer than SCEAU_AGE_PASSPHRASE_MAX) or FAULT_TEMP. */
int sceau_secret_read_passphrase(const char *path, struct sceau_secret *secret,
                                 struct sceau_slice *passphrase_r,
                                 struct sceau_err *err);

#endif
