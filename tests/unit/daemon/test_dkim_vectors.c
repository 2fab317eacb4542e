/* test_dkim_vectors.c - messages that others signed, with the keys of then
 *
 * RFC 6376 A.2, RFC 8463 A.3 and altered copies; six of mail-auth; those of
 * Mail::DKIM that are DKIM (RFC 4871 on). Of the last, most were signed with
 * SHA-1, which counts for nothing since RFC 8301: what their authors say of
 * them, good or bad, is compared here with what our canonical forms give when
 * SHA-1 is put to them.
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

#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "auth/dkim_canon.h"
#include "auth/dkim_record.h"
#include "auth/dkim_select.h"
#include "auth/dkim_tags.h"
#include "dkim_bench.h"

#define KEYS_MAX 64

static const char *vectors;

/* A file with every line end as CRLF; what comes before the first empty line
   is passed over when skip is set. */
static struct sceau_buf read_mail(const char *path, bool skip)
{
	char name[4096];
	struct sceau_buf out;
	FILE *in;
	int c, before = '\n';

	(void)snprintf(name, sizeof(name), "%s/dkim/%s", vectors, path);
	in = fopen(name, "r");
	if (in == NULL)
		fail_msg("%s: cannot be read", name);
	sceau_buf_init(&out, 4UL << 20);
	while ((c = fgetc(in)) != EOF) {
		char byte = (char)c;

		if (skip) {
			skip = !(c == '\n' && before == '\n');
			before = c == '\r' ? before : c;
			continue;
		}
		if (c == '\r')
			continue;
		if (c == '\n')
			(void)sceau_buf_append(&out, "\r", 1);
		(void)sceau_buf_append(&out, &byte, 1);
	}
	(void)fclose(in);
	assert_false(out.failed);
	return out;
}

/* Lines "NAME blanks RECORD"; other lines, such as the mail that follows in
   some files, are passed over. */
static void read_keys(const char *path, struct sceau_buf *text,
                      struct dkim_bench_key keys[KEYS_MAX])
{
	struct sceau_slice rest, line, name;
	size_t count = 0;

	memset(keys, 0, KEYS_MAX * sizeof(*keys));
	*text = read_mail(path, false);
	rest = (struct sceau_slice){ text->data, text->used };
	while (sceau_slice_next_word(&rest, "\r\n", &line)) {
		size_t start = (size_t)(line.data - text->data);
		struct sceau_slice record = line;

		if (rest.len > 0) { /* the line end becomes a NUL */
			rest.data++;
			rest.len--;
		}
		text->data[start + line.len] = '\0';
		if (!sceau_slice_next_word(&record, " \t", &name) ||
		    record.len == 0 ||
		    memmem(name.data, name.len, "._domainkey.", 12) == NULL)
			continue;
		text->data[start + name.len] = '\0';
		keys[count].name = name.data;
		keys[count++].records[0] = record.data + 1;
		assert_true(count < KEYS_MAX);
	}
}

static const struct {
	const char *keys;
	const char *mail;
	bool skip; /* keys and mail are one file */
	uint64_t now_s; /* 0: some time of 2023 */
	const char *want;
} mails[] = {
#define R6376 "rfc/6376-A/"
	{ R6376 "dns.txt", R6376 "rfc6376-A.2.eml", false, 0, "pass" },
	{ R6376 "dns.txt", R6376 "rfc6376-A.2-body_modified.eml", false, 0,
	  "fail" },
	{ R6376 "dns.txt", R6376 "rfc6376-A.2-header_subject_modified.eml",
	  false, 0, "fail" },
	{ R6376 "dns.txt", R6376 "rfc6376-A.2-ill_formed-missing_v.eml", false,
	  0, "neutral" },
	/* a field that is not signed was put in */
	{ R6376 "dns.txt", R6376 "rfc6376-A.2-ill_formed-list_id.eml", false, 0,
	  "pass" },
#define R8463 "rfc/8463-A/"
	{ R8463 "dns.txt", R8463 "rfc8463-A.3.eml", false, 0, "pass pass" },
	{ R8463 "dns.txt", R8463 "rfc8463-A.3-key_algo_mismatch.eml", false, 0,
	  "permerror permerror" },
	{ "mail-auth/001.txt", "mail-auth/001.txt", true, 0, "pass pass" },
	/* its key is an RSAPublicKey */
	{ "mail-auth/002.txt", "mail-auth/002.txt", true, 0, "pass" },
	{ "mail-auth/003.txt", "mail-auth/003.txt", true, 0, "pass pass" },
	{ "mail-auth/004.txt", "mail-auth/004.txt", true, 0, "pass" },
	/* it expired the day after; the same a year later */
	{ "mail-auth/005.txt", "mail-auth/005.txt", true, 1667843700, "pass" },
	{ "mail-auth/005.txt", "mail-auth/005.txt", true, 0, "policy" },
	{ "mail-auth/006.txt", "mail-auth/006.txt", true, 0, "pass" },
};

