/* limits.h - the limits file that is in force, and what it makes of a message
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_POLICYD_LIMITS_H
#define SCEAU_POLICYD_LIMITS_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/store.h"
#include "policy/limit_charge.h"
#include "policy/limit_rule.h"

/* What became of a rule since it was loaded, for `stats`. */
struct sceau_policyd_limit_counts {
	uint64_t refused; /* messages */
	uint64_t dry_run; /* messages it would have refused */
};

/* One loaded file. Shared: who waits for an answer of the store keeps the
   rules that he asked with. */
struct sceau_policyd_limits {
	struct sceau_limit_rules rules;
	struct sceau_policyd_limit_counts *counts; /* beside rules.rule */
	unsigned generation; /* tells tags of one load from those of others */
	unsigned references;
	/* Room to make the charges of one message in. */
	struct sceau_limit_charge *made;
	struct sceau_store_charge *charges;
};

/* Read the rules of text[len], called file in errors. Returns them with one
   reference, or NULL and "file:line: reason". */
struct sceau_policyd_limits *
sceau_policyd_limits_parse(const char *file, const char *text, size_t len,
                           unsigned generation, struct sceau_err *err);

/* Read the rules of file. may_be_absent: a file that is not there has no
   rules. Returns as ..._parse; also NULL (FAULT_CONFIG with path and remedy)
   when the file cannot be read, or others may write it. */
struct sceau_policyd_limits *sceau_policyd_limits_load(const char *file,
                                                       bool may_be_absent,
                                                       unsigned generation,
                                                       struct sceau_err *err);

/* One more reference; returns limits. */
struct sceau_policyd_limits *
sceau_policyd_limits_ref(struct sceau_policyd_limits *limits);

/* Give up a reference and set *limits to NULL; the last one frees. NULL is
   allowed. */
void sceau_policyd_limits_unref(struct sceau_policyd_limits **limits);

/* What the rules charge a message of subject with: sets *charges_r to an array
   that is good until the next call, and returns their number. */
size_t sceau_policyd_limits_charge(struct sceau_policyd_limits *limits,
                                   const struct sceau_limit_subject *subject,
                                   const struct sceau_store_charge **charges_r);

/* Index of the rule that a tag of a charge stands for, or -1 when the tag is
   of another load of the file. */
int sceau_policyd_limits_find(const struct sceau_policyd_limits *limits,
                              uint32_t tag);

#endif
