/* test_conn.c - bounds, backpressure and every way a connection ends
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/conn.h"

#define IN_MAX 64
#define OUT_MAX (1U << 20)

static struct sceau_loop *loop;
static struct sceau_loop_timer *guard;
static struct sceau_conn *conn;
static int peer;

/* How the owner of the next test behaves, and what it saw. */
static char seen[4096];
static size_t seen_len;
static size_t take_max; /* bytes an input call takes at most */
static bool pauses, frees, answers, finishes;
static int ended; /* calls of the hook */
static struct sceau_err why; /* FAULT_NONE: NULL was given */

static size_t on_input(void *ctx, struct sceau_conn *from, const char *data,
                       size_t len)
{
	size_t n = len < take_max ? len : take_max;

	assert_ptr_equal(ctx, seen);
	assert_ptr_equal(from, conn);
	assert_true(len > 0);
	assert_true(seen_len + n < sizeof(seen));
	memcpy(seen + seen_len, data, n);
	seen_len += n;
	seen[seen_len] = '\0';
	if (pauses)
		sceau_conn_pause(conn);
	if (answers)
		assert_int_equal(sceau_conn_write(conn, "ok", 2), 0);
	if (finishes)
		sceau_conn_finish(conn);
	if (frees) {
		sceau_conn_free(&conn);
		sceau_loop_stop(loop);
	}
	return n;
}

static void on_ended(void *ctx, struct sceau_conn *from,
                     const struct sceau_err *reason)
{
	assert_ptr_equal(ctx, seen);
	assert_ptr_equal(from, conn);
	ended++;
	why = reason == NULL ? (struct sceau_err){ SCEAU_FAULT_NONE, "" }
	                     : *reason;
	if (frees)
		sceau_conn_free(&conn);
	sceau_loop_stop(loop);
}

static const struct sceau_conn_hooks hooks = { on_input, on_ended };

static void on_guard(void *ctx)
{
	(void)ctx;
	sceau_loop_stop(loop);
}

static int set_up(void **state)
{
	int fds[2];

	(void)state;
	seen_len = 0;
	seen[0] = '\0';
	take_max = SIZE_MAX;
	pauses = frees = answers = finishes = false;
	ended = 0;
	loop = sceau_loop_new(NULL);
	guard = sceau_loop_timer_new(loop, on_guard, NULL, NULL);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) < 0)
		return -1;
	peer = fds[0];
	conn = sceau_conn_new(loop, fds[1], IN_MAX, OUT_MAX, &hooks, NULL,
	                      NULL);
	assert_non_null(conn);
	sceau_conn_set_ctx(conn, seen);
	assert_int_equal(sceau_conn_fd(conn), fds[1]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sceau_conn_free(&conn);
	assert_null(conn);
	sceau_loop_timer_free(&guard);
	sceau_loop_free(&loop);
	close(peer);
	return 0;
}

/* Serve until ended, or for ms milliseconds. */
static void run(uint64_t ms)
{
	sceau_loop_timer_start(guard, ms);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
}

static void tell(const char *text)
{
	assert_int_equal(write(peer, text, strlen(text)), strlen(text));
}

static size_t hear(char *out, size_t size)
{
	ssize_t n = read(peer, out, size);

	return n < 0 ? 0 : (size_t)n;
}

static void test_input_in_pieces(void **state)
{
	(void)state;
	/* The rest is offered again at once. */
	take_max = 2;
	tell("abcdef");
	run(50);
	assert_string_equal(seen, "abcdef");
	tell("g");
	run(50);
	assert_string_equal(seen, "abcdefg");
	assert_int_equal(ended, 0);
}

static void test_end_after_all_input(void **state)
{
	(void)state;
	tell("last words");
	shutdown(peer, SHUT_WR);
	run(5000);
	assert_string_equal(seen, "last words");
	assert_int_equal(ended, 1);
	assert_int_equal(why.fault, SCEAU_FAULT_NONE);
	/* Once. */
	run(20);
	assert_int_equal(ended, 1);
	assert_int_equal(sceau_conn_write(conn, "x", 1), -1);
}

static void test_answer_after_half_close(void **state)
{
	char got[8] = "";

	(void)state;
	answers = true;
	tell("question");
	shutdown(peer, SHUT_WR);
	run(5000);
	assert_int_equal(ended, 1);
	assert_int_equal(hear(got, sizeof(got)), 2);
	assert_string_equal(got, "ok");
}

static void test_full_buffer_without_message(void **state)
{
	(void)state;
	take_max = 0;
	for (int i = 0; i < IN_MAX - 1; i++)
		tell("x");
	run(50);
	assert_int_equal(ended, 0);
	tell("x");
	run(5000);
	assert_int_equal(ended, 1);
	assert_int_equal(why.fault, SCEAU_FAULT_LIMIT);
	assert_string_equal(why.text, "message is too long");
}

static void test_pause_holds_the_peer_back(void **state)
{
	char block[4096];
	size_t sent = 0;

	(void)state;
	pauses = true;
	take_max = 1;
	memset(block, 'x', sizeof(block));
	tell("ab");
	run(50);
	assert_string_equal(seen, "a");
	/* Nobody reads: the system's buffer fills, nothing grows here. */
	for (int i = 0; i < 1000; i++) {
		ssize_t n = send(peer, block, sizeof(block), MSG_NOSIGNAL);

		if (n < 0)
			break;
		sent += (size_t)n;
		run(1);
	}
	assert_int_equal(errno, EAGAIN);
	assert_true(sent < 1000 * sizeof(block));
	assert_string_equal(seen, "a");

	/* One message each time. */
	sceau_conn_resume(conn);
	assert_string_equal(seen, "a");
	run(20);
	assert_string_equal(seen, "ab");
	assert_int_equal(ended, 0);
}