static void test_mails(void **state)
{
	static struct dkim_bench_key keys[KEYS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
		struct dkim_bench bench = {
			.keys = keys,
			.now_s = mails[i].now_s != 0 ? mails[i].now_s
			                             : 1700000000,
		};
		struct sceau_buf text, mail;
		struct sceau_dkim_verify *verify;
		char got[100];

		read_keys(mails[i].keys, &text, keys);
		mail = read_mail(mails[i].mail, mails[i].skip);
		verify = dkim_bench_verify(
			&bench, (struct sceau_slice){ mail.data, mail.used });
		(void)dkim_bench_results(verify, got, sizeof(got));
		if (strcmp(got, mails[i].want) != 0)
			fail_msg("%s: got %s, want %s", mails[i].mail, got,
			         mails[i].want);
		sceau_dkim_verify_free(&verify);
		sceau_buf_deinit(&mail);
		sceau_buf_deinit(&text);
	}
}

/* --- altered copies: one bit of what was signed, and it passes no more --- */

/* Whether any of the signatures passes. */
static bool has_pass(struct dkim_bench *bench, const struct sceau_buf *mail)
{
	struct sceau_dkim_verify *verify = dkim_bench_verify(
		bench, (struct sceau_slice){ mail->data, mail->used });
	bool got = false;

	for (size_t i = 0; i < sceau_dkim_verify_count(verify); i++)
		got = got || sceau_dkim_verify_get(verify, i)->result ==
		                     SCEAU_DKIM_PASS;
	sceau_dkim_verify_free(&verify);
	return got;
}

/* Every letter below the signatures, one after the other. */
static void test_altered_letters(void **state)
{
	static struct dkim_bench_key keys[KEYS_MAX];
	struct dkim_bench bench = { .keys = keys, .now_s = 1700000000 };
	static const char *const files[] = { R6376, "rfc6376-A.2.eml", R8463,
		                             "rfc8463-A.3.eml" };

	(void)state;
	for (size_t f = 0; f < 4; f += 2) {
		char path[100];
		struct sceau_buf text, mail;
		size_t start, altered = 0;

		(void)snprintf(path, sizeof(path), "%sdns.txt", files[f]);
		read_keys(path, &text, keys);
		(void)snprintf(path, sizeof(path), "%s%s", files[f],
		               files[f + 1]);
		mail = read_mail(path, false);
		assert_true(has_pass(&bench, &mail));
		start = (size_t)(strstr(mail.data, "\nFrom:") - mail.data) + 1;
		for (size_t i = start; i < mail.used; i++) {
			if (!sceau_text_is_alpha(mail.data[i]))
				continue;
			/* another letter: case alone may change in names */
			mail.data[i] = (char)(mail.data[i] ^ 2);
			if (has_pass(&bench, &mail))
				fail_msg("%s: passes with byte %zu altered",
				         path, i);
			mail.data[i] = (char)(mail.data[i] ^ 2);
			altered++;
		}
		assert_true(altered > 100);
		sceau_buf_deinit(&mail);
		sceau_buf_deinit(&text);
	}
}

/* --- Mail::DKIM --- */

static void sha1_add(void *ctx, const char *data, size_t len)
{
	assert_int_equal(EVP_DigestUpdate(ctx, data, len), 1);
}

static struct sceau_slice tag_of(const struct sceau_dkim_tags *tags,
                                 const char *name, const char *fallback)
{
	const struct sceau_dkim_tag *tag = sceau_dkim_tags_find(tags, name);

	return tag != NULL ? tag->value : sceau_slice_of(fallback);
}

static enum sceau_dkim_canon canon_of(struct sceau_slice word)
{
	return word.len > 0 && word.data[0] == 'r' ? SCEAU_DKIM_RELAXED
	                                           : SCEAU_DKIM_SIMPLE;
}

static enum sceau_dkim_canon body_canon_of(struct sceau_slice word)
{
	const char *slash = word.len > 0 ? memchr(word.data, '/', word.len)
	                                 : NULL;

	return slash != NULL && slash[1] == 'r' ? SCEAU_DKIM_RELAXED
	                                        : SCEAU_DKIM_SIMPLE;
}

