/* dns.h - DNS questions on the loop thread, answered by libunbound.
 *
 * Who is asked: dns_servers when set; else the resolvers on loopback that
 * /etc/resolv.conf names; else nobody but the root and what it points to (own
 * recursion). Never a resolver elsewhere that resolv.conf happens to name: the
 * hoster's shared resolver is refused by most blocklists. The stub of
 * systemd-resolved (127.0.0.53, 127.0.0.54) is such a resolver in disguise and
 * is passed over.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DNS_H
#define SCEAU_DNS_H

#include <stdint.h>

#include "auth/dns_answer.h"
#include "base/err.h"
#include "daemon/conf_common.h"
#include "daemon/loop.h"

struct sceau_dns;
struct sceau_dns_query;

/* The outcome of one question; answer lives until it returns. May ask again
   and cancel others, but not free the resolver. */
typedef void sceau_dns_fn(void *ctx, const struct sceau_dns_answer *answer);

/* A resolver on the loop, after the dns_ settings. Asks nothing yet. NULL with
   FAULT_CONFIG (a server that is no address, a trust anchor that cannot be
   read) or FAULT_TEMP. */
struct sceau_dns *sceau_dns_new(struct sceau_loop *loop,
                                const struct sceau_conf_common *settings,
                                struct sceau_err *err);

/* One line for the log and check-config: who is asked, and whether answers are
   validated. Lives as long as dns. */
const char *sceau_dns_description(const struct sceau_dns *dns);

/* Ask for name and type; done(ctx) is called exactly once, from the loop and
   never from inside this call, at the latest after deadline_ms (then with
   SCEAU_DNS_TIMEOUT) unless cancelled. Returns a handle that is good until
   then; NULL and err when it cannot be asked (FAULT_PEER: no valid name). */
struct sceau_dns_query *sceau_dns_ask(struct sceau_dns *dns, const char *name,
                                      enum sceau_dns_type type,
                                      uint64_t deadline_ms, sceau_dns_fn *done,
                                      void *ctx, struct sceau_err *err);

/* Forget a question: done will not be called. Sets *query to NULL; NULL is
   allowed. */
void sceau_dns_cancel(struct sceau_dns_query **query);

/* Cancel what is open, release it and set *dns to NULL. NULL is allowed. */
void sceau_dns_free(struct sceau_dns **dns);

#endif
