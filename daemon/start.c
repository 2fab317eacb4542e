/* start.c - see start.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/listen.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/privilege.h"
#include "daemon/start.h"

#define EXIT_USAGE 2
#define EXIT_TEMPORARY 75
#define EXIT_CONFIGURATION 78

/* A daemon and what only this file needs to know of it. */
struct run {
	struct sceau_daemon daemon;
	/* Kept to the end: what the hooks chose may point into them. */
	struct sceau_settings *first_settings;
	const char *file;
	bool wants_stderr; /* -d */
	bool wants_print; /* -n */
	bool is_log_open;
	uint64_t started_ms;
};

static void usage(const struct sceau_start_program *program)
{
	fprintf(stderr, "usage: %s [-dnt] [-c file]%s%s\n", program->name,
	        program->usage == NULL ? "" : " ",
	        program->usage == NULL ? "" : program->usage);
}

static int own_option(struct run *run, const char *name, const char *value)
{
	struct sceau_daemon *daemon = &run->daemon;
	struct sceau_err err = { .text = "" };

	if (daemon->program->option(daemon, name, value, &err) == 0)
		return 0;
	fprintf(stderr, "%s: --%s: %s\n", daemon->program->name, name,
	        err.text);
	return -1;
}

static int complete(struct run *run)
{
	struct sceau_daemon *daemon = &run->daemon;
	struct sceau_err err = { .text = "" };

	if (daemon->program->complete == NULL ||
	    daemon->program->complete(daemon, &err) == 0)
		return 0;
	fprintf(stderr, "%s: %s\n", daemon->program->name, err.text);
	return -1;
}

static int read_options(struct run *run, int argc, char **argv)
{
	static const struct option none[] = { { NULL, 0, NULL, 0 } };
	const struct sceau_start_program *program = run->daemon.program;
	const struct option *options = program->options;
	int c, index = 0;

	if (options == NULL)
		options = none;
	optind = 1;
	while ((c = getopt_long(argc, argv, "+c:dnt", options, &index)) != -1) {
		switch (c) {
		case 'c':
			run->file = optarg;
			break;
		case 'd':
			run->wants_stderr = true;
			break;
		case 'n':
			run->wants_print = true;
			break;
		case 't':
			run->daemon.is_check = true;
			break;
		case 0:
			if (own_option(run, options[index].name, optarg) < 0)
				return -1;
			break;
		default:
			return -1;
		}
	}
	return optind == argc ? complete(run) : -1;
}

static int exit_status(const struct sceau_err *err)
{
	return err->fault == SCEAU_FAULT_CONFIG ? EXIT_CONFIGURATION
	                                        : EXIT_TEMPORARY;
}

/* A failure before READY=1: whoever started us by hand looks at stderr, the
   rest of the world at the log; under systemd they are the same. Returns the
   exit status. */
static int refuse_start(const struct run *run, const struct sceau_err *err)
{
	bool is_syslog = run->is_log_open && !run->wants_stderr &&
	                 !run->daemon.is_check;

	if (is_syslog)
		sceau_log(SCEAU_LOG_ERROR, "%s", err->text);
	if (!is_syslog || getenv("JOURNAL_STREAM") == NULL)
		fprintf(stderr, "%s: %s\n", run->daemon.ident, err->text);
	return exit_status(err);
}

static int print_changed(const struct run *run, struct sceau_err *err)
{
	struct sceau_buf out;

	sceau_buf_init(&out, 2 * SCEAU_CONF_FILE_MAX);
	int ret = sceau_conf_print_changed(run->daemon.settings->conf, &out);
	if (ret == 0)
		fputs(sceau_buf_text(&out), stdout);
	else
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	sceau_buf_deinit(&out);
	return ret;
}

static void open_log(struct run *run)
{
	const struct sceau_conf_common *common = &run->daemon.settings->common;

	sceau_log_open(run->daemon.ident,
	               run->wants_stderr || run->daemon.is_check,
	               common->syslog_facility,
	               (enum sceau_log_level)common->syslog_level);
	run->is_log_open = true;
}

