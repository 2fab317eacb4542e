/* test_dmarc_record.c - what of a record is kept for reports; odd bytes
 *
 * How policies read is in test_dmarc_policy.c.
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

#include "auth/dmarc_record.h"
#include "base/buf.h"

#define V "v=DMARC1; p=none; "

/* A copy of exactly that size, so that a read past its end is seen. */
static bool parse(const char *text, size_t len,
                  struct sceau_dmarc_record *record_r)
{
	char *copy = malloc(len == 0 ? 1 : len);

	assert_non_null(copy);
	memcpy(copy, text, len);
	bool ret = sceau_dmarc_record_parse((struct sceau_slice){ copy, len },
	                                    record_r);
	free(copy);
	return ret;
}

/* RFC 9989 4.7 fo: any order, "0" and "1" exclude each other; 4.8: each once,
   else the default. */
static const struct {
	const char *value;
	unsigned want;
} fos[] = {
	{ "0", SCEAU_DMARC_FO_ALL },
	{ "1", SCEAU_DMARC_FO_ANY },
	{ "d", SCEAU_DMARC_FO_DKIM },
	{ "s", SCEAU_DMARC_FO_SPF },
	{ "0:d", SCEAU_DMARC_FO_ALL | SCEAU_DMARC_FO_DKIM },
	{ "d:0:s",
	  SCEAU_DMARC_FO_ALL | SCEAU_DMARC_FO_DKIM | SCEAU_DMARC_FO_SPF },
	{ "1:d:s",
	  SCEAU_DMARC_FO_ANY | SCEAU_DMARC_FO_DKIM | SCEAU_DMARC_FO_SPF },
	{ "D:S", SCEAU_DMARC_FO_DKIM | SCEAU_DMARC_FO_SPF },
	{ "s:1", SCEAU_DMARC_FO_ANY | SCEAU_DMARC_FO_SPF },
	{ "0:1", SCEAU_DMARC_FO_ALL },
	{ "1:0", SCEAU_DMARC_FO_ALL },
	{ "1:1", SCEAU_DMARC_FO_ALL },
	{ "1:", SCEAU_DMARC_FO_ALL },
	{ ":1", SCEAU_DMARC_FO_ALL },
	{ "2", SCEAU_DMARC_FO_ALL },
	{ "1,d", SCEAU_DMARC_FO_ALL },
	{ "", SCEAU_DMARC_FO_ALL },
};

static void test_fo(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(fos) / sizeof(fos[0]); i++) {
		struct sceau_dmarc_record record;
		char text[100];

		(void)snprintf(text, sizeof(text), V "fo=%s", fos[i].value);
		assert_true(parse(text, strlen(text), &record));
		if (record.fo != fos[i].want)
			fail_msg("fo=%s: got %u, want %u", fos[i].value,
			         record.fo, fos[i].want);
	}
}

/* RFC 9989 4.8 and RFC 3986: the list, its obsolete sizes, what is no URI. */
static const struct {
	const char *value;
	size_t want_count;
	const char *want;
} uris[] = {
	{ "mailto:a@example.com", 1, "mailto:a@example.com" },
	{ "MAILTO:a@example.com", 1, "MAILTO:a@example.com" },
	{ "mailto:a@x , mailto:b@y", 2, "mailto:a@x,mailto:b@y" },
	{ "mailto:a@x!10m", 1, "mailto:a@x" },
	{ "mailto:a@x!5,mailto:b@x!1G", 2, "mailto:a@x,mailto:b@x" },
	{ "mailto:a@x!", 0, "" },
	{ "mailto:a@x!m", 0, "" },
	{ "mailto:a@x!1x", 0, "" },
	{ "mailto:a@x!1!2", 0, "" },
	{ "https://example.com/d?x=1", 1, "https://example.com/d?x=1" },
	{ "mailto:a%2Cb@x", 1, "mailto:a%2Cb@x" },
	{ "mailto:a%2@x", 0, "" },
	{ "mailto:a%", 0, "" },
	{ "a@x", 0, "" },
	{ "mailto:", 0, "" },
	{ "mailto:a", 0, "" },
	{ "mailto:@x", 0, "" },
	{ "mailto:a@", 0, "" },
	{ ":a@x", 0, "" },
	{ "1mailto:a@x", 0, "" },
	{ "mail to:a@x", 0, "" },
	{ "mailto:a b@x", 0, "" },
	{ "mailto:\"a\"@x", 0, "" },
	{ "mailto:a@x,,mailto:b@x", 2, "mailto:a@x,mailto:b@x" },
	{ "mailto:a@x;x=y", 1, "mailto:a@x" },
	{ "mailto:\xc3\xa9@x", 0, "" },
	{ "<mailto:a@x>", 0, "" },
};

