/* test_postfix_conf.c - what postconf prints, and what it means
 *
 * The texts are what postconf 3.7.11 prints of master.cf.dist with our lines.
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

#include "cli/postfix_conf.h"

static const char main_text[] =
	"compatibility_level = 3.6\n"
	"smtpd_milters = { unix:sceau/mx.sock, default_action=tempfail }\n"
	"content_filter =\n"
	"nested_header_checks = \n"
	"postconf: warning: not a setting\n"
	"nested_header_checks = $header_checks\n";

static const char fields_text[] =
	"smtp/inet/service = smtp\n"
	"smtp/inet/chroot = y\n"
	"smtp/inet/command = smtpd\n"
	"127.0.0.1:10025/inet/chroot = -\n"
	"127.0.0.1:10025/inet/command = smtpd -o content_filter=\n"
	"a/b/unix/chroot = n\n"
	"a/b/unix/command = cleanup\n"
	"nonsense\n"
	"/inet/chroot = y\n"
	"inet/chroot = y\n"
	"x//chroot = y\n";

static const char options_text[] =
	"127.0.0.1:10025/inet/content_filter =\n"
	"127.0.0.1:10025/inet/smtpd_milters = a = b/c\n"
	"gone/inet/smtpd_milters = x\n";

static void read_all(struct sceau_postfix_conf *conf)
{
	struct sceau_err err = { .text = "" };

	sceau_postfix_conf_init(conf);
	if (sceau_postfix_conf_read_main(conf, sceau_slice_of(main_text),
	                                 &err) < 0 ||
	    sceau_postfix_conf_read_fields(conf, sceau_slice_of(fields_text),
	                                   &err) < 0 ||
	    sceau_postfix_conf_read_options(conf, sceau_slice_of(options_text),
	                                    &err) < 0)
		fail_msg("%s", err.text);
}

static void test_services(void **state)
{
	struct sceau_postfix_conf conf;

	(void)state;
	read_all(&conf);
	assert_int_equal(conf.service_count, 3);
	assert_string_equal(conf.services[1].name, "127.0.0.1:10025");
	assert_string_equal(conf.services[1].type, "inet");
	assert_string_equal(conf.services[1].command, "smtpd");
	assert_string_equal(conf.services[2].name, "a/b");
	assert_ptr_equal(sceau_postfix_conf_find(&conf, "a/b", "unix"),
	                 &conf.services[2]);
	assert_null(sceau_postfix_conf_find(&conf, "a/b", "inet"));
	assert_null(sceau_postfix_conf_find(&conf, "smtpd", "inet"));
	sceau_postfix_conf_deinit(&conf);
	assert_int_equal(conf.service_count, 0);
}

/* A service's own option counts, an empty one too; else main.cf; else "". */
static void test_values(void **state)
{
	struct sceau_postfix_conf conf;

	(void)state;
	read_all(&conf);
	const struct sceau_postfix_service *smtp = &conf.services[0];
	const struct sceau_postfix_service *back = &conf.services[1];

	assert_string_equal(
		sceau_postfix_conf_get(&conf, smtp, "smtpd_milters"),
		"{ unix:sceau/mx.sock, default_action=tempfail }");
	assert_string_equal(
		sceau_postfix_conf_get(&conf, back, "smtpd_milters"),
		"a = b/c");
	assert_string_equal(
		sceau_postfix_conf_get(&conf, back, "content_filter"), "");
	assert_true(sceau_postfix_conf_is_own(&conf, back, "content_filter"));
	assert_false(sceau_postfix_conf_is_own(&conf, smtp, "content_filter"));
	assert_false(sceau_postfix_conf_is_own(&conf, NULL, "content_filter"));
	/* of one that is printed twice the last counts */
	assert_string_equal(
		sceau_postfix_conf_get(&conf, NULL, "nested_header_checks"),
		"$header_checks");
	assert_string_equal(sceau_postfix_conf_get(&conf, smtp, "unheard_of"),
	                    "");
	sceau_postfix_conf_deinit(&conf);
}

static const struct {
	const char *chroot;
	const char *level;
	bool want;
} chroots[] = {
	{ "y", "3.6", true }, { "n", "0", false }, { "-", "3.6", false },
	{ "-", "0", true },   { "-", "1", false },
};

static void test_chroot(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(chroots) / sizeof(chroots[0]); i++) {
		struct sceau_postfix_conf conf;
		char text[128];

		sceau_postfix_conf_init(&conf);
		(void)snprintf(text, sizeof(text), "compatibility_level = %s\n",
		               chroots[i].level);
		assert_int_equal(sceau_postfix_conf_read_main(
					 &conf, sceau_slice_of(text), NULL),
		                 0);
		(void)snprintf(text, sizeof(text), "s/inet/chroot = %s\n",
		               chroots[i].chroot);
		assert_int_equal(sceau_postfix_conf_read_fields(
					 &conf, sceau_slice_of(text), NULL),
		                 0);
		if (sceau_postfix_conf_is_chrooted(&conf, &conf.services[0]) !=
		    chroots[i].want)
			fail_msg("%s at level %s", chroots[i].chroot,
			         chroots[i].level);
		sceau_postfix_conf_deinit(&conf);
	}
}

static void test_bounds(void **state)
{
	struct sceau_postfix_conf conf;
	struct sceau_err err = { .text = "" };
	char text[64];
	int ret = 0, count = 0;

	(void)state;
	sceau_postfix_conf_init(&conf);
	for (; ret == 0 && count < 2 * SCEAU_POSTFIX_SERVICES_MAX; count++) {
		(void)snprintf(text, sizeof(text), "s%d/inet/chroot = y\n",
		               count);
		ret = sceau_postfix_conf_read_fields(
			&conf, sceau_slice_of(text), &err);
	}
	assert_int_equal(ret, -1);
	assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
	assert_int_equal(conf.service_count, SCEAU_POSTFIX_SERVICES_MAX);
	for (ret = 0, count = 0;
	     ret == 0 && count < 2 * SCEAU_POSTFIX_SETTINGS_MAX; count++)
		ret = sceau_postfix_conf_read_main(
			&conf, sceau_slice_of("a = b\n"), &err);
	assert_int_equal(ret, -1);
	assert_int_equal(conf.setting_count, SCEAU_POSTFIX_SETTINGS_MAX);
	sceau_postfix_conf_deinit(&conf);
}

static void test_lines(void **state)
{
	struct sceau_slice main_cf = sceau_slice_of(
		"# smtpd_milters = no\n"
		"smtpd_milters=a\n"
		"  smtpd_milters = continuation\n"
		"smtpd_milters_x = no\n"
		"smtpd_milters = b\n");
	struct sceau_slice master_cf = sceau_slice_of(
		"#smtp inet n - y - - smtpd\n"
		"smtp\tunix - - y - - smtp\n"
		"smtp      inet  n - y - - smtpd\n"
		"  -o smtpd_milters=\n"
		"submission inet n - y - - smtpd");

	(void)state;
	assert_int_equal(sceau_postfix_main_line(main_cf, "smtpd_milters"), 5);
	assert_int_equal(sceau_postfix_main_line(main_cf, "smtpd"), 0);
	assert_int_equal(sceau_postfix_master_line(master_cf, "smtp", "inet"),
	                 3);
	assert_int_equal(
		sceau_postfix_master_line(master_cf, "submission", "inet"), 5);
	assert_int_equal(sceau_postfix_master_line(master_cf, "-o", "inet"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_services), cmocka_unit_test(test_values),
		cmocka_unit_test(test_chroot),   cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