/* Address of the control socket, if there is one. Returns 0 when there is
   none, 1 when there is. */
static int control_address(const struct sceau_daemon *daemon,
                           struct sceau_listen_address *addr_r,
                           struct sceau_err *err)
{
	char text[256];

	if (daemon->control_name == NULL)
		return 0;
	snprintf(text, sizeof(text), "unix:%s/%s.ctl",
	         daemon->settings->common.control_directory,
	         daemon->control_name);
	if (sceau_listen_parse(text, addr_r, err) < 0)
		return sceau_fail_in(err, "control_directory");
	return 1;
}

/* A reload reads the file as the user that we have become. */
static int check_file_readable(const struct run *run, struct sceau_err *err)
{
	if (access(run->file, R_OK) == 0)
		return 0;
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "%s: user %s may not read it (%s), so a reload "
	                  "could not work: change its group or mode",
	                  run->file, run->daemon.user, strerror(errno));
}

/* Everything that can be known to be wrong without changing anything. */
static int check_all(const struct run *run, struct sceau_daemon *daemon,
                     struct sceau_err *err)
{
	struct sceau_listen_address addr;

	if (check_file_readable(run, err) < 0)
		return -1;
	int ret = control_address(daemon, &addr, err);
	if (ret > 0)
		ret = sceau_listen_check(&addr, err);
	if (ret < 0)
		return -1;
	if (daemon->program->check == NULL)
		return 0;
	return daemon->program->check(daemon, err);
}

static void on_stop(void *ctx)
{
	struct run *run = ctx;

	sceau_loop_stop(run->daemon.loop);
}

static int reload(struct run *run, struct sceau_err *err)
{
	struct sceau_daemon *daemon = &run->daemon;
	struct sceau_settings *next = sceau_conf_load(run->file, err);

	if (next == NULL)
		return -1;
	if (daemon->program->reload != NULL &&
	    daemon->program->reload(daemon, next, err) < 0) {
		sceau_settings_unref(&next);
		return -1;
	}
	sceau_settings_unref(&daemon->settings);
	daemon->settings = next;
	open_log(run);
	return 0;
}

/* Reload and say how it went. */
static int reload_told(struct run *run, struct sceau_err *err)
{
	sceau_notify_reloading();
	int ret = reload(run, err);
	if (ret < 0)
		sceau_log(SCEAU_LOG_ERROR,
		          "%s; still working with the settings of before",
		          err->text);
	else
		sceau_log(SCEAU_LOG_INFO, "settings read again from %s",
		          run->file);
	sceau_notify("READY=1");
	return ret;
}

static void on_reload(void *ctx)
{
	struct sceau_err err;

	reload_told(ctx, &err);
}

static int do_reload(void *ctx, const json_t *request, json_t *reply,
                     struct sceau_err *err)
{
	(void)request;
	(void)reply;
	return reload_told(ctx, err);
}

static int do_stats(void *ctx, const json_t *request, json_t *reply,
                    struct sceau_err *err)
{
	struct run *run = ctx;
	struct sceau_daemon *daemon = &run->daemon;
	json_int_t uptime_s =
		(json_int_t)((sceau_loop_now_ms() - run->started_ms) / 1000);

