/* spf2.h - the second SPF engine: libspf2, in a process of its own.
 *
 * For comparison: it is wrong about records that lib/auth/spf.h is right about
 * (docs/decisions/0015-libspf2-in-a-child.md). Each check is one run of
 * sceau-spf2, which is looked for beside the program: ../libexec/sceau where
 * things are installed, ../daemon where they were built. That process has
 * nothing but a socket; DNS is asked here, and records that the library cannot
 * hold are kept from it (lib/auth/spf2_guard.h). When it dies, that is the
 * result of this check and nothing more.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_SPF2_H
#define SCEAU_SPF2_H

#include <stdint.h>

#include "auth/spf.h"
#include "daemon/resolve_job.h"

/* Whether sceau-spf2 is where it is looked for. Returns 0, or -1 with
   FAULT_CONFIG. */
int sceau_spf2_find(struct sceau_err *err);

/* Make one check, domains given as A-labels, and fill result_r within
   deadline_ms. Waits: any thread but the loop's. Returns 0, or -1 with
   FAULT_CONFIG (sceau-spf2 or libspf2 is not installed) or FAULT_TEMP. */
int sceau_spf2_check(struct sceau_resolve_desk *desk,
                     const struct sceau_spf_request *request,
                     uint64_t deadline_ms, struct sceau_spf_result *result_r,
                     struct sceau_err *err);

#endif
