/* conn.c - see conn.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "daemon/conn.h"

#define READ_SIZE 16384
/* A peer that does not take our last bytes is given up after this. */
#define LINGER_MS 30000

struct sceau_conn {
	struct sceau_loop *loop;
	struct sceau_loop_watch *watch;
	struct sceau_loop_timer *nudge; /* work without an event of the fd */
	struct sceau_loop_timer *idle;
	struct sceau_loop_timer *linger;
	const struct sceau_conn_hooks *hooks;
	void *ctx;
	int fd;
	struct sceau_buf in, out;
	uint64_t idle_ms;
	unsigned busy; /* hooks or loops that still use this object */
	bool is_freed; /* by the owner, while busy */
	bool is_paused;
	bool is_eof; /* no more input: the peer closed, or finish */
	bool is_broken; /* sending failed; the loop will tell */
	bool is_ended; /* the hook was called */
	struct sceau_err why; /* of is_broken */
};

static void release(struct sceau_conn *conn)
{
	sceau_buf_deinit(&conn->in);
	sceau_buf_deinit(&conn->out);
	free(conn);
}

static void hold(struct sceau_conn *conn)
{
	conn->busy++;
}

static void let_go(struct sceau_conn *conn)
{
	if (--conn->busy == 0 && conn->is_freed)
		release(conn);
}

static void break_off(struct sceau_conn *conn, enum sceau_fault fault,
                      const char *reason)
{
	if (conn->is_broken)
		return;
	conn->is_broken = true;
	sceau_fail(&conn->why, fault, "%s", reason);
}

/* Wait for what can go on. */
static void update_watch(struct sceau_conn *conn)
{
	int events = 0;

	if (!conn->is_eof && !conn->is_paused && conn->in.used < conn->in.max)
		events |= SCEAU_LOOP_READ;
	if (conn->out.used > 0)
		events |= SCEAU_LOOP_WRITE;
	if (conn->is_broken || conn->is_ended)
		events = 0;
	if (sceau_loop_watch_set(conn->watch, events) < 0)
		break_off(conn, SCEAU_FAULT_TEMP, "event loop: out of memory");
}

/* Tell the owner, if there is something to tell. */
static void end_if_over(struct sceau_conn *conn)
{
	bool is_over = conn->is_broken || (conn->is_eof && !conn->is_paused &&
	                                   conn->out.used == 0);

	if (!is_over || conn->is_ended || conn->is_freed)
		return;
	conn->is_ended = true;
	sceau_loop_timer_stop(conn->idle);
	sceau_loop_timer_stop(conn->linger);
	update_watch(conn);
	conn->hooks->ended(conn->ctx, conn,
	                   conn->is_broken ? &conn->why : NULL);
}

static bool takes_input(const struct sceau_conn *conn)
{
	return !conn->is_freed && !conn->is_paused && !conn->is_broken &&
	       !conn->is_ended;
}

/* Offer what is buffered until the owner takes no more. */
static void offer(struct sceau_conn *conn)
{
	size_t pos = 0;

	while (takes_input(conn) && pos < conn->in.used) {
		size_t n = conn->hooks->input(conn->ctx, conn,
		                              conn->in.data + pos,
		                              conn->in.used - pos);

		/* finish() in the hook emptied the buffer. */
		if (n == 0 || pos + n > conn->in.used)
			break;
		pos += n;
	}
	sceau_buf_consume(&conn->in, pos);
	if (takes_input(conn) && !conn->is_eof && conn->in.used == conn->in.max)
		break_off(conn, SCEAU_FAULT_LIMIT, "message is too long");
}

static void start_linger(struct sceau_conn *conn)
{
	conn->is_eof = true;
	sceau_loop_timer_stop(conn->idle);
	sceau_loop_timer_start(conn->linger, LINGER_MS);
}

static void receive(struct sceau_conn *conn)
{
	char buf[READ_SIZE];
	size_t room = conn->in.max - conn->in.used;

	if (room == 0 || conn->is_eof)
		return;
	ssize_t n = recv(conn->fd, buf, room < sizeof(buf) ? room : sizeof(buf),
	                 0);
	if (n > 0) {
		if (sceau_buf_append(&conn->in, buf, (size_t)n) < 0)
			break_off(conn, SCEAU_FAULT_TEMP, "out of memory");
		if (conn->idle_ms > 0)
			sceau_loop_timer_start(conn->idle, conn->idle_ms);
	} else if (n == 0) {
		start_linger(conn);
	} else if (errno != EAGAIN && errno != EINTR) {
		break_off(conn, SCEAU_FAULT_PEER, strerror(errno));
	}
}

