/* limit_rule.c - see limit_rule.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/limit_rule.h"

#define SYNTAX                                                                 \
	"NAME KEY UNIT N/PERIOD [burst=N] [match=PATTERN] "                    \
	"[action=450] [dry-run]"
#define BLANKS " \t\r"

static const char *const key_words[] = {
	[SCEAU_LIMIT_ACCOUNT] = "account",
	[SCEAU_LIMIT_SENDER_DOMAIN] = "sender-domain",
	[SCEAU_LIMIT_CLIENT_NETWORK] = "client-network",
	NULL,
};

static const char *const unit_words[] = {
	[SCEAU_LIMIT_MESSAGES] = "messages",
	[SCEAU_LIMIT_RECIPIENTS] = "recipients",
	NULL,
};

enum option {
	OPTION_BURST,
	OPTION_MATCH,
	OPTION_ACTION,
	OPTION_DRY_RUN
};

static const char *const option_words[] = {
	[OPTION_BURST] = "burst",
	[OPTION_MATCH] = "match",
	[OPTION_ACTION] = "action",
	[OPTION_DRY_RUN] = "dry-run",
	NULL,
};

static int shown(struct sceau_slice word)
{
	return word.len < 60 ? (int)word.len : 60;
}

/* The word of the list that was most probably meant, or NULL. */
static const char *nearest(struct sceau_slice word, const char *const *words)
{
	const char *best = NULL;
	unsigned best_distance = 4;
	char text[64];

	if (sceau_slice_copy(word, text, sizeof(text)) < 0)
		return NULL;
	sceau_text_make_lower(text);
	for (; *words != NULL; words++) {
		unsigned distance = sceau_text_distance(text, *words);

		if (distance < best_distance && distance < strlen(*words)) {
			best_distance = distance;
			best = *words;
		}
	}
	return best;
}

static void list_words(const char *const *words, char *out, size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; words[i] != NULL; i++) {
		const char *glue = words[i + 1] == NULL ? " or " : ", ";
		size_t used = strlen(out);

		snprintf(out + used, size - used, "%s%s", i > 0 ? glue : "",
		         words[i]);
	}
}

/* Index of word in words, or -1 with the nearest one in err. */
static int find_word(struct sceau_slice word, const char *what,
                     const char *const *words, struct sceau_err *err)
{
	for (int i = 0; words[i] != NULL; i++) {
		if (sceau_slice_is(word, words[i]))
			return i;
	}
	const char *near = nearest(word, words);
	if (near != NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "unknown %s \"%.*s\", did you mean \"%s\"?",
		                  what, shown(word), word.data, near);
	char list[80];
	list_words(words, list, sizeof(list));
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "unknown %s \"%.*s\", it is one of %s", what,
	                  shown(word), word.data, list);
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || sceau_text_is_digit(c) || c == '-' ||
	       c == '_';
}

static int parse_name(struct sceau_slice word, struct sceau_limit_rule *rule,
                      struct sceau_err *err)
{
	for (size_t i = 0; i < word.len; i++) {
		if (!is_name_byte(word.data[i]))
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "name \"%.*s\": only a-z, 0-9, - and "
			                  "_ can stand in a name",
			                  shown(word), word.data);
	}
	if (sceau_slice_copy(word, rule->name, sizeof(rule->name)) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "name \"%.*s\" is longer than %d bytes",
		                  shown(word), word.data,
		                  SCEAU_LIMIT_NAME_SIZE - 1);
	return 0;
}

