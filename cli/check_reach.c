/* check_reach.c - whether Postfix reaches the sockets it names
 *
 * Tried as Postfix itself would: as its user with its one group, from within
 * the chroot where the service is chrooted. A daemon that does not run is told
 * apart from one that cannot be reached.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/as_user.h"
#include "cli/check_host.h"

#define CONNECT_MS 5000

/* One try, and what stopped it. */
struct attempt {
	const struct sceau_check_mention *mention;
	char path[512]; /* as the service sees it */
};

/* --- in the child --- */

/* The shortest beginning of path that may not be passed goes into err->text;
   all of it when that is the socket's own mode. */
static void find_obstacle(const char *path, struct sceau_err *err)
{
	char part[512];

	for (size_t i = 1; path[i] != '\0'; i++) {
		if (path[i] != '/')
			continue;
		(void)snprintf(part, sizeof(part), "%.*s", (int)i, path);
		if (access(part, X_OK) < 0) {
			sceau_fail(err, SCEAU_FAULT_CONFIG, "%s", part);
			return;
		}
	}
	sceau_fail(err, SCEAU_FAULT_CONFIG, "%s", path);
}

static int wait_connected(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	int error = ETIMEDOUT;
	socklen_t len = sizeof(error);

	if (poll(&ready, 1, CONNECT_MS) > 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	return error;
}

static int try_connect(const struct sockaddr *address, socklen_t len)
{
	int fd = socket(address->sa_family,
	                SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return errno;
	if (connect(fd, address, len) < 0)
		error = errno == EINPROGRESS ? wait_connected(fd) : errno;
	close(fd);
	return error;
}

static int try_path(const char *path, struct sceau_err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat st;
	int error;

	if (strlen(path) >= sizeof(address.sun_path))
		return ENAMETOOLONG;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (stat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return ENOTSOCK;
	error = try_connect((const struct sockaddr *)&address, sizeof(address));
	if (error == EACCES)
		find_obstacle(path, err);
	return error;
}

/* A busy socket's queue is full: somebody listens. */
static int try_mention(void *ctx, struct sceau_err *err)
{
	const struct attempt *attempt = ctx;
	const struct sceau_listen_address *ours =
		&attempt->mention->socket->address;
	int error = ours->is_unix
	                    ? try_path(attempt->path, err)
	                    : try_connect(
				      (const struct sockaddr *)&ours->sockaddr,
				      ours->sockaddr_len);

	return error == EAGAIN ? 0 : error;
}

/* --- findings --- */

static const char *queue_of(const struct sceau_check_host *host)
{
	return sceau_postfix_conf_get(&host->postfix, NULL, "queue_directory");
}

/* path of ours below the queue directory, NULL when it is elsewhere. */
static const char *below_queue(const struct sceau_check_host *host,
                               const char *path)
{
	const char *queue = queue_of(host);
	size_t len = strlen(queue);

	return strncmp(path, queue, len) == 0 && path[len] == '/'
	               ? path + len + 1
	               : NULL;
}

/* The socket is another one than Postfix would open. */
static void say_misplaced(struct sceau_check_host *host,
                          const struct sceau_check_mention *mention)
{
	const struct sceau_check_socket *socket = mention->socket;
	bool is_chrooted = sceau_postfix_conf_is_chrooted(&host->postfix,
	                                                  mention->service);
	const char *below = below_queue(host, socket->address.path);
	struct sceau_check_finding *finding = sceau_check_add_postfix(
		host, SCEAU_CHECK_ERROR, "socket-path", mention->service,
		mention->parameter);

	if (finding == NULL)
		return;
	sceau_check_say(
		finding->what, "%s/%s%s%s looks for %.*s, but %s listens on %s",
		mention->service->name, mention->service->type,
		is_chrooted ? ", chrooted in " : "",
		is_chrooted ? queue_of(host) : "", (int)mention->word.text.len,
		mention->word.text.data, socket->unit, socket->address.path);
	if (below != NULL)
		sceau_check_say(finding->remedy, "write unix:%s", below);
	else
		sceau_check_say(finding->remedy,
		                "set %s = unix:%s/sceau/%s in sceau.conf and "
		                "write unix:sceau/%s here",
		                socket->setting, queue_of(host), socket->name,
		                socket->name);
}

static void say_down(struct sceau_check_host *host,
                     const struct sceau_check_mention *mention)
{
	struct sceau_check_finding *finding = sceau_check_add_postfix(
		host, SCEAU_CHECK_ERROR, "daemon-down", mention->service,
		mention->parameter);

	if (finding == NULL)
		return;
	sceau_check_say(finding->what, "nobody serves %s: %s does not run",
	                mention->socket->address.text, mention->socket->unit);
	sceau_check_say(finding->remedy, "systemctl start %s",
	                mention->socket->unit);
}

/* seen is where the way ends, as the service sees it. */
static void say_denied(struct sceau_check_host *host,
                       const struct sceau_check_mention *mention,
                       const char *seen)
{
	bool is_below = seen[0] != '/' ||
	                sceau_postfix_conf_is_chrooted(&host->postfix,
	                                               mention->service);
	struct sceau_check_finding *finding = sceau_check_add_postfix(
		host, SCEAU_CHECK_ERROR, "socket-access", mention->service,
		mention->parameter);
	const struct sceau_check_socket *socket = mention->socket;
	char path[512], access[512];
	struct stat st;

	if (finding == NULL)
		return;
	(void)snprintf(path, sizeof(path), "%s%s%s",
	               is_below ? queue_of(host) : "",
	               is_below && seen[0] != '/' ? "/" : "", seen);
	sceau_check_say_access(access, path);
	sceau_check_say(
		finding->what, "user %s may not pass %s (%s)",
		sceau_postfix_conf_get(&host->postfix, NULL, "mail_owner"),
		path, access);
	if (stat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		sceau_check_say(finding->remedy,
		                "give its directory the group postfix and the "
		                "mode 3770, then restart %s",
		                socket->unit);
	else
		sceau_check_say(finding->remedy,
		                "chgrp postfix %s && chmod g+x %s",
		                sceau_check_quote(path).text,
		                sceau_check_quote(path).text);
}

static void say_other(struct sceau_check_host *host,
                      const struct sceau_check_mention *mention,
                      const char *reason)
{
	struct sceau_check_finding *finding = sceau_check_add_postfix(
		host, SCEAU_CHECK_ERROR, "socket-access", mention->service,
		mention->parameter);

	if (finding == NULL)
		return;
	sceau_check_say(finding->what, "%s/%s cannot reach %.*s: %s",
	                mention->service->name, mention->service->type,
	                (int)mention->word.text.len, mention->word.text.data,
	                reason);
	sceau_check_say(finding->remedy, "see that %s runs and listens on %s",
	                mention->socket->unit, mention->socket->address.text);
}

static void try_it(struct sceau_check_host *host,
                   const struct sceau_check_mention *mention)
{
	struct attempt attempt = { .mention = mention };
	bool is_chrooted = sceau_postfix_conf_is_chrooted(&host->postfix,
	                                                  mention->service);
	struct sceau_as_user who = {
		.user = sceau_postfix_conf_get(&host->postfix, NULL,
		                               "mail_owner"),
		.has_only_own_group = true,
		.root = is_chrooted ? queue_of(host) : NULL,
		.directory = queue_of(host),
	};
	struct sceau_err err;

	if (sceau_slice_copy(mention->peer.path, attempt.path,
	                     sizeof(attempt.path)) < 0)
		return;
	int ret = sceau_as_user(&who, try_mention, &attempt, &err);
	if (ret == 0)
		return;
	if (ret == ENOENT || ret == ECONNREFUSED)
		say_down(host, mention);
	else if (ret == EACCES && err.text[0] != '\0')
		say_denied(host, mention, err.text);
	else
		say_other(host, mention, ret > 0 ? strerror(ret) : err.text);
}

/* Whether an earlier mention was the same question. */
static bool was_tried(const struct sceau_check_host *host, size_t index)
{
	const struct sceau_check_mention *mention = &host->mentions[index];
	const struct sceau_postfix_conf *conf = &host->postfix;

	for (size_t i = 0; i < index; i++) {
		const struct sceau_check_mention *other = &host->mentions[i];

		if (other->socket == mention->socket && other->is_exact &&
		    sceau_postfix_conf_is_chrooted(conf, other->service) ==
		            sceau_postfix_conf_is_chrooted(conf,
		                                           mention->service))
			return true;
	}
	return false;
}

void sceau_check_reach(struct sceau_check_host *host)
{
	for (size_t i = 0; i < host->mention_count; i++) {
		const struct sceau_check_mention *mention = &host->mentions[i];

		if (!mention->is_exact)
			say_misplaced(host, mention);
		else if (host->is_root && !was_tried(host, i))
			try_it(host, mention);
	}
	if (host->mention_count > 0 && !host->is_root)
		sceau_check_note(host->check,
		                 "not root: whether Postfix reaches our "
		                 "sockets is not tried");
}
