/* test_greylist.c - attempts in time, early, late, and under crooked clocks
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "policy/greylist.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define MINUTE 60ULL
#define HOUR 3600ULL
#define DAY (24 * HOUR)
#define NOW 1767225600ULL

static const struct sceau_greylist_rules usual = {
	.delay_s = 60,
	.retry_window_s = 2 * DAY,
	.lifetime_s = 35 * DAY,
	.learned_s = 180 * DAY,
	.client_passes = 5,
};

/* What a keeper of records does: one attempt, and what must be kept. */
static struct sceau_greylist_decision
attempt(const struct sceau_greylist_rules *rules,
        struct sceau_greylist_known *known, uint64_t now_s)
{
	struct sceau_greylist_decision decision;

	sceau_greylist_decide(rules, known, now_s, &decision);
	if (decision.keeps_attempt) {
		known->has_attempt = true;
		known->attempt = decision.known.attempt;
	}
	if (decision.keeps_client) {
		known->has_client = true;
		known->client = decision.known.client;
	}
	if (decision.keeps_learned) {
		known->has_learned = true;
		known->learned = decision.known.learned;
	}
	return decision;
}

/* Attempts of one sender at one recipient: when, and what is said. */
struct event {
	uint64_t at_s; /* after NOW; one before it is written as -BACK */
	const char *want;
	uint64_t want_wait_s;
};

#define BACK(seconds) ((uint64_t)0 - (seconds))

struct story {
	const char *what;
	struct event events[8];
};

static const struct story stories[] = {
	/* postgrey: new, early-retry, then found */
	{ "the usual retry",
	  { { 0, "new", 60 },
	    { 5 * MINUTE, "retry", 0 },
	    { 6 * MINUTE, "known", 0 } } },
	{ "too early, then in time",
	  { { 0, "new", 60 },
	    { 1, "early", 59 },
	    { 59, "early", 1 },
	    { 60, "retry", 0 } } },
	{ "early attempts do not begin the wait anew",
	  { { 0, "new", 60 }, { 50, "early", 10 }, { 61, "retry", 0 } } },
	/* large mailers come back after hours (postgrey issue 49: > 24 h) */
	{ "a day and more later",
	  { { 0, "new", 60 }, { 2 * DAY - 1, "retry", 0 } } },
	{ "after the window it is a new attempt",
	  { { 0, "new", 60 },
	    { 2 * DAY, "new", 60 },
	    { 2 * DAY + 60, "retry", 0 } } },
	{ "known for 35 days from the last mail",
	  { { 0, "new", 60 },
	    { 60, "retry", 0 },
	    { 30 * DAY, "known", 0 },
	    { 64 * DAY, "known", 0 },
	    { 99 * DAY, "new", 60 } } },
	{ "the clock goes back an hour while it waits: one delay more",
	  { { 0, "new", 60 },
	    { 50, "early", 10 },
	    { BACK(HOUR), "early", 60 },
	    { BACK(HOUR) + 60, "retry", 0 } } },
	{ "the clock goes back to 1970: waits once, then passes",
	  { { 0, "new", 60 },
	    { BACK(NOW) + 5, "early", 60 },
	    { BACK(NOW) + 64, "early", 1 },
	    { BACK(NOW) + 65, "retry", 0 } } },
	{ "known stays known in 1970, and back again",
	  { { 0, "new", 60 },
	    { 60, "retry", 0 },
	    { BACK(NOW) + 5, "known", 0 },
	    { BACK(HOUR), "new", 60 } } },
	{ "known stays known an hour back and forth",
	  { { 0, "new", 60 },
	    { 60, "retry", 0 },
	    { BACK(HOUR), "known", 0 },
	    { 120, "known", 0 } } },
	{ "forward a little: passes early, no more",
	  { { 0, "new", 60 }, { HOUR, "retry", 0 } } },
};

static void test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(stories); i++) {
		struct sceau_greylist_known known = { .has_attempt = false };
		const struct event *event = stories[i].events;

		for (; event->want != NULL; event++) {
			struct sceau_greylist_decision got = attempt(
				&usual, &known, NOW + event->at_s);
			const char *word = sceau_greylist_reason_word(
				got.reason);

			if (strcmp(word, event->want) != 0 ||
			    got.wait_s != event->want_wait_s ||
			    got.passes != (event->want_wait_s == 0))
				fail_msg("%s, event %zu: got %s %llu",
				         stories[i].what,
				         (size_t)(event - stories[i].events),
				         word, (unsigned long long)got.wait_s);
		}
	}
}

/* In learning mode nobody comes back, since nothing was deferred: the next
   mail, a week later, counts as the retry. */
