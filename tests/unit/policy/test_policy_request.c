/* test_policy_request.c - each wire input, cut into reads of every size
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "policy/policy_request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define TEXT(literal) (literal), sizeof(literal) - 1

static struct sceau_policy_request req;

static const struct {
	const char *what;
	const char *wire;
	size_t len;
	int want_ret;
	enum sceau_fault want_fault;
	const char *want_sender;
	size_t want_left; /* bytes not taken */
} cases[] = {
	{ "plain", TEXT("request=smtpd_access_policy\nsender=a@b.fr\n\n"), 1,
	  SCEAU_FAULT_NONE, "a@b.fr", 0 },
	{ "null sender", TEXT("sender=\n\n"), 1, SCEAU_FAULT_NONE, "", 0 },
	{ "absent", TEXT("size=3\n\n"), 1, SCEAU_FAULT_NONE, "", 0 },
	{ "no attribute at all", TEXT("\n"), 1, SCEAU_FAULT_NONE, "", 0 },
	{ "value with =", TEXT("sender=a=b=c\n\n"), 1, SCEAU_FAULT_NONE,
	  "a=b=c", 0 },
	{ "last line", TEXT("size=1\nsender=z\n\n"), 1, SCEAU_FAULT_NONE, "z",
	  0 },
	{ "name is not a prefix match", TEXT("sender_x=no\nsender=yes\n\n"), 1,
	  SCEAU_FAULT_NONE, "yes", 0 },
	{ "name is not a suffix match", TEXT("xsender=no\nsender=yes\n\n"), 1,
	  SCEAU_FAULT_NONE, "yes", 0 },
	{ "name inside a value", TEXT("helo_name=sender=no\n\n"), 1,
	  SCEAU_FAULT_NONE, "", 0 },
	{ "first of two counts", TEXT("sender=1\nsender=2\n\n"), 1,
	  SCEAU_FAULT_NONE, "1", 0 },
	{ "of a later Postfix",
	  TEXT("compatibility_level=3.8\ntls_sni=\nmail_version=3.12.0\n"
	       "sender=a\n\n"),
	  1, SCEAU_FAULT_NONE, "a", 0 },
	{ "UTF-8 value", TEXT("sender=\xc3\xa9@b.fr\n\n"), 1, SCEAU_FAULT_NONE,
	  "\xc3\xa9@b.fr", 0 },
	{ "broken UTF-8 value", TEXT("sender=\xc3@\xff\n\n"), 1,
	  SCEAU_FAULT_NONE, "\xc3@\xff", 0 },
	{ "CR is no line end", TEXT("sender=a\r\n\n"), 1, SCEAU_FAULT_NONE,
	  "a\r", 0 },
	{ "next request stays", TEXT("sender=a\n\nsender=b\n\n"), 1,
	  SCEAU_FAULT_NONE, "a", 10 },
	{ "half", TEXT("sender=a\nsize"), 0, SCEAU_FAULT_NONE, NULL, 0 },
	{ "without its empty line", TEXT("sender=a\n"), 0, SCEAU_FAULT_NONE,
	  NULL, 0 },
	{ "no =", TEXT("sender\n\n"), -1, SCEAU_FAULT_PEER, NULL, 1 },
	{ "no name", TEXT("=x\n\n"), -1, SCEAU_FAULT_PEER, NULL, 1 },
	{ "another protocol", TEXT("GET / HTTP/1.1\r\n"), -1, SCEAU_FAULT_PEER,
	  NULL, 0 },
	{ "NUL in a value", TEXT("sender=a\0b\n\n"), -1, SCEAU_FAULT_PEER, NULL,
	  4 },
	{ "NUL in a name", TEXT("\0sender=a\n\n"), -1, SCEAU_FAULT_PEER, NULL,
	  11 },
};

static int feed(const char *wire, size_t len, size_t chunk, size_t *left_r,
                struct sceau_err *err)
{
	size_t pos = 0, used;
	int ret = 0;

	sceau_policy_request_init(&req);
	while (pos < len && ret == 0) {
		size_t n = len - pos < chunk ? len - pos : chunk;

		ret = sceau_policy_request_feed(&req, wire + pos, n, &used,
		                                err);
		pos += used;
	}
	*left_r = len - pos;
	return ret;
}

