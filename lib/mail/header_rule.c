/* header_rule.c - see header_rule.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "mail/header_rule.h"

#define SYNTAX "ACTION FIELD [account=PATTERN] [/REGEX/[i]] [TEXT]"
#define BLANKS " \t\r"
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const action_words[] = {
	[SCEAU_HEADER_RULE_DELETE] = "delete",
	[SCEAU_HEADER_RULE_REPLACE] = "replace",
	[SCEAU_HEADER_RULE_KEEP] = "keep",
	[SCEAU_HEADER_RULE_ANONYMISE] = "anonymise",
};

const char *sceau_header_rule_action_word(enum sceau_header_rule_action action)
{
	return action_words[action];
}

bool sceau_header_rule_is_needed(struct sceau_slice name)
{
	static const char *const needed[] = {
		"From",
		"Sender",
		"Date",
		"Message-ID",
		"MIME-Version",
		"Content-Type",
		"Content-Transfer-Encoding",
	};

	for (size_t i = 0; i < COUNT(needed); i++) {
		if (sceau_slice_is_nocase(name, needed[i]))
			return true;
	}
	return false;
}

bool sceau_header_rule_is_seal(struct sceau_slice name)
{
	struct sceau_slice front = { name.data, name.len < 4 ? name.len : 4 };

	return sceau_slice_is_nocase(name, "DKIM-Signature") ||
	       sceau_slice_is_nocase(front, "ARC-");
}

static int shown(struct sceau_slice word)
{
	return word.len < 60 ? (int)word.len : 60;
}

static int parse_action(struct sceau_slice word, struct sceau_header_rule *rule,
                        struct sceau_err *err)
{
	for (size_t i = 0; i < COUNT(action_words); i++) {
		if (sceau_slice_is(word, action_words[i])) {
			rule->action = (enum sceau_header_rule_action)i;
			return 0;
		}
	}
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "unknown action \"%.*s\", it is one of delete, "
	                  "replace, keep or anonymise",
	                  shown(word), word.data);
}

/* A rule that could never do anything is a mistake that should be told. */
static int check_use(struct sceau_slice name,
                     const struct sceau_header_rule *rule,
                     struct sceau_err *err)
{
	bool edits = rule->action != SCEAU_HEADER_RULE_KEEP;

	if (edits && sceau_header_rule_is_seal(name))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s is a signature: no rule touches it",
		                  rule->field);
	if (rule->action == SCEAU_HEADER_RULE_DELETE &&
	    sceau_header_rule_is_needed(name))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "no mail is without its %s: it cannot be "
		                  "deleted",
		                  rule->field);
	if (rule->action == SCEAU_HEADER_RULE_ANONYMISE &&
	    !sceau_slice_is_nocase(name, "Received"))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "only Received can be anonymised, not %s",
		                  rule->field);
	return 0;
}

static int parse_field(struct sceau_slice word, struct sceau_header_rule *rule,
                       struct sceau_err *err)
{
	struct sceau_slice name = word;

	if (name.data[name.len - 1] == '*')
		name.len--;
	/* "X-Mailer:" is the way one reads it, so it is the likely mistake */
	if ((name.len > 0 && !sceau_header_is_name(name)) ||
	    (name.len > 0 && memchr(name.data, '*', name.len) != NULL))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "\"%.*s\" is no field name: no colon, and "
		                  "'*' at its end alone",
		                  shown(word), word.data);
	if (sceau_slice_copy(word, rule->field, sizeof(rule->field)) < 0)
		return sceau_fail(
			err, SCEAU_FAULT_CONFIG,
			"field name \"%.*s\" is longer than %zu bytes",
			shown(word), word.data, sizeof(rule->field) - 1);
	return check_use(word, rule, err);
}

static int parse_account(struct sceau_slice value,
                         struct sceau_header_rule *rule, struct sceau_err *err)
{
	if (value.len == 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "account= needs a login, e.g. "
		                  "account=*@example.org");
	if (rule->account[0] != '\0')
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "account stands twice");
	if (sceau_slice_copy(value, rule->account, sizeof(rule->account)) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the pattern of account= is longer than %zu "
		                  "bytes",
		                  sizeof(rule->account) - 1);
	sceau_text_make_lower(rule->account);
	return 0;
}

/* Take "/REGEX/[i]" from the front of *rest, up to the first '/' without a
   backslash before it. */
static int take_regex(struct sceau_slice *rest, struct sceau_slice *regex_r,
                      bool *ignores_case_r, struct sceau_err *err)
{
	size_t end = 1;

	while (end < rest->len && rest->data[end] != '/')
		end += rest->data[end] == '\\' ? 2 : 1;
	if (end >= rest->len)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the regular expression has no closing /");
	*regex_r = (struct sceau_slice){ rest->data + 1, end - 1 };
	rest->data += end + 1;
	rest->len -= end + 1;

	size_t flags = 0;
	while (flags < rest->len && !strchr(BLANKS, rest->data[flags]))
		flags++;
	*ignores_case_r = flags == 1 && rest->data[0] == 'i';
	if (flags > 0 && !*ignores_case_r)
		return sceau_fail(
			err, SCEAU_FAULT_CONFIG,
			"\"%.*s\" behind the regular expression: i "
			"alone can stand there",
			shown((struct sceau_slice){ rest->data, flags }),
			rest->data);
	rest->data += flags;
	rest->len -= flags;
	return 0;
}

