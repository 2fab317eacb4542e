/* dnsbl.h - the DNS lists of the settings, and which of them may be asked.
 *
 * Shared by reference: a mail goes on with the lists it began with when a
 * reload brings others. Which lists are off is decided by daemon/dnsbl_watch.h
 * and read by everybody.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DAEMON_DNSBL_H
#define SCEAU_DAEMON_DNSBL_H

#include <stdatomic.h>

#include "daemon/conf_load.h"
#include "policy/dnsbl.h"

/* lists is read only; off by sceau_dnsbl_off. */
struct sceau_dnsbl {
	struct sceau_dnsbl_lists lists;
	_Atomic uint32_t off; /* bit i: list i is not asked */
	atomic_uint references;
};

/* Make the lists that settings name. All are off until a watch has found them
   healthy. Returns the lists with one reference, also when there are none;
   NULL and FAULT_CONFIG ("file:line: key: reason", which never shows a zone:
   it may hold a key), or FAULT_TEMP. */
struct sceau_dnsbl *sceau_dnsbl_load(const struct sceau_settings *settings,
                                     struct sceau_err *err);

/* The bits of the lists that are off, for struct sceau_dnsbl_query. Any
   thread. */
uint32_t sceau_dnsbl_off(const struct sceau_dnsbl *dnsbl);

/* One more reference; returns dnsbl. Any thread. */
struct sceau_dnsbl *sceau_dnsbl_ref(struct sceau_dnsbl *dnsbl);

/* Give up a reference and set *dnsbl to NULL; the last one frees. NULL is
   allowed. Any thread. */
void sceau_dnsbl_unref(struct sceau_dnsbl **dnsbl);

#endif
