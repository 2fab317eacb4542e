/* test_header_cleanup.c - which mails are cleaned, and of what
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

#include "mail/header_cleanup.h"
#include "mail/header_scan.h"

static struct sceau_header header;

static int teardown(void **state)
{
	(void)state;
	sceau_header_deinit(&header);
	return 0;
}

static void read_mail(const char *mail)
{
	struct sceau_header_scan scan;
	size_t used;

	teardown(NULL);
	sceau_header_init(&header, SCEAU_HEADER_FIELDS_MAX,
	                  SCEAU_HEADER_BYTES_MAX);
	sceau_header_scan_init(&scan, &header);
	assert_true(sceau_header_scan_feed(&scan, mail, strlen(mail), &used,
	                                   NULL) >= 0);
	assert_int_equal(sceau_header_scan_finish(&scan, NULL), 0);
	sceau_header_scan_deinit(&scan);
}

static void clean(void)
{
	size_t count;
	const struct sceau_header_cleanup_rule *rules =
		sceau_header_cleanup_default_rules(&count);

	assert_int_equal(
		sceau_header_cleanup_apply(&header, rules, count, NULL), 0);
}

/* What is left of mail under the default rules. */
static const struct {
	const char *what;
	const char *mail;
	const char *want;
} cases[] = {
	{ "nothing to do",
	  "From: a\nTo: b\nSubject: s\nMessage-ID: <x>\nDate: d\n"
	  "MIME-Version: 1.0\nContent-Type: text/plain\nList-Unsubscribe: "
	  "<x>\n",
	  NULL },
	{ "every field of the list",
	  "Received: from x\nX-Originating-IP: [192.0.2.1]\nX-Mailer: m\n"
	  "User-Agent: u\nX-Enigmail: e\nX-Pgp-Agent: p\nX-Forward: f\n"
	  "X-Forwarded-For: f\nX-Sender: s\nX-Sender-IP: i\n"
	  "X-PHP-Originating-Script: 1:a.php\nX-PHP-Script: a\nX-Source: s\n"
	  "X-Source-Args: s\nX-Source-Dir: s\nBcc: hidden@x.example\nFrom: a\n",
	  "From: a\n" },
	{ "any case", "RECEIVED: x\nuser-agent: u\nx-FORWARD: f\nFrom: a\n",
	  "From: a\n" },
	{ "repeated, mixed with others",
	  "Received: 1\nA: 1\nReceived: 2\n\tfold\nA: 2\nreceived: 3\nA: 3\n",
	  "A: 1\nA: 2\nA: 3\n" },
	{ "names that only begin so",
	  "Received-SPF: x\nX-Mailer-Version: x\nUser-Agents: x\n"
	  "X-Sender-Id: x\nX-Enigmails: x\nBccx: x\nX-Forwar: x\nX-Sourc: x\n",
	  NULL },
	{ "names that only end so", "X-User-Agent: x\nOld-Received: x\n",
	  NULL },
	{ "fields that receivers need",
	  "Sender: s\nReply-To: r\nReferences: <a>\nIn-Reply-To: <b>\n"
	  "Return-Path: <x>\nX-Priority: 1\n",
	  NULL },
	{ "Mime-Version with a comment",
	  "Mime-Version: 1.0 (Mac OS X Mail 16.0 "
	  "\\(3774.6\\))\nA: 1\n",
	  "Mime-Version: 1.0\nA: 1\n" },
	{ "comments everywhere", "MIME-Version: (a)1(b(c)).(d)0(e)\n",
	  "MIME-Version: 1 . 0\n" },
	{ "folded comment", "MIME-Version: 1.0\n\t(x\n y)\n",
	  "MIME-Version: 1.0\n" },
	{ "broken comment is left", "MIME-Version: 1.0 (x\n", NULL },
	{ "only a comment is left", "MIME-Version: (x)\n", NULL },
	{ "quoted value is left", "MIME-Version: \"1.0\" (x)\n", NULL },
	{ "no comment, spelling kept", "MIME-Version:   1.0  \n", NULL },
	{ "Mime-Version repeated",
	  "A: 1\nMIME-Version: 1.0 (a)\nMime-Version: 1.0\nmime-version: 2\n",
	  "A: 1\nMIME-Version: 1.0\n" },
	{ "CRLF mail", "X-Mailer: m\r\nMIME-Version: 1.0 (c)\r\nA: 1\r\n",
	  "MIME-Version: 1.0\r\nA: 1\r\n" },
	{ "signed field is left",
	  "DKIM-Signature: v=1; a=rsa-sha256; h=From:X-Mailer:Date; b=x\n"
	  "X-Mailer: m\nUser-Agent: u\nFrom: a\n",
	  "DKIM-Signature: v=1; a=rsa-sha256; h=From:X-Mailer:Date; b=x\n"
	  "X-Mailer: m\nFrom: a\n" },
	{ "signed, folded and spaced h=",
	  "dkim-signature: v=1;\n\th = from :\n\t user-agent\n\t; b=x\n"
	  "X-Mailer: m\nUser-Agent: u\n",
	  "dkim-signature: v=1;\n\th = from :\n\t user-agent\n\t; b=x\n"
	  "User-Agent: u\n" },
	{ "second signature counts",
	  "DKIM-Signature: h=from\nDKIM-Signature: h=received\nReceived: x\n"
	  "X-Mailer: m\n",
	  "DKIM-Signature: h=from\nDKIM-Signature: h=received\nReceived: x\n" },
	{ "signed member of a family",
	  "DKIM-Signature: h=X-Forwarded-For\nX-Forwarded-To: b\nX-Source: s\n",
	  "DKIM-Signature: h=X-Forwarded-For\nX-Forwarded-To: b\n" },
	{ "signed Mime-Version keeps its comment",
	  "DKIM-Signature: h=mime-version\nMIME-Version: 1.0 (c)\n"
	  "MIME-Version: 1.0\n",
	  NULL },
	{ "h in another tag's value or name",
	  "DKIM-Signature: v=1; z=h=x; bh=x-mailer; b=h:x-mailer\nX-Mailer: "
	  "m\n",
	  "DKIM-Signature: v=1; z=h=x; bh=x-mailer; b=h:x-mailer\n" },
	{ "signature without h=", "DKIM-Signature: v=1; x\nX-Mailer: m\n",
	  "DKIM-Signature: v=1; x\n" },
};