static bool is_body_good(const struct sceau_dkim_tags *tags,
                         const struct sceau_buf *body)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct sceau_dkim_body canon;
	unsigned char hash[20];
	struct sceau_buf want;
	bool is_good;

	assert_int_equal(EVP_DigestInit_ex(ctx, EVP_sha1(), NULL), 1);
	sceau_dkim_body_init(&canon, body_canon_of(tag_of(tags, "c", "s")),
	                     sha1_add, ctx);
	sceau_dkim_body_feed(&canon, body->data, body->used);
	sceau_dkim_body_end(&canon);
	assert_int_equal(EVP_DigestFinal_ex(ctx, hash, NULL), 1);
	EVP_MD_CTX_free(ctx);
	sceau_buf_init(&want, 100);
	is_good = sceau_dkim_tags_base64(tag_of(tags, "bh", ""), &want) &&
	          want.used == 20 && memcmp(want.data, hash, 20) == 0;
	sceau_buf_deinit(&want);
	return is_good;
}

static void hash_header(const struct sceau_header *header, size_t own,
                        const struct sceau_dkim_tags *tags, EVP_MD_CTX *ctx)
{
	enum sceau_dkim_canon canon = canon_of(tag_of(tags, "c", "s"));
	struct sceau_slice rest = tag_of(tags, "h", ""), name;
	struct sceau_header_field field;
	struct sceau_slice b = sceau_dkim_tags_find(tags, "b")->raw;
	struct sceau_dkim_select *select = NULL;
	struct sceau_buf value;
	size_t index;

	assert_int_equal(sceau_dkim_select_new(header, SCEAU_DKIM_RECEIVED,
	                                       &select, NULL),
	                 0);
	while (sceau_dkim_tags_next_element(&rest, &name)) {
		if (!sceau_dkim_select_pick(select, name, &index))
			continue;
		field = sceau_header_get(header, index);
		sceau_dkim_canon_field(canon, field.name, field.value, sha1_add,
		                       ctx);
		sha1_add(ctx, "\r\n", 2);
	}
	sceau_dkim_select_free(&select);
	field = sceau_header_get(header, own);
	sceau_buf_init(&value, field.value.len);
	(void)sceau_buf_append(&value, field.value.data,
	                       (size_t)(b.data - field.value.data));
	(void)sceau_buf_append(
		&value, b.data + b.len,
		field.value.len - (size_t)(b.data + b.len - field.value.data));
	sceau_dkim_canon_field(canon, field.name,
	                       (struct sceau_slice){ value.data, value.used },
	                       sha1_add, ctx);
	sceau_buf_deinit(&value);
}

static bool is_signature_good(EVP_MD_CTX *ctx,
                              const struct sceau_dkim_tags *tags,
                              const char *record)
{
	struct sceau_dkim_tags key;
	struct sceau_buf bytes, b;
	const unsigned char *der;
	unsigned char hash[20];
	EVP_PKEY_CTX *verify;
	EVP_PKEY *pkey;
	bool is_good;

	assert_int_equal(EVP_DigestFinal_ex(ctx, hash, NULL), 1);
	assert_true(sceau_dkim_tags_read(sceau_slice_of(record), &key));
	sceau_buf_init(&bytes, 4096);
	sceau_buf_init(&b, 4096);
	if (!sceau_dkim_tags_base64(tag_of(&key, "p", ""), &bytes) ||
	    !sceau_dkim_tags_base64(tag_of(tags, "b", ""), &b))
		bytes.used = 0;
	der = (const unsigned char *)sceau_buf_text(&bytes);
	pkey = d2i_PUBKEY(NULL, &der, (long)bytes.used);
	verify = pkey != NULL ? EVP_PKEY_CTX_new(pkey, NULL) : NULL;
	is_good = verify != NULL && EVP_PKEY_verify_init(verify) == 1 &&
	          EVP_PKEY_CTX_set_signature_md(verify, EVP_sha1()) == 1 &&
	          EVP_PKEY_verify(verify, (const unsigned char *)b.data, b.used,
	                          hash, 20) == 1;
	EVP_PKEY_CTX_free(verify);
	EVP_PKEY_free(pkey);
	sceau_buf_deinit(&bytes);
	sceau_buf_deinit(&b);
	return is_good;
}

