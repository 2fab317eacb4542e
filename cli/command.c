/* command.c - see command.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/command.h"

/* How the child says that there is no such program, as shells do. */
#define STATUS_NO_PROGRAM 127

/* A running program and the ends of its pipes, -1 when closed. */
struct child {
	pid_t pid;
	int out_fd;
	int err_fd;
	uint64_t end_ms;
	struct sceau_command_answer *answer;
	char line[256]; /* of standard error, so far; what is longer is cut */
	size_t line_len;
	bool is_decided; /* no later line is a better complaint */
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void exec_program(const char *const argv[], int out_fd, int err_fd)
{
	const char *path = getenv("PATH");
	char longer[4096];
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 ||
	    dup2(out_fd, STDOUT_FILENO) < 0 || dup2(err_fd, STDERR_FILENO) < 0)
		_exit(EXIT_FAILURE);
	(void)snprintf(longer, sizeof(longer), "%s:/usr/sbin:/sbin",
	               path != NULL ? path : "/usr/bin:/bin");
	setenv("PATH", longer, 1);
	setenv("LC_ALL", "C", 1);
	/* a group of its own, so that what it starts can be killed, too */
	setpgid(0, 0);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(errno == ENOENT ? STATUS_NO_PROGRAM : EXIT_FAILURE);
}

static int start(const char *const argv[], struct child *child,
                 struct sceau_err *err)
{
	int out[2], errors[2];

	if (pipe2(out, O_CLOEXEC) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "%s: %s", argv[0],
		                  strerror(errno));
	if (pipe2(errors, O_CLOEXEC) < 0) {
		close(out[0]);
		close(out[1]);
		return sceau_fail(err, SCEAU_FAULT_TEMP, "%s: %s", argv[0],
		                  strerror(errno));
	}
	child->pid = fork();
	if (child->pid == 0)
		exec_program(argv, out[1], errors[1]);
	close(out[1]);
	close(errors[1]);
	child->out_fd = out[0];
	child->err_fd = errors[0];
	if (child->pid < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "%s: %s", argv[0],
		                  strerror(errno));
	return 0;
}

/* A line of standard error has ended. */
static void end_line(struct child *child)
{
	char *line = child->line;

	line[child->line_len] = '\0';
	child->line_len = 0;
	if (line[0] == '\0' || child->is_decided)
		return;
	child->is_decided = strcasestr(line, "fatal:") != NULL ||
	                    strcasestr(line, "error:") != NULL;
	sceau_text_make_printable(line);
	memcpy(child->answer->complaint, line, sizeof(child->line));
}

static void keep_complaint(struct child *child, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n')
			end_line(child);
		else if (child->line_len < sizeof(child->line) - 1)
			child->line[child->line_len++] = data[i] == '\0'
			                                         ? ' '
			                                         : data[i];
	}
}

/* Read what one pipe has; closes it at its end. */
static int drain(struct child *child, int *fd, struct sceau_err *err)
{
	char part[16384];
	ssize_t got = read(*fd, part, sizeof(part));

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got <= 0) {
		close(*fd);
		*fd = -1;
		return 0;
	}
	if (fd == &child->err_fd)
		keep_complaint(child, part, (size_t)got);
	else if (sceau_buf_append(child->answer->out, part, (size_t)got) < 0)
		return sceau_fail(err, SCEAU_FAULT_LIMIT, "it prints too much");
	return 0;
}

static int read_all(struct child *child, struct sceau_err *err)
{
	while (child->out_fd >= 0 || child->err_fd >= 0) {
		struct pollfd fds[] = {
			{ .fd = child->out_fd, .events = POLLIN },
			{ .fd = child->err_fd, .events = POLLIN },
		};
		uint64_t now = now_ms();
		int left = now < child->end_ms ? (int)(child->end_ms - now) : 0;

		if (poll(fds, 2, left) == 0)
			return sceau_fail(err, SCEAU_FAULT_TEMP,
			                  "it does not end");
		if (fds[0].revents != 0 &&
		    drain(child, &child->out_fd, err) < 0)
			return -1;
		if (fds[1].revents != 0 &&
		    drain(child, &child->err_fd, err) < 0)
			return -1;
	}
	return 0;
}

/* It has closed its pipes, so it is about to end; one that does not is killed
   at its deadline. */
static int reap(struct child *child, int *status_r)
{
	bool is_killed = false;

	for (;;) {
		pid_t got = waitpid(child->pid, status_r, WNOHANG);

		if (got == child->pid)
			return is_killed ? -1 : 0;
		if (got < 0 && errno != EINTR)
			return -1;
		if (!is_killed && now_ms() >= child->end_ms) {
			kill(-child->pid, SIGKILL);
			kill(child->pid, SIGKILL);
			is_killed = true;
		}
		poll(NULL, 0, 2);
	}
}

int sceau_command_run(const char *const argv[], unsigned timeout_ms,
                      struct sceau_command_answer *answer,
                      struct sceau_err *err)
{
	struct child child = { .out_fd = -1,
		               .err_fd = -1,
		               .end_ms = now_ms() + timeout_ms,
		               .answer = answer };
	int status = 0;

	answer->complaint[0] = '\0';
	answer->status = 0;
	int ret = start(argv, &child, err);
	if (ret == 0)
		ret = read_all(&child, err);
	if (ret < 0)
		child.end_ms = 0;
	if (child.out_fd >= 0)
		close(child.out_fd);
	if (child.err_fd >= 0)
		close(child.err_fd);
	if (child.pid > 0 && reap(&child, &status) < 0 && ret == 0)
		ret = sceau_fail(err, SCEAU_FAULT_TEMP, "it does not end");
	end_line(&child);
	if (ret < 0)
		return sceau_fail_in(err, "%s", argv[0]);
	answer->status = WIFEXITED(status) ? WEXITSTATUS(status)
	                                   : 128 + WTERMSIG(status);
	return answer->status == STATUS_NO_PROGRAM ? 1 : 0;
}
