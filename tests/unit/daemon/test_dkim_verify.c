/* test_dkim_verify.c - verdicts on signatures made for the occasion: what must
 * never pass although its hash and signature are right, and what must
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dkim_forge.h"

/* --- one signature each --- */

static const struct {
	const char *what;
	const char *tags; /* but for bh= and b= */
	const char *replace; /* after signing, this part of the mail... */
	const char *by; /* ...becomes that */
	enum sceau_dkim_result want;
	const char *reason;
} cases[] = {
#define V "v=1; a=rsa-sha256; d=home.example; s=rsa; "
	{ "plain", V NAMES, "", "", SCEAU_DKIM_PASS, "" },
	{ "relaxed", V "c=relaxed/relaxed; " NAMES, "", "", SCEAU_DKIM_PASS,
	  "" },
	{ "x= ahead", V "x=1700000100; " NAMES, "", "", SCEAU_DKIM_PASS, "" },
	/* trap 4: the header verifies, the text does not */
	{ "body changed", V NAMES, "line one", "line 1", SCEAU_DKIM_FAIL,
	  "body is not" },
	{ "text added", V NAMES, "line two\r\n", "line two\r\nmore\r\n",
	  SCEAU_DKIM_FAIL, "body is not" },
	{ "subject changed", V NAMES, "hello", "HELLO", SCEAU_DKIM_FAIL,
	  "header is not" },
	{ "field gone", V NAMES, "Subject: hello\r\n", "", SCEAU_DKIM_FAIL,
	  "header is not" },
	{ "tag changed", V "t=1; " NAMES, "t=1;", "t=2;", SCEAU_DKIM_FAIL,
	  "header is not" },
	{ "unsigned field added", V NAMES, FROM, "X-New: 1\r\n" FROM,
	  SCEAU_DKIM_PASS, "" },
	/* trap 5 */
	{ "l= over all", V "l=20; " NAMES, "", "", SCEAU_DKIM_POLICY, "l=" },
	{ "l= and text added", V "l=20; " NAMES, "line two\r\n",
	  "line two\r\nmore\r\n", SCEAU_DKIM_POLICY, "l=" },
	/* trap 6 */
	{ "second From on top", V NAMES, FROM,
	  "From: ceo@bank.example\r\n" FROM, SCEAU_DKIM_POLICY, "twice" },
	{ "second From below", V NAMES,
	  "Subject: ", "from: x@y.z\r\nSubject: ", SCEAU_DKIM_POLICY, "twice" },
	{ "second Subject on top", V NAMES, FROM, "Subject: pay\r\n" FROM,
	  SCEAU_DKIM_POLICY, "twice" },
	{ "second Subject, oversigned", V NAMES ":subject", FROM,
	  "Subject: pay\r\n" FROM, SCEAU_DKIM_FAIL, "header is not" },
	/* trap 3; the hash in it is SHA-256, nobody looks */
	{ "SHA-1", "v=1; a=rsa-sha1; d=home.example; s=rsa; " NAMES, "", "",
	  SCEAU_DKIM_POLICY, "SHA-1" },
	{ "expired", V "x=1699999000; " NAMES, "", "", SCEAU_DKIM_POLICY,
	  "expired" },
	{ "from the future", V "t=1700001000; " NAMES, "", "",
	  SCEAU_DKIM_POLICY, "future" },
	{ "From is not signed", V "h=to:subject", "", "", SCEAU_DKIM_PERMERROR,
	  "From is not" },
	{ "i= elsewhere", V "i=@bank.example; " NAMES, "", "",
	  SCEAU_DKIM_PERMERROR, "i= is not" },
	{ "i= in a subdomain", V "i=a@b.home.example; " NAMES, "", "",
	  SCEAU_DKIM_PASS, "" },
	/* trap 11: z= is nothing to us */
	{ "z=", V "z=From:alice@home.example|To:=00=FF; " NAMES, "", "",
	  SCEAU_DKIM_PASS, "" },
/* keys */
#define S(selector)                                                            \
	"v=1; a=rsa-sha256; d=home.example; s=" selector                       \
	"; i=@s.home.example;"                                                 \
	" " NAMES
	{ "no name", S("nobody"), "", "", SCEAU_DKIM_PERMERROR, "no key in" },
	{ "no TXT", S("nodata"), "", "", SCEAU_DKIM_PERMERROR, "no key in" },
	{ "DNS fails", S("servfail"), "", "", SCEAU_DKIM_TEMPERROR,
	  "no answer" },
	{ "DNS is late", S("timeout"), "", "", SCEAU_DKIM_TEMPERROR,
	  "no answer" },
	{ "DNS fails, text changed", S("servfail"), "line one", "line 1",
	  SCEAU_DKIM_FAIL, "body is not" },
	{ "no key, text changed", S("nobody"), "line one", "line 1",
	  SCEAU_DKIM_PERMERROR, "no key in" },
	{ "revoked", S("revoked"), "", "", SCEAU_DKIM_PERMERROR, "revoked" },
	{ "junk", S("junk"), "", "", SCEAU_DKIM_PERMERROR, "cannot be used" },
	{ "two keys", S("two"), "", "", SCEAU_DKIM_PERMERROR, "several keys" },
	{ "key beside SPF", S("beside"), "", "", SCEAU_DKIM_PASS, "" },
	{ "h=sha1", S("sha1"), "", "", SCEAU_DKIM_PERMERROR,
	  "not for SHA-256" },
	{ "s=chat", S("chat"), "", "", SCEAU_DKIM_PERMERROR, "not for mail" },
	{ "k= of another type", S("ed25519"), "", "", SCEAU_DKIM_PERMERROR,
	  "another type" },
	/* i= is a subdomain here */
	{ "t=s", S("strict"), "", "", SCEAU_DKIM_PERMERROR, "subdomains" },
	/* trap 9: RSAPublicKey as RFC 6376 has it */
	{ "PKCS#1", S("pkcs1"), "", "", SCEAU_DKIM_PASS, "" },
	/* trap 12: a record of 5 KB is whole, nothing is read past it */
	{ "long record", S("long"), "", "", SCEAU_DKIM_PASS, "" },
	/* a name in another script (trap 16) */
	{ "U-label",
	  "v=1; a=rsa-sha256; d=m\xc3\xbcller.example; s=rsa; " NAMES, "", "",
	  SCEAU_DKIM_PASS, "" },
	{ "bad U-label", "v=1; a=rsa-sha256; d=\xe2\x98\x83.; s=rsa; " NAMES,
	  "", "", SCEAU_DKIM_NEUTRAL, "d= is no" },
};

