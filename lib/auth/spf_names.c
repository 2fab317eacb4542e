/* spf_names.c - the validated names of the client's address (RFC 7208 5.5)
 *
 * The client's reverse zone belongs to the client: whatever is wrong in it is
 * never the domain owner's error, a name that cannot be validated is passed
 * over, and names beyond the tenth are not looked at.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "auth/spf_state.h"

/* Whether name is domain or lies below it. */
static bool is_below(const char *name, const char *domain)
{
	size_t name_len = strlen(name), len = strlen(domain);

	if (name_len < len)
		return false;
	name += name_len - len;
	return sceau_text_equal_nocase(name, domain) &&
	       (name_len == len || name[-1] == '.');
}

static enum sceau_spf_step ask_names(struct sceau_spf *spf)
{
	char name[SCEAU_IP_NAME_MAX];

	sceau_ip_ptr_name(&spf->ip, name);
	return sceau_spf_open(spf, SCEAU_SPF_ASKING_PTR, name, true,
	                      SCEAU_DNS_PTR);
}

static enum sceau_spf_step validate(struct sceau_spf *spf, size_t i)
{
	if (spf->names[i].verdict != SCEAU_SPF_WAIT)
		return spf->names[i].verdict;
	spf->name_at = i;
	return sceau_spf_open(spf, SCEAU_SPF_ASKING_PTR_HOST,
	                      spf->names[i].name, true,
	                      sceau_spf_address_type(spf));
}

enum sceau_spf_step sceau_spf_match_names(struct sceau_spf *spf,
                                          const char *domain)
{
	if (!spf->has_names)
		return ask_names(spf);
	for (size_t i = 0; i < spf->name_count; i++) {
		if (!is_below(spf->names[i].name, domain))
			continue;
		enum sceau_spf_step step = validate(spf, i);
		if (step != SCEAU_SPF_NO)
			return step;
	}
	return SCEAU_SPF_NO;
}

/* RFC 7208 7.3: the domain itself, else a name below it, else any. */
static unsigned rank(const char *name, const char *domain)
{
	if (sceau_text_equal_nocase(name, domain))
		return 0;
	return is_below(name, domain) ? 1 : 2;
}

enum sceau_spf_step sceau_spf_find_name(struct sceau_spf *spf,
                                        const char *domain)
{
	if (!spf->has_names) {
		/* 4.6.4: this PTR question is one of the ten. */
		if (!spf->is_explaining && !sceau_spf_count_term(spf))
			return SCEAU_SPF_WAIT;
		return ask_names(spf);
	}
	for (unsigned wanted = 0; wanted <= 2; wanted++) {
		for (size_t i = 0; i < spf->name_count; i++) {
			if (rank(spf->names[i].name, domain) != wanted)
				continue;
			enum sceau_spf_step step = validate(spf, i);
			if (step == SCEAU_SPF_YES)
				memcpy(spf->validated, spf->names[i].name,
				       sizeof(spf->validated));
			if (step != SCEAU_SPF_NO)
				return step;
		}
	}
	memcpy(spf->validated, "unknown", sizeof("unknown"));
	return SCEAU_SPF_YES;
}

/* A name whose odd bytes would need escapes is no host's. */
static bool is_usable(const char *name)
{
	return strlen(name) <= SCEAU_SPF_DOMAIN_MAX &&
	       strchr(name, '\\') == NULL && strcmp(name, ".") != 0;
}

void sceau_spf_answer_ptr(struct sceau_spf *spf,
                          const struct sceau_dns_answer *answer)
{
	char name[SCEAU_DNS_NAME_SIZE];
	size_t seen = 0;

	spf->has_names = true;
	for (size_t i = 0; i < answer->count && seen < SCEAU_SPF_NAMES_MAX;
	     i++) {
		seen++;
		if (sceau_dns_record_name(&answer->records[i], name, NULL) <
		            0 ||
		    !is_usable(name))
			continue;
		struct sceau_spf_validated *kept =
			&spf->names[spf->name_count++];

		memcpy(kept->name, name, strlen(name) + 1);
		kept->verdict = SCEAU_SPF_WAIT;
	}
}

void sceau_spf_answer_ptr_host(struct sceau_spf *spf,
                               const struct sceau_dns_answer *answer)
{
	spf->names[spf->name_at].verdict = sceau_spf_has_client(spf, answer,
	                                                        NULL)
	                                           ? SCEAU_SPF_YES
	                                           : SCEAU_SPF_NO;
}
