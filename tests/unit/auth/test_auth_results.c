/* test_auth_results.c - our id in every disguise, and others' ids
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

#include "auth/auth_results.h"
#include "base/buf.h"

#define ID "mx.home.example"

static const struct {
	const char *what;
	const char *value;
	bool want;
} cases[] = {
	/* RFC 8601 forms */
	{ "plain", " " ID "; spf=pass smtp.mailfrom=a", true },
	{ "no results", " " ID "; none", true },
	{ "with a version", " " ID " 1; spf=pass", true },
	{ "no blank", ID "; none", true },
	{ "case", " MX.Home.EXAMPLE; none", true },
	{ "final dot", " " ID ".; none", true },
	{ "comment before", " (hi) " ID "; none", true },
	{ "comments nested, fold", " (a(b)\n\tc)\r\n\t" ID " (d); none", true },
	{ "comment with a ;", " (a;b) " ID "; none", true },
	{ "comment between id and version", " " ID "(a)1(b);none", true },
	{ "quoted", " \"" ID "\"; none", true },
	{ "quoted pairs", " \"m\\x.home\\.example\"; none", true },
	{ "fold before", "\r\n\t" ID "\r\n\t; none", true },
	{ "no results at all", " " ID, true },
	{ "no results, version", " " ID " 1", true },

	/* what a lax reader may take for ours */
	{ "no ; after the id", " " ID " spf=pass", true },
	{ "comma", " " ID ", spf=pass", true },
	{ "version by slash", " " ID "/1; none", true },
	{ "with a port", " " ID ":25; none", true },
	{ "in brackets", " <" ID ">; none", true },
	{ "in brackets behind a comment", " (x) <" ID ">; none", true },
	{ "in square brackets", " [" ID "]; none", true },
	{ "torn by a fold", " mx.home.\n\texample; none", true },
	{ "torn by a comment", " mx.(x)home.example; none", true },
	{ "torn by quotes", " mx.\"home\".example; none", true },
	{ "torn, with a version", " mx. home.example 1; none", true },
	{ "torn, final dot", " mx. home.example.; none", true },
	{ "inside a comment at the front", " (" ID "; spf=pass) x; none",
	  true },
	{ "comment without end", " (" ID "; spf=pass", true },
	{ "other comment without end", " (x " ID "; spf=pass", true },
	{ "quotes without end", " \"" ID "; spf=pass", true },
	{ "closing without opening", " ) " ID "; spf=pass", true },
	{ "broken before the ;", " mx.other.example (x; none", true },
	{ "encoded word", " =?utf-8?q?mx=2Ehome=2Eexample?=; none", true },
	{ "full-width letters", " \xef\xbd\x8dx.home.example; none", true },
	{ "no id, ; first", " ; spf=pass", true },
	{ "no id, results first", " spf=pass smtp.mailfrom=a; dkim=pass",
	  true },
	{ "no id, blanks around =", " (x) spf (y) = pass", true },
	{ "empty", "", true },
	{ "blank", " \n\t", true },
	{ "only a comment",
	  " ("
	  "x"
	  ")",
	  true },

	/* others */
	{ "another host", " mx.other.example; spf=pass", false },
	{ "ours in a result", " mx.other.example; spf=pass smtp.helo=" ID,
	  false },
	{ "ours in a comment behind", " mx.other.example (" ID "); none",
	  false },
	{ "ours in a comment in front, not first", " (by " ID ") a.example; x",
	  false },
	{ "our parent", " home.example; none", false },
	{ "a child of ours", " a." ID "; none", false },
	{ "longer at the end", " " ID ".net; none", false },
	{ "longer at the end, digit", " " ID "2; none", false },
	{ "longer at the end, dash", " " ID "-b; none", false },
	{ "longer in front", " xmx.home.example; none", false },
	{ "shorter", " mx.home.exampl; none", false },
	{ "two words, Yahoo's old form", " mta1.example from=a; domainkeys=x",
	  false },
	{ "broken behind the ;", " mx.other.example; spf=pass (x", false },
	{ "quoted other", " \"mx.other.example\"; none", false },
	{ "8-bit in a result", " mx.other.example; spf=pass x=\xc3\xa9",
	  false },
	{ "another, with a version", " mx.other.example 1; none", false },
	{ "dots only", " ...; none", false },
	{ "longer, torn elsewhere", " mx.home.examplex y; none", false },
};

static void test_table(void **state)
{
	struct sceau_slice id = sceau_slice_of(ID);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool got = sceau_auth_results_is_ours(
			sceau_slice_of(cases[i].value), id);

		if (got != cases[i].want)
			fail_msg("%s: got %d", cases[i].what, got);
	}
}

