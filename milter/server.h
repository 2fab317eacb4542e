/* server.h - libmilter's listener, on a thread of its own.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_SERVER_H
#define SCEAU_MILTER_SERVER_H

#include "base/err.h"
#include "callbacks.h"
#include "daemon/listen.h"

struct sceau_server;

/* Listen at addr and serve milter's callbacks. Once for a process: libmilter
   keeps one socket. lost(ctx) is called, on a thread of libmilter's, when it
   stops serving without having been asked to. Every signal is blocked in its
   threads.

   Returns  0  *server_r is the caller's
           -1  with path and remedy, as sceau_listen_open. */
int sceau_server_start(struct sceau_milter *milter,
                       const struct sceau_listen_address *addr,
                       void (*lost)(void *ctx), void *ctx,
                       struct sceau_server **server_r, struct sceau_err *err);

/* Let mails under way come to their end (2 s at most), refuse those that come
   to it later for now, remove the socket and set *server to NULL; NULL is
   accepted. libmilter's threads go on until the process ends, which must be
   soon: what *server pointed to stays theirs. */
void sceau_server_stop(struct sceau_server **server);

#endif
