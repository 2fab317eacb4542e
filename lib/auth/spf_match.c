/* spf_match.c - whether one mechanism matches the client (RFC 7208 5)
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "auth/spf_state.h"

enum sceau_dns_type sceau_spf_address_type(const struct sceau_spf *spf)
{
	return spf->ip.len == 4 ? SCEAU_DNS_A : SCEAU_DNS_AAAA;
}

bool sceau_spf_is_failure(enum sceau_dns_status status)
{
	return status == SCEAU_DNS_SERVFAIL || status == SCEAU_DNS_TIMEOUT;
}

bool sceau_spf_is_void(enum sceau_dns_status status)
{
	return status == SCEAU_DNS_NODATA || status == SCEAU_DNS_NXDOMAIN;
}

bool sceau_spf_has_client(const struct sceau_spf *spf,
                          const struct sceau_dns_answer *answer,
                          const struct sceau_spf_term *term)
{
	enum sceau_dns_type type = sceau_spf_address_type(spf);

	for (size_t i = 0; i < answer->count; i++) {
		const unsigned char *address = sceau_dns_record_address(
			&answer->records[i], type);

		if (address == NULL)
			continue;
		if (term == NULL
		            ? memcmp(address, spf->ip.bytes, spf->ip.len) == 0
		            : sceau_spf_term_is_near(term, &spf->ip, address))
			return true;
	}
	return false;
}

enum sceau_spf_step sceau_spf_target(struct sceau_spf *spf, const char *domain,
                                     const struct sceau_spf_term *term,
                                     char out[SCEAU_SPF_DOMAIN_MAX + 1])
{
	if (term->domain_spec.len == 0) {
		memcpy(out, domain, strlen(domain) + 1);
		return SCEAU_SPF_YES;
	}
	if (sceau_spf_macro_uses(term->domain_spec, "p") &&
	    sceau_spf_find_name(spf, domain) == SCEAU_SPF_WAIT)
		return SCEAU_SPF_WAIT;
	struct sceau_spf_macro_values values = sceau_spf_values(spf, domain);
	return sceau_spf_macro_domain(term->domain_spec, &values, out)
	               ? SCEAU_SPF_YES
	               : SCEAU_SPF_NO;
}

/* RFC 7208 4.6.4: a term whose own question finds nothing. */
static void count_void(struct sceau_spf *spf)
{
	if (spf->result.voids < SCEAU_SPF_VOIDS_MAX)
		spf->result.voids++;
	else
		sceau_spf_end_error(spf, SCEAU_SPF_PERMERROR,
		                    "more than %d terms find nothing in DNS",
		                    SCEAU_SPF_VOIDS_MAX);
}

/* What a term's own question came to: true when there are records to look at;
   else the verdict is set or the check has ended. */
static bool has_records(struct sceau_spf *spf,
                        const struct sceau_dns_answer *answer)
{
	if (sceau_spf_is_failure(answer->status)) {
		sceau_spf_end_unanswered(spf, answer);
		return false;
	}
	if (!sceau_spf_is_void(answer->status))
		return true;
	sceau_spf_top(spf)->verdict = SCEAU_SPF_NO;
	count_void(spf);
	return false;
}

/* An answer of which records were dropped proves nothing about the rest. */
static enum sceau_spf_step
judge_addresses(struct sceau_spf *spf, const struct sceau_dns_answer *answer)
{
	if (sceau_spf_has_client(spf, answer, &sceau_spf_top(spf)->term))
		return SCEAU_SPF_YES;
	if (!answer->is_cut)
		return SCEAU_SPF_NO;
	sceau_spf_end_error(spf, SCEAU_SPF_PERMERROR,
	                    "%s has more than %d addresses", spf->question,
	                    SCEAU_DNS_RECORDS_MAX);
	return SCEAU_SPF_WAIT;
}

void sceau_spf_answer_address(struct sceau_spf *spf,
                              const struct sceau_dns_answer *answer)
{
	if (has_records(spf, answer))
		sceau_spf_top(spf)->verdict = judge_addresses(spf, answer);
}

void sceau_spf_answer_exists(struct sceau_spf *spf,
                             const struct sceau_dns_answer *answer)
{
	if (has_records(spf, answer))
		sceau_spf_top(spf)->verdict = SCEAU_SPF_YES;
}

/* Keep a host of the MX answer, unless it is there already or the dot of a
   domain that takes no mail (RFC 7505). */
static void keep_host(struct sceau_spf *spf, const char *name)
{
	if (strcmp(name, ".") == 0)
		return;
	for (size_t i = 0; i < spf->host_count; i++) {
		if (strcmp(spf->hosts[i], name) == 0)
			return;
	}
	memcpy(spf->hosts[spf->host_count++], name, strlen(name) + 1);
}

