/* resolver.h - DNS for the nouns that ask it: --resolver and sceau.conf.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_RESOLVER_H
#define SCEAU_CLI_RESOLVER_H

#include "base/err.h"
#include "daemon/conf_load.h"
#include "daemon/dns.h"
#include "daemon/loop.h"

/* Longest time that DNS may take for a command, all its questions together;
   the 20 s that RFC 7208 4.6.4 gives an SPF check, less what starting and
   ending take on a busy host. */
#define SCEAU_CLI_DNS_DEADLINE_MS 18500

/* What a command asks with; read only. */
struct sceau_cli_resolver {
	struct sceau_settings *settings;
	struct sceau_loop *loop;
	struct sceau_dns *dns;
};

/* The settings of conf_file (-c), NULL for the usual one, which need not be
   there. Returns them with one reference, or NULL and err as sceau_conf_load.
 */
struct sceau_settings *sceau_cli_settings(const char *conf_file,
                                          struct sceau_err *err);

/* Make it ready to ask. conf_file is the settings file (-c), NULL the usual
   one, which need not be there. server (--resolver: IP, IP:PORT or [IPv6]:PORT)
   is asked instead of whom the settings name, and is then believed: it may know
   names that the signed root denies, so nothing is validated. NULL: as the
   settings say. Returns 0 with *resolver_r to be closed, or -1 with
   FAULT_CONFIG or FAULT_TEMP. */
int sceau_cli_resolver_open(const char *conf_file, const char *server,
                            struct sceau_cli_resolver *resolver_r,
                            struct sceau_err *err);

/* Release what it holds. */
void sceau_cli_resolver_close(struct sceau_cli_resolver *resolver);

#endif
