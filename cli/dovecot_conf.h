/* dovecot_conf.h - settings as doveconf(1) prints them, of Dovecot 2.3 and 2.4.
 *
 *   mail_plugins = quota sceau             2.3, and plain values of 2.4
 *   mail_plugins {                         lists of 2.4
 *     quota = yes
 *     sceau = yes
 *   }
 * A setting that the version does not know is not printed at all.
 *
 * Pure; what is given out points into the text that came in.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_DOVECOT_CONF_H
#define SCEAU_CLI_DOVECOT_CONF_H

#include <stdbool.h>

#include "base/text.h"

/* The value of a setting at the top level of text, on one line; of a list the
   lines between its braces. Returns false when it is not there. */
bool sceau_dovecot_conf_get(struct sceau_slice text, const char *name,
                            struct sceau_slice *value_r);

/* Whether a list setting holds word: in the form of 2.3 among the words of
   its value, in that of 2.4 as "word = yes". */
bool sceau_dovecot_conf_has(struct sceau_slice text, const char *name,
                            const char *word);

/* Whether mail that a location names lies in the home directory itself, where
   an IMAP client could reach the keys: "maildir:~/", "maildir:%h:INDEX=..."
   (2.3) or "~", "%{home}/" (2.4's mail_path). */
bool sceau_dovecot_conf_is_in_home(struct sceau_slice location);

#endif
