/* mx_checks.h - SPF, DKIM and DMARC for one mail, side by side.
 *
 *   MAIL            SPF begins
 *   end of header   the keys and the author's policy are asked for
 *   body            hashed as it passes
 *   end of mail     wait for what is missing, then DMARC
 *
 * Each of the questions has its deadline from its beginning, and at the end of
 * the mail nothing is waited for longer than one deadline in all.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_MX_CHECKS_H
#define SCEAU_MILTER_MX_CHECKS_H

#include "daemon/dkim_verify.h"
#include "mx_dmarc.h"
#include "mx_spf.h"
#include "rules.h"

/* Read only but for mx_checks.c. */
struct sceau_mx_checks {
	const struct sceau_services *services;
	const struct sceau_rules *rules; /* the mail's */
	uint64_t deadline_ms;
	bool is_relayed; /* by a host of mx_trusted_relays */
	bool has_dmarc; /* mx_dmarc is not off */
	struct sceau_mx_spf spf;
	struct sceau_mx_job lookups; /* of keys and policies */
	struct sceau_dkim_verify *dkim; /* NULL before the end of header */
	struct sceau_mx_dmarc dmarc;
};

/* The envelope of a mail, as MAIL shows it. */
struct sceau_mx_envelope {
	const struct sceau_ip *ip; /* NULL: unknown */
	const char *helo; /* "" = none was said */
	const char *sender; /* argument of MAIL FROM */
	const char *host; /* our name */
};

/* A mail begins: SPF is started. rules and services outlive it. Returns 0,
   *checks_r being the caller's, or -1 with FAULT_TEMP. */
int sceau_mx_checks_new(const struct sceau_services *services,
                        const struct sceau_rules *rules,
                        const struct sceau_mx_envelope *envelope,
                        struct sceau_mx_checks **checks_r,
                        struct sceau_err *err);

/* The header is complete, and has no edit yet. Returns 0, or -1 with
   FAULT_TEMP. */
int sceau_mx_checks_end_header(struct sceau_mx_checks *checks,
                               const struct sceau_header *header,
                               const char *host, struct sceau_err *err);

/* The next bytes of the body. Returns as ..._end_header. */
int sceau_mx_checks_body(struct sceau_mx_checks *checks, const void *data,
                         size_t len, struct sceau_err *err);

/* The mail is complete: wait, and come to all results. Returns as
   ..._end_header. */
int sceau_mx_checks_finish(struct sceau_mx_checks *checks,
                           struct sceau_err *err);

/* Release *checks, finished or not, and set it to NULL; NULL is accepted. */
void sceau_mx_checks_free(struct sceau_mx_checks **checks);

#endif
