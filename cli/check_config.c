/* check_config.c - sceau check-config: is the suite set up soundly?
 *
 * First sceau.conf itself: without it nothing else can be judged. Then each
 * concern in a file of its own (check_host.h).
 *
 * SPDX-License-Identifier: MIT
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <jansson.h>

#include "cli/check_host.h"
#include "cli/cli.h"
#include "cli/json_print.h"

/* Postfix's main.cf and master.cf, for line numbers. */
#define TEXT_MAX (1U << 20)

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ NULL, 0, NULL, 0 },
};

static int print(const struct sceau_check *check, const char *file,
                 bool wants_json, struct sceau_err *err)
{
	if (!wants_json) {
		sceau_check_print(check, file, stdout);
		return 0;
	}
	return sceau_cli_print_json(sceau_check_json(check, file), err);
}

/* Run every check. Returns -1 and the first error when Postfix or Dovecot did
   not answer: what does not need them is checked all the same. */
static int check_all(struct sceau_check_host *host, struct sceau_err *err)
{
	struct sceau_err later = { .fault = SCEAU_FAULT_NONE };
	int ret = 0;

	sceau_check_list_sockets(host);
	if (sceau_check_read_postfix(host, err) < 0) {
		sceau_check_cut_short(host->check, err,
		                      "Postfix's lines are not checked");
		ret = -1;
	}
	sceau_check_users(host);
	sceau_check_files(host);
	sceau_check_keys(host);
	sceau_check_sockets(host);
	sceau_check_reach(host);
	sceau_check_milter_lines(host);
	sceau_check_policy_lines(host);
	if (sceau_check_dovecot(host, &later) < 0) {
		sceau_check_cut_short(host->check, &later,
		                      "Dovecot's lines are not checked");
		if (ret == 0)
			*err = later;
		ret = -1;
	}
	return ret;
}

/* sceau.conf does not load: the one finding of the report. */
static int fail_settings(struct sceau_check *check, const char *file,
                         bool wants_json, const struct sceau_err *err)
{
	struct sceau_check_finding *finding = sceau_check_add(
		check, SCEAU_CHECK_ERROR, "settings");

	sceau_check_say_error(finding, err);
	struct sceau_err later;

	sceau_check_say(finding->remedy, "mend it, see sceau.conf(5)");
	if (wants_json)
		(void)print(check, file, true, &later);
	return sceau_cli_fail("check-config", err);
}

static int check_and_print(struct sceau_check_host *host, bool wants_json)
{
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

	sceau_postfix_conf_init(&host->postfix);
	sceau_buf_init(&host->main_cf, TEXT_MAX);
	sceau_buf_init(&host->master_cf, TEXT_MAX);
	int ret = check_all(host, &err);
	if (print(host->check, host->file, wants_json, &err) < 0)
		ret = -1;
	sceau_postfix_conf_deinit(&host->postfix);
	sceau_buf_deinit(&host->main_cf);
	sceau_buf_deinit(&host->master_cf);
	if (ret < 0)
		return sceau_cli_fail("check-config", &err);
	return sceau_check_count(host->check) == 0 ? SCEAU_EXIT_OK
	                                           : SCEAU_EXIT_FINDINGS;
}

static int check_file(const char *file, bool wants_json)
{
	struct sceau_check *check = sceau_check_new();
	struct sceau_check_host *host = calloc(1, sizeof(*host));
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
	int status;

	if (check == NULL || host == NULL) {
		sceau_fail(&err, SCEAU_FAULT_TEMP, "out of memory");
		status = sceau_cli_fail("check-config", &err);
		goto out;
	}
	struct sceau_settings *settings = sceau_conf_load(file, &err);
	if (settings == NULL) {
		status = fail_settings(check, file, wants_json, &err);
		goto out;
	}
	host->check = check;
	host->settings = settings;
	host->file = file;
	host->is_root = geteuid() == 0;
	status = check_and_print(host, wants_json);
	sceau_settings_unref(&settings);
out:
	free(host);
	sceau_check_free(&check);
	return status;
}

static int run(int argc, char **argv)
{
	const char *file = SCEAU_CONF_DEFAULT_FILE;
	bool wants_json = false;
	int option;

	while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
		if (option == 'c')
			file = optarg;
		else if (option == 'j')
			wants_json = true;
		else
			return sceau_cli_usage(&sceau_noun_check_config);
	}
	if (optind != argc)
		return sceau_cli_usage(&sceau_noun_check_config);
	return check_file(file, wants_json);
}

const struct sceau_noun sceau_noun_check_config = {
	.name = "check-config",
	.help = "check sceau.conf, keys, sockets, and Postfix's and Dovecot's "
		"lines",
	.usage = "sceau check-config [-c FILE] [--json]",
	.run = run,
};
