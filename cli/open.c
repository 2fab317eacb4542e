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

#include "age/age_armor.h"
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

/* The way from standard input to the opener. */
struct input {
	struct sceau_age_opener *opener;
	enum sceau_age_form form;
	struct sceau_buf head; /* while the form is not known */
	struct sceau_age_dearmorer dearmorer;
};

/* Give bytes of the age file to the opener and write what comes out. */
static enum sceau_age_status put_binary(struct input *input, const char *data,
                                        size_t len, struct sceau_err *err)
{
	while (len > 0) {
		struct sceau_slice piece;
		size_t used;
		enum sceau_age_status status = sceau_age_opener_put(
			input->opener, data, len, &used, &piece, err);
		if (status == SCEAU_AGE_OK)
			status = write_out(piece, err);
		if (status < 0)
			return status;
		data += used;
		len -= used;
	}
	return SCEAU_AGE_OK;
}

static enum sceau_age_status put_armored(struct input *input, const char *data,
                                         size_t len, struct sceau_err *err)
{
	while (len > 0) {
		struct sceau_slice bytes;
		size_t used;
		enum sceau_age_status status = sceau_age_dearmor_put(
			&input->dearmorer, data, len, &used, &bytes, err);
		if (status == SCEAU_AGE_OK)
			status = put_binary(input, bytes.data, bytes.len, err);
		if (status < 0)
			return status;
		data += used;
		len -= used;
	}
	return SCEAU_AGE_OK;
}

/* Give one block of input. The first ones are kept until they tell whether the
   file is armored. */
static enum sceau_age_status put(struct input *input, const char *data,
                                 size_t len, bool is_all, struct sceau_err *err)
{
	if (input->form == SCEAU_AGE_FORM_UNKNOWN) {
		if (sceau_buf_append(&input->head, data, len) < 0) {
			sceau_fail(err, SCEAU_FAULT_TEMP, "no memory");
			return SCEAU_AGE_INTERNAL;
		}
		data = input->head.data;
		len = input->head.used;
		input->form = sceau_age_armor_detect(data, len, is_all);
	}
	switch (input->form) {
	case SCEAU_AGE_FORM_UNKNOWN:
		return SCEAU_AGE_OK;
	case SCEAU_AGE_FORM_ARMORED:
		return put_armored(input, data, len, err);
	case SCEAU_AGE_FORM_BINARY:
		break;
	}
	return put_binary(input, data, len, err);
}

static enum sceau_age_status finish(struct input *input, struct sceau_err *err)
{
	enum sceau_age_status status = SCEAU_AGE_OK;
	struct sceau_slice piece;

	if (input->form == SCEAU_AGE_FORM_UNKNOWN)
		status = put(input, "", 0, true, err);
	if (status == SCEAU_AGE_OK && input->form == SCEAU_AGE_FORM_ARMORED)
		status = sceau_age_dearmor_finish(&input->dearmorer, err);
	if (status == SCEAU_AGE_OK)
		status = sceau_age_opener_finish(input->opener, &piece, err);
	return status == SCEAU_AGE_OK ? write_out(piece, err) : status;
}

static enum sceau_age_status open_stream(struct input *input,
                                         struct sceau_err *err)
{
	char block[BLOCK_SIZE];

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
			return finish(input, err);
		enum sceau_age_status status = put(input, block, (size_t)got,
		                                   false, err);
		if (status < 0)
			return status;
	}
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

static int add_passphrase(struct sceau_age_identities *set, const char *path,
                          struct sceau_err *err)
{
	struct sceau_secret secret;
	struct sceau_slice passphrase;

	if (sceau_secret_read_passphrase(path, &secret, &passphrase, err) < 0)
		return -1;
	int ret = sceau_age_identities_set_passphrase(set, passphrase, err);
	sceau_secret_free(&secret);
	return ret;
}

/* Read the command line into set. Returns -1, or the exit status to end
   with. */
static int parse(int argc, char **argv, struct sceau_age_identities *set)
{
	struct sceau_err err;
	bool has_any = false;
	int option;

	while ((option = getopt(argc, argv, "i:p:")) != -1) {
		int ret;
		if (option == 'i')
			ret = sceau_secret_read_identities(optarg, set, &err);
		else if (option == 'p')
			ret = add_passphrase(set, optarg, &err);
		else
			return sceau_cli_usage(&sceau_noun_open);
		if (ret < 0)
			return sceau_cli_fail("open", &err);
		has_any = true;
	}
	return optind == argc && has_any ? -1
	                                 : sceau_cli_usage(&sceau_noun_open);
}

static int open_with(const struct sceau_age_identities *set)
{
	struct input input = { .form = SCEAU_AGE_FORM_UNKNOWN };
	struct sceau_err err;

	if (sceau_age_opener_new(set, &input.opener, &err) < 0)
		return sceau_cli_fail("open", &err);
	sceau_age_dearmor_init(&input.dearmorer);
	sceau_buf_init(&input.head, SCEAU_AGE_ARMOR_DETECT_MAX + BLOCK_SIZE);
	int result = report(open_stream(&input, &err), &err);
	sceau_buf_deinit(&input.head);
	sceau_age_opener_free(&input.opener);
	return result;
}

static int run(int argc, char **argv)
{
	struct sceau_age_identities *set;
	struct sceau_err err;

	if (sceau_age_identities_new(&set, &err) < 0)
		return sceau_cli_fail("open", &err);
	int result = parse(argc, argv, set);
	if (result < 0)
		result = open_with(set);
	sceau_age_identities_free(&set);
	return result;
}

const struct sceau_noun sceau_noun_open = {
	.name = "open",
	.help = "open what was sealed (age v1)",
	.usage = "sceau open -i IDENTITYFILE [-i IDENTITYFILE]"
		 " [-p PASSPHRASEFILE] <IN >OUT",
	.run = run,
};
