/* privilege.h - stop being root, for good, and leave no core file.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_PRIVILEGE_H
#define SCEAU_PRIVILEGE_H

#include "base/err.h"

/* If we are root, become user with its groups, and prove that there is no way
   back. If we are not, do nothing: the service manager chose who we are.
   Returns -1 and FAULT_CONFIG when there is no such user or it is root,
   FAULT_TEMP when the system refuses; the process must then end. */
int sceau_privilege_drop(const char *user, struct sceau_err *err);

/* No core files, no ptrace by others, no privileges gained by exec; files
   that we make are for owner and group only (umask 007). */
void sceau_privilege_harden(void);

#endif
