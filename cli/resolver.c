/* resolver.c - see resolver.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "cli/resolver.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct sceau_settings *sceau_cli_settings(const char *conf_file,
                                          struct sceau_err *err)
{
	if (conf_file != NULL)
		return sceau_conf_load(conf_file, err);
	if (access(SCEAU_CONF_DEFAULT_FILE, F_OK) < 0 && errno == ENOENT)
		return sceau_conf_load_text("defaults", "", 0, err);
	return sceau_conf_load(SCEAU_CONF_DEFAULT_FILE, err);
}

static struct sceau_dns *new_dns(struct sceau_loop *loop,
                                 const struct sceau_conf_common *settings,
                                 const char *server, struct sceau_err *err)
{
	struct sceau_conf_common own = *settings;

	if (server == NULL)
		return sceau_dns_new(loop, settings, err);
	own.dns_servers = (struct sceau_conf_list){ &server, 1 };
	own.dns_trust_anchor = "";
	return sceau_dns_new(loop, &own, err);
}

int sceau_cli_resolver_open(const char *conf_file, const char *server,
                            struct sceau_cli_resolver *resolver_r,
                            struct sceau_err *err)
{
	struct sceau_cli_resolver resolver = { .loop = NULL };

	resolver.settings = sceau_cli_settings(conf_file, err);
	if (resolver.settings != NULL)
		resolver.loop = sceau_loop_new(err);
	if (resolver.loop != NULL)
		resolver.dns = new_dns(resolver.loop,
		                       &resolver.settings->common, server, err);
	if (resolver.dns == NULL) {
		sceau_cli_resolver_close(&resolver);
		return -1;
	}
	*resolver_r = resolver;
	return 0;
}

void sceau_cli_resolver_close(struct sceau_cli_resolver *resolver)
{
	sceau_dns_free(&resolver->dns);
	if (resolver->loop != NULL)
		sceau_loop_free(&resolver->loop);
	sceau_settings_unref(&resolver->settings);
}
