/* test_age_header.c - the form of headers: what is accepted, refused, bounded
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

#include "age/age_header.h"

#define V1 "age-encryption.org/v1\n"
#define MAC43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define MAC "--- " MAC43 "\n"
#define B64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct {
	const char *text;
	enum sceau_age_status want;
	const char *why;
} cases[] = {
	{ V1 "-> a\n\n" MAC, SCEAU_AGE_OK, "the smallest header" },
	{ V1 "-> a b c\nAAA\n" MAC, SCEAU_AGE_OK, "arguments and body" },
	{ V1 "-> a\n" B64 "\n\n" MAC, SCEAU_AGE_OK, "a full line, an empty" },
	{ V1 "-> a\n" B64 "\n" MAC, SCEAU_AGE_HEADER, "no short line" },
	{ V1 "-> a\n" B64 "A\n\n" MAC, SCEAU_AGE_HEADER, "65 characters" },
	{ V1 "-> a\nAA\nAA\n" MAC, SCEAU_AGE_HEADER, "two short lines" },
	{ V1 "-> a\nAB\n" MAC, SCEAU_AGE_HEADER, "spare bits" },
	{ V1 "-> a\nAA==\n" MAC, SCEAU_AGE_HEADER, "padding" },
	{ V1 "-> a\nA A\n" MAC, SCEAU_AGE_HEADER, "a space in the body" },
	{ V1 "-> a\r\n\n" MAC, SCEAU_AGE_HEADER, "CR in the arguments" },
	{ V1 "-> a\n\r\n" MAC, SCEAU_AGE_HEADER, "CR in the body" },
	{ V1 "-> \n\n" MAC, SCEAU_AGE_HEADER, "no type" },
	{ V1 "->\n\n" MAC, SCEAU_AGE_HEADER, "no space" },
	{ V1 "-> a \n\n" MAC, SCEAU_AGE_HEADER, "a space at the end" },
	{ V1 "->  a\n\n" MAC, SCEAU_AGE_HEADER, "two spaces" },
	{ V1 "-> a  b\n\n" MAC, SCEAU_AGE_HEADER, "an empty argument" },
	{ V1 "-> a\tb\n\n" MAC, SCEAU_AGE_HEADER, "a tab" },
	{ V1 "-> \xc3\xa9\n\n" MAC, SCEAU_AGE_HEADER, "not ASCII" },
	{ V1 "-- a\n\n" MAC, SCEAU_AGE_HEADER, "another mark" },
	{ V1 "\n" MAC, SCEAU_AGE_HEADER, "an empty line" },
	{ V1 MAC, SCEAU_AGE_HEADER, "no stanza" },
	{ V1 "-> a\n\n---" MAC43 "\n", SCEAU_AGE_HEADER, "no space" },
	{ V1 "-> a\n\n---  " MAC43 "\n", SCEAU_AGE_HEADER, "two spaces" },
	{ V1 "-> a\n\n--- " MAC43 " \n", SCEAU_AGE_HEADER, "space at end" },
	{ V1 "-> a\n\n--- A" MAC43 "\n", SCEAU_AGE_HEADER, "44 characters" },
	{ V1 "-> a\n\n--- " MAC43 "\r\n", SCEAU_AGE_HEADER, "CR" },
	{ V1 "-> a\n\n---\n", SCEAU_AGE_HEADER, "an empty MAC" },
	{ V1 "-> a\n\n--- " MAC43, SCEAU_AGE_MORE, "no LF yet" },
	{ V1 "-> a\n\n", SCEAU_AGE_MORE, "no MAC yet" },
	{ V1 "-> a", SCEAU_AGE_MORE, "half a line" },
	{ V1, SCEAU_AGE_MORE, "the first line" },
	{ "age-enc", SCEAU_AGE_MORE, "half of the first line" },
	{ "", SCEAU_AGE_MORE, "nothing" },
	{ "From: a", SCEAU_AGE_HEADER, "a mail" },
	{ "age-encryption.org/v2\n", SCEAU_AGE_HEADER, "another version" },
	{ "age-encryption.org/v1\r\n", SCEAU_AGE_HEADER, "CR" },
	{ "\n" V1, SCEAU_AGE_HEADER, "an empty line first" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sceau_age_header header;
		struct sceau_err err = { 0 };
		size_t len = strlen(cases[i].text);
		enum sceau_age_status got = sceau_age_header_parse(
			cases[i].text, len, &header, &err);
		if (got != cases[i].want)
			fail_msg("%s: got %s (%s)", cases[i].why,
			         sceau_age_status_name(got), err.text);
		if (got == SCEAU_AGE_OK)
			assert_int_equal(header.length, len);
		if (got == SCEAU_AGE_HEADER)
			assert_int_equal(err.fault, SCEAU_FAULT_PEER);
	}
}

/* Every prefix says MORE until the answer is there, which then stays. */
static void test_growing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[400];
		struct sceau_age_header header;
		enum sceau_age_status got = SCEAU_AGE_MORE;
		size_t len = strlen(cases[i].text);
		memcpy(text, cases[i].text, len);
		memset(text + len, '\n', sizeof(text) - len);
		for (size_t used = 0; used <= len; used++) {
			enum sceau_age_status now = sceau_age_header_parse(
				text, used, &header, NULL);
			if (got != SCEAU_AGE_MORE)
				assert_int_equal(now, got);
			got = now;
		}
		assert_int_equal(got, cases[i].want);
		if (got == SCEAU_AGE_MORE)
			continue;
		assert_int_equal(sceau_age_header_parse(text, sizeof(text),
		                                        &header, NULL),
		                 got);
	}
}

