/* resolve_job.c - see resolve_job.h
 *
 * The loop drives a job from its post to its end; the desk's lock guards what
 * both sides see. Who may still look at a job holds a reference: its owner,
 * and each post on its way to the loop.
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/resolve_job.h"

#include <pthread.h>
#include <stdlib.h>

#include "daemon/resolve.h"

struct sceau_resolve_desk {
	struct sceau_loop *loop;
	struct sceau_dns *dns;
	pthread_mutex_t lock;
	bool is_closed;
	struct sceau_resolve_job *jobs; /* that the loop has to end */
};

struct sceau_resolve_job {
	struct sceau_resolve_desk *desk;
	const struct sceau_dns_decider *decider;
	void *state;
	uint64_t ends_ms; /* of sceau_loop_now_ms() */
	struct sceau_resolve *resolve; /* the loop's */
	/* Under the desk's lock. */
	unsigned references;
	bool is_done;
	bool is_late;
	struct sceau_resolve_job *prev, *next;
	pthread_cond_t ended;
};

static void lock(struct sceau_resolve_desk *desk)
{
	(void)pthread_mutex_lock(&desk->lock);
}

static void unlock(struct sceau_resolve_desk *desk)
{
	(void)pthread_mutex_unlock(&desk->lock);
}

struct sceau_resolve_desk *sceau_resolve_desk_new(struct sceau_loop *loop,
                                                  struct sceau_dns *dns,
                                                  struct sceau_err *err)
{
	struct sceau_resolve_desk *desk = calloc(1, sizeof(*desk));

	if (desk == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	(void)pthread_mutex_init(&desk->lock, NULL);
	desk->loop = loop;
	desk->dns = dns;
	return desk;
}

static void unref(struct sceau_resolve_job *job)
{
	struct sceau_resolve_desk *desk = job->desk;

	lock(desk);
	bool is_last = --job->references == 0;
	unlock(desk);
	if (!is_last)
		return;
	(void)pthread_cond_destroy(&job->ended);
	free(job);
}

/* The desk is locked, or nobody else knows the job yet. */
static void set_done(struct sceau_resolve_job *job, bool is_late)
{
	job->is_late = is_late;
	job->is_done = true;
	(void)pthread_cond_broadcast(&job->ended);
}

/* Loop thread: the machine is its owner's again. */
static void end(struct sceau_resolve_job *job, bool is_late)
{
	struct sceau_resolve_desk *desk = job->desk;

	lock(desk);
	if (job->prev == NULL)
		desk->jobs = job->next;
	else
		job->prev->next = job->next;
	if (job->next != NULL)
		job->next->prev = job->prev;
	set_done(job, is_late);
	unlock(desk);
}

static void on_done(void *ctx, unsigned questions, bool is_late)
{
	struct sceau_resolve_job *job = ctx;

	(void)questions;
	job->resolve = NULL;
	end(job, is_late);
}

/* Loop thread: end one that runs, or was posted and did not come to run. */
static void hurry(struct sceau_resolve_job *job)
{
	if (job->resolve != NULL) {
		struct sceau_resolve *resolve = job->resolve;

		sceau_resolve_end(&resolve);
		return;
	}
	sceau_resolve_drain(job->decider, job->state, SCEAU_DNS_TIMEOUT);
	end(job, true);
}

static void on_start(void *ctx)
{
	struct sceau_resolve_job *job = ctx;
	uint64_t now_ms = sceau_loop_now_ms();

	/* Only this thread sets it. */
	if (!job->is_done) {
		job->resolve = sceau_resolve_start(
			job->desk->loop, job->desk->dns, job->decider,
			job->state,
			job->ends_ms > now_ms ? job->ends_ms - now_ms : 0,
			on_done, job, NULL);
		if (job->resolve == NULL)
			hurry(job);
	}
	unref(job);
}

static void on_give_up(void *ctx)
{
	struct sceau_resolve_job *job = ctx;

	if (!job->is_done)
		hurry(job);
	unref(job);
}

/* The desk is locked. */
static bool post(struct sceau_resolve_job *job, sceau_loop_fn *fn)
{
	if (job->desk->is_closed ||
	    sceau_loop_post(job->desk->loop, fn, job) < 0)
		return false;
	job->references++;
	return true;
}

void sceau_resolve_desk_close(struct sceau_resolve_desk *desk)
{
	struct sceau_resolve_job *job;

	lock(desk);
	desk->is_closed = true;
	while ((job = desk->jobs) != NULL) {
		/* its owner may let go of it meanwhile */
		job->references++;
		unlock(desk);
		hurry(job);
		unref(job);
		lock(desk);
	}
	unlock(desk);
}

void sceau_resolve_desk_free(struct sceau_resolve_desk **desk)
{
	struct sceau_resolve_desk *old = *desk;

	*desk = NULL;
	if (old == NULL)
		return;
	sceau_resolve_desk_close(old);
	(void)pthread_mutex_destroy(&old->lock);
	free(old);
}

/* Hand the job to the loop. Returns false when it will not come to it. */
static bool hand_over(struct sceau_resolve_job *job)
{
	struct sceau_resolve_desk *desk = job->desk;

	lock(desk);
	bool is_posted = post(job, on_start);
	if (is_posted) {
		job->next = desk->jobs;
		if (job->next != NULL)
			job->next->prev = job;
		desk->jobs = job;
	}
	unlock(desk);
	return is_posted;
}

struct sceau_resolve_job *
sceau_resolve_job_new(struct sceau_resolve_desk *desk,
                      const struct sceau_dns_decider *decider, void *state,
                      uint64_t deadline_ms, struct sceau_err *err)
{
	struct sceau_resolve_job *job = calloc(1, sizeof(*job));

	if (job == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	job->desk = desk;
	job->decider = decider;
	job->state = state;
	job->ends_ms = sceau_loop_now_ms() + deadline_ms;
	job->references = 1;
	(void)pthread_cond_init(&job->ended, NULL);
	if (!hand_over(job)) {
		sceau_resolve_drain(decider, state, SCEAU_DNS_TIMEOUT);
		set_done(job, true);
	}
	return job;
}

bool sceau_resolve_job_is_done(struct sceau_resolve_job *job)
{
	lock(job->desk);
	bool is_done = job->is_done;
	unlock(job->desk);
	return is_done;
}

bool sceau_resolve_job_wait(struct sceau_resolve_job *job)
{
	lock(job->desk);
	while (!job->is_done)
		(void)pthread_cond_wait(&job->ended, &job->desk->lock);
	bool is_late = job->is_late;
	unlock(job->desk);
	return is_late;
}

void sceau_resolve_job_free(struct sceau_resolve_job **job)
{
	struct sceau_resolve_job *old = *job;

	*job = NULL;
	if (old == NULL)
		return;
	lock(old->desk);
	/* A desk that is closed ends it by itself; without memory for the
	   post it comes to its own end, at its deadline. */
	if (!old->is_done)
		(void)post(old, on_give_up);
	unlock(old->desk);
	(void)sceau_resolve_job_wait(old);
	unref(old);
}
