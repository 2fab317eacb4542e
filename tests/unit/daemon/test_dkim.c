/* test_dkim.c - what a signature covers, what is refused, any chunking; that
 * others accept the signatures is judged by tests/system/test_dkim_judge.sh
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

#include "daemon/dkim.h"
#include "dkim_bench.h"
#include "dkim_test_key.h"

#define NOW 1700000000

static struct sceau_dkim_key *key, *second;

static const char *const plain_headers[] = { "From", "To", "Subject", "Date" };
static const char *const plain_oversign[] = { "From" };

#define LIST(array)                                                            \
	{                                                                      \
		.items = (array), .count = sizeof(array) / sizeof((array)[0])  \
	}

static const struct sceau_dkim_options plain = {
	.header_canon = SCEAU_DKIM_RELAXED,
	.body_canon = SCEAU_DKIM_RELAXED,
	.headers = LIST(plain_headers),
	.oversign = LIST(plain_oversign),
};

static struct sceau_dkim *open_dkim(const struct sceau_dkim_options *options)
{
	struct sceau_dkim *dkim = NULL;
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

	if (sceau_dkim_new(options, &dkim, &err) < 0)
		fail_msg("%s", err.text);
	return dkim;
}

static void add(struct sceau_header *header, const char *name,
                const char *value)
{
	assert_int_equal(sceau_header_add(header, sceau_slice_of(name),
	                                  sceau_slice_of(value), NULL),
	                 0);
}

/* Sign header and body, the body in chunks; 0 or -1 with err. */
static int sign_mail(struct sceau_dkim *dkim, const struct sceau_header *header,
                     struct sceau_slice body, size_t chunk,
                     struct sceau_buf *value, struct sceau_err *err)
{
	struct sceau_dkim_sign *sign = NULL;
	const struct sceau_dkim_key *const keys[] = { key };
	int ret = sceau_dkim_sign_new(dkim, keys, 1, NOW, &sign, err);

	if (ret == 0)
		ret = sceau_dkim_sign_header(sign, header, err);
	for (size_t pos = 0; pos < body.len && ret == 0; pos += chunk) {
		size_t left = body.len - pos;

		ret = sceau_dkim_sign_body(sign, body.data + pos,
		                           left < chunk ? left : chunk, err);
	}
	if (ret == 0)
		ret = sceau_dkim_sign_end(sign, err);
	if (ret == 0)
		ret = sceau_dkim_sign_value(sign, 0, value, err);
	sceau_dkim_sign_free(&sign);
	assert_null(sign);
	return ret;
}

/* The value of one tag, blanks and line ends taken out, in a static buffer. */
static const char *tag(const struct sceau_buf *value, const char *name)
{
	static char out[4096];
	const char *p = sceau_buf_text(value);
	size_t len = strlen(name), used = 0;

	while (p != NULL) {
		p += strspn(p, " \t\n");
		if (strncmp(p, name, len) == 0 && p[len] == '=')
			break;
		p = strchr(p, ';');
		p = p ? p + 1 : NULL;
	}
	if (p == NULL)
		return "(none)";
	for (p += len + 1; *p != '\0' && *p != ';'; p++) {
		if (strchr(" \t\n", *p) == NULL)
			out[used++] = *p;
	}
	out[used] = '\0';
	return out;
}

