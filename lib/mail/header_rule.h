/* header_rule.h - an admin's rules for the header of submitted mail.
 *
 * One rule a line of the file that sign_header_rules names:
 *
 *   ACTION FIELD [account=PATTERN] [/REGEX/[i]] [TEXT]
 *
 * e.g. "delete X-Spam-* account=*@example.org". Empty lines and lines whose
 * first byte that is no blank is '#' count for nothing.
 *
 * For each field the first rule that fits it decides, and the built-in rules
 * (header_cleanup.h) are for the fields that none fits. FIELD is a name, or
 * the beginning of names when it ends in '*'. REGEX is looked for in the value
 * with its folds and outer blanks taken out. TEXT takes the place of what
 * REGEX has found, of the whole value without one: $0 in it is what was found,
 * $1 to $9 (or ${1}) its groups, $$ a dollar.
 *
 * No rule can break what a mail needs: a field without which it is none, or
 * could not be read, is never deleted, and signatures are never touched.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_HEADER_RULE_H
#define SCEAU_HEADER_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "mail/header.h"

#define SCEAU_HEADER_RULES_MAX 200
#define SCEAU_HEADER_RULE_FILE_MAX (1U << 16)
#define SCEAU_HEADER_RULE_REGEX_MAX 512
#define SCEAU_HEADER_RULE_TEXT_MAX 512
/* A longer value meets no REGEX: PCRE's time may grow with its square. */
#define SCEAU_HEADER_RULE_VALUE_MAX 4096
/* For all regular expressions of one mail, in the engine's units. */
#define SCEAU_HEADER_RULE_WORK_MAX 10000000
#define SCEAU_HEADER_RULE_GROUPS 10

/* A compiled regular expression, private to its engine. */
struct sceau_header_regex;

/* What compiles and runs regular expressions: outside of the core, since it is
   a library (daemon/header_regex.h). Any thread may match at any time. */
struct sceau_header_regex_engine {
	/* Compile; *groups_r is the number of its groups. Returns 0, or -1
	   with FAULT_CONFIG saying what is wrong where, or FAULT_TEMP. */
	int (*compile)(struct sceau_slice regex, bool ignores_case,
	               struct sceau_header_regex **regex_r, unsigned *groups_r,
	               struct sceau_err *err);
	/* Search subject. *work is what may still be spent, and is lowered.
	   Returns 1 with the groups (0 is the whole find; those beyond or
	   without a match are empty) pointing into subject, 0 when nothing was
	   found, -1 when the bounds did not allow to find out. */
	int (*match)(const struct sceau_header_regex *regex,
	             struct sceau_slice subject, uint64_t *work,
	             struct sceau_slice groups_r[SCEAU_HEADER_RULE_GROUPS]);
	/* Release and set to NULL; NULL is accepted. */
	void (*free)(struct sceau_header_regex **regex);
};

enum sceau_header_rule_action {
	SCEAU_HEADER_RULE_DELETE, /* take the field out */
	SCEAU_HEADER_RULE_REPLACE, /* give it another value */
	SCEAU_HEADER_RULE_KEEP, /* no later rule and no built-in one */
	SCEAU_HEADER_RULE_ANONYMISE, /* Received: see received_hide.h */
};

struct sceau_header_rule {
	enum sceau_header_rule_action action;
	char field[80]; /* as written */
	char account[129]; /* lower case, "" = all */
	struct sceau_header_regex *regex; /* NULL = any value */
	char text[SCEAU_HEADER_RULE_TEXT_MAX + 1];
	unsigned line;
};

/* The rules of one file, in its order. */
struct sceau_header_rules {
	struct sceau_header_rule *rule;
	size_t count;
	const struct sceau_header_regex_engine *engine;
};

/* Read a whole rule file: text[len], called file in errors. engine must outlive
   the rules. Returns 0, or -1 with "file:line: reason" in err: FAULT_CONFIG for
   whatever is wrong in the text, FAULT_TEMP when there is no memory. Release
   rules_r by sceau_header_rules_deinit. */
int sceau_header_rules_parse(const char *file, struct sceau_slice text,
                             const struct sceau_header_regex_engine *engine,
                             struct sceau_header_rules *rules_r,
                             struct sceau_err *err);

/* Release the rules; they are then as those of an empty file. */
void sceau_header_rules_deinit(struct sceau_header_rules *rules);

/* The word of the file for an action: "delete". Never NULL. */
const char *sceau_header_rule_action_word(enum sceau_header_rule_action action);

/* Whether a field of that name is never deleted: From, Sender, Date,
   Message-ID (RFC 5322 3.6), MIME-Version and the Content- fields that tell
   how to read the body. */
bool sceau_header_rule_is_needed(struct sceau_slice name);

/* Whether a field of that name is never edited: DKIM-Signature, ARC-*. */
bool sceau_header_rule_is_seal(struct sceau_slice name);

#endif
