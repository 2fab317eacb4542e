/* mx_spf.c - SPF for one mail: of HELO and of MAIL FROM
 *
 * SPDX-License-Identifier: MIT
 */
#include "mx_spf.h"

#include <stdio.h>
#include <string.h>

#include "daemon/spf2.h"
#include "mail/received.h"

/* Whose result it is, by libspf2. */
enum {
	SECOND_SENDER,
	SECOND_HELO
};

void sceau_mx_spf_init(struct sceau_mx_spf *spf,
                       const struct sceau_services *services, bool uses_libspf2)
{
	memset(spf, 0, sizeof(*spf));
	spf->uses_libspf2 = uses_libspf2;
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

static struct sceau_spf_request
make_request(struct sceau_mx_spf *spf, const char *receiver, uint64_t now_s)
{
	struct sceau_slice domain = sceau_slice_of(spf->sender.domain);

	/* RFC 8616 4: A-labels; a domain that has none has no policy */
	if (sceau_idna_to_ascii(domain, spf->domain, sizeof(spf->domain)) == 0)
		domain = sceau_slice_of(spf->domain);
	return (struct sceau_spf_request){
		.ip = spf->ip,
		.helo = sceau_slice_of(spf->helo),
		.receiver = sceau_slice_of(receiver),
		.local = sceau_slice_of(spf->sender.local),
		.domain = domain,
		.now_s = now_s,
	};
}

int sceau_mx_spf_start(struct sceau_mx_spf *spf, const char *receiver,
                       uint64_t now_s, uint64_t deadline_ms,
                       struct sceau_err *err)
{
	/* Without a sender the first check is of HELO (RFC 7208 2.4). */
	bool has_sender = spf->sender.domain[0] != '\0';

	if (!spf->has_ip)
		return 0;
	spf->request = make_request(spf, receiver, now_s);
	spf->deadline_ms = deadline_ms;
	if (spf->uses_libspf2) {
		spf->has_second[SECOND_SENDER] = true;
		spf->has_second[SECOND_HELO] = has_sender;
		return 0;
	}
	if (add(spf, &spf->request, &spf->of_sender, err) < 0)
		return -1;
	spf->request.is_helo = true;
	if (has_sender && add(spf, &spf->request, &spf->of_helo, err) < 0)
		return -1;
	sceau_mx_job_start(&spf->job, deadline_ms);
	return 0;
}

/* One check by libspf2, until ends_ms. */
static void ask_libspf2(struct sceau_mx_spf *spf, int which, uint64_t ends_ms)
{
	struct sceau_spf_result *result = &spf->second[which];
	uint64_t now_ms = sceau_loop_now_ms();
	struct sceau_err err;

	*result = (struct sceau_spf_result){ .code = SCEAU_SPF_TEMPERROR };
	spf->request.is_helo = which == SECOND_HELO;
	if (sceau_spf2_check(spf->job.services->desk, &spf->request,
	                     ends_ms > now_ms ? ends_ms - now_ms : 0, result,
	                     &err) < 0)
		sceau_slice_copy(sceau_slice_of(err.text), result->reason,
		                 sizeof(result->reason));
}

/* What too many wait for has no answer. */
static void wait_for_libspf2(struct sceau_mx_spf *spf)
{
	struct sceau_waits *waits = spf->job.services->waits;
	uint64_t ends_ms = sceau_loop_now_ms() + spf->deadline_ms;
	bool may_wait = waits != NULL && sceau_waits_enter(waits);

	for (int i = 0; i < 2; i++) {
		if (spf->has_second[i] && may_wait)
			ask_libspf2(spf, i, ends_ms);
		else
			spf->second[i].code = SCEAU_SPF_TEMPERROR;
	}
	if (may_wait)
		sceau_waits_leave(waits);
}

void sceau_mx_spf_wait(struct sceau_mx_spf *spf)
{
	if (spf->uses_libspf2)
		wait_for_libspf2(spf);
	else
		sceau_mx_job_wait(&spf->job);
}

static const struct sceau_spf_result *second_of(const struct sceau_mx_spf *spf,
                                                int which)
{
	return spf->has_second[which] ? &spf->second[which] : NULL;
}

const struct sceau_spf_result *
sceau_mx_spf_of_sender(const struct sceau_mx_spf *spf)
{
	if (spf->uses_libspf2)
		return second_of(spf, SECOND_SENDER);
	return spf->of_sender != NULL ? sceau_spf_result(spf->of_sender) : NULL;
}

const struct sceau_spf_result *
sceau_mx_spf_of_helo(const struct sceau_mx_spf *spf)
{
	if (spf->uses_libspf2)
		return second_of(spf, SECOND_HELO);
	return spf->of_helo != NULL ? sceau_spf_result(spf->of_helo) : NULL;
}

void sceau_mx_spf_deinit(struct sceau_mx_spf *spf)
{
	sceau_mx_job_free(&spf->job);
	sceau_spf_free(&spf->of_helo);
	sceau_spf_free(&spf->of_sender);
}
