/* state_process.h - the daemon's end of the line to the child that keeps a
 * state file (state_child.h).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_STATE_PROCESS_H
#define SCEAU_STATE_PROCESS_H

#include <sys/types.h>

#include "base/buf.h"
#include "daemon/state_child.h"

/* Owned by the caller; read fd and pid. */
struct sceau_state_process {
	pid_t pid; /* -1: none, or reaped */
	int fd; /* -1: closed */
	struct sceau_buf in;
};

enum sceau_state_end {
	SCEAU_STATE_END_NONE, /* it still lives */
	SCEAU_STATE_END_ORDINARY, /* it said why, or the daemon ended it */
	SCEAU_STATE_END_KILLED, /* by somebody's signal */
	SCEAU_STATE_END_DAMAGE, /* the file is damaged: it said so or died */
};

/* Make process empty. */
void sceau_state_process_init(struct sceau_state_process *process);

/* Fork and let the new process be child, with a line of its own for fd. -1 and
   FAULT_TEMP when the system refuses. SIGCHLD is no longer ignored then. */
int sceau_state_process_start(struct sceau_state_process *process,
                              const struct sceau_state_child *child,
                              struct sceau_err *err);

typedef void sceau_state_message_fn(void *ctx, enum sceau_state_message kind,
                                    const struct sceau_state_record *record);

/* Take what has come, without waiting, and give each message to fn. Returns
   -1 when nothing will come any more. */
int sceau_state_process_receive(struct sceau_state_process *process,
                                sceau_state_message_fn *fn, void *ctx);

/* Hang up: a child that lives commits what it was given and ends. */
void sceau_state_process_close(struct sceau_state_process *process);

/* How it ended, if it has; pid is then -1. signo_r: by which signal, or 0. */
enum sceau_state_end
sceau_state_process_reap(struct sceau_state_process *process, int *signo_r);

/* Hang up and release. The child, if it lives, is left to itself. */
void sceau_state_process_deinit(struct sceau_state_process *process);

#endif