/* N/PERIOD. The burst is set to N, until burst= says otherwise. */
static int parse_rate(struct sceau_slice word, struct sceau_limit_rule *rule,
                      uint64_t *period_s_r, struct sceau_err *err)
{
	const char *slash = memchr(word.data, '/', word.len);

	if (slash == NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "\"%.*s\" is not N/PERIOD, e.g. 500/1d",
		                  shown(word), word.data);
	struct sceau_slice count = { word.data, (size_t)(slash - word.data) };
	struct sceau_slice period = { slash + 1, word.len - count.len - 1 };

	if (sceau_text_parse_number(count, SCEAU_RATE_COUNT_MAX, &rule->count,
	                            err) < 0)
		return sceau_fail_in(err, "\"%.*s\"", shown(word), word.data);
	/* "10/1" would be ten a second, which nobody means. */
	if (period.len == 0 ||
	    sceau_text_is_digit(period.data[period.len - 1]) ||
	    sceau_slice_copy(period, rule->period, sizeof(rule->period)) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "\"%.*s\": the period is a number and its "
		                  "unit s, m, h, d or w, e.g. 500/1d",
		                  shown(word), word.data);
	if (sceau_text_parse_duration(period, period_s_r, err) < 0)
		return sceau_fail_in(err, "\"%.*s\"", shown(word), word.data);
	rule->rate.burst = rule->count;
	return 0;
}

static int parse_pattern(struct sceau_slice value,
                         struct sceau_limit_rule *rule, struct sceau_err *err)
{
	if (value.len == 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "match= needs a pattern, e.g. "
		                  "match=*@example.org");
	if (sceau_slice_copy(value, rule->match, sizeof(rule->match)) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the pattern of match= is longer than %d "
		                  "bytes",
		                  SCEAU_LIMIT_PATTERN_SIZE - 1);
	sceau_text_make_lower(rule->match);
	return 0;
}

static int parse_action(struct sceau_slice value, struct sceau_limit_rule *rule,
                        struct sceau_err *err)
{
	/* 4xx only: a client that was refused for good does not come back
	   when the limit ends. */
	if (!sceau_slice_is(value, "450") && !sceau_slice_is(value, "452"))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "action \"%.*s\" is neither 450 nor 452",
		                  shown(value), value.data);
	rule->code = sceau_slice_is(value, "452") ? 452 : 450;
	return 0;
}

static int parse_value(enum option option, struct sceau_slice value,
                       struct sceau_limit_rule *rule, struct sceau_err *err)
{
	switch (option) {
	case OPTION_BURST:
		if (sceau_text_parse_number(value, SCEAU_RATE_COUNT_MAX,
		                            &rule->rate.burst, err) < 0)
			return sceau_fail_in(err, "burst");
		return 0;
	case OPTION_MATCH:
		return parse_pattern(value, rule, err);
	case OPTION_ACTION:
		return parse_action(value, rule, err);
	case OPTION_DRY_RUN:
		rule->dry_run = true;
		return 0;
	}
	return 0;
}

static int parse_option(struct sceau_slice word, struct sceau_limit_rule *rule,
                        unsigned *seen, struct sceau_err *err)
{
	const char *eq = memchr(word.data, '=', word.len);
	struct sceau_slice name = word, value = { NULL, 0 };

	if (word.data[0] == '#')
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a comment has a line of its own");
	if (eq != NULL) {
		name.len = (size_t)(eq - word.data);
		value.data = eq + 1;
		value.len = word.len - name.len - 1;
	}
	int option = find_word(name, "option", option_words, err);
	if (option < 0)
		return -1;
	if ((*seen & 1U << option) != 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "%s stands twice",
		                  option_words[option]);
	*seen |= 1U << option;
	if ((eq == NULL) != (option == OPTION_DRY_RUN))
		return sceau_fail(
			err, SCEAU_FAULT_CONFIG, "%s %s", option_words[option],
			eq == NULL ? "needs =VALUE" : "takes no value");
	return parse_value((enum option)option, value, rule, err);
}

