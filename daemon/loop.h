/* loop.h - the event loop: descriptors, timers, signals, posts from threads.
 *
 * One loop a process, run by the main thread. Everything here belongs to that
 * thread except sceau_loop_post and sceau_loop_stop. A callback may free any
 * watch or timer, its own included.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_LOOP_H
#define SCEAU_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct sceau_loop;
struct sceau_loop_watch;
struct sceau_loop_timer;

/* What a watch waits for, and what it reports; bits. */
enum sceau_loop_events {
	SCEAU_LOOP_READ = 1,
	SCEAU_LOOP_WRITE = 2,
};

typedef void sceau_loop_fd_fn(void *ctx, int events);
typedef void sceau_loop_fn(void *ctx);

/* A new loop. NULL and FAULT_TEMP when the system refuses. */
struct sceau_loop *sceau_loop_new(struct sceau_err *err);

/* Release it and set *loop to NULL; watches and timers must be gone before.
   Posts that never ran are called now, so that what they carry is released.
   NULL is allowed. */
void sceau_loop_free(struct sceau_loop **loop);

/* Serve events until sceau_loop_stop. Returns 0, or -1 when the loop itself
   failed (FAULT_TEMP). */
int sceau_loop_run(struct sceau_loop *loop, struct sceau_err *err);

/* Make sceau_loop_run return after the callbacks under way; when it has not
   started yet, at once when it does. Any thread; not from a signal handler. */
void sceau_loop_stop(struct sceau_loop *loop);

/* Call fn(ctx) on the loop thread, soon, in the order of the posts. Any
   thread. Returns 0, or -1 when memory ran out: fn will then not be called. */
int sceau_loop_post(struct sceau_loop *loop, sceau_loop_fn *fn, void *ctx);

/* Milliseconds of a clock that never jumps, for timers and deadlines. */
uint64_t sceau_loop_now_ms(void);

/* Call fn(ctx) on the loop thread whenever the signal arrives, until the loop
   is freed. Returns -1 and FAULT_TEMP when it cannot. */
int sceau_loop_on_signal(struct sceau_loop *loop, int signo, sceau_loop_fn *fn,
                         void *ctx, struct sceau_err *err);

/* Watch a non-blocking fd (not owned): fn(ctx, events) each time one of
   events (bits; 0 = none for now) is possible. NULL and FAULT_TEMP when it
   cannot. Free before closing fd. */
struct sceau_loop_watch *sceau_loop_watch_new(struct sceau_loop *loop, int fd,
                                              int events, sceau_loop_fd_fn *fn,
                                              void *ctx, struct sceau_err *err);

/* Wait for these events from now on. Returns -1 when the system refuses
   (memory); the watch then waits for nothing. */
int sceau_loop_watch_set(struct sceau_loop_watch *watch, int events);

/* End the watch and set *watch to NULL. NULL is allowed. */
void sceau_loop_watch_free(struct sceau_loop_watch **watch);

/* A timer, not started. NULL and FAULT_TEMP when memory ran out. */
struct sceau_loop_timer *sceau_loop_timer_new(struct sceau_loop *loop,
                                              sceau_loop_fn *fn, void *ctx,
                                              struct sceau_err *err);

/* Call fn(ctx) once, delay_ms from now; replaces a start before. Ends the
   process when memory has run out. */
void sceau_loop_timer_start(struct sceau_loop_timer *timer, uint64_t delay_ms);

/* Forget the start, if any. */
void sceau_loop_timer_stop(struct sceau_loop_timer *timer);

/* Stop and release it, set *timer to NULL. NULL is allowed. */
void sceau_loop_timer_free(struct sceau_loop_timer **timer);

#endif
