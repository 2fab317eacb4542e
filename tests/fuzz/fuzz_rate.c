/* fuzz_rate.c - whatever is asked when, a bucket never gives more than it has
 *
 * The input is a rate and a series of questions: how much later, how many
 * units. What passed in every stretch of time that begins with a question is
 * held against burst + stretch / interval.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "policy/rate.h"

#define QUESTIONS_MAX 64

struct question {
	uint64_t at_ns;
	uint64_t passed;
};

static uint64_t take(const uint8_t **data, size_t *size, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i<bytes && * size> 0; i++) {
		value = value << 8 | **data;
		++*data;
		--*size;
	}
	return value;
}

static void check_stretches(const struct sceau_rate *rate,
                            const struct question *asked, size_t count)
{
	for (size_t first = 0; first < count; first++) {
		uint64_t passed = 0;

		for (size_t last = first; last < count; last++) {
			uint64_t stretch = asked[last].at_ns -
			                   asked[first].at_ns;

			passed += asked[last].passed;
			must(passed <=
			             rate->burst + stretch / rate->interval_ns,
			     "never more than burst and what came back");
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct question asked[QUESTIONS_MAX];
	uint64_t count = take(&data, &size, 2), period = take(&data, &size, 3);
	uint64_t burst = take(&data, &size, 2), now = 1000000000;
	uint64_t full_at = 0;
	struct sceau_rate rate;
	size_t n = 0;

	if (sceau_rate_init(&rate, count, period, burst, NULL) < 0)
		return 0;
	while (size > 0 && n < QUESTIONS_MAX) {
		now += take(&data, &size, 5);
		uint64_t cost = take(&data, &size, 1) % 32;
		struct sceau_rate_answer answer = sceau_rate_ask(&rate, full_at,
		                                                 now, cost);

		must(answer.passes ? answer.wait_ns == 0 : answer.wait_ns > 0,
		     "who waits is told how long");
		must(answer.passes || answer.wait_ns == SCEAU_RATE_NEVER ||
		             answer.wait_ns <= rate.burst * rate.interval_ns,
		     "no wait is longer than a bucket takes to fill");
		must((answer.wait_ns == SCEAU_RATE_NEVER) ==
		             (cost > rate.burst),
		     "never, exactly when it is more than a full bucket");
		full_at = answer.full_at_ns;
		asked[n].at_ns = now;
		asked[n++].passed = answer.passes ? cost : 0;
	}
	check_stretches(&rate, asked, n);
	return 0;
}
