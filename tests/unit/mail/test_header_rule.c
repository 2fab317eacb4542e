/* test_header_rule.c - what an admin can write, and each way to get it wrong
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "unit/mail/header_rule_bench.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *text;
	const char *want;
} good[] = {
	{ "", "" },
	{ "\n\n# nothing\n   \t\n  # indented\n", "" },
	{ "delete X-Spam-*\n", "1:delete X-Spam-*;" },
	{ "# head\r\n\r\nkeep\tUser-Agent  account=*@Example.ORG \r\n",
	  "3:keep User-Agent account=*@example.org;" },
	{ "keep *", "1:keep *;" },
	{ "delete Subject /a b\\/c/i", "1:delete Subject regex;" },
	{ "replace Organization  Our  firm ",
	  "1:replace Organization text=Our  firm;" },
	{ "replace X-A account=a@x.example /(.)(.)/ $2${1}$$ $0",
	  "1:replace X-A account=a@x.example regex text=$2${1}$$ $0;" },
	{ "replace X-A /x/ /y/", "1:replace X-A regex text=/y/;" },
	{ "anonymise received", "1:anonymise received;" },
	{ "replace Date /[+-]\\d{4}.*$/ +0000",
	  "1:replace Date regex text=+0000;" },
	{ "keep From\nkeep DKIM-Signature\ndelete Content-*\n",
	  "1:keep From;2:keep DKIM-Signature;3:delete Content-*;" },
};

static void print(const struct sceau_header_rules *rules, struct sceau_buf *out)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct sceau_header_rule *r = &rules->rule[i];

		sceau_buf_appendf(out, "%u:%s %s", r->line,
		                  sceau_header_rule_action_word(r->action),
		                  r->field);
		if (r->account[0] != '\0')
			sceau_buf_appendf(out, " account=%s", r->account);
		if (r->regex != NULL)
			sceau_buf_append_text(out, " regex");
		if (r->text[0] != '\0')
			sceau_buf_appendf(out, " text=%s", r->text);
		sceau_buf_append_text(out, ";");
	}
}

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct sceau_header_rules rules;
		struct sceau_err err;
		struct sceau_buf out;

		if (bench_parse(good[i].text, &rules, &err) < 0)
			fail_msg("%s: %s", good[i].text, err.text);
		sceau_buf_init(&out, 10000);
		print(&rules, &out);
		assert_string_equal(sceau_buf_text(&out), good[i].want);
		sceau_buf_deinit(&out);
		sceau_header_rules_deinit(&rules);
		sceau_header_rules_deinit(&rules);
	}
}

static const struct {
	const char *text;
	const char *want;
} bad[] = {
	{ "delete", "headers:1: a rule is ACTION FIELD" },
	{ "\n\nremove X", "headers:3: unknown action \"remove\"" },
	{ "DELETE X", "headers:1: unknown action \"DELETE\"" },
	{ "keep X\ndelete X-Mailer:",
	  "headers:2: \"X-Mailer:\" is no field name" },
	{ "delete X-*-Y", "headers:1: \"X-*-Y\" is no field name" },
	{ "delete *X", "headers:1: \"*X\" is no field name" },
	{ "delete X\xc3\xa4", "headers:1: \"X\xc3\xa4\" is no field name" },
	{ "delete "
	  "X2345678901234567890123456789012345678901234567890123456789012345678"
	  "9012345678901",
	  "headers:1: field name \"X234" },
	{ "delete From", "headers:1: no mail is without its From" },
	{ "delete mime-version /x/", "headers:1: no mail is without its" },
	{ "delete Content-Transfer-Encoding", "headers:1: no mail is without" },
	{ "delete DKIM-Signature", "headers:1: DKIM-Signature is a signature" },
	{ "replace arc-seal x", "headers:1: arc-seal is a signature" },
	{ "anonymise X-Received", "headers:1: only Received can be" },
	{ "anonymise R*", "headers:1: only Received can be" },
	{ "keep X account=", "headers:1: account= needs a login" },
	{ "keep X account=a account=b", "headers:1: account stands twice" },
	{ "keep X /a", "headers:1: the regular expression has no closing /" },
	{ "keep X /a\\/", "headers:1: the regular expression has no closing" },
	{ "keep X /a\\", "headers:1: the regular expression has no closing" },
	{ "keep X //", "headers:1: a regular expression has 1 to 512 bytes" },
	{ "keep X /a/x", "headers:1: \"x\" behind the regular expression" },
	{ "keep X /a/ii", "headers:1: \"ii\" behind the regular expression" },
	{ "keep X /(a/",
	  "headers:1: /(a/: missing closing parenthesis, at byte 2" },
	{ "keep X /a**/", "headers:1: /a**/: " },
	{ "keep X /(*UTF)a/", "headers:1: /(*UTF)a/: " },
	{ "keep X /\\C/", "headers:1: /\\C/: " },
	{ "keep X more", "headers:1: \"more\" is too much" },
	{ "delete X # why", "headers:1: \"# why\" is too much" },
	{ "delete X /a/ b", "headers:1: \"b\" is too much" },
	{ "replace X", "headers:1: replace needs a TEXT" },
	{ "replace X /a/", "headers:1: replace needs a TEXT" },
	{ "replace X /a/ $1", "headers:1: $1: the regular expression has 0" },
	{ "replace X $1", "headers:1: $1: " },
	{ "replace X /(a)/ ${2}", "headers:1: $2: " },
	{ "replace X a$", "headers:1: a $ in TEXT is" },
	{ "replace X ${1", "headers:1: a $ in TEXT is" },
	{ "replace X ${$}", "headers:1: a $ in TEXT is" },
	{ "replace X $a", "headers:1: a $ in TEXT is" },
	{ "replace X \xc3\xa4", "headers:1: TEXT is printable ASCII" },
	{ "replace X a\tb", "headers:1: TEXT is printable ASCII" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct sceau_header_rules rules = { .count = 77 };
		struct sceau_err err;

		if (bench_parse(bad[i].text, &rules, &err) == 0)
			fail_msg("\"%s\" was let in", bad[i].text);
		if (strncmp(err.text, bad[i].want, strlen(bad[i].want)) != 0)
			fail_msg("\"%s\": got \"%s\"", bad[i].text, err.text);
		assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
		assert_int_equal(rules.count, 77);
	}
}

