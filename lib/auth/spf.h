/* spf.h - may this client send for that domain? check_host() of RFC 7208.
 *
 * A machine of dns_decider.h: it says which name it must know, goes on with
 * the answer, and ends with one result. Nothing a record holds can make it ask
 * more than SCEAU_SPF_QUESTIONS_MAX questions, go deeper than
 * SCEAU_SPF_TERMS_MAX records or keep more than those records' text.
 *
 * - Limits are shared by everything a check includes or is redirected to
 *   (RFC 7208 4.6.4): 10 terms that ask DNS, of which 2 may find nothing, 10
 *   names of one MX or PTR answer. Only a term's own question can count as
 *   finding nothing: not the addresses of MX hosts, and nothing that hangs on
 *   the client's reverse zone, which is not the domain owner's.
 * - The time limit is its driver's: answers of SCEAU_DNS_TIMEOUT bring it to
 *   its end, with TEMPERROR unless the result was found before.
 * - Domains must be given as A-labels (RFC 8616 4; daemon/spf_check.h does it).
 *   A term that needs a local part with other characters than ASCII matches
 *   nothing (same section).
 * - The record is TXT alone; type 99 is never asked for.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_SPF_H
#define SCEAU_SPF_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/dns_decider.h"
#include "auth/spf_result.h"
#include "base/ip.h"

/* RFC 7208 4.6.4. */
#define SCEAU_SPF_TERMS_MAX 10
#define SCEAU_SPF_VOIDS_MAX 2
#define SCEAU_SPF_NAMES_MAX 10
/* Ten terms of ten names each would be 111; no record in use comes near 30. */
#define SCEAU_SPF_QUESTIONS_MAX 30

/* What is asked about. The slices may point anywhere, hold any byte and end
   with sceau_spf_new. */
struct sceau_spf_request {
	struct sceau_ip ip; /* the client */
	struct sceau_slice helo; /* as the client said, A-labels */
	/* MAIL FROM: local part as meant (unquoted), "" is postmaster; domain
	   in A-labels, "" (null sender, or no domain) is that of HELO
	   (RFC 7208 2.4) */
	struct sceau_slice local;
	struct sceau_slice domain;
	bool is_helo; /* check HELO itself: local and domain do not matter */
	struct sceau_slice receiver; /* our name for %{r}, "" is unknown */
	uint64_t now_s; /* for %{t}: seconds since 1970 */
};

struct sceau_spf;

/* The machine's calls; its state is a struct sceau_spf. One question is open
   at a time. */
extern const struct sceau_dns_decider sceau_spf_decider;

/* Start a check. Returns NULL when memory ran out. */
struct sceau_spf *sceau_spf_new(const struct sceau_spf_request *request);

/* The result; lives as long as spf. Good when the machine has ended (no
   question and none open), until then a TEMPERROR. */
const struct sceau_spf_result *sceau_spf_result(const struct sceau_spf *spf);

/* Release it, at any point of its way, and set *spf to NULL. NULL is
   allowed. */
void sceau_spf_free(struct sceau_spf **spf);

#endif
