/* test_header_scan.c - raw headers, cut into reads of every size
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

#include "mail/header_scan.h"

static struct sceau_header header;
static struct sceau_header_scan scan;

/* fields: "name=value" joined by '|', as the view shows them. */
static const struct {
	const char *what;
	const char *mail;
	const char *want_fields;
	const char *want_separator;
	const char *want_body;
} cases[] = {
	{ "LF", "A: 1\nB: 2\n\nbody\n", "A= 1|B= 2", "\n", "body\n" },
	{ "CRLF", "A: 1\r\nB: 2\r\n\r\nbody\r\n", "A= 1|B= 2", "\r\n",
	  "body\r\n" },
	{ "mixed line ends", "A: 1\r\nB: 2\n\r\nb", "A= 1|B= 2", "\r\n", "b" },
	{ "empty message", "", "", "", "" },
	{ "only an empty line", "\n", "", "\n", "" },
	{ "no header, body", "\nA: 1\n", "", "\n", "A: 1\n" },
	{ "no body", "A: 1\n", "A= 1", "", "" },
	{ "no body, separator", "A: 1\n\n", "A= 1", "\n", "" },
	{ "cut in a value", "A: 1\nB: 2", "A= 1|B= 2", "", "" },
	{ "cut in a name", "A: 1\nB", "A= 1", "", "B" },
	{ "cut after a name", "A: 1\nB ", "A= 1", "", "B " },
	{ "cut after CR", "A: 1\n\r", "A= 1", "", "\r" },
	{ "cut at the colon", "A:", "A=", "", "" },
	{ "fold", "A: 1\n\t2\n 3\nB: x\n\n", "A= 1\n\t2\n 3|B= x", "\n", "" },
	{ "CRLF fold", "A: 1\r\n 2\r\n\r\n", "A= 1\r\n 2", "\r\n", "" },
	{ "fold of blanks only", "A: 1\n  \nB: 2\n\n", "A= 1\n  |B= 2", "\n",
	  "" },
	{ "fold at once", "A:\n 1\n\n", "A=\n 1", "\n", "" },
	{ "no leading space", "A:1\n\n", "A=1", "\n", "" },
	{ "tab after the colon", "A:\t1\n\n", "A=\t1", "\n", "" },
	{ "empty value", "A:\nB:\n\n", "A=|B=", "\n", "" },
	{ "blanks before the colon", "A \t: 1\n\n", "A= 1", "\n", "" },
	{ "colons in the value", "A: 1:2\n\n", "A= 1:2", "\n", "" },
	{ "every printable name", "!#$%&'*+-.^_`{|}~0Az: 1\n\n",
	  "!#$%&'*+-.^_`{|}~0Az= 1", "\n", "" },
	{ "equal names", "A: 1\na: 2\nA: 3\n\n", "A= 1|a= 2|A= 3", "\n", "" },
	{ "first line no header", "hello world\nA: 1\n\n", "", "",
	  "hello world\nA: 1\n\n" },
	{ "first line blank", " A: 1\n\n", "", "", " A: 1\n\n" },
	{ "first line of blanks", "  \nA: 1\n", "", "", "  \nA: 1\n" },
	{ "mbox line", "From a@b Mon\nA: 1\n\n", "", "",
	  "From a@b Mon\nA: 1\n\n" },
	{ "body without empty line", "A: 1\nhello\nB: 2\n", "A= 1", "",
	  "hello\nB: 2\n" },
	{ "two words before the colon", "A: 1\nB c: 2\n", "A= 1", "",
	  "B c: 2\n" },
	{ "no name", "A: 1\n: 2\n", "A= 1", "", ": 2\n" },
	{ "8-bit name", "A: 1\n\xc3\xa9: 2\n", "A= 1", "", "\xc3\xa9: 2\n" },
	{ "8-bit in a name", "A: 1\nx\xc3\xa9: 2\n", "A= 1", "",
	  "x\xc3\xa9: 2\n" },
	{ "8-bit value", "A: \xc3\xa9\xff\n\n", "A= \xc3\xa9\xff", "\n", "" },
	{ "control in a name", "A\001: 1\n\n", "", "", "A\001: 1\n\n" },
	{ "bare CR in a value", "A: 1\rB: 2\n\n", "A= 1\rB: 2", "\n", "" },
	{ "two CR before LF", "A: 1\r\r\n\r\n", "A= 1\r", "\r\n", "" },
	{ "CR alone on a line", "A: 1\n\rB: 2\n", "A= 1", "", "\rB: 2\n" },
	{ "two CR alone", "A: 1\n\r\r\nx", "A= 1", "", "\r\r\nx" },
	{ "CR in a name", "A: 1\nB\r: 2\n", "A= 1", "", "B\r: 2\n" },
	{ "name without colon", "A: 1\nB\nC: 3\n", "A= 1", "", "B\nC: 3\n" },
	{ "mail in mail", "A: 1\n\nX: 2\n\nz\n", "A= 1", "\n", "X: 2\n\nz\n" },
};

