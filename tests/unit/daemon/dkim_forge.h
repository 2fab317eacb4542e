/* dkim_forge.h - mails with signatures of any tags, right in all that is
 * computed, and a zone of keys to verify them by
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_TEST_DKIM_FORGE_H
#define SCEAU_TEST_DKIM_FORGE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "auth/dkim_canon.h"
#include "auth/dkim_select.h"
#include "auth/dkim_tags.h"
#include "base/base64.h"
#include "daemon/dkim_crypto.h"
#include "dkim_bench.h"

#define NOW 1700000000
#define FROM "From: Alice <alice@home.example>\r\n"
#define HEADER                                                                 \
	FROM "To: zoe@far.example\r\nSubject: hello\r\n"                       \
	     "Date: Mon, 23 Nov 2026 06:00:00 +0000\r\n"
#define NAMES "h=from:to:subject:date"

static EVP_PKEY *forge_rsa, *forge_weak, *forge_ed25519;

/* --- signatures with any tags, and right in all that is computed --- */

/* Append bytes in base64. */
static inline void forge_base64(struct sceau_buf *out,
                                const unsigned char *bytes, size_t len)
{
	char text[SCEAU_BASE64_LENGTH(1024) + 1];
	size_t used = sceau_base64_encode(bytes, len, text);

	(void)sceau_buf_append(out, text, used);
}

/* Whether the tags hold that text. */
static inline bool forge_has_tag(const char *tags, const char *tag)
{
	return strstr(tags, tag) != NULL;
}

/* The hash of body, or of its first l= bytes. */
static inline void forge_hash_body(const char *tags, struct sceau_slice body,
                                   unsigned char out[SCEAU_DKIM_HASH_SIZE])
{
	struct sceau_dkim_hash *hash = sceau_dkim_hash_new();
	const char *length = strstr(tags, "l=");
	struct sceau_dkim_body canon;

	if (length != NULL) {
		sceau_dkim_hash_add(hash, body.data,
		                    strtoul(length + 2, NULL, 10));
	} else {
		sceau_dkim_body_init(&canon,
		                     forge_has_tag(tags, "/relaxed")
		                             ? SCEAU_DKIM_RELAXED
		                             : SCEAU_DKIM_SIMPLE,
		                     sceau_dkim_hash_add, hash);
		sceau_dkim_body_feed(&canon, body.data, body.len);
		sceau_dkim_body_end(&canon);
	}
	assert_int_equal(sceau_dkim_hash_end(hash, out), 0);
	sceau_dkim_hash_free(&hash);
}

/* Hash the fields that h= names and the own field as far as it goes. */
static inline void forge_hash_header(const char *tags, const char *mail,
                                     const char *own,
                                     unsigned char out[SCEAU_DKIM_HASH_SIZE])
{
	enum sceau_dkim_canon canon = forge_has_tag(tags, "c=relaxed")
	                                      ? SCEAU_DKIM_RELAXED
	                                      : SCEAU_DKIM_SIMPLE;
	struct sceau_dkim_hash *hash = sceau_dkim_hash_new();
	struct sceau_dkim_select *select = NULL;
	struct sceau_dkim_tags list;
	struct sceau_slice rest, name;
	struct sceau_header header;
	struct sceau_buf body;
	size_t index;

	dkim_bench_scan(sceau_slice_of(mail), &header, &body);
	assert_int_equal(sceau_dkim_select_new(&header, SCEAU_DKIM_RECEIVED,
	                                       &select, NULL),
	                 0);
	(void)sceau_dkim_tags_read(sceau_slice_of(tags), &list);
	rest = sceau_dkim_tags_find(&list, "h")->value;
	while (sceau_dkim_tags_next_element(&rest, &name)) {
		struct sceau_header_field field;

		if (!sceau_dkim_select_pick(select, name, &index))
			continue;
		field = sceau_header_get(&header, index);
		sceau_dkim_canon_field(canon, field.name, field.value,
		                       sceau_dkim_hash_add, hash);
		sceau_dkim_hash_add(hash, "\r\n", 2);
	}
	sceau_dkim_canon_field(canon, sceau_slice_of("DKIM-Signature"),
	                       sceau_slice_of(own), sceau_dkim_hash_add, hash);
	assert_int_equal(sceau_dkim_hash_end(hash, out), 0);
	sceau_dkim_hash_free(&hash);
	sceau_dkim_select_free(&select);
	sceau_header_deinit(&header);
	sceau_buf_deinit(&body);
}

