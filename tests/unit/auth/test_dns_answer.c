/* test_dns_answer.c - record data, good and crooked
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

#include "auth/dns_answer.h"

/* A record of exactly these bytes, so that a read past its end is seen. */
static struct sceau_dns_record record_of(const char *data, size_t len)
{
	unsigned char *copy = malloc(len == 0 ? 1 : len);

	assert_non_null(copy);
	memcpy(copy, data, len);
	return (struct sceau_dns_record){ copy, len };
}

static void drop(struct sceau_dns_record *record)
{
	free((void *)(uintptr_t)record->data);
}

static const struct {
	const char *data;
	size_t len;
	const char *want; /* NULL: malformed */
	size_t want_len;
} texts[] = {
	{ "\x05hello", 6, "hello", 5 },
	{ "\x02he\x03llo", 7, "hello", 5 },
	{ "\x00", 1, "", 0 },
	{ "\x01"
	  "a\x00\x01"
	  "b",
	  5, "ab", 2 },
	{ "\x03"
	  "a\0b",
	  4, "a\0b", 3 },
	{ "", 0, NULL, 0 },
	{ "\x06hello", 6, NULL, 0 },
	{ "\x05hello\x01", 7, NULL, 0 },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sceau_dns_record record = record_of(texts[i].data,
		                                           texts[i].len);
		struct sceau_err err = { .text = "" };
		struct sceau_buf out;

		sceau_buf_init(&out, 100);
		int ret = sceau_dns_record_text(&record, &out, &err);
		if (ret != (texts[i].want == NULL ? -1 : 0) ||
		    (ret == 0 &&
		     (out.used != texts[i].want_len ||
		      memcmp(sceau_buf_text(&out), texts[i].want, out.used))))
			fail_msg("row %zu: got %d \"%s\"", i, ret,
			         sceau_buf_text(&out));
		if (ret < 0)
			assert_int_equal(err.fault, SCEAU_FAULT_PEER);
		sceau_buf_deinit(&out);
		drop(&record);
	}
}

