/* store_changes.h - which entries were changed since somebody looked.
 *
 * A set of ids that is filled by every charge and emptied twice a second, so
 * an entry that is charged a thousand times between two looks counts once.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_STORE_CHANGES_H
#define SCEAU_STORE_CHANGES_H

#include <stdbool.h>

#include "daemon/store_table.h"

/* Owned by the caller; zeroed = empty. Fields are private. */
struct sceau_store_changes {
	struct sceau_store_id *slots;
	size_t mask; /* number of slots - 1, a power of two - 1 */
	size_t count;
	size_t next; /* slot to look at for ..._take */
};

/* Add id. Returns -1 when memory ran out: it is not in the set then. */
int sceau_store_changes_add(struct sceau_store_changes *changes,
                            struct sceau_store_id id);

/* The next id of a walk that ends with the set empty; no ..._add before its
   end. Returns false at the end; most of the memory of a large set is then
   given back. */
bool sceau_store_changes_take(struct sceau_store_changes *changes,
                              struct sceau_store_id *id_r);

/* Make it empty and release its memory. */
void sceau_store_changes_clear(struct sceau_store_changes *changes);

#endif
