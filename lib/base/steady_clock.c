/* steady_clock.c - see steady_clock.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stddef.h>

#include "base/steady_clock.h"

/* 2025-01-01: a host that says less has no clock yet. */
#define PLAUSIBLE_S 1735689600ULL

static uint64_t gap_since(const struct sceau_steady_mark *mark, uint64_t wall_s)
{
	if (mark->wall_s < PLAUSIBLE_S || wall_s <= mark->wall_s)
		return 0;
	if (wall_s - mark->wall_s > SCEAU_STEADY_CLOCK_GAP_MAX)
		return SCEAU_STEADY_CLOCK_GAP_MAX;
	return wall_s - mark->wall_s;
}

void sceau_steady_clock_init(struct sceau_steady_clock *clock,
                             const struct sceau_steady_mark *mark,
                             uint64_t wall_s, uint64_t mono_ms)
{
	if (mark != NULL)
		clock->start_s = mark->steady_s + gap_since(mark, wall_s);
	else
		clock->start_s = wall_s < PLAUSIBLE_S ? PLAUSIBLE_S : wall_s;
	clock->start_ms = mono_ms;
}

uint64_t sceau_steady_clock_now(const struct sceau_steady_clock *clock,
                                uint64_t mono_ms)
{
	if (mono_ms < clock->start_ms)
		return clock->start_s;
	return clock->start_s + (mono_ms - clock->start_ms) / 1000;
}

struct sceau_steady_mark
sceau_steady_clock_mark(const struct sceau_steady_clock *clock, uint64_t wall_s,
                        uint64_t mono_ms)
{
	return (struct sceau_steady_mark){
		.steady_s = sceau_steady_clock_now(clock, mono_ms),
		.wall_s = wall_s,
	};
}
