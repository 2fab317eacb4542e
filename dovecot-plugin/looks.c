/* looks.c - what a mail's file looks like by its first bytes
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/looks.h"

#include <string.h>

#include "age/age_header.h"

/* What follows the first line: the first stanza. */
#define STANZA "-> "

/* So many bytes of the first line in their places are no accident. */
#define ENOUGH (SCEAU_AGE_MAGIC_SIZE / 2)

enum sceau_looks sceau_looks(const void *data, size_t len)
{
	const char *bytes = data;
	size_t in_place = 0;

	for (size_t i = 0; i < len && i < SCEAU_AGE_MAGIC_SIZE; i++)
		in_place += bytes[i] == SCEAU_AGE_MAGIC[i];
	if (in_place == SCEAU_AGE_MAGIC_SIZE)
		return SCEAU_LOOKS_SEALED;
	if (in_place == len || in_place >= ENOUGH)
		return SCEAU_LOOKS_DAMAGED;
	if (len >= SCEAU_AGE_MAGIC_SIZE + strlen(STANZA) &&
	    /* public: text of an age header */
	    memcmp(bytes + SCEAU_AGE_MAGIC_SIZE, STANZA, strlen(STANZA)) == 0)
		return SCEAU_LOOKS_DAMAGED;
	return SCEAU_LOOKS_OTHER;
}
