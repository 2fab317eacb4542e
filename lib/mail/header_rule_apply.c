/* header_rule_apply.c - see header_rule_apply.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "mail/header_cleanup.h"
#include "mail/header_rule_apply.h"
#include "mail/received_hide.h"

/* RFC 5322 2.1.1: lines should have 78 characters at most, and must not have
   more than 998; an MTA would split them, after they were signed. */
#define LINE_GOOD 78
#define LINE_MAX 998

/* A value with folds at most as long as one that a rule can make. */
#define NEW_VALUE_MAX (64U << 10)

struct work {
	const struct sceau_header_rules *rules;
	const char *host;
	bool *applies; /* for each rule: its account= fits */
	uint64_t left; /* for regular expressions */
	struct sceau_header *header;
	struct sceau_header_rule_report *report;
};

/* What a rule makes of a field. */
enum outcome {
	OUTCOME_FAILED = -1, /* err says why */
	OUTCOME_OTHER = 0, /* the rule does not fit */
	OUTCOME_DECIDED = 1,
	OUTCOME_GAVE_UP = 2,
};

/* One rule at one field. */
struct attempt {
	const struct sceau_header_rule *rule;
	size_t index;
	struct sceau_header_field field;
	struct sceau_slice value; /* trimmed, without folds */
	struct sceau_slice groups[SCEAU_HEADER_RULE_GROUPS];
};

static void append(struct sceau_buf *out, struct sceau_slice text)
{
	sceau_buf_append(out, text.data, text.len);
}

/* sceau_header_rules_parse let only sound texts in. */
static void append_text(const struct attempt *attempt, struct sceau_buf *out)
{
	for (const char *p = attempt->rule->text; *p != '\0'; p++) {
		if (*p != '$') {
			sceau_buf_append(out, p, 1);
			continue;
		}
		p++;
		if (*p == '$') {
			sceau_buf_append(out, p, 1);
			continue;
		}
		bool braced = *p == '{';
		if (braced)
			p++;
		append(out, attempt->groups[*p - '0']);
		if (braced)
			p++;
	}
}

/* Break text at its blanks into lines of a good length; used is how much the
   first one has already. Returns the length of the longest line. */
static size_t fold(struct sceau_slice text, size_t used, struct sceau_buf *out)
{
	size_t longest = 0, pos = 0;

	while (pos < text.len) {
		size_t end = pos;

		while (end < text.len && text.data[end] == ' ')
			end++;
		while (end < text.len && text.data[end] != ' ')
			end++;
		/* no line may be nothing but blanks (RFC 5322 3.2.2) */
		bool has_word = text.data[end - 1] != ' ';
		if (pos > 0 && has_word && used + end - pos > LINE_GOOD) {
			sceau_buf_append(out, "\n", 1);
			used = 0;
		}
		sceau_buf_append(out, text.data + pos, end - pos);
		used += end - pos;
		if (used > longest)
			longest = used;
		pos = end;
	}
	return longest;
}

/* A value that is none (a bare CR from the old one) leaves the field alone. */
static enum outcome change(struct work *work, size_t index,
                           const struct sceau_buf *new, struct sceau_err *err)
{
	struct sceau_slice value = { new->data, new->used };
	struct sceau_err reason;

	if (new->failed)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	if (sceau_header_change(work->header, index, value, &reason) == 0)
		return OUTCOME_DECIDED;
	if (reason.fault == SCEAU_FAULT_PEER)
		return OUTCOME_GAVE_UP;
	return sceau_fail(err, reason.fault, "%s", reason.text);
}

/* Put the new value in, unless it is one that no mail may have. */
static enum outcome put_value(struct work *work, const struct attempt *attempt,
                              struct sceau_slice text, struct sceau_err *err)
{
	struct sceau_buf folded;
	enum outcome outcome = OUTCOME_GAVE_UP;

