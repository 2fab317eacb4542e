/* greylist_desk.c - see greylist_desk.h
 *
 * A job is shared by the thread that waits and the loop; the last one to let
 * go of it frees it. The desk's lock guards what both see.
 *
 * SPDX-License-Identifier: MIT
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/greylist_desk.h"

struct job {
	struct sceau_greylist_desk *desk;
	struct sceau_greylist_request request;
	struct job *prev, *next; /* of those the loop works on */
	/* Under the lock. */
	unsigned references;
	bool is_done;
	struct sceau_greylist_answer answer;
	pthread_cond_t ended;
};

struct sceau_greylist_desk {
	struct sceau_loop *loop;
	struct sceau_greylist *greylist;
	pthread_mutex_t lock;
	bool is_closed; /* under the lock */
	struct job *jobs; /* the loop's */
};

struct sceau_greylist_desk *
sceau_greylist_desk_new(struct sceau_loop *loop,
                        struct sceau_greylist *greylist, struct sceau_err *err)
{
	struct sceau_greylist_desk *desk = calloc(1, sizeof(*desk));

	if (desk == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	(void)pthread_mutex_init(&desk->lock, NULL);
	desk->loop = loop;
	desk->greylist = greylist;
	return desk;
}

static void unref(struct job *job)
{
	struct sceau_greylist_desk *desk = job->desk;

	(void)pthread_mutex_lock(&desk->lock);
	bool is_last = --job->references == 0;
	(void)pthread_mutex_unlock(&desk->lock);
	if (!is_last)
		return;
	(void)pthread_cond_destroy(&job->ended);
	free(job);
}

/* Loop thread: the job has its answer. */
static void finish(struct job *job, const struct sceau_greylist_answer *answer)
{
	if (job->prev == NULL)
		job->desk->jobs = job->next;
	else
		job->prev->next = job->next;
	if (job->next != NULL)
		job->next->prev = job->prev;
	(void)pthread_mutex_lock(&job->desk->lock);
	job->answer = *answer;
	job->is_done = true;
	(void)pthread_cond_signal(&job->ended);
	(void)pthread_mutex_unlock(&job->desk->lock);
	unref(job);
}

static void on_answer(void *ctx, const struct sceau_greylist_answer *answer)
{
	finish(ctx, answer);
}

static void give_up(struct job *job)
{
	struct sceau_greylist_answer answer = { .has_failed = true };

	sceau_fail(&answer.err, SCEAU_FAULT_TEMP, "the daemon is stopping");
	finish(job, &answer);
}

static void on_start(void *ctx)
{
	struct job *job = ctx;
	struct sceau_greylist_desk *desk = job->desk;

	job->prev = NULL;
	job->next = desk->jobs;
	if (job->next != NULL)
		job->next->prev = job;
	desk->jobs = job;
	/* only this thread sets it */
	if (desk->is_closed)
		give_up(job);
	else
		sceau_greylist_decide_on(desk->greylist, &job->request,
		                         on_answer, job);
}

void sceau_greylist_desk_close(struct sceau_greylist_desk *desk)
{
	(void)pthread_mutex_lock(&desk->lock);
	desk->is_closed = true;
	(void)pthread_mutex_unlock(&desk->lock);
	while (desk->jobs != NULL) {
		sceau_greylist_cancel(desk->greylist, desk->jobs);
		give_up(desk->jobs);
	}
}

void sceau_greylist_desk_free(struct sceau_greylist_desk **desk)
{
	struct sceau_greylist_desk *old = *desk;

	*desk = NULL;
	if (old == NULL)
		return;
	sceau_greylist_desk_close(old);
	(void)pthread_mutex_destroy(&old->lock);
	free(old);
}

static struct job *job_new(struct sceau_greylist_desk *desk,
                           const struct sceau_greylist_request *request)
{
	struct job *job = calloc(1, sizeof(*job));
	pthread_condattr_t attr;

	if (job == NULL)
		return NULL;
	job->desk = desk;
	job->request = *request;
	job->references = 1;
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&job->ended, &attr);
	(void)pthread_condattr_destroy(&attr);
	return job;
}

/* Hand the job to the loop. Returns false when it will not come to it. */
static bool post(struct job *job)
{
	struct sceau_greylist_desk *desk = job->desk;

	(void)pthread_mutex_lock(&desk->lock);
	bool is_posted = !desk->is_closed &&
	                 sceau_loop_post(desk->loop, on_start, job) == 0;
	if (is_posted)
		job->references++;
	(void)pthread_mutex_unlock(&desk->lock);
	return is_posted;
}

/* Returns whether the job was done in time. */
static bool wait_for(struct job *job, uint64_t deadline_ms)
{
	struct timespec until;
	int ret = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(deadline_ms / 1000);
	until.tv_nsec += (long)(deadline_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	(void)pthread_mutex_lock(&job->desk->lock);
	while (!job->is_done && ret == 0)
		ret = pthread_cond_timedwait(&job->ended, &job->desk->lock,
		                             &until);
	bool is_done = job->is_done;
	(void)pthread_mutex_unlock(&job->desk->lock);
	return is_done;
}

int sceau_greylist_desk_ask(struct sceau_greylist_desk *desk,
                            const struct sceau_greylist_request *request,
                            uint64_t deadline_ms,
                            struct sceau_greylist_decision *decision_r,
                            struct sceau_err *err)
{
	struct job *job = job_new(desk, request);
	int ret = 0;

	if (job == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	if (!post(job))
		ret = sceau_fail(err, SCEAU_FAULT_TEMP,
		                 "the daemon is stopping");
	else if (!wait_for(job, deadline_ms))
		ret = sceau_fail(err, SCEAU_FAULT_TEMP,
		                 "no decision within %llu ms",
		                 (unsigned long long)deadline_ms);
	else if (job->answer.has_failed)
		ret = sceau_fail(err, job->answer.err.fault, "%s",
		                 job->answer.err.text);
	else
		*decision_r = job->answer.decision;
	unref(job);
	return ret;
}
