/* state_child.h - the process that keeps a state file.
 *
 * It is forked off the daemon, reads the old file (or, to make a new one, the
 * daemon's table, of which it has a copy), writes the new one, and then puts
 * the changes it is handed into it, group by group. It ends when the daemon
 * has: what it was handed by then is committed first. SIGTERM and SIGINT, which
 * systemd and terminals send to both, are not for it.
 *
 * It may die of a damaged file at any moment (lmdb_file.h): how it ended tells
 * the daemon what to do.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_STATE_CHILD_H
#define SCEAU_STATE_CHILD_H

#include <stdbool.h>

#include "daemon/state_file.h"

struct sceau_state_child {
	const char *path;
	const struct sceau_lmdb_layout *layout;
	const struct sceau_state_hooks *hooks;
	void *ctx;
	uint64_t now_ns; /* of the file's clock, as far as it is known */
	bool is_from_memory; /* make the file of `each`, do not read it */
	int fd; /* messages, both ways */
};

/* Exit statuses; anything else, or a signal but SIGKILL: taken for damage. */
enum sceau_state_exit {
	SCEAU_STATE_EXIT_DONE = 0, /* the daemon has ended */
	SCEAU_STATE_EXIT_FAILED = 1, /* FAILED was sent, if possible */
	SCEAU_STATE_EXIT_DAMAGED = 2, /* DAMAGED was sent, if possible */
};

/* Be the child: never returns. */
_Noreturn void sceau_state_child_run(const struct sceau_state_child *child);

#endif