static void assert_left(const char *what, const char *want)
{
	struct sceau_buf out;

	sceau_buf_init(&out, 100000);
	assert_int_equal(sceau_header_print(&header, &out), 0);
	if (strcmp(sceau_buf_text(&out), want) != 0)
		fail_msg("%s: got\n%s", what, sceau_buf_text(&out));
	sceau_buf_deinit(&out);
}

static void test_default_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_mail(cases[i].mail);
		clean();
		bool same = cases[i].want == NULL;
		assert_left(cases[i].what,
		            same ? cases[i].mail : cases[i].want);
		if (sceau_header_is_edited(&header) == same)
			fail_msg("%s: edited or not?", cases[i].what);
		/* Cleaning what is clean changes nothing. */
		clean();
		assert_left(cases[i].what,
		            same ? cases[i].mail : cases[i].want);
	}
}

/* Fields of a message inside the mail are body: they are never seen. */
static void test_attached_message(void **state)
{
	(void)state;
	read_mail("Content-Type: message/rfc822\nX-Mailer: outer\n\n"
	          "X-Mailer: inner\n");
	clean();
	assert_left("attached", "Content-Type: message/rfc822\n");
}

static const struct {
	const char *what;
	bool authenticated;
	bool null_sender;
	const char *mail;
	enum sceau_header_cleanup_verdict want;
} judgements[] = {
	{ "a user's mail", true, false, "From: a\n", SCEAU_HEADER_CLEANUP_YES },
	{ "a reply", true, false, "In-Reply-To: <x>\nReceived: x\n",
	  SCEAU_HEADER_CLEANUP_YES },
	{ "already signed", true, false, "DKIM-Signature: h=from\n",
	  SCEAU_HEADER_CLEANUP_SIGNED },
	{ "signed, nobody can read it", true, false, "dkim-signature: x\n",
	  SCEAU_HEADER_CLEANUP_SIGNED },
	{ "signed list mail", true, false, "DKIM-Signature: h=a\nList-Id: l\n",
	  SCEAU_HEADER_CLEANUP_LIST },
	{ "own newsletter", true, false,
	  "List-Unsubscribe: <x>\nPrecedence: bulk\n",
	  SCEAU_HEADER_CLEANUP_YES },
	{ "no header", true, false, "", SCEAU_HEADER_CLEANUP_YES },
	{ "not ours", false, false, "From: a\n", SCEAU_HEADER_CLEANUP_FOREIGN },
	{ "not ours, null sender", false, true, "",
	  SCEAU_HEADER_CLEANUP_FOREIGN },
	{ "bounce", true, true, "From: MAILER-DAEMON\n",
	  SCEAU_HEADER_CLEANUP_BOUNCE },
	{ "list", true, false, "list-id: <a.b>\n", SCEAU_HEADER_CLEANUP_LIST },
	{ "old list", true, false, "Precedence: List\n",
	  SCEAU_HEADER_CLEANUP_LIST },
	{ "older list", true, false, "Mailing-List: x\n",
	  SCEAU_HEADER_CLEANUP_LIST },
	{ "mailman", true, false, "X-BeenThere: l@x.example\n",
	  SCEAU_HEADER_CLEANUP_LIST },
	{ "list without id", true, false, "List-Post: <mailto:l@x.example>\n",
	  SCEAU_HEADER_CLEANUP_LIST },
	{ "second Precedence", true, false,
	  "Precedence: bulk\nPrecedence: list\n", SCEAU_HEADER_CLEANUP_LIST },
	{ "Precedence listing", true, false, "Precedence: listing\n",
	  SCEAU_HEADER_CLEANUP_YES },
	{ "Sieve redirect", true, false, "X-Sieve-Redirected-From: a\n",
	  SCEAU_HEADER_CLEANUP_FORWARDED },
	{ "delivered once", true, false, "Delivered-To: a@x.example\n",
	  SCEAU_HEADER_CLEANUP_FORWARDED },
	{ "through an alias", true, false, "X-Original-To: a@x.example\n",
	  SCEAU_HEADER_CLEANUP_FORWARDED },
	{ "resent by a user", true, false, "Resent-Message-ID: <x>\n",
	  SCEAU_HEADER_CLEANUP_FORWARDED },
	{ "sealed", true, false, "ARC-Seal: i=1\n",
	  SCEAU_HEADER_CLEANUP_FORWARDED },
	{ "names that only begin so", true, false,
	  "Delivered-Tom: a\nList-Ids: x\nResent: x\n",
	  SCEAU_HEADER_CLEANUP_YES },
};

