/* test_received_hide.c - what Postfix wrote of a submission, without its client
 *
 * The forms are those of Postfix 3.7 (smtpd.c, pickup.c).
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
#include "mail/received_hide.h"

#define DATE "Mon, 23 Nov 2026 06:00:00 +0100 (CET)"
#define SESSION(id)                                                            \
	" from mx.home.example\n\tby mx.home.example (Postfix) with ESMTPSA "  \
	"id " id ";\n\t" DATE

static const struct {
	const char *what;
	const char *value;
	enum sceau_received_hide_verdict want;
	const char *text;
} cases[] = {
	{ "submission over TLS",
	  " from [192.168.7.7] (laptop.isp.example [192.0.2.77])\n"
	  "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\n"
	  "\t key-exchange X25519 server-signature RSA-PSS (2048 bits))\n"
	  "\t(No client certificate requested)\n"
	  "\t(Authenticated sender: alice@home.example)\n"
	  "\tby mx.home.example (Postfix) with ESMTPSA id 4CpL1234Z\n"
	  "\tfor <zoe@far.example>; " DATE,
	  SCEAU_RECEIVED_HIDE_NEW, SESSION("4CpL1234Z") },
	{ "without TLS, several recipients",
	  " from pc (unknown [2001:db8::7]) by mx.home.example (Postfix) with "
	  "ESMTPA id 1; " DATE,
	  SCEAU_RECEIVED_HIDE_NEW,
	  " from mx.home.example\n\tby mx.home.example (Postfix) with ESMTPA "
	  "id 1;\n\t" DATE },
	{ "a HELO that is a clause",
	  " from by (by [192.0.2.77]) by mx.home.example (Postfix) with "
	  "ESMTPSA id 9F; " DATE,
	  SCEAU_RECEIVED_HIDE_NEW, SESSION("9F") },
	{ "sendmail(1): no user's number",
	  " by mx.home.example (Postfix, from userid 1000)\n\tid ABC; " DATE,
	  SCEAU_RECEIVED_HIDE_NEW,
	  " by mx.home.example (Postfix) id ABC;\n\t" DATE },
	{ "hidden already",
	  " by mx.home.example (Postfix) id ABC\n\tfor <z@x.example>; " DATE,
	  SCEAU_RECEIVED_HIDE_SAME, "" },
	{ "a content filter",
	  " from localhost (localhost [127.0.0.1]) by mx.home.example "
	  "(amavisd-new, port 10026) with ESMTP id x-1; " DATE,
	  SCEAU_RECEIVED_HIDE_SAME, "" },
	{ "written by the client",
	  " from pc (pc.lan [192.168.7.7]) by laptop.lan with ESMTPSA id "
	  "1; " DATE,
	  SCEAU_RECEIVED_HIDE_DELETE, "" },
	{ "no id",
	  " from a (b [192.0.2.1]) by mx.home.example (Postfix) with "
	  "ESMTPSA; " DATE,
	  SCEAU_RECEIVED_HIDE_DELETE, "" },
	{ "no date",
	  " from a (b [192.0.2.1]) by mx.home.example with ESMTPSA id 1",
	  SCEAU_RECEIVED_HIDE_DELETE, "" },
	{ "empty date",
	  " from a (b [192.0.2.1]) by mx.home.example with ESMTPSA id 1; ",
	  SCEAU_RECEIVED_HIDE_DELETE, "" },
	{ "a clause twice",
	  " from a (b [192.0.2.1]) by mx.home.example with ESMTPSA id 1 id "
	  "2; " DATE,
	  SCEAU_RECEIVED_HIDE_DELETE, "" },
	{ "id with a quote",
	  " from a (b [192.0.2.1]) by mx.home.example with ESMTPSA id "
	  "a[1]; " DATE,
	  SCEAU_RECEIVED_HIDE_DELETE, "" },
	{ "8-bit date",
	  " from a (b [192.0.2.1]) by mx.home.example with ESMTPSA id 1; \xe4",
	  SCEAU_RECEIVED_HIDE_DELETE, "" },
	{ "empty", "", SCEAU_RECEIVED_HIDE_DELETE, "" },
};

static void test_table(void **state)
{
	struct sceau_slice host = sceau_slice_of("MX.home.example");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sceau_slice value = sceau_slice_of(cases[i].value);
		struct sceau_buf out;

		sceau_buf_init(&out, 1000);
		if (sceau_received_hide(value, host, &out) != cases[i].want ||
		    strcmp(sceau_buf_text(&out), cases[i].text) != 0)
			fail_msg("%s: got \"%s\"", cases[i].what,
			         sceau_buf_text(&out));
		/* the hop is still ours, and nothing is left to hide */
		if (cases[i].want == SCEAU_RECEIVED_HIDE_NEW) {
			struct sceau_slice hidden = { out.data, out.used };

			assert_int_not_equal(sceau_received_judge(hidden, host),
			                     SCEAU_RECEIVED_FOREIGN);
		}
		sceau_buf_deinit(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
