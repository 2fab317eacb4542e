/* state_file.c - see state_file.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "daemon/log.h"
#include "daemon/set_aside.h"
#include "daemon/state_directory.h"
#include "daemon/state_file.h"
#include "daemon/state_process.h"

#define OUT_FILL 65536
#define OUT_MAX (OUT_FILL + 2 * SCEAU_STATE_STORED_SIZE)
#define NO_PROGRESS_MS 30000 /* of a child that reads the file */
#define LAST_COMMIT_MS 5000
#define REAP_MS 20
#define RETRY_MIN_MS 100
#define RETRY_MAX_MS 300000
#define SLOW_MS 10000
#define GROUPS_MAX 16
#define STEADY_MS 60000 /* a child that lived so long was a good one */

enum state {
	STATE_STARTING, /* the child reads or makes the file */
	STATE_IDLE, /* no group is being handed over */
	STATE_SENDING, /* one is */
	STATE_ENDING, /* the child ended or was told to: to be reaped */
	STATE_DOWN, /* no child */
};

struct sceau_state_file {
	struct sceau_loop *loop;
	char *path;
	struct sceau_lmdb_layout layout;
	const struct sceau_state_hooks *hooks;
	void *ctx;
	enum state state;
	struct sceau_state_process process;
	struct sceau_loop_watch *watch;
	struct sceau_loop_timer *timer; /* next group, reaping, next try */
	struct sceau_buf out;
	uint64_t now_ns, skew_ns; /* of the file's clock; to add to ours */
	size_t loaded; /* records of the file */
	bool was_loaded; /* the table holds what the file held */
	bool is_changed; /* since the last group */
	bool is_renewing; /* the child ends because we want it to */
	bool is_damage; /* why the child ended */
	bool is_stuck; /* that it is not read is why, not what is in it */
	bool is_told; /* the trouble is in the log */
	bool is_slow_told;
	struct sceau_err why; /* nothing is written */
	uint64_t retry_ms;
	uint64_t started_ms, committed_ms;
	uint64_t changed_ms; /* first change since the last group */
	/* First changes of the groups that are not durable yet: the disk may be
	   slow, what the child has is safe from our end. */
	uint64_t groups_ms[GROUPS_MAX];
	size_t groups;
	uint64_t lost_ms; /* while there is no file: what it lacks is so old */
	uint64_t bytes, commits, set_aside;
};

static void on_timer(void *ctx);
static void on_ready(void *ctx, int events);
static void pump(struct sceau_state_file *file);

static void set_why(struct sceau_state_file *file,
                    const struct sceau_state_record *record)
{
	sceau_fail(&file->why, SCEAU_FAULT_TEMP, "%.*s", (int)record->value_len,
	           (const char *)record->value);
}

static void close_child(struct sceau_state_file *file)
{
	sceau_loop_watch_free(&file->watch);
	sceau_state_process_close(&file->process);
	sceau_buf_clear(&file->out);
}

/* Whether the child has been reaped; sets is_damage by how it ended. */
static bool reap(struct sceau_state_file *file)
{
	int signo;
	enum sceau_state_end end = sceau_state_process_reap(&file->process,
	                                                    &signo);

	if (end == SCEAU_STATE_END_DAMAGE && !file->is_renewing)
		file->is_damage = true;
	if (signo != 0 && !file->is_damage)
		sceau_fail(&file->why, SCEAU_FAULT_TEMP,
		           "its process was killed");
	if (signo != 0 && signo != SIGKILL)
		sceau_fail(&file->why, SCEAU_FAULT_TEMP, "its process died: %s",
		           strsignal(signo));
	return end != SCEAU_STATE_END_NONE;
}

/* Fork the child; it makes the file of our table, or else reads it. */
static int start_child(struct sceau_state_file *file, bool is_from_memory)
{
	const struct sceau_state_child child = {
		.path = file->path,
		.layout = &file->layout,
		.hooks = file->hooks,
		.ctx = file->ctx,
		.now_ns = file->now_ns,
		.is_from_memory = is_from_memory,
	};

	file->is_damage = file->is_renewing = false;
	if (sceau_state_process_start(&file->process, &child, &file->why) < 0)
		return -1;
	file->state = STATE_STARTING;
	file->started_ms = sceau_loop_now_ms();
	file->why.text[0] = '\0';
	if (is_from_memory) {
		file->hooks->forget(file->ctx);
		file->is_changed = false;
	}
	return 0;
}

/* The oldest change that is not durable; 0: none. */
static uint64_t oldest_ms(const struct sceau_state_file *file)
{
	if (file->state != STATE_IDLE && file->state != STATE_SENDING)
		return file->lost_ms;
	if (file->groups > 0)
		return file->groups_ms[0];
	return file->is_changed ? file->changed_ms : 0;
}

