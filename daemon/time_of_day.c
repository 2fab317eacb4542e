/* time_of_day.c - see time_of_day.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <pthread.h>
#include <time.h>

#include "daemon/time_of_day.h"

#define NS_PER_S 1000000000ULL

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint64_t offset_ns; /* wall clock - time since the boot */

static uint64_t read_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static void set_offset(void)
{
	/* Unsigned: right also when the wall clock is behind the boot. */
	offset_ns = read_clock(CLOCK_REALTIME) - read_clock(CLOCK_BOOTTIME);
}

uint64_t sceau_time_of_day_ns(void)
{
	pthread_once(&once, set_offset);
	return offset_ns + read_clock(CLOCK_BOOTTIME);
}
