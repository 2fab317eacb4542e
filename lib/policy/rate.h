/* rate.h - how often something may happen: the generic cell rate algorithm.
 *
 * A bucket of burst units fills up again at count units a period, evenly: one
 * unit each period/count (the interval). From a full bucket burst units pass
 * at once; then one each interval. Never more than
 *
 *     burst + W / interval
 *
 * units pass in any stretch of time W: with burst = count that is at most
 * 2 * count in one period, and count in every period that follows it.
 *
 * The whole state is one number, the time at which the bucket will be full
 * again ("full at"); 0 and every time in the past mean a full bucket, so that
 * state that has passed can be forgotten. This makes it cheap to keep and
 * possible to change by one atomic step (ITU-T I.371 calls it TAT).
 *
 * Pure; time comes from the caller in nanoseconds of any clock. A clock that
 * jumps forward fills the bucket; one that jumps back can at most empty it:
 * nothing ever waits longer than burst intervals.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_RATE_H
#define SCEAU_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define SCEAU_RATE_NS_PER_S 1000000000ULL
#define SCEAU_RATE_COUNT_MAX 1000000000ULL
#define SCEAU_RATE_PERIOD_MAX_S (366ULL * 86400)

/* The wait of what can never pass, since it costs more than a full bucket. */
#define SCEAU_RATE_NEVER UINT64_MAX

/* Read it, fill it by sceau_rate_init only. */
struct sceau_rate {
	uint64_t burst; /* units in a full bucket */
	uint64_t interval_ns; /* time that brings one unit back */
};

struct sceau_rate_answer {
	bool passes;
	uint64_t full_at_ns; /* the state to keep, also if !passes */
	uint64_t wait_ns; /* 0 if passes, else until it would pass, or
	                     SCEAU_RATE_NEVER */
};

/* Fill rate for count units a period_s seconds. Returns -1 with FAULT_CONFIG
   (rate untouched) when count or burst is 0 or more than
   SCEAU_RATE_COUNT_MAX, when period_s is 0 or more than
   SCEAU_RATE_PERIOD_MAX_S, or when an empty bucket would take more than 100
   years to fill. The interval is rounded up to a nanosecond: the rate is never
   exceeded. */
int sceau_rate_init(struct sceau_rate *rate, uint64_t count, uint64_t period_s,
                    uint64_t burst, struct sceau_err *err);

/* What comes of taking cost units at now_ns from a bucket whose state is
   full_at_ns (0 = never used). Who accepts the answer keeps full_at_ns of it.
   If it does not pass this is the old state, but for a clock that went back:
   then it must be kept too, or the wait would begin anew with each question.
   A cost of 0 always passes. now_ns must be below 2^62. */
struct sceau_rate_answer sceau_rate_ask(const struct sceau_rate *rate,
                                        uint64_t full_at_ns, uint64_t now_ns,
                                        uint64_t cost);

#endif
