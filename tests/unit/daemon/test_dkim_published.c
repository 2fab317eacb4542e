/* test_dkim_published.c - keys that are published, and those that are not
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/dkim_published.h"
#include "dkim_bench.h"

static struct sceau_dkim_key *rsa, *other, *ed25519;

static enum sceau_dkim_published judge(const struct sceau_dkim_key *key,
                                       const struct dkim_bench_key *zone,
                                       const char **reason_r)
{
	struct sceau_dkim_lookup *lookup = sceau_dkim_lookup_new();
	struct dkim_bench bench = { .keys = zone };
	struct sceau_dns_question question;
	enum sceau_dkim_published state;
	int entry = sceau_dkim_lookup_add(lookup, sceau_dkim_key_selector(key),
	                                  sceau_dkim_key_domain(key));

	assert_int_equal(entry, 0);
	while (sceau_dkim_lookup_decider.ask(lookup, &question) == 1)
		dkim_bench_answer(&bench, lookup, &question);
	state = sceau_dkim_published_judge(key, lookup, 0, reason_r);
	sceau_dkim_lookup_free(&lookup);
	return state;
}

static char *record(const struct sceau_dkim_key *key)
{
	struct sceau_buf out;

	sceau_buf_init(&out, SCEAU_DKIM_RECORD_MAX);
	assert_int_equal(sceau_dkim_published_record(key, &out, NULL), 0);
	return out.data;
}

static void check(const struct sceau_dkim_key *key, const char *text,
                  enum sceau_dns_status status, enum sceau_dkim_published want,
                  const char *why)
{
	const struct dkim_bench_key zone[] = {
		{ .name = "s._domainkey.home.example",
		  .records = { text },
		  .status = status },
		{ .name = NULL },
	};
	const char *reason = "none";
	enum sceau_dkim_published got = judge(key, zone, &reason);

	if (got != want || strstr(reason, why) == NULL)
		fail_msg("\"%s\": got %s (%s), want %s", text ? text : "-",
		         sceau_dkim_published_name(got), reason,
		         sceau_dkim_published_name(want));
}

static void test_states(void **state)
{
	char *rsa_record = record(rsa), *ed_record = record(ed25519);
	char *other_record = record(other), *changed;
	size_t size = strlen(rsa_record) + 100;

	(void)state;
	assert_memory_equal(rsa_record, "v=DKIM1; k=rsa; p=MII", 21);
	assert_memory_equal(ed_record, "v=DKIM1; k=ed25519; p=", 22);
	check(rsa, rsa_record, 0, SCEAU_DKIM_PUBLISHED, "");
	check(ed25519, ed_record, 0, SCEAU_DKIM_PUBLISHED, "");
	check(rsa, other_record, 0, SCEAU_DKIM_MISMATCH, "another key");
	check(rsa, ed_record, 0, SCEAU_DKIM_MISMATCH, "another key");
	check(ed25519, rsa_record, 0, SCEAU_DKIM_MISMATCH, "another key");
	check(rsa, "v=DKIM1; p=", 0, SCEAU_DKIM_MISMATCH, "revoked");
	check(rsa, "v=DKIM1; p=!", 0, SCEAU_DKIM_MISMATCH, "base64");
	check(rsa, "hello", 0, SCEAU_DKIM_MISMATCH, "cannot be read");
	check(rsa, NULL, SCEAU_DNS_NODATA, SCEAU_DKIM_MISSING, "no record");
	check(rsa, NULL, SCEAU_DNS_NXDOMAIN, SCEAU_DKIM_MISSING, "no record");
	check(rsa, NULL, SCEAU_DNS_SERVFAIL, SCEAU_DKIM_UNKNOWN, "no answer");
	check(rsa, NULL, SCEAU_DNS_TIMEOUT, SCEAU_DKIM_UNKNOWN, "no answer");
	/* other words around the same key change nothing, a limit does */
	changed = malloc(size);
	assert_non_null(changed);
	(void)snprintf(changed, size, "t=y; n=x; %s", rsa_record + 9);
	check(rsa, changed, 0, SCEAU_DKIM_PUBLISHED, "");
	(void)snprintf(changed, size, "h=sha1; %s", rsa_record + 9);
	check(rsa, changed, 0, SCEAU_DKIM_MISMATCH, "SHA-256");
	free(changed);
	free(rsa_record);
	free(ed_record);
	free(other_record);
}

static void test_several(void **state)
{
	char *rsa_record = record(rsa), *other_record = record(other);
	const struct dkim_bench_key two[] = {
		{ .name = "s._domainkey.home.example",
		  .records = { rsa_record, other_record } },
		{ .name = NULL },
	};
	const struct dkim_bench_key others[] = {
		{ .name = "s._domainkey.home.example",
		  .records = { "token", "v=spf1 -all" } },
		{ .name = NULL },
	};
	const char *reason;

	(void)state;
	assert_int_equal(judge(rsa, two, &reason), SCEAU_DKIM_MISMATCH);
	assert_non_null(strstr(reason, "several"));
	assert_int_equal(judge(rsa, others, &reason), SCEAU_DKIM_MISSING);
	free(rsa_record);
	free(other_record);
}

static void test_names(void **state)
{
	static const char *const want[] = { "unknown", "published", "missing",
		                            "mismatch", "?" };

	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(
			sceau_dkim_published_name((enum sceau_dkim_published)i),
			want[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_names),
	};
	int failed;

	if (sceau_dkim_key_generate(SCEAU_DKIM_RSA, 2048, "home.example", "s",
	                            &rsa, NULL) < 0 ||
	    sceau_dkim_key_generate(SCEAU_DKIM_RSA, 1024, "home.example", "s",
	                            &other, NULL) < 0 ||
	    sceau_dkim_key_generate(SCEAU_DKIM_ED25519, 0, "home.example", "s",
	                            &ed25519, NULL) < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	sceau_dkim_key_free(&rsa);
	sceau_dkim_key_free(&other);
	sceau_dkim_key_free(&ed25519);
	return failed;
}