static void test_uris(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct sceau_dmarc_record record;
		char text[200];

		(void)snprintf(text, sizeof(text), V "rua=%s", uris[i].value);
		assert_true(parse(text, strlen(text), &record));
		if (record.rua_count != uris[i].want_count ||
		    strcmp(record.rua, uris[i].want) != 0)
			fail_msg("rua=%s: got %zu \"%s\"", uris[i].value,
			         record.rua_count, record.rua);
		assert_int_equal(record.ruf_count, 0);
		memcpy(text + strlen(V), "ruf", 3);
		assert_true(parse(text, strlen(text), &record));
		assert_int_equal(record.ruf_count, uris[i].want_count);
		assert_string_equal(record.rua, "");
	}
}

/* All are counted, those that fit are kept, none is cut in two. */
static void test_long_rua(void **state)
{
	const size_t count = 2000;
	struct sceau_dmarc_record record;
	struct sceau_buf text;

	(void)state;
	sceau_buf_init(&text, count * 40);
	sceau_buf_append_text(&text, V "rua=mailto:0000@example.com");
	for (size_t i = 1; i < count; i++)
		sceau_buf_appendf(&text, ",mailto:%04zu@example.com", i);
	assert_true(parse(text.data, text.used, &record));
	assert_int_equal(record.rua_count, count);
	size_t len = strlen(record.rua);
	/* each has 23 bytes and a comma */
	assert_int_equal((len + 1) % 24, 0);
	assert_true(len > sizeof(record.rua) - 30);
	assert_string_equal(record.rua + len - 12, "@example.com");
	sceau_buf_deinit(&text);
}

/* None of these is a DMARC record at all. */
static void test_no_record(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} rows[] = {
		{ "", 0 },
		{ "v", 1 },
		{ "v=", 2 },
		{ "v=DMARC", 7 },
		{ " v=DMARC1; p=reject", 19 },
		{ "\tv=DMARC1; p=reject", 19 },
		{ "\nv=DMARC1; p=reject", 19 },
		{ ";v=DMARC1; p=reject", 19 },
		{ "v=DMARC1\0; p=reject", 19 },
		{ "v\0=DMARC1; p=reject", 19 },
		{ "v=DMARC1\r\n; p=reject", 20 },
		{ "v=\"DMARC1\"; p=reject", 20 },
		{ "\"v=DMARC1; p=reject\"", 20 },
		{ "vv=DMARC1; p=reject", 19 },
		{ "v=spf1 -all", 11 },
		{ "v=DKIM1; p=reject", 17 },
	};
	struct sceau_dmarc_record record;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (parse(rows[i].text, rows[i].len, &record))
			fail_msg("row %zu is a record", i);
	}
}

/* A NUL is a byte like any other: it ends nothing. */
static void test_nul(void **state)
{
	static const char text[] = "v=DMARC1; x=\0; p=reject; sp=no\0ne";
	struct sceau_dmarc_record record;

	(void)state;
	assert_true(parse(text, sizeof(text) - 1, &record));
	assert_true(record.p.is_valid);
	assert_int_equal(record.p.policy, SCEAU_DMARC_REJECT);
	assert_true(record.sp.is_present);
	assert_false(record.sp.is_valid);
	assert_true(sceau_dmarc_record_is_broken(&record));
}

/* RFC 1035 3.3.14: lengths that do not fit make no record. */
static void test_malformed_rdata(void **state)
{
	static const unsigned char bad[] = "\x40v=DMARC1; p=reject";
	static const unsigned char good[] = "\x12v=DMARC1; p=reject";
	struct sceau_dns_answer answer = {
		.status = SCEAU_DNS_OK,
		.count = 1,
		.records = { { bad, sizeof(bad) - 1 } },
	};
	struct sceau_dmarc_record record;

	(void)state;
	assert_int_equal(sceau_dmarc_record_find(&answer, &record), 0);
	answer.count = 2;
	answer.records[1] = (struct sceau_dns_record){ good, sizeof(good) - 1 };
	assert_int_equal(sceau_dmarc_record_find(&answer, &record), 1);
	answer.count = 3;
	answer.records[2] = answer.records[1];
	assert_int_equal(sceau_dmarc_record_find(&answer, &record), 2);
	answer.count = 0;
	assert_int_equal(sceau_dmarc_record_find(&answer, &record), 0);
}

/* As long as a TXT record can be (65535 bytes of data). */
static void test_longest(void **state)
{
	enum {
		STRINGS = 255
	};
	static unsigned char data[STRINGS * 256];
	struct sceau_dns_answer answer = {
		.status = SCEAU_DNS_OK,
		.count = 1,
		.records = { { data, sizeof(data) } },
	};
	struct sceau_dmarc_record record;

	(void)state;
	for (size_t i = 0; i < STRINGS; i++) {
		data[i * 256] = 255;
		memset(data + i * 256 + 1, ';', 255);
	}
	memcpy(data + 1, "v=DMARC1", 8);
	memcpy(data + sizeof(data) - 8, "p=reject", 8);
	assert_int_equal(sceau_dmarc_record_find(&answer, &record), 1);
	assert_int_equal(record.p.policy, SCEAU_DMARC_REJECT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fo),
		cmocka_unit_test(test_uris),
		cmocka_unit_test(test_long_rua),
		cmocka_unit_test(test_no_record),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_malformed_rdata),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