static void test_nul(void **state)
{
	struct sceau_header_rules rules;
	struct sceau_err err;
	struct sceau_slice text = { "keep X\ndelete\0 X\n", 17 };

	(void)state;
	assert_int_equal(sceau_header_rules_parse("f", text,
	                                          &sceau_header_regex_pcre2,
	                                          &rules, &err),
	                 -1);
	assert_string_equal(err.text, "f:2: a NUL byte");
}

/* text count times must be let in, once more refused with want. */
static void assert_most(const char *text, size_t count, const char *want)
{
	struct sceau_header_rules rules;
	struct sceau_err err;
	struct sceau_buf all;

	sceau_buf_init(&all, 10U << 20);
	for (size_t i = 0; i < count; i++)
		sceau_buf_append_text(&all, text);
	assert_int_equal(bench_parse(sceau_buf_text(&all), &rules, &err), 0);
	sceau_header_rules_deinit(&rules);
	sceau_buf_append_text(&all, text);
	assert_int_equal(bench_parse(sceau_buf_text(&all), &rules, &err), -1);
	assert_string_equal(err.text, want);
	sceau_buf_deinit(&all);
}

static void test_bounds(void **state)
{
	(void)state;
	assert_most("keep X /a/\n", SCEAU_HEADER_RULES_MAX,
	            "headers:201: more than 200 rules");
	assert_most("#\n", SCEAU_HEADER_RULE_FILE_MAX / 2,
	            "headers:1: more than 65536 bytes");
}

static void assert_length(const char *before, size_t most, const char *after)
{
	for (size_t len = most; len <= most + 1; len++) {
		struct sceau_header_rules rules;
		struct sceau_err err;
		struct sceau_buf text;

		sceau_buf_init(&text, 10000);
		sceau_buf_append_text(&text, before);
		for (size_t i = 0; i < len; i++)
			sceau_buf_append_text(&text, "a");
		sceau_buf_append_text(&text, after);
		int ret = bench_parse(sceau_buf_text(&text), &rules, &err);
		if (ret != (len == most ? 0 : -1))
			fail_msg("%s %zu", before, len);
		if (ret == 0)
			sceau_header_rules_deinit(&rules);
		sceau_buf_deinit(&text);
	}
}

static void test_lengths(void **state)
{
	(void)state;
	assert_length("keep X /", SCEAU_HEADER_RULE_REGEX_MAX, "/");
	assert_length("replace X ", SCEAU_HEADER_RULE_TEXT_MAX, "");
	assert_length("keep ", 79, "");
	assert_length("keep X account=", 128, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),    cmocka_unit_test(test_bad),
		cmocka_unit_test(test_nul),     cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
