/* callbacks.h - libmilter's events, one after the other, for one role.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_CALLBACKS_H
#define SCEAU_MILTER_CALLBACKS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/err.h"
#include "role.h"
#include "services.h"

/* One for a process; lives until it ends, since libmilter's threads may still
   be at work when smfi_main has returned. */
struct sceau_milter {
	const struct sceau_role *role;
	struct sceau_services services; /* set before libmilter starts */
	pthread_mutex_t lock; /* guards rules */
	struct sceau_rules *rules; /* in use for new mails */
	atomic_int mails_under_way; /* begun and not at their end */
	atomic_int verdicts_under_way; /* of these, those at their end */
	atomic_bool is_stopping; /* no verdict may begin any more */
	struct sceau_milter_counters counters;
};

/* Make milter ready for role; no rules yet. */
void sceau_milter_init(struct sceau_milter *milter,
                       const struct sceau_role *role);

/* Use rules for mails that begin from now on; takes over the reference. */
void sceau_milter_use(struct sceau_milter *milter, struct sceau_rules *rules);

/* Register the callbacks with libmilter. milter is what they work with: call
   once. Returns 0, or -1 with FAULT_TEMP. */
int sceau_milter_register(struct sceau_milter *milter, struct sceau_err *err);

#endif
