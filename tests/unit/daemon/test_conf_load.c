/* test_conf_load.c - the whole schema, the file around it, references
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
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/text.h"
#include "daemon/conf_load.h"
#include "daemon/dns_server.h"
#include "daemon/log.h"

static struct sceau_settings *load(const char *text, struct sceau_err *err)
{
	return sceau_conf_load_text("s.conf", text, strlen(text), err);
}

static void test_empty_file_is_good(void **state)
{
	struct sceau_err err = { .text = "" };
	struct sceau_settings *settings = load("", &err);
	char hostname[256] = "";

	(void)state;
	if (settings == NULL)
		fail_msg("%s", err.text);
	gethostname(hostname, sizeof(hostname) - 1);
	assert_string_equal(settings->common.myhostname, hostname);
	assert_int_equal(settings->common.syslog_facility, LOG_MAIL);
	assert_int_equal(settings->common.syslog_level, SCEAU_LOG_INFO);
	assert_int_equal(settings->common.dns_deadline_s, 5);
	assert_string_equal(settings->common.user, "_sceau");
	sceau_settings_unref(&settings);
	assert_null(settings);
	sceau_settings_unref(&settings);
}

static const struct {
	const char *text;
	const char *want;
} refusals[] = {
	{ "user =\n", "s.conf:1: user: must not be empty" },
	{ "sign_user =\n", "s.conf:1: sign_user: must not be empty" },
	{ "\ncontrol_directory = run\n",
	  "s.conf:2: control_directory: must begin with /" },
	{ "store_directory = var/lib\n",
	  "s.conf:1: store_directory: must begin with /" },
	{ "store = disk\n", "s.conf:1: store: must be one of: memory lmdb" },
	{ "dns_servers = 127.0.0.1, dns.example\n",
	  "s.conf:1: dns_servers: \"dns.example\" is not of the form IP, "
	  "IP@port, IP:port or [IP]:port" },
	{ "syslog_facility = news\n",
	  "s.conf:1: syslog_facility: must be one of: mail daemon local0 "
	  "local1 local2 local3 local4 local5 local6 local7" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct sceau_err err = { .text = "" };

		assert_null(load(refusals[i].text, &err));
		if (strcmp(err.text, refusals[i].want) != 0 ||
		    err.fault != SCEAU_FAULT_CONFIG)
			fail_msg("row %zu: got %s", i, err.text);
	}
}

static void test_words_become_values(void **state)
{
	struct sceau_settings *settings = load(
		"syslog_facility = local7\nsyslog_level = debug\n"
		"myhostname = mx.home.example\n",
		NULL);

	(void)state;
	assert_int_equal(settings->common.syslog_facility, LOG_LOCAL7);
	assert_int_equal(settings->common.syslog_level, SCEAU_LOG_DEBUG);
	assert_string_equal(settings->common.myhostname, "mx.home.example");
	sceau_settings_unref(&settings);
}

static void test_references(void **state)
{
	struct sceau_settings *one = load("myhostname = a.example\n", NULL);
	struct sceau_settings *two = sceau_settings_ref(one);

	(void)state;
	sceau_settings_unref(&one);
	assert_string_equal(two->common.myhostname, "a.example");
	sceau_settings_unref(&two);
}

/* Rows are written by several hands: names are unique, each has a help line
   and a prefix or a place in the common table. */
static const char *names[256];
static size_t name_count;

static void check_row(void *ctx, const struct sceau_conf_table *table,
                      const struct sceau_conf_key *key)
{
	(void)ctx;
	assert_non_null(key->help);
	size_t len = strlen(key->help);
	assert_in_range(len, 5, 100);
	assert_int_not_equal(key->help[len - 1], '.');
	for (size_t i = 0; i < name_count; i++) {
		if (strcmp(names[i], key->name) == 0)
			fail_msg("%s stands twice", key->name);
	}
	assert_true(name_count < 256);
	names[name_count++] = key->name;
	if (strcmp(table->area, "milter") == 0 &&
	    strncmp(key->name, "mx_", 3) != 0 &&
	    strncmp(key->name, "sign_", 5) != 0)
		fail_msg("%s has no prefix of its area", key->name);
	if (strcmp(table->area, "policyd") == 0 &&
	    strncmp(key->name, "policy_", 7) != 0)
		fail_msg("%s has no prefix of its area", key->name);
}

