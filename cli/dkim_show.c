/* dkim_show.c - sceau dkim list, show: what keys there are, and whether the
 * world knows them
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/dkim.h"

/* Whether an admin has to do something about it. */
static bool is_finding(const struct sceau_dkim_file *file, bool was_asked)
{
	if (file->stage == SCEAU_DKIM_RETIRED)
		return false;
	return file->key == NULL ||
	       (was_asked && file->stage == SCEAU_DKIM_ACTIVE &&
	        file->state != SCEAU_DKIM_PUBLISHED);
}

/* Leave out all but one selector. */
static void keep_selector(struct sceau_dkim_dir *dir, const char *selector)
{
	size_t left = 0;

	for (size_t i = 0; i < dir->count; i++) {
		struct sceau_dkim_file *file = &dir->files[i];

		if (sceau_text_equal_nocase(file->selector, selector))
			dir->files[left++] = *file;
		else
			sceau_dkim_key_free(&file->key);
	}
	dir->count = left;
}

/* Returns an exit status, or -1 with err. */
static int show(const struct sceau_dkim_cli_options *options, bool has_records,
                struct sceau_dkim_dir *dir, struct sceau_err *err)
{
	struct sceau_dkim_report report = {
		.is_json = options->wants_json,
		.was_asked = !options->is_offline,
		.has_records = has_records,
	};

	if (sceau_dkim_dir_open(options, dir, err) < 0)
		return -1;
	if (options->selector != NULL)
		keep_selector(dir, options->selector);
	if (dir->count == 0 && options->domain != NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s/%s: no key; make one: sceau dkim new %s",
		                  dir->path, options->domain, options->domain);
	if (report.was_asked && sceau_dkim_dir_ask(dir, err) < 0)
		return -1;
	if (sceau_dkim_print_files(dir, &report, err) < 0)
		return -1;
	for (size_t i = 0; i < dir->count; i++) {
		if (is_finding(&dir->files[i], report.was_asked))
			return SCEAU_EXIT_FINDINGS;
	}
	return SCEAU_EXIT_OK;
}

static int run(const struct sceau_dkim_cli_options *options, bool has_records)
{
	struct sceau_dkim_dir dir = { .count = 0 };
	struct sceau_err err;
	int status = show(options, has_records, &dir, &err);

	sceau_dkim_dir_close(&dir);
	return status < 0 ? sceau_cli_fail("dkim", &err) : status;
}

int sceau_dkim_run_list(const struct sceau_dkim_cli_options *options)
{
	return run(options, false);
}

int sceau_dkim_run_show(const struct sceau_dkim_cli_options *options)
{
	return run(options, true);
}