/* Whether any rsa-sha1 signature of mail would verify. */
static bool verifies_with_sha1(const struct sceau_buf *mail,
                               const struct dkim_bench_key *keys)
{
	struct sceau_header header;
	struct sceau_buf body;
	bool is_good = false;
	size_t i;

	dkim_bench_scan((struct sceau_slice){ mail->data, mail->used }, &header,
	                &body);
	for (i = 0; sceau_header_find(&header, "DKIM-Signature", i, &i); i++) {
		const struct dkim_bench_key *key = keys;
		struct sceau_dkim_tags tags;
		EVP_MD_CTX *ctx;
		char name[300];

		if (!sceau_dkim_tags_read(sceau_header_get(&header, i).value,
		                          &tags))
			continue;
		(void)snprintf(name, sizeof(name), "%.*s._domainkey.%.*s",
		               (int)tag_of(&tags, "s", "").len,
		               tag_of(&tags, "s", "").data,
		               (int)tag_of(&tags, "d", "").len,
		               tag_of(&tags, "d", "").data);
		while (key->name != NULL && strcmp(key->name, name) != 0)
			key++;
		ctx = EVP_MD_CTX_new();
		assert_int_equal(EVP_DigestInit_ex(ctx, EVP_sha1(), NULL), 1);
		hash_header(&header, i, &tags, ctx);
		is_good = is_good ||
		          (key->name != NULL && is_body_good(&tags, &body) &&
		           is_signature_good(ctx, &tags, key->records[0]));
		EVP_MD_CTX_free(ctx);
	}
	sceau_header_deinit(&header);
	sceau_buf_deinit(&body);
	return is_good;
}

/* Verdicts of Mail::DKIM. want: NULL = none passes, "pass", "sha1" =
   none passes, but with SHA-1 it would. */
static const struct {
	const char *file;
	const char *want;
} corpus[] = {
	{ "bad_1878954.txt", NULL },       { "badkey1_ed25519.txt", NULL },
	{ "badkey2_ed25519.txt", NULL },   { "badkey3_ed25519.txt", NULL },
	{ "badkey4_ed25519.txt", NULL },   { "badkey5_ed25519.txt", NULL },
	{ "badkey_1.txt", NULL },          { "badkey_2.txt", NULL },
	{ "badkey_3.txt", NULL },          { "badkey_4.txt", NULL },
	{ "badkey_5.txt", NULL },          { "badkey_6.txt", NULL },
	{ "badkey_7.txt", NULL },          { "badkey_8.txt", NULL },
	{ "badkey_9.txt", NULL },          { "badkey_10.txt", NULL },
	{ "badkey_11.txt", NULL },         { "badkey_12.txt", NULL },
	{ "badkey_13.txt", NULL },         { "badkey_14.txt", NULL },
	{ "badkey_15.txt", NULL },         { "ignore_1.txt", NULL },
	{ "ignore_2.txt", NULL },          { "ignore_3.txt", NULL },
	{ "ignore_4.txt", NULL },          { "ignore_5.txt", NULL },
	{ "ignore_6.txt", NULL },          { "ignore_7.txt", NULL },
	{ "ignore_8.txt", NULL },          { "good_1878523.txt", "sha1" },
	{ "good_83176.txt", "sha1" },      { "good_qp_1.txt", "sha1" },
	{ "good_qp_2.txt", "sha1" },       { "good_qp_3.txt", "sha1" },
	{ "good_rfc4871_3.txt", "sha1" },  { "good_rfc4871_4.txt", "sha1" },
	{ "goodkey_1.txt", "sha1" },       { "goodkey_2.txt", "sha1" },
	{ "goodkey_3.txt", "sha1" },       { "goodkey_4.txt", "sha1" },
	{ "goodkey_ed25519.txt", "pass" }, { "multiple_2.txt", "sha1" },
};

static void test_mail_dkim(void **state)
{
	static struct dkim_bench_key keys[KEYS_MAX];
	struct dkim_bench bench = { .keys = keys, .now_s = 1700000000 };
	struct sceau_buf text;

	(void)state;
	read_keys("mail-dkim/FAKE_DNS.dat", &text, keys);
	for (size_t i = 0; i < sizeof(corpus) / sizeof(corpus[0]); i++) {
		const char *want = corpus[i].want;
		struct sceau_buf mail;
		char path[100];

		(void)snprintf(path, sizeof(path), "mail-dkim/corpus/%s",
		               corpus[i].file);
		mail = read_mail(path, false);
		bool got = has_pass(&bench, &mail);
		if (got != (want != NULL && strcmp(want, "pass") == 0))
			fail_msg("%s: got %d", path, got);
		if (want != NULL && strcmp(want, "sha1") == 0 &&
		    !verifies_with_sha1(&mail, keys))
			fail_msg("%s: not even with SHA-1", path);
		sceau_buf_deinit(&mail);
	}
	sceau_buf_deinit(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mails),
		cmocka_unit_test(test_altered_letters),
		cmocka_unit_test(test_mail_dkim),
	};
	char folder[4096];

	vectors = getenv("SCEAU_VECTORS");
	(void)snprintf(folder, sizeof(folder), "%s/dkim",
	               vectors != NULL ? vectors : "");
	if (access(folder, R_OK) < 0) {
		printf("skipped: no mails at $SCEAU_VECTORS/dkim\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
