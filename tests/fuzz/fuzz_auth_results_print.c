/* fuzz_auth_results_print.c - nothing of a value gets out of it
 *
 * Input: records of a kind byte (0: a result begins, 1: reason, else a
 * property), a length byte and so many bytes. Properties: read back word by
 * word, the field has exactly the results and values that were put in;
 * every line is a fold and no longer than 998; the field is ours.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth_results.h"
#include "auth/auth_results_print.h"
#include "fuzz/fuzz.h"
#include "mail/token.h"

#define ID "mx.home.example"
/* '=' and ';' end a word; '@' may stand in one. */
#define SPECIALS ";="

static void check_lines(const struct sceau_buf *out)
{
	size_t column = sizeof("Authentication-Results:");

	for (size_t i = 0; i < out->used; i++, column++) {
		char c = out->data[i];

		REQUIRE(column < 998);
		REQUIRE((c >= ' ' && c <= '~') || c == '\n' || c == '\t');
		if (c == '\n') {
			REQUIRE(out->data[i + 1] == '\t');
			column = 0;
		}
	}
}

/* The next value in the field, as it is meant, equals value as it may be
   shown. */
static void check_value(struct sceau_slice *rest, struct sceau_slice value)
{
	struct sceau_token token;
	struct sceau_buf got;

	sceau_buf_init(&got, 1000);
	REQUIRE(sceau_token_next(rest, SPECIALS, &token) == SCEAU_TOKEN_WORD);
	REQUIRE(sceau_token_next(rest, SPECIALS, &token) ==
	        SCEAU_TOKEN_SPECIAL);
	REQUIRE(token.text.data[0] == '=');
	sceau_token_next(rest, SPECIALS, &token);
	if (token.kind == SCEAU_TOKEN_QUOTED)
		REQUIRE(sceau_token_unquote(token.text, &got) == 0);
	else
		sceau_buf_append(&got, token.text.data, token.text.len);
	REQUIRE(got.used == value.len);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.data[i];

		REQUIRE(got.data[i] == (c < ' ' || c > '~' ? '?' : c));
	}
	sceau_buf_deinit(&got);
}

struct input {
	const uint8_t *data;
	size_t size;
};

/* One record; false at the end. */
static bool take(struct input *input, unsigned *kind, struct sceau_slice *value)
{
	if (input->size < 2)
		return false;
	*kind = input->data[0];
	value->data = (const char *)input->data + 2;
	value->len = input->data[1];
	input->data += 2;
	input->size -= 2;
	/* longer ones than a byte can say */
	if (*kind >= 0x80)
		value->len *= 4;
	if (value->len > input->size)
		value->len = input->size;
	input->data += value->len;
	input->size -= value->len;
	return true;
}

static void write_all(struct input input, struct sceau_auth_results *results)
{
	struct sceau_slice value;
	unsigned kind;

	while (take(&input, &kind, &value)) {
		if ((kind & 7) == 0)
			sceau_auth_results_begin(results, "dkim", "pass");
		else if ((kind & 7) == 1)
			sceau_auth_results_reason(results, value);
		else
			sceau_auth_results_property(results, "header.i", value);
	}
}

static void read_all(struct input input, struct sceau_slice rest)
{
	struct sceau_slice value;
	struct sceau_token token;
	unsigned kind;

	sceau_token_next(&rest, SPECIALS, &token);
	REQUIRE(sceau_slice_is(token.text, ID));
	while (take(&input, &kind, &value)) {
		if ((kind & 7) == 0) {
			sceau_token_next(&rest, SPECIALS, &token);
			REQUIRE(sceau_slice_is(token.text, ";"));
			check_value(&rest, sceau_slice_of("pass"));
		} else if (value.len > 0 &&
		           value.len <= SCEAU_AUTH_RESULTS_VALUE_MAX) {
			check_value(&rest, value);
		}
	}
	REQUIRE(sceau_token_next(&rest, SPECIALS, &token) == SCEAU_TOKEN_END);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct sceau_auth_results results;
	struct sceau_buf out;

	/* it begins with a result, and is small enough to keep all */
	if (size < 2 || size > 2000 || (data[0] & 7) != 0)
		return 0;
	sceau_auth_results_init(&results, sceau_slice_of(ID));
	write_all(input, &results);
	sceau_buf_init(&out, SCEAU_AUTH_RESULTS_MAX);
	REQUIRE(sceau_auth_results_end(&results, &out, NULL) == 0);
	check_lines(&out);
	if (results.left_out == 0)
		read_all(input, (struct sceau_slice){ out.data, out.used });
	REQUIRE(sceau_auth_results_is_ours(
		(struct sceau_slice){ out.data, out.used },
		sceau_slice_of(ID)));
	sceau_buf_deinit(&out);
	sceau_auth_results_deinit(&results);
	return 0;
}
