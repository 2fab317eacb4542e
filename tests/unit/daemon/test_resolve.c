/* test_resolve.c - machines that ask a real unbound, on the loop and from
 * threads
 *
 * SPDX-License-Identifier: MIT
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/resolve.h"
#include "daemon/resolve_job.h"
#include "unit/daemon/dns_bench.h"

static struct sceau_loop *loop;
static struct sceau_dns *dns;

/* --- a machine: names to ask for, all at once or one after the other --- */

#define NAMES_MAX 200

struct machine {
	const char *names[NAMES_MAX];
	size_t count;
	bool one_by_one;
	size_t asked, answered;
	enum sceau_dns_status got[NAMES_MAX];
	size_t most_open;
};

static int machine_ask(void *state, struct sceau_dns_question *question_r)
{
	struct machine *machine = state;

	if (machine->asked == machine->count ||
	    (machine->one_by_one && machine->answered < machine->asked))
		return 0;
	*question_r = (struct sceau_dns_question){
		.name = machine->names[machine->asked],
		.type = SCEAU_DNS_A,
		.id = (unsigned)machine->asked,
	};
	machine->asked++;
	if (machine->asked - machine->answered > machine->most_open)
		machine->most_open = machine->asked - machine->answered;
	return 1;
}

static void machine_answer(void *state, unsigned id,
                           const struct sceau_dns_answer *answer)
{
	struct machine *machine = state;

	assert_true(id < machine->asked);
	machine->got[id] = answer->status;
	machine->answered++;
}

static const struct sceau_dns_decider decider = {
	.ask = machine_ask,
	.answer = machine_answer,
};

static void machine_fill(struct machine *machine, const char *name,
                         size_t count)
{
	memset(machine, 0, sizeof(*machine));
	machine->count = count;
	for (size_t i = 0; i < count; i++)
		machine->names[i] = name;
}

static void check_all(const struct machine *machine, enum sceau_dns_status want)
{
	assert_int_equal(machine->answered, machine->count);
	for (size_t i = 0; i < machine->count; i++)
		assert_int_equal(machine->got[i], want);
}

static int new_world(void **state)
{
	static char text[32];
	static const char *items[1];
	struct sceau_conf_common settings = { .dns_trust_anchor = "" };
	struct sceau_err err;

	(void)state;
	snprintf(text, sizeof(text), "127.0.0.1:%u", port);
	items[0] = text;
	settings.dns_servers.items = items;
	settings.dns_servers.count = 1;
	loop = sceau_loop_new(&err);
	assert_non_null(loop);
	dns = sceau_dns_new(loop, &settings, &err);
	if (dns == NULL)
		fail_msg("%s", err.text);
	return 0;
}

static int end_world(void **state)
{
	(void)state;
	sceau_dns_free(&dns);
	sceau_loop_free(&loop);
	return 0;
}

/* --- on the loop --- */

