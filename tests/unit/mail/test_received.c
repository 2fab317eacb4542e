/* test_received.c - lines of real Postfix sessions, and hostile ones
 *
 * Lines marked 3.7 were written by Postfix 3.7.11; the hidden form follows
 * smtpd.c of 3.10 (smtpd_hide_client_session).
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

#include "mail/received.h"

#define HOST "mx.home.example"
#define TAIL                                                                   \
	" id 15170A76155\n\tfor <bob@dest.example>; "                          \
	"Mon, 23 Nov 2026 06:49:16 +0000 (UTC)"
#define TLS                                                                    \
	"\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 "      \
	"bits)\n\t key-exchange X25519 server-signature RSA-PSS (2048 bits) "  \
	"server-digest SHA256)\n\t(No client certificate requested)"
#define FOREIGN SCEAU_RECEIVED_FOREIGN
#define AUTHENTICATED SCEAU_RECEIVED_AUTHENTICATED
#define LOCAL SCEAU_RECEIVED_LOCAL
#define HIDDEN SCEAU_RECEIVED_HIDDEN
#define LOOPBACK SCEAU_RECEIVED_LOOPBACK

static const struct {
	const char *what;
	const char *value;
	enum sceau_received_kind want;
} cases[] = {
	/* real */
	{ "3.7 submission with TLS",
	  " from laptop (unknown [203.0.113.10])" TLS
	  "\n\t(Authenticated sender: alice)\n\tby " HOST
	  " (Postfix) with ESMTPSA" TAIL,
	  AUTHENTICATED },
	{ "3.7 submission, HELO is \"by\"",
	  " from by (unknown [203.0.113.10])\n\t(Authenticated sender: "
	  "alice)\n\tby " HOST " (Postfix) with ESMTPA" TAIL,
	  AUTHENTICATED },
	{ "3.7 SMTPUTF8",
	  " from by (unknown [203.0.113.10])\n\tby " HOST
	  " (Postfix) with UTF8SMTPA" TAIL,
	  AUTHENTICATED },
	{ "3.7 SMTPUTF8 with TLS",
	  " from by (unknown [203.0.113.10])" TLS "\n\tby " HOST
	  " (Postfix) with UTF8SMTPSA" TAIL,
	  AUTHENTICATED },
	{ "3.7 login with parentheses",
	  " from [192.0.2.1] (unknown [203.0.113.10])\n\t(Authenticated "
	  "sender: a(l)ice? by x with (esmtpa))\n\tby " HOST
	  " (Postfix) with ESMTPA" TAIL,
	  AUTHENTICATED },
	{ "no auth header, as by default",
	  " from laptop (laptop.example [IPv6:2001:db8::7])" TLS "\n\tby " HOST
	  " (Postfix) with ESMTPSA" TAIL,
	  AUTHENTICATED },
	{ "client certificate",
	  " from c (c.example [203.0.113.10])\n\t(using TLSv1.3 with cipher "
	  "X (256/256 bits))\n\t(Client CN \"c (x)\", Issuer \"ca\" (verified "
	  "OK))\n\tby " HOST " (Postfix) with ESMTPSA" TAIL,
	  AUTHENTICATED },
	{ "several recipients",
	  " from laptop (unknown [203.0.113.10])\n\tby " HOST
	  " (Postfix) with ESMTPA id 1A;\n\tMon, 23 Nov 2026 06:49:16 +0000",
	  AUTHENTICATED },
	{ "3.7 sendmail(1)",
	  " by " HOST " (Postfix, from userid 0)\n\tid 3342EA7635D; Mon, 23 "
	  "Nov 2026 06:49:16 +0000 (UTC)",
	  LOCAL },
	{ "another mail_name",
	  " by " HOST " (Post (Debian), from userid 1000)\n\tid 1; x", LOCAL },
	{ "3.10 hidden session", " by " HOST " (Postfix)" TAIL, HIDDEN },
	{ "3.10 hidden, several recipients",
	  " by " HOST " (Postfix) id 1A;\n\tMon, 23 Nov 2026 06:49:16 +0000",
	  HIDDEN },
	{ "hidden, behind smtpd_proxy_filter",
	  " by " HOST " (Postfix)\n\tfor <b@c.example>; x", HIDDEN },
	{ "a Postfix process of its own, local(8)",
	  " by " HOST " (Postfix)\n\tid 1A; Mon, 23 Nov 2026", HIDDEN },
	{ "3.7 re-injection",
	  " from localhost (localhost [127.0.0.1])\n\tby " HOST
	  " (Postfix) with ESMTP" TAIL,
	  LOOPBACK },
	{ "re-injection over IPv6",
	  " from localhost (localhost [IPv6:::1])\n\tby " HOST
	  " (Postfix) with SMTP" TAIL,
	  LOOPBACK },
	{ "amavis",
	  " from " HOST " ([127.0.0.1])\n\tby localhost (" HOST
	  " [127.0.0.1]) (amavisd-new, port 10026)\n\twith ESMTP id x; x",
	  LOOPBACK },
	{ "another loopback address",
	  " from a (x [127.3.2.1]) by " HOST " (Postfix) with ESMTP id 1; x",
	  LOOPBACK },
	{ "3.7 from outside",
	  " from outs (unknown [203.0.113.10])\n\tby " HOST
	  " (Postfix) with ESMTP" TAIL,
	  FOREIGN },
	{ "3.7 from outside, SMTPUTF8",
	  " from outs (unknown [203.0.113.10])\n\tby " HOST
	  " (Postfix) with UTF8SMTP" TAIL,
	  FOREIGN },
	{ "from outside with TLS",
	  " from outs (o.example [203.0.113.10])" TLS "\n\tby " HOST
	  " (Postfix) with ESMTPS" TAIL,
	  FOREIGN },
	{ "3.7 outside, HELO localhost",
	  " from localhost (unknown [203.0.113.10])\n\tby " HOST
	  " (Postfix) with ESMTP" TAIL,
	  FOREIGN },
	{ "3.7 outside, HELO [127.0.0.1]",
	  " from [127.0.0.1] (unknown [203.0.113.10])\n\tby " HOST
	  " (Postfix) with ESMTP" TAIL,
	  FOREIGN },
	{ "3.7 outside, HELO of this host",
	  " from " HOST " (unknown [203.0.113.10])\n\tby " HOST
	  " (Postfix) with ESMTP" TAIL,
	  FOREIGN },
	{ "3.7 outside, HELO \"by\"",
	  " from by (unknown [203.0.113.10])\n\tby " HOST
	  " (Postfix) with ESMTP" TAIL,
	  FOREIGN },
	{ "3.7 outside, HELO a whole clause",
	  " from a??localhost?[127.0.0.1]??by?mx.home.example??Postfix??with?"
	  "ESMTPA?id?1 (unknown [203.0.113.10])\n\tby " HOST
	  " (Postfix) with ESMTP" TAIL,
	  FOREIGN },
	{ "Dovecot's LMTP",
	  " from " HOST "\n\tby " HOST " with LMTP\n\tid x\n\t(envelope-from "
	  "<a@b>)\n\tfor <bob@home.example>; x",
	  FOREIGN },

	/* other hosts */
	{ "another host's authenticated session",
	  " from a (b [192.0.2.1]) by mx.other.example (Postfix) with ESMTPSA "
	  "id 1; x",
	  FOREIGN },
	{ "another host's sendmail",
	  " by mx.other.example (Postfix, from userid 0) id 1; x", FOREIGN },
	{ "another host, hidden", " by mx.other.example (Postfix) id 1; x",
	  FOREIGN },
	{ "another host's loopback",
	  " from localhost (localhost [127.0.0.1]) by mx.other.example "
	  "(Postfix) with ESMTP id 1; x",
	  FOREIGN },
	{ "our name is only the beginning",
	  " from a (b [192.0.2.1]) by " HOST ".evil.example with ESMTPA id 1",
	  FOREIGN },
	{ "our name is only the end",
	  " by evil." HOST " (Postfix, from userid 0) id 1; x", FOREIGN },
	{ "webmail",
	  " from [203.0.113.5]\n\tby mail.home.example with HTTP (HTTP/1.1 "
	  "POST); x",
	  FOREIGN },
	{ "qmail", " (qmail 123 invoked by uid 0); 1 Jan 2026", FOREIGN },
	{ "exim", " from a by " HOST " with local (Exim 4.96) id 1; x",
	  FOREIGN },

	/* hostile: one clause posing as another */
	{ "clauses inside a comment",
	  " from x (unknown [203.0.113.66] (by " HOST
	  " with ESMTPA)) by mx.other.example with ESMTP id 1; x",
	  FOREIGN },
	{ "by inside a comment, ours outside with plain ESMTP",
	  " from x (u [203.0.113.66]) (by " HOST " with ESMTPSA) by " HOST
	  " (Postfix) with ESMTP id 1; x",
	  FOREIGN },
	{ "by inside a quoted string",
	  " from \"x by " HOST " with ESMTPA\" (u [203.0.113.66]) by " HOST
	  " (Postfix) with ESMTP id 1",
	  FOREIGN },
	{ "escaped parenthesis in a comment",
	  " from x (u \\) by " HOST " with ESMTPA id 1 ([203.0.113.66])) by "
	  "mx.other.example with ESMTP",
	  FOREIGN },
	{ "comment without end",
	  " from x (u [203.0.113.66] by " HOST " with ESMTPA id 1", FOREIGN },
	{ "closing without opening", " from x ) by " HOST " with ESMTPA id 1",
	  FOREIGN },
	{ "quoted string without end",
	  " from x (\") by " HOST " with \"ESMTPA id 1", FOREIGN },
	{ "two by clauses, foreign first",
	  " from x (u [203.0.113.66]) by mx.other.example by " HOST
	  " with ESMTPA id 1",
	  FOREIGN },
	{ "from clause without by",
	  " from x (u [203.0.113.66]) with ESMTPA id 1 by " HOST, FOREIGN },
	{ "another word in the place of by",
	  " from x (u [203.0.113.66]) via " HOST " with ESMTPA id 1", FOREIGN },
	{ "by stands first, no comment", " by " HOST " id 1; x", FOREIGN },
	{ "by without client but with a protocol",
	  " by " HOST " (Postfix) with ESMTP id 1; x", FOREIGN },
	{ "by without client claims ESMTPA",
	  " by " HOST " (Postfix) with ESMTPA id 1; x", FOREIGN },
	{ "userid not at the end of the comment",
	  " by " HOST " (Postfix, from userid 0 or so) with X; x", FOREIGN },
	{ "userid without a number",
	  " by " HOST " (Postfix, from userid ) with X; x", FOREIGN },
	{ "userid in a second comment",
	  " by " HOST " (X) (Postfix, from userid 0) with X; x", FOREIGN },
	{ "loopback address not last in its comment",
	  " from x ([127.0.0.1] [203.0.113.66]) by " HOST " with ESMTP id 1",
	  FOREIGN },
	{ "loopback address in the second comment",
	  " from x (u [203.0.113.66]) (localhost [127.0.0.1]) by " HOST
	  " with ESMTP id 1",
	  FOREIGN },
	{ "loopback name, no address",
	  " from localhost (localhost) by " HOST " with ESMTP id 1", FOREIGN },
	{ "no comment at all", " from localhost by " HOST " with ESMTP id 1",
	  FOREIGN },
	{ "address without brackets",
	  " from x (127.0.0.1) by " HOST " with ESMTP id 1", FOREIGN },
	{ "unreadable address",
	  " from x (y [127.0.0.256]) by " HOST " with ESMTP id 1", FOREIGN },
	{ "mapped loopback is loopback",
	  " from x (y [IPv6:::ffff:127.0.0.1]) by " HOST " with ESMTP id 1",
	  LOOPBACK },
	{ "handed to localhost by an outsider",
	  " from x (y [203.0.113.66]) by localhost with ESMTP id 1", FOREIGN },
	{ "protocol is only the beginning",
	  " from x (y [203.0.113.66]) by " HOST " with ESMTPAX id 1", FOREIGN },
	{ "protocol in quotes",
	  " from x (y [203.0.113.66]) by " HOST " with \"ESMTPA\" id 1",
	  FOREIGN },
	{ "semicolon before the protocol",
	  " from x (y [203.0.113.66]) by " HOST "; with ESMTPA id 1", FOREIGN },
	{ "empty", "", FOREIGN },
	{ "blank", " \n\t ", FOREIGN },
	{ "only from", " from", FOREIGN },
	{ "only by", " by", FOREIGN },

	/* spelling that is the same */
	{ "case and final dot",
	  " FROM x (y [203.0.113.66]) BY MX.Home.EXAMPLE. (Postfix) WITH "
	  "esmtpsa ID 1",
	  AUTHENTICATED },
	{ "CRLF folds",
	  " from x (y [203.0.113.66])\r\n\tby " HOST " (Postfix)\r\n\twith "
	  "ESMTPA id 1",
	  AUTHENTICATED },
};

