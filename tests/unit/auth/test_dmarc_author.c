/* test_dmarc_author.c - one From field with one domain, and all the others
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "auth/dmarc.h"

/* From fields with LF between them; ";" between the wanted domains. RFC 9989
   5.3.1: zero or more than one domain is no author; RFC 5322 3.6.2: one From
   field, of one or more mailboxes. */
static const struct {
	const char *fields;
	enum sceau_dmarc_author_status want;
	const char *want_domains;
} rows[] = {
	{ "a@example.com", SCEAU_DMARC_AUTHOR_ONE, "example.com;" },
	{ "\"CEO <ceo@bank.example>\" <a@Evil.NET>", SCEAU_DMARC_AUTHOR_ONE,
	  "evil.net;" },
	{ "ceo@bank.example <a@evil.net>", SCEAU_DMARC_AUTHOR_ONE,
	  "evil.net;" },
	{ "a@example.com, b@EXAMPLE.com", SCEAU_DMARC_AUTHOR_ONE,
	  "example.com;" },
	{ "a@example.com, b@example.net", SCEAU_DMARC_AUTHOR_MANY,
	  "example.com;example.net;" },
	{ "team: a@example.com, b@example.com;", SCEAU_DMARC_AUTHOR_ONE,
	  "example.com;" },
	{ "team: a@example.com;, b@example.net", SCEAU_DMARC_AUTHOR_MANY,
	  "example.com;example.net;" },
	{ "a@b\xc3\xbc"
	  "cher.example",
	  SCEAU_DMARC_AUTHOR_ONE,
	  "b\xc3\xbc"
	  "cher.example;" },
	{ NULL, SCEAU_DMARC_AUTHOR_NO_FROM, "" },
	{ "", SCEAU_DMARC_AUTHOR_ODD, "" },
	{ "nobody", SCEAU_DMARC_AUTHOR_ODD, "" },
	{ "undisclosed:;", SCEAU_DMARC_AUTHOR_ODD, "" },
	{ "<>", SCEAU_DMARC_AUTHOR_ODD, "" },
	{ "root, a@example.com", SCEAU_DMARC_AUTHOR_ODD, "example.com;" },
	{ "a@example.com b@example.net c", SCEAU_DMARC_AUTHOR_ODD, "" },
	{ "a@example.com, (", SCEAU_DMARC_AUTHOR_ODD, "example.com;" },
	{ "a@example.com\na@example.com", SCEAU_DMARC_AUTHOR_MANY_FROM,
	  "example.com;" },
	{ "a@evil.net\nceo@bank.example", SCEAU_DMARC_AUTHOR_MANY_FROM,
	  "evil.net;bank.example;" },
	{ "a@evil.net\nnobody", SCEAU_DMARC_AUTHOR_MANY_FROM, "evil.net;" },
	{ "a@[192.0.2.1]", SCEAU_DMARC_AUTHOR_ONE, "[192.0.2.1];" },
	{ "a@a.example,a@b.example,a@c.example,a@d.example,a@e.example",
	  SCEAU_DMARC_AUTHOR_MANY,
	  "a.example;b.example;c.example;d.example;+" },
};

static void fill(struct sceau_header *header, const char *fields)
{
	struct sceau_slice rest = sceau_slice_of(fields);

	sceau_header_init(header, 100, 10000);
	(void)sceau_header_add(header, sceau_slice_of("Sender"),
	                       sceau_slice_of(" x@sender.example"), NULL);
	while (fields != NULL) {
		const char *end = memchr(rest.data, '\n', rest.len);
		struct sceau_slice field = rest;

		if (end != NULL)
			field.len = (size_t)(end - rest.data);
		(void)sceau_header_add(header, sceau_slice_of("from"), field,
		                       NULL);
		if (end == NULL)
			break;
		rest.len -= field.len + 1;
		rest.data = end + 1;
	}
}

static void test_authors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sceau_dmarc_authors authors;
		struct sceau_header header;
		struct sceau_buf got;

		fill(&header, rows[i].fields);
		sceau_dmarc_authors_find(&header, &authors);
		sceau_buf_init(&got, 2000);
		for (size_t d = 0; d < authors.count; d++)
			sceau_buf_appendf(&got, "%s;", authors.domains[d]);
		if (authors.is_cut)
			sceau_buf_append_text(&got, "+");
		if (authors.status != rows[i].want ||
		    strcmp(sceau_buf_text(&got), rows[i].want_domains) != 0)
			fail_msg("\"%s\": got %s \"%s\"", rows[i].fields,
			         sceau_dmarc_author_status_name(authors.status),
			         sceau_buf_text(&got));
		sceau_buf_deinit(&got);
		sceau_header_deinit(&header);
	}
}

/* RFC 9989 11.5: the strictest policy of those that fail; never a pass. */
static void test_combine(void **state)
{
	static const struct sceau_dmarc_verdict pass = {
		.result = SCEAU_DMARC_RESULT_PASS,
		.policy = SCEAU_DMARC_REJECT,
		.author = "evil.net",
	};
	static const struct sceau_dmarc_verdict reject = {
		.result = SCEAU_DMARC_RESULT_FAIL,
		.policy = SCEAU_DMARC_REJECT,
		.disposition = SCEAU_DMARC_REJECT,
		.author = "bank.example",
	};
	static const struct sceau_dmarc_verdict quarantine = {
		.result = SCEAU_DMARC_RESULT_FAIL,
		.policy = SCEAU_DMARC_QUARANTINE,
		.disposition = SCEAU_DMARC_QUARANTINE,
		.author = "shop.example",
	};
	const struct sceau_dmarc_verdict *all[] = { &pass, &quarantine,
		                                    &reject };
	const struct sceau_dmarc_authors many = {
		.status = SCEAU_DMARC_AUTHOR_MANY_FROM,
	};
	const struct sceau_dmarc_authors nobody = {
		.status = SCEAU_DMARC_AUTHOR_NO_FROM,
	};
	struct sceau_dmarc_verdict verdict;

	(void)state;
	sceau_dmarc_combine(&many, all, 3, &verdict);
	assert_int_equal(verdict.result, SCEAU_DMARC_RESULT_PERMERROR);
	assert_int_equal(verdict.reason, SCEAU_DMARC_REASON_MANY_FROM);
	assert_int_equal(verdict.disposition, SCEAU_DMARC_REJECT);
	assert_string_equal(verdict.author, "bank.example");
	sceau_dmarc_combine(&many, all, 2, &verdict);
	assert_int_equal(verdict.disposition, SCEAU_DMARC_QUARANTINE);
	sceau_dmarc_combine(&many, all, 1, &verdict);
	assert_int_equal(verdict.result, SCEAU_DMARC_RESULT_PERMERROR);
	assert_int_equal(verdict.disposition, SCEAU_DMARC_NONE);
	sceau_dmarc_combine(&nobody, all, 0, &verdict);
	assert_int_equal(verdict.result, SCEAU_DMARC_RESULT_PERMERROR);
	assert_int_equal(verdict.reason, SCEAU_DMARC_REASON_NO_FROM);
	assert_int_equal(verdict.disposition, SCEAU_DMARC_NONE);
	assert_string_equal(verdict.author, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_authors),
		cmocka_unit_test(test_combine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
