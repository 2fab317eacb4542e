/* limits.c - see limits.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>

#include "base/buf.h"
#include "daemon/text_file.h"
#include "policy-daemon/limits.h"

/* A tag is the low bits of the generation, then the index of the rule. */
#define INDEX_BITS 10
#define INDEX_MASK ((1U << INDEX_BITS) - 1)

_Static_assert(SCEAU_LIMIT_RULES_MAX <= INDEX_MASK + 1, "tags hold any rule");

struct sceau_policyd_limits *
sceau_policyd_limits_parse(const char *file, const char *text, size_t len,
                           unsigned generation, struct sceau_err *err)
{
	struct sceau_policyd_limits *limits = calloc(1, sizeof(*limits));

	if (limits == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	limits->references = 1;
	limits->generation = generation;
	if (sceau_limit_rules_parse(text, len, file, &limits->rules, err) < 0)
		goto fail;
	size_t room = limits->rules.count + 1;
	limits->counts = calloc(room, sizeof(limits->counts[0]));
	limits->made = calloc(room, sizeof(limits->made[0]));
	limits->charges = calloc(room, sizeof(limits->charges[0]));
	if (limits->counts != NULL && limits->made != NULL &&
	    limits->charges != NULL)
		return limits;
	sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
fail:
	sceau_policyd_limits_unref(&limits);
	return NULL;
}

struct sceau_policyd_limits *sceau_policyd_limits_load(const char *file,
                                                       bool may_be_absent,
                                                       unsigned generation,
                                                       struct sceau_err *err)
{
	const struct sceau_text_file source = {
		.path = file,
		.setting = "policy_limits",
		.may_be_absent = may_be_absent,
	};
	struct sceau_policyd_limits *limits = NULL;
	struct sceau_buf buf;

	sceau_buf_init(&buf, SCEAU_LIMIT_FILE_MAX);
	if (sceau_text_file_read(&source, &buf, err) == 0)
		limits = sceau_policyd_limits_parse(file, sceau_buf_text(&buf),
		                                    buf.used, generation, err);
	sceau_buf_deinit(&buf);
	return limits;
}

struct sceau_policyd_limits *
sceau_policyd_limits_ref(struct sceau_policyd_limits *limits)
{
	limits->references++;
	return limits;
}

void sceau_policyd_limits_unref(struct sceau_policyd_limits **limits)
{
	struct sceau_policyd_limits *gone = *limits;

	*limits = NULL;
	if (gone == NULL || --gone->references > 0)
		return;
	sceau_limit_rules_deinit(&gone->rules);
	free(gone->counts);
	free(gone->made);
	free(gone->charges);
	free(gone);
}

static uint32_t tag_of(const struct sceau_policyd_limits *limits, size_t i)
{
	return (limits->generation << INDEX_BITS | (uint32_t)i) &
	       SCEAU_STORE_TAG_MAX;
}

size_t sceau_policyd_limits_charge(struct sceau_policyd_limits *limits,
                                   const struct sceau_limit_subject *subject,
                                   const struct sceau_store_charge **charges_r)
{
	size_t n = 0;

	for (size_t i = 0; i < limits->rules.count; i++) {
		const struct sceau_limit_rule *rule = &limits->rules.rule[i];

		if (!sceau_limit_charge_make(rule, subject, &limits->made[n]))
			continue;
		limits->charges[n] = (struct sceau_store_charge){
			.key = limits->made[n].key,
			.rate = rule->rate,
			.cost = limits->made[n].cost,
			.tag = tag_of(limits, i),
			.is_trial = rule->dry_run,
		};
		n++;
	}
	*charges_r = limits->charges;
	return n;
}

int sceau_policyd_limits_find(const struct sceau_policyd_limits *limits,
                              uint32_t tag)
{
	size_t i = tag & INDEX_MASK;

	return i < limits->rules.count && tag_of(limits, i) == tag ? (int)i
	                                                           : -1;
}
