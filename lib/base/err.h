/* err.h - how every part of sceau says what failed and whose fault it is.
 *
 * Functions that can fail take a struct sceau_err * as their last argument
 * (NULL allowed), return -1 and leave their outputs untouched. The core never
 * logs: the caller logs the text once, with the queue id.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_ERR_H
#define SCEAU_ERR_H

/* Whose fault it is decides the SMTP answer, so it is chosen where the error
   is born and never guessed again further up. */
enum sceau_fault {
	SCEAU_FAULT_NONE = 0,
	SCEAU_FAULT_PEER, /* peer broke the protocol: refuse, close */
	SCEAU_FAULT_LIMIT, /* a limit of ours was hit: try later */
	SCEAU_FAULT_TEMP, /* our own trouble, may pass: try later */
	SCEAU_FAULT_CONFIG, /* the admin must act: stop at start-up */
};

struct sceau_err {
	enum sceau_fault fault;
	char text[400]; /* one line, no newline, safe to log */
};

/* Fill err (unless it is NULL) and return -1, so that callers can write
   "return sceau_fail(...)". text is cut at its size; control characters and
   bytes that are not valid UTF-8 are replaced by '?', since parts of it often
   come from the network. */
int sceau_fail(struct sceau_err *err, enum sceau_fault fault, const char *fmt,
               ...) __attribute__((format(printf, 3, 4)));

/* Put "prefix: " (printf-style) before the text that err already holds, and
   return -1. For a caller that knows the file, line or key that the callee
   could not know. The fault class stays. */
int sceau_fail_in(struct sceau_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Short name of a fault class, for logs: "peer", "limit", ... Never NULL. */
const char *sceau_fault_name(enum sceau_fault fault);

#endif
