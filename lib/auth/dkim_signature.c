/* dkim_signature.c - read the value of a DKIM-Signature field (RFC 6376 3.5)
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/dkim_signature.h"

#include <string.h>

#include "auth/dkim_tags.h"

/* The first complaint counts. */
static void object(struct sceau_dkim_signature *signature,
                   enum sceau_dkim_result result, const char *reason)
{
	if (signature->result != SCEAU_DKIM_PASS)
		return;
	signature->result = result;
	signature->reason = reason;
}

/* The value of a tag that must be there; empty when it is not, and said so. */
static struct sceau_slice required(struct sceau_dkim_signature *signature,
                                   const struct sceau_dkim_tags *tags,
                                   const char *name, const char *reason)
{
	const struct sceau_dkim_tag *tag = sceau_dkim_tags_find(tags, name);
	struct sceau_slice none = { "", 0 };

	if (tag == NULL || tag->value.len == 0) {
		object(signature, SCEAU_DKIM_NEUTRAL, reason);
		return none;
	}
	return tag->value;
}

/* --- names --- */

/* Letters, digits, '-' and '_' between single dots, or UTF-8 (RFC 8616). */
static bool is_host(struct sceau_slice name)
{
	char before = '.';

	if (name.len == 0 || !sceau_text_is_utf8(name.data, name.len))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if (c == '.' && before == '.')
			return false;
		if (!sceau_text_is_alpha(c) && !sceau_text_is_digit(c) &&
		    c != '-' && c != '_' && c != '.' && (c & 0x80) == 0)
			return false;
		before = c;
	}
	return before != '.';
}

