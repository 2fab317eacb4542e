/* mx_spf.h - SPF for one mail: of HELO and of MAIL FROM.
 *
 * It begins at MAIL, in the background. For a host of mx_trusted_relays that
 * hands on foreign mail it is about the host before it, which the relay's own
 * Received field names: then it begins when the header is complete.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_MX_SPF_H
#define SCEAU_MILTER_MX_SPF_H

#include <stdbool.h>

#include "auth/spf.h"
#include "base/ip.h"
#include "daemon/idna.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mx_job.h"
#include "mx_rules.h"

/* Owned by the caller. Between wait and deinit the results are good. */
struct sceau_mx_spf {
	struct sceau_ip ip; /* of the client that it is about */
	bool has_ip;
	char helo[256]; /* what that client said, A-labels where possible */
	struct sceau_address sender; /* null when there is none */
	struct sceau_spf *of_helo; /* NULL: not asked */
	struct sceau_spf *of_sender; /* NULL: not asked */
	struct sceau_mx_job job;
	/* With libspf2 instead: the check of MAIL FROM, then of HELO, asked
	   while they are waited for. */
	bool uses_libspf2;
	bool has_second[2];
	struct sceau_spf_request request;
	uint64_t deadline_ms;
	char domain[SCEAU_IDNA_SIZE];
	struct sceau_spf_result second[2];
};

/* Make it empty: of no client. */
void sceau_mx_spf_init(struct sceau_mx_spf *spf,
                       const struct sceau_services *services,
                       bool uses_libspf2);

/* The envelope: argument of MAIL FROM. One that cannot be read is the null
   path. */
void sceau_mx_spf_set_sender(struct sceau_mx_spf *spf, const char *sender);

/* The client that SPF is about. helo any bytes, cut at its size. */
void sceau_mx_spf_set_client(struct sceau_mx_spf *spf,
                             const struct sceau_ip *ip,
                             struct sceau_slice helo);

/* Set the client from the Received fields: that of the first one, from the top,
   that is no relay itself. Returns whether there is one. */
bool sceau_mx_spf_set_hop_before(struct sceau_mx_spf *spf,
                                 const struct sceau_header *header,
                                 const struct sceau_mx_rules *rules);

/* Start to ask. receiver is our name, which must outlive spf, now_s the time
   since 1970. Returns 0, or -1 with FAULT_TEMP. Without a client there is
   nothing to ask. */
int sceau_mx_spf_start(struct sceau_mx_spf *spf, const char *receiver,
                       uint64_t now_s, uint64_t deadline_ms,
                       struct sceau_err *err);

/* Wait for the results. */
void sceau_mx_spf_wait(struct sceau_mx_spf *spf);

/* The result for MAIL FROM; NULL when it was not checked. Good as long as
   spf. */
const struct sceau_spf_result *
sceau_mx_spf_of_sender(const struct sceau_mx_spf *spf);

/* The result for HELO, likewise. */
const struct sceau_spf_result *
sceau_mx_spf_of_helo(const struct sceau_mx_spf *spf);

/* Release what it holds. */
void sceau_mx_spf_deinit(struct sceau_mx_spf *spf);

#endif
