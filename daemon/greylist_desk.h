/* greylist_desk.h - greylisting for threads that may wait: libmilter's workers.
 *
 * A desk stands between them and the loop, which owns the records.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_GREYLIST_DESK_H
#define SCEAU_GREYLIST_DESK_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/greylist.h"
#include "daemon/loop.h"

struct sceau_greylist_desk;

/* A desk for greylist on loop. greylist must live until the desk is closed.
   Loop thread. NULL and FAULT_TEMP when memory ran out. */
struct sceau_greylist_desk *
sceau_greylist_desk_new(struct sceau_loop *loop,
                        struct sceau_greylist *greylist, struct sceau_err *err);

/* No more decisions: who waits, and who asks later, is told so. Loop thread,
   also after the loop ended. */
void sceau_greylist_desk_close(struct sceau_greylist_desk *desk);

/* Close and release it, set *desk to NULL. Nobody may ask any more, so a
   program whose threads go on until it ends calls only close. NULL is
   allowed. */
void sceau_greylist_desk_free(struct sceau_greylist_desk **desk);

/* Decide on one attempt; wait for it deadline_ms at most. Any thread but the
   loop's. Returns 0, or -1 with FAULT_TEMP: nobody could say, so the attempt
   should pass; *decision_r is then untouched. */
int sceau_greylist_desk_ask(struct sceau_greylist_desk *desk,
                            const struct sceau_greylist_request *request,
                            uint64_t deadline_ms,
                            struct sceau_greylist_decision *decision_r,
                            struct sceau_err *err);

#endif
