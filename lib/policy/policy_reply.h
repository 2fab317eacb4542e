/* policy_reply.h - write one Postfix policy-delegation reply.
 *
 * Wire format: "action=ACTION [text]\n\n" (SMTPD_POLICY_README, access(5)).
 * Postfix takes a reply with invalid UTF-8 for a broken server and accepts
 * texts of any length: so both are settled here.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_POLICY_REPLY_H
#define SCEAU_POLICY_REPLY_H

#include <stddef.h>

/* Bytes of text at most, and room for any reply with its closing NUL. */
#define SCEAU_POLICY_TEXT_MAX 200
#define SCEAU_POLICY_ACTION_MAX 32
#define SCEAU_POLICY_REPLY_SIZE 256

/* Write the reply into out and return its length (without the NUL).

   action is ours, never from the network: "DUNNO", "450 4.7.1" and the like,
   1 to SCEAU_POLICY_ACTION_MAX bytes of A-Z a-z 0-9 _ . and space; anything
   else is a bug of the caller (assert). text may be NULL or "" and may hold
   anything: control characters and bytes that are not valid UTF-8 become '?',
   what is over SCEAU_POLICY_TEXT_MAX bytes is cut between two characters. */
size_t sceau_policy_reply_write(char out[SCEAU_POLICY_REPLY_SIZE],
                                const char *action, const char *text);

#endif