static void test_now(void **state)
{
	static const struct {
		const char *name;
		enum sceau_dns_status want;
		unsigned want_questions;
	} cases[] = {
		{ "mx.example", SCEAU_DNS_OK, 1 },
		{ "home.example", SCEAU_DNS_NODATA, 1 },
		{ "nowhere.example", SCEAU_DNS_NXDOMAIN, 1 },
		{ "refused.example", SCEAU_DNS_SERVFAIL, 1 },
		/* no name at all, so nobody is asked: RFC 7208 4.3 */
		{ "a..example", SCEAU_DNS_NXDOMAIN, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct machine machine;
		unsigned questions = 99;
		bool is_late = true;

		machine_fill(&machine, cases[i].name, 1);
		assert_int_equal(sceau_resolve_now(loop, dns, &decider,
		                                   &machine, 5000, &questions,
		                                   &is_late, NULL),
		                 0);
		check_all(&machine, cases[i].want);
		assert_int_equal(questions, cases[i].want_questions);
		assert_false(is_late);
	}
}

static void test_no_question_at_all(void **state)
{
	struct machine machine;
	unsigned questions = 99;

	(void)state;
	machine_fill(&machine, "", 0);
	assert_int_equal(sceau_resolve_now(loop, dns, &decider, &machine, 0,
	                                   &questions, NULL, NULL),
	                 0);
	assert_int_equal(questions, 0);
}

static void test_many_at_a_time_but_not_all(void **state)
{
	struct machine machine;

	(void)state;
	machine_fill(&machine, "mx.example", NAMES_MAX);
	assert_int_equal(sceau_resolve_now(loop, dns, &decider, &machine, 9000,
	                                   NULL, NULL, NULL),
	                 0);
	check_all(&machine, SCEAU_DNS_OK);
	assert_int_equal(machine.most_open, SCEAU_RESOLVE_OPEN_MAX);
}

/* Questions that follow each other share the time. */
static void test_deadline(void **state)
{
	(void)state;
	for (int one_by_one = 0; one_by_one <= 1; one_by_one++) {
		struct machine machine;
		bool is_late = false;
		uint64_t begin = sceau_loop_now_ms();

		machine_fill(&machine, "silent.example", 20);
		machine.one_by_one = one_by_one == 1;
		assert_int_equal(sceau_resolve_now(loop, dns, &decider,
		                                   &machine, 300, NULL,
		                                   &is_late, NULL),
		                 0);
		check_all(&machine, SCEAU_DNS_TIMEOUT);
		assert_true(one_by_one == 0 || is_late);
		assert_in_range(sceau_loop_now_ms() - begin, 250, 2500);
	}
}

static void on_never(void *ctx, unsigned questions, bool is_late)
{
	(void)ctx;
	(void)questions;
	(void)is_late;
	fail_msg("called after cancel");
}

static void test_cancel(void **state)
{
	struct machine cancelled, machine;

	(void)state;
	machine_fill(&cancelled, "silent.example", 3);
	struct sceau_resolve *resolve = sceau_resolve_start(
		loop, dns, &decider, &cancelled, 60000, on_never, NULL, NULL);
	assert_non_null(resolve);
	machine_fill(&machine, "mx.example", 1);
	sceau_resolve_now(loop, dns, &decider, &machine, 5000, NULL, NULL,
	                  NULL);
	assert_int_equal(cancelled.asked, 3);
	sceau_resolve_cancel(&resolve);
	assert_null(resolve);
	sceau_resolve_cancel(&resolve);
	machine_fill(&machine, "silent.example", 1);
	sceau_resolve_now(loop, dns, &decider, &machine, 300, NULL, NULL, NULL);
	assert_int_equal(cancelled.answered, 0);
}

static void on_ended(void *ctx, unsigned questions, bool is_late)
{
	(void)questions;
	*(int *)ctx += is_late ? 1 : 100;
}

static void test_end(void **state)
{
	struct machine machine;
	int ended = 0;

	(void)state;
	machine_fill(&machine, "silent.example", 3);
	struct sceau_resolve *resolve = sceau_resolve_start(
		loop, dns, &decider, &machine, 9000, on_ended, &ended, NULL);
	sceau_resolve_end(&resolve);
	assert_null(resolve);
	assert_int_equal(ended, 1);
	check_all(&machine, SCEAU_DNS_TIMEOUT);
}

static void test_drain(void **state)
{
	struct machine machine;

	(void)state;
	machine_fill(&machine, "mx.example", 7);
	machine.one_by_one = true;
	sceau_resolve_drain(&decider, &machine, SCEAU_DNS_SERVFAIL);
	check_all(&machine, SCEAU_DNS_SERVFAIL);
}

/* --- threads --- */

#define THREADS 40

/* What a worker does with its job. */
enum deed {
	WAIT,
	DROP
};

struct worker {
	pthread_t thread;
	struct sceau_resolve_desk *desk;
	const char *name;
	uint64_t deadline_ms;
	enum deed deed;
	struct machine machine;
	bool is_late;
	uint64_t took_ms;
};

static void *work(void *ctx)
{
	struct worker *worker = ctx;
	uint64_t begin = sceau_loop_now_ms();
	struct sceau_resolve_job *job;

	machine_fill(&worker->machine, worker->name, 3);
	job = sceau_resolve_job_new(worker->desk, &decider, &worker->machine,
	                            worker->deadline_ms, NULL);
	if (worker->deed == WAIT) {
		worker->is_late = sceau_resolve_job_wait(job);
		worker->is_late &= sceau_resolve_job_is_done(job);
	}
	sceau_resolve_job_free(&job);
	worker->took_ms = sceau_loop_now_ms() - begin;
	/* the machine is ours again: nobody may write to it */
	worker->machine.one_by_one = true;
	return NULL;
}

struct crowd {
	struct worker workers[THREADS];
	size_t joined;
};

static void *join_all(void *ctx)
{
	struct crowd *crowd = ctx;

	for (size_t i = 0; i < THREADS; i++)
		pthread_join(crowd->workers[i].thread, NULL);
	sceau_loop_stop(loop);
	return NULL;
}

static void start_crowd(struct crowd *crowd, struct sceau_resolve_desk *desk,
                        const char *name, uint64_t deadline_ms, enum deed deed)
{
	memset(crowd, 0, sizeof(*crowd));
	for (size_t i = 0; i < THREADS; i++) {
		struct worker *worker = &crowd->workers[i];

		worker->desk = desk;
		worker->name = name;
		worker->deadline_ms = deadline_ms;
		worker->deed = deed;
		pthread_create(&worker->thread, NULL, work, worker);
	}
}

/* Run the loop until every worker has ended. */
static void run_crowd(struct crowd *crowd)
{
	pthread_t joiner;

	pthread_create(&joiner, NULL, join_all, crowd);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	pthread_join(joiner, NULL);
}

static void test_threads_wait(void **state)
{
	static struct crowd crowd;
	struct sceau_resolve_desk *desk = sceau_resolve_desk_new(loop, dns,
	                                                         NULL);

	(void)state;
	start_crowd(&crowd, desk, "mx.example", 9000, WAIT);
	run_crowd(&crowd);
	for (size_t i = 0; i < THREADS; i++) {
		check_all(&crowd.workers[i].machine, SCEAU_DNS_OK);
		assert_false(crowd.workers[i].is_late);
	}
	start_crowd(&crowd, desk, "silent.example", 400, WAIT);
	run_crowd(&crowd);
	for (size_t i = 0; i < THREADS; i++) {
		check_all(&crowd.workers[i].machine, SCEAU_DNS_TIMEOUT);
		/* libevent's clock may lag by some ms */
		assert_in_range(crowd.workers[i].took_ms, 350, 4000);
	}
	sceau_resolve_desk_free(&desk);
}

/* A mail that is given up does not wait for the DNS. */
static void test_threads_drop(void **state)
{
	static struct crowd crowd;
	struct sceau_resolve_desk *desk = sceau_resolve_desk_new(loop, dns,
	                                                         NULL);

	(void)state;
	start_crowd(&crowd, desk, "silent.example", 60000, DROP);
	run_crowd(&crowd);
	for (size_t i = 0; i < THREADS; i++)
		assert_in_range(crowd.workers[i].took_ms, 0, 5000);
	sceau_resolve_desk_free(&desk);
}

static void on_close(void *ctx)
{
	sceau_resolve_desk_close(ctx);
}

/* A daemon that ends lets nobody wait, nor begin to. */
static void test_close_while_they_wait(void **state)
{
	static struct crowd crowd;
	struct sceau_resolve_desk *desk = sceau_resolve_desk_new(loop, dns,
	                                                         NULL);
	struct sceau_loop_timer *timer = sceau_loop_timer_new(loop, on_close,
	                                                      desk, NULL);
	struct worker late = { .desk = desk,
		               .name = "mx.example",
		               .deadline_ms = 60000 };

	(void)state;
	sceau_loop_timer_start(timer, 50);
	start_crowd(&crowd, desk, "silent.example", 60000, WAIT);
	run_crowd(&crowd);
	for (size_t i = 0; i < THREADS; i++) {
		check_all(&crowd.workers[i].machine, SCEAU_DNS_TIMEOUT);
		assert_true(crowd.workers[i].is_late);
		assert_in_range(crowd.workers[i].took_ms, 0, 10000);
	}
	work(&late);
	check_all(&late.machine, SCEAU_DNS_TIMEOUT);
	assert_true(late.is_late);
	sceau_loop_timer_free(&timer);
	sceau_resolve_desk_free(&desk);
}

/* Jobs on their way to a loop that runs no more are ended by the close. */
static void test_close_without_a_loop(void **state)
{
	static struct crowd crowd;
	struct sceau_resolve_desk *desk = sceau_resolve_desk_new(loop, dns,
	                                                         NULL);

	(void)state;
	start_crowd(&crowd, desk, "mx.example", 60000, WAIT);
	sceau_resolve_desk_close(desk);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(crowd.workers[i].thread, NULL);
		check_all(&crowd.workers[i].machine, SCEAU_DNS_TIMEOUT);
	}
	/* their posts run now, and find nothing to do */
	sceau_dns_free(&dns);
	sceau_loop_free(&loop);
	sceau_resolve_desk_free(&desk);
}