static void test_what_is_signed(void **state)
{
	struct sceau_dkim *dkim = open_dkim(&plain);
	struct sceau_header header;
	struct sceau_buf value;
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
	size_t gone;

	(void)state;
	sceau_header_init(&header, 100, 100000);
	sceau_buf_init(&value, SCEAU_DKIM_VALUE_MAX);
	add(&header, "Received", " from here\n\tby there");
	add(&header, "Bcc", " hidden@home.example");
	add(&header, "FROM", " alice@home.example");
	add(&header, "X-Mailer", " thing");
	add(&header, "To", " zoe@far.example,\n\tbob@far.example");
	add(&header, "To", " second@far.example");
	add(&header, "Subject", " hello");
	add(&header, "DKIM-Signature", " v=1; d=other.example");
	assert_true(sceau_header_find(&header, "Subject", 0, &gone));
	sceau_header_delete(&header, gone);
	if (sign_mail(dkim, &header, sceau_slice_of("hi\r\n"), 100, &value,
	              &err) < 0)
		fail_msg("%s", err.text);

	/* exactly the listed fields that are there, and From once more */
	assert_string_equal(tag(&value, "h"), "From:To:To:From");
	assert_string_equal(tag(&value, "v"), "1");
	assert_string_equal(tag(&value, "a"), "rsa-sha256");
	assert_string_equal(tag(&value, "c"), "relaxed/relaxed");
	assert_string_equal(tag(&value, "d"), "home.example");
	assert_string_equal(tag(&value, "s"), "mail");
	assert_string_equal(tag(&value, "l"), "(none)");
	assert_string_equal(tag(&value, "z"), "(none)");
	assert_int_equal(strlen(tag(&value, "b")), 344);
	/* as libmilter takes it: own blank, LF, no line end behind */
	assert_int_equal(value.data[0], ' ');
	assert_null(memchr(value.data, '\r', value.used));
	assert_int_not_equal(value.data[value.used - 1], '\n');
	sceau_buf_deinit(&value);
	sceau_header_deinit(&header);
	sceau_dkim_free(&dkim);
	assert_null(dkim);
}

static const struct {
	const char *what;
	const char *name;
	const char *value; /* of an added field, NULL = no From at all */
	struct sceau_slice body;
	enum sceau_fault want; /* NONE = signed */
} mails[] = {
#define BODY(text)                                                             \
	{                                                                      \
		text, sizeof(text) - 1                                         \
	}
	{ "plain", "To", " x", BODY("a\r\nb\r\n"), SCEAU_FAULT_NONE },
	{ "empty body", "To", " x", BODY(""), SCEAU_FAULT_NONE },
	{ "only line ends", "To", " x", BODY("\r\n\r\n\r\n"),
	  SCEAU_FAULT_NONE },
	{ "no final CRLF", "To", " x", BODY("a\r\nb"), SCEAU_FAULT_NONE },
	{ "8 bit", "To", " x", BODY("\xc3\xa9t\xe9\r\n"), SCEAU_FAULT_NONE },
	{ "NUL in the body", "To", " x", BODY("a\0b\r\n"), SCEAU_FAULT_NONE },
	{ "folds by LF", "To", " x,\n\ty,\n z", BODY("a\r\n"),
	  SCEAU_FAULT_NONE },
	{ "folds by CRLF", "To", " x,\r\n\ty", BODY("a\r\n"),
	  SCEAU_FAULT_NONE },
	{ "folded at once", "To", "\n\tx", BODY("a\r\n"), SCEAU_FAULT_NONE },
	{ "empty field", "To", "", BODY("a\r\n"), SCEAU_FAULT_NONE },
	{ "8 bit field", "Subject", " caf\xc3\xa9 \xe9", BODY("a\r\n"),
	  SCEAU_FAULT_NONE },
	{ "bare CR in a field", "To", " x\ry", BODY("a\r\n"),
	  SCEAU_FAULT_PEER },
	{ "bare CR at a field's end", "To", " x\r", BODY("a\r\n"),
	  SCEAU_FAULT_PEER },
	{ "bare CR in a field that is not signed", "X-To", " x\ry",
	  BODY("a\r\n"), SCEAU_FAULT_NONE },
	{ "bare CR", "To", " x", BODY("a\rb\r\n"), SCEAU_FAULT_PEER },
	{ "bare CR at the start", "To", " x", BODY("\ra\r\n"),
	  SCEAU_FAULT_PEER },
	{ "two CRs", "To", " x", BODY("a\r\r\n"), SCEAU_FAULT_PEER },
	{ "bare CR at the end", "To", " x", BODY("a\r\nb\r"),
	  SCEAU_FAULT_PEER },
	{ "bare LF", "To", " x", BODY("a\nb\r\n"), SCEAU_FAULT_PEER },
	{ "bare LF at the start", "To", " x", BODY("\na\r\n"),
	  SCEAU_FAULT_PEER },
	{ "bare LF at the end", "To", " x", BODY("a\r\n\n"), SCEAU_FAULT_PEER },
	{ "no From", "To", NULL, BODY("a\r\n"), SCEAU_FAULT_PEER },
};