static int parse_regex(const struct sceau_header_regex_engine *engine,
                       struct sceau_slice *rest, struct sceau_header_rule *rule,
                       unsigned *groups_r, struct sceau_err *err)
{
	struct sceau_slice regex;
	bool ignores_case;

	if (take_regex(rest, &regex, &ignores_case, err) < 0)
		return -1;
	if (regex.len == 0 || regex.len > SCEAU_HEADER_RULE_REGEX_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a regular expression has 1 to %d bytes",
		                  SCEAU_HEADER_RULE_REGEX_MAX);
	if (engine->compile(regex, ignores_case, &rule->regex, groups_r, err) <
	    0)
		return sceau_fail_in(err, "/%.*s/", shown(regex), regex.data);
	return 0;
}

/* Whether text has nothing but printable ASCII, and each $ means something. */
static int check_text(const char *text, unsigned groups, struct sceau_err *err)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p < ' ' || *p > '~')
			return sceau_fail(
				err, SCEAU_FAULT_CONFIG,
				"TEXT is printable ASCII; write other "
				"letters as RFC 2047 says");
		if (*p != '$')
			continue;
		p++;
		bool braced = *p == '{';
		if (braced)
			p++;
		if (*p == '$' && !braced)
			continue;
		if (!sceau_text_is_digit(*p) || (braced && p[1] != '}'))
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "a $ in TEXT is $0 to $9, ${1} or "
			                  "$$");
		if ((unsigned)(*p - '0') > groups)
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "$%c: the regular expression has %u "
			                  "groups",
			                  *p, groups);
		if (braced)
			p++;
	}
	return 0;
}

static int parse_text(struct sceau_slice text, struct sceau_header_rule *rule,
                      unsigned groups, struct sceau_err *err)
{
	if (rule->action != SCEAU_HEADER_RULE_REPLACE)
		return text.len == 0
		               ? 0
		               : sceau_fail(err, SCEAU_FAULT_CONFIG,
		                            "\"%.*s\" is too much: a rule is "
		                            "" SYNTAX ", and TEXT is for "
		                            "replace",
		                            shown(text), text.data);
	if (text.len == 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "replace needs a TEXT; to take a field out "
		                  "there is delete");
	if (sceau_slice_copy(text, rule->text, sizeof(rule->text)) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "TEXT is longer than %d bytes",
		                  SCEAU_HEADER_RULE_TEXT_MAX);
	return check_text(rule->text, groups, err);
}

static bool begins_with(struct sceau_slice slice, const char *text)
{
	size_t len = strlen(text);

	return slice.len >= len && memcmp(slice.data, text, len) == 0;
}

static int parse_line(const struct sceau_header_regex_engine *engine,
                      struct sceau_slice line, struct sceau_header_rule *rule,
                      struct sceau_err *err)
{
	struct sceau_slice word[2];
	unsigned groups = 0;

	for (size_t i = 0; i < 2; i++) {
		if (!sceau_slice_next_word(&line, BLANKS, &word[i]))
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "a rule is " SYNTAX
			                  ", this one ends early");
	}
	if (parse_action(word[0], rule, err) < 0 ||
	    parse_field(word[1], rule, err) < 0)
		return -1;
	line = sceau_slice_trim(line);
	while (begins_with(line, "account=")) {
		sceau_slice_next_word(&line, BLANKS, &word[0]);
		word[0].data += strlen("account=");
		word[0].len -= strlen("account=");
		if (parse_account(word[0], rule, err) < 0)
			return -1;
		line = sceau_slice_trim(line);
	}
	if (begins_with(line, "/") &&
	    parse_regex(engine, &line, rule, &groups, err) < 0)
		return -1;
	return parse_text(sceau_slice_trim(line), rule, groups, err);
}

static int add_rule(struct sceau_header_rules *rules, struct sceau_slice line,
                    unsigned number, struct sceau_err *err)
{
	line = sceau_slice_trim(line);
	if (line.len == 0 || line.data[0] == '#')
		return 0;
	if (memchr(line.data, '\0', line.len) != NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "a NUL byte");
	if (rules->count == SCEAU_HEADER_RULES_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "more than %d rules",
		                  SCEAU_HEADER_RULES_MAX);

	struct sceau_header_rule *more = reallocarray(
		rules->rule, rules->count + 1, sizeof(rules->rule[0]));
	if (more == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	rules->rule = more;
	struct sceau_header_rule *rule = &more[rules->count++];
	memset(rule, 0, sizeof(*rule));
	rule->line = number;
	return parse_line(rules->engine, line, rule, err);
}

int sceau_header_rules_parse(const char *file, struct sceau_slice text,
                             const struct sceau_header_regex_engine *engine,
                             struct sceau_header_rules *rules_r,
                             struct sceau_err *err)
{
	struct sceau_header_rules rules = { .engine = engine };
	struct sceau_slice line;
	unsigned number = 0;

	if (text.len > SCEAU_HEADER_RULE_FILE_MAX) {
		sceau_fail(err, SCEAU_FAULT_CONFIG, "more than %u bytes",
		           SCEAU_HEADER_RULE_FILE_MAX);
		return sceau_fail_in(err, "%s:1", file);
	}
	while (sceau_slice_next_line(&text, &line)) {
		number++;
		if (add_rule(&rules, line, number, err) < 0) {
			sceau_header_rules_deinit(&rules);
			return sceau_fail_in(err, "%s:%u", file, number);
		}
	}
	*rules_r = rules;
	return 0;
}

void sceau_header_rules_deinit(struct sceau_header_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		if (rules->rule[i].regex != NULL)
			rules->engine->free(&rules->rule[i].regex);
	}
	free(rules->rule);
	rules->rule = NULL;
	rules->count = 0;
}