static void test_table(void **state)
{
	struct sceau_slice host = sceau_slice_of(HOST);

	(void)state;
	assert_true(sizeof(cases) / sizeof(cases[0]) >= 40);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum sceau_received_kind got = sceau_received_judge(
			sceau_slice_of(cases[i].value), host);

		if (got != cases[i].want)
			fail_msg("%s: got %s, want %s", cases[i].what,
			         sceau_received_kind_name(got),
			         sceau_received_kind_name(cases[i].want));
	}
}

/* The name of the host is compared whole; a nameless host owns no line. */
static void test_host(void **state)
{
	struct sceau_slice value = sceau_slice_of(cases[0].value);

	(void)state;
	assert_int_equal(
		sceau_received_judge(value, sceau_slice_of("MX.home.example.")),
		AUTHENTICATED);
	assert_int_equal(
		sceau_received_judge(value, sceau_slice_of("home.example")),
		FOREIGN);
	assert_int_equal(sceau_received_judge(value, sceau_slice_of("")),
	                 FOREIGN);
	assert_int_equal(
		sceau_received_judge(
			sceau_slice_of(" by . (Postfix, from userid 0) id 1"),
			sceau_slice_of(".")),
		FOREIGN);
}

/* A byte less at the end never makes a foreign line ours. */
static void test_cut_lines(void **state)
{
	struct sceau_slice host = sceau_slice_of(HOST);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].value);

		for (size_t n = 0; n < len && cases[i].want == FOREIGN; n++) {
			char *cut = malloc(n + 1);
			struct sceau_slice value = { cut, n };

			assert_non_null(cut);
			memcpy(cut, cases[i].value, n);
			enum sceau_received_kind got = sceau_received_judge(
				value, host);
			free(cut);
			/* "with ESMTPAX" cut after the A is the one that
			   turns, as it should. */
			if (got != FOREIGN &&
			    strstr(cases[i].value, "ESMTPAX") == NULL)
				fail_msg("%s cut at %zu", cases[i].what, n);
		}
	}
}