static bool can_begin(const struct sceau_state_file *file)
{
	return file->state == STATE_IDLE && file->is_changed &&
	       file->out.used == 0 && file->groups < GROUPS_MAX;
}

/* Start the timer for what is to come. */
static void arm(struct sceau_state_file *file)
{
	uint64_t age_ms = sceau_loop_now_ms() - file->changed_ms;
	uint64_t delay_ms = SLOW_MS / 2;

	if (can_begin(file))
		delay_ms = age_ms < SCEAU_STATE_BEHIND_MS
		                   ? SCEAU_STATE_BEHIND_MS - age_ms
		                   : 0;
	if (oldest_ms(file) > 0)
		sceau_loop_timer_start(file->timer, delay_ms);
}

/* The child can write: it is over, whatever it was. */
static void on_written(struct sceau_state_file *file, uint64_t bytes)
{
	file->bytes = bytes;
	file->commits++;
	file->committed_ms = sceau_loop_now_ms();
	if (file->state == STATE_STARTING)
		file->state = STATE_IDLE;
	else if (file->groups > 0)
		memmove(file->groups_ms, file->groups_ms + 1,
		        --file->groups * sizeof(file->groups_ms[0]));
	if (file->is_told)
		sceau_log(SCEAU_LOG_INFO, "%s: is written again", file->path);
	if (file->is_slow_told)
		sceau_log(SCEAU_LOG_INFO, "%s: the disk keeps up again",
		          file->path);
	file->is_told = file->is_slow_told = false;
}

static void on_message(void *ctx, enum sceau_state_message kind,
                       const struct sceau_state_record *record)
{
	struct sceau_state_file *file = ctx;
	uint64_t number = record->expires_ns;

	switch (kind) {
	case SCEAU_STATE_TIME:
		if (number > file->now_ns) {
			file->skew_ns = number - file->now_ns;
			file->now_ns = number;
		}
		break;
	case SCEAU_STATE_RECORD:
		file->loaded++;
		file->hooks->load(file->ctx, record, file->now_ns);
		break;
	case SCEAU_STATE_LOADED:
		file->was_loaded = true;
		break;
	case SCEAU_STATE_READY:
	case SCEAU_STATE_DONE:
		on_written(file, number);
		break;
	case SCEAU_STATE_DAMAGED:
		file->is_damage = true;
		set_why(file, record);
		break;
	case SCEAU_STATE_FAILED:
		set_why(file, record);
		break;
	default:
		break;
	}
}

/* Returns -1 when the child has ended. */
static int receive(struct sceau_state_file *file)
{
	return sceau_state_process_receive(&file->process, on_message, file);
}

/* Put the damaged file out of the way and say so. */
static void put_aside(struct sceau_state_file *file)
{
	char name[4096], saved[80] = "nothing is lost";
	struct sceau_err err;

	if (!file->was_loaded)
		snprintf(saved, sizeof(saved),
		         "%zu of its entries could be read", file->loaded);
	if (sceau_set_aside(file->path, time(NULL), name, sizeof(name), &err) <
	    0)
		snprintf(name, sizeof(name), "nowhere: %s", err.text);
	else
		file->set_aside++;
	sceau_log(SCEAU_LOG_ERROR,
	          "%s: %s (%s); set aside as %s; %s, a new "
	          "one begins",
	          file->path,
	          file->is_stuck ? "is not read in time" : "is damaged",
	          file->why.text, name, saved);
	file->is_stuck = false;
	/* From now on the table has all there is. */
	file->was_loaded = true;
	file->is_damage = false;
}

static void tell_trouble(struct sceau_state_file *file)
{
	if (file->why.text[0] == '\0')
		sceau_fail(&file->why, SCEAU_FAULT_TEMP, "its process ended");
	if (!file->is_told)
		sceau_log(
			SCEAU_LOG_WARNING,
			"%s: cannot be written (%s): goes on in memory, which "
			"a restart forgets; trying again",
			file->path, file->why.text);
	file->is_told = true;
}

/* How long until the next try: longer each time, unless it went well for some
   time. */
static uint64_t next_retry_ms(struct sceau_state_file *file)
{
	if (sceau_loop_now_ms() - file->started_ms > STEADY_MS)
		file->retry_ms = RETRY_MIN_MS;
	uint64_t delay_ms = file->retry_ms;
	file->retry_ms = 2 * delay_ms > RETRY_MAX_MS ? RETRY_MAX_MS
	                                             : 2 * delay_ms;
	return delay_ms;
}

/* The child is gone: what now? */
static void after_child(struct sceau_state_file *file)
{
	uint64_t delay_ms = 0;

	file->state = STATE_DOWN;
	if (file->is_damage)
		put_aside(file);
	else if (!file->is_renewing)
		tell_trouble(file);
	if (!file->is_renewing)
		delay_ms = next_retry_ms(file);
	sceau_loop_timer_start(file->timer, delay_ms);
}

