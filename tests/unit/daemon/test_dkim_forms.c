/* test_dkim_forms.c - several signatures, none, bodies and headers of every
 * form, threads
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "dkim_forge.h"

#define V "v=1; a=rsa-sha256; d=home.example; s=rsa; "

static void check(const char *what, struct sceau_buf *mail,
                  enum sceau_dkim_result want, const char *reason)
{
	struct sceau_dkim_verify *got = forge_verify(mail);
	const struct sceau_dkim_verdict *verdict;

	assert_int_equal(sceau_dkim_verify_count(got), 1);
	verdict = sceau_dkim_verify_get(got, 0);
	if (verdict->result != want || strstr(verdict->reason, reason) == NULL)
		fail_msg("%s: got %s (%s), want %s", what,
		         sceau_dkim_result_name(verdict->result),
		         verdict->reason, sceau_dkim_result_name(want));
	sceau_dkim_verify_free(&got);
	assert_null(got);
}

/* --- several signatures --- */

static void test_many_signatures(void **state)
{
	struct sceau_buf mail = forge_mail(HEADER, "hi\r\n");
	struct dkim_bench bench = { .keys = forge_keys,
		                    .now_s = NOW,
		                    .max = 3 };
	struct sceau_dkim_verify *got;
	char words[100];

	(void)state;
	/* from the bottom up */
	forge_sign(forge_rsa, V NAMES, &mail);
	forge_sign(forge_rsa, V NAMES, &mail);
	forge_sign(forge_ed25519,
	           "v=1; a=ed25519-sha256; d=home.example; s=ed25519; " NAMES,
	           &mail);
	forge_replace(&mail, "s=ed25519", "s=ED25519"); /* header changed */
	forge_sign(forge_rsa, V NAMES, &mail);
	got = dkim_bench_verify(&bench,
	                        (struct sceau_slice){ mail.data, mail.used });
	assert_string_equal(dkim_bench_results(got, words, sizeof(words)),
	                    "pass fail pass");
	assert_int_equal(sceau_dkim_verify_skipped(got), 1);
	/* one question a key, whatever the number of signatures */
	assert_int_equal(bench.questions, 2);
	sceau_dkim_verify_free(&got);
	sceau_buf_deinit(&mail);
}

static void test_none(void **state)
{
	struct sceau_buf mail = forge_mail(HEADER, "hi\r\n");
	struct sceau_dkim_verify *got = forge_verify(&mail);

	(void)state;
	assert_int_equal(sceau_dkim_verify_count(got), 0);
	assert_int_equal(sceau_dkim_verify_skipped(got), 0);
	assert_false(sceau_dkim_verify_wants_body(got));
	sceau_dkim_verify_free(&got);
	sceau_dkim_verify_free(&got);
	sceau_buf_deinit(&mail);
}

/* What cannot pass asks nothing of DNS and nothing of the body. */
static void test_lost_cases_are_cheap(void **state)
{
	struct dkim_bench bench = { .keys = forge_keys, .now_s = NOW };
	static const char *const tags[] = {
		V "l=2; " NAMES,
		V "x=1; " NAMES,
		"v=1; a=rsa-sha1; d=home.example; s=rsa; " NAMES,
		V "h=to",
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct sceau_buf mail = forge_mail(HEADER, "hi\r\n");
		struct sceau_dkim_verify *got;

		forge_sign(forge_rsa, tags[i], &mail);
		got = dkim_bench_verify(
			&bench, (struct sceau_slice){ mail.data, mail.used });
		assert_int_equal(bench.questions, 0);
		assert_false(sceau_dkim_verify_wants_body(got));
		sceau_dkim_verify_free(&got);
		sceau_buf_deinit(&mail);
	}
}

