/* headers.c - sceau headers clean: what the milter does to a submitted mail
 *
 * The mail is printed as the sign role of sceau-milter would pass it on, less
 * the signature; or what would be done to it, as JSON. Only the header is held
 * in memory.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "cli/cli.h"
#include "cli/io.h"
#include "cli/json_print.h"
#include "cli/resolver.h"
#include "daemon/header_rules.h"
#include "mail/header_cleanup.h"
#include "mail/header_rule_apply.h"
#include "mail/header_scan.h"

#define BLOCK_SIZE 65536

/* What is asked for, and what the answer is made with. */
struct job {
	const char *conf_file; /* -c, NULL: the usual one */
	const char *rules_file; /* --rules, NULL: as the settings say */
	const char *account;
	const char *host; /* --host, NULL: as the settings say */
	bool wants_json;
	struct sceau_settings *settings;
	struct sceau_header_rules rules;
	enum sceau_header_cleanup_verdict verdict;
	struct sceau_header_rule_report report; /* good if the verdict is yes */
};

/* Returns the number of bytes, 0 at the end, or -1. */
static ssize_t read_block(char *block, struct sceau_err *err)
{
	for (;;) {
		ssize_t got = read(STDIN_FILENO, block, BLOCK_SIZE);

		if (got >= 0 || errno != EINTR)
			return got >= 0 ? got
			                : sceau_fail(err, SCEAU_FAULT_TEMP,
			                             "cannot read standard "
			                             "input: %s",
			                             strerror(errno));
	}
}

static int write_out(const char *data, size_t len, struct sceau_err *err)
{
	return sceau_io_write(STDOUT_FILENO, "standard output", data, len, err);
}

/* Read up to the end of the header; *rest_r is what is left of block. */
static int read_header(struct sceau_header_scan *scan, char *block,
                       struct sceau_slice *rest_r, struct sceau_err *err)
{
	for (;;) {
		ssize_t got = read_block(block, err);
		size_t used;

		if (got < 0)
			return -1;
		if (got == 0) {
			*rest_r = (struct sceau_slice){ block, 0 };
			return sceau_header_scan_finish(scan, err);
		}
		int ret = sceau_header_scan_feed(scan, block, (size_t)got,
		                                 &used, err);
		if (ret < 0)
			return -1;
		*rest_r = (struct sceau_slice){ block + used,
			                        (size_t)got - used };
		if (ret == 1)
			return 0;
	}
}

static int clean(struct job *job, struct sceau_header *header,
                 struct sceau_err *err)
{
	struct sceau_header_cleanup_facts facts = { .authenticated = true };
	struct sceau_header_rule_facts known = {
		.account = job->account,
		.host = job->host,
	};

	job->verdict = sceau_header_cleanup_judge(header, &facts);
	if (job->verdict == SCEAU_HEADER_CLEANUP_YES)
		return sceau_header_rules_apply(&job->rules, &known, header,
		                                &job->report, err);
	return 0;
}

static void warn(const struct job *job)
{
	if (job->verdict != SCEAU_HEADER_CLEANUP_YES)
		fprintf(stderr, "sceau: headers: left as it is: %s\n",
		        sceau_header_cleanup_verdict_name(job->verdict));
	if (job->report.gave_up > 0)
		fprintf(stderr,
		        "sceau: headers: the rule in line %u could not decide "
		        "on a field\n",
		        job->report.gave_up_line);
}

/* Any bytes as a JSON string. */
static json_t *json_text(struct sceau_slice text)
{
	char *copy = strndup(text.data != NULL ? text.data : "", text.len);

	if (copy == NULL)
		return NULL;
	sceau_text_make_printable(copy);
	json_t *value = json_string(copy);
	free(copy);
	return value;
}

static int add_edit(json_t *edits, const struct sceau_header *header,
                    size_t index, unsigned line)
{
	struct sceau_header_field field = sceau_header_get(header, index);

	if (!field.deleted && !field.changed)
		return 0;
	json_t *edit = json_pack("{s:o, s:I, s:s}", "field",
	                         json_text(field.name), "number",
	                         (json_int_t)index + 1, "action",
	                         field.deleted ? "delete" : "replace");
	if (edit == NULL)
		return -1;
	int ret = line == 0 ? json_object_set_new(edit, "rule",
	                                          json_string("built-in"))
	                    : json_object_set_new(edit, "line",
	                                          json_integer(line));
	if (!field.deleted)
		ret |= json_object_set_new(
			edit, "value",
			json_text(sceau_slice_trim(field.value)));
	return ret | json_array_append_new(edits, edit);
}

static int print_json(const struct job *job, const struct sceau_header *header,
                      struct sceau_err *err)
{
	json_t *edits = json_array();
	int ret = edits == NULL ? -1 : 0;
	json_t *root = json_pack(
		"{s:s, s:I, s:o}", "cleaned",
		sceau_header_cleanup_verdict_name(job->verdict), "gave_up",
		(json_int_t)job->report.gave_up, "edits", edits);

