/* test_header_rule_apply.c - what rules make of a header
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "unit/mail/header_rule_bench.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define SUBMITTED                                                              \
	"Received: from laptop (laptop [192.0.2.77])\n\tby mx.home.example "   \
	"(Postfix) with ESMTPSA id 7;\n\tMon, 23 Nov 2026 06:00:00 +0000\n"

/* want NULL: the mail itself. The login is alice@home.example. */
static const struct {
	const char *what;
	const char *rules;
	const char *mail;
	const char *want;
} cases[] = {
	{ "no rules: the built-in ones", "", "User-Agent: u\nX-A: 1\n",
	  "X-A: 1\n" },
	{ "delete beside them", "delete X-A", "User-Agent: u\nX-A: 1\nX-B: 2\n",
	  "X-B: 2\n" },
	{ "keep saves from them", "keep user-agent",
	  "User-Agent: u\nX-Mailer: m\n", "User-Agent: u\n" },
	{ "keep * turns them off", "delete X-A\nkeep *",
	  "User-Agent: u\nX-A: 1\nMIME-Version: 1.0 (c)\n",
	  "User-Agent: u\nMIME-Version: 1.0 (c)\n" },
	{ "the first that fits decides", "keep X-A /one/\ndelete X-*\nkeep X-B",
	  "X-A: one\nX-A: 2\nX-B: 1\n", "X-A: one\n" },
	{ "account fits, any case",
	  "delete X-A account=alice@*\ndelete X-B account=ALICE@home.example",
	  "X-A: 1\nX-B: 1\n", "" },
	{ "account of others", "delete X-A account=bob@*", "X-A: 1\n", NULL },
	{ "replace the whole value", "replace Organization Home",
	  "Organization: Secret\n\tLab\n", "Organization: Home\n" },
	{ "replace the find", "replace Subject /\\[(int)ern\\] */i ($1) ",
	  "Subject: Re: [Intern] plan\n", "Subject: Re: (Int)plan\n" },
	{ "only the first find", "replace X-A /b/ c", "X-A: abb\n",
	  "X-A: acb\n" },
	{ "not found: as it is", "replace X-A /z/ c", "X-A:  abb \n", NULL },
	{ "replace saves from the built-in rules", "replace User-Agent Mail",
	  "User-Agent: Sealbird 1.0\n", "User-Agent: Mail\n" },
	{ "groups, $0, $$ and one that is unset",
	  "replace X-A /(a)|(b)/ <$0$1${2}$$>", "X-A: xb\n", "X-A: x<bb$>\n" },
	{ "values are seen without folds", "replace X-A /^a b$/ ok",
	  "X-A: a\n b\n", "X-A: ok\n" },
	{ "nothing left: deleted", "replace X-A /.*/ $$", "X-A: \n",
	  "X-A: $\n" },
	{ "only blanks left", "replace X-A /a(.*)/ $1", "X-A: a\n", "" },
	{ "what a mail needs is not emptied", "replace From /a(.*)/ $1",
	  "From: a\n", NULL },
	{ "families leave it alone, too", "delete *",
	  "From: a\nDate: d\nTo: t\nSender: s\nMessage-ID: <m>\n"
	  "MIME-Version: 1.0\nContent-Type: text/plain\n"
	  "Content-Transfer-Encoding: 8bit\nContent-Language: de\n",
	  "From: a\nDate: d\nSender: s\nMessage-ID: <m>\nMIME-Version: 1.0\n"
	  "Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\n" },
	{ "signatures are never touched", "delete A*\nreplace D* x",
	  "ARC-Seal: s\nArchived-At: a\nDKIM-Signature: d\nDisposition: d\n",
	  "ARC-Seal: s\nDKIM-Signature: d\nDisposition: x\n" },
	{ "the hop of the submission", "anonymise Received",
	  SUBMITTED "Received: from pc by laptop.lan; x\nX-A: 1\n",
	  "Received: from mx.home.example\n\tby mx.home.example (Postfix) "
	  "with ESMTPSA id 7;\n\tMon, 23 Nov 2026 06:00:00 +0000\nX-A: 1\n" },
	{ "by default it goes", "", SUBMITTED "X-A: 1\n", "X-A: 1\n" },
	{ "a new value is folded at its blanks", "replace X-A $0 $0",
	  "X-A: 3456789 123456789 123456789 123456789 12345678\n",
	  "X-A: 3456789 123456789 123456789 123456789 12345678 3456789 "
	  "123456789\n 123456789 123456789 12345678\n" },
	{ "a search that has no end in sight leaves the field",
	  "delete X-A "
	  "/^(a+)+$/",
	  "X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n",
	  NULL },
	{ "and the next rule has its turn",
	  "delete X-A /^(a+)+$/\nreplace X-A gone",
	  "X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n",
	  "X-A: gone\n" },
	{ "CRLF", "replace X-A b", "X-A: a\r\nX-B: a\r\n",
	  "X-A: b\r\nX-B: a\r\n" },
	{ "a bare CR in the old value", "replace X-A /b/ c", "X-A: a\rb\n",
	  NULL },
};

