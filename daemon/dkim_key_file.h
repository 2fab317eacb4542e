/* dkim_key_file.h - the file of a private key: who may see it, what it holds.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DAEMON_DKIM_KEY_FILE_H
#define SCEAU_DAEMON_DKIM_KEY_FILE_H

#include <sys/types.h>

#include "base/err.h"
#include "daemon/dkim_key.h"

/* What the name of a key that signs ends in. */
#define SCEAU_DKIM_KEY_FILE_SUFFIX ".private"

/* Read the file path, of any name, as the key of domain and selector; it must
   be owner's, and nobody else's to see. Returns 0 and *key_r, to be freed, or
   -1 with FAULT_CONFIG (the text names the path and the cure) or
   FAULT_TEMP. */
int sceau_dkim_key_file_read(const char *path, uid_t owner, const char *domain,
                             const char *selector,
                             struct sceau_dkim_key **key_r,
                             struct sceau_err *err);

/* Whether none but owner and root can put a key into the directory path, and we
   can read it. Returns 0, or -1 with FAULT_CONFIG as above. */
int sceau_dkim_key_file_check_directory(const char *path, uid_t owner,
                                        struct sceau_err *err);

#endif