static void test_parts(void **state)
{
	static const char text[] = V1 "-> one two three\nAAECAw\n"
				      "-> solo\n" B64 "\nBA\n" MAC "rest";
	struct sceau_age_header header;
	uint8_t body[64];

	(void)state;
	assert_int_equal(
		sceau_age_header_parse(text, strlen(text), &header, NULL),
		SCEAU_AGE_OK);
	assert_int_equal(header.length, strlen(text) - 4);
	assert_int_equal(header.mac_input_length, header.length - 45);
	assert_int_equal(header.stanza_count, 2);
	const struct sceau_age_stanza *stanza = &header.stanzas[0];
	assert_true(sceau_slice_is(stanza->type, "one"));
	assert_int_equal(stanza->argument_count, 2);
	assert_true(
		sceau_slice_is(sceau_age_stanza_argument(stanza, 0), "two"));
	assert_true(
		sceau_slice_is(sceau_age_stanza_argument(stanza, 1), "three"));
	assert_int_equal(sceau_age_stanza_argument(stanza, 2).len, 0);
	assert_int_equal(sceau_age_stanza_body(stanza, body, 3), -1);
	assert_int_equal(sceau_age_stanza_body(stanza, body, 4), 4);
	assert_memory_equal(body, "\0\1\2\3", 4);
	stanza = &header.stanzas[1];
	assert_true(sceau_slice_is(stanza->type, "solo"));
	assert_int_equal(stanza->argument_count, 0);
	assert_int_equal(sceau_age_stanza_argument(stanza, 0).len, 0);
	assert_int_equal(sceau_age_stanza_body(stanza, body, 64), 49);
	assert_int_equal(body[48], 4);
}

static enum sceau_age_status parse_buf(const struct sceau_buf *buf)
{
	struct sceau_age_header header;

	return sceau_age_header_parse(buf->data, buf->used, &header, NULL);
}

