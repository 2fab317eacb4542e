/* greylist_file.h - the table of greylist_table.h and its clock, in a file.
 *
 * For greylist_memory.c alone. Records are at most about a second behind; what
 * is damaged is set aside, and mail flows (daemon/state_file.h). The file also
 * holds the clock that dates the records.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_GREYLIST_FILE_H
#define SCEAU_GREYLIST_FILE_H

#include "base/steady_clock.h"
#include "daemon/greylist_table.h"
#include "daemon/loop.h"
#include "daemon/state_file.h"

struct sceau_greylist_file;

/* Load the file at path into table, and start clock where the file's stopped,
   or anew; both must outlive the file. entries_max bounds its size, rules tell
   what makes room when it holds more. NULL and err as sceau_state_file_new. */
struct sceau_greylist_file *
sceau_greylist_file_new(struct sceau_loop *loop, const char *path,
                        struct sceau_greylist_table *table,
                        struct sceau_steady_clock *clock,
                        const struct sceau_greylist_rules *rules,
                        size_t entries_max, struct sceau_err *err);

/* The table was changed. Cheap. */
void sceau_greylist_file_touch(struct sceau_greylist_file *file);

/* About once a second: the clock is written now and then. */
void sceau_greylist_file_tick(struct sceau_greylist_file *file);

/* Fill stats_r as sceau_state_file_stats. */
void sceau_greylist_file_stats(const struct sceau_greylist_file *file,
                               struct sceau_state_stats *stats_r);

/* Write what was changed, release it and set *file to NULL. NULL is
   allowed. */
void sceau_greylist_file_free(struct sceau_greylist_file **file);

#endif
