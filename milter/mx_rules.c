/* mx_rules.c - the lists of the mx role, read once: networks and domains
 *
 * SPDX-License-Identifier: MIT
 */
#include "mx_rules.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/spf2.h"
#include "daemon/spf_check.h"

static int read_networks(const struct sceau_settings *settings,
                         const struct sceau_conf_list *list, const char *key,
                         struct sceau_mx_networks *networks_r,
                         struct sceau_err *err)
{
	struct sceau_err reason;

	networks_r->nets = calloc(list->count + 1, sizeof(*networks_r->nets));
	if (networks_r->nets == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	for (size_t i = 0; i < list->count; i++) {
		if (sceau_ip_parse_net(sceau_slice_of(list->items[i]),
		                       &networks_r->nets[i], &reason) < 0)
			return sceau_conf_fail(settings->conf, key, err, "%s",
			                       reason.text);
		networks_r->count++;
	}
	return 0;
}

/* A word that names no domain would match nothing, in silence. */
static int check_domains(const struct sceau_settings *settings,
                         const struct sceau_conf_list *list, const char *key,
                         struct sceau_err *err)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *name = list->items[i];

		if (*name == '.')
			name++;
		if (*name == '\0' || strpbrk(name, "@/*") != NULL ||
		    strchr(name, '.') == NULL)
			return sceau_conf_fail(settings->conf, key, err,
			                       "\"%s\" is no domain such as "
			                       "example.com or .example.com",
			                       list->items[i]);
	}
	return 0;
}

static int check_engine(const struct sceau_settings *settings,
                        struct sceau_err *err)
{
	struct sceau_err reason;

	if (settings->mx.spf_engine == SCEAU_SPF_ENGINE_BUILTIN ||
	    sceau_spf2_find(&reason) == 0)
		return 0;
	return sceau_conf_fail(settings->conf, "mx_spf_engine", err, "%s",
	                       reason.text);
}

int sceau_mx_rules_new(const struct sceau_settings *settings,
                       struct sceau_mx_rules **rules_r, struct sceau_err *err)
{
	const struct sceau_conf_mx *conf = &settings->mx;
	struct sceau_mx_rules *rules = calloc(1, sizeof(*rules));

	if (rules == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	rules->conf = conf;
	if (read_networks(settings, &conf->exempt_networks,
	                  "mx_exempt_networks", &rules->exempt, err) < 0 ||
	    read_networks(settings, &conf->trusted_relays, "mx_trusted_relays",
	                  &rules->relays, err) < 0 ||
	    check_domains(settings, &conf->exempt_domains, "mx_exempt_domains",
	                  err) < 0 ||
	    check_domains(settings, &conf->trusted_forwarders,
	                  "mx_trusted_forwarders", err) < 0 ||
	    check_engine(settings, err) < 0) {
		sceau_mx_rules_free(&rules);
		return -1;
	}
	*rules_r = rules;
	return 0;
}

void sceau_mx_rules_free(struct sceau_mx_rules **rules)
{
	if (*rules == NULL)
		return;
	free((*rules)->exempt.nets);
	free((*rules)->relays.nets);
	free(*rules);
	*rules = NULL;
}

bool sceau_mx_networks_have(const struct sceau_mx_networks *networks,
                            const struct sceau_ip *ip)
{
	for (size_t i = 0; i < networks->count; i++) {
		if (sceau_ip_net_has(&networks->nets[i], ip))
			return true;
	}
	return false;
}

static bool has_domain(const char *entry, struct sceau_slice domain)
{
	size_t len = strlen(entry);
	struct sceau_slice end = domain;

	if (*entry != '.')
		return sceau_slice_is_nocase(domain, entry);
	if (domain.len <= len)
		return false;
	end.data += domain.len - len;
	end.len = len;
	return sceau_slice_is_nocase(end, entry);
}

bool sceau_mx_domains_have(const struct sceau_conf_list *list,
                           const char *domain)
{
	for (size_t i = 0; i < list->count; i++) {
		if (has_domain(list->items[i], sceau_slice_of(domain)))
			return true;
	}
	return false;
}
