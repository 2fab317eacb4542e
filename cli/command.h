/* command.h - ask another program: bounded time, bounded output.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_COMMAND_H
#define SCEAU_CLI_COMMAND_H

#include "base/buf.h"
#include "base/err.h"

/* What a program answered. */
struct sceau_command_answer {
	struct sceau_buf *out; /* standard output is appended; bounded by it */
	char complaint[256]; /* one line of standard error, printable: the
	                        first with "fatal:" or "error:" in it, as
	                        warnings often precede it; else the last that
	                        is not empty */
	int status; /* exit status, 128 + signal */
};

/* Run argv[0], looked up in PATH and then in /usr/sbin and /sbin (which users
   often lack), with an empty standard input and the C locale.

   Returns  0  it ended by itself: see answer
            1  there is no such program
           -1  FAULT_TEMP: it did not end within timeout_ms or could not be
               run; FAULT_LIMIT: its output is longer than out's bound. It was
               killed. */
int sceau_command_run(const char *const argv[], unsigned timeout_ms,
                      struct sceau_command_answer *answer,
                      struct sceau_err *err);

#endif
