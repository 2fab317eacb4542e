/* test_dkim_canon.c - canonical forms: the examples of RFC 6376, and every
 * short body in every chunking against a slow reading of its words
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

#include "auth/dkim_canon.h"
#include "base/buf.h"

static void collect(void *ctx, const char *data, size_t len)
{
	assert_int_not_equal(len, 0);
	assert_int_equal(sceau_buf_append(ctx, data, len), 0);
}

static const struct {
	enum sceau_dkim_canon canon;
	const char *name;
	const char *value;
	const char *want;
} fields[] = {
	/* RFC 6376 3.4.5 */
	{ SCEAU_DKIM_RELAXED, "A", " X", "a:X" },
	{ SCEAU_DKIM_RELAXED, "B ", " Y\t\r\n\tZ  ", "b:Y Z" },
	{ SCEAU_DKIM_SIMPLE, "A", " X", "A: X" },
	{ SCEAU_DKIM_SIMPLE, "B ", " Y\t\r\n\tZ  ", "B : Y\t\r\n\tZ  " },
	/* a milter hands folds over as LF */
	{ SCEAU_DKIM_SIMPLE, "B", " Y\n\tZ\n U", "B: Y\r\n\tZ\r\n U" },
	{ SCEAU_DKIM_RELAXED, "B", " Y\n\tZ\n U", "b:Y Z U" },
	{ SCEAU_DKIM_RELAXED, "Subject", "", "subject:" },
	{ SCEAU_DKIM_SIMPLE, "Subject", "", "Subject:" },
	{ SCEAU_DKIM_RELAXED, "SUBJECT", " \t ", "subject:" },
	{ SCEAU_DKIM_RELAXED, "X", "\r\n a", "x:a" },
	{ SCEAU_DKIM_RELAXED, "X", "a\r\n \r\n\tb", "x:a b" },
	/* an unfolded field may end in a fold of blanks */
	{ SCEAU_DKIM_RELAXED, "X", " a\r\n  ", "x:a" },
	/* the only white space is SP and HTAB: others are bytes */
	{ SCEAU_DKIM_RELAXED, "X", " a\v\f b", "x:a\v\f b" },
	{ SCEAU_DKIM_RELAXED, "X", " a\rb", "x:a\rb" },
	{ SCEAU_DKIM_SIMPLE, "X", " a\rb", "X: a\rb" },
	{ SCEAU_DKIM_RELAXED, "X", " \xc3\xa9 \xff", "x:\xc3\xa9 \xff" },
};

static void test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct sceau_buf out;

		sceau_buf_init(&out, 1000);
		sceau_dkim_canon_field(
			fields[i].canon, sceau_slice_of(fields[i].name),
			sceau_slice_of(fields[i].value), collect, &out);
		if (strcmp(sceau_buf_text(&out), fields[i].want) != 0)
			fail_msg("case %zu: got \"%s\", want \"%s\"", i,
			         sceau_buf_text(&out), fields[i].want);
		sceau_buf_deinit(&out);
	}
}

/* A field of any length comes out whole. */
static void test_long_field(void **state)
{
	struct sceau_buf value, out;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		sceau_buf_init(&value, 200000);
		sceau_buf_init(&out, 200000);
		for (size_t j = 0; j < 20000; j++)
			(void)sceau_buf_append_text(&value, " word");
		sceau_dkim_canon_field(
			i == 0 ? SCEAU_DKIM_SIMPLE : SCEAU_DKIM_RELAXED,
			sceau_slice_of("X"),
			(struct sceau_slice){ value.data, value.used }, collect,
			&out);
		/* relaxed: the first blank is gone */
		assert_int_equal(out.used, 2 + value.used - i);
		assert_memory_equal(out.data + 2, value.data + i,
		                    value.used - i);
		sceau_buf_deinit(&value);
		sceau_buf_deinit(&out);
	}
}

static const struct {
	enum sceau_dkim_canon canon;
	const char *body;
	const char *want;
} bodies[] = {
	/* RFC 6376 3.4.5 */
	{ SCEAU_DKIM_RELAXED, " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n" },
	{ SCEAU_DKIM_SIMPLE, " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n" },
	/* 3.4.3: an empty body is one line end; 3.4.4: it is nothing */
	{ SCEAU_DKIM_SIMPLE, "", "\r\n" },
	{ SCEAU_DKIM_RELAXED, "", "" },
	{ SCEAU_DKIM_SIMPLE, "\r\n\r\n", "\r\n" },
	{ SCEAU_DKIM_RELAXED, "\r\n \t\r\n", "" },
	{ SCEAU_DKIM_SIMPLE, " \r\n", " \r\n" },
	{ SCEAU_DKIM_SIMPLE, "a", "a\r\n" },
	{ SCEAU_DKIM_RELAXED, "a", "a\r\n" },
	{ SCEAU_DKIM_SIMPLE, "\r\n\r\na\r\n", "\r\n\r\na\r\n" },
	{ SCEAU_DKIM_RELAXED, "\r\n\r\na\r\n", "\r\n\r\na\r\n" },
	/* only CRLF ends a line */
	{ SCEAU_DKIM_SIMPLE, "a\n\n", "a\n\n\r\n" },
	{ SCEAU_DKIM_RELAXED, "a \n\r", "a \n\r\r\n" },
	{ SCEAU_DKIM_SIMPLE, "a\r\r\n", "a\r\r\n" },
};

