/* test_sign_rule.c - who is signed: one row a mail, every way in
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "auth/sign_rule.h"

/* What the MTA shows, as one word. */
#define NOTHING 0
#define LOGIN 1
#define DAEMON 2
#define NOPORT 4
#define EARLY 8
#define SENDMAIL (NOPORT | EARLY)

#define FROM_ALICE "From: alice@home.example\n"
#define SUBMITTED                                                              \
	"Received: from laptop (isp [192.0.2.77])\n\tby mx.home.example "      \
	"(Postfix) with ESMTPSA id 1;\n\tMon, 23 Nov 2026 06:00:00 +0000\n"
#define USERID                                                                 \
	"Received: by mx.home.example (Postfix, from userid 33)\n\tid 2; x\n"
#define HIDDEN "Received: by mx.home.example (Postfix) id 3; x\n"
#define FILTER                                                                 \
	"Received: from localhost (localhost [127.0.0.1])\n\tby localhost "    \
	"(amavis) with ESMTP id 4; x\n"
#define OUTSIDE                                                                \
	"Received: from mail (mail [203.0.113.10])\n\tby mx.home.example "     \
	"(Postfix) with ESMTP id 5; x\n"
#define ELSEWHERE                                                              \
	"Received: from a (b [192.0.2.1]) by other.example (Postfix) with "    \
	"ESMTPSA id 6; x\n"
#define SIEVE "X-Sieve-Redirected-From: bob@home.example\n"

