/* dns_decider.h - how a rule that needs DNS says what it needs.
 *
 * SPF, DMARC, DKIM's keys and blocklists are decided by resumable machines: one
 * is asked for its next question until it has none for now, and is told each
 * outcome, in any order; that may bring new questions. It is done when it has
 * no question and none is open. Who carries the questions out (a loop with
 * libunbound, a thread that waits for one, a test with canned answers) it
 * cannot know, and it has no clock: when time is up, whoever drives it answers
 * every open and every further question with SCEAU_DNS_TIMEOUT, and the
 * machine comes to its end by its own rules.
 *
 * So each machine must come to an end after a bounded number of questions,
 * whatever the answers are.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DNS_DECIDER_H
#define SCEAU_DNS_DECIDER_H

#include "auth/dns_answer.h"

/* One question. */
struct sceau_dns_question {
	const char *name; /* the machine's, good until its next call */
	enum sceau_dns_type type;
	unsigned id; /* the machine's own, to tell open questions apart */
};

/* The calls of one kind of machine; state is the machine. Both may be called
   from one thread at a time only. */
struct sceau_dns_decider {
	/* The next question. Returns 1 and fills question_r, or 0: none now
	   (question_r is untouched). */
	int (*ask)(void *state, struct sceau_dns_question *question_r);
	/* The outcome of the question with that id; answer and what it points
	   to live until this returns. */
	void (*answer)(void *state, unsigned id,
	               const struct sceau_dns_answer *answer);
};

#endif
