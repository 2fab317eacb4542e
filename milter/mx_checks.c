/* mx_checks.c - SPF, DKIM and DMARC for one mail, side by side
 *
 * SPDX-License-Identifier: MIT
 */
#include "mx_checks.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/spf_check.h"

static uint64_t now_s(void)
{
	time_t now = time(NULL);

	return now > 0 ? (uint64_t)now : 0;
}

static struct sceau_mx_checks *checks_new(const struct sceau_services *services,
                                          const struct sceau_rules *rules)
{
	struct sceau_mx_checks *checks = calloc(1, sizeof(*checks));

	if (checks == NULL)
		return NULL;
	checks->services = services;
	checks->rules = rules;
	checks->deadline_ms = rules->settings->common.dns_deadline_s * 1000;
	if (services->waits != NULL)
		checks->deadline_ms = sceau_waits_deadline(services->waits,
		                                           checks->deadline_ms);
	checks->has_dmarc = rules->mx->conf->dmarc != SCEAU_CONF_DMARC_OFF;
	sceau_mx_spf_init(&checks->spf, services,
	                  rules->mx->conf->spf_engine ==
	                          SCEAU_SPF_ENGINE_LIBSPF2);
	sceau_mx_job_init(&checks->lookups, services);
	sceau_mx_dmarc_init(&checks->dmarc, services);
	return checks;
}

static int start_spf(struct sceau_mx_checks *checks, const char *host,
                     struct sceau_err *err)
{
	return sceau_mx_spf_start(&checks->spf, host, now_s(),
	                          checks->deadline_ms, err);
}

int sceau_mx_checks_new(const struct sceau_services *services,
                        const struct sceau_rules *rules,
                        const struct sceau_mx_envelope *envelope,
                        struct sceau_mx_checks **checks_r,
                        struct sceau_err *err)
{
	struct sceau_mx_checks *checks = checks_new(services, rules);

	if (checks == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	sceau_mx_spf_set_sender(&checks->spf, envelope->sender);
	if (envelope->ip != NULL)
		checks->is_relayed = sceau_mx_networks_have(&rules->mx->relays,
		                                            envelope->ip);
	if (envelope->ip != NULL && !checks->is_relayed)
		sceau_mx_spf_set_client(&checks->spf, envelope->ip,
		                        sceau_slice_of(envelope->helo));
	if (start_spf(checks, envelope->host, err) < 0) {
		sceau_mx_checks_free(&checks);
		return -1;
	}
	*checks_r = checks;
	return 0;
}

int sceau_mx_checks_end_header(struct sceau_mx_checks *checks,
                               const struct sceau_header *header,
                               const char *host, struct sceau_err *err)
{
	const struct sceau_conf_mx *conf = checks->rules->mx->conf;
	struct sceau_dkim_verify_options options = {
		.max_signatures = (size_t)conf->dkim_signatures,
		.now_s = now_s(),
	};

	if (checks->is_relayed &&
	    sceau_mx_spf_set_hop_before(&checks->spf, header,
	                                checks->rules->mx) &&
	    start_spf(checks, host, err) < 0)
		return -1;
	if (sceau_dkim_verify_new(header, &options, &checks->dkim, err) < 0)
		return -1;
	sceau_dns_bundle_add(&checks->lookups.bundle,
	                     &sceau_dkim_lookup_decider,
	                     sceau_dkim_verify_lookup(checks->dkim));
	if (checks->has_dmarc &&
	    sceau_mx_dmarc_begin(&checks->dmarc, header,
	                         &checks->lookups.bundle, err) < 0)
		return -1;
	sceau_mx_job_start(&checks->lookups, checks->deadline_ms);
	return 0;
}

int sceau_mx_checks_body(struct sceau_mx_checks *checks, const void *data,
                         size_t len, struct sceau_err *err)
{
	if (!sceau_dkim_verify_wants_body(checks->dkim))
		return 0;
	return sceau_dkim_verify_body(checks->dkim, data, len, err);
}

static void finish_dmarc(struct sceau_mx_checks *checks, uint64_t ends_ms)
{
	uint64_t now_ms = sceau_loop_now_ms();
	size_t count = sceau_dkim_verify_count(checks->dkim);

	sceau_mx_dmarc_set_spf(&checks->dmarc,
	                       sceau_mx_spf_of_sender(&checks->spf));
	for (size_t i = 0; i < count; i++)
		sceau_mx_dmarc_add_dkim(&checks->dmarc,
		                        sceau_dkim_verify_get(checks->dkim, i));
	sceau_mx_dmarc_finish(&checks->dmarc,
	                      ends_ms > now_ms ? ends_ms - now_ms : 0);
}

int sceau_mx_checks_finish(struct sceau_mx_checks *checks,
                           struct sceau_err *err)
{
	uint64_t ends_ms = sceau_loop_now_ms() + checks->deadline_ms;

	sceau_mx_spf_wait(&checks->spf);
	sceau_mx_job_wait(&checks->lookups);
	if (sceau_dkim_verify_end(checks->dkim, err) < 0)
		return -1;
	if (checks->has_dmarc)
		finish_dmarc(checks, ends_ms);
	return 0;
}

void sceau_mx_checks_free(struct sceau_mx_checks **checks)
{
	struct sceau_mx_checks *old = *checks;

	*checks = NULL;
	if (old == NULL)
		return;
	/* first what may still be in the loop's hands */
	sceau_mx_job_free(&old->lookups);
	sceau_mx_spf_deinit(&old->spf);
	sceau_mx_dmarc_deinit(&old->dmarc);
	sceau_dkim_verify_free(&old->dkim);
	free(old);
}
