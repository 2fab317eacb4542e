/* headers.c - sceau headers clean: what the milter does to a submitted mail
 *
 * The mail is read from standard input and printed as the sign role of
 * sceau-milter would pass it on, less the signature. Only the header is held
 * in memory.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/io.h"
#include "mail/header_cleanup.h"
#include "mail/header_scan.h"

#define BLOCK_SIZE 65536

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

static int clean(struct sceau_header *header, struct sceau_err *err)
{
	struct sceau_header_cleanup_facts facts = { .authenticated = true };
	enum sceau_header_cleanup_verdict verdict = sceau_header_cleanup_judge(
		header, &facts);
	size_t count;
	const struct sceau_header_cleanup_rule *rules =
		sceau_header_cleanup_default_rules(&count);

	if (verdict == SCEAU_HEADER_CLEANUP_YES)
		return sceau_header_cleanup_apply(header, rules, count, err);
	fprintf(stderr, "sceau: headers: left as it is: %s\n",
	        sceau_header_cleanup_verdict_name(verdict));
	return 0;
}

static int write_header(const struct sceau_header *header,
                        const struct sceau_header_scan *scan,
                        struct sceau_err *err)
{
	struct sceau_slice left = sceau_header_scan_left(scan);
	struct sceau_buf out;
	int ret;

	/* Edits only take away; line ends may be added, one a field. */
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

static int clean_mail(struct sceau_header *header,
                      struct sceau_header_scan *scan, struct sceau_err *err)
{
	char block[BLOCK_SIZE];
	struct sceau_slice rest;

	if (read_header(scan, block, &rest, err) < 0 ||
	    clean(header, err) < 0 || write_header(header, scan, err) < 0)
		return -1;
	return write_body(block, rest, err);
}

static int run(int argc, char **argv)
{
	struct sceau_header header;
	struct sceau_header_scan scan;
	struct sceau_err err;

	if (argc != 2 || strcmp(argv[1], "clean") != 0)
		return sceau_cli_usage(&sceau_noun_headers);
	sceau_header_init(&header, SCEAU_HEADER_FIELDS_MAX,
	                  SCEAU_HEADER_BYTES_MAX);
	sceau_header_scan_init(&scan, &header);
	int ret = clean_mail(&header, &scan, &err);
	sceau_header_scan_deinit(&scan);
	sceau_header_deinit(&header);
	return ret == 0 ? SCEAU_EXIT_OK : sceau_cli_fail("headers", &err);
}

const struct sceau_noun sceau_noun_headers = {
	.name = "headers",
	.help = "show a mail as the milter would send it",
	.usage = "sceau headers clean <MAIL >OUT",
	.run = run,
};