static struct sceau_header_rule_report
apply(const char *rules_text, const char *mail, struct sceau_header *header)
{
	static const struct sceau_header_rule_facts facts = {
		.account = "Alice@Home.example",
		.host = "mx.home.example",
	};
	struct sceau_header_rule_report report;
	struct sceau_header_rules rules;
	struct sceau_err err = { .text = "" };

	if (bench_parse(rules_text, &rules, &err) < 0)
		fail_msg("%s: %s", rules_text, err.text);
	assert_true(bench_read(mail, strlen(mail), header) >= 0);
	if (sceau_header_rules_apply(&rules, &facts, header, &report, &err) < 0)
		fail_msg("%s: %s", rules_text, err.text);
	sceau_header_rules_deinit(&rules);
	return report;
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *want = cases[i].want == NULL ? cases[i].mail
		                                         : cases[i].want;
		struct sceau_header header;
		struct sceau_header_rule_report report = apply(
			cases[i].rules, cases[i].mail, &header);
		struct sceau_buf out;

		sceau_buf_init(&out, 10000);
		sceau_header_print(&header, &out);
		if (strcmp(sceau_buf_text(&out), want) != 0)
			fail_msg("%s: got\n%s", cases[i].what,
			         sceau_buf_text(&out));
		sceau_buf_deinit(&out);
		sceau_header_rule_report_deinit(&report);
		sceau_header_deinit(&header);
	}
}

/* sendmail(1) has no login: a rule for accounts is not for it, not even '*'. */
static void test_no_account(void **state)
{
	struct sceau_header_rule_facts facts = { .account = "", .host = "h" };
	struct sceau_header_rule_report report;
	struct sceau_header_rules rules;
	struct sceau_header header;

	(void)state;
	assert_int_equal(bench_parse("delete X-A account=*", &rules, NULL), 0);
	assert_true(bench_read("X-A: 1\n", 7, &header) >= 0);
	assert_int_equal(sceau_header_rules_apply(&rules, &facts, &header,
	                                          &report, NULL),
	                 0);
	assert_false(sceau_header_is_edited(&header));
	sceau_header_rule_report_deinit(&report);
	sceau_header_rules_deinit(&rules);
	sceau_header_deinit(&header);
}

static void test_report(void **state)
{
	struct sceau_header header;
	struct sceau_header_rule_report report = apply(
		"\ndelete X-A\nreplace X-B /^(a+)+$/ c\nkeep X-C\n",
		"X-Mailer: m\nX-C: 1\nX-A: 2\n"
		"X-B: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n",
		&header);

	(void)state;
	assert_int_equal(report.line[0], 0);
	assert_int_equal(report.line[1], 4);
	assert_int_equal(report.line[2], 2);
	assert_int_equal(report.line[3], 0);
	assert_int_equal(report.gave_up, 1);
	assert_int_equal(report.gave_up_line, 3);
	sceau_header_rule_report_deinit(&report);
	sceau_header_deinit(&header);
}

/* Values at and beyond the longest that an expression is run on. */
static void test_long_value(void **state)
{
	(void)state;
	for (size_t len = SCEAU_HEADER_RULE_VALUE_MAX;
	     len <= SCEAU_HEADER_RULE_VALUE_MAX + 1; len++) {
		struct sceau_header_rule_report report;
		struct sceau_header header;
		struct sceau_buf mail;

		sceau_buf_init(&mail, 10000);
		sceau_buf_append_text(&mail, "X-A:");
		for (size_t i = 0; i < len; i++)
			sceau_buf_append_text(&mail, "x");
		sceau_buf_append_text(&mail, "\n");
		report = apply("delete X-A /x$/", sceau_buf_text(&mail),
		               &header);
		bool fits = len == SCEAU_HEADER_RULE_VALUE_MAX;
		assert_int_equal(sceau_header_get(&header, 0).deleted, fits);
		assert_int_equal(report.gave_up, fits ? 0 : 1);
		sceau_header_rule_report_deinit(&report);
		sceau_header_deinit(&header);
		/* a word that no line can hold is not put in */
		report = apply("replace X-A /x$/ $0$0", sceau_buf_text(&mail),
		               &header);
		assert_false(sceau_header_is_edited(&header));
		assert_int_equal(report.gave_up, 1);
		sceau_header_rule_report_deinit(&report);
		sceau_header_deinit(&header);
		sceau_buf_deinit(&mail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_no_account),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_long_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
