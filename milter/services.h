/* services.h - what the mx role's mails share: DNS and its waits.
 *
 * One for a process, made before libmilter starts and never released, since
 * its threads use it until the process ends.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_SERVICES_H
#define SCEAU_MILTER_SERVICES_H

#include "daemon/resolve_job.h"
#include "waits.h"

/* All members are set, or none is: then DNS gives no answer (tests). */
struct sceau_services {
	struct sceau_resolve_desk *desk;
	struct sceau_waits *waits;
};

#endif
