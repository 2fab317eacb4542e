/* waits.h - callbacks that wait for DNS, and libmilter's worker race.
 *
 * libmilter (8.17 and 8.18, worker.c) hands several ready connections to one
 * idle worker: it signals a condition as long as it counts an idle worker, and
 * that count falls only when a worker has woken. Those that got no worker stay
 * until some worker is free or some other event finds none idle; when all
 * workers wait for DNS, that is as long as DNS takes. So, while callbacks wait:
 *
 * - the loop kicks: it connects to our own socket and hangs up. With no idle
 *   worker left libmilter starts one for it, and that one, done at once, takes
 *   what lies there. Kicks follow each other quickly as long as the number of
 *   waiting callbacks grows, slowly else, and not at all while waits end;
 * - not more than SCEAU_WAITS_MAX callbacks wait, so there is an end to
 *   libmilter's threads; whoever comes then gets no answer from DNS;
 * - when nobody has had an answer for a while although many wait, the resolver
 *   is taken for dead, and mails that begin then wait SHORT_MS at most. Each of
 *   them still asks, and the first answer ends that.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_WAITS_H
#define SCEAU_MILTER_WAITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "daemon/listen.h"
#include "daemon/loop.h"

/* Callbacks that wait at one time; Postfix has 100 smtpd processes by
   default. */
#define SCEAU_WAITS_MAX 500

struct sceau_waits;

/* For the milter that listens at addr. Loop thread. Lives until the process
   ends: libmilter's threads use it. NULL and FAULT_TEMP when memory ran out. */
struct sceau_waits *sceau_waits_new(struct sceau_loop *loop,
                                    const struct sceau_listen_address *addr,
                                    struct sceau_err *err);

/* The loop will not run any more: no more kicks. Loop thread. */
void sceau_waits_stop(struct sceau_waits *waits);

/* A callback is about to wait. Returns false when too many do: it must not.
   After true it calls sceau_waits_leave when it is done. Any thread. */
bool sceau_waits_enter(struct sceau_waits *waits);

/* It waits no longer. Any thread. */
void sceau_waits_leave(struct sceau_waits *waits);

/* DNS was asked something. Any thread. */
void sceau_waits_note_question(struct sceau_waits *waits);

/* DNS has answered, whatever it was. Any thread. */
void sceau_waits_note_answer(struct sceau_waits *waits);

/* How long a mail that begins now may wait, when deadline_ms is what the
   settings say. Any thread. */
uint64_t sceau_waits_deadline(const struct sceau_waits *waits,
                              uint64_t deadline_ms);

/* For {"do":"stats"}: callbacks that wait now, kicks given and waits refused
   so far. Any thread. */
void sceau_waits_count(const struct sceau_waits *waits, unsigned *waiting_r,
                       unsigned long *kicks_r, unsigned long *refused_r);

#endif
