/* test_token.c - words of structured fields
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

#include "mail/token.h"

/* want: one letter a token (Word, Quoted, Comment, Literal, Special, Broken),
   '_' before it if it is spaced, then the text in {}. */
static const struct {
	const char *text;
	const char *specials;
	const char *want;
} cases[] = {
	{ "", "", "" },
	{ " \t\r\n", "", "" },
	{ "abc", "", "W{abc}" },
	{ " a b\n\tc", "", "_W{a}_W{b}_W{c}" },
	{ "a(b)c", "", "W{a}C{b}W{c}" },
	{ "(a(b(c))d)e", "", "C{a(b(c))d}W{e}" },
	{ "(a\\)b)c", "", "C{a\\)b}W{c}" },
	{ "(a\\\\)c", "", "C{a\\\\}W{c}" },
	{ "(\"a)b\")", "", "C{\"a}W{b}B{\")}" /* no quotes in comments */ },
	{ "\"a b\"c", "", "Q{a b}W{c}" },
	{ "\"a(b\"c", "", "Q{a(b}W{c}" },
	{ "\"a\\\"b\"c", "", "Q{a\\\"b}W{c}" },
	{ "\"\"", "", "Q{}" },
	{ "a\"b\"", "", "W{a}Q{b}" },
	{ "a;b", ";", "W{a}S{;}W{b}" },
	{ "a;b", "", "W{a;b}" },
	{ "<a@b>", "<>@", "S{<}W{a}S{@}W{b}S{>}" },
	{ "[1]", "", "W{[1]}" },
	{ "a@[1.2]x", "@[", "W{a}S{@}L{1.2}W{x}" },
	{ "[a\\]b[c]", "[", "L{a\\]b[c}" },
	{ "\\", "", "W{\\}" },
	{ "\xc3\xa9\xff", "", "W{\xc3\xa9\xff}" },
	{ "(", "", "B{(}" },
	{ "a (b", "", "W{a}_B{(b}" },
	{ "((a)", "", "B{((a)}" },
	{ "(a\\)", "", "B{(a\\)}" },
	{ "(a\\", "", "B{(a\\}" },
	{ ")", "", "B{)}" },
	{ "a)b", "", "W{a}B{)b}" },
	{ "\"a", "", "B{\"a}" },
	{ "\"a\\\"", "", "B{\"a\\\"}" },
	{ "\"", "", "B{\"}" },
	{ "[a", "[", "B{[a}" },
	{ "]", "[", "W{]}" },
};

static void show(struct sceau_slice rest, const char *specials,
                 struct sceau_buf *out)
{
	static const char letters[] = "EWQCLSB";
	struct sceau_token token;

	while (sceau_token_next(&rest, specials, &token) != SCEAU_TOKEN_END) {
		sceau_buf_append_text(out, token.spaced ? "_" : "");
		sceau_buf_append(out, &letters[token.kind], 1);
		sceau_buf_append_text(out, "{");
		sceau_buf_append(out, token.text.data, token.text.len);
		sceau_buf_append_text(out, "}");
	}
	assert_int_equal(rest.len, 0);
}

static void test_table(void **state)
{
	struct sceau_buf got;

	(void)state;
	sceau_buf_init(&got, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sceau_buf_clear(&got);
		show(sceau_slice_of(cases[i].text), cases[i].specials, &got);
		if (strcmp(sceau_buf_text(&got), cases[i].want) != 0)
			fail_msg("%s: got %s", cases[i].text,
			         sceau_buf_text(&got));
	}
	sceau_buf_deinit(&got);
}

static void test_nul_is_broken(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *want;
	} nul[] = {
		{ "a\0b", 3, "W{a}B{" },       { "(a\0b)", 5, "B{(a" },
		{ "\"a\0b\"", 5, "B{\"a" },    { "(a\\\0)", 5, "B{(a\\" },
		{ "\"a\\\0\"", 5, "B{\"a\\" },
	};
	struct sceau_buf got;

	(void)state;
	sceau_buf_init(&got, 1000);
	for (size_t i = 0; i < sizeof(nul) / sizeof(nul[0]); i++) {
		struct sceau_slice text = { nul[i].text, nul[i].len };

		sceau_buf_clear(&got);
		show(text, "", &got);
		/* The text of a broken token holds the NUL itself. */
		assert_string_equal(sceau_buf_text(&got), nul[i].want);
	}
	sceau_buf_deinit(&got);
}

static void test_no_data_at_all(void **state)
{
	struct sceau_slice rest = { NULL, 0 };
	struct sceau_token token;
	char c;

	(void)state;
	assert_int_equal(sceau_token_next(&rest, ";", &token), SCEAU_TOKEN_END);
	assert_int_equal(sceau_token_next_word(&rest, ";", &token),
	                 SCEAU_TOKEN_END);
	assert_false(sceau_token_unquote_next(&rest, &c));
}

static void test_comments_passed_over(void **state)
{
	struct sceau_slice rest = sceau_slice_of("a(b)(c)d e");
	struct sceau_token token;

	(void)state;
	assert_int_equal(sceau_token_next_word(&rest, "", &token),
	                 SCEAU_TOKEN_WORD);
	assert_false(token.spaced);
	assert_int_equal(sceau_token_next_word(&rest, "", &token),
	                 SCEAU_TOKEN_WORD);
	assert_true(sceau_slice_is(token.text, "d"));
	assert_true(token.spaced);
	assert_int_equal(sceau_token_next_word(&rest, "", &token),
	                 SCEAU_TOKEN_WORD);
	assert_int_equal(sceau_token_next_word(&rest, "", &token),
	                 SCEAU_TOKEN_END);
}

static void test_unquote(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" },           { "a b", "a b" },   { "a\\\"b", "a\"b" },
		{ "a\\\\b", "a\\b" }, { "a\\b", "ab" },   { "a\\", "a\\" },
		{ "a\r\n b", "a b" }, { "a\\\nb", "ab" },
	};
	struct sceau_buf out;

	(void)state;
	sceau_buf_init(&out, 10);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sceau_buf_clear(&out);
		assert_int_equal(
			sceau_token_unquote(sceau_slice_of(rows[i][0]), &out),
			0);
		assert_string_equal(sceau_buf_text(&out), rows[i][1]);
	}
	assert_int_equal(
		sceau_token_unquote(sceau_slice_of("12345678901"), &out), -1);
	sceau_buf_deinit(&out);
}

/* 2 MB of the worst text; quadratic time would run into the time limit, and
   recursion into the end of the stack. */
static void test_hostile_depth(void **state)
{
	static const char *const parts[] = { "(",  "()", "(\\", "\"\"",
		                             "\\", "[",  ")" };
	size_t size = 2000000;
	char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct sceau_slice rest = { text, size };
		struct sceau_token token;

		for (size_t k = 0; k < size; k++)
			text[k] = parts[i][k % strlen(parts[i])];
		while (sceau_token_next_word(&rest, "[", &token) !=
		       SCEAU_TOKEN_END) {
		}
	}
	memset(text, '(', size / 2);
	memset(text + size / 2, ')', size / 2);
	struct sceau_slice rest = { text, size };
	struct sceau_token token;
	assert_int_equal(sceau_token_next(&rest, "", &token),
	                 SCEAU_TOKEN_COMMENT);
	assert_int_equal(token.text.len, size - 2);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_nul_is_broken),
		cmocka_unit_test(test_no_data_at_all),
		cmocka_unit_test(test_comments_passed_over),
		cmocka_unit_test(test_unquote),
		cmocka_unit_test(test_hostile_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