/* Send what waits. Returns -1 when the connection broke. */
static int flush(struct sceau_conn *conn)
{
	size_t sent = 0;

	while (sent < conn->out.used) {
		ssize_t n = send(conn->fd, conn->out.data + sent,
		                 conn->out.used - sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			break_off(conn, SCEAU_FAULT_PEER, strerror(errno));
		if (n < 0)
			break;
		sent += (size_t)n;
	}
	sceau_buf_consume(&conn->out, sent);
	return conn->is_broken ? -1 : 0;
}

/* All that an event may lead to; the object may be gone afterwards. */
static void serve(struct sceau_conn *conn, int events)
{
	hold(conn);
	if (events & SCEAU_LOOP_READ)
		receive(conn);
	if (events & SCEAU_LOOP_WRITE)
		flush(conn);
	offer(conn);
	if (!conn->is_freed)
		update_watch(conn);
	end_if_over(conn);
	let_go(conn);
}

static void on_ready(void *ctx, int events)
{
	serve(ctx, events);
}

static void on_nudge(void *ctx)
{
	serve(ctx, 0);
}

static void on_idle(void *ctx)
{
	struct sceau_conn *conn = ctx;

	break_off(conn, SCEAU_FAULT_LIMIT, "idle for too long");
	serve(conn, 0);
}

static void on_linger(void *ctx)
{
	struct sceau_conn *conn = ctx;

	/* Nothing to read for the peer yet: it is the owner who takes long. */
	if (conn->out.used == 0) {
		sceau_loop_timer_start(conn->linger, LINGER_MS);
		return;
	}
	break_off(conn, SCEAU_FAULT_LIMIT, "peer does not read our answer");
	serve(conn, 0);
}

struct sceau_conn *sceau_conn_new(struct sceau_loop *loop, int fd,
                                  size_t in_max, size_t out_max,
                                  const struct sceau_conn_hooks *hooks,
                                  void *ctx, struct sceau_err *err)
{
	struct sceau_conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	conn->loop = loop;
	conn->fd = fd;
	conn->hooks = hooks;
	conn->ctx = ctx;
	sceau_buf_init(&conn->in, in_max);
	sceau_buf_init(&conn->out, out_max);
	conn->nudge = sceau_loop_timer_new(loop, on_nudge, conn, err);
	conn->idle = sceau_loop_timer_new(loop, on_idle, conn, err);
	conn->linger = sceau_loop_timer_new(loop, on_linger, conn, err);
	if (conn->nudge != NULL && conn->idle != NULL && conn->linger != NULL)
		conn->watch = sceau_loop_watch_new(loop, fd, SCEAU_LOOP_READ,
		                                   on_ready, conn, err);
	if (conn->watch == NULL) {
		conn->fd = -1;
		sceau_conn_free(&conn);
	}
	return conn;
}

void sceau_conn_set_ctx(struct sceau_conn *conn, void *ctx)
{
	conn->ctx = ctx;
}

/* Let the loop look at the connection soon. */
static void nudge(struct sceau_conn *conn)
{
	sceau_loop_timer_start(conn->nudge, 0);
}

int sceau_conn_write(struct sceau_conn *conn, const void *data, size_t len)
{
	if (conn->is_broken || conn->is_ended ||
	    sceau_buf_append(&conn->out, data, len) < 0) {
		/* A refused append must not poison later ones. */
		conn->out.failed = false;
		return -1;
	}
	if (flush(conn) < 0) {
		nudge(conn);
		return -1;
	}
	/* In a hook the caller of the hook does it, once for all writes. */
	if (conn->busy == 0)
		update_watch(conn);
	return 0;
}

void sceau_conn_pause(struct sceau_conn *conn)
{
	conn->is_paused = true;
	if (conn->busy == 0)
		update_watch(conn);
}

void sceau_conn_resume(struct sceau_conn *conn)
{
	if (!conn->is_paused)
		return;
	conn->is_paused = false;
	nudge(conn);
}

void sceau_conn_finish(struct sceau_conn *conn)
{
	conn->is_paused = false;
	sceau_buf_clear(&conn->in);
	start_linger(conn);
	nudge(conn);
}

void sceau_conn_set_idle(struct sceau_conn *conn, uint64_t idle_ms)
{
	conn->idle_ms = idle_ms;
	if (idle_ms > 0 && !conn->is_eof)
		sceau_loop_timer_start(conn->idle, idle_ms);
	else
		sceau_loop_timer_stop(conn->idle);
}

int sceau_conn_fd(const struct sceau_conn *conn)
{
	return conn->fd;
}

void sceau_conn_free(struct sceau_conn **conn)
{
	struct sceau_conn *old = *conn;

	*conn = NULL;
	if (old == NULL)
		return;
	sceau_loop_watch_free(&old->watch);
	sceau_loop_timer_free(&old->nudge);
	sceau_loop_timer_free(&old->idle);
	sceau_loop_timer_free(&old->linger);
	if (old->fd >= 0)
		close(old->fd);
	old->fd = -1;
	old->is_freed = true;
	if (old->busy == 0)
		release(old);
}
