/* dkim_keys.h - the DKIM keys of this host: one directory, one set.
 *
 * DIRECTORY/DOMAIN/SELECTOR.private holds one private key in PEM form, owned
 * by the user the process runs as and readable by nobody else. Files of other
 * names are left alone, so SELECTOR.staged and SELECTOR.retired can lie beside
 * it. What a reader cannot guess:
 * - A set is all or nothing: one bad file and none of it is used. A set that is
 *   in use never changes; a reload makes a new one.
 * - A domain is signed by its first RSA key and by its first Ed25519 key, in
 *   the byte order of selectors; with both keys a mail gets two signatures. The
 *   others sign where a table names them, and are named in a warning.
 * - A domain signs for itself alone, not for its subdomains.
 *
 * Threads: everything here may be called by any thread.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DAEMON_DKIM_KEYS_H
#define SCEAU_DAEMON_DKIM_KEYS_H

#include <stddef.h>

#include "base/err.h"
#include "daemon/dkim_key.h"

struct sceau_dkim_keys; /* one set: counted references, never changed */

/* Read all keys below directory, which must hold at least one.

   Returns  0  *keys_r holds one reference, the caller's
           -1  FAULT_CONFIG: err names the file or directory, what is wrong
               with it and the command that cures it; FAULT_TEMP: no memory. */
int sceau_dkim_keys_load(const char *directory, struct sceau_dkim_keys **keys_r,
                         struct sceau_err *err);

/* Give back one reference and set *keys to NULL; NULL is accepted. The last
   one wipes the keys. */
void sceau_dkim_keys_unref(struct sceau_dkim_keys **keys);

/* How many keys there are. */
size_t sceau_dkim_keys_count(const struct sceau_dkim_keys *keys);

/* Key number index, in the byte order of domains, then of selectors. Lives as
   long as the set. */
const struct sceau_dkim_key *
sceau_dkim_keys_get(const struct sceau_dkim_keys *keys, size_t index);

/* The keys that sign for exactly this domain, RSA before Ed25519: A-Z and a-z
   are the same, and a domain in another script is looked up by its A-label.
   Returns how many there are in keys_r: 0, 1 or 2. They live as long as the
   set. */
size_t sceau_dkim_keys_find(const struct sceau_dkim_keys *keys,
                            const char *domain,
                            const struct sceau_dkim_key *keys_r[2]);

/* The key of that domain (as above) and selector, whether it signs by itself or
   not; NULL when there is none. Lives as long as the set. */
const struct sceau_dkim_key *
sceau_dkim_keys_find_selector(const struct sceau_dkim_keys *keys,
                              const char *domain, const char *selector);

/* What an admin should know of a set that works: line number index, from 0 on,
   NULL behind the last. Lives as long as the set. */
const char *sceau_dkim_keys_warning(const struct sceau_dkim_keys *keys,
                                    size_t index);

/* One more reference; returns keys. */
struct sceau_dkim_keys *sceau_dkim_keys_ref(struct sceau_dkim_keys *keys);

#endif