/* Take the hosts in the order of their preference, so that the same records
   are always looked at in the same order, whatever the resolver turns. */
static void keep_hosts(struct sceau_spf *spf,
                       const struct sceau_dns_answer *answer)
{
	char name[SCEAU_DNS_NAME_SIZE];
	bool is_taken[SCEAU_SPF_NAMES_MAX] = { false };

	for (size_t round = 0; round < answer->count; round++) {
		uint16_t preference, best = UINT16_MAX;
		size_t best_at = answer->count;

		for (size_t i = 0; i < answer->count; i++) {
			if (is_taken[i] ||
			    sceau_dns_record_mx(&answer->records[i],
			                        &preference, name, NULL) < 0)
				continue;
			if (best_at == answer->count || preference < best) {
				best = preference;
				best_at = i;
			}
		}
		if (best_at == answer->count)
			return;
		is_taken[best_at] = true;
		sceau_dns_record_mx(&answer->records[best_at], &preference,
		                    name, NULL);
		keep_host(spf, name);
	}
}

void sceau_spf_answer_mx(struct sceau_spf *spf,
                         const struct sceau_dns_answer *answer)
{
	if (!has_records(spf, answer))
		return;
	/* RFC 7208 4.6.4. At once, or the result would hang on the order in
	   which a resolver gives them. */
	if (answer->count > SCEAU_SPF_NAMES_MAX) {
		sceau_spf_end_error(spf, SCEAU_SPF_PERMERROR,
		                    "%s has more than %d MX records",
		                    spf->question, SCEAU_SPF_NAMES_MAX);
		return;
	}
	keep_hosts(spf, answer);
	spf->has_hosts = true;
}

void sceau_spf_answer_mx_host(struct sceau_spf *spf,
                              const struct sceau_dns_answer *answer)
{
	if (sceau_spf_is_failure(answer->status)) {
		sceau_spf_end_unanswered(spf, answer);
		return;
	}
	enum sceau_spf_step step = judge_addresses(spf, answer);
	if (step == SCEAU_SPF_YES)
		sceau_spf_top(spf)->verdict = step;
	spf->host_next++;
}

static enum sceau_spf_step match_mx(struct sceau_spf *spf, const char *name)
{
	if (!spf->has_hosts)
		return sceau_spf_open(spf, SCEAU_SPF_ASKING_MX, name, false,
		                      SCEAU_DNS_MX);
	if (spf->host_next == spf->host_count)
		return SCEAU_SPF_NO;
	return sceau_spf_open(spf, SCEAU_SPF_ASKING_MX_HOST,
	                      spf->hosts[spf->host_next], true,
	                      sceau_spf_address_type(spf));
}

/* The term asks DNS, and frame->name is what about. */
static enum sceau_spf_step match_name(struct sceau_spf *spf,
                                      const struct sceau_spf_frame *frame)
{
	switch (frame->term.kind) {
	case SCEAU_SPF_A:
		return sceau_spf_open(spf, SCEAU_SPF_ASKING_ADDRESS,
		                      frame->name, false,
		                      sceau_spf_address_type(spf));
	case SCEAU_SPF_EXISTS:
		/* RFC 7208 5.7: A even for a client of IPv6. */
		return sceau_spf_open(spf, SCEAU_SPF_ASKING_EXISTS, frame->name,
		                      false, SCEAU_DNS_A);
	case SCEAU_SPF_MX:
		return match_mx(spf, frame->name);
	default:
		return sceau_spf_match_names(spf, frame->name);
	}
}

enum sceau_spf_step sceau_spf_match(struct sceau_spf *spf)
{
	struct sceau_spf_frame *frame = sceau_spf_top(spf);

	if (frame->verdict != SCEAU_SPF_WAIT)
		return frame->verdict;
	switch (frame->term.kind) {
	case SCEAU_SPF_ALL:
		return SCEAU_SPF_YES;
	case SCEAU_SPF_IP4:
	case SCEAU_SPF_IP6:
		return sceau_spf_term_has(&frame->term, &spf->ip)
		               ? SCEAU_SPF_YES
		               : SCEAU_SPF_NO;
	default:
		break;
	}
	if (!frame->has_name) {
		enum sceau_spf_step step = sceau_spf_target(
			spf, frame->domain, &frame->term, frame->name);

		if (step == SCEAU_SPF_WAIT)
			return step;
		frame->has_name = true;
		frame->is_name = step == SCEAU_SPF_YES;
	}
	/* RFC 7208 4.3 and 4.8: what is no name does not exist. */
	return frame->is_name ? match_name(spf, frame) : SCEAU_SPF_NO;
}
