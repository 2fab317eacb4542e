/* lmdb_file.h - records in tables in one LMDB file; the only user of LMDB.
 *
 * LMDB reads its file through a mapping. When the file is damaged, or cut by
 * somebody while it is mapped, or its disk fails, the process that looks is
 * killed (SIGBUS, SIGSEGV, an assertion of the library), or looks for ever.
 * So everything here is for a process that may die: daemon/state_child.h.
 *
 * Two rules keep damage from spreading:
 *   - A file is only ever written by the process that made it. Who starts
 *     reads the old file, record by record, into a new one and replaces it.
 *     Damage that reading cannot see (LMDB's list of free pages) is left
 *     behind, and the file is as small as what it holds.
 *   - Each record carries a check (daemon/state_record.h), keys must ascend
 *     and their number must be what the table says.
 *
 * Without LMDB's lock file: the owner holds a lock of his own, so nothing is
 * left over by kill -9. A new file is synced once, before it takes its name;
 * later each commit is synced: what was committed survives a power cut, too.
 *
 * Errors: FAULT_PEER when the file is damaged, FAULT_LIMIT when it is full,
 * else FAULT_TEMP (disk full, no memory).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_LMDB_FILE_H
#define SCEAU_LMDB_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "daemon/state_record.h"

struct sceau_lmdb_file;

/* What a file holds; borrowed for as long as it is open. */
struct sceau_lmdb_layout {
	const char *const *tables; /* names, in the order of their numbers */
	size_t count; /* at most SCEAU_STATE_TABLES_MAX */
	uint64_t size_max; /* the file never grows beyond */
};

struct sceau_lmdb_reader {
	/* First: when the file was written last. */
	void (*time)(void *ctx, uint64_t time_ns);
	/* Then each record, table after table, keys ascending, expired ones
	   included; borrowed until it returns. Returns -1 to stop. */
	int (*record)(void *ctx, const struct sceau_state_record *record);
};

/* Read the whole file at path. Returns 0; 1 when there is none; -1 and err, or
   -1 and err untouched when a hook stopped. What the hooks were given before a
   failure is sound. */
int sceau_lmdb_file_read(const char *path,
                         const struct sceau_lmdb_layout *layout,
                         const struct sceau_lmdb_reader *reader, void *ctx,
                         struct sceau_err *err);

/* Make a new file at path, which must not exist, mode 0600. NULL and err. */
struct sceau_lmdb_file *
sceau_lmdb_file_create(const char *path, const struct sceau_lmdb_layout *layout,
                       struct sceau_err *err);

/* Keep record in place of what was under its key. is_last: its key is greater
   than all in its table (faster, and packs pages). -1 and err: the file can
   only be freed. */
int sceau_lmdb_file_put(struct sceau_lmdb_file *file,
                        const struct sceau_state_record *record, bool is_last,
                        struct sceau_err *err);

/* Take a record out, if it is there. Fails as ..._put. */
int sceau_lmdb_file_delete(struct sceau_lmdb_file *file, unsigned table,
                           const void *key, size_t key_len,
                           struct sceau_err *err);

/* Look at the next count records of each table for expired ones, and take
   those out; goes on where it stopped. Fails as ..._put. */
int sceau_lmdb_file_sweep(struct sceau_lmdb_file *file, size_t count,
                          uint64_t now_ns, struct sceau_err *err);

/* Commit what was changed and that it is now_ns. Fails as ..._put. */
int sceau_lmdb_file_commit(struct sceau_lmdb_file *file, uint64_t now_ns,
                           struct sceau_err *err);

/* Make the new file durable, give it the name path (in the same directory),
   and sync each commit from now on. Fails as ..._put. */
int sceau_lmdb_file_publish(struct sceau_lmdb_file *file, const char *path,
                            struct sceau_err *err);

/* Bytes of the file. */
uint64_t sceau_lmdb_file_size(const struct sceau_lmdb_file *file);

/* Whether the file still has the name it was published under: somebody may
   have removed or replaced it. */
bool sceau_lmdb_file_is_there(const struct sceau_lmdb_file *file);

/* Close without a commit, set *file to NULL. NULL is allowed. */
void sceau_lmdb_file_free(struct sceau_lmdb_file **file);

/* Whether a file system of this type (f_type of statfs) is a remote one, where
   LMDB's mapping is not coherent: NFS, SMB, AFS, Ceph and the like. */
bool sceau_lmdb_file_is_remote(uint64_t fs_type);

#endif
