/* cli.h - what all nouns of the sceau command share.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_H
#define SCEAU_CLI_H

#include "base/err.h"

/* Exit statuses, the same for every noun; 75 and 78 as in sysexits.h. */
enum sceau_exit {
	SCEAU_EXIT_OK = 0,
	SCEAU_EXIT_FINDINGS = 1, /* done, and the answer is not good */
	SCEAU_EXIT_USAGE = 2,
	SCEAU_EXIT_TEMP = 75, /* try again later */
	SCEAU_EXIT_CONFIG = 78, /* the admin must act first */
};

/* A noun: name, one line of help, the usage lines and what runs it. run gets
   argv from the noun on and returns an exit status. */
struct sceau_noun {
	const char *name;
	const char *help;
	const char *usage;
	int (*run)(int argc, char **argv);
};

extern const struct sceau_noun sceau_noun_check_config;
extern const struct sceau_noun sceau_noun_dkim;
extern const struct sceau_noun sceau_noun_headers;
extern const struct sceau_noun sceau_noun_seal;
extern const struct sceau_noun sceau_noun_open;
extern const struct sceau_noun sceau_noun_mailbox;
extern const struct sceau_noun sceau_noun_spf;

/* Print "sceau: WHO: TEXT" of err to standard error. Returns the exit status
   that err's fault stands for. */
int sceau_cli_fail(const char *who, const struct sceau_err *err);

/* Print noun's usage to standard error. Returns SCEAU_EXIT_USAGE. */
int sceau_cli_usage(const struct sceau_noun *noun);

#endif
