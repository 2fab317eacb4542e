/* check_config.c - sceau check-config: is sceau.conf sound?
 *
 * The file alone: what it names (sockets, keys, limit rules) is checked by the
 * programs themselves with -t.
 *
 * SPDX-License-Identifier: MIT
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "cli/cli.h"
#include "daemon/conf_load.h"

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ NULL, 0, NULL, 0 },
};

static void report(const char *file, bool is_good, const char *reason)
{
	json_t *root = json_pack("{s:s, s:b, s:s?}", "file", file, "ok",
	                         is_good, "error", is_good ? NULL : reason);

	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}

static int run(int argc, char **argv)
{
	const char *file = SCEAU_CONF_DEFAULT_FILE;
	bool wants_json = false;
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
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
	struct sceau_settings *settings = sceau_conf_load(file, &err);
	bool is_good = settings != NULL;
	sceau_settings_unref(&settings);
	if (wants_json)
		report(file, is_good, err.text);
	else if (is_good)
		printf("%s is good\n", file);
	return is_good ? SCEAU_EXIT_OK : sceau_cli_fail("check-config", &err);
}

const struct sceau_noun sceau_noun_check_config = {
	.name = "check-config",
	.help = "check sceau.conf",
	.usage = "sceau check-config [-c FILE] [--json]",
	.run = run,
};