static const struct {
	const char *what;
	const char *lines[4]; /* "Name: value" less the name, NULL ends */
	const char *other; /* a further field's name */
	bool want;
} mails[] = {
	{ "no Received at all", { NULL }, NULL, true },
	{ "sendmail",
	  { " by " HOST " (Postfix, from userid 33) id 1; x" },
	  NULL,
	  true },
	{ "submission, then a content filter",
	  { " from " HOST " ([127.0.0.1]) by localhost (" HOST
	    " [127.0.0.1]) (amavisd-new, port 10026) with ESMTP id x; x",
	    " from laptop (u [203.0.113.10]) by " HOST
	    " (Postfix) with ESMTPSA id 1; x" },
	  NULL,
	  true },
	{ "outside, through the content filter",
	  { " from " HOST " ([127.0.0.1]) by localhost (" HOST
	    " [127.0.0.1]) (amavisd-new, port 10024) with ESMTP id x; x",
	    " from evil (u [203.0.113.66]) by " HOST
	    " (Postfix) with ESMTP id 1; x" },
	  NULL,
	  false },
	{ "outside, above a forged line of ours",
	  { " from evil (u [203.0.113.66]) by " HOST
	    " (Postfix) with ESMTP id 1; x",
	    " from laptop (u [203.0.113.10]) by " HOST
	    " (Postfix) with ESMTPSA id 1; x" },
	  NULL,
	  false },
	{ "ours above one from elsewhere",
	  { " by " HOST " (Postfix, from userid 33) id 1; x",
	    " from a (b [192.0.2.1]) by mx.other.example with ESMTPA id 1" },
	  NULL,
	  false },
	{ "Sieve redirect of a mail without Received",
	  { NULL },
	  "X-Sieve-Redirected-From",
	  false },
	{ "vacation", { NULL }, "X-Sieve", true },
};

