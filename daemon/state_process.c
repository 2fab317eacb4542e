/* state_process.c - see state_process.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/state_process.h"

#define IN_MAX 65536
#define PART 16384

void sceau_state_process_init(struct sceau_state_process *process)
{
	process->pid = -1;
	process->fd = -1;
	sceau_buf_init(&process->in, IN_MAX);
}

int sceau_state_process_start(struct sceau_state_process *process,
                              const struct sceau_state_child *child,
                              struct sceau_err *err)
{
	struct sceau_state_child own = *child;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no socket: %s",
		                  strerror(errno));
	own.fd = fds[1];
	/* Inherited as ignored, nobody would learn how the child ended. */
	signal(SIGCHLD, SIG_DFL);
	process->pid = fork();
	if (process->pid == 0)
		sceau_state_child_run(&own);
	int failure = errno;
	close(fds[1]);
	if (process->pid < 0) {
		close(fds[0]);
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no process: %s",
		                  strerror(failure));
	}
	process->fd = fds[0];
	return 0;
}

int sceau_state_process_receive(struct sceau_state_process *process,
                                sceau_state_message_fn *fn, void *ctx)
{
	char part[PART];
	enum sceau_state_message kind;
	struct sceau_state_record record;
	size_t pos = 0, used;
	ssize_t n = recv(process->fd, part, sizeof(part), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0 || sceau_buf_append(&process->in, part, (size_t)n) < 0)
		return -1;
	while (sceau_state_message_read(process->in.data + pos,
	                                process->in.used - pos, &kind, &record,
	                                &used) > 0) {
		fn(ctx, kind, &record);
		pos += used;
	}
	sceau_buf_consume(&process->in, pos);
	return 0;
}

void sceau_state_process_close(struct sceau_state_process *process)
{
	if (process->fd >= 0)
		close(process->fd);
	process->fd = -1;
	sceau_buf_clear(&process->in);
}

/* What a process dies of by itself when a page it has mapped is not there or
   not what it was. Other signals are sent by somebody. */
static bool is_of_damage(int signo)
{
	return signo == SIGBUS || signo == SIGSEGV || signo == SIGABRT ||
	       signo == SIGILL || signo == SIGFPE;
}

enum sceau_state_end
sceau_state_process_reap(struct sceau_state_process *process, int *signo_r)
{
	int status = 0;
	pid_t pid = waitpid(process->pid, &status, WNOHANG);

	*signo_r = 0;
	if (pid == 0)
		return SCEAU_STATE_END_NONE;
	process->pid = -1;
	if (pid < 0)
		return SCEAU_STATE_END_ORDINARY;
	if (WIFSIGNALED(status)) {
		*signo_r = WTERMSIG(status);
		return is_of_damage(*signo_r) ? SCEAU_STATE_END_DAMAGE
		                              : SCEAU_STATE_END_KILLED;
	}
	return WEXITSTATUS(status) == SCEAU_STATE_EXIT_DAMAGED
	               ? SCEAU_STATE_END_DAMAGE
	               : SCEAU_STATE_END_ORDINARY;
}

void sceau_state_process_deinit(struct sceau_state_process *process)
{
	sceau_state_process_close(process);
	sceau_buf_deinit(&process->in);
}
