/* greylist_key.h - the names under which greylisting keeps its records.
 *
 *   a/RECIPIENT/SENDER/ORIGIN   attempt
 *   c/ORIGIN                    client
 *   l/OUR-USER/SOMEBODY         learned
 *
 * ORIGIN is the domain of a passed SPF check, since a host of that domain may
 * come back in place of another, else the client's network (/24, /64). A
 * domain cannot be taken for a network: it holds no '/'.
 *
 * Addresses are made alike where they differ from one mail to the next and
 * mean the same: in lower case, without what follows a '+'. In senders also:
 * - BATV and its kin: prvs=TAG=user, prvs=user=TAG, msprvs1=TAG=user,
 *   btv1==TAG==user are user (draft-levine-smtp-batv)
 * - SRS: of SRS0=HASH=TIME=DOMAIN=user hash and time are left out, of
 *   SRS1=HASH=FORWARDER==HASH=TIME=DOMAIN=user too
 * - VERP: digits, UUIDs and words that look drawn by lot become '#', and
 *   several of them with only - _ . = between them become one
 * This may take two senders for the same; all that follows is that the second
 * one's mail is not deferred.
 *
 * Keys are printable ASCII: '/', '%', blanks and all other bytes stand as %XX.
 * A part longer than SCEAU_GREYLIST_PART_MAX is cut: an address at its end, a
 * domain at its beginning.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_GREYLIST_KEY_H
#define SCEAU_GREYLIST_KEY_H

#include <stddef.h>

#include "base/ip.h"
#include "base/text.h"
#include "policy/greylist.h"

#define SCEAU_GREYLIST_PART_MAX 128
/* A letter, three parts with their '/', the NUL: fits an LMDB key (511). */
#define SCEAU_GREYLIST_KEY_SIZE (1 + 3 * (1 + SCEAU_GREYLIST_PART_MAX) + 1)
#define SCEAU_GREYLIST_PART_SIZE (SCEAU_GREYLIST_PART_MAX + 1)

/* Write the origin of a client to out: spf_domain if SPF passed, else ("" or
   NULL) the network of ip. Already in the form that keys have. */
void sceau_greylist_origin(const struct sceau_ip *ip, const char *spf_domain,
                           char out[SCEAU_GREYLIST_PART_SIZE]);

/* Write the form of a sender's address that keys have to out. address is the
   path without its angle brackets; "" (the null path) gives "". */
void sceau_greylist_sender(const char *address,
                           char out[SCEAU_GREYLIST_PART_SIZE]);

/* The same for a recipient, or one of our users. */
void sceau_greylist_recipient(const char *address,
                              char out[SCEAU_GREYLIST_PART_SIZE]);

/* Write the key of an attempt; all parts come from the functions above. */
void sceau_greylist_attempt_key(const char *recipient, const char *sender,
                                const char *origin,
                                char out[SCEAU_GREYLIST_KEY_SIZE]);

/* Write the key of a client. */
void sceau_greylist_client_key(const char *origin,
                               char out[SCEAU_GREYLIST_KEY_SIZE]);

/* Write the key of a learned pair: user is one of ours
   (sceau_greylist_recipient), other whom he wrote to (sceau_greylist_sender,
   since that is how the answer comes). */
void sceau_greylist_learned_key(const char *user, const char *other,
                                char out[SCEAU_GREYLIST_KEY_SIZE]);

/* The parts of a key; those its kind has not are empty. They point into it. */
struct sceau_greylist_parts {
	enum sceau_greylist_kind kind;
	struct sceau_slice recipient; /* or our user */
	struct sceau_slice sender; /* or whom he wrote to */
	struct sceau_slice origin;
};

/* Take a key apart. Returns 0, or -1 with FAULT_PEER and *parts_r untouched
   when it is none, e.g. comes from a file that is damaged. */
int sceau_greylist_key_parse(const char *key,
                             struct sceau_greylist_parts *parts_r,
                             struct sceau_err *err);

#endif
