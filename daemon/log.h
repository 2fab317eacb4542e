/* log.h - one line a decision, to syslog or to stderr.
 *
 * What is printed may come from the network: every byte that is a control
 * character, a backslash or not valid UTF-8 leaves as \xHH, and a line is cut
 * at SCEAU_LOG_MAX. Never log a subject, a body, a password or a key.
 *
 * The log is the one global of the shell; every function may be called from
 * any thread once sceau_log_open has returned.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_LOG_H
#define SCEAU_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Longest line without the ident, closing NUL included. */
#define SCEAU_LOG_MAX 1024

/* In the order of the words of syslog_level. */
enum sceau_log_level {
	SCEAU_LOG_ERROR, /* the admin must act */
	SCEAU_LOG_WARNING, /* degraded: something could not be checked */
	SCEAU_LOG_INFO, /* decisions, start and stop */
	SCEAU_LOG_DEBUG,
};

/* Send lines to syslog under ident (copied, cut at 31 bytes), or to stderr
   when to_stderr is set. facility is a LOG_... value; lines above level are
   dropped. Before the first call lines of INFO and up go to stderr. May be
   called again, e.g. after a reload, from the loop thread. */
void sceau_log_open(const char *ident, bool to_stderr, int facility,
                    enum sceau_log_level level);

/* Write one line (printf-style, no newline at its end). */
void sceau_log(enum sceau_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Copy text[0..len) to out[size] with the escapes described above; also
   escapes the bytes that stand in also ("" for none). Cuts at a whole
   character or escape. Returns the length written, without the NUL. */
size_t sceau_log_escape(const char *text, size_t len, const char *also,
                        char *out, size_t size);

/* A decision line in the making: `QUEUEID: action=..., reason=..., ...`. Owned
   by the caller, usually on the stack; no need to release it. */
struct sceau_log_line {
	char text[SCEAU_LOG_MAX];
	size_t used;
	bool is_first; /* no field yet */
};

/* Begin a line. queue_id NULL or "" gives Postfix's word NOQUEUE. */
void sceau_log_line_init(struct sceau_log_line *line, const char *queue_id);

/* Add `name=value`. name is ours; value may be anything (NULL counts as ""),
   commas in it are escaped, so that it cannot pose as a field. */
void sceau_log_line_add(struct sceau_log_line *line, const char *name,
                        const char *value);

/* Add `name=<address>`; commas and angle brackets in it are escaped. */
void sceau_log_line_add_address(struct sceau_log_line *line, const char *name,
                                const char *address);

/* Add `name=` and a printf-style value, escaped like sceau_log_line_add. */
void sceau_log_line_addf(struct sceau_log_line *line, const char *name,
                         const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Write the line. It can be used again only after another init. */
void sceau_log_line_send(const struct sceau_log_line *line,
                         enum sceau_log_level level);

#endif
