/* test_age_armor.c - one text for one file, however it is cut
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

#include "age/age_armor.h"

#define BEGIN "-----BEGIN AGE ENCRYPTED FILE-----\n"
#define END "-----END AGE ENCRYPTED FILE-----\n"
#define FULL "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4"

/* Read text in pieces of step characters. */
static enum sceau_age_status read_text(const char *text, size_t len,
                                       size_t step, struct sceau_buf *out)
{
	struct sceau_age_dearmorer dearmorer;
	enum sceau_age_status status = SCEAU_AGE_OK;
	struct sceau_err err = { 0 };
	struct sceau_slice piece;

	sceau_buf_init(out, 1 << 20);
	sceau_age_dearmor_init(&dearmorer);
	for (size_t pos = 0; pos < len && status >= 0;) {
		size_t used = 0;
		size_t part = len - pos < step ? len - pos : step;
		status = sceau_age_dearmor_put(&dearmorer, text + pos, part,
		                               &used, &piece, &err);
		if (status == SCEAU_AGE_MORE)
			assert_int_equal(used, part);
		if (status >= 0)
			sceau_buf_append(out, piece.data, piece.len);
		pos += used;
	}
	if (status >= 0)
		status = sceau_age_dearmor_finish(&dearmorer, &err);
	if (status < 0)
		assert_int_equal(err.fault, SCEAU_FAULT_PEER);
	return status;
}

static const struct {
	const char *text;
	const char *want; /* NULL: refused */
} cases[] = {
	{ BEGIN END, "" },
	{ BEGIN "Zg==\n" END, "f" },
	{ BEGIN "Zm9v\n" END, "foo" },
	{ BEGIN FULL "\n" END,
	  "123456789012345678901234567890123456789012345678" },
	{ BEGIN FULL "\nZm8=\n" END,
	  "123456789012345678901234567890123456789012345678fo" },
	{ "-----BEGIN AGE ENCRYPTED FILE-----\r\nZg==\r\n"
	  "-----END AGE ENCRYPTED FILE-----\r\n",
	  "f" },
	{ " \t\r\n" BEGIN "Zg==\n" END "\n \t", "f" },
	{ BEGIN "Zg==\n-----END AGE ENCRYPTED FILE-----", "f" },
	{ BEGIN "Zg==\n-----END AGE ENCRYPTED FILE-----\r", "f" },
	{ "", NULL },
	{ " \n", NULL },
	{ BEGIN, NULL },
	{ BEGIN "Zg==\n", NULL },
	{ BEGIN "Zg==\n-----END AGE ENCRYPTED FILE----", NULL },
	{ "x" BEGIN "Zg==\n" END, NULL },
	{ "x\n" BEGIN "Zg==\n" END, NULL },
	{ BEGIN "Zg==\n" END "x", NULL },
	{ BEGIN "Zg==\n" END END, NULL },
	{ BEGIN "Zg\n" END, NULL },
	{ BEGIN "Zg=\n" END, NULL },
	{ BEGIN "Zh==\n" END, NULL },
	{ BEGIN "====\n" END, NULL },
	{ BEGIN "Z===\n" END, NULL },
	{ BEGIN "Zg==Zg==\n" END, NULL },
	{ BEGIN "Zg==\nZg==\n" END, NULL },
	{ BEGIN "Zm9v\nZm9v\n" END, NULL },
	{ BEGIN "Zm9v\n\n" END, NULL },
	{ BEGIN "\nZm9v\n" END, NULL },
	{ BEGIN " Zm9v\n" END, NULL },
	{ BEGIN "Zm9v \n" END, NULL },
	{ BEGIN "Zm9v\r\r\n" END, NULL },
	{ BEGIN FULL "Zm9v\n" END, NULL },
	{ BEGIN "Version: 1\n\nZm9v\n" END, NULL },
	{ "-----BEGIN AGE ENCRYPTED FILE----- \n" END, NULL },
	{ "----- BEGIN AGE ENCRYPTED FILE-----\n" END, NULL },
};

