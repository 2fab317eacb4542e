/* header_regex.h - regular expressions of header rules, by PCRE2.
 *
 * PCRE2's own match limit counts anew at each place of the subject, and the
 * scan of a run like [^b]* counts as nothing. So a callout stands before each
 * item of the expression and charges what was done since the last one: that
 * bounds the time of a mail, whatever rules and header are. There is no JIT:
 * it would need memory that is writable and executable.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_HEADER_REGEX_H
#define SCEAU_HEADER_REGEX_H

#include "mail/header_rule.h"

/* Memory of one search, in KiB. */
#define SCEAU_HEADER_REGEX_HEAP_MAX 1024

/* Perl's syntax as in pcre2pattern(3), bytes not UTF-8, without \C, (*UTF) and
   (*UCP). A search that was spent, or would take more than
   SCEAU_HEADER_REGEX_HEAP_MAX, gives up. */
extern const struct sceau_header_regex_engine sceau_header_regex_pcre2;

#endif
