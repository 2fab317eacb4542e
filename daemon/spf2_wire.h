/* spf2_wire.h - what sceau-spf2 and its parent say to each other.
 *
 * One socket pair of whole messages (SOCK_SEQPACKET), descriptor 0 of the
 * child. The first byte of a message is its kind, numbers are of this host,
 * texts end in NUL:
 *
 *   parent  'C' client address, HELO, sender, our name
 *   child   'Q' type (2), name
 *   parent  'A' status (1), then for each record length (4), data: text of
 *           TXT records, raw addresses, name of a PTR, preference (2) and name
 *           of an MX
 *   child   'R' enum sceau_spf_code (1), explanation, reason
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_SPF2_WIRE_H
#define SCEAU_SPF2_WIRE_H

#define SCEAU_SPF2_CALL 'C'
#define SCEAU_SPF2_QUESTION 'Q'
#define SCEAU_SPF2_ANSWER 'A'
#define SCEAU_SPF2_RESULT 'R'

/* Longest message: an answer of a whole DNS message with the lengths of its
   records. */
#define SCEAU_SPF2_MESSAGE_MAX 100000

/* Names of our child program, for those who look for it. */
#define SCEAU_SPF2_PROGRAM "sceau-spf2"

#endif
