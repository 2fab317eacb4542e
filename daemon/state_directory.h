/* state_directory.h - where a daemon keeps what outlives it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_STATE_DIRECTORY_H
#define SCEAU_STATE_DIRECTORY_H

#include "base/err.h"

/* Whether a daemon can keep its files in directory: it is there, or can be
   made; ours to write and not everybody's; on no remote file system. Changes
   nothing. Returns -1 and FAULT_CONFIG with path and remedy. */
int sceau_state_directory_check(const char *directory, struct sceau_err *err);

/* Make directory (not its parents), mode 0750, if it is not there, then check
   it as above. */
int sceau_state_directory_make(const char *directory, struct sceau_err *err);

/* The same for the directory that file stands in. FAULT_TEMP: no memory. */
int sceau_state_directory_make_for(const char *file, struct sceau_err *err);

#endif
