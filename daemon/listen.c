/* listen.c - see listen.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/listen.h"

/* First descriptor of sd_listen_fds(3). */
#define LISTEN_FDS_START 3
#define LISTEN_FDS_MAX 64

#define FORMS "unix:/PATH, inet:ADDRESS:PORT or inet6:[ADDRESS]:PORT"

static int fail_form(const char *text, struct sceau_err *err)
{
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "\"%s\" is not of the form " FORMS, text);
}

static int parse_unix(const char *path, struct sceau_listen_address *addr,
                      struct sceau_err *err)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&addr->sockaddr;
	size_t len = strlen(path);

	if (path[0] != '/')
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the path in \"unix:%s\" must begin with /",
		                  path);
	if (len >= sizeof(un->sun_path))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the path in \"unix:%.40s...\" has %zu "
		                  "bytes, the system allows %zu: use a "
		                  "shorter one",
		                  path, len, sizeof(un->sun_path) - 1);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, len + 1);
	memcpy(addr->path, path, len + 1);
	addr->sockaddr_len = sizeof(*un);
	addr->is_unix = true;
	snprintf(addr->text, sizeof(addr->text), "unix:%s", path);
	return 0;
}

/* Cut "HOST:PORT" or "[HOST]:PORT" at its last colon. */
static int split_port(const char *rest, bool is_bracketed,
                      struct sceau_listen_address *addr)
{
	const char *colon = strrchr(rest, ':');
	uint64_t port;

	if (colon == NULL || sceau_text_parse_number(sceau_slice_of(colon + 1),
	                                             65535, &port, NULL) < 0)
		return -1;
	struct sceau_slice host = { rest, (size_t)(colon - rest) };
	if (is_bracketed) {
		if (host.len < 2 || host.data[0] != '[' ||
		    host.data[host.len - 1] != ']')
			return -1;
		host.data++;
		host.len -= 2;
	}
	addr->port = (unsigned)port;
	return sceau_slice_copy(host, addr->host, sizeof(addr->host));
}

static int parse_inet(const char *rest, struct sceau_listen_address *addr)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&addr->sockaddr;

	if (split_port(rest, false, addr) < 0)
		return -1;
	if (strcmp(addr->host, "localhost") == 0)
		snprintf(addr->host, sizeof(addr->host), "127.0.0.1");
	if (inet_pton(AF_INET, addr->host, &in->sin_addr) != 1)
		return -1;
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)addr->port);
	addr->sockaddr_len = sizeof(*in);
	snprintf(addr->text, sizeof(addr->text), "inet:%s:%u", addr->host,
	         addr->port);
	return 0;
}

static int parse_inet6(const char *rest, struct sceau_listen_address *addr)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&addr->sockaddr;

	if (split_port(rest, true, addr) < 0)
		return -1;
	if (strcmp(addr->host, "localhost") == 0)
		snprintf(addr->host, sizeof(addr->host), "::1");
	if (inet_pton(AF_INET6, addr->host, &in6->sin6_addr) != 1)
		return -1;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons((uint16_t)addr->port);
	addr->sockaddr_len = sizeof(*in6);
	snprintf(addr->text, sizeof(addr->text), "inet6:[%s]:%u", addr->host,
	         addr->port);
	return 0;
}

int sceau_listen_parse(const char *text, struct sceau_listen_address *addr_r,
                       struct sceau_err *err)
{
	struct sceau_listen_address addr = { .is_unix = false };
	int ret;

	if (strncmp(text, "unix:", 5) == 0) {
		if (parse_unix(text + 5, &addr, err) < 0)
			return -1;
		*addr_r = addr;
		return 0;
	}
	if (strncmp(text, "inet:", 5) == 0)
		ret = parse_inet(text + 5, &addr);
	else if (strncmp(text, "inet6:", 6) == 0)
		ret = parse_inet6(text + 6, &addr);
	else
		ret = -1;
	if (ret < 0)
		return fail_form(text, err);
	*addr_r = addr;
	return 0;
}

/* Name of the user we are, for remedies. */
static const char *who(void)
{
	struct passwd *user = getpwuid(geteuid());

	return user == NULL ? "this user" : user->pw_name;
}

static int check_directory(const struct sceau_listen_address *addr,
                           struct sceau_err *err)
{
	char dir[sizeof(addr->path)];
	struct stat st;

	memcpy(dir, addr->path, sizeof(dir));
	char *slash = strrchr(dir, '/');
	slash[slash == dir ? 1 : 0] = '\0';
	if (stat(dir, &st) < 0 && errno == ENOENT)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: directory %s does not exist: create it, "
		                  "writable for %s",
		                  addr->text, dir, who());
	if (faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: %s may not create files in %s (%s): "
		                  "change its owner or mode",
		                  addr->text, who(), dir, strerror(errno));
	return 0;
}

/* Returns 1 when a socket file is there, 0 when nothing is. */
static int check_path(const struct sceau_listen_address *addr,
                      struct sceau_err *err)
{
	struct stat st;