static int sign_case(struct sceau_dkim *dkim, size_t i, size_t chunk,
                     struct sceau_buf *value, struct sceau_err *err)
{
	struct sceau_header header;
	int ret;

	sceau_header_init(&header, 100, 100000);
	if (mails[i].value != NULL) {
		add(&header, "From", " a@home.example");
		add(&header, mails[i].name, mails[i].value);
	}
	ret = sign_mail(dkim, &header, mails[i].body, chunk, value, err);
	sceau_header_deinit(&header);
	return ret;
}

/* However the body is cut into chunks, outcome and body hash are the same. */
static void test_mails_any_chunking(void **state)
{
	struct sceau_dkim *dkim = open_dkim(&plain);
	char hash[64];

	(void)state;
	for (size_t i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
		size_t len = mails[i].body.len;

		hash[0] = '\0';
		for (size_t chunk = len + 1; chunk > 0; chunk--) {
			struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
			struct sceau_buf value;
			int ret;

			sceau_buf_init(&value, SCEAU_DKIM_VALUE_MAX);
			ret = sign_case(dkim, i, chunk, &value, &err);
			if (err.fault != mails[i].want ||
			    (ret == 0) != (mails[i].want == SCEAU_FAULT_NONE))
				fail_msg("%s/%zu: got %d (%s), want fault %d",
				         mails[i].what, chunk, ret, err.text,
				         mails[i].want);
			if (ret < 0)
				assert_int_equal(value.used, 0);
			else if (hash[0] == '\0')
				(void)snprintf(hash, sizeof(hash), "%s",
				               tag(&value, "bh"));
			else
				assert_string_equal(tag(&value, "bh"), hash);
			sceau_buf_deinit(&value);
		}
	}
	sceau_dkim_free(&dkim);
}

