/* test_mx_rules.c - networks, domains and words of the mx role
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

#include "mx_rules.h"
#include "verdict.h"

static struct sceau_settings *load(const char *text)
{
	struct sceau_err err;
	struct sceau_settings *settings = sceau_conf_load_text(
		"test", text, strlen(text), &err);

	if (settings == NULL)
		fail_msg("%s", err.text);
	return settings;
}

static void test_networks(void **state)
{
	static const struct {
		const char *ip;
		bool want_exempt, want_relay;
	} rows[] = {
		{ "127.0.0.1", true, false },
		{ "::1", true, false },
		{ "::ffff:127.0.0.1", true, false },
		{ "192.0.2.7", false, true },
		{ "192.0.2.8", false, false },
		{ "2001:db8::5", false, true },
		{ "2001:db9::5", false, false },
	};
	struct sceau_settings *settings = load(
		"mx_trusted_relays = 192.0.2.7, 2001:db8::/32\n");
	struct sceau_mx_rules *rules;
	struct sceau_err err;

	(void)state;
	assert_int_equal(sceau_mx_rules_new(settings, &rules, &err), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sceau_ip ip;

		assert_int_equal(
			sceau_ip_parse(sceau_slice_of(rows[i].ip), &ip, NULL),
			0);
		if (sceau_mx_networks_have(&rules->exempt, &ip) !=
		            rows[i].want_exempt ||
		    sceau_mx_networks_have(&rules->relays, &ip) !=
		            rows[i].want_relay)
			fail_msg("%s", rows[i].ip);
	}
	sceau_mx_rules_free(&rules);
	assert_null(rules);
	sceau_mx_rules_free(&rules);
	sceau_settings_unref(&settings);
}

static void test_domains(void **state)
{
	static const struct {
		const char *domain;
		bool want;
	} rows[] = {
		{ "a.example", true },
		{ "A.EXAMPLE", true },
		{ "x.a.example", false },
		{ "b.example", false },
		{ "x.b.example", true },
		{ "x.Y.B.example", true },
		{ "xb.example", false },
		{ ".b.example", false },
		{ "", false },
	};
	struct sceau_settings *settings = load(
		"mx_exempt_domains = a.example .b.example\n");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (sceau_mx_domains_have(&settings->mx.exempt_domains,
		                          rows[i].domain) != rows[i].want)
			fail_msg("\"%s\"", rows[i].domain);
	}
	sceau_settings_unref(&settings);
}

/* A word that would match nothing is refused, with its place. */
static void test_refused(void **state)
{
	static const struct {
		const char *conf;
		const char *want;
	} rows[] = {
		{ "mx_exempt_networks = 192.0.2.1/24\n",
		  "test:1: mx_exempt_networks: " },
		{ "mx_trusted_relays = mail.example.com\n",
		  "test:1: mx_trusted_relays: " },
		{ "mx_exempt_domains = bob@example.com\n",
		  "test:1: mx_exempt_domains: \"bob@example.com\" is no "
		  "domain" },
		{ "mx_exempt_domains = *.example.com\n",
		  "test:1: mx_exempt_domains: " },
		{ "mx_trusted_forwarders = com\n",
		  "test:1: mx_trusted_forwarders: " },
		{ "mx_trusted_forwarders = .\n",
		  "test:1: mx_trusted_forwarders: " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sceau_settings *settings = load(rows[i].conf);
		struct sceau_mx_rules *rules;
		struct sceau_err err;

		assert_int_equal(sceau_mx_rules_new(settings, &rules, &err),
		                 -1);
		assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
		if (strstr(err.text, rows[i].want) != err.text)
			fail_msg("%s: got %s", rows[i].conf, err.text);
		sceau_settings_unref(&settings);
	}
}

/* What a stranger chose cannot end the line or pose as a format. */
static void test_verdict(void **state)
{
	char text[2 * SCEAU_VERDICT_TEXT_SIZE];
	char longest[1000];
	struct sceau_verdict verdict;

	(void)state;
	sceau_verdict_set(&verdict, SCEAU_VERDICT_REJECT, "550", "5.7.1",
	                  "100%% of %s", "a\r\n250 \xc3\xa9%s\x7f");
	assert_string_equal(verdict.text, "100% of a??250 ??%s?");
	sceau_verdict_escape(&verdict, text);
	assert_string_equal(text, "100%% of a??250 ??%%s?");
	memset(longest, '%', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	sceau_verdict_set(&verdict, SCEAU_VERDICT_REJECT, "550", "5.7.1", "%s",
	                  longest);
	assert_int_equal(strlen(verdict.text), SCEAU_VERDICT_TEXT_SIZE - 1);
	sceau_verdict_escape(&verdict, text);
	assert_int_equal(strlen(text), 2 * (SCEAU_VERDICT_TEXT_SIZE - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
