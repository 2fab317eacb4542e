/* dmarc_record.c - see dmarc_record.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/dmarc_record.h"

#include <string.h>

#include "base/buf.h"

/* A TXT record's data is no longer than that (RFC 1035 3.2.1). */
#define TEXT_MAX 65535

enum tag {
	TAG_P,
	TAG_SP,
	TAG_NP,
	TAG_PSD,
	TAG_T,
	TAG_ADKIM,
	TAG_ASPF,
	TAG_FO,
	TAG_RUA,
	TAG_RUF,
	TAG_COUNT,
};

static const char *const tag_names[TAG_COUNT] = {
	"p", "sp", "np", "psd", "t", "adkim", "aspf", "fo", "rua", "ruf",
};

/* What stands in the record, before it is understood. */
struct found {
	struct sceau_slice value[TAG_COUNT];
	unsigned count[TAG_COUNT];
};

/* RFC 5234's WSP; line ends are none. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct sceau_slice trim(struct sceau_slice text)
{
	while (text.len > 0 && is_blank(text.data[0])) {
		text.data++;
		text.len--;
	}
	while (text.len > 0 && is_blank(text.data[text.len - 1]))
		text.len--;
	return text;
}

/* Take what stands before the next separator, or all, from the front. Returns
   false when nothing was left. */
static bool next_part(struct sceau_slice *rest, char separator,
                      struct sceau_slice *part_r)
{
	const char *end;

	if (rest->data == NULL)
		return false;
	end = memchr(rest->data, separator, rest->len);
	part_r->data = rest->data;
	part_r->len = end == NULL ? rest->len : (size_t)(end - rest->data);
	if (end == NULL) {
		*rest = (struct sceau_slice){ NULL, 0 };
	} else {
		rest->len -= part_r->len + 1;
		rest->data = end + 1;
	}
	return true;
}

/* Split "name = value"; false when it is none. */
static bool split_tag(struct sceau_slice part, struct sceau_slice *name_r,
                      struct sceau_slice *value_r)
{
	struct sceau_slice rest = part;

	(void)next_part(&rest, '=', name_r);
	if (rest.data == NULL)
		return false;
	*name_r = trim(*name_r);
	*value_r = trim(rest);
	return true;
}

static void note_tag(struct found *found, struct sceau_slice part)
{
	struct sceau_slice name, value;

	if (!split_tag(part, &name, &value))
		return;
	for (size_t i = 0; i < TAG_COUNT; i++) {
		if (sceau_slice_is_nocase(name, tag_names[i])) {
			found->value[i] = value;
			found->count[i]++;
		}
	}
}

/* The one value of a tag. False when there is none or more than one, or when
   it holds what RFC 9989 4.8 does not allow in a value. */
static bool value_of(const struct found *found, enum tag tag,
                     struct sceau_slice *value_r)
{
	struct sceau_slice value = found->value[tag];

	if (found->count[tag] != 1 || value.len == 0)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] < 0x20 || value.data[i] > 0x7e)
			return false;
	}
	*value_r = value;
	return true;
}

static struct sceau_dmarc_request read_request(const struct found *found,
                                               enum tag tag)
{
	struct sceau_dmarc_request request = {
		.is_present = found->count[tag] > 0,
	};
	struct sceau_slice value;

	if (!value_of(found, tag, &value))
		return request;
	for (int i = SCEAU_DMARC_NONE; i <= SCEAU_DMARC_REJECT; i++) {
		enum sceau_dmarc_policy policy = (enum sceau_dmarc_policy)i;

		if (sceau_slice_is_nocase(value,
		                          sceau_dmarc_policy_name(policy))) {
			request.is_valid = true;
			request.policy = policy;
		}
	}
	return request;
}

static bool says(const struct found *found, enum tag tag, const char *word)
{
	struct sceau_slice value;

	return value_of(found, tag, &value) &&
	       sceau_slice_is_nocase(value, word);
}

static enum sceau_dmarc_psd read_psd(const struct found *found)
{
	if (says(found, TAG_PSD, "y"))
		return SCEAU_DMARC_PSD_YES;
	return says(found, TAG_PSD, "n") ? SCEAU_DMARC_PSD_NO
	                                 : SCEAU_DMARC_PSD_UNKNOWN;
}

/* One word of fo; 0: none of them. */
static unsigned fo_bit(struct sceau_slice word)
{
	if (sceau_slice_is(word, "0"))
		return SCEAU_DMARC_FO_ALL;
	if (sceau_slice_is(word, "1"))
		return SCEAU_DMARC_FO_ANY;
	if (sceau_slice_is_nocase(word, "d"))
		return SCEAU_DMARC_FO_DKIM;
	return sceau_slice_is_nocase(word, "s") ? SCEAU_DMARC_FO_SPF : 0;
}

/* RFC 9989 4.7: any order, 0 and 1 not together, none twice (4.8). */
static unsigned read_fo(const struct found *found)
{
	const unsigned both = SCEAU_DMARC_FO_ALL | SCEAU_DMARC_FO_ANY;
	struct sceau_slice value, word;
	unsigned bits = 0;

	if (!value_of(found, TAG_FO, &value))
		return SCEAU_DMARC_FO_ALL;
	while (next_part(&value, ':', &word)) {
		unsigned bit = fo_bit(trim(word));

		if (bit == 0 || (bits & bit) != 0)
			return SCEAU_DMARC_FO_ALL;
		bits |= bit;
	}
	return (bits & both) == both ? SCEAU_DMARC_FO_ALL : bits;
}

