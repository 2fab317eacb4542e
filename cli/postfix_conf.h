/* postfix_conf.h - Postfix's configuration as postconf(1) prints it.
 *
 * Three texts, each of lines "NAME = VALUE" with everything expanded:
 *   postconf -x PARAMETER...   main.cf        NAME is the parameter
 *   postconf -F                master.cf      NAME is SERVICE/TYPE/FIELD
 *   postconf -Px               its options    NAME is SERVICE/TYPE/PARAMETER
 * A SERVICE holds no '/' in a socket's name, but TYPE and FIELD never do, so
 * names are taken apart from their end.
 *
 * Pure: text comes in, values come out.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_POSTFIX_CONF_H
#define SCEAU_CLI_POSTFIX_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"

#define SCEAU_POSTFIX_SERVICES_MAX 1024
#define SCEAU_POSTFIX_SETTINGS_MAX 8192

/* One line of master.cf. Strings belong to the configuration. */
struct sceau_postfix_service {
	char *name; /* "submission", "127.0.0.1:10025" */
	char *type; /* "inet", "unix", "pass" */
	char *command; /* program alone, "smtpd" */
	char *chroot; /* "y", "n" or "-" as written */
};

/* A value of main.cf, or of a service (its index) in master.cf. */
struct sceau_postfix_setting {
	long service; /* -1: main.cf */
	char *name;
	char *value;
};

/* The whole; read the services, the rest is private. */
struct sceau_postfix_conf {
	struct sceau_postfix_service *services;
	size_t service_count;
	struct sceau_postfix_setting *settings;
	size_t setting_count;
};

/* Make conf empty. */
void sceau_postfix_conf_init(struct sceau_postfix_conf *conf);

/* Release everything; conf is then empty. */
void sceau_postfix_conf_deinit(struct sceau_postfix_conf *conf);

/* Take over what `postconf -x` printed. Lines of another form are skipped.
   Returns 0, or -1: FAULT_LIMIT (more than the bounds above), FAULT_TEMP (no
   memory). */
int sceau_postfix_conf_read_main(struct sceau_postfix_conf *conf,
                                 struct sceau_slice text,
                                 struct sceau_err *err);

/* Take over what `postconf -F` printed. Returns as ..._read_main. */
int sceau_postfix_conf_read_fields(struct sceau_postfix_conf *conf,
                                   struct sceau_slice text,
                                   struct sceau_err *err);

/* Take over what `postconf -Px` printed, after the fields: options of services
   that were not named there are skipped. Returns as ..._read_main. */
int sceau_postfix_conf_read_options(struct sceau_postfix_conf *conf,
                                    struct sceau_slice text,
                                    struct sceau_err *err);

/* The service of that name and type, NULL when there is none. */
const struct sceau_postfix_service *
sceau_postfix_conf_find(const struct sceau_postfix_conf *conf, const char *name,
                        const char *type);

/* What parameter is for this service (NULL: for all of them): its own option,
   else what main.cf says. "" when neither was read. */
const char *sceau_postfix_conf_get(const struct sceau_postfix_conf *conf,
                                   const struct sceau_postfix_service *service,
                                   const char *parameter);

/* Whether the service has an option of its own for the parameter. */
bool sceau_postfix_conf_is_own(const struct sceau_postfix_conf *conf,
                               const struct sceau_postfix_service *service,
                               const char *parameter);

/* Whether the service is chrooted. '-' in master.cf means no since
   compatibility_level 1, which must have been read. */
bool sceau_postfix_conf_is_chrooted(
	const struct sceau_postfix_conf *conf,
	const struct sceau_postfix_service *service);

/* Line (from 1) of main.cf's text on which the parameter is set for the last
   time, which is the one that counts; 0 when it is not. */
unsigned sceau_postfix_main_line(struct sceau_slice text,
                                 const char *parameter);

/* Line (from 1) of master.cf's text on which the service begins, 0 when it
   does not. */
unsigned sceau_postfix_master_line(struct sceau_slice text, const char *name,
                                   const char *type);

#endif