	text = sceau_slice_trim(text);
	if (text.len == 0) {
		if (sceau_header_rule_is_needed(attempt->field.name))
			return OUTCOME_GAVE_UP;
		sceau_header_delete(work->header, attempt->index);
		return OUTCOME_DECIDED;
	}
	sceau_buf_init(&folded, NEW_VALUE_MAX);
	sceau_buf_append(&folded, " ", 1);
	if (fold(text, attempt->field.name.len + 2, &folded) <= LINE_MAX)
		outcome = change(work, attempt->index, &folded, err);
	sceau_buf_deinit(&folded);
	return outcome;
}

/* What stood before the find, TEXT, what stood behind it. */
static enum outcome replace(struct work *work, const struct attempt *attempt,
                            struct sceau_err *err)
{
	struct sceau_slice value = attempt->value, found = attempt->groups[0];
	struct sceau_slice behind = { found.data + found.len, 0 };
	struct sceau_buf new;
	enum outcome outcome;

	behind.len = (size_t)(value.data + value.len - behind.data);
	value.len = (size_t)(found.data - value.data);
	sceau_buf_init(&new, NEW_VALUE_MAX);
	append(&new, value);
	append_text(attempt, &new);
	append(&new, behind);
	if (new.failed)
		outcome = OUTCOME_GAVE_UP;
	else
		outcome = put_value(
			work, attempt,
			(struct sceau_slice){ sceau_buf_text(&new), new.used },
			err);
	sceau_buf_deinit(&new);
	return outcome;
}

static enum outcome anonymise(struct work *work, const struct attempt *attempt,
                              struct sceau_err *err)
{
	struct sceau_slice host = sceau_slice_of(work->host);
	enum outcome outcome = OUTCOME_DECIDED;
	struct sceau_buf new;

	sceau_buf_init(&new, NEW_VALUE_MAX);
	switch (sceau_received_hide(attempt->field.value, host, &new)) {
	case SCEAU_RECEIVED_HIDE_SAME:
		break;
	case SCEAU_RECEIVED_HIDE_NEW:
		outcome = change(work, attempt->index, &new, err);
		break;
	case SCEAU_RECEIVED_HIDE_DELETE:
		sceau_header_delete(work->header, attempt->index);
		break;
	}
	sceau_buf_deinit(&new);
	return outcome;
}

static enum outcome act(struct work *work, const struct attempt *attempt,
                        struct sceau_err *err)
{
	switch (attempt->rule->action) {
	case SCEAU_HEADER_RULE_DELETE:
		sceau_header_delete(work->header, attempt->index);
		break;
	case SCEAU_HEADER_RULE_REPLACE:
		return replace(work, attempt, err);
	case SCEAU_HEADER_RULE_KEEP:
		break;
	case SCEAU_HEADER_RULE_ANONYMISE:
		return anonymise(work, attempt, err);
	}
	return OUTCOME_DECIDED;
}

/* Set attempt->groups: those of the regular expression, or the whole value. */
static enum outcome search(struct work *work, struct attempt *attempt)
{
	const struct sceau_header_rule *rule = attempt->rule;

	if (rule->regex == NULL) {
		attempt->groups[0] = attempt->value;
		return OUTCOME_DECIDED;
	}
	if (attempt->value.len > SCEAU_HEADER_RULE_VALUE_MAX)
		return OUTCOME_GAVE_UP;
	int found = work->rules->engine->match(rule->regex, attempt->value,
	                                       &work->left, attempt->groups);
	if (found < 0)
		return OUTCOME_GAVE_UP;
	return found > 0 ? OUTCOME_DECIDED : OUTCOME_OTHER;
}

static bool is_safe(const struct sceau_header_rule *rule,
                    struct sceau_slice name)
{
	if (rule->action == SCEAU_HEADER_RULE_KEEP)
		return true;
	return !sceau_header_rule_is_seal(name) &&
	       (rule->action != SCEAU_HEADER_RULE_DELETE ||
	        !sceau_header_rule_is_needed(name));
}

/* The value that regular expressions and $0 see is made for the first rule that
   asks for it. */
