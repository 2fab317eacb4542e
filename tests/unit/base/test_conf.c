/* test_conf.c - settings files, cut into reads of every size
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

#include "base/conf.h"

/* As long as a key may be (SCEAU_CONF_KEY_MAX); 60 bytes of what is no key
   are shown. */
#define KEY_60 "a123456789_123456789_123456789_123456789_123456789_123456789"
#define KEY_64 KEY_60 "_123"

struct first {
	const char *name;
	bool is_on;
	uint64_t count;
	uint64_t delay_s;
};

struct second {
	uint64_t size;
	int mode;
	struct sceau_conf_list hosts;
};

static const struct sceau_conf_key first_keys[] = {
	SCEAU_CONF_STRING(struct first, name, "name", "none", "a name"),
	SCEAU_CONF_BOOL(struct first, is_on, "is_on", "yes", "a switch"),
	SCEAU_CONF_NUMBER(struct first, count, "count", "3", 1, 10, "a count"),
	SCEAU_CONF_DURATION(struct first, delay_s, "delay", "1m", 30, 7200,
	                    "a delay"),
};

static const struct sceau_conf_key second_keys[] = {
	SCEAU_CONF_SIZE(struct second, size, "dns_size", "2k", 1024, 10485760,
	                "a size"),
	SCEAU_CONF_CHOICE(struct second, mode, "dns_mode", "soft",
	                  "off soft hard", "a mode"),
	SCEAU_CONF_LIST(struct second, hosts, "dns_servers", "a, b", "hosts"),
};

static const struct sceau_conf_table first_table = { "first", first_keys, 4 },
				     second_table = { "second", second_keys,
	                                              3 };

static struct first first;
static struct second second;
static struct sceau_conf *conf;

static const struct sceau_conf_area areas[] = {
	{ &first_table, &first },
	{ &second_table, &second },
};

/* Parse text in reads of chunk bytes. */
static int parse(const char *text, size_t len, size_t chunk,
                 struct sceau_err *err)
{
	int ret = 0;

	memset(&first, 0, sizeof(first));
	memset(&second, 0, sizeof(second));
	sceau_conf_free(&conf);
	conf = sceau_conf_new("s.conf", areas, 2);
	assert_non_null(conf);
	for (size_t pos = 0; pos < len && ret == 0; pos += chunk)
		ret = sceau_conf_feed(conf, text + pos,
		                      len - pos < chunk ? len - pos : chunk,
		                      err);
	return ret < 0 ? ret : sceau_conf_finish(conf, err);
}

static const char *changed(void)
{
	static char text[400];
	struct sceau_buf out;

	sceau_buf_init(&out, sizeof(text) - 1);
	assert_int_equal(sceau_conf_print_changed(conf, &out), 0);
	snprintf(text, sizeof(text), "%s", sceau_buf_text(&out));
	sceau_buf_deinit(&out);
	return text;
}

