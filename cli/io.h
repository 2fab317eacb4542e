/* io.h - whole files in, whole files out.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_IO_H
#define SCEAU_CLI_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Read what fd has left and append it to out, whose bound is the longest
   content accepted. Returns 0, or -1 with FAULT_TEMP (reading failed) or
   FAULT_CONFIG (too long). name is for messages. */
int sceau_io_read_fd(int fd, const char *name, struct sceau_buf *out,
                     struct sceau_err *err);

/* Read the file path. Returns as sceau_io_read_fd; a file that is not there,
   may not be read or is not a regular one is FAULT_CONFIG. */
int sceau_io_read_file(const char *path, struct sceau_buf *out,
                       struct sceau_err *err);

/* Write all len bytes to fd. Returns 0, or -1 with FAULT_TEMP. */
int sceau_io_write(int fd, const char *name, const void *data, size_t len,
                   struct sceau_err *err);

/* A file to be made. */
struct sceau_io_file {
	const char *name; /* without a slash */
	mode_t mode;
	const void *data;
	size_t len;
};

/* Who shall own what is made; is_set false: whoever we are. */
struct sceau_io_owner {
	bool is_set;
	uid_t uid;
	gid_t gid;
};

/* Make the file dir/file->name, whole and on disk, or not at all; an existing
   one is never replaced. owner may be NULL: whoever we are. Returns 0, or -1
   with FAULT_CONFIG (it exists, no such directory, not allowed) or
   FAULT_TEMP. */
int sceau_io_create_file(const char *dir, const struct sceau_io_owner *owner,
                         const struct sceau_io_file *file,
                         struct sceau_err *err);

/* Make the directory path (0700) with count files in it, whole and on disk, or
   not at all. It appears under its name only when everything is in place; what
   exists is never touched. Its parent must exist; links in the last part of
   path are not followed. Returns as sceau_io_create_file. */
int sceau_io_create_directory(const char *path,
                              const struct sceau_io_owner *owner,
                              const struct sceau_io_file *files, size_t count,
                              struct sceau_err *err);

#endif