static void test_text_bound(void **state)
{
	struct sceau_dns_record record = record_of("\x03"
	                                           "abc\x03"
	                                           "def",
	                                           8);
	struct sceau_buf out;
	struct sceau_err err;

	(void)state;
	sceau_buf_init(&out, 5);
	assert_int_equal(sceau_dns_record_text(&record, &out, &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
	sceau_buf_deinit(&out);
	drop(&record);
}

static const struct {
	const char *data;
	size_t len;
	const char *want;
} names[] = {
	{ "\x02mx\x07"
	  "example\x00",
	  12, "mx.example" },
	{ "\x02MX\x07"
	  "eXample\x00",
	  12, "mx.example" },
	{ "\x00", 1, "." },
	{ "\x03"
	  "a.b\x01\\\x02 \xff\x00",
	  10, "a\\046b.\\092.\\032\\255" },
	{ "", 0, NULL },
	{ "\x02mx", 3, NULL }, /* no root */
	{ "\x02mx\x00\x00", 5, NULL }, /* goes on after it */
	{ "\x03mx\x00", 4, NULL },
	{ "\xc0\x0c", 2, NULL }, /* a compression pointer */
	{ "\x40", 1, NULL },
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct sceau_dns_record record = record_of(names[i].data,
		                                           names[i].len);
		char got[SCEAU_DNS_NAME_SIZE] = "none";
		const char *want = names[i].want;
		int ret = sceau_dns_record_name(&record, got, NULL);

		if (ret != (want == NULL ? -1 : 0) ||
		    strcmp(got, want == NULL ? "none" : want) != 0)
			fail_msg("row %zu: got %d \"%s\"", i, ret, got);
		drop(&record);
	}
}

/* 255 octets on the wire, each of them four characters in text. */
static void test_longest_name(void **state)
{
	unsigned char wire[257];
	char got[SCEAU_DNS_NAME_SIZE];
	struct sceau_dns_record record = { wire, 255 };

	(void)state;
	memset(wire, 0xff, sizeof(wire));
	wire[0] = wire[64] = wire[128] = 63;
	wire[192] = 61;
	wire[254] = 0;
	assert_int_equal(sceau_dns_record_name(&record, got, NULL), 0);
	assert_int_equal(strlen(got), 250 * 4 + 3);
	assert_true(sceau_dns_name_is_valid(got));
	wire[192] = 62;
	wire[255] = 0;
	record.len = 256;
	assert_int_equal(sceau_dns_record_name(&record, got, NULL), -1);
}

static void test_mx(void **state)
{
	struct sceau_dns_record record = record_of("\x01\x02\x01"
	                                           "a\x00",
	                                           5);
	char got[SCEAU_DNS_NAME_SIZE] = "none";
	uint16_t preference = 7;
	struct sceau_err err;

	(void)state;
	for (size_t len = 0; len < 5; len++) {
		struct sceau_dns_record cut = { record.data, len };

		assert_int_equal(
			sceau_dns_record_mx(&cut, &preference, got, &err), -1);
		assert_int_equal(preference, 7);
		assert_string_equal(got, "none");
	}
	assert_int_equal(sceau_dns_record_mx(&record, &preference, got, &err),
	                 0);
	assert_int_equal(preference, 0x102);
	assert_string_equal(got, "a");
	drop(&record);
}

static void test_addresses(void **state)
{
	unsigned char bytes[17] = { 0 };

	(void)state;
	for (size_t len = 0; len <= 17; len++) {
		struct sceau_dns_record record = { bytes, len };

		assert_ptr_equal(sceau_dns_record_address(&record, SCEAU_DNS_A),
		                 len == 4 ? bytes : NULL);
		assert_ptr_equal(
			sceau_dns_record_address(&record, SCEAU_DNS_AAAA),
			len == 16 ? bytes : NULL);
		assert_null(sceau_dns_record_address(&record, SCEAU_DNS_TXT));
	}
}

#define LABEL63                                                                \
	"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc"

static const struct {
	const char *name;
	bool want;
} valid[] = {
	{ "example", true },
	{ "a.b.example.", true },
	{ ".", true },
	{ "_dmarc.example", true },
	{ "a\\.b.example", true },
	{ "\\255\\000.example", true },
	{ LABEL63 ".example", true },
	{ LABEL63
	  "." LABEL63 "." LABEL63
	  ".abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"
	  "a",
	  true },
	{ LABEL63
	  "." LABEL63 "." LABEL63
	  ".abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"
	  "ab",
	  false },
	{ LABEL63 "d.example", false },
	{ "", false },
	{ "..", false },
	{ ".example", false },
	{ "a..b", false },
	{ "a.b..", false },
	{ "a\\", false },
	{ "a\\25", false },
	{ "a\\256", false },
};

static void test_name_is_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
		if (sceau_dns_name_is_valid(valid[i].name) != valid[i].want)
			fail_msg("\"%s\": not %d", valid[i].name,
			         valid[i].want);
	}
}

static void test_name_escape(void **state)
{
	char raw[254], got[SCEAU_DNS_NAME_SIZE] = "none";
	struct sceau_slice nul = { "a\0b.c", 5 };

	(void)state;
	sceau_dns_name_escape(sceau_slice_of("Mx.b_-:/%$c\"';()"), got);
	assert_string_equal(got, "Mx.b_-:/%$c\"';()");
	sceau_dns_name_escape(sceau_slice_of("a b\\c\x7f.\xc3\xa9"), got);
	assert_string_equal(got, "a\\032b\\092c\\127.\\195\\169");
	sceau_dns_name_escape(nul, got);
	assert_string_equal(got, "a\\000b.c");
	memset(raw, 0xff, sizeof(raw));
	assert_int_equal(
		sceau_dns_name_escape((struct sceau_slice){ raw, 253 }, got),
		0);
	assert_int_equal(strlen(got), 4 * 253);
	assert_int_equal(
		sceau_dns_name_escape((struct sceau_slice){ raw, 254 }, got),
		-1);
}

static void test_status_names(void **state)
{
	(void)state;
	assert_string_equal(sceau_dns_status_name(SCEAU_DNS_OK), "ok");
	assert_string_equal(sceau_dns_status_name(SCEAU_DNS_NODATA), "nodata");
	assert_string_equal(sceau_dns_status_name(SCEAU_DNS_NXDOMAIN),
	                    "nxdomain");
	assert_string_equal(sceau_dns_status_name(SCEAU_DNS_SERVFAIL),
	                    "servfail");
	assert_string_equal(sceau_dns_status_name(SCEAU_DNS_TIMEOUT),
	                    "timeout");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_text_bound),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_longest_name),
		cmocka_unit_test(test_mx),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_name_is_valid),
		cmocka_unit_test(test_name_escape),
		cmocka_unit_test(test_status_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
