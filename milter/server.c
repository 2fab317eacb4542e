/* server.c - libmilter's listener, on a thread of its own
 *
 * libmilter hides its socket and handles signals by itself. So: the listening
 * descriptor is looked for, and everything of libmilter runs with signals
 * blocked, which leaves them to the loop on the main thread (the kernel gives
 * a signal of the process to its main thread whenever that takes it).
 *
 * SPDX-License-Identifier: MIT
 */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <libmilter/mfapi.h>

#include "daemon/log.h"

#define STOP_WAIT_MS 2000
#define BACKLOG 128

struct sceau_server {
	struct sceau_milter *milter;
	void (*lost)(void *ctx);
	void *ctx;
	struct sceau_listen_address addr;
};

static void *serve(void *arg)
{
	struct sceau_server *server = arg;
	int ret = smfi_main();

	if (!atomic_load(&server->milter->is_stopping)) {
		sceau_log(SCEAU_LOG_ERROR, "libmilter stopped serving (%d)",
		          ret);
		server->lost(server->ctx);
	}
	return NULL;
}

/* The form of an address that libmilter reads. */
static void connection_text(const struct sceau_listen_address *addr, char *out,
                            size_t size)
{
	if (addr->is_unix)
		(void)snprintf(out, size, "unix:%s", addr->path);
	else
		(void)snprintf(out, size, "%s:%u@%s",
		               addr->sockaddr.ss_family == AF_INET6 ? "inet6"
		                                                    : "inet",
		               addr->port, addr->host);
}

static bool is_ours(int fd, const struct sceau_listen_address *addr)
{
	struct sockaddr_storage own;
	socklen_t len = sizeof(own);
	int listens = 0;
	socklen_t size = sizeof(listens);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 ||
	    listens == 0)
		return false;
	memset(&own, 0, sizeof(own));
	if (getsockname(fd, (struct sockaddr *)&own, &len) < 0 ||
	    own.ss_family != addr->sockaddr.ss_family)
		return false;
	if (addr->is_unix)
		return strcmp(((struct sockaddr_un *)&own)->sun_path,
		              addr->path) == 0;
	/* sin6_port stands at the same place */
	return ntohs(((struct sockaddr_in *)&own)->sin_port) == addr->port;
}

static int find_listener(const struct sceau_listen_address *addr)
{
	struct rlimit limit = { .rlim_cur = 1024 };

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	for (int fd = 3; fd < 1024 && (rlim_t)fd < limit.rlim_cur; fd++) {
		if (is_ours(fd, addr))
			return fd;
	}
	return -1;
}

static int open_socket(const struct sceau_listen_address *addr,
                       struct sceau_err *err)
{
	char text[256];
	int fd, one = 1;

	if (sceau_listen_check(addr, err) < 0 ||
	    sceau_listen_clear_stale(addr, err) < 0)
		return -1;
	connection_text(addr, text, sizeof(text));
	(void)smfi_setbacklog(BACKLOG);
	if (smfi_setconn(text) != MI_SUCCESS ||
	    smfi_opensocket(false) != MI_SUCCESS)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "%s: libmilter cannot listen here; is "
		                  "another process using it?",
		                  addr->text);
	fd = find_listener(addr);
	if (fd < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "%s: libmilter's socket is not to be found",
		                  addr->text);
	/* Accepted sockets inherit it. Without it the verdict, which follows
	   an edit, waits 40 ms for the ACK of the edit. */
	if (!addr->is_unix &&
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "%s: TCP_NODELAY: %s",
		                  addr->text, strerror(errno));
	return 0;
}

/* Threads inherit the mask of the one that starts them. */
static int start_thread(struct sceau_server *server)
{
	sigset_t all, before;
	pthread_t thread;
	int ret;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = pthread_create(&thread, NULL, serve, server);
	if (ret == 0)
		(void)pthread_detach(thread);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ret;
}

int sceau_server_start(struct sceau_milter *milter,
                       const struct sceau_listen_address *addr,
                       void (*lost)(void *ctx), void *ctx,
                       struct sceau_server **server_r, struct sceau_err *err)
{
	struct sceau_server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	server->milter = milter;
	server->lost = lost;
	server->ctx = ctx;
	server->addr = *addr;
	if (sceau_milter_register(milter, err) < 0 ||
	    open_socket(addr, err) < 0) {
		free(server);
		return -1;
	}
	if (start_thread(server) != 0) {
		free(server);
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no thread");
	}
	*server_r = server;
	return 0;
}

/* Wait until *count is 0, or for a while; and a moment more, in which libmilter
   sends what a callback has returned. */
static void wait_for_none(atomic_int *count)
{
	const struct timespec tick = { .tv_nsec = 10 * 1000 * 1000 };

	for (int ms = 0; ms < STOP_WAIT_MS && atomic_load(count) > 0; ms += 10)
		(void)nanosleep(&tick, NULL);
	(void)nanosleep(&tick, NULL);
}

/* smfi_stop is not for this: it waits up to 5 s for libmilter's listener and
   then uses mutexes that the listener has destroyed. The process ends soon, and
   libmilter's threads with it; all that matters is that no verdict is then
   under way. */
void sceau_server_stop(struct sceau_server **server)
{
	struct sceau_server *old = *server;

	*server = NULL;
	if (old == NULL)
		return;
	wait_for_none(&old->milter->mails_under_way);
	atomic_store(&old->milter->is_stopping, true);
	wait_for_none(&old->milter->verdicts_under_way);
	if (old->addr.is_unix)
		(void)unlink(old->addr.path);
}
