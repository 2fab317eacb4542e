/* test_waits.c - kicks while callbacks wait, and the bounds of waiting
 *
 * That they cure libmilter's race is tested where libmilter is: tests/system,
 * test_milter_burst.sh.
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "waits.h"

static struct sceau_loop *loop;
static struct sceau_waits *waits;
static struct sceau_loop_timer *timer;
static struct sceau_listener *listener;
static unsigned kicked; /* connections that came */

static void on_accept(void *ctx, int fd)
{
	char byte;

	(void)ctx;
	kicked++;
	/* it hung up, and said nothing */
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	close(fd);
}

static void on_timer(void *ctx)
{
	(void)ctx;
	sceau_loop_stop(loop);
}

/* Serve the loop for a while. */
static void run(uint64_t ms)
{
	sceau_loop_timer_start(timer, ms);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
}

static void begin(const char *address)
{
	struct sceau_listen_address addr;
	struct sceau_err err;

	loop = sceau_loop_new(&err);
	assert_non_null(loop);
	timer = sceau_loop_timer_new(loop, on_timer, NULL, &err);
	assert_non_null(timer);
	assert_int_equal(sceau_listen_parse(address, &addr, &err), 0);
	listener = sceau_listener_new(loop, &addr, on_accept, NULL, &err);
	if (listener == NULL)
		fail_msg("%s", err.text);
	waits = sceau_waits_new(loop, &addr, &err);
	assert_non_null(waits);
	kicked = 0;
}

static void end(void)
{
	sceau_waits_stop(waits);
	sceau_listener_free(&listener);
	sceau_loop_timer_free(&timer);
	sceau_loop_free(&loop);
	free(waits);
}

static void begin_unix(void)
{
	char address[64];

	(void)snprintf(address, sizeof(address), "unix:/tmp/sceau-waits.%d",
	               (int)getpid());
	begin(address);
}

/* Not a kick without a wait; soon some with one; none when it has ended. */
static void test_kicks(void **state)
{
	unsigned waiting;
	unsigned long kicks, refused;

	(void)state;
	begin_unix();
	run(60);
	assert_int_equal(kicked, 0);
	assert_true(sceau_waits_enter(waits));
	for (int i = 0; i < 100 && kicked < 10; i++)
		run(20);
	assert_true(kicked >= 10);
	sceau_waits_count(waits, &waiting, &kicks, &refused);
	assert_int_equal(waiting, 1);
	assert_true(kicks >= kicked);
	assert_int_equal(refused, 0);
	sceau_waits_leave(waits);
	run(100);
	kicked = 0;
	run(150);
	assert_int_equal(kicked, 0);
	/* and again */
	assert_true(sceau_waits_enter(waits));
	for (int i = 0; i < 100 && kicked < 10; i++)
		run(20);
	assert_true(kicked >= 10);
	sceau_waits_leave(waits);
	end();
}

/* Waits that end set workers free: nothing to kick for. */
static void test_progress(void **state)
{
	(void)state;
	begin_unix();
	assert_true(sceau_waits_enter(waits));
	for (int i = 0; i < 100; i++) {
		assert_true(sceau_waits_enter(waits));
		sceau_waits_leave(waits);
		run(1);
	}
	/* a loaded machine may have slept for a tick or two */
	assert_true(kicked < 60);
	sceau_waits_leave(waits);
	end();
}

static void test_tcp(void **state)
{
	(void)state;
	/* of any address: the way there is by loopback */
	begin("inet:0.0.0.0:18893");
	assert_true(sceau_waits_enter(waits));
	for (int i = 0; i < 100 && kicked < 10; i++)
		run(20);
	assert_true(kicked >= 10);
	sceau_waits_leave(waits);
	end();
}

static void test_bound(void **state)
{
	unsigned waiting;
	unsigned long kicks, refused;

	(void)state;
	begin_unix();
	for (int i = 0; i < SCEAU_WAITS_MAX; i++)
		assert_true(sceau_waits_enter(waits));
	assert_false(sceau_waits_enter(waits));
	assert_false(sceau_waits_enter(waits));
	sceau_waits_leave(waits);
	assert_true(sceau_waits_enter(waits));
	sceau_waits_count(waits, &waiting, &kicks, &refused);
	assert_int_equal(waiting, SCEAU_WAITS_MAX);
	assert_int_equal(refused, 2);
	for (int i = 0; i < SCEAU_WAITS_MAX; i++)
		sceau_waits_leave(waits);
	end();
}

/* Many wait and nobody gets an answer: the next ones wait for a second. */
static void test_dead_resolver(void **state)
{
	(void)state;
	begin_unix();
	assert_int_equal(sceau_waits_deadline(waits, 5000), 5000);
	sceau_waits_note_question(waits);
	for (int i = 0; i < 19; i++)
		assert_true(sceau_waits_enter(waits));
	run(1600);
	assert_int_equal(sceau_waits_deadline(waits, 5000), 5000);
	assert_true(sceau_waits_enter(waits));
	assert_int_equal(sceau_waits_deadline(waits, 5000), 1000);
	assert_int_equal(sceau_waits_deadline(waits, 700), 700);
	/* one answer, and all is as before */
	sceau_waits_note_answer(waits);
	assert_int_equal(sceau_waits_deadline(waits, 5000), 5000);
	sceau_waits_note_question(waits);
	assert_int_equal(sceau_waits_deadline(waits, 5000), 5000);
	for (int i = 0; i < 20; i++)
		sceau_waits_leave(waits);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kicks),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_dead_resolver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