static int teardown(void **state)
{
	(void)state;
	sceau_header_scan_deinit(&scan);
	sceau_header_deinit(&header);
	return 0;
}

static void start(size_t max_fields, size_t max_bytes)
{
	teardown(NULL);
	sceau_header_init(&header, max_fields, max_bytes);
	sceau_header_scan_init(&scan, &header);
}

/* Scan a message in chunks; append the body to body. */
static int scan_all(const char *mail, size_t len, size_t chunk,
                    struct sceau_buf *body)
{
	size_t pos = 0, used;
	int ret = 0;

	while (pos < len && ret == 0) {
		size_t n = len - pos < chunk ? len - pos : chunk;

		ret = sceau_header_scan_feed(&scan, mail + pos, n, &used, NULL);
		pos += used;
	}
	if (ret < 0 || sceau_header_scan_finish(&scan, NULL) < 0)
		return -1;
	/* Asking again changes nothing. */
	assert_int_equal(sceau_header_scan_feed(&scan, "x", 1, &used, NULL), 1);
	assert_int_equal(used, 0);
	assert_int_equal(sceau_header_scan_finish(&scan, NULL), 0);

	struct sceau_slice left = sceau_header_scan_left(&scan);

	sceau_buf_append(body, left.data, left.len);
	sceau_buf_append(body, mail + pos, len - pos);
	return 0;
}

/* The view printed, the separator and the body are the message again. */
static void assert_identity(const char *what, const char *mail, size_t len,
                            const struct sceau_buf *body)
{
	struct sceau_buf out;

	sceau_buf_init(&out, len + 100);
	sceau_header_print(&header, &out);
	sceau_buf_append_text(&out, sceau_header_scan_separator(&scan));
	sceau_buf_append(&out, body->data, body->used);
	if (out.used != len || (len > 0 && memcmp(out.data, mail, len) != 0))
		fail_msg("%s: printed otherwise: %s", what,
		         sceau_buf_text(&out));
	sceau_buf_deinit(&out);
}

static void show_fields(struct sceau_buf *out)
{
	for (size_t i = 0; i < header.count; i++) {
		struct sceau_header_field field = sceau_header_get(&header, i);

		sceau_buf_append_text(out, i == 0 ? "" : "|");
		sceau_buf_append(out, field.name.data, field.name.len);
		sceau_buf_append_text(out, "=");
		sceau_buf_append(out, field.value.data, field.value.len);
	}
}

static void check(size_t i, size_t chunk)
{
	const char *mail = cases[i].mail;
	struct sceau_buf body, fields;

	sceau_buf_init(&body, 1000);
	sceau_buf_init(&fields, 1000);
	start(100, 1000);
	assert_int_equal(scan_all(mail, strlen(mail), chunk, &body), 0);
	show_fields(&fields);
	if (strcmp(sceau_buf_text(&fields), cases[i].want_fields) != 0)
		fail_msg("%s/%zu: got fields %s", cases[i].what, chunk,
		         sceau_buf_text(&fields));
	if (strcmp(sceau_header_scan_separator(&scan),
	           cases[i].want_separator) != 0)
		fail_msg("%s/%zu: separator", cases[i].what, chunk);
	if (strcmp(sceau_buf_text(&body), cases[i].want_body) != 0)
		fail_msg("%s/%zu: got body %s", cases[i].what, chunk,
		         sceau_buf_text(&body));
	assert_identity(cases[i].what, mail, strlen(mail), &body);
	sceau_buf_deinit(&fields);
	sceau_buf_deinit(&body);
}

