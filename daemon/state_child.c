/* state_child.c - see state_child.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/state_child.h"

/* A transaction of so many records takes some tens of megabytes at most. */
#define RECORDS_PER_COMMIT 65536
#define SWEEP_PER_COMMIT 4096
#define OUT_MAX 65536
#define LOCK_WAIT_MS 10000
#define LOCK_STEP_MS 10

struct work {
	const struct sceau_state_child *child;
	struct sceau_lmdb_file *file; /* NULL: nothing can be written */
	struct sceau_err why; /* of that */
	uint64_t now_ns;
	size_t uncommitted; /* records */
	bool wants_order; /* records come with ascending keys */
	struct sceau_buf out;
	char *new_path, *lock_path;
};

static int send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The daemon may be gone: that shows when we read. */
static void flush(struct work *work)
{
	send_all(work->child->fd, sceau_buf_text(&work->out), work->out.used);
	sceau_buf_clear(&work->out);
}

static void tell_record(struct work *work, enum sceau_state_message kind,
                        const struct sceau_state_record *record)
{
	if (work->out.used > OUT_MAX / 2)
		flush(work);
	sceau_state_message_write(&work->out, kind, record);
}

static void tell(struct work *work, enum sceau_state_message kind,
                 uint64_t number, const char *text)
{
	const struct sceau_state_record record = {
		.expires_ns = number,
		.value = text,
		.value_len = strlen(text),
	};

	tell_record(work, kind, &record);
	flush(work);
}

static _Noreturn void finish(struct work *work, enum sceau_state_exit status)
{
	sceau_lmdb_file_free(&work->file);
	_exit((int)status);
}

static _Noreturn void give_up(struct work *work, const struct sceau_err *err)
{
	bool is_damage = err->fault == SCEAU_FAULT_PEER;

	tell(work, is_damage ? SCEAU_STATE_DAMAGED : SCEAU_STATE_FAILED, 0,
	     err->text);
	finish(work,
	       is_damage ? SCEAU_STATE_EXIT_DAMAGED : SCEAU_STATE_EXIT_FAILED);
}

/* Reading goes on when writing is not possible: what is read is needed. */
static void stop_writing(struct work *work)
{
	sceau_lmdb_file_free(&work->file);
	unlink(work->new_path);
}

/* One record more for the new file. */
static void write_new(struct work *work,
                      const struct sceau_state_record *record)
{
	int ret;

	if (work->file == NULL)
		return;
	ret = sceau_lmdb_file_put(work->file, record, work->wants_order,
	                          &work->why);
	if (ret == 0 && ++work->uncommitted >= RECORDS_PER_COMMIT) {
		work->uncommitted = 0;
		ret = sceau_lmdb_file_commit(work->file, work->now_ns,
		                             &work->why);
	}
	if (ret < 0)
		stop_writing(work);
}

static void on_time(void *ctx, uint64_t time_ns)
{
	struct work *work = ctx;

	if (time_ns > work->now_ns)
		work->now_ns = time_ns;
	tell(work, SCEAU_STATE_TIME, time_ns, "");
}

static int on_record(void *ctx, const struct sceau_state_record *record)
{
	struct work *work = ctx;

	if (record->expires_ns <= work->now_ns)
		return 0;
	tell_record(work, SCEAU_STATE_RECORD, record);
	write_new(work, record);
	return 0;
}

static void on_each(void *emit_ctx, const struct sceau_state_record *record)
{
	write_new(emit_ctx, record);
}

/* The directory is ours: a lock that is no file of ours (restored by root,
   a link) holds nobody off and makes way. -1: none can be made. */
static int open_lock(const char *path)
{
	int fd = -1;

	for (int tries = 0; fd < 0 && tries < 2; tries++) {
		if (tries > 0 && remove(path) < 0)
			break;
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		          0600);
	}
	return fd;
}

/* A child of a daemon that was killed may still hold it, for a moment. Returns
   -1 when another process has it, 1 when there cannot be one: then nothing is
   to be written, and the old file may be read. */
static int take_lock(struct work *work)
{
	int fd = open_lock(work->lock_path);

	if (fd < 0) {
		sceau_fail(&work->why, SCEAU_FAULT_TEMP, "%s: %s",
		           work->lock_path, strerror(errno));
		return 1;
	}
	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0;
	     waited += LOCK_STEP_MS) {
		if (errno != EWOULDBLOCK) {
			sceau_fail(&work->why, SCEAU_FAULT_TEMP, "%s: %s",
			           work->lock_path, strerror(errno));
			close(fd);
			return 1;
		}
		if (waited >= LOCK_WAIT_MS)
			return sceau_fail(&work->why, SCEAU_FAULT_TEMP,
			                  "%s: another process holds it",
			                  work->lock_path);
		poll(NULL, 0, LOCK_STEP_MS);
	}
	/* Never closed: it is held until this process ends. */
	return 0;
}

static void create_new(struct work *work)
{
	unlink(work->new_path);
	work->file = sceau_lmdb_file_create(work->new_path, work->child->layout,
	                                    &work->why);
	if (work->file == NULL)
		unlink(work->new_path);
}

static void publish(struct work *work)
{
	if (work->file == NULL)
		return;
	if (sceau_lmdb_file_commit(work->file, work->now_ns, &work->why) < 0 ||
	    sceau_lmdb_file_publish(work->file, work->child->path, &work->why) <
	            0)
		stop_writing(work);
}

