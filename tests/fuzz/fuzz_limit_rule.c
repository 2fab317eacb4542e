/* fuzz_limit_rule.c - what was read can be written and read again
 *
 * Also: errors name file and line, and every rule that was let in can be
 * charged without overflow.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/buf.h"
#include "fuzz/fuzz.h"
#include "policy/limit_rule.h"

#define NOW (1ULL << 61)

static void print(const struct sceau_limit_rules *rules, struct sceau_buf *out)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct sceau_limit_rule *r = &rules->rule[i];

		sceau_buf_appendf(out, "%s %s %s %llu/%s burst=%llu action=%u",
		                  r->name, sceau_limit_key_word(r->key),
		                  sceau_limit_unit_word(r->unit),
		                  (unsigned long long)r->count, r->period,
		                  (unsigned long long)r->rate.burst, r->code);
		if (r->match[0] != '\0')
			sceau_buf_appendf(out, " match=%s", r->match);
		sceau_buf_append_text(out, r->dry_run ? " dry-run\n" : "\n");
	}
}

static void charge(const struct sceau_limit_rule *rule)
{
	struct sceau_rate_answer answer = sceau_rate_ask(&rule->rate, 0, NOW,
	                                                 rule->rate.burst);

	must(answer.passes, "a full bucket gives its burst");
	answer = sceau_rate_ask(&rule->rate, answer.full_at_ns, NOW, 1);
	must(!answer.passes && answer.wait_ns == rule->rate.interval_ns,
	     "and then one each interval");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sceau_limit_rules rules, again;
	struct sceau_err err;
	struct sceau_buf first, second;

	if (sceau_limit_rules_parse((const char *)data, size, "f", &rules,
	                            &err) < 0) {
		must(strncmp(err.text, "f:", 2) == 0, "file and line");
		return 0;
	}
	sceau_buf_init(&first, 1U << 20);
	sceau_buf_init(&second, 1U << 20);
	print(&rules, &first);
	if (sceau_limit_rules_parse(sceau_buf_text(&first), first.used, "f",
	                            &again, &err) < 0)
		must(0, err.text);
	print(&again, &second);
	must(strcmp(sceau_buf_text(&first), sceau_buf_text(&second)) == 0,
	     "print then parse = identity");
	for (size_t i = 0; i < rules.count; i++)
		charge(&rules.rule[i]);
	sceau_limit_rules_deinit(&rules);
	sceau_limit_rules_deinit(&again);
	sceau_buf_deinit(&first);
	sceau_buf_deinit(&second);
	return 0;
}
