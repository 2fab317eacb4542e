/* loop.c - see loop.h. The only file that knows libevent.
 *
 * libevent's own locking stays off: the loop belongs to one thread, and what
 * others may do (post, stop) goes through a queue of our own and an eventfd.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/loop.h"

struct post {
	struct post *next;
	sceau_loop_fn *fn;
	void *ctx;
};

/* A signal that somebody waits for; lives as long as the loop. */
struct on_signal {
	struct on_signal *next;
	struct event *event;
	sceau_loop_fn *fn;
	void *ctx;
};

struct sceau_loop {
	struct event_base *base;
	struct on_signal *signals;
	int wake_fd;
	struct event *wake;

	pthread_mutex_t lock; /* of everything below */
	struct post *first;
	struct post **last;
	bool is_stopping;
};

struct sceau_loop_watch {
	struct sceau_loop *loop;
	struct event *event; /* NULL: waits for nothing */
	int fd;
	int events;
	sceau_loop_fd_fn *fn;
	void *ctx;
};

struct sceau_loop_timer {
	struct event *event;
	sceau_loop_fn *fn;
	void *ctx;
};

static int fail_memory(struct sceau_err *err, const char *what)
{
	return sceau_fail(err, SCEAU_FAULT_TEMP,
	                  "event loop: cannot add %s: %s", what,
	                  strerror(errno == 0 ? ENOMEM : errno));
}

/* Take the whole queue, so that posts made by what runs wait for the next
   turn and cannot starve the rest. */
static void run_posts(struct sceau_loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	struct post *post = loop->first;
	loop->first = NULL;
	loop->last = &loop->first;
	pthread_mutex_unlock(&loop->lock);

	while (post != NULL) {
		struct post *next = post->next;

		post->fn(post->ctx);
		free(post);
		post = next;
	}
}

static bool is_stopping(struct sceau_loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	bool ret = loop->is_stopping;
	pthread_mutex_unlock(&loop->lock);
	return ret;
}

static void on_wake(evutil_socket_t fd, short what, void *ctx)
{
	struct sceau_loop *loop = ctx;
	uint64_t count;

	(void)what;
	/* Fails only with EAGAIN, when there was nothing to take. */
	ssize_t ignored = read(fd, &count, sizeof(count));
	(void)ignored;
	run_posts(loop);
	if (is_stopping(loop))
		event_base_loopbreak(loop->base);
}

/* libevent's own words; without this they would go to stderr. */
static void on_log(int severity, const char *text)
{
	sceau_log(severity <= EVENT_LOG_MSG ? SCEAU_LOG_DEBUG
	                                    : SCEAU_LOG_WARNING,
	          "event loop: %s", text);
}

struct sceau_loop *sceau_loop_new(struct sceau_err *err)
{
	struct sceau_loop *loop = calloc(1, sizeof(*loop));
	struct event_config *config = event_config_new();

	if (loop == NULL || config == NULL) {
		fail_memory(err, "the loop");
		goto failed;
	}
	event_set_log_callback(on_log);
	loop->last = &loop->first;
	pthread_mutex_init(&loop->lock, NULL);
	loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	loop->base = event_base_new_with_config(config);
	if (loop->base != NULL && loop->wake_fd >= 0)
		loop->wake = event_new(loop->base, loop->wake_fd,
		                       EV_READ | EV_PERSIST, on_wake, loop);
	if (loop->wake == NULL || event_add(loop->wake, NULL) < 0) {
		fail_memory(err, "the loop");
		sceau_loop_free(&loop);
	}
	event_config_free(config);
	return loop;
failed:
	if (config != NULL)
		event_config_free(config);
	free(loop);
	return NULL;
}

void sceau_loop_free(struct sceau_loop **loop)
{
	struct sceau_loop *old = *loop;

	*loop = NULL;
	if (old == NULL)
		return;
	while (old->first != NULL)
		run_posts(old);
	while (old->signals != NULL) {
		struct on_signal *next = old->signals->next;

		event_free(old->signals->event);
		free(old->signals);
		old->signals = next;
	}
	if (old->wake != NULL)
		event_free(old->wake);
	if (old->base != NULL)
		event_base_free(old->base);
	if (old->wake_fd >= 0)
		close(old->wake_fd);
	pthread_mutex_destroy(&old->lock);
	free(old);
}

int sceau_loop_run(struct sceau_loop *loop, struct sceau_err *err)
{
	int ret = 0;

	/* loopbreak before the run is forgotten by libevent: ask first. */
	if (!is_stopping(loop))
		ret = event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
	pthread_mutex_lock(&loop->lock);
	loop->is_stopping = false;
	pthread_mutex_unlock(&loop->lock);
	if (ret < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "event loop failed: %s", strerror(errno));
	return 0;
}

static void wake_up(struct sceau_loop *loop)
{
	uint64_t one = 1;

	/* EAGAIN: the counter is full, so the loop is being woken anyway. */
	ssize_t ignored = write(loop->wake_fd, &one, sizeof(one));
	(void)ignored;
}

