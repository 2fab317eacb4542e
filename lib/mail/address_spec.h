/* address_spec.h - the parts that paths and lists share; only for address*.c
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_ADDRESS_SPEC_H
#define SCEAU_ADDRESS_SPEC_H

#include "mail/address.h"
#include "mail/token.h"

/* Characters that end a word in an address; blanks, parentheses and quotes
   do so everywhere. */
#define SCEAU_ADDRESS_SPECIALS "<>@,:;.[]\\"

/* Read text, all of it, as local part, '@' and domain, or as local part only;
   comments and blanks may stand between. Returns 0, or -1 with FAULT_PEER and
   *address_r untouched. */
int sceau_address_parse_spec(struct sceau_slice text,
                             struct sceau_address *address_r,
                             struct sceau_err *err);

/* Take a source route and its ':' from the front of *text, if it begins with
   one. Returns 0, or -1 with FAULT_PEER when it has no end. */
int sceau_address_skip_route(struct sceau_slice *text, struct sceau_err *err);

#endif
