/* conn.h - one non-blocking connection with bounded buffers on the loop.
 *
 * Input is offered to the owner until it takes no more; what it leaves is kept
 * and offered again with the next bytes or after sceau_conn_resume. An owner
 * that takes nothing stops the reading once the buffer is full, so a peer that
 * floods is held back by its own TCP window. Nothing is ever closed for being
 * idle unless sceau_conn_set_idle says so.
 *
 * Every hook may free the connection.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CONN_H
#define SCEAU_CONN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "daemon/loop.h"

struct sceau_conn;

struct sceau_conn_hooks {
	/* Bytes of the peer. Returns how many of them were taken (0: not now,
	   or a whole message is not there yet). Called again at once while it
	   takes some but not all. */
	size_t (*input)(void *ctx, struct sceau_conn *conn, const char *data,
	                size_t len);
	/* It is over; the owner frees it, now or later. Called once, from the
	   loop, never from inside a call of the owner's. why is NULL when the
	   peer closed its side (or sceau_conn_finish asked for the end) and
	   all was offered and sent; else it tells what broke: FAULT_PEER, or
	   FAULT_LIMIT for an idle peer, one that does not read what we send,
	   or a full buffer without a whole message. */
	void (*ended)(void *ctx, struct sceau_conn *conn,
	              const struct sceau_err *why);
};

/* Take over fd (non-blocking; closed with the connection). At most in_max
   bytes wait for the owner and out_max for the peer. hooks must outlive it.
   Reading starts at once, from the loop. NULL and FAULT_TEMP when memory runs
   out: fd is then still the caller's. */
struct sceau_conn *sceau_conn_new(struct sceau_loop *loop, int fd,
                                  size_t in_max, size_t out_max,
                                  const struct sceau_conn_hooks *hooks,
                                  void *ctx, struct sceau_err *err);

/* Change the ctx that hooks are called with. */
void sceau_conn_set_ctx(struct sceau_conn *conn, void *ctx);

/* Send len bytes: what the socket does not take now waits in the buffer.
   Returns -1 when out_max would be exceeded or the connection is broken;
   nothing was queued then and the owner should free it. Calls no hook. fd
   must be a socket. */
int sceau_conn_write(struct sceau_conn *conn, const void *data, size_t len);

/* Stop offering input (and soon reading) until sceau_conn_resume: for an owner
   that must finish one request before it takes the next. */
void sceau_conn_pause(struct sceau_conn *conn);

/* Offer input again; what is buffered already is offered from the loop, not
   from inside this call. */
void sceau_conn_resume(struct sceau_conn *conn);

/* Read no more and drop what was not taken. Once everything written is sent
   (within 30 s), ended is called with NULL. For a last word before the end. */
void sceau_conn_finish(struct sceau_conn *conn);

/* End with FAULT_LIMIT after this many milliseconds without a byte from the
   peer; 0 = never (as at the beginning). */
void sceau_conn_set_idle(struct sceau_conn *conn, uint64_t idle_ms);

/* The descriptor, for getpeername and SO_PEERCRED. Still owned by conn. */
int sceau_conn_fd(const struct sceau_conn *conn);

/* Close at once, drop what was not sent, set *conn to NULL. NULL is
   allowed. */
void sceau_conn_free(struct sceau_conn **conn);

#endif
