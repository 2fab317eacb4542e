/* conf_load.h - read sceau.conf: all settings of all programs.
 *
 * There is one file for the whole suite, so every program knows every table
 * and refuses what none of them knows.
 *
 * To add a setting: a member in the area's struct (conf_AREA.h), a row in its
 * table (conf_AREA.c), an `.It Cm key` in docs/man/sceau.conf.5. To add an
 * area: its two files, a member in struct sceau_settings below, a line in the
 * list of areas in conf_load.c. A check that a row cannot express goes into
 * the program's check hook (daemon/start.h) and reports with sceau_conf_fail.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CONF_LOAD_H
#define SCEAU_CONF_LOAD_H

#include <stdatomic.h>

#include "base/conf.h"
#include "daemon/conf_common.h"
#include "daemon/conf_dnsbl.h"
#include "daemon/conf_greylist.h"
#include "daemon/conf_milter.h"
#include "daemon/conf_mx.h"
#include "daemon/conf_policyd.h"

#define SCEAU_CONF_DEFAULT_FILE "/etc/sceau/sceau.conf"

/* Everything sceau.conf says. Read only once loaded; shared by reference, so
   that a thread keeps what it works with when a reload replaces it. */
struct sceau_settings {
	struct sceau_conf_common common;
	struct sceau_conf_milter milter;
	struct sceau_conf_greylist greylist;
	struct sceau_conf_dnsbl dnsbl;
	struct sceau_conf_mx mx;
	struct sceau_conf_policyd policyd;
	struct sceau_conf *conf; /* owns the strings; for sceau_conf_fail */
	char *hostname; /* what myhostname points to when it is not given */
	atomic_uint references;
};

/* Read and check the file. Returns the settings with one reference, or NULL
   and err: FAULT_CONFIG for anything the admin must mend ("file:line: key:
   reason", a file that others may write, no such file), FAULT_TEMP when
   reading failed half-way. */
struct sceau_settings *sceau_conf_load(const char *file, struct sceau_err *err);

/* Like sceau_conf_load, but from text[0..len) under the name file: for tests
   and for a command that checks a draft. */
struct sceau_settings *sceau_conf_load_text(const char *file, const char *text,
                                            size_t len, struct sceau_err *err);

/* One more reference; returns settings. Any thread. */
struct sceau_settings *sceau_settings_ref(struct sceau_settings *settings);

/* Give up a reference and set *settings to NULL; the last one frees. NULL is
   allowed. Any thread. */
void sceau_settings_unref(struct sceau_settings **settings);

/* The key number index (from 0) that the file gives and that no program uses
   yet: those of greylisting and of the DNS lists. NULL: there is none more. */
const char *sceau_settings_idle_key(const struct sceau_settings *settings,
                                    size_t index);

/* Call row(ctx, table, key) for every setting of every area, in order. For
   tools: the man page test, a commented defaults file. */
void sceau_conf_each_key(void (*row)(void *ctx,
                                     const struct sceau_conf_table *table,
                                     const struct sceau_conf_key *key),
                         void *ctx);

#endif