static void test_table_any_chunking(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t chunk = 1; chunk <= strlen(cases[i].mail) + 1;
		     chunk++)
			check(i, chunk);
	}
}

static void test_nul_bytes(void **state)
{
	static const struct {
		const char *mail;
		size_t len;
		size_t want_fields;
		size_t want_body;
	} nul[] = {
		{ "A: a\0b\nB: 2\n\nx\0y", 16, 2, 3 },
		{ "A: 1\n\0\n\n", 8, 1, 3 },
		{ "A: 1\nB\0: 1\n", 11, 1, 6 },
		{ "\0", 1, 0, 1 },
	};
	struct sceau_buf body;

	(void)state;
	sceau_buf_init(&body, 100);
	for (size_t i = 0; i < sizeof(nul) / sizeof(nul[0]); i++) {
		sceau_buf_clear(&body);
		start(10, 100);
		assert_int_equal(scan_all(nul[i].mail, nul[i].len, 3, &body),
		                 0);
		assert_int_equal(header.count, nul[i].want_fields);
		assert_int_equal(body.used, nul[i].want_body);
		assert_identity("nul", nul[i].mail, nul[i].len, &body);
	}
	sceau_buf_deinit(&body);
}

static int scan_text(const char *mail, struct sceau_err *err)
{
	size_t used;
	int ret = sceau_header_scan_feed(&scan, mail, strlen(mail), &used, err);

	return ret < 0 ? ret : sceau_header_scan_finish(&scan, err);
}

static void test_limits(void **state)
{
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

	(void)state;
	start(2, 10);
	assert_int_equal(scan_text("A: 1\nB: 2\n\n3333333333333", &err), 0);
	start(2, 9);
	assert_int_equal(scan_text("A: 1\nB: 2\n\n", &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
	err.fault = SCEAU_FAULT_NONE;
	start(1, 100);
	assert_int_equal(scan_text("A: 1\nB: 2", &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
	err.fault = SCEAU_FAULT_NONE;
	start(1, 10);
	assert_int_equal(scan_text("A: 3456789012", &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
}

static void test_edit_of_scanned(void **state)
{
	struct sceau_buf out;
	struct sceau_err err;

	(void)state;
	start(10, 1000);
	assert_int_equal(scan_text("A : 1\r\nB: 2\r\n 3\r\nC: 4\r\n\r\n", &err),
	                 0);
	sceau_header_delete(&header, 0);
	assert_int_equal(
		sceau_header_change(&header, 2, sceau_slice_of(" x\n y"), &err),
		0);
	sceau_buf_init(&out, 1000);
	assert_int_equal(sceau_header_print(&header, &out), 0);
	assert_string_equal(sceau_buf_text(&out),
	                    "B: 2\r\n 3\r\nC: x\r\n y\r\n");
	sceau_buf_deinit(&out);
}

/* 1 MB of header in the worst shapes; the test's time limit is the check that
   nothing is quadratic. */
static void test_hostile_sizes(void **state)
{
	static const char *const parts[] = { "A:\n", "A: 1\n ", "\n ", "A",
		                             "A:",   " ",       "A:\r" };
	size_t size = 1000000;
	char *mail = malloc(size);
	struct sceau_buf body;

	(void)state;
	assert_non_null(mail);
	sceau_buf_init(&body, 2 * size);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		size_t len = strlen(parts[i]);

		for (size_t k = 0; k < size; k++)
			mail[k] = parts[i][k % len];
		sceau_buf_clear(&body);
		start(400000, 2 * size);
		assert_int_equal(scan_all(mail, size, 1000, &body), 0);
		assert_identity(parts[i], mail, size, &body);
	}
	sceau_buf_deinit(&body);
	free(mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_any_chunking),
		cmocka_unit_test(test_nul_bytes),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_edit_of_scanned),
		cmocka_unit_test(test_hostile_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