static void read_host(struct sceau_dkim_signature *signature,
                      struct sceau_slice value, char out[SCEAU_DKIM_NAME_SIZE],
                      const char *reason)
{
	if (value.len == 0)
		return;
	if (!is_host(value) ||
	    sceau_slice_copy(value, out, SCEAU_DKIM_NAME_SIZE) < 0)
		object(signature, SCEAU_DKIM_NEUTRAL, reason);
	else
		sceau_text_make_lower(out);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* 2.11: DKIM's quoted-printable, with white space passed over. Returns false
   when it does not fit or holds a NUL. */
static bool decode_identity(struct sceau_slice value,
                            char out[SCEAU_DKIM_NAME_SIZE])
{
	size_t used = 0;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.data[i];

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (c == '=') {
			int high = i + 2 < value.len
			                   ? hex_digit(value.data[i + 1])
			                   : -1;
			int low = high >= 0 ? hex_digit(value.data[i + 2]) : -1;

			if (low < 0)
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (c == '\0' || used == SCEAU_DKIM_NAME_SIZE - 1)
			return false;
		out[used++] = c;
	}
	out[used] = '\0';
	return true;
}

/* 3.5: the domain of i= is d= or a subdomain of it. */
static void read_identity(struct sceau_dkim_signature *signature,
                          const struct sceau_dkim_tags *tags)
{
	const struct sceau_dkim_tag *tag = sceau_dkim_tags_find(tags, "i");
	size_t domain_len = strlen(signature->domain), len;
	const char *at;

	if (tag == NULL)
		return;
	if (!decode_identity(tag->value, signature->identity)) {
		signature->identity[0] = '\0';
		object(signature, SCEAU_DKIM_NEUTRAL, "i= cannot be read");
		return;
	}
	at = strrchr(signature->identity, '@');
	if (at == NULL) {
		object(signature, SCEAU_DKIM_NEUTRAL, "i= cannot be read");
		return;
	}
	len = strlen(++at);
	if (len < domain_len ||
	    !sceau_text_equal_nocase(at + len - domain_len,
	                             signature->domain) ||
	    (len > domain_len && at[len - domain_len - 1] != '.')) {
		object(signature, SCEAU_DKIM_PERMERROR, "i= is not under d=");
		return;
	}
	signature->is_subdomain = len > domain_len;
}

/* --- how it was made --- */

static void read_version(struct sceau_dkim_signature *signature,
                         const struct sceau_dkim_tags *tags)
{
	struct sceau_slice version = required(signature, tags, "v", "no v=");

	if (version.len > 0 && !sceau_slice_is(version, "1"))
		object(signature, SCEAU_DKIM_NEUTRAL,
		       "signature of another version");
}

/* RFC 8301 3.1: SHA-1 counts for nothing any more. */
static void read_algorithm(struct sceau_dkim_signature *signature,
                           const struct sceau_dkim_tags *tags)
{
	struct sceau_slice name = required(signature, tags, "a", "no a=");

	signature->algorithm = name;
	if (sceau_slice_is_nocase(name, "rsa-sha256"))
		signature->type = SCEAU_DKIM_RSA;
	else if (sceau_slice_is_nocase(name, "ed25519-sha256"))
		signature->type = SCEAU_DKIM_ED25519;
	else if (sceau_slice_is_nocase(name, "rsa-sha1"))
		object(signature, SCEAU_DKIM_POLICY, "signed with SHA-1");
	else
		object(signature, SCEAU_DKIM_NEUTRAL, "unknown algorithm");
}

static bool read_canon(struct sceau_slice word, enum sceau_dkim_canon *canon_r)
{
	if (sceau_slice_is_nocase(word, "simple"))
		*canon_r = SCEAU_DKIM_SIMPLE;
	else if (sceau_slice_is_nocase(word, "relaxed"))
		*canon_r = SCEAU_DKIM_RELAXED;
	else
		return false;
	return true;
}

static void read_canons(struct sceau_dkim_signature *signature,
                        const struct sceau_dkim_tags *tags)
{
	const struct sceau_dkim_tag *tag = sceau_dkim_tags_find(tags, "c");
	struct sceau_slice header, body = sceau_slice_of("simple");
	const char *slash;

	if (tag == NULL)
		return; /* simple/simple */
	header = tag->value;
	slash = header.len == 0 ? NULL : memchr(header.data, '/', header.len);
	if (slash != NULL) {
		body.data = slash + 1;
		body.len = header.len - (size_t)(slash + 1 - header.data);
		header.len = (size_t)(slash - header.data);
	}
	if (!read_canon(header, &signature->header_canon) ||
	    !read_canon(body, &signature->body_canon))
		object(signature, SCEAU_DKIM_NEUTRAL,
		       "unknown canonicalization");
}

static void read_query(struct sceau_dkim_signature *signature,
                       const struct sceau_dkim_tags *tags)
{
	const struct sceau_dkim_tag *tag = sceau_dkim_tags_find(tags, "q");
	struct sceau_slice rest, method;

	if (tag == NULL)
		return;
	rest = tag->value;
	while (sceau_dkim_tags_next_element(&rest, &method)) {
		if (sceau_slice_is_nocase(method, "dns/txt"))
			return;
	}
	object(signature, SCEAU_DKIM_NEUTRAL, "key is not in DNS");
}

/* --- what it covers --- */

bool sceau_dkim_signature_next_name(struct sceau_slice *rest,
                                    struct sceau_slice *name_r)
{
	return sceau_dkim_tags_next_element(rest, name_r);
}

static void read_names(struct sceau_dkim_signature *signature,
                       const struct sceau_dkim_tags *tags)
{
	struct sceau_slice rest, name;
	bool has_from = false;

	signature->names = required(signature, tags, "h", "no h=");
	rest = signature->names;
	while (sceau_dkim_signature_next_name(&rest, &name)) {
		if (name.len == 0)
			object(signature, SCEAU_DKIM_NEUTRAL,
			       "h= cannot be read");
		if (++signature->name_count > SCEAU_DKIM_SIGNED_MAX) {
			object(signature, SCEAU_DKIM_NEUTRAL, "h= is too long");
			return;
		}
		has_from = has_from || sceau_slice_is_nocase(name, "From");
	}
	if (!has_from)
		object(signature, SCEAU_DKIM_PERMERROR, "From is not signed");
}

/* A decimal number; larger ones than fit count as the largest. */
static bool read_number(struct sceau_slice text, uint64_t *value_r)
{
	uint64_t value = 0;

	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!sceau_text_is_digit(text.data[i]))
			return false;
		uint64_t digit = (uint64_t)(text.data[i] - '0');
		value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX
		                                          : value * 10 + digit;
	}
	*value_r = value;
	return true;
}

