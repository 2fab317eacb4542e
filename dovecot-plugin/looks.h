/* looks.h - what a mail's file looks like by its first bytes.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_LOOKS_H
#define SCEAU_LOOKS_H

#include <stddef.h>

/* Bytes of a file to look at. */
#define SCEAU_LOOKS_SIZE 26

enum sceau_looks {
	SCEAU_LOOKS_SEALED, /* begins as an age file: the rest is checked */
	SCEAU_LOOKS_DAMAGED, /* was an age file, but its first line is cut or
	                        altered; or nothing is there at all */
	SCEAU_LOOKS_OTHER, /* plaintext, or what a compression plugin made */
};

/* Judge a file by data[0..len), its first SCEAU_LOOKS_SIZE bytes or all of it
   if it is shorter. Without this a flipped bit in the first line would turn a
   sealed mail into one that is shown as it lies there. */
enum sceau_looks sceau_looks(const void *data, size_t len);

#endif