static void test_learning(void **state)
{
	struct sceau_greylist_rules rules = usual;
	struct sceau_greylist_known known = { .has_attempt = false };

	(void)state;
	rules.is_learning = true;
	assert_int_equal(attempt(&rules, &known, NOW).reason,
	                 SCEAU_GREYLIST_NEW);
	assert_int_equal(attempt(&rules, &known, NOW + 7 * DAY).reason,
	                 SCEAU_GREYLIST_RETRY);
	rules.is_learning = false;
	assert_int_equal(attempt(&rules, &known, NOW + 14 * DAY).reason,
	                 SCEAU_GREYLIST_KNOWN);
}

/* Five retries in five different hours, from one origin: trusted. */
static void test_client(void **state)
{
	struct sceau_greylist_known known = { .has_attempt = false };
	struct sceau_greylist_decision decision;
	uint64_t now = NOW;

	(void)state;
	for (int i = 0; i < 5; i++) {
		known.has_attempt = false; /* each time another recipient */
		assert_false(attempt(&usual, &known, now).passes);
		decision = attempt(&usual, &known, now + 60);
		assert_int_equal(decision.reason, SCEAU_GREYLIST_RETRY);
		assert_int_equal(known.client.count, i + 1);
		known.has_attempt = false; /* a burst counts once */
		(void)attempt(&usual, &known, now + 61);
		(void)attempt(&usual, &known, now + 121);
		assert_int_equal(known.client.count, i + 1);
		now += 2 * HOUR;
	}
	known.has_attempt = false;
	decision = attempt(&usual, &known, now);
	assert_int_equal(decision.reason, SCEAU_GREYLIST_TRUSTED);
	assert_true(decision.passes);
	assert_false(decision.keeps_attempt); /* nothing to keep of it */
	/* trusted for 35 days from the last use */
	assert_int_equal(attempt(&usual, &known, now + 34 * DAY).reason,
	                 SCEAU_GREYLIST_TRUSTED);
	assert_int_equal(attempt(&usual, &known, now + 68 * DAY).reason,
	                 SCEAU_GREYLIST_TRUSTED);
	assert_int_equal(attempt(&usual, &known, now + 103 * DAY).reason,
	                 SCEAU_GREYLIST_NEW);
}

static void test_client_never(void **state)
{
	struct sceau_greylist_rules rules = usual;
	struct sceau_greylist_known known = { .has_attempt = false };

	(void)state;
	rules.client_passes = 0;
	(void)attempt(&rules, &known, NOW);
	(void)attempt(&rules, &known, NOW + 60);
	assert_false(known.has_client);
	known.has_client = true;
	known.has_attempt = false;
	known.client = sceau_greylist_granted(&usual, SCEAU_GREYLIST_CLIENT,
	                                      NOW);
	assert_int_equal(attempt(&rules, &known, NOW).reason,
	                 SCEAU_GREYLIST_NEW);
}

static void test_learned(void **state)
{
	struct sceau_greylist_known known = { .has_learned = true };
	struct sceau_greylist_record again;

	(void)state;
	assert_true(sceau_greylist_learn(&usual, NULL, NOW, &known.learned));
	assert_int_equal(attempt(&usual, &known, NOW + 1).reason,
	                 SCEAU_GREYLIST_ANSWER);
	assert_false(known.has_attempt);
	/* written to again: not written down each time */
	assert_false(
		sceau_greylist_learn(&usual, &known.learned, NOW + 2, &again));
	assert_true(sceau_greylist_learn(&usual, &known.learned, NOW + 2 * HOUR,
	                                 &again));
	assert_int_equal(again.count, 2);
	assert_int_equal(again.last_s, NOW + 2 * HOUR);
	assert_int_equal(again.first_s, NOW);
	/* half a year from the last use */
	assert_int_equal(attempt(&usual, &known, NOW + 179 * DAY).reason,
	                 SCEAU_GREYLIST_ANSWER);
	assert_int_equal(attempt(&usual, &known, NOW + 358 * DAY).reason,
	                 SCEAU_GREYLIST_ANSWER);
	assert_int_equal(attempt(&usual, &known, NOW + 538 * DAY).reason,
	                 SCEAU_GREYLIST_NEW);
	/* what has ended begins anew */
	assert_true(sceau_greylist_learn(&usual, &known.learned,
	                                 NOW + 900 * DAY, &again));
	assert_int_equal(again.count, 1);
	assert_int_equal(again.first_s, NOW + 900 * DAY);
	/* and one of the future is put right */
	assert_true(sceau_greylist_learn(&usual, &again, NOW, &again));
	assert_int_equal(again.last_s, NOW);
}

/* SPF could not be checked at the first attempt, so that is kept under the
   network; at the second it passes, and the domain is the origin. */
