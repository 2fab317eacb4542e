/* test_policy_reply.c - one clean, bounded line whatever the text holds
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "policy/policy_reply.h"

static const struct {
	const char *action;
	const char *text;
	const char *want;
} cases[] = {
	{ "DUNNO", NULL, "action=DUNNO\n\n" },
	{ "DUNNO", "", "action=DUNNO\n\n" },
	{ "450 4.7.1", "try again in 3h12m",
	  "action=450 4.7.1 try again in 3h12m\n\n" },
	{ "450 4.7.1", "two\nlines\r\n\n",
	  "action=450 4.7.1 two?lines???\n\n" },
	{ "450 4.7.1", "esc\x1b[0m \x7f tab\t",
	  "action=450 4.7.1 esc?[0m ? tab?\n\n" },
	{ "450 4.7.1", "\xc3\xa9t\xc3\xa9",
	  "action=450 4.7.1 \xc3\xa9t\xc3\xa9"
	  "\n\n" },
	{ "450 4.7.1", "cut \xc3", "action=450 4.7.1 cut ?\n\n" },
	{ "450 4.7.1", "\xff\xfe", "action=450 4.7.1 ??\n\n" },
	{ "450 4.7.1", "C1 \xc2\x85.", "action=450 4.7.1 C1 ??.\n\n" },
	{ "DEFER_IF_PERMIT", "x", "action=DEFER_IF_PERMIT x\n\n" },
};

static void test_table(void **state)
{
	char out[SCEAU_POLICY_REPLY_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = sceau_policy_reply_write(out, cases[i].action,
		                                    cases[i].text);

		if (strcmp(out, cases[i].want) != 0 || n != strlen(out))
			fail_msg("row %zu: got %zu \"%s\"", i, n, out);
	}
}

/* Texts of two-byte, three-byte and four-byte characters around the bound are
   cut between characters. */
static void test_cut_between_characters(void **state)
{
	static const char *const chars[] = { "x", "\xc3\xa9", "\xe2\x82\xac",
		                             "\xf0\x9f\x98\x80" };
	char out[SCEAU_POLICY_REPLY_SIZE], text[1024];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (size_t shift = 0; shift < 4; shift++) {
			memset(text, 'a', shift);
			text[shift] = '\0';
			for (size_t at = shift; at < 900;
			     at += strlen(chars[i]))
				memcpy(text + at, chars[i],
				       strlen(chars[i]) + 1);
			size_t n = sceau_policy_reply_write(out, "OK", text);
			size_t got = n - strlen("action=OK \n\n");

			assert_true(sceau_text_is_utf8(out, n));
			assert_null(strchr(out, '?'));
			assert_true(got <= SCEAU_POLICY_TEXT_MAX);
			assert_true(got > SCEAU_POLICY_TEXT_MAX - (i + 1));
			assert_memory_equal(out + n - 2, "\n\n", 2);
		}
	}
}

static void test_longest_reply_fits(void **state)
{
	char out[SCEAU_POLICY_REPLY_SIZE + 1];
	char action[SCEAU_POLICY_ACTION_MAX + 1], text[5000];

	(void)state;
	memset(action, 'A', sizeof(action) - 1);
	action[sizeof(action) - 1] = '\0';
	memset(text, 't', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	out[SCEAU_POLICY_REPLY_SIZE] = 'z';
	size_t n = sceau_policy_reply_write(out, action, text);
	assert_int_equal(n, 7 + SCEAU_POLICY_ACTION_MAX + 1 +
	                            SCEAU_POLICY_TEXT_MAX + 2);
	assert_int_equal(out[SCEAU_POLICY_REPLY_SIZE], 'z');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_cut_between_characters),
		cmocka_unit_test(test_longest_reply_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
