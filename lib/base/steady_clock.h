/* steady_clock.h - seconds that go on evenly, across restarts as well.
 *
 * What is kept on disk for days must not die because the clock of the host
 * jumped: one that starts in 1970 until NTP has spoken, that is put back an
 * hour, that was years ahead. So ages are counted on a clock of our own. While
 * the process runs it follows the monotonic clock alone. Between two runs it
 * follows the wall clock only where that is believable: never back, and never
 * by more than a day at once (whatever was meant to end meanwhile then ends
 * later, which harms nobody).
 *
 * Its seconds are close to those since 1970, but are no date: only their
 * differences mean something.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_STEADY_CLOCK_H
#define SCEAU_STEADY_CLOCK_H

#include <stdint.h>

/* The longest time that may pass between two runs, in seconds. */
#define SCEAU_STEADY_CLOCK_GAP_MAX 86400

/* What is kept on disk, with the data that it dates. */
struct sceau_steady_mark {
	uint64_t steady_s;
	uint64_t wall_s; /* the wall clock at the same time */
};

/* Read it by the functions below. */
struct sceau_steady_clock {
	uint64_t start_s; /* its time when it was started */
	uint64_t start_ms; /* the monotonic clock then */
};

/* Start it at wall_s (seconds since 1970) and mono_ms (a clock that never
   jumps), going on from mark; NULL when there is none yet. */
void sceau_steady_clock_init(struct sceau_steady_clock *clock,
                             const struct sceau_steady_mark *mark,
                             uint64_t wall_s, uint64_t mono_ms);

/* Its time at mono_ms. Never less than in a call before with a smaller
   mono_ms. */
uint64_t sceau_steady_clock_now(const struct sceau_steady_clock *clock,
                                uint64_t mono_ms);

/* What to keep on disk at this moment. */
struct sceau_steady_mark
sceau_steady_clock_mark(const struct sceau_steady_clock *clock, uint64_t wall_s,
                        uint64_t mono_ms);

#endif
