/* start.h - what every daemon does from its first line to its last.
 *
 * A program is a struct of hooks and one call:
 *
 *   options -> complete hook -> read settings -> configure hook ->
 *   (-n: print and end) -> log -> become the user -> harden ->
 *   check hook -> (-t: end) -> loop ->
 *   control socket -> open hook -> READY=1 -> loop runs ->
 *   STOPPING=1 -> close hook
 *
 * Options of all programs: -c FILE, -t (check and end), -n (print settings
 * that differ from their defaults and end), -d (log to stderr). The process
 * always stays in the foreground. Nothing starts half: what fails before
 * READY=1 ends the process with one clear line, 78 when the admin must act,
 * 75 when it may pass by itself; wrong options end it with 2.
 *
 * The loop runs on the main thread. A program that has threads (libmilter)
 * starts them in its open hook, with every signal blocked, so that SIGTERM and
 * SIGHUP reach the loop.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_START_H
#define SCEAU_START_H

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "daemon/conf_load.h"
#include "daemon/control.h"
#include "daemon/loop.h"

struct sceau_start_program;

/* What the hooks are handed. {"do":"stats"} and {"do":"reload"} are served
   by the skeleton. Fields marked "choose" may be set by the option
   and configure hooks; everything else is read only. */
struct sceau_daemon {
	const struct sceau_start_program *program;
	void *ctx; /* the program's own, as given to sceau_start */
	struct sceau_settings *settings; /* replaced by a reload */
	struct sceau_loop *loop; /* from the open hook on */
	struct sceau_control *control; /* from the open hook on, if named */
	bool is_check; /* -t */
	const char *ident; /* choose: name in the log; default: program name */
	const char *user; /* choose: default: settings->common.user */
	const char *control_name; /* choose: NAME of NAME.ctl, NULL: none */
};

/* Hooks return 0, or -1 with err. Each may be NULL. */
struct sceau_start_program {
	const char *name; /* "sceau-policyd" */
	const char *control_name; /* default of daemon.control_name */
	const char *usage; /* own options for the usage line, or NULL */
	const struct option *options; /* own long options, {0}-ended, or NULL */

	/* A long option of its own (flag NULL, val 0) was given; value is NULL
	   when it takes none. Failure = usage error, exit 2. */
	int (*option)(struct sceau_daemon *daemon, const char *name,
	              const char *value, struct sceau_err *err);
	/* All options were read: refuse what is missing. Failure = usage
	   error, exit 2. */
	int (*complete)(struct sceau_daemon *daemon, struct sceau_err *err);
	/* Settings are known: choose. */
	int (*configure)(struct sceau_daemon *daemon, struct sceau_err *err);
	/* Check everything that can be checked without changing anything: keys
	   readable, rules valid, sceau_listen_check. Runs as the user, with -t
	   and before every start. */
	int (*check)(struct sceau_daemon *daemon, struct sceau_err *err);
	/* Open sockets, load keys, start threads. */
	int (*open)(struct sceau_daemon *daemon, struct sceau_err *err);
	/* SIGHUP or {"do":"reload"}: take over next, already valid; daemon->
	   settings still are the old ones and are unreferenced afterwards. On
	   failure everything stays as it was. NULL: settings that are read
	   through daemon->settings each time are all there is. User, sockets
	   and control_directory need a restart. */
	int (*reload)(struct sceau_daemon *daemon, struct sceau_settings *next,
	              struct sceau_err *err);
	/* Counters for {"do":"stats"}: fill reply. */
	int (*stats)(struct sceau_daemon *daemon, json_t *reply,
	             struct sceau_err *err);
	/* Undo open, completely, also after an open that failed half-way. The
	   loop exists but runs no more. */
	void (*close)(struct sceau_daemon *daemon);
};

/* Run the program with ctx for its hooks. Returns the exit status for main:
   0, 2, 75 or 78. */
int sceau_start(const struct sceau_start_program *program, void *ctx, int argc,
                char **argv);

#endif