static void check(const char *what, struct sceau_buf *mail,
                  enum sceau_dkim_result want, const char *reason)
{
	struct sceau_dkim_verify *got = forge_verify(mail);
	const struct sceau_dkim_verdict *verdict;

	assert_int_equal(sceau_dkim_verify_count(got), 1);
	verdict = sceau_dkim_verify_get(got, 0);
	if (verdict->result != want || strstr(verdict->reason, reason) == NULL)
		fail_msg("%s: got %s (%s), want %s", what,
		         sceau_dkim_result_name(verdict->result),
		         verdict->reason, sceau_dkim_result_name(want));
	sceau_dkim_verify_free(&got);
	assert_null(got);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sceau_buf mail = forge_mail(HEADER,
		                                   "line one\r\nline two\r\n");

		forge_sign(forge_rsa, cases[i].tags, &mail);
		forge_replace(&mail, cases[i].replace, cases[i].by);
		check(cases[i].what, &mail, cases[i].want, cases[i].reason);
		sceau_buf_deinit(&mail);
	}
}

/* Traps 2 and 8: an Ed25519 key signs as such and has no number of bits. */
static void test_keys(void **state)
{
	static const struct {
		const char *tags;
		enum sceau_dkim_result want;
		unsigned bits;
	} variants[] = {
		{ "v=1; a=rsa-sha256; d=home.example; s=weak; " NAMES,
		  SCEAU_DKIM_POLICY, 768 },
		{ "v=1; a=ed25519-sha256; d=home.example; s=ed25519; " NAMES,
		  SCEAU_DKIM_PASS, 0 },
		{ "v=1; a=ed25519-sha256; c=relaxed/relaxed; d=home.example; "
		  "s=ed25519; " NAMES,
		  SCEAU_DKIM_PASS, 0 },
		{ "v=1; a=ed25519-sha256; c=simple/relaxed; d=home.example; "
		  "s=testing; " NAMES,
		  SCEAU_DKIM_PASS, 0 },
		{ "v=1; a=rsa-sha256; d=home.example; s=rsa; " NAMES,
		  SCEAU_DKIM_PASS, 2048 },
	};
	EVP_PKEY *const signers[] = { forge_weak, forge_ed25519, forge_ed25519,
		                      forge_ed25519, forge_rsa };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct sceau_buf mail = forge_mail(HEADER, "hi\r\n");
		const struct sceau_dkim_verdict *verdict;
		struct sceau_dkim_verify *got;

		forge_sign(signers[i], variants[i].tags, &mail);
		got = forge_verify(&mail);
		verdict = sceau_dkim_verify_get(got, 0);
		if (verdict->result != variants[i].want ||
		    verdict->key_bits != variants[i].bits)
			fail_msg("%s: got %s (%s), %u bits", variants[i].tags,
			         sceau_dkim_result_name(verdict->result),
			         verdict->reason, verdict->key_bits);
		assert_int_equal(verdict->is_testing, i == 3);
		sceau_dkim_verify_free(&got);
		sceau_buf_deinit(&mail);
	}
}