/* A key that nobody answered about: as when time is up. */
static void test_unanswered(void **state)
{
	struct sceau_dkim_verify_options options = { .max_signatures = 8,
		                                     .now_s = NOW };
	struct sceau_buf mail = forge_mail(HEADER, "hi\r\n"), body;
	struct sceau_dkim_verify *got = NULL;
	struct sceau_header header;

	(void)state;
	forge_sign(forge_rsa, V NAMES, &mail);
	dkim_bench_scan((struct sceau_slice){ mail.data, mail.used }, &header,
	                &body);
	assert_int_equal(sceau_dkim_verify_new(&header, &options, &got, NULL),
	                 0);
	assert_int_equal(
		sceau_dkim_verify_body(got, body.data, body.used, NULL), 0);
	assert_int_equal(sceau_dkim_verify_end(got, NULL), 0);
	assert_int_equal(sceau_dkim_verify_get(got, 0)->result,
	                 SCEAU_DKIM_TEMPERROR);
	sceau_dkim_verify_free(&got);
	sceau_header_deinit(&header);
	sceau_buf_deinit(&body);
	sceau_buf_deinit(&mail);
}

/* --- forms --- */

/* Traps 14 and 15: the last CRLF may be missing; a CR that stands alone is a
   byte like others. Any chunking gives the same. */
static void test_bodies_any_chunking(void **state)
{
	static const char *const bodies[] = { "", "no end", "a\r\n\r\n\r\n",
		                              "a\rb\r\n\r",
		                              " a \t b \r\n \r\n" };
	static const char *const canons[] = { "c=simple/simple; ",
		                              "c=relaxed/relaxed; " };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		for (size_t chunk = 1; chunk <= strlen(bodies[i]) + 1;
		     chunk++) {
			struct dkim_bench bench = { .keys = forge_keys,
				                    .now_s = NOW,
				                    .chunk = chunk };
			struct sceau_buf mail = forge_mail(HEADER, bodies[i]);
			struct sceau_dkim_verify *got;
			char tags[200], words[100];

			(void)snprintf(tags, sizeof(tags), V "%s" NAMES,
			               canons[chunk % 2]);
			forge_sign(forge_rsa, tags, &mail);
			got = dkim_bench_verify(
				&bench,
				(struct sceau_slice){ mail.data, mail.used });
			(void)dkim_bench_results(got, words, sizeof(words));
			if (strcmp(words, "pass") != 0)
				fail_msg("body %zu in %zus: %s", i, chunk,
				         words);
			sceau_dkim_verify_free(&got);
			sceau_buf_deinit(&mail);
		}
	}
}

/* Trap 17: a milter shows folds as LF and every value with its blank. */
static void test_header_of_a_milter(void **state)
{
	struct sceau_dkim_verify_options options = { .max_signatures = 8,
		                                     .now_s = NOW };
	struct sceau_buf mail = forge_mail(FROM
	                                   "To: a@b.example,\r\n\tc@d.example"
	                                   "\r\nSubject:no blank\r\n",
	                                   "hi\r\n");
	struct sceau_header wire, header;
	struct sceau_buf body;

	(void)state;
	forge_sign(forge_rsa, V "h=from:to:subject", &mail);
	dkim_bench_scan((struct sceau_slice){ mail.data, mail.used }, &wire,
	                &body);
	sceau_header_init(&header, 100, 100000);
	for (size_t i = 0; i < wire.count; i++) {
		struct sceau_header_field field = sceau_header_get(&wire, i);
		struct sceau_buf value;

		sceau_buf_init(&value, 10000);
		for (size_t j = 0; j < field.value.len; j++) {
			if (field.value.data[j] != '\r')
				(void)sceau_buf_append(&value,
				                       &field.value.data[j], 1);
		}
		assert_int_equal(
			sceau_header_add(
				&header, field.name,
				(struct sceau_slice){ value.data, value.used },
				NULL),
			0);
		sceau_buf_deinit(&value);
	}
	/* an edit that was marked in the meantime changes nothing */
	sceau_header_delete(&header, 2);
	assert_int_equal(sceau_header_insert(&header, sceau_slice_of("From"),
	                                     sceau_slice_of(" x@y.z"), NULL),
	                 0);
	for (size_t i = 0; i < 2; i++) {
		struct sceau_dkim_verify *got = NULL;
		struct sceau_dns_question question;
		struct sceau_dkim_lookup *lookup;
		struct dkim_bench bench = { .keys = forge_keys };

		assert_int_equal(sceau_dkim_verify_new(i == 0 ? &wire : &header,
		                                       &options, &got, NULL),
		                 0);
		lookup = sceau_dkim_verify_lookup(got);
		while (sceau_dkim_lookup_decider.ask(lookup, &question) == 1)
			dkim_bench_answer(&bench, lookup, &question);
		(void)sceau_dkim_verify_body(got, body.data, body.used, NULL);
		assert_int_equal(sceau_dkim_verify_end(got, NULL), 0);
		assert_int_equal(sceau_dkim_verify_get(got, 0)->result,
		                 SCEAU_DKIM_PASS);
		sceau_dkim_verify_free(&got);
	}
	sceau_header_deinit(&header);
	sceau_header_deinit(&wire);
	sceau_buf_deinit(&body);
	sceau_buf_deinit(&mail);
}

