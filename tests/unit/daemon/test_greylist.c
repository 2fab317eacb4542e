/* test_greylist.c - greylisting in memory, on the loop and from threads
 *
 * SPDX-License-Identifier: MIT
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/greylist.h"
#include "daemon/greylist_desk.h"

#define DAY 86400ULL

static const struct sceau_greylist_rules rules = {
	.delay_s = 1,
	.retry_window_s = 2 * DAY,
	.lifetime_s = 35 * DAY,
	.learned_s = 180 * DAY,
	.client_passes = 1,
};

static struct sceau_loop *loop;
static struct sceau_greylist *greylist;

static int new_world(void **state)
{
	(void)state;
	loop = sceau_loop_new(NULL);
	assert_non_null(loop);
	greylist = sceau_greylist_memory_new(loop, &rules, 1000, NULL, NULL);
	assert_non_null(greylist);
	return 0;
}

static int end_world(void **state)
{
	(void)state;
	sceau_greylist_free(&greylist);
	assert_null(greylist);
	sceau_loop_free(&loop);
	return 0;
}

static struct sceau_greylist_request
request_of(const char *recipient, const char *sender, const char *origin)
{
	struct sceau_greylist_request request = { .rules = rules };

	sceau_greylist_recipient(recipient, request.recipient);
	sceau_greylist_sender(sender, request.sender);
	snprintf(request.origin, sizeof(request.origin), "%s", origin);
	return request;
}

static void take_reason(void *ctx, const struct sceau_greylist_answer *answer)
{
	assert_false(answer->has_failed);
	*(enum sceau_greylist_reason *)ctx = answer->decision.reason;
}

static enum sceau_greylist_reason
attempt(const char *recipient, const char *sender, const char *origin)
{
	struct sceau_greylist_request request = request_of(recipient, sender,
	                                                   origin);
	enum sceau_greylist_reason reason = (enum sceau_greylist_reason)99;

	sceau_greylist_decide_on(greylist, &request, take_reason, &reason);
	return reason;
}

static void want_no_error(void *ctx, const struct sceau_greylist_page *page,
                          const struct sceau_err *err)
{
	(void)page;
	assert_null(err);
	(*(int *)ctx)++;
}

static void apply(const char *key, bool is_removal, bool has_passed,
                  uint64_t first_ago_s, uint64_t last_ago_s)
{
	struct sceau_greylist_change change = {
		.is_removal = is_removal,
		.record = { .kind = (enum sceau_greylist_kind)key[0],
		            .has_passed = has_passed,
		            .first_s = first_ago_s,
		            .last_s = last_ago_s,
		            .count = 1 },
	};
	int calls = 0;

	snprintf(change.key, sizeof(change.key), "%s", key);
	sceau_greylist_apply(greylist, &rules, &change, want_no_error, &calls);
	assert_int_equal(calls, 1);
}

static void test_attempts(void **state)
{
	(void)state;
	assert_int_equal(attempt("a@here.test", "b@there.test", "there.test"),
	                 SCEAU_GREYLIST_NEW);
	assert_int_equal(attempt("a@here.test", "b@there.test", "there.test"),
	                 SCEAU_GREYLIST_EARLY);
	/* another host of that domain is the same client; one that is not of
	   it is another */
	assert_int_equal(attempt("a@here.test", "b@there.test", "192.0.2.0/24"),
	                 SCEAU_GREYLIST_NEW);
	usleep(2100000);
	assert_int_equal(attempt("A+x@Here.test", "B@There.test", "there.test"),
	                 SCEAU_GREYLIST_RETRY);
	/* it came back: trusted, since one is enough here */
	assert_int_equal(attempt("z@here.test", "q@there.test", "there.test"),
	                 SCEAU_GREYLIST_TRUSTED);
	assert_int_equal(
		attempt("z@here.test", "q@there.test", "198.51.100.0/24"),
		SCEAU_GREYLIST_NEW);
}

