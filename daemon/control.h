/* control.h - the control socket: one JSON object a line, one answer a line.
 *
 * `{"do":"stats"}` -> `{"ok":true,...}`; what fails -> `{"ok":false,
 * "error":"..."}`. Peers are root, the daemon's own uid and the users given
 * (SO_PEERCRED); anybody else is told so and closed. A line has at most
 * SCEAU_CONTROL_LINE_MAX bytes; a longer one ends the connection.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CONTROL_H
#define SCEAU_CONTROL_H

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "daemon/loop.h"

#define SCEAU_CONTROL_LINE_MAX 65536
#define SCEAU_CONTROL_USERS_MAX 4

struct sceau_control;

/* Carry out one request (an object, borrowed). reply is an empty object to be
   filled; "ok":true is added to it. Returns 0, or -1 with the text of the
   answer's "error" in err; reply is then not sent. Runs on the loop thread
   and must not block. */
typedef int sceau_control_fn(void *ctx, const json_t *request, json_t *reply,
                             struct sceau_err *err);

/* Open the socket at path and serve it. users[0..count) are names that may
   connect beside root and ourselves; one that does not exist is skipped.
   NULL and err as sceau_listen_open, or when path is too long. */
struct sceau_control *sceau_control_new(struct sceau_loop *loop,
                                        const char *path,
                                        const char *const *users, size_t count,
                                        struct sceau_err *err);

/* Serve {"do":"name"} with fn(ctx). name is copied. Returns -1 (FAULT_TEMP)
   when there is no room for another; naming one twice is our bug. */
int sceau_control_add(struct sceau_control *control, const char *name,
                      sceau_control_fn *fn, void *ctx, struct sceau_err *err);

/* Close every connection and the socket, set *control to NULL. NULL is
   allowed. */
void sceau_control_free(struct sceau_control **control);

#endif
