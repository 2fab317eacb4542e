/* listener.c - accept connections of a listening socket; see listen.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/listen.h"
#include "daemon/log.h"

/* Connections taken in one turn of the loop, so that a flood of them does not
   starve those that are open. */
#define ACCEPT_BURST 64
#define PAUSE_MS 1000

struct sceau_listener {
	struct sceau_listen_address addr;
	struct sceau_loop_watch *watch;
	struct sceau_loop_timer *timer;
	sceau_listener_fn *accepted;
	void *ctx;
	int fd;
	/* Which file is ours; 0, 0: none to remove. */
	dev_t dev;
	ino_t ino;
	bool is_short; /* of descriptors, and said so */
};

/* Out of descriptors or memory: leave the connections in the system's queue
   until something has become free. */
static void pause_accepting(struct sceau_listener *listener)
{
	if (!listener->is_short)
		sceau_log(SCEAU_LOG_WARNING,
		          "%s: cannot accept connections: %s; trying again "
		          "each second (LimitNOFILE= raises the limit)",
		          listener->addr.text, strerror(errno));
	listener->is_short = true;
	sceau_loop_watch_set(listener->watch, 0);
	sceau_loop_timer_start(listener->timer, PAUSE_MS);
}

static void resume_accepting(void *ctx)
{
	struct sceau_listener *listener = ctx;

	if (sceau_loop_watch_set(listener->watch, SCEAU_LOOP_READ) < 0)
		sceau_loop_timer_start(listener->timer, PAUSE_MS);
}

static bool is_shortage(int reason)
{
	return reason == EMFILE || reason == ENFILE || reason == ENOBUFS ||
	       reason == ENOMEM;
}

static void on_ready(void *ctx, int events)
{
	struct sceau_listener *listener = ctx;
	int on = 1;

	(void)events;
	for (int i = 0; i < ACCEPT_BURST; i++) {
		int fd = accept4(listener->fd, NULL, NULL,
		                 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			/* The rest is about one connection that has gone
			   already (accept(2)), or there is none left. */
			if (is_shortage(errno))
				pause_accepting(listener);
			else if (errno == EAGAIN)
				listener->is_short = false;
			return;
		}
		if (!listener->addr.is_unix)
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
			           sizeof(on));
		listener->accepted(listener->ctx, fd);
	}
}

struct sceau_listener *sceau_listener_new(
	struct sceau_loop *loop, const struct sceau_listen_address *addr,
	sceau_listener_fn *accepted, void *ctx, struct sceau_err *err)
{
	struct sceau_listener *listener = calloc(1, sizeof(*listener));
	struct stat st;

	if (listener == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	listener->addr = *addr;
	listener->accepted = accepted;
	listener->ctx = ctx;
	if (sceau_listen_open(addr, &listener->fd, err) < 0) {
		free(listener);
		return NULL;
	}
	if (addr->is_unix && lstat(addr->path, &st) == 0) {
		listener->dev = st.st_dev;
		listener->ino = st.st_ino;
	}
	listener->timer = sceau_loop_timer_new(loop, resume_accepting, listener,
	                                       err);
	if (listener->timer != NULL)
		listener->watch = sceau_loop_watch_new(loop, listener->fd,
		                                       SCEAU_LOOP_READ,
		                                       on_ready, listener, err);
	if (listener->watch == NULL)
		sceau_listener_free(&listener);
	return listener;
}

unsigned sceau_listener_port(const struct sceau_listener *listener)
{
	struct sockaddr_storage addr = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(addr);

	getsockname(listener->fd, (struct sockaddr *)&addr, &len);
	if (addr.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)&addr)->sin_port);
	if (addr.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&addr)->sin6_port);
	return 0;
}

void sceau_listener_free(struct sceau_listener **listener)
{
	struct sceau_listener *old = *listener;
	struct stat st;

	*listener = NULL;
	if (old == NULL)
		return;
	sceau_loop_watch_free(&old->watch);
	sceau_loop_timer_free(&old->timer);
	close(old->fd);
	/* Another daemon may have taken the path over in the meantime. */
	if (old->ino != 0 && lstat(old->addr.path, &st) == 0 &&
	    st.st_dev == old->dev && st.st_ino == old->ino)
		unlink(old->addr.path);
	free(old);
}
