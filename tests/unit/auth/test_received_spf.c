/* test_received_spf.c - Received-SPF fields by the grammar of RFC 7208 9.1
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

#include "auth/received_spf.h"
#include "mail/token.h"

static struct sceau_spf_result
result_of(enum sceau_spf_code code, const char *mechanism, const char *reason)
{
	struct sceau_spf_result result = { .code = code,
		                           .domain = "far.example" };

	snprintf(result.mechanism, sizeof(result.mechanism), "%s", mechanism);
	snprintf(result.reason, sizeof(result.reason), "%s", reason);
	return result;
}

static void print(const struct sceau_spf_result *result, const char *helo,
                  const char *mail_from, struct sceau_buf *out)
{
	struct sceau_received_spf field = {
		.result = result,
		.helo = sceau_slice_of(helo),
		.mail_from = sceau_slice_of(mail_from),
		.receiver = sceau_slice_of("mx.home.example"),
	};

	sceau_ip_parse(sceau_slice_of("192.0.2.1"), &field.ip, NULL);
	sceau_buf_init(out, SCEAU_RECEIVED_SPF_MAX);
	assert_int_equal(sceau_received_spf_print(&field, out, NULL), 0);
}

static void test_plain(void **state)
{
	struct sceau_spf_result result = result_of(SCEAU_SPF_PASS,
	                                           "ip4:192.0.2.0/24", "");
	struct sceau_buf out;

	(void)state;
	print(&result, "mx.far.example", "zoe@far.example", &out);
	assert_string_equal(sceau_buf_text(&out),
	                    "pass (far.example permits 192.0.2.1)\n"
	                    "\tidentity=mailfrom;\n"
	                    "\tclient-ip=192.0.2.1;\n"
	                    "\thelo=mx.far.example;\n"
	                    "\tenvelope-from=\"zoe@far.example\";\n"
	                    "\treceiver=mx.home.example;\n"
	                    "\tmechanism=\"ip4:192.0.2.0/24\"");
	sceau_buf_deinit(&out);
}

static void test_errors_and_helo(void **state)
{
	struct sceau_spf_result result = result_of(SCEAU_SPF_PERMERROR, "",
	                                           "a is \"broken\"; b\\c");
	struct sceau_received_spf field = {
		.result = &result,
		.is_helo = true,
		.helo = sceau_slice_of("h"),
	};
	struct sceau_buf out;

	(void)state;
	sceau_ip_parse(sceau_slice_of("2001:db8::1"), &field.ip, NULL);
	result.domain[0] = '\0';
	sceau_buf_init(&out, SCEAU_RECEIVED_SPF_MAX);
	assert_int_equal(sceau_received_spf_print(&field, &out, NULL), 0);
	/* an IPv6 address is no dot-atom, an empty word neither */
	assert_string_equal(sceau_buf_text(&out),
	                    "permerror (this client could not be asked about "
	                    "2001:db8::1)\n"
	                    "\tidentity=helo;\n"
	                    "\tclient-ip=\"2001:db8::1\";\n"
	                    "\thelo=h;\n"
	                    "\tenvelope-from=\"\";\n"
	                    "\treceiver=\"\";\n"
	                    "\tproblem=\"a is \\\"broken\\\"; b\\\\c\"");
	sceau_buf_deinit(&out);
}

static const char *const hostile[] = {
	"x\r\nSubject: owned",
	"x\ny",
	"x; identity=helo; mechanism=all",
	"x) (y",
	"\"x\"; y=\"z",
	"x\\",
	"x\\\"",
	"x(",
	"x y",
	".x",
	"x.",
	"x..y",
	"x\x01\x7f",
	"jos\xc3\xa9@far.example",
	"\xff\xfe",
	"",
};

