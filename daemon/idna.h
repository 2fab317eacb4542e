/* idna.h - domains in other scripts, as DNS knows them.
 *
 * The only door to libidn2.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DAEMON_IDNA_H
#define SCEAU_DAEMON_IDNA_H

#include <stddef.h>

#include "base/text.h"

/* A domain name's longest text form, with its NUL. */
#define SCEAU_IDNA_SIZE 256

/* Write domain to out[size] in lower case, each label in its A-label form
   (IDNA 2008, RFC 5891). A domain of plain ASCII is only put in lower case,
   whatever it holds. Returns 0, or -1 (out untouched) when domain is empty,
   too long, holds a NUL, is not UTF-8 or is no valid internationalised name. */
int sceau_idna_to_ascii(struct sceau_slice domain, char *out, size_t size);

#endif