static const struct {
	const char *what;
	unsigned facts;
	const char *header;
	enum sceau_sign_verdict want;
} origins[] = {
	/* nobody of ours handed it in: no header can change that */
	{ "stranger", NOTHING, FROM_ALICE, SCEAU_SIGN_NOT_SUBMITTED },
	{ "stranger, forged login", NOTHING, SUBMITTED FROM_ALICE,
	  SCEAU_SIGN_NOT_SUBMITTED },
	{ "stranger, forged sendmail", NOTHING, USERID FROM_ALICE,
	  SCEAU_SIGN_NOT_SUBMITTED },
	{ "stranger, forged hidden hop", NOTHING, HIDDEN FROM_ALICE,
	  SCEAU_SIGN_NOT_SUBMITTED },
	{ "stranger, forged filter", NOTHING, FILTER FROM_ALICE,
	  SCEAU_SIGN_NOT_SUBMITTED },
	{ "stranger, redirected", NOTHING, SIEVE FROM_ALICE,
	  SCEAU_SIGN_NOT_SUBMITTED },
	{ "no port alone", NOPORT, FROM_ALICE, SCEAU_SIGN_NOT_SUBMITTED },
	{ "early id alone", EARLY, FROM_ALICE, SCEAU_SIGN_NOT_SUBMITTED },
	{ "no port alone, local hop", NOPORT, USERID FROM_ALICE,
	  SCEAU_SIGN_NOT_SUBMITTED },
	/* a login settles it */
	{ "login", LOGIN, FROM_ALICE, SCEAU_SIGN_YES },
	{ "login on port 25", LOGIN | EARLY, FROM_ALICE, SCEAU_SIGN_YES },
	{ "login, own daemon", LOGIN | DAEMON, FROM_ALICE, SCEAU_SIGN_YES },
	{ "login, mail of a server behind it", LOGIN, ELSEWHERE FROM_ALICE,
	  SCEAU_SIGN_YES },
	{ "login, unreadable hop", LOGIN, "Received: (\n" FROM_ALICE,
	  SCEAU_SIGN_YES },
	{ "login, no header", LOGIN, "", SCEAU_SIGN_YES },
	/* own listener without login: webmail, content filters */
	{ "own daemon", DAEMON, FROM_ALICE, SCEAU_SIGN_YES },
	{ "own daemon, after submission", DAEMON, SUBMITTED FROM_ALICE,
	  SCEAU_SIGN_YES },
	{ "own daemon, after hidden submission", DAEMON, HIDDEN FROM_ALICE,
	  SCEAU_SIGN_YES },
	{ "own daemon, after sendmail", DAEMON, USERID FROM_ALICE,
	  SCEAU_SIGN_YES },
	{ "own daemon, after filter and submission", DAEMON,
	  FILTER SUBMITTED FROM_ALICE, SCEAU_SIGN_YES },
	{ "own daemon, from outside", DAEMON, OUTSIDE FROM_ALICE,
	  SCEAU_SIGN_FOREIGN },
	{ "own daemon, filtered from outside", DAEMON,
	  FILTER OUTSIDE FROM_ALICE, SCEAU_SIGN_FOREIGN },
	{ "own daemon, outside with forged login below", DAEMON,
	  FILTER OUTSIDE SUBMITTED FROM_ALICE, SCEAU_SIGN_FOREIGN },
	{ "own daemon, forged login above", DAEMON,
	  SUBMITTED OUTSIDE FROM_ALICE, SCEAU_SIGN_FOREIGN },
	{ "own daemon, login elsewhere", DAEMON, ELSEWHERE FROM_ALICE,
	  SCEAU_SIGN_FOREIGN },
	{ "own daemon, unreadable hop", DAEMON, "Received: (\n" FROM_ALICE,
	  SCEAU_SIGN_FOREIGN },
	{ "own daemon, empty hop", DAEMON, "Received:\n" FROM_ALICE,
	  SCEAU_SIGN_FOREIGN },
	{ "own daemon, redirected", DAEMON, SIEVE FROM_ALICE,
	  SCEAU_SIGN_REDIRECTED },
	{ "own daemon, foreign hop written odd", DAEMON,
	  "rEcEiVeD: from mail (mail [203.0.113.10])\n\tby mx.home.example "
	  "with ESMTP id 5; x\n" FROM_ALICE,
	  SCEAU_SIGN_FOREIGN },
	/* sendmail(1) */
	{ "sendmail", SENDMAIL, FROM_ALICE, SCEAU_SIGN_YES },
	{ "sendmail, own daemon", SENDMAIL | DAEMON, FROM_ALICE,
	  SCEAU_SIGN_YES },
	{ "sendmail, bounced around at home", SENDMAIL, USERID FROM_ALICE,
	  SCEAU_SIGN_YES },
	{ "sendmail, ours redirected", SENDMAIL, SIEVE SUBMITTED FROM_ALICE,
	  SCEAU_SIGN_REDIRECTED },
	{ "sendmail, Sieve redirect", SENDMAIL, SIEVE OUTSIDE FROM_ALICE,
	  SCEAU_SIGN_REDIRECTED },
	{ "sendmail, redirect odd case", SENDMAIL,
	  "x-sieve-redirected-FROM: b\n" FROM_ALICE, SCEAU_SIGN_REDIRECTED },
	{ "sendmail, .forward of foreign mail", SENDMAIL, OUTSIDE FROM_ALICE,
	  SCEAU_SIGN_FOREIGN },
	{ "sendmail, foreign below local", SENDMAIL, USERID OUTSIDE FROM_ALICE,
	  SCEAU_SIGN_FOREIGN },
	{ "sendmail, login elsewhere", SENDMAIL, ELSEWHERE FROM_ALICE,
	  SCEAU_SIGN_FOREIGN },
	{ "sendmail, LMTP hop of a delivery", SENDMAIL,
	  "Received: from mx.home.example\n\tby mx.home.example with LMTP\n\t"
	  "id 7; x\n" OUTSIDE FROM_ALICE,
	  SCEAU_SIGN_FOREIGN },
};

