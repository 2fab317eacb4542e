/* as_user.c - see as_user.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/as_user.h"

#define TIMEOUT_MS 10000

/* What the child sends home, in one write. */
struct result {
	int ret;
	struct sceau_err err;
};

/* Names are looked up before the root changes: the files that hold them are
   out of sight then. */
static int become(const struct sceau_as_user *who, struct sceau_err *err)
{
	const struct passwd *user = getpwnam(who->user);

	if (user == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "user %s does not exist", who->user);
	uid_t uid = user->pw_uid;
	gid_t gid = user->pw_gid;
	int ret = who->has_only_own_group ? setgroups(1, &gid)
	                                  : initgroups(who->user, gid);
	if (ret == 0 && who->directory != NULL)
		ret = chdir(who->directory);
	if (ret == 0 && who->root != NULL && chroot(who->root) < 0)
		ret = -1;
	if (ret == 0 && who->root != NULL)
		ret = chdir("/");
	if (ret < 0 || setgid(gid) < 0 || setuid(uid) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "cannot become user %s: %s", who->user,
		                  strerror(errno));
	return 0;
}

static void child(const struct sceau_as_user *who, sceau_as_user_fn *fn,
                  void *ctx, int fd)
{
	struct result result = { .ret = -1 };

	if (become(who, &result.err) == 0)
		result.ret = fn(ctx, &result.err);
	_exit(write(fd, &result, sizeof(result)) == sizeof(result) ? 0 : 1);
}

/* The result is shorter than what a pipe takes at once, so it comes whole. */
static int receive(int fd, struct result *result_r)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	int ret;

	do {
		ret = poll(&ready, 1, TIMEOUT_MS);
	} while (ret < 0 && errno == EINTR);
	if (ret <= 0)
		return -1;
	return read(fd, result_r, sizeof(*result_r)) == sizeof(*result_r) ? 0
	                                                                  : -1;
}

int sceau_as_user(const struct sceau_as_user *who, sceau_as_user_fn *fn,
                  void *ctx, struct sceau_err *err)
{
	struct result result = { .ret = -1 };
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "pipe: %s",
		                  strerror(errno));
	pid_t pid = fork();
	if (pid == 0)
		child(who, fn, ctx, fds[1]);
	close(fds[1]);
	if (pid < 0 || receive(fds[0], &result) < 0)
		sceau_fail(&result.err, SCEAU_FAULT_TEMP,
		           "no answer as user %s", who->user);
	close(fds[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	*err = result.err;
	return result.ret;
}