static void test_judge(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(judgements) / sizeof(judgements[0]);
	     i++) {
		struct sceau_header_cleanup_facts facts = {
			.authenticated = judgements[i].authenticated,
			.null_sender = judgements[i].null_sender,
		};

		read_mail(judgements[i].mail);
		enum sceau_header_cleanup_verdict got =
			sceau_header_cleanup_judge(&header, &facts);
		if (got != judgements[i].want)
			fail_msg("%s: got %s", judgements[i].what,
			         sceau_header_cleanup_verdict_name(got));
		assert_false(sceau_header_is_edited(&header));
	}
}

/* Deleted fields say nothing about the mail any more. */
static void test_judge_skips_deleted(void **state)
{
	struct sceau_header_cleanup_facts facts = { .authenticated = true };

	(void)state;
	read_mail("List-Id: x\nDelivered-To: x\nPrecedence: list\n");
	for (size_t i = 0; i < 3; i++)
		sceau_header_delete(&header, i);
	assert_int_equal(sceau_header_cleanup_judge(&header, &facts),
	                 SCEAU_HEADER_CLEANUP_YES);
}

static void test_other_rules(void **state)
{
	static const struct sceau_header_cleanup_rule rules[] = {
		{ "*", SCEAU_HEADER_CLEANUP_TRIM },
		{ "X-*", SCEAU_HEADER_CLEANUP_KEEP_FIRST },
		{ "B", SCEAU_HEADER_CLEANUP_DELETE },
	};

	(void)state;
	read_mail("A: 1 (c)\nX-1: 1 (c)\nB: 1 (c)\nX-2: 2\nA: 2\n");
	assert_int_equal(sceau_header_cleanup_apply(&header, rules, 0, NULL),
	                 0);
	assert_false(sceau_header_is_edited(&header));
	assert_int_equal(sceau_header_cleanup_apply(&header, rules, 3, NULL),
	                 0);
	assert_left("rules", "A: 1\nX-1: 1\nA: 2\n");
}

static void test_bounds(void **state)
{
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
	size_t count;
	const struct sceau_header_cleanup_rule *rules =
		sceau_header_cleanup_default_rules(&count);

	(void)state;
	teardown(NULL);
	sceau_header_init(&header, 5, 22);
	assert_int_equal(sceau_header_add(&header,
	                                  sceau_slice_of("MIME-Version"),
	                                  sceau_slice_of(" 1.0 (abc)"), &err),
	                 0);
	assert_int_equal(
		sceau_header_cleanup_apply(&header, rules, count, &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
}

/* Thousands of fields against thousands of signed names. */
static void test_hostile_size(void **state)
{
	struct sceau_buf mail;

	(void)state;
	sceau_buf_init(&mail, 4000000);
	sceau_buf_append_text(&mail, "DKIM-Signature: h=");
	for (size_t i = 0; i < 100000; i++)
		sceau_buf_append_text(&mail, "x-mailer:");
	sceau_buf_append_text(&mail, "\n");
	for (size_t i = 0; i < 18000; i++)
		sceau_buf_append_text(&mail, i % 2 == 0 ? "Received: y\n"
		                                        : "X-Mailer: x\n");
	sceau_buf_append_text(&mail, "\n");
	read_mail(sceau_buf_text(&mail));
	clean();
	assert_int_equal(sceau_header_count(&header, "Received"), 0);
	assert_int_equal(sceau_header_count(&header, "X-Mailer"), 9000);
	sceau_buf_deinit(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_rules),
		cmocka_unit_test(test_attached_message),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_judge_skips_deleted),
		cmocka_unit_test(test_other_rules),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_hostile_size),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
