/* mx_job.c - machines of one mail that ask DNS in the background
 *
 * SPDX-License-Identifier: MIT
 */
#include "mx_job.h"

#include "daemon/resolve.h"

/* The bundle, watched: whether DNS answers at all concerns every mail. */
static int ask(void *state, struct sceau_dns_question *question_r)
{
	struct sceau_mx_job *job = state;
	int ret = sceau_dns_bundle_decider.ask(&job->bundle, question_r);

	if (ret == 1)
		sceau_waits_note_question(job->services->waits);
	return ret;
}

static void answer(void *state, unsigned id,
                   const struct sceau_dns_answer *answer)
{
	struct sceau_mx_job *job = state;

	if (answer->status != SCEAU_DNS_TIMEOUT)
		sceau_waits_note_answer(job->services->waits);
	sceau_dns_bundle_decider.answer(&job->bundle, id, answer);
}

static const struct sceau_dns_decider watched_decider = {
	.ask = ask,
	.answer = answer,
};

void sceau_mx_job_init(struct sceau_mx_job *job,
                       const struct sceau_services *services)
{
	job->services = services;
	job->job = NULL;
	job->is_late = false;
	sceau_dns_bundle_init(&job->bundle);
}

/* No answers for what is missing. */
static void give_up(struct sceau_mx_job *job)
{
	job->is_late = true;
	sceau_resolve_drain(&sceau_dns_bundle_decider, &job->bundle,
	                    SCEAU_DNS_TIMEOUT);
}

void sceau_mx_job_start(struct sceau_mx_job *job, uint64_t deadline_ms)
{
	if (job->bundle.count == 0)
		return;
	if (job->services->desk != NULL)
		job->job = sceau_resolve_job_new(job->services->desk,
		                                 &watched_decider, job,
		                                 deadline_ms, NULL);
	if (job->job == NULL)
		give_up(job);
}

void sceau_mx_job_wait(struct sceau_mx_job *job)
{
	struct sceau_waits *waits = job->services->waits;

	if (job->job == NULL)
		return;
	if (sceau_resolve_job_is_done(job->job)) {
		job->is_late = sceau_resolve_job_wait(job->job);
	} else if (sceau_waits_enter(waits)) {
		job->is_late = sceau_resolve_job_wait(job->job);
		sceau_waits_leave(waits);
	} else {
		sceau_resolve_job_free(&job->job);
		give_up(job);
		return;
	}
	sceau_resolve_job_free(&job->job);
}

void sceau_mx_job_free(struct sceau_mx_job *job)
{
	sceau_resolve_job_free(&job->job);
}
