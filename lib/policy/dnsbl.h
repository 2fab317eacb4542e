/* dnsbl.h - ask many DNS lists about one client, and add up what they say.
 *
 * A struct sceau_dns_decider (auth/dns_decider.h): all questions are there at
 * once, so they can be asked in parallel; each is asked once, however many
 * lists want its answer. At most SCEAU_DNSBL_LISTS_MAX questions.
 *
 * A list counts with its weight when an answer is one that counts for it
 * (dnsbl_list.h). What is no answer (time-out, SERVFAIL, a refusal, an address
 * that no list uses) is a failure of that list, counts nothing and is told
 * apart from "not listed", so that it can be logged. One such address among
 * others spoils the whole answer.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DNSBL_H
#define SCEAU_DNSBL_H

#include "auth/dns_decider.h"
#include "base/buf.h"
#include "base/ip.h"
#include "policy/dnsbl_list.h"

#define SCEAU_DNSBL_QUESTION_SIZE 254
#define SCEAU_DNSBL_RESULT_SIZE (SCEAU_DNSBL_ZONE_SIZE + 48)

/* Whom to ask about. */
struct sceau_dnsbl_query {
	const struct sceau_ip *client; /* NULL: nothing about addresses */
	/* By subject; NULL or "": nothing. What is no domain name (an address,
	   a single word, U-labels) is not asked about. */
	const char *name[SCEAU_DNSBL_SUBJECTS];
	uint32_t off; /* bit i: list i is switched off */
};

enum sceau_dnsbl_outcome {
	SCEAU_DNSBL_NOT_ASKED, /* off, or nothing to ask about */
	SCEAU_DNSBL_OPEN, /* no answer yet */
	SCEAU_DNSBL_NOT_LISTED,
	SCEAU_DNSBL_LISTED,
	SCEAU_DNSBL_NO_ANSWER, /* status tells: SERVFAIL or TIMEOUT */
	SCEAU_DNSBL_REFUSED, /* address tells what the list said */
	SCEAU_DNSBL_ODD, /* likewise */
};

/* What one list said. */
struct sceau_dnsbl_result {
	unsigned question; /* index; the machine's own */
	enum sceau_dnsbl_outcome outcome;
	enum sceau_dns_status status;
	unsigned char address[4]; /* of LISTED, REFUSED, ODD; else 0 */
};

/* Owned by the caller. Read result[] (one for each list, in their order) when
   the machine is done, or earlier; the rest is private. */
struct sceau_dnsbl_check {
	const struct sceau_dnsbl_lists *lists;
	struct sceau_dnsbl_result result[SCEAU_DNSBL_LISTS_MAX];
	char question[SCEAU_DNSBL_LISTS_MAX][SCEAU_DNSBL_QUESTION_SIZE];
	bool is_answered[SCEAU_DNSBL_LISTS_MAX];
	size_t questions;
	size_t asked;
};

/* The machine's calls; its state is a struct sceau_dnsbl_check. */
extern const struct sceau_dns_decider sceau_dnsbl_decider;

/* Prepare check for query; lists must outlive it, query need not. */
void sceau_dnsbl_check_init(struct sceau_dnsbl_check *check,
                            const struct sceau_dnsbl_lists *lists,
                            const struct sceau_dnsbl_query *query);

/* The sum of the weights of all lists that list it; from -32000 to 32000. */
int sceau_dnsbl_check_score(const struct sceau_dnsbl_check *check);

/* Whether a list to be trusted has it. */
bool sceau_dnsbl_check_is_trusted(const struct sceau_dnsbl_check *check);

/* How many lists failed. */
size_t sceau_dnsbl_check_failures(const struct sceau_dnsbl_check *check);

/* What list i said, in a word: "zen=127.0.0.4", "zen=timeout",
   "zen=refused:127.255.255.254", "zen=odd:91.195.240.117", "zen=none". Shows
   the list's name only. */
void sceau_dnsbl_check_print(const struct sceau_dnsbl_check *check, size_t i,
                             char out[SCEAU_DNSBL_RESULT_SIZE]);

/* Append the words of all lists that list it or failed to out, one space
   between; nothing when there are none. */
void sceau_dnsbl_check_print_all(const struct sceau_dnsbl_check *check,
                                 struct sceau_buf *out);

#endif
