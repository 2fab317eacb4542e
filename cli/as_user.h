/* as_user.h - do something as another user, in a process of its own.
 *
 * What a daemon may do is answered by the system alone: groups, modes,
 * directories on the way and chroot all have a say.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_AS_USER_H
#define SCEAU_CLI_AS_USER_H

#include <stdbool.h>

#include "base/err.h"

/* Who to become and where. */
struct sceau_as_user {
	const char *user;
	bool has_only_own_group; /* no supplementary ones, as Postfix does */
	const char *root; /* chroot there, NULL: not */
	const char *directory; /* work there (before it is left), NULL: not */
};

/* Returns what sceau_as_user is to return: 0 or more, or -1 and err. Runs in
   the child: nothing it changes is seen by the caller. */
typedef int sceau_as_user_fn(void *ctx, struct sceau_err *err);

/* Call fn(ctx) as that user. For root alone. Returns what fn returned, with
   its err; -1 and FAULT_TEMP also when there is no such user, the system
   refuses, or fn does not end within 10 s. */
int sceau_as_user(const struct sceau_as_user *who, sceau_as_user_fn *fn,
                  void *ctx, struct sceau_err *err);

#endif
