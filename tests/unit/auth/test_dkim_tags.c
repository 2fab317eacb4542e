/* test_dkim_tags.c - tag lists by RFC 6376 3.2, and what is none
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

#include "auth/dkim_tags.h"

static const struct {
	const char *text;
	bool want;
	const char *value_of_a; /* NULL: no such tag */
} lists[] = {
	{ "a=1", true, "1" },
	{ "a=1;", true, "1" },
	{ " a = 1 ; \r\n\t", true, "1" },
	{ "v=x; a=1 2\r\n 3; b=", true, "1 2\r\n 3" },
	{ "\n\ta\n =\n 1\n ;\n b=2", true, "1" },
	{ "a=", true, "" },
	{ "a=b=c", true, "b=c" },
	{ "A=1", true, NULL }, /* names are case-sensitive */
	{ "a_b1=1; a=2", true, "2" },
	{ "a=\xc3\xa9", true, "\xc3\xa9" },
	{ "", false, NULL },
	{ ";", false, NULL },
	{ "a=1;;b=2", false, "1" },
	{ "a=1;;", false, "1" },
	{ "a", false, NULL },
	{ "a=1; b", false, "1" },
	{ "=1", false, NULL },
	{ "1a=1", false, NULL },
	{ "a b=1", false, NULL },
	{ "a-b=1", false, NULL },
	{ "a=1; a=1", false, "1" }, /* twice: invalid as a whole */
	{ "a=1\\; b=2", true, "1\\" },
	{ "a=\x01", false, NULL },
	{ "a=\x7f", false, NULL },
};

static void test_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct sceau_dkim_tag *tag;
		struct sceau_dkim_tags tags;

		bool got = sceau_dkim_tags_read(sceau_slice_of(lists[i].text),
		                                &tags);
		if (got != lists[i].want)
			fail_msg("\"%s\": got %d", lists[i].text, got);
		tag = sceau_dkim_tags_find(&tags, "a");
		if ((tag != NULL) != (lists[i].value_of_a != NULL) ||
		    (tag != NULL &&
		     !sceau_slice_is(tag->value, lists[i].value_of_a)))
			fail_msg("\"%s\": wrong a=", lists[i].text);
	}
}

static void test_bound_and_nul(void **state)
{
	struct sceau_dkim_tags tags;
	char text[2000] = "";

	(void)state;
	for (int i = 0; i < SCEAU_DKIM_TAGS_MAX; i++)
		(void)snprintf(text + strlen(text), 20, "t%d=1;", i);
	assert_true(sceau_dkim_tags_read(sceau_slice_of(text), &tags));
	assert_int_equal(tags.count, SCEAU_DKIM_TAGS_MAX);
	(void)snprintf(text + strlen(text), 20, "more=1");
	assert_false(sceau_dkim_tags_read(sceau_slice_of(text), &tags));
	assert_false(
		sceau_dkim_tags_read((struct sceau_slice){ "a=\0", 3 }, &tags));
	assert_false(
		sceau_dkim_tags_read((struct sceau_slice){ NULL, 0 }, &tags));
}

static void test_elements(void **state)
{
	struct sceau_slice rest = sceau_slice_of(" from : To:\n\t:x "), word;
	static const char *const want[] = { "from", "To", "", "x" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_true(sceau_dkim_tags_next_element(&rest, &word));
		assert_true(sceau_slice_is(word, want[i]));
	}
	assert_false(sceau_dkim_tags_next_element(&rest, &word));
	assert_true(sceau_dkim_tags_has_element(sceau_slice_of("y : s"), "s"));
	assert_false(sceau_dkim_tags_has_element(sceau_slice_of("ys"), "s"));
	assert_false(sceau_dkim_tags_has_element(sceau_slice_of(""), "s"));
}

static const struct {
	const char *text;
	const char *want; /* NULL: none */
} base64[] = {
	{ "aGVsbG8=", "hello" },
	{ "aGVsbG8", "hello" },
	{ "aGVs\r\n\tbG8 =", "hello" },
	{ "aGVsbG9v", "helloo" },
	{ "aGVsbA==", "hell" },
	{ "aGVsbA=", "hell" },
	{ "", NULL },
	{ "=", NULL },
	{ "aGVs=bG8=", NULL },
	{ "aGVsbG8===", NULL },
	{ "aGVsb*8=", NULL },
	{ "a", NULL },
};

static void test_base64(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(base64) / sizeof(base64[0]); i++) {
		struct sceau_buf out;

		sceau_buf_init(&out, 100);
		bool got = sceau_dkim_tags_base64(
			sceau_slice_of(base64[i].text), &out);
		if (got != (base64[i].want != NULL) ||
		    (got && strcmp(sceau_buf_text(&out), base64[i].want) != 0))
			fail_msg("\"%s\": got %d \"%s\"", base64[i].text, got,
			         sceau_buf_text(&out));
		sceau_buf_deinit(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_bound_and_nul),
		cmocka_unit_test(test_elements),
		cmocka_unit_test(test_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
