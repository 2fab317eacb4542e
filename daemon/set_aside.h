/* set_aside.h - out of the way with a damaged file, but not away.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_SET_ASIDE_H
#define SCEAU_SET_ASIDE_H

#include <stddef.h>
#include <time.h>

#include "base/err.h"

/* So many are kept of one file; older ones are removed. */
#define SCEAU_SET_ASIDE_MAX 3

/* Rename what is at path, a file or whatever, to path.damaged-TIME, TIME being
   that of the process that asks, 20260102T030405Z, and one more letter where
   that name is taken. Removes the oldest files so named beyond
   SCEAU_SET_ASIDE_MAX; directories are left alone. The new name is put into
   name[size]. Returns -1 and FAULT_TEMP when it cannot be renamed. */
int sceau_set_aside(const char *path, time_t now, char *name, size_t size,
                    struct sceau_err *err);

#endif