	if (root == NULL)
		ret = -1;
	for (size_t i = 0; i < header->count && ret == 0; i++) {
		if (job->report.line != NULL)
			ret = add_edit(edits, header, i, job->report.line[i]);
	}
	if (ret != 0) {
		json_decref(root);
		root = NULL;
	}
	return sceau_cli_print_json(root, err);
}

static int write_header(const struct sceau_header *header,
                        const struct sceau_header_scan *scan,
                        struct sceau_err *err)
{
	struct sceau_slice left = sceau_header_scan_left(scan);
	struct sceau_buf out;
	int ret;

	/* The view's bound holds edits, too; line ends may be added. */
	sceau_buf_init(&out, 2 * (size_t)SCEAU_HEADER_BYTES_MAX);
	sceau_header_print(header, &out);
	sceau_buf_append_text(&out, sceau_header_scan_separator(scan));
	sceau_buf_append(&out, left.data, left.len);
	ret = out.failed ? sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory")
	                 : write_out(sceau_buf_text(&out), out.used, err);
	sceau_buf_deinit(&out);
	return ret;
}

static int write_body(char *block, struct sceau_slice rest,
                      struct sceau_err *err)
{
	ssize_t got = (ssize_t)rest.len;
	const char *data = rest.data;

	do {
		if (write_out(data, (size_t)got, err) < 0)
			return -1;
		data = block;
	} while ((got = read_block(block, err)) > 0);
	return got < 0 ? -1 : 0;
}

static int clean_mail(struct job *job, struct sceau_header *header,
                      struct sceau_header_scan *scan, struct sceau_err *err)
{
	char block[BLOCK_SIZE];
	struct sceau_slice rest;

	if (read_header(scan, block, &rest, err) < 0 ||
	    clean(job, header, err) < 0)
		return -1;
	if (job->wants_json)
		return print_json(job, header, err);
	warn(job);
	if (write_header(header, scan, err) < 0)
		return -1;
	return write_body(block, rest, err);
}

/* Settings and rules. */
static int prepare(struct job *job, struct sceau_err *err)
{
	job->settings = sceau_cli_settings(job->conf_file, err);
	if (job->settings == NULL)
		return -1;
	if (job->host == NULL)
		job->host = job->settings->common.myhostname;
	return job->rules_file != NULL
	               ? sceau_header_rules_read(job->rules_file, &job->rules,
	                                         err)
	               : sceau_header_rules_load(job->settings, &job->rules,
	                                         err);
}

static int run_job(struct job *job)
{
	struct sceau_header header;
	struct sceau_header_scan scan;
	struct sceau_err err;
	int ret = prepare(job, &err);

	if (ret == 0) {
		sceau_header_init(&header, SCEAU_HEADER_FIELDS_MAX,
		                  SCEAU_HEADER_BYTES_MAX);
		sceau_header_scan_init(&scan, &header);
		ret = clean_mail(job, &header, &scan, &err);
		sceau_header_scan_deinit(&scan);
		sceau_header_deinit(&header);
	}
	sceau_header_rule_report_deinit(&job->report);
	sceau_header_rules_deinit(&job->rules);
	sceau_settings_unref(&job->settings);
	return ret == 0 ? SCEAU_EXIT_OK : sceau_cli_fail("headers", &err);
}

/* Put the file path in place of standard input. */
static int open_mail(const char *path, struct sceau_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0) {
		int error = errno;

		if (fd >= 0)
			close(fd);
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "%s: %s", path,
		                  strerror(error));
	}
	return close(fd);
}

/* Returns -1 for what cannot be understood. */
static int read_options(struct job *job, int argc, char **argv)
{
	static const struct option options[] = {
		{ "rules", required_argument, NULL, 'r' },
		{ "account", required_argument, NULL, 'a' },
		{ "host", required_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	optind = 0;
	while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
		if (option == 'c')
			job->conf_file = optarg;
		else if (option == 'r')
			job->rules_file = optarg;
		else if (option == 'a')
			job->account = optarg;
		else if (option == 'h')
			job->host = optarg;
		else if (option == 'j')
			job->wants_json = true;
		else
			return -1;
	}
	return argc - optind <= 1 ? 0 : -1;
}

static int run(int argc, char **argv)
{
	struct job job = { .account = "" };
	struct sceau_err err;

	if (argc < 2 || strcmp(argv[1], "clean") != 0 ||
	    read_options(&job, argc - 1, argv + 1) < 0)
		return sceau_cli_usage(&sceau_noun_headers);
	if (optind < argc - 1 && open_mail(argv[optind + 1], &err) < 0)
		return sceau_cli_fail("headers", &err);
	return run_job(&job);
}

const struct sceau_noun sceau_noun_headers = {
	.name = "headers",
	.help = "show a mail as the milter would send it",
	.usage = "sceau headers clean [-c FILE] [--rules FILE] "
		 "[--account LOGIN]\n"
		 "           [--host NAME] [--json] [MAIL]",
	.run = run,
};