static void test_options(void **state)
{
	static const struct {
		const char *headers[3];
		size_t count;
		const char *oversign;
		const char *want; /* in the refusal, NULL = accepted */
	} cases[] = {
		{ { "from", "Subject" }, 2, "FROM", NULL },
		{ { "From", "from" }, 2, "From", NULL },
		{ { "To", "Subject" }, 2, "To", "From must be signed" },
		{ { "From", "To" }, 2, "To", "From must be signed" },
		{ { "From", "Received" }, 2, "From", "Received must not" },
		{ { "From", "return-path" }, 2, "From", "Return-Path must" },
		{ { "From", "BCC" }, 2, "From", "Bcc must not" },
		{ { "From", "DKIM-Signature" }, 2, "From", "DKIM-Signature" },
		{ { "From", "Authentication-Results" },
		  2,
		  "From",
		  "Authentication-Results must not" },
		{ { "From", "X-*" }, 2, "From", "not a header field name" },
		{ { "From", "a:b" }, 2, "From", "not a header field name" },
		{ { "From", "\xc3\xa9" }, 2, "From", "not a header field" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sceau_dkim_options options = {
			.headers = { cases[i].headers, cases[i].count },
			.oversign = { &cases[i].oversign, 1 },
		};
		struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
		struct sceau_dkim *dkim = NULL;
		int ret = sceau_dkim_new(&options, &dkim, &err);

		if ((ret == 0) != (cases[i].want == NULL))
			fail_msg("case %zu: got %d (%s)", i, ret, err.text);
		if (ret < 0) {
			assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
			if (strstr(err.text, cases[i].want) == NULL)
				fail_msg("got \"%s\", want \"%s\"", err.text,
				         cases[i].want);
		}
		sceau_dkim_free(&dkim);
	}
}

static void test_oversign_must_be_signed(void **state)
{
	static const char *const both[] = { "From", "Cc" };
	struct sceau_dkim_options options = plain;
	struct sceau_dkim *dkim = NULL;
	struct sceau_err err;

	(void)state;
	options.oversign = (struct sceau_conf_list)LIST(both);
	assert_int_equal(sceau_dkim_new(&options, &dkim, &err), -1);
	assert_non_null(strstr(err.text, "Cc is oversigned but not signed"));
}

static void test_long_names_and_fields(void **state)
{
	struct sceau_dkim *dkim = open_dkim(&plain);
	struct sceau_header header;
	struct sceau_buf value;
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
	char *big = malloc(70001);

	(void)state;
	assert_non_null(big);
	memset(big, 'X', 70000);
	big[70000] = '\0';
	sceau_header_init(&header, 3000, 1000000);
	sceau_buf_init(&value, SCEAU_DKIM_VALUE_MAX);
	add(&header, big, " x");
	add(&header, "From", " a@home.example");
	add(&header, "Subject", big);
	for (int i = 0; i < 1500; i++)
		add(&header, "X-Many", " y");
	if (sign_mail(dkim, &header, sceau_slice_of("x\r\n"), 3, &value, &err) <
	    0)
		fail_msg("%s", err.text);
	assert_string_equal(tag(&value, "h"), "From:Subject:From");
	sceau_buf_deinit(&value);
	sceau_header_deinit(&header);
	sceau_dkim_free(&dkim);
	free(big);
}

static const char folded[] = " a@b.example,\n\tc@d.example";

/* A mail with a signature of each key on top. */
static void sign_twice(const struct sceau_dkim_options *options,
                       struct sceau_buf *mail)
{
	const struct sceau_dkim_key *const keys[] = { key, second };
	struct sceau_dkim *dkim = open_dkim(options);
	struct sceau_dkim_sign *sign = NULL;
	struct sceau_header header;
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

	sceau_header_init(&header, 100, 100000);
	add(&header, "From", " alice@home.example");
	add(&header, "To", folded);
	if (sceau_dkim_sign_new(dkim, keys, 2, NOW, &sign, &err) < 0 ||
	    sceau_dkim_sign_header(sign, &header, &err) < 0 ||
	    sceau_dkim_sign_body(sign, "hi  there \r\n", 12, &err) < 0 ||
	    sceau_dkim_sign_end(sign, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < 2; i++) {
		struct sceau_buf value;

		sceau_buf_init(&value, SCEAU_DKIM_VALUE_MAX);
		assert_int_equal(sceau_dkim_sign_value(sign, i, &value, NULL),
		                 0);
		(void)sceau_buf_appendf(mail, "DKIM-Signature:%s\n",
		                        value.data);
		sceau_buf_deinit(&value);
	}
	(void)sceau_buf_appendf(mail,
	                        "From: alice@home.example\nTo:%s\n\n"
	                        "hi  there \r\n",
	                        folded);
	sceau_dkim_sign_free(&sign);
	sceau_header_deinit(&header);
	sceau_dkim_free(&dkim);
}

static char rsa_record[1024], ed25519_record[200];

static void print_record(const struct sceau_dkim_key *of, const char *tags,
                         char *out, size_t size)
{
	struct sceau_buf text;

	sceau_buf_init(&text, 2000);
	assert_int_equal(sceau_dkim_key_print_public(of, &text, NULL), 0);
	(void)snprintf(out, size, "%s%s", tags, text.data);
	sceau_buf_deinit(&text);
}

/* Two keys sign one mail; each signature passes, in every canonical form, and
   no line of it is longer than 78 columns. */
static void test_two_keys(void **state)
{
	static const struct dkim_bench_key records[] = {
		{ .name = "mail._domainkey.home.example",
		  .records = { rsa_record } },
		{ .name = "a-rather-long-selector.of.2026._domainkey."
		          "a-rather-long-domain-of-ours.example",
		  .records = { ed25519_record } },
		{ .name = NULL },
	};
	struct dkim_bench bench = { .keys = records, .now_s = NOW };

	(void)state;
	print_record(key, "p=", rsa_record, sizeof(rsa_record));
	print_record(second, "k=ed25519; p=", ed25519_record,
	             sizeof(ed25519_record));
	for (int canon = 0; canon < 4; canon++) {
		struct sceau_dkim_options options = plain;
		struct sceau_dkim_verify *verify;
		struct sceau_buf mail;
		char got[100];

		options.header_canon = (enum sceau_dkim_canon)(canon & 1);
		options.body_canon = (enum sceau_dkim_canon)(canon >> 1);
		sceau_buf_init(&mail, 100000);
		sign_twice(&options, &mail);
		for (char *line = mail.data; *line != '\0';) {
			size_t len = strcspn(line, "\n");

			assert_in_range(len + (line[0] == '\t' ? 7 : 0), 0, 78);
			line += len + 1;
		}
		verify = dkim_bench_verify(
			&bench, (struct sceau_slice){ mail.data, mail.used });
		assert_string_equal(
			dkim_bench_results(verify, got, sizeof(got)),
			"pass pass");
		assert_string_equal(sceau_dkim_verify_get(verify, 1)->algorithm,
		                    "ed25519-sha256");
		sceau_dkim_verify_free(&verify);
		sceau_buf_deinit(&mail);
	}
}

/* So many fields that h= would not fit any more: not ours to sign. */
static void test_too_many_fields(void **state)
{
	struct sceau_dkim *dkim = open_dkim(&plain);
	struct sceau_header header;
	struct sceau_buf value;
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

	(void)state;
	sceau_header_init(&header, 5000, 1000000);
	sceau_buf_init(&value, SCEAU_DKIM_VALUE_MAX);
	add(&header, "From", " a@home.example");
	for (size_t i = 0; i < 2000; i++)
		add(&header, "Subject", " x");
	assert_int_equal(sign_mail(dkim, &header, sceau_slice_of("x\r\n"), 3,
	                           &value, &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_PEER);
	sceau_buf_deinit(&value);
	sceau_header_deinit(&header);
	sceau_dkim_free(&dkim);
}

static void test_given_up_half_way(void **state)
{
	struct sceau_dkim *dkim = open_dkim(&plain);
	const struct sceau_dkim_key *const keys[] = { key };
	struct sceau_dkim_sign *sign = NULL;
	struct sceau_header header;

	(void)state;
	sceau_dkim_sign_free(&sign);
	assert_int_equal(sceau_dkim_sign_new(dkim, keys, 1, NOW, &sign, NULL),
	                 0);
	sceau_dkim_sign_free(&sign);
	sceau_header_init(&header, 10, 1000);
	add(&header, "From", " a@home.example");
	assert_int_equal(sceau_dkim_sign_new(dkim, keys, 1, NOW, &sign, NULL),
	                 0);
	assert_int_equal(sceau_dkim_sign_header(sign, &header, NULL), 0);
	assert_int_equal(sceau_dkim_sign_body(sign, "abc", 3, NULL), 0);
	sceau_dkim_sign_free(&sign);
	sceau_header_deinit(&header);
	sceau_dkim_free(&dkim);
}

static void *sign_many(void *ctx)
{
	for (size_t i = 0; i < 40; i++) {
		struct sceau_buf value;

		sceau_buf_init(&value, SCEAU_DKIM_VALUE_MAX);
		assert_int_equal(sign_case(ctx, i % 5, 3, &value, NULL), 0);
		sceau_buf_deinit(&value);
	}
	return NULL;
}

static void test_threads(void **state)
{
	struct sceau_dkim *dkim = open_dkim(&plain);
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, sign_many, dkim), 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	sceau_dkim_free(&dkim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_signed),
		cmocka_unit_test(test_mails_any_chunking),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_oversign_must_be_signed),
		cmocka_unit_test(test_long_names_and_fields),
		cmocka_unit_test(test_two_keys),
		cmocka_unit_test(test_too_many_fields),
		cmocka_unit_test(test_given_up_half_way),
		cmocka_unit_test(test_threads),
	};
	static char pem[TEST_PEM_SIZE];
	int failed;

	test_pem(EVP_RSA_gen(2048), NULL, pem);
	if (sceau_dkim_key_new(sceau_slice_of(pem), "Home.Example", "mail",
	                       &key, NULL) < 0)
		return 1;
	if (sceau_dkim_key_generate(SCEAU_DKIM_ED25519, 0,
	                            "a-rather-long-domain-of-ours.example",
	                            "a-rather-long-selector.of.2026", &second,
	                            NULL) < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	sceau_dkim_key_free(&key);
	sceau_dkim_key_free(&second);
	return failed;
}