static void read_optional_number(struct sceau_dkim_signature *signature,
                                 const struct sceau_dkim_tags *tags,
                                 const char *name, bool *has_r,
                                 uint64_t *value_r)
{
	const struct sceau_dkim_tag *tag = sceau_dkim_tags_find(tags, name);

	if (tag == NULL)
		return;
	*has_r = read_number(tag->value, value_r);
	if (!*has_r)
		object(signature, SCEAU_DKIM_NEUTRAL,
		       "a number cannot be read");
}

static void check_time(struct sceau_dkim_signature *signature, uint64_t now_s)
{
	if (signature->has_time && signature->has_expiry &&
	    signature->expiry_s <= signature->time_s)
		object(signature, SCEAU_DKIM_NEUTRAL, "x= is not after t=");
	if (signature->has_expiry && now_s > SCEAU_DKIM_DRIFT_S &&
	    signature->expiry_s < now_s - SCEAU_DKIM_DRIFT_S)
		object(signature, SCEAU_DKIM_POLICY, "signature expired");
	if (signature->has_time &&
	    signature->time_s > now_s + SCEAU_DKIM_DRIFT_S)
		object(signature, SCEAU_DKIM_POLICY,
		       "signature is from the future");
}

/* --- hash and signature --- */

static void read_bytes(struct sceau_dkim_signature *signature,
                       struct sceau_slice value, unsigned char *out,
                       size_t size, size_t *len_r, const char *reason)
{
	struct sceau_buf bytes;

	if (value.len == 0)
		return; /* said already */
	/* decoded in place */
	sceau_buf_init(&bytes, size * 3 / 2);
	if (!sceau_dkim_tags_base64(value, &bytes) || bytes.used > size) {
		object(signature, SCEAU_DKIM_NEUTRAL, reason);
	} else {
		memcpy(out, bytes.data, bytes.used);
		*len_r = bytes.used;
	}
	sceau_buf_deinit(&bytes);
}

static void read_hashes(struct sceau_dkim_signature *signature,
                        const struct sceau_dkim_tags *tags)
{
	const struct sceau_dkim_tag *tag = sceau_dkim_tags_find(tags, "b");
	size_t hash_len = 0;

	read_bytes(signature, required(signature, tags, "bh", "no bh="),
	           signature->body_hash, sizeof(signature->body_hash),
	           &hash_len, "bh= cannot be read");
	read_bytes(signature, required(signature, tags, "b", "no b="),
	           signature->bytes, sizeof(signature->bytes),
	           &signature->bytes_len, "b= cannot be read");
	if (hash_len != sizeof(signature->body_hash))
		object(signature, SCEAU_DKIM_NEUTRAL, "bh= is no SHA-256 hash");
	if (tag != NULL)
		signature->b = tag->raw;
}

void sceau_dkim_signature_read(struct sceau_slice value, uint64_t now_s,
                               struct sceau_dkim_signature *signature_r)
{
	struct sceau_dkim_signature *signature = signature_r;
	struct sceau_dkim_tags tags;

	memset(signature, 0, sizeof(*signature));
	signature->reason = "";
	if (!sceau_dkim_tags_read(value, &tags))
		object(signature, SCEAU_DKIM_NEUTRAL,
		       "signature cannot be read");
	read_version(signature, &tags);
	read_host(signature, required(signature, &tags, "d", "no d="),
	          signature->domain, "d= is no domain");
	read_host(signature, required(signature, &tags, "s", "no s="),
	          signature->selector, "s= is no selector");
	read_algorithm(signature, &tags);
	read_canons(signature, &tags);
	read_query(signature, &tags);
	read_names(signature, &tags);
	read_identity(signature, &tags);
	read_optional_number(signature, &tags, "l", &signature->has_length,
	                     &signature->length);
	read_optional_number(signature, &tags, "t", &signature->has_time,
	                     &signature->time_s);
	read_optional_number(signature, &tags, "x", &signature->has_expiry,
	                     &signature->expiry_s);
	read_hashes(signature, &tags);
	/* 8.2: whoever likes may put more text behind what was signed */
	if (signature->has_length)
		object(signature, SCEAU_DKIM_POLICY,
		       "covers a part of the body only (l=)");
	check_time(signature, now_s);
}
