/* mx_job.h - machines of one mail that ask DNS in the background.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_MX_JOB_H
#define SCEAU_MILTER_MX_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/dns_bundle.h"
#include "services.h"

/* Owned by the caller, who keeps it at its place from start to free; private
   but for bundle, which is filled between init and start. */
struct sceau_mx_job {
	const struct sceau_services *services;
	struct sceau_dns_bundle bundle;
	struct sceau_resolve_job *job; /* NULL: not started, or at its end */
	bool is_late; /* time was up before it had all answers */
};

/* Make it empty. */
void sceau_mx_job_init(struct sceau_mx_job *job,
                       const struct sceau_services *services);

/* Start what is in the bundle; it ends within deadline_ms. Without services,
   or when memory ran out, no question gets an answer. */
void sceau_mx_job_start(struct sceau_mx_job *job, uint64_t deadline_ms);

/* Wait for its end; the machines are the caller's again. Returns at once when
   it has ended, was not started, or when too many callbacks wait: then what is
   missing counts as unanswered. */
void sceau_mx_job_wait(struct sceau_mx_job *job);

/* Give it up if it runs. The machines are the caller's again. */
void sceau_mx_job_free(struct sceau_mx_job *job);

#endif
