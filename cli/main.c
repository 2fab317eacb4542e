/* main.c - sceau, the admin's one command: sceau NOUN [VERB] ...
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "cli/cli.h"

static const struct sceau_noun *const nouns[] = {
	&sceau_noun_check_config, &sceau_noun_dkim, &sceau_noun_headers,
	&sceau_noun_mailbox,      &sceau_noun_open, &sceau_noun_seal,
	&sceau_noun_spf,
};

#define NOUN_COUNT (sizeof(nouns) / sizeof(nouns[0]))

static void print_help(FILE *out)
{
	fputs("usage: sceau NOUN [VERB] [options]\n\n", out);
	for (size_t i = 0; i < NOUN_COUNT; i++)
		fprintf(out, "  %-13s %s\n", nouns[i]->name, nouns[i]->help);
	fprintf(out, "  %-13s %s\n", "help [NOUN]", "how a noun is used");
	fprintf(out, "  %-13s %s\n", "version", "the version of sceau");
}

static const struct sceau_noun *find_noun(const char *name)
{
	for (size_t i = 0; i < NOUN_COUNT; i++) {
		if (strcmp(nouns[i]->name, name) == 0)
			return nouns[i];
	}
	return NULL;
}

static int help(const char *name)
{
	if (name == NULL) {
		print_help(stdout);
		return SCEAU_EXIT_OK;
	}
	const struct sceau_noun *noun = find_noun(name);
	if (noun == NULL) {
		fprintf(stderr, "sceau: there is no \"%s\"\n", name);
		return SCEAU_EXIT_USAGE;
	}
	printf("usage: %s\n", noun->usage);
	return SCEAU_EXIT_OK;
}

static int run(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 ||
	    strcmp(name, "-h") == 0)
		return help(argc > 2 ? argv[2] : NULL);
	if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0) {
		puts("sceau " SCEAU_VERSION);
		return SCEAU_EXIT_OK;
	}
	const struct sceau_noun *noun = find_noun(name);
	if (noun == NULL) {
		if (name[0] != '\0')
			fprintf(stderr, "sceau: there is no \"%s\"\n", name);
		print_help(stderr);
		return SCEAU_EXIT_USAGE;
	}
	if (sodium_init() < 0) {
		fputs("sceau: no random source\n", stderr);
		return SCEAU_EXIT_TEMP;
	}
	return noun->run(argc - 1, argv + 1);
}

/* A report that nobody could read was not given: a full disk under it is a
   failure, unless there was a worse one. */
int main(int argc, char **argv)
{
	int status = run(argc, argv);

	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return status;
	fprintf(stderr, "sceau: cannot write to standard output: %s\n",
	        strerror(errno));
	return status == SCEAU_EXIT_OK || status == SCEAU_EXIT_FINDINGS
	               ? SCEAU_EXIT_TEMP
	               : status;
}
