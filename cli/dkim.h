/* dkim.h - what the verbs of sceau dkim share.
 *
 * DIRECTORY/DOMAIN/SELECTOR.private signs, SELECTOR.staged waits for its record
 * to be published, SELECTOR.retired is kept for nothing but looking at. Nothing
 * is ever deleted.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_DKIM_H
#define SCEAU_CLI_DKIM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/io.h"
#include "cli/resolver.h"
#include "daemon/dkim_key.h"
#include "daemon/dkim_published.h"

/* What the command line says; NULL or 0 where it says nothing. */
struct sceau_dkim_cli_options {
	const char *domain;
	const char *conf_file; /* -c */
	const char *directory; /* --directory */
	const char *resolver; /* --resolver */
	const char *selector; /* --selector */
	bool is_ed25519; /* --type ed25519 */
	unsigned bits; /* --bits */
	bool wants_json; /* --json */
	bool is_forced; /* --force */
	bool is_offline; /* --offline */
};

enum sceau_dkim_stage {
	SCEAU_DKIM_ACTIVE, /* .private */
	SCEAU_DKIM_STAGED, /* .staged */
	SCEAU_DKIM_RETIRED, /* .retired */
};

/* One key file. */
struct sceau_dkim_file {
	char domain[256];
	char selector[256];
	char path[PATH_MAX];
	enum sceau_dkim_stage stage;
	struct sceau_dkim_key *key; /* NULL: err says why */
	struct sceau_err err;
	bool signs; /* active, and the first of its type */
	enum sceau_dkim_published state; /* filled in by ..._ask */
	const char *reason;
};

/* The key directory. */
struct sceau_dkim_dir {
	struct sceau_cli_resolver resolver;
	char path[PATH_MAX];
	struct sceau_io_owner owner; /* of what is made in it */
	struct sceau_dkim_file *files; /* by domain, stage, selector */
	size_t count;
};

/* Open the directory that options and settings name and read the keys of
   options->domain (NULL: of all domains) in all stages. A file that is no key
   is in the list with its error. Returns 0, or -1 with FAULT_CONFIG or
   FAULT_TEMP; close it in either case, if it was zeroed before. */
int sceau_dkim_dir_open(const struct sceau_dkim_cli_options *options,
                        struct sceau_dkim_dir *dir, struct sceau_err *err);

/* Ask DNS which of the keys that are not retired are published. Returns 0, or
   -1 with FAULT_TEMP; that DNS gave no answer is no failure. */
int sceau_dkim_dir_ask(struct sceau_dkim_dir *dir, struct sceau_err *err);

/* Wipe the keys and release all. */
void sceau_dkim_dir_close(struct sceau_dkim_dir *dir);

/* "active", "spare" (active but not signing), "staged" or "retired". */
const char *sceau_dkim_file_stage(const struct sceau_dkim_file *file);

/* Append the record of key as lines of a zone file, its text in strings of at
   most 240 bytes. Returns 0, or -1 with FAULT_TEMP. */
int sceau_dkim_print_zone(const struct sceau_dkim_key *key,
                          struct sceau_buf *out, struct sceau_err *err);

/* What a report on key files tells. */
struct sceau_dkim_report {
	bool is_json;
	bool was_asked; /* DNS was: say which keys are published */
	bool has_records; /* the records, too, to be published */
};

/* Print a report on the key files of dir. Returns 0, or -1 with FAULT_TEMP. */
int sceau_dkim_print_files(const struct sceau_dkim_dir *dir,
                           const struct sceau_dkim_report *report,
                           struct sceau_err *err);

/* The verbs. Each returns an exit status. */

/* sceau dkim new: make an active key, print its record. */
int sceau_dkim_run_new(const struct sceau_dkim_cli_options *options);

/* sceau dkim rotate: make a staged key, or put the one there to work. */
int sceau_dkim_run_rotate(const struct sceau_dkim_cli_options *options);

/* sceau dkim retire: let a key sign no more. */
int sceau_dkim_run_retire(const struct sceau_dkim_cli_options *options);

/* sceau dkim list: what keys there are. */
int sceau_dkim_run_list(const struct sceau_dkim_cli_options *options);

/* sceau dkim show: the same for one domain, with the records. */
int sceau_dkim_run_show(const struct sceau_dkim_cli_options *options);

/* sceau dkim verify: judge the mail on standard input. */
int sceau_dkim_run_verify(const struct sceau_dkim_cli_options *options);

/* sceau dkim sign: sign the mail on standard input. */
int sceau_dkim_run_sign(const struct sceau_dkim_cli_options *options);

#endif