/* --- all of it --- */

static int wait_for_server(void)
{
	uint64_t begin = sceau_loop_now_ms();
	struct machine machine = { .count = 0 };
	int status;

	while (machine.got[0] != SCEAU_DNS_OK || machine.count == 0) {
		if (waitpid(server, &status, WNOHANG) == server)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
		if (sceau_loop_now_ms() - begin > 20000)
			return 1;
		new_world(NULL);
		machine_fill(&machine, "mx.example", 1);
		sceau_resolve_now(loop, dns, &decider, &machine, 500, NULL,
		                  NULL, NULL);
		end_world(NULL);
	}
	return 0;
}

int main(void)
{
#define IN_WORLD(test)                                                         \
	cmocka_unit_test_setup_teardown(test, new_world, end_world)
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_now),
		IN_WORLD(test_no_question_at_all),
		IN_WORLD(test_many_at_a_time_but_not_all),
		IN_WORLD(test_deadline),
		IN_WORLD(test_cancel),
		IN_WORLD(test_end),
		IN_WORLD(test_drain),
		IN_WORLD(test_threads_wait),
		IN_WORLD(test_threads_drop),
		IN_WORLD(test_close_while_they_wait),
		IN_WORLD(test_close_without_a_loop),
	};
	int ret;

	use_own_network();
	close(udp_socket(&port));
	write_server_files();
	start_server();
	ret = wait_for_server();
	if (ret == 0)
		ret = cmocka_run_group_tests(tests, NULL, NULL);
	else
		fprintf(stderr, "unbound cannot be run: status %d\n", ret);
	stop_server();
	remove_dir();
	return ret;
}