	(void)request;
	if (json_object_set_new(reply, "program", json_string(daemon->ident)) <
	            0 ||
	    json_object_set_new(reply, "uptime_s", json_integer(uptime_s)) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	if (daemon->program->stats == NULL)
		return 0;
	return daemon->program->stats(daemon, reply, err);
}

static int open_control(struct run *run, struct sceau_err *err)
{
	struct sceau_daemon *daemon = &run->daemon;
	const struct sceau_conf_common *common = &daemon->settings->common;
	const char *const users[] = { common->user, common->sign_user };
	struct sceau_listen_address addr;
	int ret = control_address(daemon, &addr, err);

	if (ret <= 0)
		return ret;
	daemon->control = sceau_control_new(daemon->loop, addr.path, users, 2,
	                                    err);
	if (daemon->control == NULL)
		return -1;
	if (sceau_control_add(daemon->control, "stats", do_stats, run, err) < 0)
		return -1;
	return sceau_control_add(daemon->control, "reload", do_reload, run,
	                         err);
}

static int catch_signals(struct run *run, struct sceau_err *err)
{
	struct sceau_loop *loop = run->daemon.loop;

	/* A peer that is gone shows as EPIPE where it is written to. */
	signal(SIGPIPE, SIG_IGN);
	if (sceau_loop_on_signal(loop, SIGTERM, on_stop, run, err) < 0 ||
	    sceau_loop_on_signal(loop, SIGINT, on_stop, run, err) < 0)
		return -1;
	return sceau_loop_on_signal(loop, SIGHUP, on_reload, run, err);
}

/* Control first: its verbs may be wanted by the open hook. */
static int open_all(struct run *run, struct sceau_err *err)
{
	struct sceau_daemon *daemon = &run->daemon;

	if (catch_signals(run, err) < 0 || open_control(run, err) < 0)
		return -1;
	if (daemon->program->open == NULL)
		return 0;
	return daemon->program->open(daemon, err);
}

static int serve(struct run *run)
{
	struct sceau_daemon *daemon = &run->daemon;
	struct sceau_err err = { .text = "" };
	int status = 0;

	daemon->loop = sceau_loop_new(&err);
	if (daemon->loop == NULL)
		return refuse_start(run, &err);
	if (open_all(run, &err) < 0) {
		status = refuse_start(run, &err);
	} else {
		sceau_log(SCEAU_LOG_INFO, "started");
		sceau_notify("READY=1");
		if (sceau_loop_run(daemon->loop, &err) < 0) {
			sceau_log(SCEAU_LOG_ERROR, "%s", err.text);
			status = exit_status(&err);
		}
		sceau_notify("STOPPING=1");
		sceau_log(SCEAU_LOG_INFO, "stopped");
	}
	if (daemon->program->close != NULL)
		daemon->program->close(daemon);
	sceau_control_free(&daemon->control);
	sceau_loop_free(&daemon->loop);
	return status;
}

/* From the settings file to the check. Returns 0 when the daemon may start,
   or ends the matter with *status_r and -1. */
static int prepare(struct run *run, int *status_r)
{
	struct sceau_daemon *daemon = &run->daemon;
	struct sceau_err err = { .text = "" };

	daemon->settings = sceau_conf_load(run->file, &err);
	if (daemon->settings == NULL)
		goto failed;
	run->first_settings = sceau_settings_ref(daemon->settings);
	daemon->user = daemon->settings->common.user;
	if (daemon->program->configure != NULL &&
	    daemon->program->configure(daemon, &err) < 0)
		goto failed;
	if (run->wants_print) {
		if (print_changed(run, &err) < 0)
			goto failed;
		*status_r = 0;
		return -1;
	}
	open_log(run);
	if (sceau_privilege_drop(daemon->user, &err) < 0)
		goto failed;
	sceau_privilege_harden();
	if (check_all(run, daemon, &err) < 0)
		goto failed;
	return 0;
failed:
	*status_r = refuse_start(run, &err);
	return -1;
}

int sceau_start(const struct sceau_start_program *program, void *ctx, int argc,
                char **argv)
{
	struct run run = {
		.daemon = { .program = program,
		            .ctx = ctx,
		            .ident = program->name,
		            .control_name = program->control_name },
		.file = SCEAU_CONF_DEFAULT_FILE,
		.started_ms = sceau_loop_now_ms(),
	};
	int status = 0;

	if (read_options(&run, argc, argv) < 0) {
		usage(program);
		return EXIT_USAGE;
	}
	if (prepare(&run, &status) == 0) {
		if (run.daemon.is_check)
			printf("%s: %s is good\n", run.daemon.ident, run.file);
		else
			status = serve(&run);
	}
	sceau_settings_unref(&run.daemon.settings);
	sceau_settings_unref(&run.first_settings);
	return status;
}