/* The origin was a network, and is a domain now that SPF passes. */
static void test_network(void **state)
{
	struct sceau_greylist_request request = request_of(
		"a@here.test", "b@there.test", "there.test");
	enum sceau_greylist_reason reason;

	(void)state;
	snprintf(request.network, sizeof(request.network), "192.0.2.0/24");
	apply("a/a@here.test/b@there.test/192.0.2.0/24", false, true, 9, 9);
	sceau_greylist_decide_on(greylist, &request, take_reason, &reason);
	assert_int_equal(reason, SCEAU_GREYLIST_KNOWN);
	apply("c/192.0.2.0/24", false, false, 9, 9);
	sceau_greylist_decide_on(greylist, &request, take_reason, &reason);
	assert_int_equal(reason, SCEAU_GREYLIST_TRUSTED);
}

static void test_learned(void **state)
{
	(void)state;
	sceau_greylist_learn_pair(greylist, &rules, "a@here.test",
	                          "b@there.test");
	assert_int_equal(attempt("a@here.test", "b@there.test", "x.test"),
	                 SCEAU_GREYLIST_ANSWER);
	assert_int_equal(attempt("c@here.test", "b@there.test", "x.test"),
	                 SCEAU_GREYLIST_NEW);
}

static void test_changes(void **state)
{
	const char *key = "a/a@here.test/b@there.test/there.test";

	(void)state;
	/* seen two minutes ago: this is the retry */
	apply(key, false, false, 120, 120);
	assert_int_equal(attempt("a@here.test", "b@there.test", "there.test"),
	                 SCEAU_GREYLIST_RETRY);
	apply("c/there.test", true, false, 0, 0);
	assert_int_equal(attempt("a@here.test", "b@there.test", "there.test"),
	                 SCEAU_GREYLIST_KNOWN);
	apply(key, true, false, 0, 0);
	apply(key, true, false, 0, 0); /* not there: works */
	assert_int_equal(attempt("a@here.test", "b@there.test", "there.test"),
	                 SCEAU_GREYLIST_NEW);
	/* known, but not for that long */
	apply(key, false, true, 100 * DAY, 36 * DAY);
	assert_int_equal(attempt("a@here.test", "b@there.test", "there.test"),
	                 SCEAU_GREYLIST_NEW);
	/* ages beyond the beginning of time, and in the wrong order */
	apply(key, false, true, UINT64_MAX, 5);
	assert_int_equal(attempt("a@here.test", "b@there.test", "there.test"),
	                 SCEAU_GREYLIST_KNOWN);
	apply(key, false, true, 5, 50);
	assert_int_equal(attempt("a@here.test", "b@there.test", "there.test"),
	                 SCEAU_GREYLIST_KNOWN);
}

struct listing {
	size_t records, pages;
	uint64_t next;
};

static void take_page(void *ctx, const struct sceau_greylist_page *page,
                      const struct sceau_err *err)
{
	struct listing *listing = ctx;

	assert_null(err);
	assert_true(page->count <= SCEAU_GREYLIST_PAGE_MAX);
	for (size_t i = 0; i < page->count; i++) {
		struct sceau_greylist_parts parts;

		assert_int_equal(sceau_greylist_key_parse(page->entry[i].key,
		                                          &parts, NULL),
		                 0);
		assert_true(page->entry[i].record.last_s <= page->now_s);
	}
	listing->records += page->count;
	listing->pages++;
	listing->next = page->next;
}

static void test_list(void **state)
{
	struct listing listing = { .records = 0 };
	struct sceau_greylist_stats stats;
	char recipient[64];

	(void)state;
	sceau_greylist_list(greylist, 0, take_page, &listing);
	assert_int_equal(listing.records, 0);
	assert_int_equal(listing.next, 0);
	for (int i = 0; i < 500; i++) {
		snprintf(recipient, sizeof(recipient), "u%d@here.test", i);
		(void)attempt(recipient, "b@there.test", "there.test");
	}
	do
		sceau_greylist_list(greylist, listing.next, take_page,
		                    &listing);
	while (listing.next != 0);
	assert_int_equal(listing.records, 500);
	assert_true(listing.pages > 3);
	sceau_greylist_stats(greylist, &stats);
	assert_string_equal(stats.engine, "memory");
	assert_int_equal(stats.entries, 500);
	assert_int_equal(stats.entries_max, 1000);
	sceau_greylist_use(greylist, &rules, 2000);
	sceau_greylist_stats(greylist, &stats);
	assert_int_equal(stats.entries_max, 2000);
}