void sceau_loop_stop(struct sceau_loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	loop->is_stopping = true;
	pthread_mutex_unlock(&loop->lock);
	wake_up(loop);
}

int sceau_loop_post(struct sceau_loop *loop, sceau_loop_fn *fn, void *ctx)
{
	struct post *post = malloc(sizeof(*post));

	if (post == NULL)
		return -1;
	*post = (struct post){ .fn = fn, .ctx = ctx };
	pthread_mutex_lock(&loop->lock);
	*loop->last = post;
	loop->last = &post->next;
	pthread_mutex_unlock(&loop->lock);
	wake_up(loop);
	return 0;
}

uint64_t sceau_loop_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void on_signal(evutil_socket_t signo, short what, void *ctx)
{
	struct on_signal *on = ctx;

	(void)signo;
	(void)what;
	on->fn(on->ctx);
}

int sceau_loop_on_signal(struct sceau_loop *loop, int signo, sceau_loop_fn *fn,
                         void *ctx, struct sceau_err *err)
{
	struct on_signal *on = calloc(1, sizeof(*on));

	if (on == NULL)
		return fail_memory(err, "a signal");
	on->fn = fn;
	on->ctx = ctx;
	on->event = evsignal_new(loop->base, signo, on_signal, on);
	if (on->event == NULL || event_add(on->event, NULL) < 0) {
		if (on->event != NULL)
			event_free(on->event);
		free(on);
		return fail_memory(err, "a signal");
	}
	on->next = loop->signals;
	loop->signals = on;
	return 0;
}

static void on_fd(evutil_socket_t fd, short what, void *ctx)
{
	struct sceau_loop_watch *watch = ctx;
	int events = 0;

	(void)fd;
	if (what & EV_READ)
		events |= SCEAU_LOOP_READ;
	if (what & EV_WRITE)
		events |= SCEAU_LOOP_WRITE;
	watch->fn(watch->ctx, events);
}

struct sceau_loop_watch *sceau_loop_watch_new(struct sceau_loop *loop, int fd,
                                              int events, sceau_loop_fd_fn *fn,
                                              void *ctx, struct sceau_err *err)
{
	struct sceau_loop_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL) {
		fail_memory(err, "a descriptor");
		return NULL;
	}
	watch->loop = loop;
	watch->fd = fd;
	watch->fn = fn;
	watch->ctx = ctx;
	watch->event = event_new(loop->base, fd, 0, on_fd, watch);
	if (watch->event == NULL || sceau_loop_watch_set(watch, events) < 0) {
		fail_memory(err, "a descriptor");
		sceau_loop_watch_free(&watch);
	}
	return watch;
}

int sceau_loop_watch_set(struct sceau_loop_watch *watch, int events)
{
	short what = EV_PERSIST;

	if (events == watch->events)
		return 0;
	if (events & SCEAU_LOOP_READ)
		what |= EV_READ;
	if (events & SCEAU_LOOP_WRITE)
		what |= EV_WRITE;
	event_del(watch->event);
	watch->events = 0;
	if (events == 0)
		return 0;
	event_assign(watch->event, watch->loop->base, watch->fd, what, on_fd,
	             watch);
	if (event_add(watch->event, NULL) < 0)
		return -1;
	watch->events = events;
	return 0;
}

void sceau_loop_watch_free(struct sceau_loop_watch **watch)
{
	struct sceau_loop_watch *old = *watch;

	*watch = NULL;
	if (old == NULL)
		return;
	if (old->event != NULL)
		event_free(old->event);
	free(old);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct sceau_loop_timer *timer = ctx;

	(void)fd;
	(void)what;
	timer->fn(timer->ctx);
}

struct sceau_loop_timer *sceau_loop_timer_new(struct sceau_loop *loop,
                                              sceau_loop_fn *fn, void *ctx,
                                              struct sceau_err *err)
{
	struct sceau_loop_timer *timer = calloc(1, sizeof(*timer));

	if (timer == NULL) {
		fail_memory(err, "a timer");
		return NULL;
	}
	timer->fn = fn;
	timer->ctx = ctx;
	timer->event = evtimer_new(loop->base, on_timer, timer);
	if (timer->event == NULL) {
		fail_memory(err, "a timer");
		sceau_loop_timer_free(&timer);
	}
	return timer;
}

void sceau_loop_timer_start(struct sceau_loop_timer *timer, uint64_t delay_ms)
{
	struct timeval delay = {
		.tv_sec = (time_t)(delay_ms / 1000),
		.tv_usec = (suseconds_t)(delay_ms % 1000 * 1000),
	};

	/* Fails only when memory runs out, and a daemon whose deadlines no
	   longer fire must not go on. */
	if (event_add(timer->event, &delay) < 0)
		abort();
}

void sceau_loop_timer_stop(struct sceau_loop_timer *timer)
{
	event_del(timer->event);
}

void sceau_loop_timer_free(struct sceau_loop_timer **timer)
{
	struct sceau_loop_timer *old = *timer;

	*timer = NULL;
	if (old == NULL)
		return;
	if (old->event != NULL)
		event_free(old->event);
	free(old);
}
