/* mx_spf.c - SPF for one mail: of HELO and of MAIL FROM
 *
 * SPDX-License-Identifier: MIT
 */
#include "mx_spf.h"

#include <stdio.h>
#include <string.h>

#include "daemon/idna.h"
#include "mail/received.h"

void sceau_mx_spf_init(struct sceau_mx_spf *spf,
                       const struct sceau_services *services)
{
	memset(spf, 0, sizeof(*spf));
	sceau_mx_job_init(&spf->job, services);
}

void sceau_mx_spf_set_sender(struct sceau_mx_spf *spf, const char *sender)
{
	if (sceau_address_parse_path(sceau_slice_of(sender), &spf->sender,
	                             NULL) < 0)
		memset(&spf->sender, 0, sizeof(spf->sender));
}

void sceau_mx_spf_set_client(struct sceau_mx_spf *spf,
                             const struct sceau_ip *ip, struct sceau_slice helo)
{
	spf->ip = *ip;
	spf->has_ip = true;
	if (sceau_idna_to_ascii(helo, spf->helo, sizeof(spf->helo)) < 0)
		(void)snprintf(spf->helo, sizeof(spf->helo), "%.*s",
		               (int)helo.len, helo.len > 0 ? helo.data : "");
}

bool sceau_mx_spf_set_hop_before(struct sceau_mx_spf *spf,
                                 const struct sceau_header *header,
                                 const struct sceau_mx_rules *rules)
{
	size_t i;

	for (i = 0; sceau_header_find(header, "Received", i, &i); i++) {
		struct sceau_slice helo;
		struct sceau_ip ip;

		if (!sceau_received_client(sceau_header_get(header, i).value,
		                           &ip, &helo))
			return false;
		/* a relay's content filter hands over from loopback */
		if (sceau_mx_networks_have(&rules->relays, &ip) ||
		    sceau_ip_is_loopback(&ip))
			continue;
		sceau_mx_spf_set_client(spf, &ip, helo);
		return true;
	}
	return false;
}

/* Returns -1 with FAULT_TEMP. */
static int add(struct sceau_mx_spf *spf,
               const struct sceau_spf_request *request,
               struct sceau_spf **spf_r, struct sceau_err *err)
{
	*spf_r = sceau_spf_new(request);
	if (*spf_r == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	sceau_dns_bundle_add(&spf->job.bundle, &sceau_spf_decider, *spf_r);
	return 0;
}

int sceau_mx_spf_start(struct sceau_mx_spf *spf, const char *receiver,
                       uint64_t now_s, uint64_t deadline_ms,
                       struct sceau_err *err)
{
	struct sceau_spf_request request = {
		.ip = spf->ip,
		.helo = sceau_slice_of(spf->helo),
		.receiver = sceau_slice_of(receiver),
		.local = sceau_slice_of(spf->sender.local),
		.now_s = now_s,
	};
	char domain[SCEAU_IDNA_SIZE];

	if (!spf->has_ip)
		return 0;
	/* RFC 8616 4: A-labels; a domain that has none has no policy */
	if (sceau_idna_to_ascii(sceau_slice_of(spf->sender.domain), domain,
	                        sizeof(domain)) == 0)
		request.domain = sceau_slice_of(domain);
	else
		request.domain = sceau_slice_of(spf->sender.domain);
	if (add(spf, &request, &spf->of_sender, err) < 0)
		return -1;
	/* Without a sender the check above was of HELO (RFC 7208 2.4). */
	request.is_helo = true;
	if (spf->sender.domain[0] != '\0' &&
	    add(spf, &request, &spf->of_helo, err) < 0)
		return -1;
	sceau_mx_job_start(&spf->job, deadline_ms);
	return 0;
}

void sceau_mx_spf_wait(struct sceau_mx_spf *spf)
{
	sceau_mx_job_wait(&spf->job);
}

const struct sceau_spf_result *
sceau_mx_spf_of_sender(const struct sceau_mx_spf *spf)
{
	return spf->of_sender != NULL ? sceau_spf_result(spf->of_sender) : NULL;
}

const struct sceau_spf_result *
sceau_mx_spf_of_helo(const struct sceau_mx_spf *spf)
{
	return spf->of_helo != NULL ? sceau_spf_result(spf->of_helo) : NULL;
}

void sceau_mx_spf_deinit(struct sceau_mx_spf *spf)
{
	sceau_mx_job_free(&spf->job);
	sceau_spf_free(&spf->of_helo);
	sceau_spf_free(&spf->of_sender);
}
