/* edits.h - send the edits of a header view to the MTA.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_EDITS_H
#define SCEAU_MILTER_EDITS_H

#include <stdbool.h>
#include <libmilter/mfapi.h>

#include "base/err.h"
#include "session.h"

/* Postfix looks for each field from the top of its queue file, which takes 30 s
   for 10000 of them; then its cleanup process panics. */
#define SCEAU_EDITS_MAX 1000

/* Send all edits of the session's mail, in the order that suits the MTA's live
   indexes; nothing when there are none. Only at the end of the mail, and the
   verdict must follow at once: an MTA keeps edits of a filter that died.

   Returns  0
           -1  FAULT_LIMIT: more than SCEAU_EDITS_MAX, none was sent; or
               FAULT_TEMP: an edit did not go through. *begun_r tells whether
               one may have: the mail must then not be accepted. */
int sceau_edits_send(SMFICTX *ctx, const struct sceau_session *session,
                     bool *begun_r, struct sceau_err *err);

#endif
