/* check.h - what sceau check-config found, and how it is told.
 *
 * A finding says what is wrong, where, and what cures it; a note says what was
 * not looked at and why, so that silence never passes for "good". Texts are
 * made printable when they are taken, since configuration of others is quoted.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_CHECK_H
#define SCEAU_CLI_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "base/err.h"

/* More findings than an admin would read; the rest is counted. */
#define SCEAU_CHECK_FINDINGS_MAX 200
#define SCEAU_CHECK_NOTES_MAX 64

enum sceau_check_severity {
	SCEAU_CHECK_ERROR, /* does not work, or not as promised */
	SCEAU_CHECK_WARNING, /* works, with a loss that one should know */
};

/* Fill with sceau_check_say. id is a literal: a-z 0-9 and '-'. */
struct sceau_check_finding {
	enum sceau_check_severity severity;
	const char *id;
	char where[512]; /* file:line: key, or a path */
	char what[512];
	char remedy[512]; /* one sentence */
};

/* A report; private to check.c. */
struct sceau_check;

/* An empty report, NULL when memory ran out. Release with sceau_check_free. */
struct sceau_check *sceau_check_new(void);

/* Release and set *check to NULL; NULL is allowed. */
void sceau_check_free(struct sceau_check **check);

/* A new finding with empty texts; never NULL (what is beyond
   SCEAU_CHECK_FINDINGS_MAX is counted and not kept). Good until the next call.
 */
struct sceau_check_finding *sceau_check_add(struct sceau_check *check,
                                            enum sceau_check_severity severity,
                                            const char *id);

/* The finding that was added last; there must be one. */
struct sceau_check_finding *sceau_check_last(struct sceau_check *check);

/* Write printf-style text to one of a finding's fields; cut at its size. */
void sceau_check_say(char field[512], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* One word of a command. */
struct sceau_check_word {
	char text[256];
};

/* path as a shell takes it for one word: as it is when it holds A-Z a-z 0-9 and
   /._- alone, else in single quotes. One that does not fit becomes PATH, since
   a path that is cut is another file. */
struct sceau_check_word sceau_check_quote(const char *path);

/* Say printf-style what was not checked, or what an admin may want to know.
   A note that was given before is not repeated. */
void sceau_check_note(struct sceau_check *check, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Something did not answer: the report is not whole, and without a finding not
   "good". err becomes a note, with what stays unchecked. */
void sceau_check_cut_short(struct sceau_check *check,
                           const struct sceau_err *err, const char *unchecked);

/* How many findings there are, kept or not. */
size_t sceau_check_count(const struct sceau_check *check);

/* Whether there is a finding of that id at that place. */
bool sceau_check_has_at(const struct sceau_check *check, const char *id,
                        const char *where);

/* Print the report for people to out; file is the settings file, whose name
   is made printable. */
void sceau_check_print(const struct sceau_check *check, const char *file,
                       FILE *out);

/* The report as a JSON object, a new reference; NULL when memory ran out. */
json_t *sceau_check_json(const struct sceau_check *check, const char *file);

#endif