static const struct {
	const char *what;
	const char *header;
	enum sceau_sign_verdict want;
	const char *want_domain;
} authors[] = {
	{ "plain", FROM_ALICE, SCEAU_SIGN_YES, "home.example" },
	{ "named", "From: Alice A. <alice@home.example>\n", SCEAU_SIGN_YES,
	  "home.example" },
	{ "upper case", "FROM: a@HOME.Example\n", SCEAU_SIGN_YES,
	  "home.example" },
	{ "folded", "From: \"A\"\n\t<a@home.example>\n", SCEAU_SIGN_YES,
	  "home.example" },
	{ "another address as name", "From: \"ceo@bank.example\" <a@h.ex>\n",
	  SCEAU_SIGN_YES, "h.ex" },
	{ "comment", "From: a@h.ex (b@bank.example)\n", SCEAU_SIGN_YES,
	  "h.ex" },
	{ "quoted local part", "From: \"a@bank.example\"@h.ex\n",
	  SCEAU_SIGN_YES, "h.ex" },
	{ "U-label", "From: a@m\xc3\xbcller.example\n", SCEAU_SIGN_YES,
	  "m\xc3\xbcller.example" },
	{ "none", "To: a@h.ex\n", SCEAU_SIGN_NO_FROM, NULL },
	{ "not From", "X-From: a@h.ex\n", SCEAU_SIGN_NO_FROM, NULL },
	{ "two fields", FROM_ALICE FROM_ALICE, SCEAU_SIGN_MANY_FROM, NULL },
	{ "two fields, odd case", FROM_ALICE "from: b@h.ex\n",
	  SCEAU_SIGN_MANY_FROM, NULL },
	{ "two mailboxes", "From: a@h.ex, b@h.ex\n", SCEAU_SIGN_ODD_FROM,
	  NULL },
	{ "two mailboxes of two domains", "From: a@h.ex, b@bank.example\n",
	  SCEAU_SIGN_ODD_FROM, NULL },
	{ "group", "From: us: a@h.ex;\n", SCEAU_SIGN_ODD_FROM, NULL },
	{ "empty group", "From: us:;\n", SCEAU_SIGN_ODD_FROM, NULL },
	{ "empty", "From:\n", SCEAU_SIGN_ODD_FROM, NULL },
	{ "no domain", "From: root\n", SCEAU_SIGN_ODD_FROM, NULL },
	{ "null", "From: <>\n", SCEAU_SIGN_ODD_FROM, NULL },
	{ "no end", "From: <a@h.ex\n", SCEAU_SIGN_ODD_FROM, NULL },
	{ "two at signs", "From: a@b@h.ex\n", SCEAU_SIGN_ODD_FROM, NULL },
	{ "text behind", "From: <a@h.ex> b@bank.example\n", SCEAU_SIGN_ODD_FROM,
	  NULL },
};

static const struct {
	const char *header;
	bool want;
} signatures[] = {
	{ FROM_ALICE, false },
	{ "DKIM-Signature: v=1; d=home.example; s=mail; b=\n", true },
	{ "DKIM-Signature: s=mail;d=home.example\n", true },
	{ "dkim-signature: v=1;\n\td = HOME.example ;\n s\n =\n Mail\n", true },
	{ "DKIM-Signature: v=1; d=home.example; s=old\n", false },
	{ "DKIM-Signature: v=1; d=sub.home.example; s=mail\n", false },
	{ "DKIM-Signature: v=1; d=other.example; s=mail\n", false },
	{ "DKIM-Signature: v=1; sd=home.example; s=mail\n", false },
	{ "DKIM-Signature: d=home.example\nDKIM-Signature: s=mail\n", false },
	{ "DKIM-Signature: d=a; s=b\nDKIM-Signature: s=mail; "
	  "d=home.example\n",
	  true },
	{ "X-DKIM-Signature: d=home.example; s=mail\n", false },
	{ "DKIM-Signature: ;;;=;d;s\n", false },
};

