/* greylist_sender.h - local parts made alike, for greylist_key.h alone.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_GREYLIST_SENDER_H
#define SCEAU_GREYLIST_SENDER_H

/* Make a sender's local part, in lower case, what all mails of that sender
   have in common, in place: see greylist_key.h. It gets no longer. */
void sceau_greylist_sender_local(char *local);

/* Take what follows a '+' off a local part, in place. One that begins with it
   stays. */
void sceau_greylist_recipient_local(char *local);

#endif
