/* session.h - one connection of Postfix, without its socket.
 *
 * Bytes of the peer come in, replies go out through a hook, decisions become
 * log lines: so tests drive a whole session by text, with a clock of theirs.
 *
 * What is done at which state of the SMTP session (protocol_state):
 *   DATA            the rules of the limits file are charged, once for each
 *                   instance with its recipients: Postfix sends a request
 *                   again when the answer took too long
 *   everything else DUNNO; at RCPT Postfix does not know the count yet
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_POLICYD_SESSION_H
#define SCEAU_POLICYD_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "daemon/log.h"
#include "daemon/store.h"
#include "policy-daemon/limits.h"
#include "policy/policy_request.h"

/* How long a message charged is known by its instance. Postfix asks a second
   time after its timeout, 100 s by default. */
#define SCEAU_POLICYD_ONCE_S 600

/* Requests answered and what became of them, since the start. */
struct sceau_policyd_counts {
	uint64_t rcpt, data, end_of_message, other; /* by protocol_state */
	uint64_t passed, refused; /* of data, repeated ones included */
	uint64_t repeated; /* told again by Postfix: not charged */
	uint64_t failed; /* the store could not say: passed */
	uint64_t broken; /* connections ended for what they sent */
};

/* What all sessions of the process share. Owned by the service or the test;
   the limits may be replaced while sessions live. */
struct sceau_policyd {
	struct sceau_store *store;
	struct sceau_policyd_limits *limits;
	struct sceau_policyd_counts counts;
	bool warned_no_data; /* that nobody asks at DATA */
	uint64_t (*now_ns)(void); /* wall clock */
	void (*log)(const struct sceau_log_line *line,
	            enum sceau_log_level level);
};

struct sceau_policyd_session_hooks {
	/* Send this to the peer. */
	void (*reply)(void *ctx, const char *text, size_t len);
	/* The session, which took no more input, takes it again. */
	void (*resume)(void *ctx);
};

/* Owned by the caller; fields are private to session.c. */
struct sceau_policyd_session {
	struct sceau_policyd *policyd;
	const struct sceau_policyd_session_hooks *hooks;
	void *ctx;
	struct sceau_policyd_request_state {
		struct sceau_limit_subject subject;
		struct sceau_policyd_limits *limits; /* asked with */
		uint64_t started_ns;
		size_t charges;
	} asked; /* of the request under way */
	bool is_waiting; /* for the store */
	bool is_in_call; /* inside sceau_store_charge */
	struct sceau_policy_request req;
};

/* Begin a session. hooks are called with ctx. */
void sceau_policyd_session_init(struct sceau_policyd_session *session,
                                struct sceau_policyd *policyd,
                                const struct sceau_policyd_session_hooks *hooks,
                                void *ctx);

/* End it: no hook is called any more. */
void sceau_policyd_session_deinit(struct sceau_policyd_session *session);

/* The next bytes of the peer. *used_r is how many were taken: fewer than len
   when a request waits for the store; the rest is to be offered again after
   the resume hook. Returns 0, or -1 when the peer speaks another protocol or
   too long (FAULT_PEER, FAULT_LIMIT): close the connection, without a reply;
   Postfix then goes by its default_action. */
int sceau_policyd_session_input(struct sceau_policyd_session *session,
                                const char *data, size_t len, size_t *used_r,
                                struct sceau_err *err);

/* Whether the peer may end the connection now without losing an answer. */
bool sceau_policyd_session_is_idle(const struct sceau_policyd_session *session);

#endif
