/* control_client.h - talk to a control socket, for programs that may wait.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CONTROL_CLIENT_H
#define SCEAU_CONTROL_CLIENT_H

#include <jansson.h>

#include "base/err.h"

/* How long an answer may take. */
#define SCEAU_CONTROL_CLIENT_WAIT_MS 10000

struct sceau_control_client;

/* Connect to NAME.ctl in directory. NULL with "path: reason and remedy":
   FAULT_CONFIG (no such socket, not allowed), FAULT_TEMP. */
struct sceau_control_client *sceau_control_client_new(const char *directory,
                                                      const char *name,
                                                      struct sceau_err *err);

/* Send request (borrowed) and wait for its answer, an object whose "ok" is
   true, which is the caller's. Returns 0, or -1: FAULT_PEER with the answer's
   "error", FAULT_TEMP when there was none, FAULT_LIMIT when the request is
   longer than the socket takes; after FAULT_TEMP the client can only be
   freed. */
int sceau_control_client_call(struct sceau_control_client *client,
                              const json_t *request, json_t **answer_r,
                              struct sceau_err *err);

/* Hang up and set *client to NULL. NULL is allowed. */
void sceau_control_client_free(struct sceau_control_client **client);

#endif