/* Sign hash; returns the length of the signature in bytes. */
static inline size_t forge_sign_hash(EVP_PKEY *pkey, const unsigned char *hash,
                                     unsigned char *bytes, size_t size)
{
	bool is_rsa = EVP_PKEY_base_id(pkey) == EVP_PKEY_RSA;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	size_t len = size;

	if (is_rsa) {
		assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
		assert_int_equal(
			EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()), 1);
		assert_int_equal(EVP_PKEY_sign(ctx, bytes, &len, hash, 32), 1);
	} else {
		assert_int_equal(EVP_DigestSignInit(md, NULL, NULL, NULL, pkey),
		                 1);
		assert_int_equal(EVP_DigestSign(md, bytes, &len, hash, 32), 1);
	}
	EVP_MD_CTX_free(md);
	EVP_PKEY_CTX_free(ctx);
	return len;
}

/* Put a signature with these tags on top of mail (a NUL-terminated text). */
static inline void forge_sign(EVP_PKEY *key, const char *tags,
                              struct sceau_buf *mail)
{
	unsigned char hash[SCEAU_DKIM_HASH_SIZE], bytes[1024];
	const char *text = strstr(mail->data, "\r\n\r\n");
	struct sceau_slice body = {
		text + 4, mail->used - (size_t)(text + 4 - mail->data)
	};
	struct sceau_buf own, whole;

	sceau_buf_init(&own, 100000);
	sceau_buf_init(&whole, 1 << 20);
	forge_hash_body(tags, body, hash);
	(void)sceau_buf_appendf(&own, " %s; bh=", tags);
	forge_base64(&own, hash, sizeof(hash));
	(void)sceau_buf_append_text(&own, "; b=");
	forge_hash_header(tags, mail->data, own.data, hash);
	forge_base64(&own, bytes,
	             forge_sign_hash(key, hash, bytes, sizeof(bytes)));
	(void)sceau_buf_appendf(&whole, "DKIM-Signature:%s\r\n",
	                        sceau_buf_text(&own));
	(void)sceau_buf_append(&whole, mail->data, mail->used);
	sceau_buf_deinit(&own);
	sceau_buf_deinit(mail);
	*mail = whole;
}

/* A mail of header (with its line ends) and body. */
static inline struct sceau_buf forge_mail(const char *header, const char *body)
{
	struct sceau_buf mail;

	sceau_buf_init(&mail, 1 << 20);
	(void)sceau_buf_appendf(&mail, "%s\r\n%s", header, body);
	return mail;
}

static struct dkim_bench_key forge_keys[20];

/* Verify mail with the keys of this file; the caller frees the result. */
static inline struct sceau_dkim_verify *forge_verify(struct sceau_buf *mail)
{
	struct dkim_bench bench = { .keys = forge_keys, .now_s = NOW };

	return dkim_bench_verify(
		&bench, (struct sceau_slice){ mail->data, mail->used });
}

/* Put by in the place of the first old; an empty old changes nothing. */
static inline void forge_replace(struct sceau_buf *mail, const char *old,
                                 const char *by)
{
	struct sceau_buf out;
	const char *at = strstr(mail->data, old);
	size_t front;

	if (old[0] == '\0')
		return;
	assert_non_null(at);
	front = (size_t)(at - mail->data);
	sceau_buf_init(&out, 1 << 20);
	(void)sceau_buf_append(&out, mail->data, front);
	(void)sceau_buf_append_text(&out, by);
	(void)sceau_buf_append_text(&out, at + strlen(old));
	sceau_buf_deinit(mail);
	*mail = out;
}

/* --- keys and their records --- */

static char forge_records[20][8192];

/* A record of tags and a key in base64; it stays. */
static const char *forge_record(const char *tags, const unsigned char *key,
                                size_t len)
{
	static size_t count;
	char *out = forge_records[count];
	struct sceau_buf text;

	assert_true(++count <=
	            sizeof(forge_records) / sizeof(forge_records[0]));
	sceau_buf_init(&text, sizeof(forge_records[0]));
	(void)sceau_buf_append_text(&text, tags);
	forge_base64(&text, key, len);
	(void)snprintf(out, sizeof(forge_records[0]), "%s", text.data);
	sceau_buf_deinit(&text);
	return out;
}

