/* text_file.h - a small file of settings, read whole.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_TEXT_FILE_H
#define SCEAU_TEXT_FILE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct sceau_text_file {
	const char *path;
	const char *setting; /* the key in sceau.conf that names it */
	bool may_be_absent; /* then it is as if it were empty */
	bool is_secret; /* nobody but its owner and group may read it */
};

/* Append the content to out, whose bound is the longest accepted. Returns 0,
   or -1 with "path: reason and remedy": FAULT_CONFIG for a file that is not
   there, may not be read, is no regular one, too long or of a mode that others
   can write (or read, if it is secret); FAULT_TEMP when reading failed. */
int sceau_text_file_read(const struct sceau_text_file *file,
                         struct sceau_buf *out, struct sceau_err *err);

#endif
