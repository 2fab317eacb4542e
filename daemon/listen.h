/* listen.h - listening sockets: unix:PATH, inet:HOST:PORT, inet6:[HOST]:PORT.
 *
 * A unix socket gets its mode from the umask (007: owner and group) and its
 * group from the directory (setgid). A socket file left by a crash is removed
 * only when nobody answers on it; anything else in its place is left alone.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_LISTEN_H
#define SCEAU_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/err.h"
#include "daemon/loop.h"

/* A parsed address; nothing in it needs releasing. */
struct sceau_listen_address {
	struct sockaddr_storage sockaddr;
	socklen_t sockaddr_len;
	bool is_unix;
	char path[108]; /* of a unix socket, else "" */
	char host[64]; /* numeric, else "" */
	unsigned port; /* 0: the system chooses (tests) */
	char text[160]; /* canonical form for messages */
};

/* Read text. HOST is an IP address or localhost, never looked up; inet6
   takes it in brackets. Returns -1 and FAULT_CONFIG with the remedy: not of
   one of the forms above, path not absolute or longer than the 107 bytes that
   the system allows. */
int sceau_listen_parse(const char *text, struct sceau_listen_address *addr_r,
                       struct sceau_err *err);

/* Whether sceau_listen_open could work, without changing anything: directory
   there and writable, nothing but a socket at the path, address on this host.
   That something answers there already is no failure: with -t it is usually
   the running daemon. Returns -1 and FAULT_CONFIG with path and remedy. */
int sceau_listen_check(const struct sceau_listen_address *addr,
                       struct sceau_err *err);

/* Remove a socket file on which nobody answers, so that a bind can work. Does
   nothing for TCP. Returns -1 with path and remedy: FAULT_TEMP when another
   process answers there, FAULT_CONFIG when what is there is no socket or may
   not be removed. For libmilter, which binds by itself; sceau_listen_open
   does it, too. */
int sceau_listen_clear_stale(const struct sceau_listen_address *addr,
                             struct sceau_err *err);

/* Bind and listen; *fd_r is non-blocking and close-on-exec and belongs to the
   caller. A socket handed over by the service manager (LISTEN_FDS) that is
   bound to the same address is taken instead. Returns -1 with path and
   remedy: FAULT_CONFIG, or FAULT_TEMP when the address is in use. */
int sceau_listen_open(const struct sceau_listen_address *addr, int *fd_r,
                      struct sceau_err *err);

/* Accepts connections of one listening socket on the loop. */
struct sceau_listener;

/* fd is a new connection: non-blocking, close-on-exec, TCP without Nagle; it
   belongs to the callee. */
typedef void sceau_listener_fn(void *ctx, int fd);

/* Open addr and call accepted for each connection. When the process is out of
   descriptors it logs once, waits a second and goes on; the connections wait
   in the system's queue. Returns NULL and err as sceau_listen_open. */
struct sceau_listener *sceau_listener_new(
	struct sceau_loop *loop, const struct sceau_listen_address *addr,
	sceau_listener_fn *accepted, void *ctx, struct sceau_err *err);

/* Port it is bound to, for tests that asked for port 0; 0 for unix. */
unsigned sceau_listener_port(const struct sceau_listener *listener);

/* Close, remove the socket file if it is still ours, set *listener to NULL.
   NULL is allowed. */
void sceau_listener_free(struct sceau_listener **listener);

#endif
