/* dkim_select.h - which fields of a header a DKIM signature covers.
 *
 * RFC 6376 5.4.2: each name of h= stands for one field, from the bottom of the
 * header upwards; a name without a field left stands for nothing, so that none
 * can be added.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DKIM_SELECT_H
#define SCEAU_DKIM_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"
#include "mail/header.h"

/* Which fields count. */
enum sceau_dkim_side {
	SCEAU_DKIM_RECEIVED, /* as they came: deleted ones, no added ones */
	SCEAU_DKIM_LEAVING, /* as they leave: added ones, no deleted ones */
};

struct sceau_dkim_select; /* an index over one header */

/* Index header, which must not change nor go before it is freed. Returns 0, or
   -1 with FAULT_TEMP. */
int sceau_dkim_select_new(const struct sceau_header *header,
                          enum sceau_dkim_side side,
                          struct sceau_dkim_select **select_r,
                          struct sceau_err *err);

/* Forget which fields were picked: for the next signature. */
void sceau_dkim_select_reset(struct sceau_dkim_select *select);

/* The lowest field of that name (A-Z and a-z the same) that was not picked yet.
   Returns true and its index in the header, or false. */
bool sceau_dkim_select_pick(struct sceau_dkim_select *select,
                            struct sceau_slice name, size_t *index_r);

/* How many fields of that name there are. */
size_t sceau_dkim_select_count(const struct sceau_dkim_select *select,
                               struct sceau_slice name);

/* A field that a mail has once (RFC 5322 3.6, and those of MIME) of which one
   was picked and another was not: whoever put it in shows the reader another
   mail than the one that was signed. Two From fields are one, picked or not.
   Returns its name, or NULL. */
const char *sceau_dkim_select_stray(const struct sceau_dkim_select *select);

/* Release *select and set it to NULL; NULL is accepted. */
void sceau_dkim_select_free(struct sceau_dkim_select **select);

#endif