static void test_cases(void **state)
{
	static const size_t steps[] = { 1, 2, 7, 64, 65, 4096 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t j = 0; j < sizeof(steps) / sizeof(steps[0]); j++) {
			struct sceau_buf out;
			enum sceau_age_status got = read_text(
				cases[i].text, strlen(cases[i].text), steps[j],
				&out);
			if (got != (cases[i].want == NULL ? SCEAU_AGE_ARMOR
			                                  : SCEAU_AGE_OK))
				fail_msg("%s", cases[i].text);
			if (got == SCEAU_AGE_OK)
				assert_string_equal(sceau_buf_text(&out),
				                    cases[i].want);
			sceau_buf_deinit(&out);
		}
	}
}

/* Writing in any pieces gives the same text, which reads back. */
static void test_both_ways(void **state)
{
	uint8_t data[200];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	for (size_t len = 0; len <= sizeof(data); len++) {
		struct sceau_buf text;
		struct sceau_buf back;
		struct sceau_age_armorer armorer;
		size_t step = len % 61 + 1;
		sceau_buf_init(&text, 4096);
		assert_int_equal(sceau_age_armor_begin(&armorer, &text, NULL),
		                 0);
		for (size_t pos = 0; pos < len; pos += step) {
			size_t part = len - pos < step ? len - pos : step;
			assert_int_equal(sceau_age_armor_put(&armorer,
			                                     data + pos, part,
			                                     &text, NULL),
			                 0);
		}
		assert_int_equal(sceau_age_armor_end(&armorer, &text, NULL), 0);
		assert_int_equal(read_text(text.data, text.used, 4096, &back),
		                 SCEAU_AGE_OK);
		assert_int_equal(back.used, len);
		if (len > 0)
			assert_memory_equal(back.data, data, len);
		sceau_buf_deinit(&text);
		sceau_buf_deinit(&back);
	}
}

static const struct {
	const char *text;
	enum sceau_age_form more; /* when more may follow */
	enum sceau_age_form all;
} forms[] = {
	{ "", SCEAU_AGE_FORM_UNKNOWN, SCEAU_AGE_FORM_BINARY },
	{ " \n", SCEAU_AGE_FORM_UNKNOWN, SCEAU_AGE_FORM_BINARY },
	{ "----", SCEAU_AGE_FORM_UNKNOWN, SCEAU_AGE_FORM_BINARY },
	{ "-----", SCEAU_AGE_FORM_ARMORED, SCEAU_AGE_FORM_ARMORED },
	{ "\r\n -----B", SCEAU_AGE_FORM_ARMORED, SCEAU_AGE_FORM_ARMORED },
	{ "age-encryption.org", SCEAU_AGE_FORM_UNKNOWN, SCEAU_AGE_FORM_BINARY },
	{ "age-encryption.org/v", SCEAU_AGE_FORM_BINARY,
	  SCEAU_AGE_FORM_BINARY },
	{ "age-encryption.org/v1\n" BEGIN, SCEAU_AGE_FORM_BINARY,
	  SCEAU_AGE_FORM_BINARY },
	{ "garbage\n" BEGIN, SCEAU_AGE_FORM_ARMORED, SCEAU_AGE_FORM_ARMORED },
	{ "garbage\n", SCEAU_AGE_FORM_UNKNOWN, SCEAU_AGE_FORM_BINARY },
};

static void test_detect(void **state)
{
	char text[SCEAU_AGE_ARMOR_DETECT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t len = strlen(forms[i].text);
		assert_int_equal(
			sceau_age_armor_detect(forms[i].text, len, false),
			forms[i].more);
		assert_int_equal(
			sceau_age_armor_detect(forms[i].text, len, true),
			forms[i].all);
	}
	memset(text, ' ', sizeof(text));
	assert_int_equal(sceau_age_armor_detect(text, sizeof(text) - 1, false),
	                 SCEAU_AGE_FORM_UNKNOWN);
	assert_int_equal(sceau_age_armor_detect(text, sizeof(text), false),
	                 SCEAU_AGE_FORM_BINARY);
}

static void test_no_room(void **state)
{
	struct sceau_age_armorer armorer;
	struct sceau_buf text;
	struct sceau_err err;

	(void)state;
	sceau_buf_init(&text, 80);
	assert_int_equal(sceau_age_armor_begin(&armorer, &text, &err), 0);
	assert_int_equal(sceau_age_armor_put(&armorer, FULL, 48, &text, &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_TEMP);
	assert_int_equal(sceau_age_armor_end(&armorer, &text, &err), -1);
	sceau_buf_deinit(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_detect),
		cmocka_unit_test(test_no_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