/* The RFC's forms stay ours wherever a fold or a comment can stand. */
static void test_cfws_everywhere(void **state)
{
	static const char *const cfws[] = { " ",   "\n\t",  "\r\n ",
		                            "(c)", "(\\))", " (a (b)) ",
		                            "\t\t" };
	struct sceau_buf value;

	(void)state;
	sceau_buf_init(&value, 1000);
	for (size_t i = 0; i < sizeof(cfws) / sizeof(cfws[0]); i++) {
		for (size_t k = 0; k < sizeof(cfws) / sizeof(cfws[0]); k++) {
			sceau_buf_clear(&value);
			sceau_buf_appendf(&value, "%s" ID "%s1%s;none", cfws[i],
			                  cfws[k], cfws[i]);
			struct sceau_slice text = { value.data, value.used };
			assert_true(sceau_auth_results_is_ours(
				text, sceau_slice_of(ID)));
			assert_false(sceau_auth_results_is_ours(
				text, sceau_slice_of("mx.other.example")));
		}
	}
	sceau_buf_deinit(&value);
}

static void test_id(void **state)
{
	struct sceau_slice other = sceau_slice_of(" mx.other.example; none");
	struct sceau_slice ours = sceau_slice_of(" " ID "; none");

	(void)state;
	assert_true(sceau_auth_results_is_ours(other, sceau_slice_of("")));
	assert_true(sceau_auth_results_is_ours(other, sceau_slice_of(".")));
	assert_true(sceau_auth_results_is_ours(ours, sceau_slice_of(ID ".")));
	assert_true(sceau_auth_results_is_ours(sceau_slice_of(" mx; none"),
	                                       sceau_slice_of("MX")));
	assert_false(sceau_auth_results_is_ours(ours, sceau_slice_of("mx")));
}

static void test_what_can_be_an_id(void **state)
{
	static const char *const bad[] = { "",      "bad id; x",
		                           "a;b",   "a b",
		                           "\"a\"", "a(b)",
		                           "a/b",   "m\xc3\xa9.example" };
	char long_id[257];

	(void)state;
	assert_true(sceau_auth_results_is_id(sceau_slice_of("mx.a_b-c.1")));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (sceau_auth_results_is_id(sceau_slice_of(bad[i])))
			fail_msg("\"%s\" was taken for an id", bad[i]);
	}
	memset(long_id, 'a', 256);
	assert_false(
		sceau_auth_results_is_id((struct sceau_slice){ long_id, 256 }));
	assert_true(
		sceau_auth_results_is_id((struct sceau_slice){ long_id, 255 }));
}

static void test_nul(void **state)
{
	struct sceau_slice inside = { " mx\0.home.example; none", 22 };
	struct sceau_slice behind = { " mx.other.example; \0", 20 };

	(void)state;
	assert_true(sceau_auth_results_is_ours(inside, sceau_slice_of(ID)));
	assert_false(sceau_auth_results_is_ours(behind, sceau_slice_of(ID)));
}

/* 1 MB fields: found behind any amount of comments, and in linear time. */
static void test_hostile_sizes(void **state)
{
	static const char *const parts[] = { "(x)", "((", "\n ",
		                             "a ",  "\"", "()\n\t" };
	size_t size = 1000000;
	char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		for (size_t k = 0; k < size; k++)
			text[k] = parts[i][k % strlen(parts[i])];
		size_t len = sizeof(ID) - 1;
		text[size - len - 2] = ' ';
		memcpy(text + size - len - 1, ID ";", len + 1);
		struct sceau_slice value = { text, size };
		bool got = sceau_auth_results_is_ours(value,
		                                      sceau_slice_of(ID));
		/* Behind other words it is not the id. */
		if (got != (strcmp(parts[i], "a ") != 0))
			fail_msg("%s: got %d", parts[i], got);
	}
	free(text);
}

static void test_strip(void **state)
{
	static const char *const fields[][2] = {
		{ "Authentication-Results", " " ID "; spf=pass" },
		{ "Received", " x" },
		{ "authentication-results", " mx.other.example; none" },
		{ "AUTHENTICATION-RESULTS", "\n\t("
		                            "x)" ID " 1; dkim=pass" },
		{ "ARC-Authentication-Results", " i=1; " ID "; none" },
		{ "X-Authentication-Results", " " ID "; none" },
		{ "Authentication-Results", " " ID "; dmarc=pass" },
	};
	static const bool gone[] = { true,  false, false, true,
		                     false, false, true };
	size_t count = sizeof(fields) / sizeof(fields[0]);
	struct sceau_header header;

	(void)state;
	sceau_header_init(&header, 100, 10000);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(
			sceau_header_add(&header, sceau_slice_of(fields[i][0]),
		                         sceau_slice_of(fields[i][1]), NULL),
			0);
	assert_int_equal(sceau_auth_results_strip(&header, sceau_slice_of(ID)),
	                 3);
	assert_int_equal(sceau_auth_results_strip(&header, sceau_slice_of(ID)),
	                 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(sceau_header_get(&header, i).deleted, gone[i]);
	sceau_header_deinit(&header);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_cfws_everywhere),
		cmocka_unit_test(test_id),
		cmocka_unit_test(test_what_can_be_an_id),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_hostile_sizes),
		cmocka_unit_test(test_strip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