static void test_mails(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
		struct sceau_header header;
		size_t n = 0;

		sceau_header_init(&header, 10, 10000);
		for (; n < 4 && mails[i].lines[n] != NULL; n++)
			assert_int_equal(
				sceau_header_add(
					&header, sceau_slice_of("received"),
					sceau_slice_of(mails[i].lines[n]),
					NULL),
				0);
		if (mails[i].other != NULL)
			assert_int_equal(
				sceau_header_add(
					&header, sceau_slice_of(mails[i].other),
					sceau_slice_of(" bob@home.example"),
					NULL),
				0);
		bool got = sceau_received_began_here(&header,
		                                     sceau_slice_of(HOST));
		if (got != mails[i].want)
			fail_msg("%s: got %d", mails[i].what, got);
		sceau_header_deinit(&header);
	}
}

/* What Postfix, Exim and Sendmail write; the client chose HELO, not the
   address. */
static const struct {
	const char *value;
	const char *want_ip; /* NULL: cannot be read */
	const char *want_helo;
} clients[] = {
	{ " from mx.far.example (mail.far.example [203.0.113.10])\n\tby "
	  "backup.home.example (Postfix) with ESMTP id 1; x",
	  "203.0.113.10", "mx.far.example" },
	{ " from [192.0.2.99] (unknown [203.0.113.10]) by b; x", "203.0.113.10",
	  "[192.0.2.99]" },
	{ " from by (unknown [IPv6:2001:db8::25]) by b; x", "2001:db8::25",
	  "by" },
	{ " from far.example (mail.far.example. [203.0.113.10] (may be "
	  "forged)) "
	  "by b; x",
	  "203.0.113.10", "far.example" },
	{ " from mail.far.example ([203.0.113.10] helo=mx.far.example)\n\tby b "
	  "with esmtp (Exim 4.96); x",
	  "203.0.113.10", "mx.far.example" },
	{ " from mail.far.example ([203.0.113.10] helo=[192.0.2.99]) by b; x",
	  "203.0.113.10", "[192.0.2.99]" },
	{ " from mail.far.example ([203.0.113.10]:2525 helo=h) by b; x",
	  "203.0.113.10", "h" },
	{ " from [203.0.113.10] (helo=mx.far.example) by b; x", "203.0.113.10",
	  "mx.far.example" },
	{ " from [203.0.113.10] by b; x", "203.0.113.10", "" },
	{ " from h (n [::ffff:203.0.113.10]) by b; x", NULL, NULL },
	{ " from h (n [IPv6:::ffff:203.0.113.10]) by b; x", "203.0.113.10",
	  "h" },
	{ " from [192.0.2.99] (unknown [unknown]) by b; x", NULL, NULL },
	{ " from [192.0.2.99]x by b; x", NULL, NULL },
	{ " from h (n [203.0.113.10) by b; x", NULL, NULL },
	{ " from h (n) (n [203.0.113.10]) by b; x", NULL, NULL },
	{ " from h by b (n [203.0.113.10]); x", NULL, NULL },
	{ " from \"h\" (n [203.0.113.10]) by b; x", NULL, NULL },
	{ " by b (Postfix, from userid 0) id 1; x", NULL, NULL },
	{ " from", NULL, NULL },
	{ "", NULL, NULL },
};

static void test_clients(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
		struct sceau_slice helo = sceau_slice_of("untouched");
		struct sceau_ip ip = { .len = 0 };
		char text[SCEAU_IP_TEXT_MAX] = "";
		bool got = sceau_received_client(
			sceau_slice_of(clients[i].value), &ip, &helo);

		if (got != (clients[i].want_ip != NULL))
			fail_msg("%s: got %d", clients[i].value, got);
		if (!got) {
			assert_true(sceau_slice_is(helo, "untouched"));
			assert_int_equal(ip.len, 0);
			continue;
		}
		sceau_ip_print(&ip, text);
		assert_string_equal(text, clients[i].want_ip);
		if (!sceau_slice_is(helo, clients[i].want_helo))
			fail_msg("%s: got HELO %.*s", clients[i].value,
			         (int)helo.len, helo.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clients),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_cut_lines),
		cmocka_unit_test(test_mails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
