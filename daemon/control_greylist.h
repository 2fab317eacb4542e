/* control_greylist.h - greylisting over the control socket, both ends.
 *
 *   {"do":"greylist-list","place":"0"}
 *     -> {"entries":[{"key":"a/...","passed":true,"count":3,"first_s":900,
 *         "last_s":60},...],"next":"0"}
 *   {"do":"greylist-change","changes":[{"key":"c/example.org","count":5},
 *     {"key":"a/...","remove":true},...]}
 *     -> {}
 *   {"do":"learn","user":"bob@example.org","to":["a@b.test",...]}
 *     -> {}
 *
 * first_s and last_s are ages in seconds. "learn" is what the sign role says;
 * its addresses are paths, without angle brackets.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CONTROL_GREYLIST_H
#define SCEAU_CONTROL_GREYLIST_H

#include <jansson.h>

#include "daemon/control.h"
#include "daemon/greylist.h"

/* Changes in one request, recipients in one "learn". */
#define SCEAU_CONTROL_CHANGES_MAX 100
#define SCEAU_CONTROL_LEARN_MAX 50

/* What the verbs work with; the rules may be changed at any time, from the
   loop. */
struct sceau_control_greylist {
	struct sceau_greylist *greylist;
	struct sceau_greylist_rules rules;
};

/* Serve the three verbs with shared, which must outlive control. Returns as
   sceau_control_add. An engine that does not answer at once refuses the first
   two: who asks must ask it himself. */
int sceau_control_greylist_serve(struct sceau_control *control,
                                 struct sceau_control_greylist *shared,
                                 struct sceau_err *err);

/* An entry of a list as JSON; NULL when memory ran out. */
json_t *sceau_control_greylist_entry(const char *key,
                                     const struct sceau_greylist_record *record,
                                     uint64_t now_s);

/* Read an entry, or a change, back; times are ages. Returns 0, or -1 with
   FAULT_PEER. */
int sceau_control_greylist_read(const json_t *entry,
                                struct sceau_greylist_change *change_r,
                                struct sceau_err *err);

/* A change as JSON; NULL when memory ran out. */
json_t *
sceau_control_greylist_change(const struct sceau_greylist_change *change);

#endif