static void test_pause_then_end(void **state)
{
	(void)state;
	pauses = true;
	tell("one");
	shutdown(peer, SHUT_WR);
	run(50);
	assert_string_equal(seen, "one");
	assert_int_equal(ended, 0);
	pauses = false;
	sceau_conn_resume(conn);
	run(5000);
	assert_int_equal(ended, 1);
	assert_int_equal(why.fault, SCEAU_FAULT_NONE);
}

static void test_owner_frees_in_input(void **state)
{
	char c;

	(void)state;
	frees = true;
	take_max = 1;
	tell("abc");
	run(5000);
	assert_null(conn);
	assert_string_equal(seen, "a");
	assert_int_equal(ended, 0);
	assert_int_equal(read(peer, &c, 1), 0);
}

static void test_owner_frees_in_ended(void **state)
{
	(void)state;
	frees = true;
	shutdown(peer, SHUT_RDWR);
	run(5000);
	assert_null(conn);
	assert_int_equal(ended, 1);
}

static void test_write_bound(void **state)
{
	char *block = calloc(1, OUT_MAX + 1);

	(void)state;
	assert_int_equal(sceau_conn_write(conn, block, OUT_MAX + 1), -1);
	/* Refused as a whole, and no harm done. */
	assert_int_equal(sceau_conn_write(conn, "x", 1), 0);
	char got[4];
	assert_int_equal(hear(got, sizeof(got)), 1);
	/* A peer that does not read fills it. */
	int writes = 0;
	while (writes < 100 && sceau_conn_write(conn, block, OUT_MAX / 4) == 0)
		writes++;
	assert_in_range(writes, 4, 20);
	free(block);
}

static void test_large_answer_arrives_whole(void **state)
{
	size_t size = OUT_MAX, total = 0;
	unsigned char *block = malloc(size), *got = malloc(size);

	(void)state;
	for (size_t i = 0; i < size; i++)
		block[i] = (unsigned char)(i * 7 + i / 251);
	assert_int_equal(sceau_conn_write(conn, block, size), 0);
	while (total < size) {
		size_t n = hear((char *)got + total, size - total);

		total += n;
		if (n == 0)
			run(1);
	}
	assert_memory_equal(block, got, size);
	assert_int_equal(ended, 0);
	free(block);
	free(got);
}

static void test_finish_sends_the_rest_first(void **state)
{
	size_t total = 0;
	char *block = calloc(1, OUT_MAX);

	(void)state;
	assert_int_equal(sceau_conn_write(conn, block, OUT_MAX), 0);
	tell("not wanted any more");
	sceau_conn_finish(conn);
	run(50);
	assert_int_equal(ended, 0);
	while (total < OUT_MAX) {
		size_t n = hear(block, OUT_MAX);

		total += n;
		if (n == 0)
			run(1);
	}
	run(ended == 0 ? 5000 : 1);
	assert_int_equal(ended, 1);
	assert_int_equal(why.fault, SCEAU_FAULT_NONE);
	assert_string_equal(seen, "");
	free(block);
}

static void test_finish_in_input(void **state)
{
	char got[8] = "";

	(void)state;
	answers = finishes = true;
	take_max = 3;
	tell("onetwo");
	run(5000);
	assert_string_equal(seen, "one");
	assert_int_equal(ended, 1);
	assert_int_equal(hear(got, sizeof(got)), 2);
}

static void test_peer_is_gone(void **state)
{
	(void)state;
	close(peer);
	/* Found out by the write; told by the loop, not inside of it. */
	assert_int_equal(sceau_conn_write(conn, "x", 1), -1);
	assert_int_equal(ended, 0);
	run(5000);
	assert_int_equal(ended, 1);
	assert_int_equal(why.fault, SCEAU_FAULT_PEER);
	peer = dup(0);
}

static void test_idle_is_not_closed(void **state)
{
	(void)state;
	run(150);
	assert_int_equal(ended, 0);
	/* Together longer than the limit, each far below it: a busy machine
	   may stretch them. */
	sceau_conn_set_idle(conn, 1000);
	for (int i = 0; i < 4; i++) {
		run(250);
		tell("x");
	}
	run(250);
	assert_int_equal(ended, 0);
	uint64_t begin = sceau_loop_now_ms();
	run(10000);
	assert_in_range(sceau_loop_now_ms() - begin, 100, 9000);
	assert_int_equal(ended, 1);
	assert_int_equal(why.fault, SCEAU_FAULT_LIMIT);
	assert_string_equal(why.text, "idle for too long");
}

static void test_idle_can_be_turned_off(void **state)
{
	(void)state;
	sceau_conn_set_idle(conn, 30);
	sceau_conn_set_idle(conn, 0);
	run(100);
	assert_int_equal(ended, 0);
}

int main(void)
{
#define ON_CONN(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		ON_CONN(test_input_in_pieces),
		ON_CONN(test_end_after_all_input),
		ON_CONN(test_answer_after_half_close),
		ON_CONN(test_full_buffer_without_message),
		ON_CONN(test_pause_holds_the_peer_back),
		ON_CONN(test_pause_then_end),
		ON_CONN(test_owner_frees_in_input),
		ON_CONN(test_owner_frees_in_ended),
		ON_CONN(test_write_bound),
		ON_CONN(test_large_answer_arrives_whole),
		ON_CONN(test_finish_sends_the_rest_first),
		ON_CONN(test_finish_in_input),
		ON_CONN(test_peer_is_gone),
		ON_CONN(test_idle_is_not_closed),
		ON_CONN(test_idle_can_be_turned_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
