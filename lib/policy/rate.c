/* rate.c - see rate.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>

#include "policy/rate.h"

#define FILL_MAX_NS (100ULL * 366 * 86400 * SCEAU_RATE_NS_PER_S)
#define NOW_MAX_NS (1ULL << 62)

int sceau_rate_init(struct sceau_rate *rate, uint64_t count, uint64_t period_s,
                    uint64_t burst, struct sceau_err *err)
{
	if (count == 0 || count > SCEAU_RATE_COUNT_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the number of a rate goes from 1 to %llu",
		                  SCEAU_RATE_COUNT_MAX);
	if (period_s == 0 || period_s > SCEAU_RATE_PERIOD_MAX_S)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the period of a rate goes from 1s to 366d");
	if (burst == 0 || burst > SCEAU_RATE_COUNT_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a burst goes from 1 to %llu",
		                  SCEAU_RATE_COUNT_MAX);

	uint64_t interval = (period_s * SCEAU_RATE_NS_PER_S + count - 1) /
	                    count;
	if (burst > FILL_MAX_NS / interval)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "at this rate a burst of %llu takes more "
		                  "than 100 years to come back",
		                  (unsigned long long)burst);
	rate->burst = burst;
	rate->interval_ns = interval;
	return 0;
}

struct sceau_rate_answer sceau_rate_ask(const struct sceau_rate *rate,
                                        uint64_t full_at_ns, uint64_t now_ns,
                                        uint64_t cost)
{
	uint64_t empty = rate->burst * rate->interval_ns;
	struct sceau_rate_answer answer = { .full_at_ns = full_at_ns };

	assert(now_ns < NOW_MAX_NS);
	/* Later than it takes to fill an empty bucket can only come of a
	   clock that went back. */
	if (answer.full_at_ns > now_ns + empty)
		answer.full_at_ns = now_ns + empty;
	if (cost > rate->burst) {
		answer.wait_ns = SCEAU_RATE_NEVER;
		return answer;
	}
	uint64_t full_at = answer.full_at_ns > now_ns ? answer.full_at_ns
	                                              : now_ns;
	uint64_t wanted = full_at + cost * rate->interval_ns;
	if (cost > 0 && wanted > now_ns + empty) {
		answer.wait_ns = wanted - (now_ns + empty);
		return answer;
	}
	answer.passes = true;
	if (cost > 0)
		answer.full_at_ns = wanted;
	return answer;
}