static enum outcome try(struct work *work, struct attempt *attempt,
                        struct sceau_buf *plain, struct sceau_err *err)
{
	bool wants_value = attempt->rule->regex != NULL ||
	                   attempt->rule->action == SCEAU_HEADER_RULE_REPLACE;

	if (wants_value && plain->data == NULL) {
		sceau_header_unfold(attempt->field.value, plain);
		attempt->value = sceau_slice_trim((struct sceau_slice){
			sceau_buf_text(plain), plain->used });
	}
	if (plain->failed)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	enum outcome outcome = search(work, attempt);
	return outcome == OUTCOME_DECIDED ? act(work, attempt, err) : outcome;
}

static int decide(struct work *work, size_t index, struct sceau_buf *plain,
                  struct sceau_err *err)
{
	struct sceau_header_rule_report *report = work->report;
	struct attempt attempt = {
		.index = index,
		.field = sceau_header_get(work->header, index),
	};

	for (size_t i = 0; i < work->rules->count; i++) {
		attempt.rule = &work->rules->rule[i];
		if (!work->applies[i] ||
		    !sceau_header_cleanup_matches(attempt.rule->field,
		                                  attempt.field.name) ||
		    !is_safe(attempt.rule, attempt.field.name))
			continue;
		enum outcome outcome = try(work, &attempt, plain, err);
		if (outcome == OUTCOME_FAILED)
			return -1;
		if (outcome == OUTCOME_DECIDED) {
			report->line[index] = attempt.rule->line;
			return 0;
		}
		if (outcome == OUTCOME_GAVE_UP && report->gave_up++ == 0)
			report->gave_up_line = attempt.rule->line;
	}
	return 0;
}

static int decide_all(struct work *work, struct sceau_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < work->header->count && ret == 0; i++) {
		struct sceau_buf plain;

		if (sceau_header_get(work->header, i).deleted)
			continue;
		sceau_buf_init(&plain, work->header->max_bytes + 1);
		ret = decide(work, i, &plain, err);
		sceau_buf_deinit(&plain);
	}
	return ret;
}

/* Which rules are for that account. */
static int choose_rules(struct work *work, const char *account,
                        struct sceau_err *err)
{
	char *lower = strdup(account);

	work->applies = calloc(work->rules->count + 1, sizeof(bool));
	if (lower == NULL || work->applies == NULL) {
		free(lower);
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	}
	sceau_text_make_lower(lower);
	for (size_t i = 0; i < work->rules->count; i++) {
		const char *pattern = work->rules->rule[i].account;

		work->applies[i] = pattern[0] == '\0' ||
		                   (lower[0] != '\0' &&
		                    sceau_text_fits(pattern, lower));
	}
	free(lower);
	return 0;
}

int sceau_header_rules_apply(const struct sceau_header_rules *rules,
                             const struct sceau_header_rule_facts *facts,
                             struct sceau_header *header,
                             struct sceau_header_rule_report *report_r,
                             struct sceau_err *err)
{
	struct sceau_header_rule_report report = { .line = NULL };
	struct work work = {
		.rules = rules,
		.host = facts->host,
		.left = SCEAU_HEADER_RULE_WORK_MAX,
		.header = header,
		.report = &report,
	};
	size_t count;
	const struct sceau_header_cleanup_rule *built_in =
		sceau_header_cleanup_default_rules(&count);

	report.line = calloc(header->count + 1, sizeof(report.line[0]));
	int ret = report.line == NULL
	                  ? sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory")
	                  : choose_rules(&work, facts->account, err);
	if (ret == 0)
		ret = decide_all(&work, err);
	if (ret == 0)
		ret = sceau_header_cleanup_apply_rest(header, built_in, count,
		                                      report.line, err);
	free(work.applies);
	if (ret < 0)
		sceau_header_rule_report_deinit(&report);
	else
		*report_r = report;
	return ret;
}

void sceau_header_rule_report_deinit(struct sceau_header_rule_report *report)
{
	free(report->line);
	report->line = NULL;
}