/* Take key=value pairs by the tokens of RFC 5322; wants these and no others. */
static void expect_keys(const char *text, const char *const *keys)
{
	struct sceau_slice rest = sceau_slice_of(text);
	struct sceau_token token;

	assert_int_equal(sceau_token_next(&rest, ";=", &token),
	                 SCEAU_TOKEN_WORD);
	assert_int_equal(sceau_token_next(&rest, ";=", &token),
	                 SCEAU_TOKEN_COMMENT);
	for (; *keys != NULL; keys++) {
		sceau_token_next(&rest, ";=", &token);
		if (!sceau_slice_is(token.text, *keys))
			fail_msg("got \"%.*s\", want %s in %s",
			         (int)token.text.len, token.text.data, *keys,
			         text);
		sceau_token_next(&rest, ";=", &token);
		assert_true(sceau_slice_is(token.text, "="));
		enum sceau_token_kind kind = sceau_token_next(&rest,
		                                              ";=", &token);
		assert_true(kind == SCEAU_TOKEN_WORD ||
		            kind == SCEAU_TOKEN_QUOTED);
		kind = sceau_token_next(&rest, ";=", &token);
		assert_int_equal(kind, keys[1] == NULL ? SCEAU_TOKEN_END
		                                       : SCEAU_TOKEN_SPECIAL);
	}
}

/* Whatever a client says, the field has the same keys, clean lines and no more
   of them. */
static void test_hostile(void **state)
{
	static const char *const keys[] = { "identity", "client-ip",
		                            "helo",     "envelope-from",
		                            "receiver", "mechanism",
		                            NULL };
	struct sceau_spf_result result = result_of(
		SCEAU_SPF_FAIL, "-a:(\"x\\y;=z,).example", "");

	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct sceau_buf out;
		size_t lines = 1;

		print(&result, hostile[i], hostile[i], &out);
		expect_keys(sceau_buf_text(&out), keys);
		for (size_t at = 0; at < out.used; at++) {
			char c = out.data[at];

			if (c == '\n') {
				lines++;
				assert_int_equal(out.data[at + 1], '\t');
			} else {
				assert_true(c == '\t' ||
				            (c >= 0x20 && c <= 0x7e));
			}
		}
		assert_int_equal(lines, 7);
		sceau_buf_deinit(&out);
	}
}

static void test_long(void **state)
{
	struct sceau_spf_result result = result_of(SCEAU_SPF_FAIL, "-all", "");
	char text[5000];
	struct sceau_buf out;

	(void)state;
	for (int c = 0; c < 2; c++) {
		memset(text, c == 0 ? 'x' : '"', sizeof(text));
		text[sizeof(text) - 1] = '\0';
		print(&result, text, text, &out);
		size_t line = 0;
		for (size_t i = 0; i < out.used; i++) {
			line = out.data[i] == '\n' ? 0 : line + 1;
			assert_true(line <= 998);
		}
		sceau_buf_deinit(&out);
	}
}

static void test_no_room(void **state)
{
	struct sceau_spf_result result = result_of(SCEAU_SPF_FAIL, "-all", "");
	struct sceau_received_spf field = { .result = &result,
		                            .ip = { .len = 4 } };
	struct sceau_err err;
	struct sceau_buf out;

	(void)state;
	sceau_buf_init(&out, 20);
	assert_int_equal(sceau_received_spf_print(&field, &out, &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
	sceau_buf_deinit(&out);
}

static const struct {
	enum sceau_spf_code code;
	const char *begin;
} words[] = {
	{ SCEAU_SPF_NONE, "none (far.example has no policy for " },
	{ SCEAU_SPF_NEUTRAL, "neutral (far.example says nothing about " },
	{ SCEAU_SPF_SOFTFAIL, "softfail (far.example does not expect " },
	{ SCEAU_SPF_FAIL, "fail (far.example does not permit " },
	{ SCEAU_SPF_TEMPERROR, "temperror (far.example could not be asked " },
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct sceau_spf_result result = result_of(words[i].code, "",
		                                           "");
		struct sceau_buf out;

		print(&result, "h", "", &out);
		assert_memory_equal(out.data, words[i].begin,
		                    strlen(words[i].begin));
		sceau_buf_deinit(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_errors_and_helo),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