static void load(struct work *work)
{
	static const struct sceau_lmdb_reader reader = {
		.time = on_time,
		.record = on_record,
	};
	const struct sceau_state_child *child = work->child;
	struct sceau_err err;

	if (child->is_from_memory) {
		child->hooks->each(child->ctx, on_each, work);
		return;
	}
	work->wants_order = true;
	if (sceau_lmdb_file_read(child->path, child->layout, &reader, work,
	                         &err) < 0) {
		stop_writing(work);
		give_up(work, &err);
	}
	tell(work, SCEAU_STATE_LOADED, 0, "");
}

static int commit(struct work *work, uint64_t now_ns)
{
	if (sceau_lmdb_file_sweep(work->file, SWEEP_PER_COMMIT, now_ns,
	                          &work->why) < 0 ||
	    sceau_lmdb_file_commit(work->file, now_ns, &work->why) < 0)
		return -1;
	work->uncommitted = 0;
	if (sceau_lmdb_file_is_there(work->file))
		return 0;
	return sceau_fail(&work->why, SCEAU_FAULT_TEMP,
	                  "somebody removed or replaced the file");
}

static int carry_out(struct work *work, enum sceau_state_message kind,
                     const struct sceau_state_record *record)
{
	int ret = 0;

	if (++work->uncommitted > RECORDS_PER_COMMIT) {
		work->uncommitted = 0;
		ret = sceau_lmdb_file_commit(work->file, work->now_ns,
		                             &work->why);
	}
	if (ret < 0)
		return -1;
	switch (kind) {
	case SCEAU_STATE_PUT:
		return sceau_lmdb_file_put(work->file, record, false,
		                           &work->why);
	case SCEAU_STATE_DELETE:
		return sceau_lmdb_file_delete(work->file, record->table,
		                              record->key, record->key_len,
		                              &work->why);
	case SCEAU_STATE_COMMIT:
		ret = commit(work, record->expires_ns);
		if (ret == 0) {
			work->now_ns = record->expires_ns;
			tell(work, SCEAU_STATE_DONE,
			     sceau_lmdb_file_size(work->file), "");
		}
		return ret;
	default:
		return sceau_fail(&work->why, SCEAU_FAULT_TEMP,
		                  "an unknown message");
	}
}

/* Carry out the whole messages of in. */
static void serve_buffer(struct work *work, struct sceau_buf *in)
{
	enum sceau_state_message kind;
	struct sceau_state_record record;
	size_t pos = 0, used;
	int ret;

	while ((ret = sceau_state_message_read(in->data + pos, in->used - pos,
	                                       &kind, &record, &used)) > 0) {
		pos += used;
		if (carry_out(work, kind, &record) < 0)
			give_up(work, &work->why);
	}
	if (ret < 0)
		finish(work, SCEAU_STATE_EXIT_FAILED);
	sceau_buf_consume(in, pos);
}

/* Until the daemon ends. The end of a group may then be missing: its records
   are good all the same, each is a whole state. */
static _Noreturn void serve(struct work *work)
{
	struct sceau_buf in;
	static char part[OUT_MAX];
	ssize_t n;

	sceau_buf_init(&in, 2 * sizeof(part));
	while ((n = read(work->child->fd, part, sizeof(part))) != 0) {
		/* ECONNRESET: it died with an answer of ours unread; what it
		   sent before is still to be had. Said once. */
		if (n < 0 && (errno == EINTR || errno == ECONNRESET))
			continue;
		if (n < 0)
			break;
		if (sceau_buf_append(&in, part, (size_t)n) < 0)
			finish(work, SCEAU_STATE_EXIT_FAILED);
		serve_buffer(work, &in);
	}
	if (work->uncommitted > 0)
		sceau_lmdb_file_commit(work->file, work->now_ns, &work->why);
	finish(work, SCEAU_STATE_EXIT_DONE);
}

/* The daemon's signal handlers write to its loop; its sockets must not stay
   open because we live. */
static int detach(int fd)
{
	static const int defaults[] = { SIGBUS, SIGSEGV, SIGABRT, SIGILL,
		                        SIGFPE };
	static const int ignored[] = { SIGTERM, SIGINT,  SIGHUP, SIGPIPE,
		                       SIGUSR1, SIGUSR2, SIGXFSZ };
	sigset_t none;

	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		signal(defaults[i], SIG_DFL);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_NAME, "sceau-state");
	if (dup2(fd, STDERR_FILENO + 1) < 0)
		return -1;
	closefrom(STDERR_FILENO + 2);
	return STDERR_FILENO + 1;
}

static char *join(const char *path, const char *suffix)
{
	char *joined;

	return asprintf(&joined, "%s%s", path, suffix) < 0 ? NULL : joined;
}

_Noreturn void sceau_state_child_run(const struct sceau_state_child *child)
{
	struct sceau_state_child own = *child;
	struct work work = {
		.child = &own,
		.now_ns = child->now_ns,
		.new_path = join(child->path, ".new"),
		.lock_path = join(child->path, ".lock"),
	};

	own.fd = detach(child->fd);
	if (own.fd < 0 || work.new_path == NULL || work.lock_path == NULL)
		_exit(SCEAU_STATE_EXIT_FAILED);
	sceau_buf_init(&work.out, OUT_MAX + SCEAU_STATE_STORED_SIZE);
	int lock = take_lock(&work);
	if (lock < 0)
		give_up(&work, &work.why);
	if (lock == 0)
		create_new(&work);
	load(&work);
	publish(&work);
	if (work.file == NULL)
		give_up(&work, &work.why);
	tell(&work, SCEAU_STATE_READY, sceau_lmdb_file_size(work.file), "");
	work.uncommitted = 0;
	serve(&work);
}
