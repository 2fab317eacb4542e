/* open.c - sceau open: standard input opened with identities
 *
 * What is written was verified, but only exit status 0 says that it is the
 * whole content. A failure's last line on standard error names its class, for
 * scripts: "sceau: open: CLASS: reason".
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "age/age_opener.h"
#include "cli/cli.h"
#include "cli/io.h"
#include "cli/secret.h"

#define BLOCK_SIZE 65536

static enum sceau_age_status write_out(struct sceau_slice piece,
                                       struct sceau_err *err)
{
	if (sceau_io_write(STDOUT_FILENO, "standard output", piece.data,
	                   piece.len, err) < 0)
		return SCEAU_AGE_INTERNAL;
	return SCEAU_AGE_OK;
}

/* Give one block to the opener and write what comes out. */
static enum sceau_age_status put(struct sceau_age_opener *opener,
                                 const char *data, size_t len,
                                 struct sceau_err *err)
{
	while (len > 0) {
		struct sceau_slice piece;
		size_t used;
		enum sceau_age_status status = sceau_age_opener_put(
			opener, data, len, &used, &piece, err);
		if (status == SCEAU_AGE_OK)
			status = write_out(piece, err);
		if (status < 0)
			return status;
		data += used;
		len -= used;
	}
	return SCEAU_AGE_OK;
}

static enum sceau_age_status open_stream(struct sceau_age_opener *opener,
                                         struct sceau_err *err)
{
	char block[BLOCK_SIZE];
	struct sceau_slice piece;
	enum sceau_age_status status;

	for (;;) {
		ssize_t got = read(STDIN_FILENO, block, sizeof(block));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			sceau_fail(err, SCEAU_FAULT_TEMP,
			           "cannot read standard input: %s",
			           strerror(errno));
			return SCEAU_AGE_INTERNAL;
		}
		if (got == 0)
			break;
		status = put(opener, block, (size_t)got, err);
		if (status < 0)
			return status;
	}
	status = sceau_age_opener_finish(opener, &piece, err);
	return status == SCEAU_AGE_OK ? write_out(piece, err) : status;
}

static int report(enum sceau_age_status status, const struct sceau_err *err)
{
	if (status == SCEAU_AGE_OK)
		return SCEAU_EXIT_OK;
	if (status == SCEAU_AGE_INTERNAL)
		return sceau_cli_fail("open", err);
	fprintf(stderr, "sceau: open: %s: %s\n", sceau_age_status_name(status),
	        err->text);
	return SCEAU_EXIT_FINDINGS;
}

static int run(int argc, char **argv)
{
	struct sceau_age_identities *set;
	struct sceau_age_opener *opener;
	struct sceau_err err;
	int option;
	int ret = 0;

	if (sceau_age_identities_new(&set, &err) < 0)
		return sceau_cli_fail("open", &err);
	while (ret == 0 && (option = getopt(argc, argv, "i:")) != -1) {
		if (option != 'i')
			ret = sceau_cli_usage(&sceau_noun_open);
		else if (sceau_secret_read_identities(optarg, set, &err) < 0)
			ret = sceau_cli_fail("open", &err);
	}
	if (ret == 0 &&
	    (optind != argc || sceau_age_identities_count(set) == 0))
		ret = sceau_cli_usage(&sceau_noun_open);
	if (ret == 0 && sceau_age_opener_new(set, &opener, &err) < 0) {
		ret = sceau_cli_fail("open", &err);
	} else if (ret == 0) {
		ret = report(open_stream(opener, &err), &err);
		sceau_age_opener_free(&opener);
	}
	sceau_age_identities_free(&set);
	return ret;
}

const struct sceau_noun sceau_noun_open = {
	.name = "open",
	.help = "open what was sealed (age v1)",
	.usage = "sceau open -i IDENTITYFILE [-i IDENTITYFILE] <IN >OUT",
	.run = run,
};
