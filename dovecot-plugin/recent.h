/* recent.h - file keys of mails that were just written.
 *
 * In one LMTP transaction Dovecot delivers to recipients 2..n by copying the
 * mail that recipient 1 just got. That mail is sealed to recipient 1, whose
 * identity a delivering process does not have; so the keys of the last few
 * mails written are kept, found again by their header's MAC, until the user
 * ends. The table lies in locked memory.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_RECENT_H
#define SCEAU_RECENT_H

#include <stdbool.h>
#include <stdint.h>

#include "age/age_header.h"

/* How many mails are remembered: the oldest is forgotten first. */
#define SCEAU_RECENT_MAX 32

/* Opaque. */
struct sceau_recent;

/* Make an empty table. Returns NULL when there is no memory for it. */
struct sceau_recent *sceau_recent_new(void);

/* Wipe and free, and make the pointer NULL; NULL inside is fine. */
void sceau_recent_free(struct sceau_recent **recent);

/* Remember the key of the file whose header has this MAC. */
void sceau_recent_put(struct sceau_recent *recent,
                      const uint8_t mac[SCEAU_AGE_MAC_SIZE],
                      const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE]);

/* Look a file up by its header's MAC. Returns whether it is known; file_key_r
   is then its key, which the caller wipes. The MAC is only a name here: whoever
   forged one still has to pass the check under the key. */
bool sceau_recent_get(const struct sceau_recent *recent,
                      const uint8_t mac[SCEAU_AGE_MAC_SIZE],
                      uint8_t file_key_r[SCEAU_AGE_FILE_KEY_SIZE]);

#endif
