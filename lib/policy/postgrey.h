/* postgrey.h - what postgrey knew, for greylisting here.
 *
 * Its database is a Berkeley DB, read as the text that "db_dump -p" writes of
 * it (lines that begin with a blank, a key and its value in turn):
 *
 *   postgrey.db           NETWORK/SENDER/RECIPIENT   FIRST,LAST[,HOST]
 *   postgrey_clients.db   ADDRESS                    COUNT,LAST
 *
 * NETWORK is a network's address without its length (/24, /64), or the host's
 * address; times are seconds since 1970. With --privacy its keys are hashes,
 * which lead nowhere.
 *
 * Its lists of clients have regular expressions; those of the usual kind
 * become patterns of policy/exempt.h that fit at least the same names.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_POSTGREY_H
#define SCEAU_POSTGREY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "policy/exempt.h"
#include "policy/greylist.h"
#include "policy/greylist_key.h"

/* A longer line of a dump is none of postgrey's. */
#define SCEAU_POSTGREY_LINE_MAX 4096

/* Undo the escapes of a dump's line (\XX and \\, the blank before it not
   given) to out[size]. Returns its length, or -1 with FAULT_PEER: an escape
   that is none, a NUL byte, or too long. */
int sceau_postgrey_unescape(struct sceau_slice line, char *out, size_t size,
                            struct sceau_err *err);

/* A record of ours, made of one of postgrey's. */
struct sceau_postgrey_entry {
	char key[SCEAU_GREYLIST_KEY_SIZE];
	/* Its times are ages: seconds before now. */
	struct sceau_greylist_record record;
};

/* Make an entry of a key and its value, both unescaped, at now_s seconds since
   1970; what waited less than delay_s between its first and its last attempt
   has not passed. A time in the future counts as now. Returns 0, or -1 with
   FAULT_PEER and *entry_r untouched: not postgrey's. */
int sceau_postgrey_entry_make(const char *key, const char *value,
                              uint64_t delay_s, uint64_t now_s,
                              struct sceau_postgrey_entry *entry_r,
                              struct sceau_err *err);

/* Turn one line of whitelist_clients or whitelist_recipients into one for
   sceau_exempt_parse, in out: comments go, an empty line gives "". Returns 0,
   or -1 with FAULT_CONFIG: a regular expression that no pattern can stand
   for, or nothing that postgrey would take. */
int sceau_postgrey_exempt_line(enum sceau_exempt_kind kind,
                               struct sceau_slice line,
                               char out[SCEAU_EXEMPT_NAME_MAX + 1],
                               struct sceau_err *err);

#endif
