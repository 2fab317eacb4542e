/* dkim_verify.c - verify the DKIM signatures of a whole mail (RFC 6376)
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/dkim_verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/dkim_canon.h"
#include "auth/dkim_record.h"
#include "auth/dkim_select.h"
#include "auth/dkim_signature.h"
#include "daemon/dkim_crypto.h"
#include "daemon/idna.h"

#define FIELD "DKIM-Signature"

/* One DKIM-Signature field. */
struct signature {
	struct sceau_dkim_signature says;
	struct sceau_dkim_verdict verdict;
	unsigned char header_hash[SCEAU_DKIM_HASH_SIZE];
	int entry; /* of the lookup; -1: its key is not needed */
};

/* The body in one canonical form; two at most are needed. */
struct body {
	struct sceau_dkim_body canon;
	struct sceau_dkim_hash *hash; /* NULL: nobody needs it */
	unsigned char result[SCEAU_DKIM_HASH_SIZE];
};

struct sceau_dkim_verify {
	size_t count;
	size_t skipped;
	struct signature *signatures;
	struct body bodies[2]; /* by enum sceau_dkim_canon */
	struct sceau_dkim_lookup *lookup;
};

static int out_of_memory(struct sceau_err *err)
{
	return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
}

static bool is_open(const struct signature *signature)
{
	return signature->verdict.result == SCEAU_DKIM_PASS;
}

static void decide(struct signature *signature, enum sceau_dkim_result result,
                   const char *reason)
{
	signature->verdict.result = result;
	signature->verdict.reason = reason;
}

/* --- texts for the report --- */

/* Copy what is safe in a log line and in a quoted or plain value of an
   Authentication-Results field; anything else is left out as a whole. */
static void copy_safe(const char *text, char *out, size_t size)
{
	size_t len = strlen(text);

	out[0] = '\0';
	for (size_t i = 0; i < len; i++) {
		if (text[i] < 33 || text[i] > 126 ||
		    strchr(";\"\\()<>,", text[i]) != NULL)
			return;
	}
	(void)sceau_slice_copy((struct sceau_slice){ text, len }, out, size);
}

/* Names in other scripts, which stand in mails under RFC 8616, as DNS and the
   report know them. */
static void make_ascii(char name[SCEAU_DKIM_NAME_SIZE])
{
	char ascii[SCEAU_IDNA_SIZE];

	if (sceau_idna_to_ascii(sceau_slice_of(name), ascii, sizeof(ascii)) < 0)
		name[0] = '\0';
	else
		(void)snprintf(name, SCEAU_DKIM_NAME_SIZE, "%s", ascii);
}

static void describe(struct signature *signature)
{
	struct sceau_dkim_signature *says = &signature->says;
	struct sceau_dkim_verdict *verdict = &signature->verdict;
	char word[sizeof(verdict->algorithm)];
	size_t used = 0;

	verdict->result = says->result;
	verdict->reason = says->reason;
	make_ascii(says->domain);
	make_ascii(says->selector);
	if (is_open(signature) &&
	    (says->domain[0] == '\0' || says->selector[0] == '\0'))
		decide(signature, SCEAU_DKIM_NEUTRAL, "d= or s= is no name");
	copy_safe(says->domain, verdict->domain, sizeof(verdict->domain));
	copy_safe(says->selector, verdict->selector, sizeof(verdict->selector));
	if (says->identity[0] != '\0')
		copy_safe(says->identity, verdict->identity,
		          sizeof(verdict->identity));
	else if (verdict->domain[0] != '\0')
		(void)snprintf(verdict->identity, sizeof(verdict->identity),
		               "@%s", verdict->domain);
	if (sceau_slice_copy(says->algorithm, word, sizeof(word)) == 0)
		copy_safe(word, verdict->algorithm, sizeof(verdict->algorithm));
	for (size_t i = 0; i < says->b.len; i++) {
		char c = says->b.data[i];

		if (used < SCEAU_DKIM_B_SIZE - 1 && c > 32 && c < 127 &&
		    strchr(";\"\\()<>,", c) == NULL)
			verdict->b[used++] = c;
	}
}

/* --- header --- */