/* Split "Name: value\n" lines, folds kept, as libmilter would show them. */
static void fill(struct sceau_header *header, const char *text)
{
	sceau_header_init(header, 100, 100000);
	while (*text != '\0') {
		const char *colon = strchr(text, ':');
		const char *end = strchr(text, '\n');

		while (end[1] == ' ' || end[1] == '\t')
			end = strchr(end + 1, '\n');
		assert_int_equal(
			sceau_header_add(
				header,
				(struct sceau_slice){ text,
		                                      (size_t)(colon - text) },
				(struct sceau_slice){
					colon + 1, (size_t)(end - colon - 1) },
				NULL),
			0);
		text = end + 1;
	}
}

static void test_origins(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
		unsigned bits = origins[i].facts;
		struct sceau_sign_facts facts = {
			.is_authenticated = (bits & LOGIN) != 0,
			.is_own_daemon = (bits & DAEMON) != 0,
			.has_no_port = (bits & NOPORT) != 0,
			.has_early_id = (bits & EARLY) != 0,
			.host = sceau_slice_of("mx.home.example"),
		};
		struct sceau_header header;
		enum sceau_sign_verdict got;

		fill(&header, origins[i].header);
		got = sceau_sign_rule_origin(&facts, &header);
		if (got != origins[i].want)
			fail_msg("%s: got %s, want %s", origins[i].what,
			         sceau_sign_verdict_name(got),
			         sceau_sign_verdict_name(origins[i].want));
		sceau_header_deinit(&header);
	}
}

static void test_authors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(authors) / sizeof(authors[0]); i++) {
		char domain[SCEAU_SIGN_DOMAIN_SIZE] = "untouched";
		const char *want = authors[i].want_domain;
		struct sceau_header header;
		enum sceau_sign_verdict got;

		fill(&header, authors[i].header);
		got = sceau_sign_rule_author(&header, domain);
		if (got != authors[i].want)
			fail_msg("%s: got %s, want %s", authors[i].what,
			         sceau_sign_verdict_name(got),
			         sceau_sign_verdict_name(authors[i].want));
		if (strcmp(domain, want ? want : "untouched") != 0)
			fail_msg("%s: got %s", authors[i].what, domain);
		sceau_header_deinit(&header);
	}
}

static void test_signatures(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(signatures) / sizeof(*signatures); i++) {
		struct sceau_header header;

		fill(&header, signatures[i].header);
		if (sceau_sign_rule_is_signed(&header, "home.example",
		                              "mail") != signatures[i].want)
			fail_msg("%s", signatures[i].header);
		sceau_header_deinit(&header);
	}
}

/* What an edit took out does not count any more. */
static void test_deleted_fields(void **state)
{
	char domain[SCEAU_SIGN_DOMAIN_SIZE];
	struct sceau_header header;
	size_t index;

	(void)state;
	fill(&header, "From: x@h.ex\nDKIM-Signature: d=home.example; s=mail\n"
	              "From: y@i.ex\n");
	assert_true(sceau_header_find(&header, "From", 0, &index));
	sceau_header_delete(&header, index);
	assert_true(sceau_header_find(&header, "DKIM-Signature", 0, &index));
	sceau_header_delete(&header, index);
	assert_int_equal(sceau_sign_rule_author(&header, domain),
	                 SCEAU_SIGN_YES);
	assert_string_equal(domain, "i.ex");
	assert_false(
		sceau_sign_rule_is_signed(&header, "home.example", "mail"));
	sceau_header_deinit(&header);
}

static void test_names(void **state)
{
	(void)state;
	for (int v = SCEAU_SIGN_YES; v <= SCEAU_SIGN_ALREADY; v++) {
		for (int w = SCEAU_SIGN_YES; w < v; w++)
			assert_string_not_equal(
				sceau_sign_verdict_name(
					(enum sceau_sign_verdict)v),
				sceau_sign_verdict_name(
					(enum sceau_sign_verdict)w));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_authors),
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_deleted_fields),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