static void end_child(struct sceau_state_file *file)
{
	file->lost_ms = oldest_ms(file);
	if (file->lost_ms == 0)
		file->lost_ms = sceau_loop_now_ms();
	file->groups = 0;
	close_child(file);
	file->state = STATE_ENDING;
	sceau_loop_timer_start(file->timer, 0);
}

static void watch_child(struct sceau_state_file *file)
{
	file->watch = sceau_loop_watch_new(file->loop, file->process.fd,
	                                   SCEAU_LOOP_READ, on_ready, file,
	                                   &file->why);
	if (file->watch == NULL)
		end_child(file);
}

static void start_again(struct sceau_state_file *file)
{
	if (start_child(file, true) < 0) {
		after_child(file);
		return;
	}
	watch_child(file);
	arm(file);
}

static void begin_group(struct sceau_state_file *file)
{
	file->state = STATE_SENDING;
	file->is_changed = false;
	file->groups_ms[file->groups++] = file->changed_ms;
	file->hooks->begin(file->ctx);
	pump(file);
}

static void watch_slowness(struct sceau_state_file *file)
{
	uint64_t since_ms = oldest_ms(file);

	if (since_ms > 0 && sceau_loop_now_ms() - since_ms > SLOW_MS &&
	    !file->is_slow_told) {
		file->is_slow_told = true;
		sceau_log(SCEAU_LOG_WARNING,
		          "%s: the disk takes more than %d s for a commit; "
		          "what was counted since is lost if the host stops",
		          file->path, SLOW_MS / 1000);
	}
}

static void on_timer(void *ctx)
{
	struct sceau_state_file *file = ctx;

	switch (file->state) {
	case STATE_STARTING:
	case STATE_IDLE:
	case STATE_SENDING:
		watch_slowness(file);
		if (can_begin(file))
			begin_group(file);
		arm(file);
		break;
	case STATE_ENDING:
		if (reap(file))
			after_child(file);
		else
			sceau_loop_timer_start(file->timer, REAP_MS);
		break;
	case STATE_DOWN:
		start_again(file);
		break;
	}
}

/* Records into out, until it is well filled or the group is complete. */
static void fill(struct sceau_state_file *file)
{
	const struct sceau_state_record end = { .expires_ns = file->now_ns };
	struct sceau_state_record record;
	bool is_gone;

	while (file->out.used < OUT_FILL) {
		if (!file->hooks->next(file->ctx, &record, &is_gone)) {
			sceau_state_message_write(&file->out,
			                          SCEAU_STATE_COMMIT, &end);
			file->state = STATE_IDLE;
			return;
		}
		sceau_state_message_write(&file->out,
		                          is_gone ? SCEAU_STATE_DELETE
		                                  : SCEAU_STATE_PUT,
		                          &record);
	}
}

/* Send as much of the group as the socket takes now. */
static void pump(struct sceau_state_file *file)
{
	for (;;) {
		if (file->out.used == 0 && file->state == STATE_SENDING)
			fill(file);
		if (file->out.used == 0)
			break;
		ssize_t n = send(file->process.fd, file->out.data,
		                 file->out.used, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		/* An end shows where we read. */
		if (n < 0)
			break;
		sceau_buf_consume(&file->out, (size_t)n);
	}
	if (file->watch != NULL)
		sceau_loop_watch_set(
			file->watch,
			file->out.used > 0 ? SCEAU_LOOP_READ | SCEAU_LOOP_WRITE
					   : SCEAU_LOOP_READ);
}

static void on_ready(void *ctx, int events)
{
	struct sceau_state_file *file = ctx;

	if ((events & SCEAU_LOOP_READ) != 0 && receive(file) < 0) {
		end_child(file);
		return;
	}
	if ((events & SCEAU_LOOP_WRITE) != 0)
		pump(file);
	arm(file);
}

/* Wait until the child is ready or has ended, and is reaped then. */
static void wait_for_child(struct sceau_state_file *file)
{
	struct pollfd pfd = { .fd = file->process.fd, .events = POLLIN };

	while (file->state == STATE_STARTING) {
		int ready = poll(&pfd, 1, NO_PROGRESS_MS);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0) {
			sceau_fail(&file->why, SCEAU_FAULT_TEMP,
			           "nothing came for %d s",
			           NO_PROGRESS_MS / 1000);
			file->is_damage = file->is_stuck = true;
			kill(file->process.pid, SIGKILL);
		}
		if (ready <= 0 || receive(file) < 0)
			break;
	}
	if (file->state != STATE_STARTING)
		return;
	close_child(file);
	while (!reap(file))
		poll(NULL, 0, REAP_MS);
}

