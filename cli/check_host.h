/* check_host.h - what all parts of sceau check-config look at.
 *
 * One file a concern, each with one function below; check_config.c runs them
 * in order. They only read, and each says in a note what it could not look at.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_CHECK_HOST_H
#define SCEAU_CLI_CHECK_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "cli/check.h"
#include "cli/postfix_conf.h"
#include "cli/postfix_list.h"
#include "daemon/conf_load.h"
#include "daemon/listen.h"

#define SCEAU_CHECK_SOCKETS_MAX 8
#define SCEAU_CHECK_MENTIONS_MAX 512

/* The sockets that Postfix can ask, in the order of the table. */
enum sceau_check_socket_id {
	SCEAU_CHECK_SOCKET_MX,
	SCEAU_CHECK_SOCKET_SIGN,
	SCEAU_CHECK_SOCKET_POLICY,
};

/* One socket of ours. */
struct sceau_check_socket {
	enum sceau_check_socket_id id;
	const char *setting; /* "mx_listen" */
	const char *unit; /* "sceau-milter@mx" */
	const char *name; /* "mx.sock", for messages */
	const char *user; /* who makes it */
	struct sceau_listen_address address;
	bool is_named; /* Postfix names it somewhere */
};

/* Postfix names a socket of ours. */
struct sceau_check_mention {
	const struct sceau_postfix_service *service; /* who asks it */
	const char *parameter; /* "smtpd_milters" */
	struct sceau_postfix_word word;
	struct sceau_postfix_peer peer;
	struct sceau_check_socket *socket;
	bool is_exact; /* what the service would open is our socket */
	struct sceau_slice after; /* word before it that ends the list, or
	                             empty */
	struct sceau_slice next; /* the word behind it, or empty */
};

/* The host that is checked. */
struct sceau_check_host {
	struct sceau_check *check;
	const struct sceau_settings *settings;
	const char *file;
	bool is_root;
	bool is_installed; /* our users exist, or Postfix names a socket */
	struct sceau_check_socket sockets[SCEAU_CHECK_SOCKETS_MAX];
	size_t socket_count;
	bool has_postfix;
	struct sceau_postfix_conf postfix;
	struct sceau_buf main_cf, master_cf; /* their text, "" when unread */
	struct sceau_check_mention mentions[SCEAU_CHECK_MENTIONS_MAX];
	size_t mention_count;
};

/* Fill finding->where with "file:line: key" of a setting of sceau.conf. */
void sceau_check_say_setting(const struct sceau_check_host *host,
                             struct sceau_check_finding *finding,
                             const char *setting);

/* Fill a finding from an error "where: what; cure: remedy", "where: what;
   remedy" or "where: what". */
void sceau_check_say_error(struct sceau_check_finding *finding,
                           const struct sceau_err *err);

/* Write who may pass path: "mode 0750, owner NAME", or why it is not known. */
void sceau_check_say_access(char field[512], const char *path);

/* Fill host->sockets from the settings; an address that is none is a finding.
 */
void sceau_check_list_sockets(struct sceau_check_host *host);

/* Read Postfix's configuration into host and list the mentions of our
   sockets. Postfix not installed is a note. Returns -1 and FAULT_TEMP when it
   could not be asked. */
int sceau_check_read_postfix(struct sceau_check_host *host,
                             struct sceau_err *err);

/* Fill finding->where with the line of main.cf or master.cf that gives the
   service this parameter; service NULL: main.cf. */
void sceau_check_say_postfix(const struct sceau_check_host *host,
                             struct sceau_check_finding *finding,
                             const struct sceau_postfix_service *service,
                             const char *parameter);

/* A new finding at that place. NULL when there is one of that id there already,
   since many services share a line of main.cf. */
struct sceau_check_finding *
sceau_check_add_postfix(struct sceau_check_host *host,
                        enum sceau_check_severity severity, const char *id,
                        const struct sceau_postfix_service *service,
                        const char *parameter);

/* Fill finding->where with the line of master.cf where the service begins. */
void sceau_check_say_service(const struct sceau_check_host *host,
                             struct sceau_check_finding *finding,
                             const struct sceau_postfix_service *service);

/* Whether the service asks that socket by that parameter (NULL: any). */
bool sceau_check_asks(const struct sceau_check_host *host,
                      const struct sceau_postfix_service *service,
                      const char *parameter, enum sceau_check_socket_id id);

/* Whether the service is one that strangers reach: port 25, or what postscreen
   hands over. */
bool sceau_check_is_public(const struct sceau_postfix_service *service);

/* Whether only this host reaches it, by an address of its own. */
bool sceau_check_is_loopback(const struct sceau_postfix_service *service);

/* Whether some service hands mail to a filter, which gives it back. */
bool sceau_check_is_filtered(const struct sceau_check_host *host);

/* Whether users log in there. */
bool sceau_check_is_submission(const struct sceau_check_host *host,
                               const struct sceau_postfix_service *service);

/* sceau.conf and the limits file, as the daemons' users read them. */
void sceau_check_files(struct sceau_check_host *host);

/* The users and their groups. Sets host->is_installed. */
void sceau_check_users(struct sceau_check_host *host);

/* DKIM keys, the server's identity, and every directory on the way. */
void sceau_check_keys(struct sceau_check_host *host);

/* Whether the daemons can make their sockets. */
void sceau_check_sockets(struct sceau_check_host *host);

/* Whether Postfix reaches the sockets it names, as it would itself. */
void sceau_check_reach(struct sceau_check_host *host);

/* What Postfix's lines about milters get wrong. */
void sceau_check_milter_lines(struct sceau_check_host *host);

/* What Postfix's lines about the policy daemon get wrong. */
void sceau_check_policy_lines(struct sceau_check_host *host);

/* What Dovecot's lines about the plugin get wrong. Returns -1 and FAULT_TEMP
   when it could not be asked. */
int sceau_check_dovecot(struct sceau_check_host *host, struct sceau_err *err);

#endif