static void test_network(void **state)
{
	struct sceau_greylist_known known = { .has_attempt = false };
	struct sceau_greylist_decision decision;

	(void)state;
	known.has_net_attempt = true;
	known.net_attempt.kind = SCEAU_GREYLIST_ATTEMPT;
	known.net_attempt.first_s = NOW;
	known.net_attempt.last_s = NOW;
	known.net_attempt.count = 1;
	decision = attempt(&usual, &known, NOW + 20);
	assert_int_equal(decision.reason, SCEAU_GREYLIST_EARLY);
	assert_int_equal(decision.wait_s, 40);
	assert_int_equal(known.attempt.first_s, NOW);
	assert_int_equal(attempt(&usual, &known, NOW + 60).reason,
	                 SCEAU_GREYLIST_RETRY);
	/* one that ended does not count */
	known = (struct sceau_greylist_known){
		.has_net_attempt = true,
		.net_attempt = { .kind = SCEAU_GREYLIST_ATTEMPT,
		                 .has_passed = true,
		                 .first_s = NOW - 50 * DAY,
		                 .last_s = NOW - 40 * DAY },
	};
	assert_int_equal(attempt(&usual, &known, NOW).reason,
	                 SCEAU_GREYLIST_NEW);
	/* passed counts more than waiting, on either side */
	known.net_attempt.last_s = NOW - DAY;
	assert_int_equal(attempt(&usual, &known, NOW).reason,
	                 SCEAU_GREYLIST_KNOWN);
	known.attempt.has_passed = true;
	known.net_attempt.has_passed = false;
	assert_int_equal(attempt(&usual, &known, NOW).reason,
	                 SCEAU_GREYLIST_KNOWN);
	/* of the future, as of now: it is kept by its new origin, and passes
	   after one delay */
	known = (struct sceau_greylist_known){
		.has_net_attempt = true,
		.net_attempt = { .kind = SCEAU_GREYLIST_ATTEMPT,
		                 .first_s = NOW + DAY,
		                 .last_s = NOW + DAY },
	};
	assert_false(attempt(&usual, &known, NOW).passes);
	assert_true(attempt(&usual, &known, NOW + 60).passes);
	/* a network that is trusted */
	known = (struct sceau_greylist_known){
		.has_net_client = true,
		.net_client = sceau_greylist_granted(
			&usual, SCEAU_GREYLIST_CLIENT, NOW),
	};
	assert_int_equal(attempt(&usual, &known, NOW).reason,
	                 SCEAU_GREYLIST_TRUSTED);
}

static void test_granted(void **state)
{
	struct sceau_greylist_known known = { .has_attempt = true };

	(void)state;
	known.attempt = sceau_greylist_granted(&usual, SCEAU_GREYLIST_ATTEMPT,
	                                       NOW);
	assert_int_equal(attempt(&usual, &known, NOW).reason,
	                 SCEAU_GREYLIST_KNOWN);
	known.has_attempt = false;
	known.has_client = true;
	known.client = sceau_greylist_granted(&usual, SCEAU_GREYLIST_CLIENT,
	                                      NOW);
	assert_int_equal(attempt(&usual, &known, NOW).reason,
	                 SCEAU_GREYLIST_TRUSTED);
	/* a record in the place of another kind is not taken for one */
	known.learned = known.client;
	known.has_learned = true;
	known.has_client = false;
	assert_int_equal(attempt(&usual, &known, NOW).reason,
	                 SCEAU_GREYLIST_NEW);
}

static void test_rest(void **state)
{
	struct sceau_greylist_record waiting = {
		.kind = SCEAU_GREYLIST_ATTEMPT,
		.first_s = NOW,
		.last_s = NOW + 100,
		.count = 2,
	};
	struct sceau_greylist_record passed = waiting;

	(void)state;
	passed.has_passed = true;
	assert_int_equal(sceau_greylist_rest_s(&usual, &waiting, NOW + 100),
	                 2 * DAY - 100);
	assert_int_equal(sceau_greylist_rest_s(&usual, &waiting, NOW + 2 * DAY),
	                 0);
	assert_int_equal(sceau_greylist_rest_s(&usual, &passed, NOW + 100),
	                 35 * DAY);
	/* of the future: nothing has ended, and nothing lasts for years */
	assert_int_equal(sceau_greylist_rest_s(&usual, &waiting, 5), 2 * DAY);
	assert_int_equal(sceau_greylist_rest_s(&usual, &passed, 5), 35 * DAY);
	assert_int_equal(sceau_greylist_rest_s(&usual, &passed, UINT64_MAX), 0);
}

static void test_reply(void **state)
{
	char text[SCEAU_GREYLIST_TEXT_SIZE];

	(void)state;
	sceau_greylist_reply_text(60, text);
	assert_string_equal(text, "Greylisted: please try again in 60 seconds "
	                          "or later");
	sceau_greylist_reply_text(1, text);
	assert_string_equal(text, "Greylisted: please try again in 1 second or "
	                          "later");
	sceau_greylist_reply_text(UINT64_MAX, text);
	assert_true(strlen(text) < sizeof(text) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
		cmocka_unit_test(test_learning),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_client_never),
		cmocka_unit_test(test_learned),
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_granted),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
