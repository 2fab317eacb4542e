/* resolve_job.h - deciders for threads that may wait: libmilter's workers.
 *
 * A desk stands between them and the loop, which owns the resolver. A job runs
 * from its making on, so a worker can go on with its mail and wait when it
 * needs the outcome. While it runs, the machine belongs to the loop.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_RESOLVE_JOB_H
#define SCEAU_RESOLVE_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/dns_decider.h"
#include "base/err.h"
#include "daemon/dns.h"
#include "daemon/loop.h"

struct sceau_resolve_desk;
struct sceau_resolve_job;

/* A desk for machines that ask dns on loop. dns must live until its close, the
   loop be freed before the desk is. Loop thread. NULL and FAULT_TEMP when
   memory ran out. */
struct sceau_resolve_desk *sceau_resolve_desk_new(struct sceau_loop *loop,
                                                  struct sceau_dns *dns,
                                                  struct sceau_err *err);

/* No more DNS: what runs ends now as if its time were up, and so does, at
   once, what is started later. Loop thread, also after the loop ended. */
void sceau_resolve_desk_close(struct sceau_resolve_desk *desk);

/* Close and release it, set *desk to NULL. Every job must be gone, so a
   program whose threads go on until it ends calls only close. NULL is
   allowed. */
void sceau_resolve_desk_free(struct sceau_resolve_desk **desk);

/* Start to drive state, a machine of that decider, which is the job's until
   sceau_resolve_job_wait or _free has returned. It ends within deadline_ms.
   Any thread but the loop's. NULL and FAULT_TEMP when memory ran out. */
struct sceau_resolve_job *
sceau_resolve_job_new(struct sceau_resolve_desk *desk,
                      const struct sceau_dns_decider *decider, void *state,
                      uint64_t deadline_ms, struct sceau_err *err);

/* Whether it has ended: then waiting takes no time. Any thread. */
bool sceau_resolve_job_is_done(struct sceau_resolve_job *job);

/* Wait for its end. Returns whether its time was up before it had all its
   answers. May be called again. Any thread but the loop's. */
bool sceau_resolve_job_wait(struct sceau_resolve_job *job);

/* Release it and set *job to NULL; one that runs is given up first, which
   takes one turn of the loop. NULL is allowed. Any thread but the loop's. */
void sceau_resolve_job_free(struct sceau_resolve_job **job);

#endif