/* --- from threads --- */

#define THREADS 8
#define ASKS 200

static struct sceau_greylist_desk *desk;
static pthread_barrier_t together;

static void *ask_much(void *arg)
{
	uintptr_t passed = 0;
	unsigned first = *(unsigned *)arg;

	pthread_barrier_wait(&together);
	for (unsigned i = 0; i < ASKS; i++) {
		struct sceau_greylist_decision decision;
		struct sceau_greylist_request request;
		char recipient[64];

		snprintf(recipient, sizeof(recipient), "u%u@here.test",
		         first + i);
		request = request_of(recipient, "b@there.test", "there.test");
		if (sceau_greylist_desk_ask(desk, &request, 30000, &decision,
		                            NULL) < 0)
			return NULL;
		passed += decision.passes;
	}
	if (pthread_barrier_wait(&together) == PTHREAD_BARRIER_SERIAL_THREAD)
		sceau_loop_stop(loop);
	return (void *)(passed + 1);
}

static void test_threads(void **state)
{
	pthread_t threads[THREADS];
	unsigned first[THREADS];
	struct sceau_greylist_stats stats;

	(void)state;
	desk = sceau_greylist_desk_new(loop, greylist, NULL);
	assert_non_null(desk);
	pthread_barrier_init(&together, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++) {
		first[i] = i / 2 * 100; /* two ask for the same */
		assert_int_equal(
			pthread_create(&threads[i], NULL, ask_much, &first[i]),
			0);
	}
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		void *result;

		pthread_join(threads[i], &result);
		assert_non_null(result);
	}
	sceau_greylist_stats(greylist, &stats);
	assert_in_range(stats.entries, 500, 501); /* and the client */
	pthread_barrier_destroy(&together);
	sceau_greylist_desk_free(&desk);
	assert_null(desk);
}

static void *ask_once(void *arg)
{
	struct sceau_greylist_request request = request_of(
		"a@here.test", "b@there.test", "there.test");
	struct sceau_greylist_decision decision;
	static struct sceau_err err;

	err.text[0] = '\0';
	if (sceau_greylist_desk_ask(desk, &request, *(unsigned *)arg, &decision,
	                            &err) == 0)
		return NULL;
	return err.text;
}

/* A loop that does not turn costs its deadline and no more; what was asked is
   still carried out later, without anybody to hear of it. */
static void test_deadline(void **state)
{
	unsigned deadline_ms = 50;
	struct sceau_greylist_stats stats;
	pthread_t thread;
	void *result;

	(void)state;
	desk = sceau_greylist_desk_new(loop, greylist, NULL);
	pthread_create(&thread, NULL, ask_once, &deadline_ms);
	pthread_join(thread, &result);
	assert_non_null(result);
	assert_string_equal(result, "no decision within 50 ms");
	sceau_loop_stop(loop);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	sceau_greylist_desk_close(desk);
	sceau_greylist_stats(greylist, &stats);
	assert_in_range(stats.entries, 0, 1);
	/* closed: told at once */
	deadline_ms = 60000;
	pthread_create(&thread, NULL, ask_once, &deadline_ms);
	pthread_join(thread, &result);
	assert_non_null(result);
	assert_string_equal(result, "the daemon is stopping");
	sceau_greylist_free(&greylist);
	sceau_loop_free(&loop);
	sceau_greylist_desk_free(&desk);
}

int main(void)
{
#define IN_WORLD(test)                                                         \
	cmocka_unit_test_setup_teardown(test, new_world, end_world)
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_attempts), IN_WORLD(test_network),
		IN_WORLD(test_learned),  IN_WORLD(test_changes),
		IN_WORLD(test_list),     IN_WORLD(test_threads),
		IN_WORLD(test_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