static void test_bounds(void **state)
{
	struct sceau_buf buf;

	(void)state;
	sceau_buf_init(&buf, 1 << 20);
	sceau_buf_append_text(&buf, V1);
	for (int i = 0; i < SCEAU_AGE_STANZAS_MAX; i++)
		sceau_buf_append_text(&buf, "-> a\n\n");
	size_t full = buf.used;
	sceau_buf_append_text(&buf, MAC);
	assert_int_equal(parse_buf(&buf), SCEAU_AGE_OK);
	buf.used = full;
	sceau_buf_append_text(&buf, "-> a\n\n" MAC);
	assert_int_equal(parse_buf(&buf), SCEAU_AGE_HEADER);

	sceau_buf_clear(&buf);
	sceau_buf_append_text(&buf, V1 "-> a");
	for (int i = 0; i < SCEAU_AGE_ARGUMENTS_MAX; i++)
		sceau_buf_append_text(&buf, " b");
	full = buf.used;
	sceau_buf_append_text(&buf, "\n\n" MAC);
	assert_int_equal(parse_buf(&buf), SCEAU_AGE_OK);
	buf.used = full;
	sceau_buf_append_text(&buf, " b\n\n" MAC);
	assert_int_equal(parse_buf(&buf), SCEAU_AGE_HEADER);

	/* A header that ends exactly at the bound, and one byte behind it. */
	sceau_buf_clear(&buf);
	sceau_buf_append_text(&buf, V1 "-> ");
	while (buf.used < SCEAU_AGE_HEADER_MAX - strlen("\n\n" MAC))
		sceau_buf_append_text(&buf, "a");
	full = buf.used;
	sceau_buf_append_text(&buf, "\n\n" MAC);
	assert_int_equal(parse_buf(&buf), SCEAU_AGE_OK);
	buf.used = full;
	sceau_buf_append_text(&buf, "a\n\n" MAC);
	assert_int_equal(parse_buf(&buf), SCEAU_AGE_HEADER);
	buf.used = SCEAU_AGE_HEADER_MAX;
	assert_int_equal(parse_buf(&buf), SCEAU_AGE_HEADER);
	buf.used--;
	assert_int_equal(parse_buf(&buf), SCEAU_AGE_MORE);
	sceau_buf_deinit(&buf);
}

/* What is written is read, for every length of body around the line's. */
static void test_writing(void **state)
{
	static const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE] = { 4, 2 };
	static const uint8_t other_key[SCEAU_AGE_FILE_KEY_SIZE] = { 4, 3 };
	uint8_t body[150];

	(void)state;
	for (size_t len = 0; len <= sizeof(body); len++) {
		struct sceau_age_header header;
		struct sceau_buf buf;
		uint8_t back[sizeof(body)];
		memset(body, (int)len, sizeof(body));
		sceau_buf_init(&buf, 1000);
		assert_int_equal(sceau_age_header_begin(&buf, NULL), 0);
		assert_int_equal(sceau_age_header_add_stanza(&buf, "t 1 2",
		                                             body, len, NULL),
		                 0);
		assert_int_equal(sceau_age_header_end(&buf, file_key, NULL), 0);
		assert_int_equal(sceau_age_header_parse(buf.data, buf.used,
		                                        &header, NULL),
		                 SCEAU_AGE_OK);
		assert_int_equal(sceau_age_stanza_body(&header.stanzas[0], back,
		                                       sizeof(back)),
		                 len);
		assert_memory_equal(back, body, len);
		assert_int_equal(sceau_age_header_check_mac(&header, buf.data,
		                                            file_key, NULL),
		                 SCEAU_AGE_OK);
		assert_int_equal(sceau_age_header_check_mac(&header, buf.data,
		                                            other_key, NULL),
		                 SCEAU_AGE_HMAC);
		buf.data[26] = '3'; /* the type */
		assert_int_equal(sceau_age_header_check_mac(&header, buf.data,
		                                            file_key, NULL),
		                 SCEAU_AGE_HMAC);
		sceau_buf_deinit(&buf);
	}
}

static void test_no_room(void **state)
{
	static const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE];
	struct sceau_err err;
	struct sceau_buf buf;

	(void)state;
	/* 22 bytes first line, 6 stanza, 48 MAC line. */
	for (size_t max = 0; max < 76; max++) {
		sceau_buf_init(&buf, max);
		int ret = sceau_age_header_begin(&buf, &err);
		if (ret == 0)
			ret = sceau_age_header_add_stanza(&buf, "a", "", 0,
			                                  &err);
		if (ret == 0)
			ret = sceau_age_header_end(&buf, file_key, &err);
		assert_int_equal(ret, -1);
		assert_int_equal(err.fault, SCEAU_FAULT_TEMP);
		sceau_buf_deinit(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),   cmocka_unit_test(test_growing),
		cmocka_unit_test(test_parts),   cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_writing), cmocka_unit_test(test_no_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