static void feed(enum sceau_dkim_canon canon, const char *data, size_t len,
                 size_t chunk, struct sceau_buf *out)
{
	struct sceau_dkim_body body;

	sceau_dkim_body_init(&body, canon, collect, out);
	for (size_t pos = 0; pos < len; pos += chunk)
		sceau_dkim_body_feed(&body, data + pos,
		                     len - pos < chunk ? len - pos : chunk);
	sceau_dkim_body_end(&body);
}

static void test_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		size_t len = strlen(bodies[i].body);

		for (size_t chunk = 1; chunk <= len + 1; chunk++) {
			struct sceau_buf out;

			sceau_buf_init(&out, 1000);
			feed(bodies[i].canon, bodies[i].body, len, chunk, &out);
			if (strcmp(sceau_buf_text(&out), bodies[i].want) != 0)
				fail_msg("case %zu/%zu: got \"%s\"", i, chunk,
				         sceau_buf_text(&out));
			sceau_buf_deinit(&out);
		}
	}
}

/* --- the words of the RFC, one after the other, on a whole body --- */

static size_t drop_white_at_line_ends(char *text, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\r' && i + 1 < len && text[i + 1] == '\n') {
			while (out > 0 &&
			       (text[out - 1] == ' ' || text[out - 1] == '\t'))
				out--;
		}
		text[out++] = text[i];
	}
	while (out > 0 && (text[out - 1] == ' ' || text[out - 1] == '\t'))
		out--;
	return out;
}

static size_t reduce_white(char *text, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len; i++) {
		bool is_white = text[i] == ' ' || text[i] == '\t';

		if (is_white && out > 0 && text[out - 1] == ' ')
			continue;
		text[out++] = is_white ? ' ' : text[i];
	}
	return out;
}

static size_t reference(enum sceau_dkim_canon canon, char *text, size_t len)
{
	if (canon == SCEAU_DKIM_RELAXED) {
		len = drop_white_at_line_ends(text, len);
		len = reduce_white(text, len);
	}
	while (len >= 2 && memcmp(text + len - 2, "\r\n", 2) == 0)
		len -= 2;
	if (len > 0 || canon == SCEAU_DKIM_SIMPLE) {
		memcpy(text + len, "\r\n", 2);
		len += 2;
	}
	return len;
}

static void compare(enum sceau_dkim_canon canon, const char *text, size_t len,
                    size_t chunk)
{
	char want[64];
	struct sceau_buf out;
	size_t want_len;

	memcpy(want, text, len);
	want_len = reference(canon, want, len);
	sceau_buf_init(&out, 100);
	feed(canon, text, len, chunk, &out);
	if (out.used != want_len ||
	    (want_len > 0 && memcmp(out.data, want, want_len) != 0))
		fail_msg("canon %d, chunk %zu, body \"%.*s\" (%zu bytes): got "
		         "%zu bytes, want %zu",
		         canon, chunk, (int)len, text, len, out.used, want_len);
	sceau_buf_deinit(&out);
}

/* All bodies of up to six bytes of these, cut into pieces of 1, 2, 3 and
   whole. */
static void test_every_short_body(void **state)
{
	static const char alphabet[] = " \t\r\nab";
	const size_t letters = sizeof(alphabet) - 1;

	(void)state;
	for (size_t len = 0, count = 1; len <= 6; len++, count *= letters) {
		for (size_t number = 0; number < count; number++) {
			char text[8];
			size_t rest = number;

			for (size_t i = 0; i < len; i++) {
				text[i] = alphabet[rest % letters];
				rest /= letters;
			}
			for (size_t chunk = 1; chunk <= 4; chunk++) {
				size_t size = chunk == 4 ? 8 : chunk;

				compare(SCEAU_DKIM_SIMPLE, text, len, size);
				compare(SCEAU_DKIM_RELAXED, text, len, size);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_long_field),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_every_short_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