/* A record of tags and a public key as print writes it; it stays. */
static const char *forge_record_of(const char *tags, EVP_PKEY *pkey,
                                   int (*print)(const EVP_PKEY *,
                                                unsigned char **))
{
	unsigned char *der = NULL;
	int len = print(pkey, &der);
	const char *text;

	assert_true(len > 0);
	text = forge_record(tags, der, (size_t)len);
	OPENSSL_free(der);
	return text;
}

/* Put a name into the zone: a selector of home.example, or a whole name. */
static inline void forge_publish(const char *selector, const char *text,
                                 const char *second,
                                 enum sceau_dns_status status)
{
	static char names[20][64];
	static size_t count;

	(void)snprintf(names[count], sizeof(names[count]), "%s%s", selector,
	               strchr(selector, '.') == NULL
	                       ? "._domainkey.home.example"
	                       : "");
	forge_keys[count].name = names[count];
	forge_keys[count].records[0] = text;
	forge_keys[count].records[1] = second;
	forge_keys[count].status = status;
	assert_true(++count < sizeof(forge_keys) / sizeof(forge_keys[0]));
}

/* Fill the zone. */
static inline void forge_publish_all(void)
{
	const char *good = forge_record_of("p=", forge_rsa, i2d_PUBKEY);
	unsigned char raw[32];
	size_t len = sizeof(raw);
	char note[6000] = "n=";

	assert_int_equal(EVP_PKEY_get_raw_public_key(forge_ed25519, raw, &len),
	                 1);
	forge_publish("rsa", good, NULL, SCEAU_DNS_OK);
	forge_publish("weak", forge_record_of("p=", forge_weak, i2d_PUBKEY),
	              NULL, SCEAU_DNS_OK);
	forge_publish("ed25519", forge_record("k=ed25519; p=", raw, len), NULL,
	              SCEAU_DNS_OK);
	forge_publish("testing", forge_record("k=ed25519; t=y; p=", raw, len),
	              NULL, SCEAU_DNS_OK);
	forge_publish("pkcs1",
	              forge_record_of("v=DKIM1; p=", forge_rsa, i2d_PublicKey),
	              NULL, SCEAU_DNS_OK);
	forge_publish("nodata", NULL, NULL, SCEAU_DNS_NODATA);
	forge_publish("servfail", NULL, NULL, SCEAU_DNS_SERVFAIL);
	forge_publish("timeout", NULL, NULL, SCEAU_DNS_TIMEOUT);
	forge_publish("revoked", "v=DKIM1; p=", NULL, SCEAU_DNS_OK);
	forge_publish("junk", "p=aGVsbG8=", NULL, SCEAU_DNS_OK);
	forge_publish("two", good, "p=aGVsbG8=", SCEAU_DNS_OK);
	forge_publish("beside", "v=spf1 -all", good, SCEAU_DNS_OK);
	forge_publish("sha1",
	              forge_record_of("h=sha1; p=", forge_rsa, i2d_PUBKEY),
	              NULL, SCEAU_DNS_OK);
	forge_publish("chat",
	              forge_record_of("s=chat; p=", forge_rsa, i2d_PUBKEY),
	              NULL, SCEAU_DNS_OK);
	forge_publish("strict",
	              forge_record_of("t=s; p=", forge_rsa, i2d_PUBKEY), NULL,
	              SCEAU_DNS_OK);
	memset(note + 2, 'x', 5000);
	(void)snprintf(note + 5002, 20, "; p=");
	forge_publish("long", forge_record_of(note, forge_rsa, i2d_PUBKEY),
	              NULL, SCEAU_DNS_OK);
	forge_publish("rsa._domainkey.xn--mller-kva.example", good, NULL,
	              SCEAU_DNS_OK);
}

/* Make the keys and publish them; once a program. */
static inline void forge_setup(void)
{
	forge_rsa = EVP_RSA_gen(2048);
	forge_weak = EVP_RSA_gen(768);
	forge_ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	forge_publish_all();
}

/* Release the keys. */
static inline void forge_teardown(void)
{
	EVP_PKEY_free(forge_rsa);
	EVP_PKEY_free(forge_weak);
	EVP_PKEY_free(forge_ed25519);
}

#endif
