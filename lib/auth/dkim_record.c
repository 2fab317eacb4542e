/* dkim_record.c - read a DKIM public key record (RFC 6376 3.6.1, RFC 8463)
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/dkim_record.h"

#include <string.h>

#include "auth/dkim_tags.h"

/* The value of a tag that is a list, or fallback when it is not there. */
static struct sceau_slice value_of(const struct sceau_dkim_tags *tags,
                                   const char *name, const char *fallback)
{
	const struct sceau_dkim_tag *tag = sceau_dkim_tags_find(tags, name);

	return tag != NULL ? tag->value : sceau_slice_of(fallback);
}

static const char *read_type(const struct sceau_dkim_tags *tags,
                             enum sceau_dkim_key_type *type_r)
{
	struct sceau_slice type = value_of(tags, "k", "rsa");

	if (sceau_slice_is(type, "rsa"))
		*type_r = SCEAU_DKIM_RSA;
	else if (sceau_slice_is(type, "ed25519"))
		*type_r = SCEAU_DKIM_ED25519;
	else
		return "key of an unknown type";
	return NULL;
}

static const char *read_key(const struct sceau_dkim_tags *tags,
                            struct sceau_dkim_record *record)
{
	const struct sceau_dkim_tag *tag = sceau_dkim_tags_find(tags, "p");
	struct sceau_buf bytes;
	bool is_good;

	if (tag == NULL)
		return "no key in the key record";
	if (tag->value.len == 0)
		return "key revoked";
	/* base64 is decoded in place */
	sceau_buf_init(&bytes, SCEAU_DKIM_RECORD_KEY_MAX * 3 / 2);
	is_good = sceau_dkim_tags_base64(tag->value, &bytes) &&
	          bytes.used <= SCEAU_DKIM_RECORD_KEY_MAX;
	if (is_good) {
		memcpy(record->key, bytes.data, bytes.used);
		record->key_len = bytes.used;
	}
	sceau_buf_deinit(&bytes);
	return is_good ? NULL : "key is not base64 or too long";
}

const char *sceau_dkim_record_read(struct sceau_slice text,
                                   struct sceau_dkim_record *record_r)
{
	struct sceau_dkim_tags tags;
	struct sceau_slice flags, services;
	const char *reason;

	memset(record_r, 0, sizeof(*record_r));
	if (!sceau_dkim_tags_read(text, &tags))
		return "key record cannot be read";
	if (!sceau_slice_is(value_of(&tags, "v", "DKIM1"), "DKIM1"))
		return "key record of another version";
	reason = read_type(&tags, &record_r->type);
	if (reason != NULL)
		return reason;
	flags = value_of(&tags, "t", "");
	record_r->is_testing = sceau_dkim_tags_has_element(flags, "y");
	record_r->is_strict = sceau_dkim_tags_has_element(flags, "s");
	if (!sceau_dkim_tags_has_element(value_of(&tags, "h", "sha256"),
	                                 "sha256"))
		return "key is not for SHA-256";
	services = value_of(&tags, "s", "*");
	if (!sceau_dkim_tags_has_element(services, "*") &&
	    !sceau_dkim_tags_has_element(services, "email"))
		return "key is not for mail";
	return read_key(&tags, record_r);
}

bool sceau_dkim_record_is_key(struct sceau_slice text)
{
	struct sceau_dkim_tags tags;

	return sceau_dkim_tags_read(text, &tags) &&
	       sceau_dkim_tags_find(&tags, "p") != NULL &&
	       sceau_slice_is(value_of(&tags, "v", "DKIM1"), "DKIM1");
}

const char *sceau_dkim_key_type_name(enum sceau_dkim_key_type type)
{
	return type == SCEAU_DKIM_RSA ? "rsa" : "ed25519";
}
