/* mx_dmarc.c - DMARC for one mail
 *
 * SPDX-License-Identifier: MIT
 */
#include "mx_dmarc.h"

#include <string.h>

#include "daemon/idna.h"

void sceau_mx_dmarc_init(struct sceau_mx_dmarc *dmarc,
                         const struct sceau_services *services)
{
	memset(dmarc, 0, sizeof(*dmarc));
	sceau_mx_job_init(&dmarc->job, services);
}

int sceau_mx_dmarc_begin(struct sceau_mx_dmarc *dmarc,
                         const struct sceau_header *header,
                         struct sceau_dns_bundle *bundle, struct sceau_err *err)
{
	sceau_dmarc_authors_find(header, &dmarc->authors);
	for (size_t i = 0; i < dmarc->authors.count; i++) {
		const char *author = dmarc->authors.domains[i];
		char domain[SCEAU_IDNA_SIZE];
		struct sceau_dmarc *machine;

		/* RFC 9989 5.3.1; what has no A-labels is no domain to it */
		if (sceau_idna_to_ascii(sceau_slice_of(author), domain,
		                        sizeof(domain)) == 0)
			author = domain;
		machine = sceau_dmarc_new(author);
		if (machine == NULL)
			return sceau_fail(err, SCEAU_FAULT_TEMP,
			                  "out of memory");
		dmarc->machines[dmarc->count++] = machine;
		sceau_dns_bundle_add(bundle, &sceau_dmarc_decider, machine);
	}
	return 0;
}

void sceau_mx_dmarc_set_spf(struct sceau_mx_dmarc *dmarc,
                            const struct sceau_spf_result *result)
{
	enum sceau_dmarc_auth auth = SCEAU_DMARC_AUTH_FAIL;

	if (result == NULL)
		return;
	if (result->code == SCEAU_SPF_PASS)
		auth = SCEAU_DMARC_AUTH_PASS;
	else if (result->code == SCEAU_SPF_TEMPERROR)
		auth = SCEAU_DMARC_AUTH_TEMPERROR;
	for (size_t i = 0; i < dmarc->count; i++)
		sceau_dmarc_set_spf(dmarc->machines[i], result->domain, auth);
}

void sceau_mx_dmarc_add_dkim(struct sceau_mx_dmarc *dmarc,
                             const struct sceau_dkim_verdict *verdict)
{
	enum sceau_dmarc_auth auth = SCEAU_DMARC_AUTH_FAIL;

	if (verdict->result == SCEAU_DKIM_PASS)
		auth = SCEAU_DMARC_AUTH_PASS;
	else if (verdict->result == SCEAU_DKIM_TEMPERROR)
		auth = SCEAU_DMARC_AUTH_TEMPERROR;
	for (size_t i = 0; i < dmarc->count; i++)
		sceau_dmarc_add_dkim(dmarc->machines[i], verdict->domain, auth);
}

void sceau_mx_dmarc_finish(struct sceau_mx_dmarc *dmarc, uint64_t deadline_ms)
{
	const struct sceau_dmarc_verdict *verdicts[SCEAU_DMARC_AUTHORS_MAX];
	size_t open = 0;

	for (size_t i = 0; i < dmarc->count; i++) {
		sceau_dmarc_judge(dmarc->machines[i]);
		if (!sceau_dmarc_is_done(dmarc->machines[i])) {
			sceau_dns_bundle_add(&dmarc->job.bundle,
			                     &sceau_dmarc_decider,
			                     dmarc->machines[i]);
			open++;
		}
		verdicts[i] = sceau_dmarc_verdict(dmarc->machines[i]);
	}
	if (open > 0) {
		sceau_mx_job_start(&dmarc->job, deadline_ms);
		sceau_mx_job_wait(&dmarc->job);
	}
	if (dmarc->authors.status == SCEAU_DMARC_AUTHOR_ONE)
		dmarc->verdict = *verdicts[0];
	else
		sceau_dmarc_combine(&dmarc->authors, verdicts, dmarc->count,
		                    &dmarc->verdict);
}

void sceau_mx_dmarc_deinit(struct sceau_mx_dmarc *dmarc)
{
	sceau_mx_job_free(&dmarc->job);
	for (size_t i = 0; i < dmarc->count; i++)
		sceau_dmarc_free(&dmarc->machines[i]);
}
