/* sign_rule.c - whose mail is signed: never what is not ours
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/sign_rule.h"

#include <string.h>

#include "mail/address.h"
#include "mail/received.h"

enum sceau_sign_verdict
sceau_sign_rule_origin(const struct sceau_sign_facts *facts,
                       const struct sceau_header *header)
{
	bool is_sendmail = facts->has_no_port && facts->has_early_id;

	if (facts->is_authenticated)
		return SCEAU_SIGN_YES;
	if (!facts->is_own_daemon && !is_sendmail)
		return SCEAU_SIGN_NOT_SUBMITTED;
	if (sceau_header_count(header, "X-Sieve-Redirected-From") > 0)
		return SCEAU_SIGN_REDIRECTED;
	if (!sceau_received_began_here(header, facts->host))
		return SCEAU_SIGN_FOREIGN;
	return SCEAU_SIGN_YES;
}

enum sceau_sign_verdict
sceau_sign_rule_author(const struct sceau_header *header,
                       char domain_r[SCEAU_SIGN_DOMAIN_SIZE])
{
	struct sceau_address_list list;
	struct sceau_address_mailbox author, other;
	size_t index;

	if (!sceau_header_find(header, "From", 0, &index))
		return SCEAU_SIGN_NO_FROM;
	if (sceau_header_count(header, "From") > 1)
		return SCEAU_SIGN_MANY_FROM;
	sceau_address_list_init(&list, sceau_header_get(header, index).value);
	if (sceau_address_list_next(&list, &author, NULL) != 1 ||
	    sceau_address_list_next(&list, &other, NULL) != 0 ||
	    author.in_group || author.address.domain[0] == '\0')
		return SCEAU_SIGN_ODD_FROM;
	memcpy(domain_r, author.address.domain, SCEAU_SIGN_DOMAIN_SIZE);
	return SCEAU_SIGN_YES;
}

/* The value of a tag of a DKIM-Signature (RFC 6376 3.2), without the blanks
   and line ends around it; empty when it is not there. */
static struct sceau_slice tag_value(struct sceau_slice list, const char *name)
{
	struct sceau_slice tag, none = { NULL, 0 };

	while (sceau_slice_next_word(&list, ";", &tag)) {
		const char *equals = memchr(tag.data, '=', tag.len);
		struct sceau_slice word, value;

		if (equals == NULL)
			continue;
		word.data = tag.data;
		word.len = (size_t)(equals - tag.data);
		value.data = equals + 1;
		value.len = tag.len - word.len - 1;
		if (sceau_slice_is(sceau_slice_trim(word), name))
			return sceau_slice_trim(value);
	}
	return none;
}

bool sceau_sign_rule_is_signed(const struct sceau_header *header,
                               const char *domain, const char *selector)
{
	size_t i;

	for (i = 0; sceau_header_find(header, "DKIM-Signature", i, &i); i++) {
		struct sceau_slice value = sceau_header_get(header, i).value;

		if (sceau_slice_is_nocase(tag_value(value, "d"), domain) &&
		    sceau_slice_is_nocase(tag_value(value, "s"), selector))
			return true;
	}
	return false;
}

const char *sceau_sign_verdict_name(enum sceau_sign_verdict verdict)
{
	switch (verdict) {
	case SCEAU_SIGN_YES:
		return "yes";
	case SCEAU_SIGN_NOT_SUBMITTED:
		return "not-submitted";
	case SCEAU_SIGN_REDIRECTED:
		return "redirected";
	case SCEAU_SIGN_FOREIGN:
		return "foreign";
	case SCEAU_SIGN_NO_FROM:
		return "no-from";
	case SCEAU_SIGN_MANY_FROM:
		return "many-from";
	case SCEAU_SIGN_ODD_FROM:
		return "odd-from";
	case SCEAU_SIGN_NO_KEY:
		return "no-key";
	case SCEAU_SIGN_ALREADY:
		return "already-signed";
	}
	return "?";
}