static void hash_field(const struct sceau_header_field *field,
                       enum sceau_dkim_canon canon,
                       struct sceau_dkim_hash *hash)
{
	sceau_dkim_canon_field(canon, field->name, field->value,
	                       sceau_dkim_hash_add, hash);
	sceau_dkim_hash_add(hash, "\r\n", 2);
}

/* 3.7: the field itself comes last, without the value of b= and without a line
   end. */
static int hash_own_field(const struct sceau_header_field *field,
                          const struct sceau_dkim_signature *says,
                          struct sceau_dkim_hash *hash)
{
	const char *end = field->value.data + field->value.len;
	const char *behind = says->b.data + says->b.len;
	struct sceau_buf value;
	int ret;

	sceau_buf_init(&value, field->value.len + 1);
	(void)sceau_buf_append(&value, field->value.data,
	                       (size_t)(says->b.data - field->value.data));
	(void)sceau_buf_append(&value, behind, (size_t)(end - behind));
	ret = value.failed ? -1 : 0;
	if (ret == 0)
		sceau_dkim_canon_field(
			says->header_canon, field->name,
			(struct sceau_slice){ value.data, value.used },
			sceau_dkim_hash_add, hash);
	sceau_buf_deinit(&value);
	return ret;
}

static int hash_header(struct signature *signature,
                       const struct sceau_header *header, size_t index,
                       struct sceau_dkim_select *select, struct sceau_err *err)
{
	struct sceau_dkim_signature *says = &signature->says;
	struct sceau_header_field own = sceau_header_get(header, index);
	struct sceau_slice rest = says->names, name;
	struct sceau_dkim_hash *hash = sceau_dkim_hash_new();
	int ret = 0;

	if (hash == NULL)
		return out_of_memory(err);
	sceau_dkim_select_reset(select);
	while (sceau_dkim_signature_next_name(&rest, &name)) {
		size_t picked;

		if (sceau_dkim_select_pick(select, name, &picked)) {
			struct sceau_header_field field = sceau_header_get(
				header, picked);

			hash_field(&field, says->header_canon, hash);
		}
	}
	if (sceau_dkim_select_stray(select) != NULL)
		decide(signature, SCEAU_DKIM_POLICY,
		       "a field stands twice, but was signed once");
	if (hash_own_field(&own, says, hash) < 0 ||
	    sceau_dkim_hash_end(hash, signature->header_hash) < 0)
		ret = out_of_memory(err);
	sceau_dkim_hash_free(&hash);
	return ret;
}

/* What is needed of a signature that could pass: its key and the body. */
static int prepare(struct sceau_dkim_verify *verify,
                   struct signature *signature, struct sceau_err *err)
{
	enum sceau_dkim_canon canon = signature->says.body_canon;
	struct body *body = &verify->bodies[canon];

	signature->entry = sceau_dkim_lookup_add(verify->lookup,
	                                         signature->says.selector,
	                                         signature->says.domain);
	if (signature->entry < 0) {
		decide(signature, SCEAU_DKIM_PERMERROR, "no name for its key");
		return 0;
	}
	if (body->hash != NULL)
		return 0;
	body->hash = sceau_dkim_hash_new();
	if (body->hash == NULL)
		return out_of_memory(err);
	sceau_dkim_body_init(&body->canon, canon, sceau_dkim_hash_add,
	                     body->hash);
	return 0;
}

static int add_signature(struct sceau_dkim_verify *verify,
                         const struct sceau_header *header, size_t index,
                         struct sceau_dkim_select *select, uint64_t now_s,
                         struct sceau_err *err)
{
	struct signature *signature = &verify->signatures[verify->count++];

	signature->entry = -1;
	sceau_dkim_signature_read(sceau_header_get(header, index).value, now_s,
	                          &signature->says);
	describe(signature);
	if (is_open(signature) &&
	    hash_header(signature, header, index, select, err) < 0)
		return -1;
	if (is_open(signature) && prepare(verify, signature, err) < 0)
		return -1;
	/* these point into the header */
	signature->says.names = (struct sceau_slice){ NULL, 0 };
	signature->says.algorithm = signature->says.names;
	signature->says.b = signature->says.names;
	return 0;
}

static bool is_signature(const struct sceau_header_field *field)
{
	return !field->added && sceau_slice_is_nocase(field->name, FIELD);
}