/* want: what -n prints, or the error when it begins with "s.conf". */
static const struct {
	const char *text;
	const char *want;
} cases[] = {
	{ "", "" },
	{ "name = x\n", "name = x\n" },
	{ "name=x", "name = x\n" },
	{ "name =\n", "name = \n" },
	{ "name = a = b\n", "name = a = b\n" },
	{ "name = x\r\ncount = 4\r\n", "name = x\ncount = 4\n" },
	{ "\n# name = y\n  # more\n \t\nname = x\n", "name = x\n" },
	{ "name = a\n b\n\tc  \n", "name = a b c\n" },
	{ "name = a\n# between\n\n b\n", "name = a b\n" },
	{ "name = \"quoted\"\n", "name = \"quoted\"\n" },
	{ "name = a#b\n", "name = a#b\n" },
	{ "name = caf\xc3\xa9\n", "name = caf\xc3\xa9\n" },
	/* The same value, written differently, is no change. */
	{ "name = none\ndelay = 60\ndns_size = 2048\n"
	  "dns_servers = a b\nis_on = yes\ndns_mode = SOFT\n",
	  "" },
	{ "delay = 2h\ncount = 10\nis_on = no\n",
	  "is_on = no\ncount = 10\ndelay = 2h\n" },
	{ "dns_servers =\n", "dns_servers = \n" },
	{ "dns_servers = b a\n", "dns_servers = b a\n" },
	{ "dns_mode = hard\ndns_size = 10M\n",
	  "dns_size = 10M\ndns_mode = hard\n" },

	{ "nme = x\n", "s.conf:1: nme: unknown setting, did you mean name?" },
	{ "\n\ndns_server = a\n",
	  "s.conf:3: dns_server: unknown setting, did you mean "
	  "dns_servers?" },
	{ "zzzzzzzz = a\n", "s.conf:1: zzzzzzzz: unknown setting" },
	{ "count = 4\n\n#\ncount = 4\n",
	  "s.conf:4: count: already set on line 1" },
	{ "count = 0\n", "s.conf:1: count: 0 is not between 1 and 10" },
	{ "count = 11\n", "s.conf:1: count: 11 is not between 1 and 10" },
	{ "delay = 3h\n", "s.conf:1: delay: 3h is not between 30s and 2h" },
	{ "delay = 29\n", "s.conf:1: delay: 29 is not between 30s and 2h" },
	{ "dns_size = 11M\n",
	  "s.conf:1: dns_size: 11M is not between 1k and 10M" },
	{ "is_on = true\n", "s.conf:1: is_on: must be yes or no" },
	{ "is_on =\n", "s.conf:1: is_on: must be yes or no" },
	{ "dns_mode = medium\n",
	  "s.conf:1: dns_mode: must be one of: off soft hard" },
	{ "dns_mode =\n", "s.conf:1: dns_mode: must be one of: off soft hard" },
	{ "name = a # b\n",
	  "s.conf:1: name: a comment must stand on a line of its own" },
	{ "name = #b\nname = # b\n", "s.conf:2: name: already set on line 1" },
	{ "name\n", "s.conf:1: name: not of the form `key = value'" },
	{ "= x\n", "s.conf:1: : not the name of a setting" },
	{ KEY_64 " = x\n", "s.conf:1: " KEY_64 ": unknown setting" },
	{ KEY_64 "k = x\n", "s.conf:1: " KEY_60 ": not the name of a setting" },
	{ "Name = x\n", "s.conf:1: Name: not the name of a setting" },
	{ "na me = x\n", "s.conf:1: na me: not the name of a setting" },
	{ "\xef\xbb\xbfname = x\n",
	  "s.conf:1: \xef\xbb\xbfname: not the name of a setting" },
	{ "name = x\n\n y\ncount = 0\n y\n",
	  "s.conf:4: count: \"0 y\" is not a number" },
	{ "\n  name = x\n", "s.conf:2: begins with a blank, but there is no "
	                    "setting above to continue" },
	{ "name = a\x01\n", "s.conf:1: holds a control character or bytes "
	                    "that are not UTF-8" },
	{ "\nname = a\xff\n", "s.conf:2: holds a control character or bytes "
	                      "that are not UTF-8" },
	/* The first fault is the one told. */
	{ "is_on = 3\ncount = 0\n", "s.conf:1: is_on: must be yes or no" },
};

static void check(size_t i, size_t chunk)
{
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
	const char *text = cases[i].text;
	int ret = parse(text, strlen(text), chunk, &err);
	bool wants_error = strncmp(cases[i].want, "s.conf", 6) == 0;
	const char *got = ret < 0 ? err.text : changed();

	if ((ret < 0) != wants_error || strcmp(got, cases[i].want) != 0)
		fail_msg("row %zu/%zu: got %d \"%s\"\nwant \"%s\"", i, chunk,
		         ret, got, cases[i].want);
	if (ret < 0) {
		assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
		assert_null(first.name);
		assert_null(second.hosts.items);
	}
}

static void test_table_any_chunking(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t chunk = 1; chunk <= strlen(cases[i].text) + 1;
		     chunk++)
			check(i, chunk);
	}
}

static void test_values_reach_the_structs(void **state)
{
	static const char text[] = "name = a b\nis_on = no\ncount = 7\n"
				   "delay = 2m\ndns_size = 3k\n"
				   "dns_mode = hard\n"
				   "dns_servers = x, y\n z,,\n";

	(void)state;
	assert_int_equal(parse(text, strlen(text), 1000, NULL), 0);
	assert_string_equal(first.name, "a b");
	assert_false(first.is_on);
	assert_int_equal(first.count, 7);
	assert_int_equal(first.delay_s, 120);
	assert_int_equal(second.size, 3072);
	assert_int_equal(second.mode, 2);
	assert_int_equal(second.hosts.count, 3);
	assert_string_equal(second.hosts.items[0], "x");
	assert_string_equal(second.hosts.items[1], "y");
	assert_string_equal(second.hosts.items[2], "z");
	assert_int_equal(sceau_conf_line_of(conf, "dns_servers"), 7);
	assert_true(sceau_conf_is_given(conf, "count"));
}

