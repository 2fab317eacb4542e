/* dnsbl_watch.h - keep DNS lists off that are dead, refuse us or list all.
 *
 * Tests each list (policy/dnsbl_test.h) at the start, after a reload and once
 * an hour, and sooner again while one gives no answer, which may be our own
 * network's fault. A list is off until it was found healthy once; silence
 * turns one off that was healthy only when it is heard twice. One line in the
 * log tells each change.
 *
 * The loop thread only.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DNSBL_WATCH_H
#define SCEAU_DNSBL_WATCH_H

#include "daemon/dns.h"
#include "daemon/dnsbl.h"
#include "daemon/loop.h"
#include "policy/dnsbl_test.h"

struct sceau_dnsbl_watch;

/* Watch over dnsbl, of which a reference is taken. dns must outlive the watch.
   NULL and FAULT_TEMP when memory runs out. */
struct sceau_dnsbl_watch *sceau_dnsbl_watch_new(struct sceau_loop *loop,
                                                struct sceau_dns *dns,
                                                struct sceau_dnsbl *dnsbl,
                                                struct sceau_err *err);

/* Watch over these lists from now on. A zone that was watched before starts as
   it was. Returns 0, or -1 (FAULT_TEMP) and nothing has changed. */
int sceau_dnsbl_watch_use(struct sceau_dnsbl_watch *watch,
                          struct sceau_dnsbl *dnsbl, struct sceau_err *err);

/* The line about list i of the lists in use, as sceau_dnsbl_test_print, or
   that it was not tested yet. Returns whether it is on. Good until the next
   turn of the loop. */
bool sceau_dnsbl_watch_line(const struct sceau_dnsbl_watch *watch, size_t i,
                            const char **line_r);

/* End it and set *watch to NULL. NULL is allowed. */
void sceau_dnsbl_watch_free(struct sceau_dnsbl_watch **watch);

#endif
