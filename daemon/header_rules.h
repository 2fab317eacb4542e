/* header_rules.h - the header rules that the settings name.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_HEADER_RULES_H
#define SCEAU_HEADER_RULES_H

#include "daemon/conf_load.h"
#include "mail/header_rule.h"

/* Read the file of sign_header_rules. One that is not there is an error if
   sceau.conf names it, else it means no rules. Returns 0, or -1 as
   sceau_text_file_read and sceau_header_rules_parse. Release rules_r by
   sceau_header_rules_deinit. */
int sceau_header_rules_load(const struct sceau_settings *settings,
                            struct sceau_header_rules *rules_r,
                            struct sceau_err *err);

/* Read the rule file path, which must be there. Returns as above. */
int sceau_header_rules_read(const char *path,
                            struct sceau_header_rules *rules_r,
                            struct sceau_err *err);

#endif
