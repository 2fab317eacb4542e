/* state_file.h - records of a table in memory, kept in a file behind it.
 *
 * The table in memory is the truth and answers everything; the file is only
 * read when the daemon starts. What changes is handed, in groups, to a child
 * process (state_child.h) that owns the file: so neither a slow disk nor a
 * damaged file ever holds up or ends the daemon.
 *
 *   - A change is durable at the latest SCEAU_STATE_BEHIND_MS and one commit
 *     after it was made. When the daemon is killed, the child still commits
 *     what it was handed.
 *   - A file that cannot be read is set aside (daemon/set_aside.h) with one
 *     line in the log; what could be read of it is kept.
 *   - When nothing can be written (disk full, no rights), the daemon goes on
 *     in memory: one line when it begins, one when it is over, tries between,
 *     a tenth of a second to five minutes apart. The file is then made anew
 *     from memory: the child is a copy of the process, so it sees the table as
 *     it was and nothing waits for it.
 *
 * Time. Entries expire by a clock of the file's own: the caller's, plus what
 * it is behind the file (skew). A host that starts in 1970 keeps what the file
 * holds; the caller's clock must not jump while the process lives
 * (daemon/time_of_day.h). Who keeps a clock of his own with the records starts
 * with now_ns = 0, and judges by himself what has expired.
 *
 * The loop thread only. No other thread may hold what the hooks touch, since
 * `each` runs in a copy of the process that has this thread alone.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_STATE_FILE_H
#define SCEAU_STATE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "daemon/lmdb_file.h"
#include "daemon/loop.h"
#include "daemon/state_record.h"

#define SCEAU_STATE_BEHIND_MS 200

struct sceau_state_file;

/* Takes one record. */
typedef void sceau_state_emit_fn(void *emit_ctx,
                                 const struct sceau_state_record *record);

struct sceau_state_hooks {
	/* The file held this record, which has not expired at now_ns (of the
	   file's clock). Only during sceau_state_file_new. Keys of a table
	   ascend; tables come in the order of the layout. */
	void (*load)(void *ctx, const struct sceau_state_record *record,
	             uint64_t now_ns);
	/* A group begins: what was changed until now goes into it. */
	void (*begin)(void *ctx);
	/* The next change of the group: fill record_r (good until the next
	   call) and set *is_gone_r when its key is to be deleted. Returns
	   false when there is none left. */
	bool (*next)(void *ctx, struct sceau_state_record *record_r,
	             bool *is_gone_r);
	/* The file is made anew: forget all changes not handed over. */
	void (*forget)(void *ctx);
	/* In the child: give every record to emit, in any order. */
	void (*each)(void *ctx, sceau_state_emit_fn *emit, void *emit_ctx);
};

struct sceau_state_options {
	const char *path; /* copied */
	struct sceau_lmdb_layout layout; /* its names are borrowed */
	uint64_t now_ns; /* the caller's clock */
};

/* Make the directory of the file if it is not there (state_directory.h), and
   load the file: hooks are called with ctx. Takes as long as reading takes.
   NULL and err when the directory will not do (FAULT_CONFIG), or when the file
   could not be read although it may be good: held by another process, no
   memory (FAULT_TEMP). A damaged file, or one that cannot be written, is no
   error. */
struct sceau_state_file *
sceau_state_file_new(struct sceau_loop *loop,
                     const struct sceau_state_options *options,
                     const struct sceau_state_hooks *hooks, void *ctx,
                     struct sceau_err *err);

/* What to add to the caller's clock to have the file's. Constant. */
uint64_t sceau_state_file_skew_ns(const struct sceau_state_file *file);

/* Something was changed at now_ns of the file's clock: a group will follow.
   Cheap. */
void sceau_state_file_touch(struct sceau_state_file *file, uint64_t now_ns);

/* The changes were too many to remember: make the file anew. */
void sceau_state_file_renew(struct sceau_state_file *file);

struct sceau_state_stats {
	bool is_kept; /* changes reach the file */
	uint64_t bytes; /* of the file */
	uint64_t commits; /* since the start */
	uint64_t behind_ms; /* age of the oldest change not durable; 0: none */
	uint64_t committed_ms; /* time since the last commit */
	uint64_t set_aside; /* damaged files, since the start */
	const char *trouble; /* why it is not kept, "" if it is */
};

/* Fill stats_r with the figures of now; trouble lives until the next event. */
void sceau_state_file_stats(const struct sceau_state_file *file,
                            struct sceau_state_stats *stats_r);

/* Hand over the last changes, wait a few seconds for their commit, release it
   and set *file to NULL. NULL is allowed. */
void sceau_state_file_free(struct sceau_state_file **file);

#endif