/* However the bytes are cut into reads, the outcome is the same. */
static void check(size_t i, size_t chunk)
{
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
	size_t left;
	int ret = feed(cases[i].wire, cases[i].len, chunk, &left, &err);

	if (ret != cases[i].want_ret || err.fault != cases[i].want_fault)
		fail_msg("%s/%zu: got ret=%d fault=%d (%s)", cases[i].what,
		         chunk, ret, err.fault, err.text);
	if (left != cases[i].want_left)
		fail_msg("%s/%zu: got %zu left, want %zu", cases[i].what, chunk,
		         left, cases[i].want_left);
	if (ret == 1 && strcmp(sceau_policy_request_get(&req, "sender"),
	                       cases[i].want_sender) != 0)
		fail_msg("%s/%zu: got sender \"%s\"", cases[i].what, chunk,
		         sceau_policy_request_get(&req, "sender"));
}

static void test_table_any_chunking(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t chunk = 1; chunk <= cases[i].len; chunk++)
			check(i, chunk);
	}
}

/* The longest request that fits, and one byte more, at every cut. */
static void test_bound(void **state)
{
	static const size_t chunks[] = { 1, 7, 4096, SCEAU_POLICY_REQUEST_MAX,
		                         65536 };
	static char wire[65536];

	(void)state;
	memset(wire, 'a', sizeof(wire));
	memcpy(wire, "sender=", 7);
	for (size_t i = 0; i < COUNT(chunks); i++) {
		size_t fits = SCEAU_POLICY_REQUEST_MAX - 1, left;
		struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

		assert_int_equal(
			feed(wire, sizeof(wire), chunks[i], &left, &err), -1);
		assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
		assert_int_equal(left, sizeof(wire) - fits);

		memcpy(wire + fits, "\n\n", 2);
		assert_int_equal(feed(wire, fits + 2, chunks[i], &left, &err),
		                 1);
		assert_int_equal(left, 0);
		assert_int_equal(
			strlen(sceau_policy_request_get(&req, "sender")),
			fits - 7);
		memcpy(wire + fits, "aa", 2);
	}
}

/* Lines whose ends fall on the bound: nothing fits behind them, but the empty
   line does, which takes no room. */
static void test_bound_at_the_end_of_a_line(void **state)
{
	static char wire[SCEAU_POLICY_REQUEST_MAX + 64];
	const size_t bound = SCEAU_POLICY_REQUEST_MAX;
	size_t left;

	(void)state;
	for (size_t i = 0; i < sizeof(wire); i += 4)
		memcpy(wire + i, "a=b\n", 4);
	for (size_t chunk = 1; chunk <= sizeof(wire); chunk += 1021) {
		struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

		assert_int_equal(feed(wire, sizeof(wire), chunk, &left, &err),
		                 -1);
		assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
		assert_int_equal(left, sizeof(wire) - bound);
	}
	wire[bound] = '\n';
	assert_int_equal(feed(wire, bound + 1, 4096, &left, NULL), 1);
	assert_string_equal(sceau_policy_request_get(&req, "a"), "b");
}

/* A NUL behind the bound is not the fault that is told: it was not read. */
static void test_bound_comes_before_nul(void **state)
{
	static char wire[SCEAU_POLICY_REQUEST_MAX + 10];
	size_t left;

	(void)state;
	memset(wire, 'a', sizeof(wire));
	wire[sizeof(wire) - 1] = '\0';
	for (size_t chunk = 1; chunk <= sizeof(wire); chunk += 4093) {
		struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

		assert_int_equal(feed(wire, sizeof(wire), chunk, &left, &err),
		                 -1);
		assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
	}
}

static void test_error_is_safe_to_log(void **state)
{
	struct sceau_err err;
	size_t left;

	(void)state;
	assert_int_equal(feed(TEXT("\x1b[2Jx\xff\n\n"), 64, &left, &err), -1);
	assert_string_equal(err.text, "not a name=value line: \"?[2Jx?\"");
}

static void test_is_empty_only_between_requests(void **state)
{
	size_t left;

	(void)state;
	sceau_policy_request_init(&req);
	assert_true(sceau_policy_request_is_empty(&req));
	assert_int_equal(feed(TEXT("s"), 1, &left, NULL), 0);
	assert_false(sceau_policy_request_is_empty(&req));
	assert_int_equal(feed(TEXT("\n"), 1, &left, NULL), 1);
	assert_false(sceau_policy_request_is_empty(&req));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_any_chunking),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_bound_at_the_end_of_a_line),
		cmocka_unit_test(test_bound_comes_before_nul),
		cmocka_unit_test(test_error_is_safe_to_log),
		cmocka_unit_test(test_is_empty_only_between_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