/* The four words that every rule has. */
static int parse_head(struct sceau_slice *rest, struct sceau_limit_rule *rule,
                      uint64_t *period_s_r, struct sceau_err *err)
{
	struct sceau_slice word[4];

	for (size_t i = 0; i < 4; i++) {
		if (!sceau_slice_next_word(rest, BLANKS, &word[i]))
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "a rule is " SYNTAX
			                  ", this one ends early");
	}
	if (parse_name(word[0], rule, err) < 0)
		return -1;
	int key = find_word(word[1], "key", key_words, err);
	if (key < 0)
		return -1;
	int unit = find_word(word[2], "unit", unit_words, err);
	if (unit < 0)
		return -1;
	rule->key = (enum sceau_limit_key)key;
	rule->unit = (enum sceau_limit_unit)unit;
	return parse_rate(word[3], rule, period_s_r, err);
}

static int parse_line(struct sceau_slice line, struct sceau_limit_rule *rule_r,
                      struct sceau_err *err)
{
	struct sceau_limit_rule rule = { .code = 450 };
	struct sceau_slice word;
	uint64_t period_s = 0;
	unsigned seen = 0;

	if (parse_head(&line, &rule, &period_s, err) < 0)
		return -1;
	while (sceau_slice_next_word(&line, BLANKS, &word)) {
		if (parse_option(word, &rule, &seen, err) < 0)
			return -1;
	}
	if (sceau_rate_init(&rule.rate, rule.count, period_s, rule.rate.burst,
	                    err) < 0)
		return -1;
	*rule_r = rule;
	return 0;
}

static int add_rule(struct sceau_limit_rules *rules,
                    const struct sceau_limit_rule *rule, struct sceau_err *err)
{
	if (rules->count == SCEAU_LIMIT_RULES_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "more than %d rules",
		                  SCEAU_LIMIT_RULES_MAX);
	for (size_t i = 0; i < rules->count; i++) {
		if (strcmp(rules->rule[i].name, rule->name) == 0)
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "there is a rule \"%s\" already, in "
			                  "line %u",
			                  rule->name, rules->rule[i].line);
	}
	struct sceau_limit_rule *more = reallocarray(
		rules->rule, rules->count + 1, sizeof(rules->rule[0]));
	if (more == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	rules->rule = more;
	rules->rule[rules->count++] = *rule;
	return 0;
}

static int parse_and_add(struct sceau_slice line, unsigned number,
                         struct sceau_limit_rules *rules, struct sceau_err *err)
{
	struct sceau_limit_rule rule;

	line = sceau_slice_trim(line);
	if (line.len == 0 || line.data[0] == '#')
		return 0;
	if (memchr(line.data, '\0', line.len) != NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "a NUL byte");
	if (parse_line(line, &rule, err) < 0)
		return -1;
	rule.line = number;
	return add_rule(rules, &rule, err);
}

int sceau_limit_rules_parse(const char *text, size_t len, const char *file,
                            struct sceau_limit_rules *rules_r,
                            struct sceau_err *err)
{
	struct sceau_limit_rules rules = { NULL, 0 };
	unsigned number = 0;
	size_t pos = 0;

	if (len > SCEAU_LIMIT_FILE_MAX) {
		sceau_fail(err, SCEAU_FAULT_CONFIG, "more than %u bytes",
		           SCEAU_LIMIT_FILE_MAX);
		return sceau_fail_in(err, "%s:1", file);
	}
	while (pos < len) {
		const char *lf = memchr(text + pos, '\n', len - pos);
		size_t end = lf != NULL ? (size_t)(lf - text) : len;
		struct sceau_slice line = { text + pos, end - pos };

		number++;
		if (parse_and_add(line, number, &rules, err) < 0) {
			sceau_limit_rules_deinit(&rules);
			return sceau_fail_in(err, "%s:%u", file, number);
		}
		pos = end + 1;
	}
	*rules_r = rules;
	return 0;
}

void sceau_limit_rules_deinit(struct sceau_limit_rules *rules)
{
	free(rules->rule);
	rules->rule = NULL;
	rules->count = 0;
}

const char *sceau_limit_key_word(enum sceau_limit_key key)
{
	return key_words[key];
}

const char *sceau_limit_unit_word(enum sceau_limit_unit unit)
{
	return unit_words[unit];
}
