/* seal.c - sceau seal: standard input sealed to recipients
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "age/age_armor.h"
#include "age/age_sealer.h"
#include "age/age_stream.h"
#include "cli/cli.h"
#include "cli/io.h"
#include "cli/secret.h"

#define BLOCK_SIZE 65536

struct recipients {
	struct sceau_age_recipient list[SCEAU_AGE_STANZAS_MAX];
	size_t count;
};

static int add_recipient(struct recipients *recipients, const char *text,
                         struct sceau_err *err)
{
	if (recipients->count == SCEAU_AGE_STANZAS_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "more than %d recipients",
		                  SCEAU_AGE_STANZAS_MAX);
	if (sceau_age_recipient_parse(sceau_slice_of(text),
	                              &recipients->list[recipients->count],
	                              err) < 0)
		return sceau_fail_in(err, "-r");
	recipients->count++;
	return 0;
}

/* Where sealed bytes go: standard output, through armor if that is wanted. */
struct output {
	bool is_armored;
	struct sceau_age_armorer armorer;
	struct sceau_buf text;
};

/* One chunk as text, and the lines around it. */
#define TEXT_MAX (2 * SCEAU_AGE_SEALED_CHUNK_SIZE)

static int flush_text(struct output *output, struct sceau_err *err)
{
	int ret = sceau_io_write(STDOUT_FILENO, "standard output",
	                         output->text.data, output->text.used, err);

	sceau_buf_clear(&output->text);
	return ret;
}

static int write_out(struct output *output, struct sceau_slice piece,
                     struct sceau_err *err)
{
	if (!output->is_armored)
		return sceau_io_write(STDOUT_FILENO, "standard output",
		                      piece.data, piece.len, err);
	if (sceau_age_armor_put(&output->armorer, piece.data, piece.len,
	                        &output->text, err) < 0)
		return -1;
	return flush_text(output, err);
}

static int begin(struct output *output, struct sceau_slice header,
                 struct sceau_err *err)
{
	if (output->is_armored &&
	    sceau_age_armor_begin(&output->armorer, &output->text, err) < 0)
		return -1;
	return write_out(output, header, err);
}

static int end(struct output *output, struct sceau_err *err)
{
	if (!output->is_armored)
		return 0;
	if (sceau_age_armor_end(&output->armorer, &output->text, err) < 0)
		return -1;
	return flush_text(output, err);
}

/* Give one block to the sealer and write what comes out. */
static int put(struct sceau_age_sealer *sealer, struct output *output,
               const char *data, size_t len, struct sceau_err *err)
{
	while (len > 0) {
		struct sceau_slice piece;
		size_t used;
		int ret = sceau_age_sealer_put(sealer, data, len, &used, &piece,
		                               err);
		if (ret < 0 || (ret == 1 && write_out(output, piece, err) < 0))
			return -1;
		data += used;
		len -= used;
	}
	return 0;
}

static int seal(struct sceau_age_sealer *sealer, struct output *output,
                struct sceau_err *err)
{
	char block[BLOCK_SIZE];
	struct sceau_slice piece;

	for (;;) {
		ssize_t got = read(STDIN_FILENO, block, sizeof(block));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return sceau_fail(err, SCEAU_FAULT_TEMP,
			                  "cannot read standard input: %s",
			                  strerror(errno));
		if (got == 0)
			break;
		if (put(sealer, output, block, (size_t)got, err) < 0)
			return -1;
	}
	if (sceau_age_sealer_finish(sealer, &piece, err) < 0)
		return -1;
	return write_out(output, piece, err);
}

struct options {
	struct recipients recipients;
	const char *passphrase_file;
	bool is_armored;
};

/* Read the command line. Returns -1, or the exit status to end with. */
static int parse(int argc, char **argv, struct options *options)
{
	struct sceau_err err;
	int option;

	while ((option = getopt(argc, argv, "r:ap:")) != -1) {
		if (option == 'a')
			options->is_armored = true;
		else if (option == 'p')
			options->passphrase_file = optarg;
		else if (option != 'r')
			return sceau_cli_usage(&sceau_noun_seal);
		else if (add_recipient(&options->recipients, optarg, &err) < 0)
			return sceau_cli_fail("seal", &err);
	}
	/* One of them, never both: age readers refuse such a file. */
	bool has_recipients = options->recipients.count > 0;
	if (optind != argc ||
	    has_recipients == (options->passphrase_file != NULL))
		return sceau_cli_usage(&sceau_noun_seal);
	return -1;
}

static int make_sealer(const struct options *options,
                       struct sceau_age_sealer **sealer_r,
                       struct sceau_slice *header_r, struct sceau_err *err)
{
	struct sceau_random random = sceau_age_random();
	struct sceau_secret secret;
	struct sceau_slice passphrase;

	if (options->passphrase_file == NULL)
		return sceau_age_sealer_new(options->recipients.list,
		                            options->recipients.count, &random,
		                            sealer_r, header_r, err);
	if (sceau_secret_read_passphrase(options->passphrase_file, &secret,
	                                 &passphrase, err) < 0)
		return -1;
	int ret = sceau_age_sealer_new_passphrase(passphrase, &random, sealer_r,
	                                          header_r, err);
	sceau_secret_free(&secret);
	return ret;
}

static int run(int argc, char **argv)
{
	struct options options = { .is_armored = false };
	struct sceau_age_sealer *sealer = NULL;
	struct output output;
	struct sceau_slice header;
	struct sceau_err err;
	int result = parse(argc, argv, &options);

	if (result >= 0)
		return result;
	output.is_armored = options.is_armored;
	sceau_buf_init(&output.text, TEXT_MAX);
	int ret = make_sealer(&options, &sealer, &header, &err);
	if (ret == 0)
		ret = begin(&output, header, &err);
	if (ret == 0)
		ret = seal(sealer, &output, &err);
	if (ret == 0)
		ret = end(&output, &err);
	sceau_age_sealer_free(&sealer);
	sceau_buf_deinit(&output.text);
	return ret == 0 ? SCEAU_EXIT_OK : sceau_cli_fail("seal", &err);
}

const struct sceau_noun sceau_noun_seal = {
	.name = "seal",
	.help = "seal standard input to recipients (age v1)",
	.usage = "sceau seal -r RECIPIENT [-r RECIPIENT] [-a] <IN >OUT\n"
		 "       sceau seal -p PASSPHRASEFILE [-a] <IN >OUT",
	.run = run,
};
