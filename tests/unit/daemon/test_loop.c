/* test_loop.c - timers in order, posts from threads, watches and signals
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/loop.h"

#define THREADS 4
#define POSTS 500

static struct sceau_loop *loop;
static char trace[64];

static void note(void *ctx)
{
	size_t used = strlen(trace);

	trace[used] = *(const char *)ctx;
	trace[used + 1] = '\0';
	if (trace[used] == '.')
		sceau_loop_stop(loop);
}

static int new_loop(void **state)
{
	(void)state;
	trace[0] = '\0';
	loop = sceau_loop_new(NULL);
	return loop == NULL ? -1 : 0;
}

static int free_loop(void **state)
{
	(void)state;
	sceau_loop_free(&loop);
	assert_null(loop);
	sceau_loop_free(&loop);
	return 0;
}

static void test_timers(void **state)
{
	static const char *const names[] = { "c", ".", "a", "b", "x" };
	static const uint64_t delays[] = { 60, 90, 5, 30, 20 };
	struct sceau_loop_timer *timers[5];

	(void)state;
	for (int i = 0; i < 5; i++) {
		timers[i] = sceau_loop_timer_new(loop, note, (void *)names[i],
		                                 NULL);
		assert_non_null(timers[i]);
		sceau_loop_timer_start(timers[i], delays[i]);
	}
	/* A second start replaces the first; a stop forgets it. */
	sceau_loop_timer_start(timers[0], 2);
	sceau_loop_timer_stop(timers[4]);
	uint64_t begin = sceau_loop_now_ms();
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	uint64_t took = sceau_loop_now_ms() - begin;
	assert_string_equal(trace, "cab.");
	assert_in_range(took, 85, 5000);
	for (int i = 0; i < 5; i++) {
		sceau_loop_timer_free(&timers[i]);
		assert_null(timers[i]);
	}
	sceau_loop_timer_free(&timers[0]);
}

static struct sceau_loop_timer *own;

static void free_own(void *ctx)
{
	sceau_loop_timer_free(&own);
	note(ctx);
}

static void test_timer_frees_itself(void **state)
{
	(void)state;
	own = sceau_loop_timer_new(loop, free_own, (void *)".", NULL);
	sceau_loop_timer_start(own, 0);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	assert_null(own);
}

static void test_stop_before_run(void **state)
{
	(void)state;
	sceau_loop_stop(loop);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	/* And it can run again. */
	assert_int_equal(sceau_loop_post(loop, note, (void *)"."), 0);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	assert_string_equal(trace, ".");
}

/* What each thread posted, and what arrived. */
static struct thread {
	pthread_t id;
	int sent;
	int seen;
} threads[THREADS];
static pthread_t loop_thread;
static int arrived;

struct ticket {
	struct thread *from;
	int number;
};
static struct ticket tickets[THREADS][POSTS];

static void take(void *ctx)
{
	struct ticket *ticket = ctx;

	assert_true(pthread_equal(pthread_self(), loop_thread));
	/* In the order in which that thread posted. */
	assert_int_equal(ticket->number, ticket->from->seen);
	ticket->from->seen++;
	if (++arrived == THREADS * POSTS)
		sceau_loop_stop(loop);
}

static void *post_all(void *ctx)
{
	struct thread *thread = ctx;
	size_t index = (size_t)(thread - threads);

	for (int i = 0; i < POSTS; i++) {
		tickets[index][i] = (struct ticket){ thread, i };
		if (sceau_loop_post(loop, take, &tickets[index][i]) == 0)
			thread->sent++;
	}
	return NULL;
}

static void test_posts_from_threads(void **state)
{
	(void)state;
	arrived = 0;
	loop_thread = pthread_self();
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i].id, NULL, post_all,
		                                &threads[i]),
		                 0);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i].id, NULL);
		assert_int_equal(threads[i].sent, POSTS);
		assert_int_equal(threads[i].seen, POSTS);
	}
}

/* A post that posts again lets timers have their turn. */
static void post_again(void *ctx)
{
	if (strchr(trace, '.') == NULL)
		assert_int_equal(sceau_loop_post(loop, post_again, ctx), 0);
}

static void test_posts_starve_nobody(void **state)
{
	struct sceau_loop_timer *timer = sceau_loop_timer_new(
		loop, note, (void *)".", NULL);

	(void)state;
	sceau_loop_timer_start(timer, 10);
	post_again(NULL);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	assert_string_equal(trace, ".");
	sceau_loop_timer_free(&timer);
}

static void test_posts_run_when_freed(void **state)
{
	struct sceau_loop *other = sceau_loop_new(NULL);

	(void)state;
	assert_int_equal(sceau_loop_post(other, note, (void *)"p"), 0);
	sceau_loop_free(&other);
	assert_string_equal(trace, "p");
}

static int fds[2];
static struct sceau_loop_watch *watch;

static void on_fd(void *ctx, int events)
{
	char c;

	(void)ctx;
	if (events & SCEAU_LOOP_WRITE) {
		note((void *)"w");
		sceau_loop_watch_set(watch, SCEAU_LOOP_READ);
		assert_int_equal(write(fds[1], "r", 1), 1);
	}
	if (events & SCEAU_LOOP_READ) {
		assert_int_equal(read(fds[0], &c, 1), 1);
		note(&c);
		sceau_loop_watch_free(&watch);
		note((void *)".");
	}
}

static void test_watch(void **state)
{
	(void)state;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	watch = sceau_loop_watch_new(loop, fds[0], 0, on_fd, NULL, NULL);
	assert_non_null(watch);
	assert_int_equal(sceau_loop_watch_set(watch, SCEAU_LOOP_WRITE), 0);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	assert_string_equal(trace, "wr.");
	assert_null(watch);
	close(fds[0]);
	close(fds[1]);
}

static void test_watch_bad_fd(void **state)
{
	struct sceau_err err = { .text = "" };

	(void)state;
	/* A plain file cannot be waited for. */
	int fd = dup(0);
	close(fd);
	watch = sceau_loop_watch_new(loop, fd, SCEAU_LOOP_READ, on_fd, NULL,
	                             &err);
	assert_null(watch);
	assert_int_equal(err.fault, SCEAU_FAULT_TEMP);
}

static void test_signal(void **state)
{
	(void)state;
	assert_int_equal(
		sceau_loop_on_signal(loop, SIGUSR1, note, (void *)"s", NULL),
		0);
	assert_int_equal(
		sceau_loop_on_signal(loop, SIGUSR2, note, (void *)".", NULL),
		0);
	raise(SIGUSR1);
	raise(SIGUSR2);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	assert_non_null(strchr(trace, 's'));
}

int main(void)
{
#define ON_LOOP(test) cmocka_unit_test_setup_teardown(test, new_loop, free_loop)
	const struct CMUnitTest tests[] = {
		ON_LOOP(test_timers),
		ON_LOOP(test_timer_frees_itself),
		ON_LOOP(test_stop_before_run),
		ON_LOOP(test_posts_from_threads),
		ON_LOOP(test_posts_starve_nobody),
		ON_LOOP(test_posts_run_when_freed),
		ON_LOOP(test_watch),
		ON_LOOP(test_watch_bad_fd),
		ON_LOOP(test_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