	if (lstat(addr->path, &st) < 0) {
		if (errno == ENOENT)
			return 0;
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "%s: %s", addr->text,
		                  strerror(errno));
	}
	if (!S_ISSOCK(st.st_mode))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: what is there is not a socket: move it "
		                  "away or choose another path",
		                  addr->text);
	return 1;
}

static int fail_bind(const struct sceau_listen_address *addr,
                     struct sceau_err *err)
{
	switch (errno) {
	case EADDRINUSE:
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "%s: another process listens there: stop it "
		                  "or choose another address",
		                  addr->text);
	case EADDRNOTAVAIL:
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: this host does not have that address",
		                  addr->text);
	case EACCES:
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: %s may not listen there: use a port "
		                  "above 1023 or another directory",
		                  addr->text, who());
	default:
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: cannot listen: %s", addr->text,
		                  strerror(errno));
	}
}

/* A socket bound to addr, or -1 with errno of the step that failed. */
static int bind_socket(const struct sceau_listen_address *addr)
{
	int on = 1;
	int fd = socket(addr->sockaddr.ss_family,
	                SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (!addr->is_unix)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (addr->sockaddr.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&addr->sockaddr,
	         addr->sockaddr_len) < 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

int sceau_listen_check(const struct sceau_listen_address *addr,
                       struct sceau_err *err)
{
	if (addr->is_unix) {
		if (check_directory(addr, err) < 0)
			return -1;
		return check_path(addr, err) < 0 ? -1 : 0;
	}
	int fd = bind_socket(addr);
	if (fd < 0)
		return errno == EADDRINUSE ? 0 : fail_bind(addr, err);
	close(fd);
	return 0;
}

int sceau_listen_clear_stale(const struct sceau_listen_address *addr,
                             struct sceau_err *err)
{
	int ret = addr->is_unix ? check_path(addr, err) : 0;

	if (ret <= 0)
		return ret;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "%s: %s", addr->text,
		                  strerror(errno));
	ret = connect(fd, (const struct sockaddr *)&addr->sockaddr,
	              addr->sockaddr_len);
	int reason = ret < 0 ? errno : 0;
	close(fd);
	/* EAGAIN: somebody listens, and its queue is full. */
	if (reason == 0 || reason == EAGAIN || reason == EINPROGRESS) {
		errno = EADDRINUSE;
		return fail_bind(addr, err);
	}
	if (reason == ENOENT)
		return 0;
	if (reason != ECONNREFUSED)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: a socket is there already and %s cannot "
		                  "tell whether it is in use (%s): remove it "
		                  "if nothing needs it",
		                  addr->text, who(), strerror(reason));
	if (unlink(addr->path) < 0 && errno != ENOENT)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: cannot remove the socket left there "
		                  "(%s): remove it",
		                  addr->text, strerror(errno));
	return 0;
}

/* Number of the environment variable, 0 when it is not one. */
static uint64_t env_number(const char *name)
{
	uint64_t number = 0;
	const char *text = getenv(name);

	if (text != NULL)
		sceau_text_parse_number(sceau_slice_of(text), UINT32_MAX,
		                        &number, NULL);
	return number;
}

static bool is_bound_to(int fd, const struct sceau_listen_address *addr)
{
	struct sockaddr_storage got = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(got);

	if (getsockname(fd, (struct sockaddr *)&got, &len) < 0 ||
	    got.ss_family != addr->sockaddr.ss_family)
		return false;
	if (addr->is_unix)
		return strcmp(((struct sockaddr_un *)&got)->sun_path,
		              addr->path) == 0;
	return len == addr->sockaddr_len &&
	       memcmp(&got, &addr->sockaddr, len) == 0;
}

/* The socket that the service manager bound to addr for us, or -1. */
static int take_activated(const struct sceau_listen_address *addr)
{
	uint64_t count = env_number("LISTEN_FDS");

	if (env_number("LISTEN_PID") != (uint64_t)getpid())
		return -1;
	if (count > LISTEN_FDS_MAX)
		count = LISTEN_FDS_MAX;
	for (int fd = LISTEN_FDS_START; fd < LISTEN_FDS_START + (int)count;
	     fd++) {
		if (is_bound_to(fd, addr)) {
			fcntl(fd, F_SETFD, FD_CLOEXEC);
			fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
			return fd;
		}
	}
	return -1;
}

int sceau_listen_open(const struct sceau_listen_address *addr, int *fd_r,
                      struct sceau_err *err)
{
	int fd = take_activated(addr);

	if (fd >= 0) {
		*fd_r = fd;
		return 0;
	}
	if (addr->is_unix && (check_directory(addr, err) < 0 ||
	                      sceau_listen_clear_stale(addr, err) < 0))
		return -1;
	fd = bind_socket(addr);
	if (fd < 0)
		return fail_bind(addr, err);
	if (listen(fd, SOMAXCONN) < 0) {
		fail_bind(addr, err);
		close(fd);
		return -1;
	}
	*fd_r = fd;
	return 0;
}