/* Trap 11 and others: a header of 2 MB, 20000 fields, a z= of 100 KB. */
static void test_huge_headers(void **state)
{
	struct sceau_buf header, mail;

	(void)state;
	sceau_buf_init(&header, 4 << 20);
	(void)sceau_buf_append_text(&header, HEADER "X-Big: ");
	for (size_t i = 0; i < 20000; i++)
		(void)sceau_buf_append_text(&header, "word\r\n ");
	(void)sceau_buf_append_text(&header, "end\r\n");
	for (size_t i = 0; i < 5000; i++)
		(void)sceau_buf_append_text(&header, "X-Many: y\r\n");
	mail = forge_mail(header.data, "hi\r\n");
	forge_sign(forge_rsa,
	           V "c=relaxed/simple; h=from:to:subject:date:x-big:x-many",
	           &mail);
	check("huge header", &mail, SCEAU_DKIM_PASS, "");
	sceau_buf_deinit(&mail);

	sceau_buf_clear(&header);
	(void)sceau_buf_append_text(&header, V "z=");
	for (size_t i = 0; i < 9000; i++)
		(void)sceau_buf_append_text(&header, "From:a=20b|");
	(void)sceau_buf_append_text(&header, "; " NAMES);
	mail = forge_mail(HEADER, "hi\r\n");
	forge_sign(forge_rsa, header.data, &mail);
	check("huge z=", &mail, SCEAU_DKIM_PASS, "");
	sceau_buf_deinit(&mail);
	sceau_buf_deinit(&header);
}

/* --- threads (trap 10) --- */

static void *verify_many(void *ctx)
{
	const struct sceau_buf *mail = ctx;
	struct sceau_dkim_verify_options options = { .max_signatures = 8,
		                                     .now_s = NOW };

	for (size_t i = 0; i < 30; i++) {
		struct sceau_dkim_verify *got = NULL;
		struct sceau_header header;
		struct sceau_buf body;

		dkim_bench_scan((struct sceau_slice){ mail->data, mail->used },
		                &header, &body);
		if (sceau_dkim_verify_new(&header, &options, &got, NULL) < 0 ||
		    sceau_dkim_verify_body(got, body.data, body.used, NULL) <
		            0 ||
		    sceau_dkim_verify_end(got, NULL) < 0)
			abort();
		sceau_dkim_verify_free(&got);
		sceau_header_deinit(&header);
		sceau_buf_deinit(&body);
	}
	return NULL;
}

static void test_threads(void **state)
{
	struct sceau_buf mail = forge_mail(HEADER, "hi\r\n");
	pthread_t threads[4];

	(void)state;
	forge_sign(forge_rsa, V NAMES, &mail);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, verify_many, &mail),
			0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	sceau_buf_deinit(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_signatures),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_lost_cases_are_cheap),
		cmocka_unit_test(test_unanswered),
		cmocka_unit_test(test_bodies_any_chunking),
		cmocka_unit_test(test_header_of_a_milter),
		cmocka_unit_test(test_huge_headers),
		cmocka_unit_test(test_threads),
	};
	int failed;

	forge_setup();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	forge_teardown();
	return failed;
}