static void test_schema(void **state)
{
	(void)state;
	name_count = 0;
	sceau_conf_each_key(check_row, NULL);
	assert_true(name_count > 10);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static void expect_no_load(const char *path, const char *want)
{
	struct sceau_err err = { .text = "" };

	assert_null(sceau_conf_load(path, &err));
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	if (strstr(err.text, want) == NULL ||
	    strncmp(err.text, path, strlen(path)) != 0)
		fail_msg("got %s", err.text);
}

static void test_file(void **state)
{
	char path[] = "/tmp/sceau-conf-XXXXXX";
	struct sceau_settings *settings;

	(void)state;
	close(mkstemp(path));
	write_file(path, "myhostname = a.example\n", 0640);
	settings = sceau_conf_load(path, NULL);
	assert_non_null(settings);
	assert_string_equal(settings->common.myhostname, "a.example");
	sceau_settings_unref(&settings);

	write_file(path, "", 0602);
	expect_no_load(path, "everybody may write to it: chmod o-w /tmp/");
	write_file(path, "#\nfoo = bar\n", 0600);
	expect_no_load(path, ":2: foo: unknown setting");
	unlink(path);
	expect_no_load(path, "No such file or directory");
	/* Nobody ever writes to it: must not hang. */
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_no_load(path, "not a regular file");
	unlink(path);
	expect_no_load("/tmp", "not a regular file");
}

static const struct {
	const char *text;
	const char *want; /* NULL: refused */
} servers[] = {
	{ "127.0.0.1", "127.0.0.1@53" },
	{ "127.0.0.1@5353", "127.0.0.1@5353" },
	{ "127.0.0.1:5353", "127.0.0.1@5353" },
	{ "::1", "::1@53" },
	{ "2001:db8::", "2001:db8::@53" },
	{ "::1@5353", "::1@5353" },
	{ "[::1]", "::1@53" },
	{ "[::1]:5353", "::1@5353" },
	{ "127.0.0.1@", NULL },
	{ "127.0.0.1:", NULL },
	{ "127.0.0.1@0", NULL },
	{ "127.0.0.1@65536", NULL },
	{ "127.0.0.1@x", NULL },
	{ "[::1]x", NULL },
	{ "[::1", NULL },
	{ "[]:53", NULL },
	{ "[", NULL },
	{ "]", NULL },
	{ "@53", NULL },
	{ ":53", NULL },
	{ "localhost", NULL },
	{ "127.1", NULL },
	{ "", NULL },
};

static void test_dns_servers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		char got[SCEAU_DNS_SERVER_SIZE] = "none";
		struct sceau_err err;
		int ret = sceau_dns_server_parse(servers[i].text, got, &err);
		const char *want = servers[i].want;

		if (ret != (want == NULL ? -1 : 0) ||
		    strcmp(got, want == NULL ? "none" : want) != 0)
			fail_msg("\"%s\": got %d %s", servers[i].text, ret,
			         got);
	}
}

static void test_local_resolvers(void **state)
{
	static const char text[] = "# nameserver 127.0.0.9\n"
				   "search example\n"
				   "nameserver 192.0.2.1\n"
				   "nameserver 127.0.0.53\n"
				   "nameserver 127.0.0.54\r\n"
				   "nameserver\n"
				   "nameserver 127.0.0.1\r\n"
				   "  nameserver\t::1 \n"
				   "nameserver ::ffff:127.0.0.1\n"
				   "nameserver 127.1.2.3";
	char got[4][SCEAU_DNS_SERVER_SIZE];

	(void)state;
	assert_int_equal(
		sceau_dns_server_find_local(text, sizeof(text) - 1, got, 4), 3);
	assert_string_equal(got[0], "127.0.0.1@53");
	assert_string_equal(got[1], "::1@53");
	assert_string_equal(got[2], "127.1.2.3@53");
	assert_int_equal(
		sceau_dns_server_find_local(text, sizeof(text) - 1, got, 1), 1);
	assert_int_equal(sceau_dns_server_find_local(NULL, 0, got, 4), 0);
}

/* Those that nothing uses are told, if they are given. */
static void test_idle_keys(void **state)
{
	static const char text[] = "dnsbl_lists = bl.example\n"
				   "dns_deadline = 4s\n"
				   "mx_greylist_when = always\n";
	struct sceau_err err;
	struct sceau_settings *settings = sceau_conf_load_text(
		"f", text, sizeof(text) - 1, &err);

	(void)state;
	assert_non_null(settings);
	assert_string_equal(sceau_settings_idle_key(settings, 0),
	                    "mx_greylist_when");
	assert_string_equal(sceau_settings_idle_key(settings, 1),
	                    "dnsbl_lists");
	assert_null(sceau_settings_idle_key(settings, 2));
	sceau_settings_unref(&settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_file_is_good),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_words_become_values),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_schema),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_dns_servers),
		cmocka_unit_test(test_local_resolvers),
		cmocka_unit_test(test_idle_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
