/* test_spf_result.c - the words of RFC 7208 2.6
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/spf_result.h"

static const struct {
	enum sceau_spf_code code;
	const char *word;
} words[] = {
	{ SCEAU_SPF_NONE, "none" },
	{ SCEAU_SPF_NEUTRAL, "neutral" },
	{ SCEAU_SPF_PASS, "pass" },
	{ SCEAU_SPF_FAIL, "fail" },
	{ SCEAU_SPF_SOFTFAIL, "softfail" },
	{ SCEAU_SPF_TEMPERROR, "temperror" },
	{ SCEAU_SPF_PERMERROR, "permerror" },
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		enum sceau_spf_code code = SCEAU_SPF_NONE;

		assert_string_equal(sceau_spf_code_name(words[i].code),
		                    words[i].word);
		assert_int_equal(sceau_spf_code_parse(
					 sceau_slice_of(words[i].word), &code),
		                 0);
		assert_int_equal(code, words[i].code);
	}
}

static void test_other_words(void **state)
{
	static const char *const others[] = { "",      "Pass",    "pas",
		                              "passx", "unknown", "error" };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		enum sceau_spf_code code = SCEAU_SPF_FAIL;

		assert_int_equal(
			sceau_spf_code_parse(sceau_slice_of(others[i]), &code),
			-1);
		assert_int_equal(code, SCEAU_SPF_FAIL);
	}
	assert_string_equal(sceau_spf_code_name((enum sceau_spf_code)99),
	                    "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_other_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