static int read_header(struct sceau_dkim_verify *verify,
                       const struct sceau_header *header,
                       const struct sceau_dkim_verify_options *options,
                       struct sceau_err *err)
{
	struct sceau_dkim_select *select = NULL;
	size_t wanted = 0;
	int ret = 0;

	for (size_t i = 0; i < header->count; i++) {
		struct sceau_header_field field = sceau_header_get(header, i);

		wanted += is_signature(&field) ? 1 : 0;
	}
	if (wanted > options->max_signatures) {
		verify->skipped = wanted - options->max_signatures;
		wanted = options->max_signatures;
	}
	if (wanted == 0)
		return 0;
	verify->signatures = calloc(wanted, sizeof(*verify->signatures));
	if (verify->signatures == NULL)
		return out_of_memory(err);
	if (sceau_dkim_select_new(header, SCEAU_DKIM_RECEIVED, &select, err) <
	    0)
		return -1;
	for (size_t i = 0; ret == 0 && verify->count < wanted; i++) {
		struct sceau_header_field field = sceau_header_get(header, i);

		if (is_signature(&field))
			ret = add_signature(verify, header, i, select,
			                    options->now_s, err);
	}
	sceau_dkim_select_free(&select);
	return ret;
}

int sceau_dkim_verify_new(const struct sceau_header *header,
                          const struct sceau_dkim_verify_options *options,
                          struct sceau_dkim_verify **verify_r,
                          struct sceau_err *err)
{
	struct sceau_dkim_verify *verify = calloc(1, sizeof(*verify));

	if (verify == NULL)
		return out_of_memory(err);
	verify->lookup = sceau_dkim_lookup_new();
	if (verify->lookup == NULL) {
		sceau_dkim_verify_free(&verify);
		return out_of_memory(err);
	}
	if (read_header(verify, header, options, err) < 0) {
		sceau_dkim_verify_free(&verify);
		return -1;
	}
	*verify_r = verify;
	return 0;
}

struct sceau_dkim_lookup *
sceau_dkim_verify_lookup(struct sceau_dkim_verify *verify)
{
	return verify->lookup;
}

/* --- body --- */

bool sceau_dkim_verify_wants_body(const struct sceau_dkim_verify *verify)
{
	return verify->bodies[SCEAU_DKIM_SIMPLE].hash != NULL ||
	       verify->bodies[SCEAU_DKIM_RELAXED].hash != NULL;
}

int sceau_dkim_verify_body(struct sceau_dkim_verify *verify, const void *data,
                           size_t len, struct sceau_err *err)
{
	(void)err;
	for (size_t i = 0; i < 2; i++) {
		if (verify->bodies[i].hash != NULL)
			sceau_dkim_body_feed(&verify->bodies[i].canon, data,
			                     len);
	}
	return 0;
}

static int end_bodies(struct sceau_dkim_verify *verify, struct sceau_err *err)
{
	for (size_t i = 0; i < 2; i++) {
		struct body *body = &verify->bodies[i];

		if (body->hash == NULL)
			continue;
		sceau_dkim_body_end(&body->canon);
		if (sceau_dkim_hash_end(body->hash, body->result) < 0)
			return sceau_fail(err, SCEAU_FAULT_TEMP,
			                  "libcrypto cannot hash");
		sceau_dkim_hash_free(&body->hash);
	}
	return 0;
}

/* --- verdict --- */

static void decide_lookup(struct signature *signature,
                          enum sceau_dkim_lookup_status status)
{
	switch (status) {
	case SCEAU_DKIM_LOOKUP_FOUND:
		break;
	case SCEAU_DKIM_LOOKUP_NO_KEY:
		decide(signature, SCEAU_DKIM_PERMERROR, "no key in DNS");
		break;
	case SCEAU_DKIM_LOOKUP_NO_RECORD:
		decide(signature, SCEAU_DKIM_PERMERROR,
		       "no key among the records");
		break;
	case SCEAU_DKIM_LOOKUP_SEVERAL:
		decide(signature, SCEAU_DKIM_PERMERROR,
		       "several keys at one name");
		break;
	case SCEAU_DKIM_LOOKUP_OPEN:
	case SCEAU_DKIM_LOOKUP_TEMPORARY:
		decide(signature, SCEAU_DKIM_TEMPERROR,
		       "no answer about the key");
		break;
	}
}