static void test_defaults_reach_the_structs(void **state)
{
	struct sceau_err err;

	(void)state;
	assert_int_equal(parse("", 0, 1, NULL), 0);
	assert_string_equal(first.name, "none");
	assert_true(first.is_on);
	assert_int_equal(first.count, 3);
	assert_int_equal(first.delay_s, 60);
	assert_int_equal(second.size, 2048);
	assert_int_equal(second.mode, 1);
	assert_int_equal(second.hosts.count, 2);
	assert_false(sceau_conf_is_given(conf, "count"));
	assert_int_equal(sceau_conf_fail(conf, "count", &err, "odd: %d", 3),
	                 -1);
	assert_string_equal(err.text, "s.conf: count: odd: 3");
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
}

static void test_fail_names_the_line(void **state)
{
	struct sceau_err err;

	(void)state;
	assert_int_equal(parse("\ncount = 3\n", 11, 11, NULL), 0);
	sceau_conf_fail(conf, "count", &err, "odd");
	assert_string_equal(err.text, "s.conf:2: count: odd");
}

/* A text of len bytes made of begin and then a's. */
static char *long_text(const char *begin, size_t len)
{
	char *text = malloc(len);

	assert_non_null(text);
	memset(text, 'a', len);
	memcpy(text, begin, strlen(begin));
	return text;
}

static void expect_refusal(char *text, size_t len, size_t chunk,
                           const char *want)
{
	struct sceau_err err = { .text = "" };

	assert_int_equal(parse(text, len, chunk, &err), -1);
	assert_string_equal(err.text, want);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
}

static void test_bounds(void **state)
{
	static const size_t chunks[] = { 100, 4096, SCEAU_CONF_FILE_MAX * 2 };
	size_t line = SCEAU_CONF_VALUE_MAX;
	char *text = long_text("\nname =", line + 3);
	char *big = long_text("#", SCEAU_CONF_FILE_MAX + 1);

	(void)state;
	for (size_t i = 0; i < SCEAU_CONF_FILE_MAX; i += 64)
		memcpy(big + i, "\n#", 2);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(parse(text, line + 1, chunks[i], NULL), 0);
		expect_refusal(text, line + 2, chunks[i],
		               "s.conf:2: line is too long");
		assert_int_equal(
			parse(big, SCEAU_CONF_FILE_MAX, chunks[i], NULL), 0);
		expect_refusal(big, SCEAU_CONF_FILE_MAX + 1, chunks[i],
		               "s.conf:16385: file is larger than 1 MB");
	}
	/* Continued lines count together. */
	memcpy(text + 8000, "\n ", 2);
	assert_int_equal(parse(text, line + 2, 512, NULL), 0);
	expect_refusal(text, line + 3, 512, "s.conf:3: setting is too long");
	free(text);
	free(big);
}

static void test_list_bound(void **state)
{
	size_t len = strlen("dns_servers = ") + 2 * SCEAU_CONF_LIST_MAX + 2;
	char *text = long_text("dns_servers = ", len);

	(void)state;
	for (size_t i = strlen("dns_servers = ") + 1; i < len; i += 2)
		text[i] = ',';
	assert_int_equal(parse(text, len - 2, 100, NULL), 0);
	assert_int_equal(second.hosts.count, SCEAU_CONF_LIST_MAX);
	expect_refusal(text, len, 100,
	               "s.conf:1: dns_servers: holds 1025 items, more than "
	               "1024");
	free(text);
}

static void test_bad_default_is_found(void **state)
{
	static const struct sceau_conf_key keys[] = {
		SCEAU_CONF_NUMBER(struct first, count, "count", "99", 1, 10,
		                  "a count"),
	};
	const struct sceau_conf_table table = { "bad", keys, 1 };
	const struct sceau_conf_area area = { &table, &first };
	struct sceau_conf *bad = sceau_conf_new("s.conf", &area, 1);
	struct sceau_err err;

	(void)state;
	assert_int_equal(sceau_conf_finish(bad, &err), -1);
	assert_string_equal(err.text, "s.conf: default of count: 99 is not "
	                              "between 1 and 10");
	sceau_conf_free(&bad);
	assert_null(bad);
	sceau_conf_free(&bad);
}

static void test_find(void **state)
{
	(void)state;
	assert_ptr_equal(sceau_conf_find(areas, 2, "dns_mode"),
	                 &second_keys[1]);
	assert_null(sceau_conf_find(areas, 2, "dns_mod"));
	assert_string_equal(sceau_conf_type_name(SCEAU_CONF_TYPE_LIST), "list");
	assert_string_equal(sceau_conf_type_name(SCEAU_CONF_TYPE_STRING),
	                    "string");
}

static int drop_conf(void **state)
{
	(void)state;
	sceau_conf_free(&conf);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_any_chunking),
		cmocka_unit_test(test_values_reach_the_structs),
		cmocka_unit_test(test_defaults_reach_the_structs),
		cmocka_unit_test(test_fail_names_the_line),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_list_bound),
		cmocka_unit_test(test_bad_default_is_found),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, drop_conf);
}
