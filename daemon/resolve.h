/* resolve.h - carry out a decider of lib/auth/dns_decider.h with real DNS.
 *
 * Asks what the machine wants to know, several questions at a time, until it
 * has none. When the deadline comes, what is open and whatever it still asks
 * is answered SCEAU_DNS_TIMEOUT at once, so the machine ends by its own rules
 * and within the time given. A name that cannot be asked for does not exist
 * (RFC 7208 4.3), a resolver that cannot be asked is SCEAU_DNS_SERVFAIL.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_RESOLVE_H
#define SCEAU_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/dns_decider.h"
#include "base/err.h"
#include "daemon/dns.h"
#include "daemon/loop.h"

/* Questions of one machine that are open at a time; more wait. */
#define SCEAU_RESOLVE_OPEN_MAX 64

struct sceau_resolve;

/* The machine has come to its end. questions were put to the resolver;
   is_late: time was up before it had all its answers. The handle is gone. */
typedef void sceau_resolve_fn(void *ctx, unsigned questions, bool is_late);

/* Drive state, a machine of that decider, for at most deadline_ms. The machine
   is not the caller's until done(ctx, ...) is called, exactly once, from the
   loop and never from inside this call, or until it is cancelled. decider must
   outlive it. NULL and FAULT_TEMP when memory ran out. Loop thread only. */
struct sceau_resolve *
sceau_resolve_start(struct sceau_loop *loop, struct sceau_dns *dns,
                    const struct sceau_dns_decider *decider, void *state,
                    uint64_t deadline_ms, sceau_resolve_fn *done, void *ctx,
                    struct sceau_err *err);

/* Give up: done will not be called, the machine is the caller's again,
   somewhere on its way. Sets *resolve to NULL; NULL is allowed. */
void sceau_resolve_cancel(struct sceau_resolve **resolve);

/* Time is up: everything is answered SCEAU_DNS_TIMEOUT, done is called before
   this returns, and *resolve is NULL. NULL is allowed. */
void sceau_resolve_end(struct sceau_resolve **resolve);

/* The same for a program that does nothing else: run the loop until the machine
   has ended. Fills questions_r and is_late_r unless they are NULL. Returns 0,
   or -1 with FAULT_TEMP. */
int sceau_resolve_now(struct sceau_loop *loop, struct sceau_dns *dns,
                      const struct sceau_dns_decider *decider, void *state,
                      uint64_t deadline_ms, unsigned *questions_r,
                      bool *is_late_r, struct sceau_err *err);

/* Answer everything that the machine asks with status, until it ends. Any
   thread that the machine belongs to. */
void sceau_resolve_drain(const struct sceau_dns_decider *decider, void *state,
                         enum sceau_dns_status status);

#endif