/* The hash of the header is right if the key says so. RFC 8301 3.2 on short
   keys. */
static void decide_key(struct signature *signature,
                       const struct sceau_dkim_record *record)
{
	const struct sceau_dkim_signature *says = &signature->says;
	struct sceau_dkim_public *key;

	if (record->type != says->type) {
		decide(signature, SCEAU_DKIM_PERMERROR,
		       "key is of another type");
		return;
	}
	if (record->is_strict && says->is_subdomain) {
		decide(signature, SCEAU_DKIM_PERMERROR,
		       "key is not for subdomains");
		return;
	}
	key = sceau_dkim_public_new(record);
	if (key == NULL) {
		decide(signature, SCEAU_DKIM_PERMERROR, "key cannot be used");
		return;
	}
	signature->verdict.key_bits = sceau_dkim_public_bits(key);
	if (!sceau_dkim_public_verify(key, signature->header_hash, says->bytes,
	                              says->bytes_len))
		decide(signature, SCEAU_DKIM_FAIL, "header is not as signed");
	else if (record->type == SCEAU_DKIM_RSA &&
	         signature->verdict.key_bits < SCEAU_DKIM_MIN_BITS)
		decide(signature, SCEAU_DKIM_POLICY, "key is under 1024 bits");
	sceau_dkim_public_free(&key);
}

static bool is_body_changed(const struct sceau_dkim_verify *verify,
                            const struct sceau_dkim_signature *says)
{
	const unsigned char *hash = verify->bodies[says->body_canon].result;

	/* public: everybody who has the mail has its hash */
	return memcmp(hash, says->body_hash, SCEAU_DKIM_HASH_SIZE) != 0;
}

/* A text that was changed cannot pass, even when DNS gave no answer; but that
   there is no key says more. */
static void decide_signature(const struct sceau_dkim_verify *verify,
                             struct signature *signature)
{
	size_t entry = (size_t)signature->entry;
	bool is_changed = is_body_changed(verify, &signature->says);
	struct sceau_dkim_record record;
	const char *reason;

	decide_lookup(signature,
	              sceau_dkim_lookup_status(verify->lookup, entry));
	if (signature->verdict.result == SCEAU_DKIM_TEMPERROR && is_changed)
		decide(signature, SCEAU_DKIM_FAIL, "body is not as signed");
	if (!is_open(signature))
		return;
	reason = sceau_dkim_record_read(
		sceau_dkim_lookup_record(verify->lookup, entry), &record);
	if (reason != NULL) {
		decide(signature, SCEAU_DKIM_PERMERROR, reason);
		return;
	}
	signature->verdict.is_testing = record.is_testing;
	signature->verdict.is_secure = sceau_dkim_lookup_is_secure(
		verify->lookup, entry);
	if (is_changed)
		decide(signature, SCEAU_DKIM_FAIL, "body is not as signed");
	else
		decide_key(signature, &record);
}

int sceau_dkim_verify_end(struct sceau_dkim_verify *verify,
                          struct sceau_err *err)
{
	if (end_bodies(verify, err) < 0)
		return -1;
	for (size_t i = 0; i < verify->count; i++) {
		struct signature *signature = &verify->signatures[i];

		if (is_open(signature))
			decide_signature(verify, signature);
	}
	return 0;
}

size_t sceau_dkim_verify_count(const struct sceau_dkim_verify *verify)
{
	return verify->count;
}

const struct sceau_dkim_verdict *
sceau_dkim_verify_get(const struct sceau_dkim_verify *verify, size_t index)
{
	return &verify->signatures[index].verdict;
}

size_t sceau_dkim_verify_skipped(const struct sceau_dkim_verify *verify)
{
	return verify->skipped;
}

void sceau_dkim_verify_free(struct sceau_dkim_verify **verify)
{
	if (*verify == NULL)
		return;
	for (size_t i = 0; i < 2; i++)
		sceau_dkim_hash_free(&(*verify)->bodies[i].hash);
	sceau_dkim_lookup_free(&(*verify)->lookup);
	free((*verify)->signatures);
	free(*verify);
	*verify = NULL;
}