static bool is_hex(char c)
{
	return sceau_text_is_digit(c) || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

/* RFC 3986's characters but for those that a record has to encode. */
static bool is_uri_text(struct sceau_slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '%') {
			if (text.len - i < 3 || !is_hex(text.data[i + 1]) ||
			    !is_hex(text.data[i + 2]))
				return false;
		} else if (!sceau_text_is_alpha(c) && !sceau_text_is_digit(c) &&
		           strchr("-._~:/?#[]@$&'()*+=", c) == NULL) {
			return false;
		}
	}
	return text.len > 0;
}

/* RFC 3986 3.1: a letter, then letters, digits, '+', '-' and '.'. */
static bool is_scheme(struct sceau_slice name)
{
	if (name.len == 0 || !sceau_text_is_alpha(name.data[0]))
		return false;
	for (size_t i = 1; i < name.len; i++) {
		char c = name.data[i];

		if (!sceau_text_is_alpha(c) && !sceau_text_is_digit(c) &&
		    strchr("+-.", c) == NULL)
			return false;
	}
	return true;
}

/* Take the obsolete "!10m" away from a URI's end. Returns false when what
   stands behind the '!' is no size. */
static bool drop_size(struct sceau_slice *uri)
{
	struct sceau_slice rest = *uri, size;

	(void)next_part(&rest, '!', uri);
	if (rest.data == NULL)
		return true;
	size = rest;
	if (size.len > 1 && strchr("kmgtKMGT", size.data[size.len - 1]) != NULL)
		size.len--;
	for (size_t i = 0; i < size.len; i++) {
		if (!sceau_text_is_digit(size.data[i]))
			return false;
	}
	return size.len > 0;
}

static bool is_uri(struct sceau_slice uri)
{
	struct sceau_slice rest = uri, scheme;
	const char *at;

	(void)next_part(&rest, ':', &scheme);
	if (rest.data == NULL || !is_scheme(scheme) || !is_uri_text(rest))
		return false;
	if (!sceau_slice_is_nocase(scheme, "mailto"))
		return true;
	/* RFC 6068: local part, '@', domain */
	at = memchr(rest.data, '@', rest.len);
	return at != NULL && at != rest.data && at + 1 != rest.data + rest.len;
}

/* Count the valid URIs of a list and copy those that fit to out (NULL:
   none). */
static size_t read_uris(const struct found *found, enum tag tag, char *out)
{
	struct sceau_slice value, uri;
	size_t count = 0, used = 0;

	if (!value_of(found, tag, &value))
		return 0;
	while (next_part(&value, ',', &uri)) {
		uri = trim(uri);
		if (!drop_size(&uri) || !is_uri(uri))
			continue;
		count++;
		if (out == NULL || uri.len + 2 > SCEAU_DMARC_URIS_SIZE - used)
			continue;
		if (used > 0)
			out[used++] = ',';
		memcpy(out + used, uri.data, uri.len);
		used += uri.len;
		out[used] = '\0';
	}
	return count;
}

/* RFC 9989 4.8: v must come first, its value is case sensitive, and nothing
   stands before it. */
static bool take_version(struct sceau_slice *rest)
{
	struct sceau_slice part, name, value;

	if (rest->len == 0 || is_blank(rest->data[0]))
		return false;
	return next_part(rest, ';', &part) && split_tag(part, &name, &value) &&
	       sceau_slice_is_nocase(name, "v") &&
	       sceau_slice_is(value, "DMARC1");
}

bool sceau_dmarc_record_parse(struct sceau_slice text,
                              struct sceau_dmarc_record *record_r)
{
	struct found found = { .count = { 0 } };
	struct sceau_slice part;

	if (!take_version(&text))
		return false;
	while (next_part(&text, ';', &part))
		note_tag(&found, part);
	*record_r = (struct sceau_dmarc_record){
		.p = read_request(&found, TAG_P),
		.sp = read_request(&found, TAG_SP),
		.np = read_request(&found, TAG_NP),
		.psd = read_psd(&found),
		.is_testing = says(&found, TAG_T, "y"),
		.adkim_is_strict = says(&found, TAG_ADKIM, "s"),
		.aspf_is_strict = says(&found, TAG_ASPF, "s"),
		.fo = read_fo(&found),
	};
	record_r->rua_count = read_uris(&found, TAG_RUA, record_r->rua);
	record_r->ruf_count = read_uris(&found, TAG_RUF, NULL);
	return true;
}

int sceau_dmarc_record_find(const struct sceau_dns_answer *answer,
                            struct sceau_dmarc_record *record_r)
{
	struct sceau_buf text;
	int count = 0;

	sceau_buf_init(&text, TEXT_MAX);
	for (size_t i = 0; i < answer->count && count < 2; i++) {
		struct sceau_err err;

		sceau_buf_clear(&text);
		if (sceau_dns_record_text(&answer->records[i], &text, &err) <
		    0) {
			/* malformed data is no record; a full buffer of that
			   size means that memory ran out */
			if (err.fault != SCEAU_FAULT_PEER)
				count = -1;
			if (count < 0)
				break;
			continue;
		}
		if (sceau_dmarc_record_parse(
			    (struct sceau_slice){ text.data, text.used },
			    record_r))
			count++;
	}
	sceau_buf_deinit(&text);
	return count == 1 && answer->is_cut ? 2 : count;
}

bool sceau_dmarc_record_is_broken(const struct sceau_dmarc_record *record)
{
	return !record->p.is_valid ||
	       (record->sp.is_present && !record->sp.is_valid) ||
	       (record->np.is_present && !record->np.is_valid);
}

const char *sceau_dmarc_policy_name(enum sceau_dmarc_policy policy)
{
	switch (policy) {
	case SCEAU_DMARC_NONE:
		return "none";
	case SCEAU_DMARC_QUARANTINE:
		return "quarantine";
	case SCEAU_DMARC_REJECT:
		break;
	}
	return "reject";
}