/* A short key is no excuse: what does not verify fails. */
static void test_short_key_that_fails(void **state)
{
	struct sceau_buf mail = forge_mail(HEADER, "hi\r\n");

	(void)state;
	forge_sign(forge_weak,
	           "v=1; a=rsa-sha256; d=home.example; s=weak; " NAMES, &mail);
	forge_replace(&mail, "hello", "HELLO");
	check("short key", &mail, SCEAU_DKIM_FAIL, "header is not");
	sceau_buf_deinit(&mail);
}

static void test_what_is_reported(void **state)
{
	struct sceau_buf mail = forge_mail(HEADER, "hi\r\n");
	const struct sceau_dkim_verdict *verdict;
	struct sceau_dkim_verify *got;

	(void)state;
	forge_sign(forge_rsa,
	           "v=1; a=RSA-SHA256; d=Home.Example; s=RSA; "
	           "i=Alice=40x@Home.Example; " NAMES,
	           &mail);
	got = forge_verify(&mail);
	verdict = sceau_dkim_verify_get(got, 0);
	assert_int_equal(verdict->result, SCEAU_DKIM_PASS);
	assert_string_equal(verdict->domain, "home.example");
	assert_string_equal(verdict->selector, "rsa");
	assert_string_equal(verdict->identity, "Alice@x@Home.Example");
	assert_string_equal(verdict->algorithm, "RSA-SHA256");
	assert_int_equal(strlen(verdict->b), 8);
	assert_non_null(strstr(mail.data, verdict->b));
	sceau_dkim_verify_free(&got);
	sceau_buf_deinit(&mail);
}

/* Nothing that a stranger wrote can break a log line or a header field. */
static void test_hostile_texts(void **state)
{
	static const char *const fields[] = {
		"d=a\x01"
		"b",
		"d=a;b\";s=x y",
		"d=(;s=);i=@\";a=\\;b=\"\\;()",
		"i=x;=0D=0Aevil: 1@home.example",
		"v=1; a=rsa-sha256; d=home.example; s=rsa; h=from; "
		"i==0D=0ASet-Cookie:x@home.example; bh=x; b=\"<script>",
		"",
		"\xff\xfe",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct sceau_dkim_verdict *verdict;
		struct sceau_dkim_verify *got;
		struct sceau_buf mail;
		char all[2000];

		sceau_buf_init(&mail, 10000);
		(void)sceau_buf_appendf(
			&mail, "DKIM-Signature: %s\r\n" HEADER "\r\nhi\r\n",
			fields[i]);
		got = forge_verify(&mail);
		verdict = sceau_dkim_verify_get(got, 0);
		assert_int_not_equal(verdict->result, SCEAU_DKIM_PASS);
		(void)snprintf(all, sizeof(all), "%s%s%s%s%s", verdict->domain,
		               verdict->selector, verdict->identity,
		               verdict->algorithm, verdict->b);
		for (size_t j = 0; all[j] != '\0'; j++) {
			if (all[j] < 33 || all[j] > 126 ||
			    strchr(";\"\\", all[j]) != NULL)
				fail_msg("case %zu: \"%s\"", i, all);
		}
		sceau_dkim_verify_free(&got);
		sceau_buf_deinit(&mail);
	}
}

/* Trap 7: every result has a name, every verdict a reason that is a text. */
static void test_names(void **state)
{
	static const char *const want[] = { "pass",    "fail",      "policy",
		                            "neutral", "temperror", "permerror",
		                            "?" };

	(void)state;
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(
			sceau_dkim_result_name((enum sceau_dkim_result)i),
			want[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_short_key_that_fails),
		cmocka_unit_test(test_what_is_reported),
		cmocka_unit_test(test_hostile_texts),
		cmocka_unit_test(test_names),
	};
	int failed;

	forge_setup();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	forge_teardown();
	return failed;
}
