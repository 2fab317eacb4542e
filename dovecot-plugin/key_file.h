/* key_file.h - open and read the files of a key directory, with care.
 *
 * A key directory is only trusted when nobody but the account (or root) can
 * have written to it, and a secret file only when nobody else can have read
 * it. Links are never followed. Every refusal names the path and what to do.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_KEY_FILE_H
#define SCEAU_KEY_FILE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* What a file may be, besides a regular file of ours or of root. */
enum sceau_key_file_kind {
	SCEAU_KEY_FILE_PUBLIC, /* others may read, not write it */
	SCEAU_KEY_FILE_SECRET, /* others may do nothing: mode 0600 */
};

/* Open the key directory path.

   Returns  1  *fd_r is a descriptor of it, which the caller closes
            0  there is nothing at path
           -1  it cannot be used. FAULT_CONFIG: it is a link or no directory,
               belongs to another user, others may write to it, or it may not
               be entered; FAULT_TEMP: anything else */
int sceau_key_file_open_dir(const char *path, int *fd_r, struct sceau_err *err);

/* Read the file name of a directory opened as above; dir_path is only for
   messages. out must be initialised: its bound is the longest file accepted.

   Returns  1  out holds the file's bytes
            0  there is no such file
           -1  FAULT_CONFIG: the file is not as kind demands, or too long;
               FAULT_TEMP: reading failed. out may hold some bytes */
int sceau_key_file_read(int dir_fd, const char *dir_path, const char *name,
                        enum sceau_key_file_kind kind, struct sceau_buf *out,
                        struct sceau_err *err);

/* Read a public file by its path, e.g. server.recipient. Links are followed
   here: the admin named the path. Returns as sceau_key_file_read. */
int sceau_key_file_read_path(const char *path, struct sceau_buf *out,
                             struct sceau_err *err);

/* Write a new file into a directory opened as above and bring it to disk; mode
   is its permissions. Returns 0, or -1 with FAULT_TEMP (it exists already, no
   space, ...). */
int sceau_key_file_write(int dir_fd, const char *name, unsigned mode,
                         const void *data, size_t len, struct sceau_err *err);

#endif
