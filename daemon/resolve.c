/* resolve.c - see resolve.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/resolve.h"

#include <stdlib.h>

/* One question that is open. */
struct open {
	struct sceau_resolve *resolve;
	struct sceau_dns_query *query;
	unsigned id; /* the machine's */
	struct open *prev, *next;
};

struct sceau_resolve {
	struct sceau_loop *loop;
	struct sceau_dns *dns;
	const struct sceau_dns_decider *decider;
	void *state;
	sceau_resolve_fn *done;
	void *ctx;
	uint64_t ends_ms; /* of sceau_loop_now_ms() */
	struct sceau_loop_timer *begin; /* what must not happen in start */
	struct open *open;
	size_t open_count;
	unsigned questions;
	bool is_late;
};

static void answer_status(struct sceau_resolve *resolve,
                          const struct sceau_dns_question *question,
                          enum sceau_dns_status status)
{
	struct sceau_dns_answer answer = { .name = question->name,
		                           .type = question->type,
		                           .status = status };

	resolve->decider->answer(resolve->state, question->id, &answer);
}

static void forget(struct open *open)
{
	struct sceau_resolve *resolve = open->resolve;

	if (open->prev == NULL)
		resolve->open = open->next;
	else
		open->prev->next = open->next;
	if (open->next != NULL)
		open->next->prev = open->prev;
	resolve->open_count--;
	free(open);
}

static void release(struct sceau_resolve *resolve)
{
	while (resolve->open != NULL) {
		sceau_dns_cancel(&resolve->open->query);
		forget(resolve->open);
	}
	sceau_loop_timer_free(&resolve->begin);
	free(resolve);
}

static void finish(struct sceau_resolve *resolve)
{
	sceau_resolve_fn *done = resolve->done;
	void *ctx = resolve->ctx;
	unsigned questions = resolve->questions;
	bool is_late = resolve->is_late;

	release(resolve);
	done(ctx, questions, is_late);
}

static void pump(struct sceau_resolve *resolve);

static void on_answer(void *ctx, const struct sceau_dns_answer *answer)
{
	struct open *open = ctx;
	struct sceau_resolve *resolve = open->resolve;
	unsigned id = open->id;

	forget(open);
	resolve->decider->answer(resolve->state, id, answer);
	pump(resolve);
}

/* Returns -1 when the question could not be put; err tells whose fault. */
static int put(struct sceau_resolve *resolve,
               const struct sceau_dns_question *question, uint64_t left_ms,
               struct sceau_err *err)
{
	struct open *open = calloc(1, sizeof(*open));

	if (open == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	open->resolve = resolve;
	open->id = question->id;
	open->query = sceau_dns_ask(resolve->dns, question->name,
	                            question->type, left_ms, on_answer, open,
	                            err);
	if (open->query == NULL) {
		free(open);
		return -1;
	}
	open->next = resolve->open;
	if (open->next != NULL)
		open->next->prev = open;
	resolve->open = open;
	resolve->open_count++;
	resolve->questions++;
	return 0;
}

static void ask(struct sceau_resolve *resolve,
                const struct sceau_dns_question *question)
{
	uint64_t now_ms = sceau_loop_now_ms();
	struct sceau_err err;

	if (resolve->is_late || now_ms >= resolve->ends_ms) {
		resolve->is_late = true;
		answer_status(resolve, question, SCEAU_DNS_TIMEOUT);
		return;
	}
	if (put(resolve, question, resolve->ends_ms - now_ms, &err) < 0)
		answer_status(resolve, question,
		              err.fault == SCEAU_FAULT_PEER
		                      ? SCEAU_DNS_NXDOMAIN
		                      : SCEAU_DNS_SERVFAIL);
}

/* Ask what can be asked; at its end resolve is gone. */
static void pump(struct sceau_resolve *resolve)
{
	struct sceau_dns_question question;

	while (resolve->open_count < SCEAU_RESOLVE_OPEN_MAX &&
	       resolve->decider->ask(resolve->state, &question) == 1)
		ask(resolve, &question);
	if (resolve->open_count == 0)
		finish(resolve);
}

static void on_begin(void *ctx)
{
	pump(ctx);
}

struct sceau_resolve *
sceau_resolve_start(struct sceau_loop *loop, struct sceau_dns *dns,
                    const struct sceau_dns_decider *decider, void *state,
                    uint64_t deadline_ms, sceau_resolve_fn *done, void *ctx,
                    struct sceau_err *err)
{
	struct sceau_resolve *resolve = calloc(1, sizeof(*resolve));

	if (resolve == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	resolve->loop = loop;
	resolve->dns = dns;
	resolve->decider = decider;
	resolve->state = state;
	resolve->done = done;
	resolve->ctx = ctx;
	resolve->ends_ms = sceau_loop_now_ms() + deadline_ms;
	resolve->begin = sceau_loop_timer_new(loop, on_begin, resolve, err);
	if (resolve->begin == NULL) {
		free(resolve);
		return NULL;
	}
	sceau_loop_timer_start(resolve->begin, 0);
	return resolve;
}

void sceau_resolve_cancel(struct sceau_resolve **resolve)
{
	struct sceau_resolve *old = *resolve;

	*resolve = NULL;
	if (old != NULL)
		release(old);
}

void sceau_resolve_end(struct sceau_resolve **resolve)
{
	struct sceau_resolve *old = *resolve;

	*resolve = NULL;
	if (old == NULL)
		return;
	old->is_late = true;
	while (old->open != NULL) {
		struct open *open = old->open;
		struct sceau_dns_answer answer = { .status = SCEAU_DNS_TIMEOUT,
			                           .name = "" };
		unsigned id = open->id;

		sceau_dns_cancel(&open->query);
		forget(open);
		old->decider->answer(old->state, id, &answer);
	}
	pump(old);
}

void sceau_resolve_drain(const struct sceau_dns_decider *decider, void *state,
                         enum sceau_dns_status status)
{
	struct sceau_dns_question question;

	while (decider->ask(state, &question) == 1) {
		struct sceau_dns_answer answer = { .name = question.name,
			                           .type = question.type,
			                           .status = status };

		decider->answer(state, question.id, &answer);
	}
}

/* --- one machine, nothing else --- */

struct now {
	struct sceau_loop *loop;
	unsigned questions;
	bool is_late, is_done;
};

static void on_now(void *ctx, unsigned questions, bool is_late)
{
	struct now *now = ctx;

	now->questions = questions;
	now->is_late = is_late;
	now->is_done = true;
	sceau_loop_stop(now->loop);
}

int sceau_resolve_now(struct sceau_loop *loop, struct sceau_dns *dns,
                      const struct sceau_dns_decider *decider, void *state,
                      uint64_t deadline_ms, unsigned *questions_r,
                      bool *is_late_r, struct sceau_err *err)
{
	struct now now = { .loop = loop };
	struct sceau_resolve *resolve = sceau_resolve_start(
		loop, dns, decider, state, deadline_ms, on_now, &now, err);

	if (resolve == NULL)
		return -1;
	int ret = sceau_loop_run(loop, err);
	if (!now.is_done) {
		sceau_resolve_cancel(&resolve);
		return ret < 0 ? -1
		               : sceau_fail(err, SCEAU_FAULT_TEMP,
		                            "interrupted");
	}
	if (questions_r != NULL)
		*questions_r = now.questions;
	if (is_late_r != NULL)
		*is_late_r = now.is_late;
	return 0;
}
