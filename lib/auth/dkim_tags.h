/* dkim_tags.h - read the tag=value lists of DKIM (RFC 6376 3.2).
 *
 * Signatures and key records are such lists: names of letters, digits and '_',
 * case-sensitive, values of printable characters with white space and folds
 * between them. A name that stands twice spoils the whole list. Bytes above
 * 126 are let through in values (RFC 8616): who reads one says whether it may
 * hold them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DKIM_TAGS_H
#define SCEAU_DKIM_TAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/text.h"

/* Tags of one list; a signature has 14 at most, a key record 8. */
#define SCEAU_DKIM_TAGS_MAX 64

struct sceau_dkim_tag {
	struct sceau_slice name;
	struct sceau_slice value; /* without white space around it */
	struct sceau_slice raw; /* all between '=' and ';' */
};

/* A list; slices point into the text it was read from. */
struct sceau_dkim_tags {
	size_t count;
	struct sceau_dkim_tag tags[SCEAU_DKIM_TAGS_MAX];
};

/* Read text. Returns true, or false when it is no such list: a tag without a
   name or '=', a control character, a name twice, or too many tags. *tags_r
   then holds those in front of the fault, for reports. */
bool sceau_dkim_tags_read(struct sceau_slice text,
                          struct sceau_dkim_tags *tags_r);

/* The tag of that name, or NULL. */
const struct sceau_dkim_tag *
sceau_dkim_tags_find(const struct sceau_dkim_tags *tags, const char *name);

/* Take the next element of a list divided by colons from *rest, without the
   white space around it; it may be empty. Returns false when there was none
   left. Start with the whole value. */
bool sceau_dkim_tags_next_element(struct sceau_slice *rest,
                                  struct sceau_slice *element_r);

/* Whether value, a list divided by colons, has that element. */
bool sceau_dkim_tags_has_element(struct sceau_slice value, const char *element);

/* Append the bytes that value says in base64, white space and folds between
   its characters passed over, '=' at its end optional. Returns false when it
   is none, or out is full. */
bool sceau_dkim_tags_base64(struct sceau_slice value, struct sceau_buf *out);

#endif
