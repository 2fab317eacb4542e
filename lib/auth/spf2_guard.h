/* spf2_guard.h - which records libspf2 must not see.
 *
 * libspf2 1.2 compiles a record to tables of fixed size and expands macros
 * into buffers that it reckons wrongly; what is beyond them makes it answer at
 * random at best. So a record is measured here, with the sizes of its public
 * spf_record.h, before it is handed over.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_SPF2_GUARD_H
#define SCEAU_SPF2_GUARD_H

#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"

/* Macros of one record. */
#define SCEAU_SPF2_MACROS_MAX 60
/* Bytes of the compiled mechanisms and of the compiled modifiers of a record:
   63 networks of IPv4, or 25 of IPv6. */
#define SCEAU_SPF2_COMPILED_MAX 511

/* Whether text, any TXT record that is not of SPF (an explanation), can be
   handed over: no NUL, no more than SCEAU_SPF2_MACROS_MAX macros. */
bool sceau_spf2_guard_text(struct sceau_slice text);

/* Whether an SPF record can be handed over. Returns 0, or -1 with FAULT_PEER
   (it is not sound, and libspf2 would not notice) or FAULT_LIMIT (it is, but
   too much for libspf2). */
int sceau_spf2_guard_record(struct sceau_slice record, struct sceau_err *err);

#endif