/* Read the file; if it is damaged make a new one. That nothing can be written
   is no failure; that the file, perhaps a good one, could not be read is. */
static int load(struct sceau_state_file *file, struct sceau_err *err)
{
	if (start_child(file, false) == 0)
		wait_for_child(file);
	if (file->state == STATE_STARTING && file->is_damage) {
		put_aside(file);
		if (start_child(file, true) == 0)
			wait_for_child(file);
	}
	if (file->state == STATE_IDLE)
		watch_child(file);
	else if (file->was_loaded)
		after_child(file);
	else
		return sceau_fail(err, SCEAU_FAULT_TEMP, "%s: %s", file->path,
		                  file->why.text[0] != '\0'
		                          ? file->why.text
		                          : "its process ended");
	return 0;
}

struct sceau_state_file *sceau_state_file_new(
	struct sceau_loop *loop, const struct sceau_state_options *options,
	const struct sceau_state_hooks *hooks, void *ctx, struct sceau_err *err)
{
	struct sceau_state_file *file;

	if (sceau_state_directory_make_for(options->path, err) < 0)
		return NULL;
	file = calloc(1, sizeof(*file));
	if (file == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	file->loop = loop;
	file->layout = options->layout;
	file->hooks = hooks;
	file->ctx = ctx;
	sceau_state_process_init(&file->process);
	file->now_ns = options->now_ns;
	file->retry_ms = RETRY_MIN_MS;
	file->committed_ms = file->lost_ms = sceau_loop_now_ms();
	sceau_buf_init(&file->out, OUT_MAX);
	file->path = strdup(options->path);
	if (file->path == NULL)
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	else
		file->timer = sceau_loop_timer_new(loop, on_timer, file, err);
	if (file->timer == NULL || load(file, err) < 0)
		sceau_state_file_free(&file);
	return file;
}

uint64_t sceau_state_file_skew_ns(const struct sceau_state_file *file)
{
	return file->skew_ns;
}

void sceau_state_file_touch(struct sceau_state_file *file, uint64_t now_ns)
{
	file->now_ns = now_ns;
	if (file->is_changed)
		return;
	file->is_changed = true;
	file->changed_ms = sceau_loop_now_ms();
	if (can_begin(file))
		arm(file);
}

void sceau_state_file_renew(struct sceau_state_file *file)
{
	if (file->state == STATE_ENDING || file->state == STATE_DOWN)
		return;
	file->is_renewing = true;
	end_child(file);
}

void sceau_state_file_stats(const struct sceau_state_file *file,
                            struct sceau_state_stats *stats_r)
{
	bool is_kept = file->state == STATE_IDLE ||
	               file->state == STATE_SENDING;
	uint64_t now_ms = sceau_loop_now_ms(), since_ms = oldest_ms(file);

	*stats_r = (struct sceau_state_stats){
		.is_kept = is_kept,
		.bytes = file->bytes,
		.commits = file->commits,
		.behind_ms = since_ms > 0 ? now_ms - since_ms + 1 : 0,
		.committed_ms = now_ms - file->committed_ms,
		.set_aside = file->set_aside,
		.trouble = is_kept ? "" : file->why.text,
	};
}

/* Send all there is and wait for its commits. */
static void hand_over_last(struct sceau_state_file *file)
{
	uint64_t end_ms = sceau_loop_now_ms() + LAST_COMMIT_MS;

	while (oldest_ms(file) > 0) {
		uint64_t now_ms = sceau_loop_now_ms();
		struct pollfd pfd = { .fd = file->process.fd,
			              .events = POLLIN };

		if (can_begin(file))
			begin_group(file);
		pump(file);
		if (file->out.used > 0)
			pfd.events |= POLLOUT;
		if (now_ms >= end_ms ||
		    poll(&pfd, 1, (int)(end_ms - now_ms)) <= 0)
			return;
		if ((pfd.revents & ~POLLOUT) != 0 && receive(file) < 0)
			return;
	}
}

void sceau_state_file_free(struct sceau_state_file **file)
{
	struct sceau_state_file *gone = *file;

	*file = NULL;
	if (gone == NULL)
		return;
	if (gone->process.fd >= 0)
		hand_over_last(gone);
	close_child(gone);
	/* It ends by itself; its commit may take longer than we wait. */
	for (int waited = 0; gone->process.pid > 0 && waited < LAST_COMMIT_MS;
	     waited += REAP_MS) {
		if (reap(gone))
			break;
		poll(NULL, 0, REAP_MS);
	}
	sceau_loop_timer_free(&gone->timer);
	sceau_state_process_deinit(&gone->process);
	sceau_buf_deinit(&gone->out);
	free(gone->path);
	free(gone);
}
