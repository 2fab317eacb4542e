/* dkim_published.c - is a key of ours the one that verifiers find in DNS?
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/dkim_published.h"

#include "auth/dkim_record.h"

static enum sceau_dkim_published compare(const struct sceau_dkim_key *key,
                                         struct sceau_slice text,
                                         const char **reason_r)
{
	struct sceau_dkim_record record;
	const char *reason = sceau_dkim_record_read(text, &record);

	*reason_r = reason;
	if (reason != NULL)
		return SCEAU_DKIM_MISMATCH;
	*reason_r = "another key is published";
	if (!sceau_dkim_key_is_same(key, &record))
		return SCEAU_DKIM_MISMATCH;
	*reason_r = "";
	return SCEAU_DKIM_PUBLISHED;
}

enum sceau_dkim_published
sceau_dkim_published_judge(const struct sceau_dkim_key *key,
                           const struct sceau_dkim_lookup *lookup, size_t index,
                           const char **reason_r)
{
	switch (sceau_dkim_lookup_status(lookup, index)) {
	case SCEAU_DKIM_LOOKUP_FOUND:
		return compare(key, sceau_dkim_lookup_record(lookup, index),
		               reason_r);
	case SCEAU_DKIM_LOOKUP_NO_KEY:
		*reason_r = "no record in DNS";
		return SCEAU_DKIM_MISSING;
	case SCEAU_DKIM_LOOKUP_NO_RECORD:
		*reason_r = "no key among the records in DNS";
		return SCEAU_DKIM_MISSING;
	case SCEAU_DKIM_LOOKUP_SEVERAL:
		*reason_r = "several keys at one name";
		return SCEAU_DKIM_MISMATCH;
	case SCEAU_DKIM_LOOKUP_OPEN:
	case SCEAU_DKIM_LOOKUP_TEMPORARY:
		break;
	}
	*reason_r = "DNS gave no answer";
	return SCEAU_DKIM_UNKNOWN;
}

const char *sceau_dkim_published_name(enum sceau_dkim_published state)
{
	switch (state) {
	case SCEAU_DKIM_UNKNOWN:
		return "unknown";
	case SCEAU_DKIM_PUBLISHED:
		return "published";
	case SCEAU_DKIM_MISSING:
		return "missing";
	case SCEAU_DKIM_MISMATCH:
		return "mismatch";
	}
	return "?";
}

int sceau_dkim_published_record(const struct sceau_dkim_key *key,
                                struct sceau_buf *out, struct sceau_err *err)
{
	(void)sceau_buf_appendf(
		out, "v=DKIM1; k=%s; p=",
		sceau_dkim_key_type_name(sceau_dkim_key_type(key)));
	return sceau_dkim_key_print_public(key, out, err);
}
