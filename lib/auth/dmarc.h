/* dmarc.h - what the author's domain wants done with a mail (RFC 9989).
 *
 * A machine (dns_decider.h) for one author domain and one mail, in two steps:
 * the policy is looked for as soon as the author is known, while the body is
 * still on its way; when SPF and DKIM are done their domains are handed over,
 * sceau_dmarc_judge, and the machine may have a few more questions. One
 * question is open at a time, SCEAU_DMARC_QUESTIONS_MAX are asked at most.
 *
 * The text followed is draft-ietf-dmarc-dmarcbis-41, which became RFC 9989;
 * its section numbers are the RFC's. What a reader cannot guess:
 * - PASS is for one aligned domain that SPF or DKIM passed, whatever else
 *   failed. FAIL needs certainty: when DNS did not answer a question that
 *   could have brought a PASS the result is TEMPERROR (5.3.6). A domain that
 *   cannot align anyway (a stranger's own dead name servers) changes nothing.
 * - Only a domain at or below the author's Organizational Domain is walked up
 *   from: no other one can have the same.
 * - np counts when DNS says NXDOMAIN for the author domain itself. That is
 *   asked only when it matters: the mail failed, the policy comes from above
 *   and has an np.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DMARC_H
#define SCEAU_DMARC_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/dmarc_author.h"
#include "auth/dmarc_record.h"
#include "auth/dmarc_tree.h"
#include "auth/dns_decider.h"

/* DKIM domains at or below the author's top that are looked at, besides those
   equal to the author's. */
#define SCEAU_DMARC_DKIM_MAX 8
/* Walks of the author's domain, SPF's and DKIM's, and whether the author's
   exists. */
#define SCEAU_DMARC_QUESTIONS_MAX                                              \
	(SCEAU_DMARC_WALK_MAX * (2 + SCEAU_DMARC_DKIM_MAX) + 1)

/* RFC 9989 9.2. */
enum sceau_dmarc_result {
	SCEAU_DMARC_RESULT_NONE, /* no policy applies */
	SCEAU_DMARC_RESULT_PASS,
	SCEAU_DMARC_RESULT_FAIL,
	SCEAU_DMARC_RESULT_TEMPERROR,
	SCEAU_DMARC_RESULT_PERMERROR,
};

/* Why it is none or an error. */
enum sceau_dmarc_reason {
	SCEAU_DMARC_REASON_NOTHING = 0,
	SCEAU_DMARC_REASON_NO_RECORD, /* NONE */
	SCEAU_DMARC_REASON_NO_POLICY, /* NONE: a record without p and rua */
	SCEAU_DMARC_REASON_BAD_POLICY, /* PERMERROR: p, sp or np cannot be read,
	                                  and there is no rua */
	SCEAU_DMARC_REASON_DNS, /* TEMPERROR: DNS did not say */
	SCEAU_DMARC_REASON_AUTHENTICATION, /* TEMPERROR: SPF or DKIM could not
	                                      say */
	SCEAU_DMARC_REASON_BAD_DOMAIN, /* PERMERROR: no domain name */
	SCEAU_DMARC_REASON_NO_FROM, /* PERMERROR: as dmarc_author.h */
	SCEAU_DMARC_REASON_MANY_FROM,
	SCEAU_DMARC_REASON_MANY_AUTHORS,
	SCEAU_DMARC_REASON_ODD_FROM,
};

/* What SPF or DKIM said of a domain. */
enum sceau_dmarc_auth {
	SCEAU_DMARC_AUTH_FAIL, /* anything that is not one of the others */
	SCEAU_DMARC_AUTH_PASS,
	SCEAU_DMARC_AUTH_TEMPERROR,
};

/* All that is known at the end; enough for an aggregate report (RFC 9990). */
struct sceau_dmarc_verdict {
	enum sceau_dmarc_result result;
	enum sceau_dmarc_reason reason;
	/* What the author's domain wants for such a mail if it fails, sp, np
	   and t considered (RFC 9989 9.1: policy.dmarc). */
	enum sceau_dmarc_policy policy;
	/* What it wants done with this one: policy, or NONE if the result is
	   no reason to do anything. */
	enum sceau_dmarc_policy disposition;
	bool spf_is_aligned; /* and passed */
	bool dkim_is_aligned;
	bool is_nonexistent; /* np's condition was asked and holds */
	bool has_record; /* the next three are set */
	struct sceau_dmarc_record record;
	char author[SCEAU_DMARC_DOMAIN_SIZE]; /* "" = none */
	char policy_domain[SCEAU_DMARC_DOMAIN_SIZE];
	/* The author's Organizational Domain; "" when nobody needed it. */
	char org_domain[SCEAU_DMARC_DOMAIN_SIZE];
};

struct sceau_dmarc;

/* The calls of the machine; state is a struct sceau_dmarc. */
extern const struct sceau_dns_decider sceau_dmarc_decider;

/* A machine for this author domain: ASCII (A-labels), any case, a dot at its
   end or not. One that is no domain name is judged without a question. NULL
   when memory ran out. */
struct sceau_dmarc *sceau_dmarc_new(const char *author);

/* SPF's outcome: of the domain of MAIL FROM, or, with the null path, of HELO
   (RFC 7208 2.4). NULL or "" and what is no domain name count as none. Before
   sceau_dmarc_judge; a second call replaces the first. */
void sceau_dmarc_set_spf(struct sceau_dmarc *dmarc, const char *domain,
                         enum sceau_dmarc_auth auth);

/* One signature's outcome. As sceau_dmarc_set_spf, but each call adds. */
void sceau_dmarc_add_dkim(struct sceau_dmarc *dmarc, const char *domain,
                          enum sceau_dmarc_auth auth);

/* No more domains will come: the machine goes on to its verdict, and may have
   questions again. */
void sceau_dmarc_judge(struct sceau_dmarc *dmarc);

/* Whether the verdict stands. */
bool sceau_dmarc_is_done(const struct sceau_dmarc *dmarc);

/* The verdict, good as long as dmarc and until the next call. One that does
   not stand yet reads TEMPERROR. */
const struct sceau_dmarc_verdict *
sceau_dmarc_verdict(const struct sceau_dmarc *dmarc);

/* Release it and set *dmarc to NULL; NULL is accepted. */
void sceau_dmarc_free(struct sceau_dmarc **dmarc);

/* One verdict for a mail without exactly one author domain (authors->status
   is not ONE): verdicts holds those of the domains that were found, which may
   be none. The result is PERMERROR; the disposition is the strictest that a
   failing one of them asks for (RFC 9989 11.5), and of that one are all other
   members. */
void sceau_dmarc_combine(const struct sceau_dmarc_authors *authors,
                         const struct sceau_dmarc_verdict *const *verdicts,
                         size_t count, struct sceau_dmarc_verdict *verdict_r);

/* "none", "pass", "fail", "temperror" or "permerror" (RFC 8601 2.7). */
const char *sceau_dmarc_result_name(enum sceau_dmarc_result result);

/* Short name of a reason for logs: "no-record", ...; "" for NOTHING. */
const char *sceau_dmarc_reason_name(enum sceau_dmarc_reason reason);

#endif
