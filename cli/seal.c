/* seal.c - sceau seal: standard input sealed to recipients
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "age/age_sealer.h"
#include "cli/cli.h"
#include "cli/io.h"

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

static int write_out(struct sceau_slice piece, struct sceau_err *err)
{
	return sceau_io_write(STDOUT_FILENO, "standard output", piece.data,
	                      piece.len, err);
}

/* Give one block to the sealer and write what comes out. */
static int put(struct sceau_age_sealer *sealer, const char *data, size_t len,
               struct sceau_err *err)
{
	while (len > 0) {
		struct sceau_slice piece;
		size_t used;
		int ret = sceau_age_sealer_put(sealer, data, len, &used, &piece,
		                               err);
		if (ret < 0 || (ret == 1 && write_out(piece, err) < 0))
			return -1;
		data += used;
		len -= used;
	}
	return 0;
}

static int seal(struct sceau_age_sealer *sealer, struct sceau_err *err)
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
		if (put(sealer, block, (size_t)got, err) < 0)
			return -1;
	}
	if (sceau_age_sealer_finish(sealer, &piece, err) < 0)
		return -1;
	return write_out(piece, err);
}

static int run(int argc, char **argv)
{
	struct sceau_random random = sceau_age_random();
	struct recipients recipients = { .count = 0 };
	struct sceau_age_sealer *sealer = NULL;
	struct sceau_slice header;
	struct sceau_err err;
	int option;

	while ((option = getopt(argc, argv, "r:")) != -1) {
		if (option != 'r')
			return sceau_cli_usage(&sceau_noun_seal);
		if (add_recipient(&recipients, optarg, &err) < 0)
			return sceau_cli_fail("seal", &err);
	}
	if (optind != argc || recipients.count == 0)
		return sceau_cli_usage(&sceau_noun_seal);
	int ret = sceau_age_sealer_new(recipients.list, recipients.count,
	                               &random, &sealer, &header, &err);
	if (ret == 0)
		ret = write_out(header, &err);
	if (ret == 0)
		ret = seal(sealer, &err);
	sceau_age_sealer_free(&sealer);
	return ret == 0 ? SCEAU_EXIT_OK : sceau_cli_fail("seal", &err);
}

const struct sceau_noun sceau_noun_seal = {
	.name = "seal",
	.help = "seal standard input to recipients (age v1)",
	.usage = "sceau seal -r RECIPIENT [-r RECIPIENT] <IN >OUT",
	.run = run,
};
