/* auth_results.h - whose verdict is an Authentication-Results field?
 *
 * RFC 8601 2.2: the field begins with the authserv-id of the host that made
 * it, and 5: a host removes those that came from outside and claim its own
 * id, since programs behind it believe them.
 *
 *   [CFWS] authserv-id [CFWS version] ";" results
 *
 * The reader behind us may be laxer than the RFC. So the question here is not
 * what the field says but whether it could be taken for ours; a field that is
 * removed in doubt came from a stranger and was worth nothing.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AUTH_RESULTS_H
#define SCEAU_AUTH_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "mail/header.h"

/* Whether id can stand as an authserv-id without quotes: 1 to 255 of A-Z a-z
   0-9 '.' '-' '_' (a host's name, as RFC 8601 2.5 asks for). */
bool sceau_auth_results_is_id(struct sceau_slice id);

/* Whether the value of an Authentication-Results field carries authserv_id
   (A-Z and a-z the same, a final dot ignored), or could be read so:
   - the id plain, quoted, with quoted pairs, torn by folds, blanks or
     comments, in brackets or followed by a version or by nonsense;
   - the id at the very front of the bytes, even inside a comment;
   - no id at all ("; ..." or "spf=pass ..."), an encoded word or 8-bit bytes
     in its place, or a part before the first ';' that cannot be read.
   Names that only contain the id (gw.home.example, mx.home.example.net) are
   others. An empty authserv_id makes every field ours.
   Any size and folding, in linear time; true when memory runs out. */
bool sceau_auth_results_is_ours(struct sceau_slice value,
                                struct sceau_slice authserv_id);

/* Delete (header.h) every Authentication-Results field of the view that
   carries authserv_id. Returns how many. */
size_t sceau_auth_results_strip(struct sceau_header *header,
                                struct sceau_slice authserv_id);

#endif
