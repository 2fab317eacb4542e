/* mx_dmarc.h - DMARC for one mail.
 *
 * The policy is looked for in the background as soon as the header is
 * complete; SPF's and DKIM's results come at the end of the mail and may bring
 * a few more questions. Mail that names several authors has one machine for
 * each (RFC 9989 11.5).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_MX_DMARC_H
#define SCEAU_MILTER_MX_DMARC_H

#include "auth/dkim_verdict.h"
#include "auth/dmarc.h"
#include "auth/spf_result.h"
#include "mail/header.h"
#include "mx_job.h"

/* Owned by the caller. */
struct sceau_mx_dmarc {
	struct sceau_dmarc_authors authors;
	size_t count;
	struct sceau_dmarc *machines[SCEAU_DMARC_AUTHORS_MAX];
	struct sceau_mx_job job; /* of the second step */
	struct sceau_dmarc_verdict verdict; /* good after finish */
};

/* Make it empty: of no author. */
void sceau_mx_dmarc_init(struct sceau_mx_dmarc *dmarc,
                         const struct sceau_services *services);

/* Find the authors in the header and add their machines to bundle, for the
   first step. Returns 0, or -1 with FAULT_TEMP. */
int sceau_mx_dmarc_begin(struct sceau_mx_dmarc *dmarc,
                         const struct sceau_header *header,
                         struct sceau_dns_bundle *bundle,
                         struct sceau_err *err);

/* SPF's result for MAIL FROM; NULL: not checked. The first step is done. */
void sceau_mx_dmarc_set_spf(struct sceau_mx_dmarc *dmarc,
                            const struct sceau_spf_result *result);

/* One signature's verdict. */
void sceau_mx_dmarc_add_dkim(struct sceau_mx_dmarc *dmarc,
                             const struct sceau_dkim_verdict *verdict);

/* Everything is known: ask what is still needed for at most deadline_ms, and
   fill the verdict. */
void sceau_mx_dmarc_finish(struct sceau_mx_dmarc *dmarc, uint64_t deadline_ms);

/* Release what it holds. The first step must be done or given up. */
void sceau_mx_dmarc_deinit(struct sceau_mx_dmarc *dmarc);

#endif
