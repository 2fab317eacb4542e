/* service.h - the socket of Postfix: connections, each with its session.
 *
 * Connections are kept for as long as Postfix keeps them: closing one that is
 * idle costs its next mail a second (attr_clnt waits before it tries again).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_POLICYD_SERVICE_H
#define SCEAU_POLICYD_SERVICE_H

#include <jansson.h>

#include "base/err.h"
#include "daemon/conf_load.h"
#include "daemon/loop.h"
#include "policy-daemon/limits.h"

struct sceau_policyd_service;

/* Read the limits that settings name. A missing file is an error if it is
   named in sceau.conf, else it means no limits. Returns them with one
   reference, or NULL and err with path and remedy. */
struct sceau_policyd_limits *
sceau_policyd_service_load(const struct sceau_settings *settings,
                           struct sceau_err *err);

/* Check the settings without changing anything: address and limits file.
   Returns -1 and err with path and remedy. */
int sceau_policyd_service_check(const struct sceau_settings *settings,
                                struct sceau_err *err);

/* Open the socket and serve it on loop. Returns NULL and err (nothing is left
   behind) when the socket or the limits file does not allow it. */
struct sceau_policyd_service *
sceau_policyd_service_new(struct sceau_loop *loop,
                          const struct sceau_settings *settings,
                          struct sceau_err *err);

/* Take over new settings: the limits file is read again, as a whole or not at
   all; the state of limits whose names stay goes on. Returns -1 and err, and
   everything stays as it was. Another socket address waits for a restart. */
int sceau_policyd_service_reload(struct sceau_policyd_service *service,
                                 const struct sceau_settings *settings,
                                 struct sceau_err *err);

/* Put the counters into reply. Returns -1 when memory ran out. */
int sceau_policyd_service_stats(const struct sceau_policyd_service *service,
                                json_t *reply, struct sceau_err *err);

/* Close all and set *service to NULL. NULL is allowed. */
void sceau_policyd_service_free(struct sceau_policyd_service **service);

#endif
