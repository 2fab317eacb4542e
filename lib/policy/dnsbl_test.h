/* dnsbl_test.h - whether a DNS list is alive, honest and answers us.
 *
 * RFC 5782 5: a list of addresses has 127.0.0.2 and has not 127.0.0.1; one of
 * names has not INVALID (that it has TEST is asked by the RFC and not done by
 * all). A list that answers for what no list may have answers for everything;
 * one that answers with 127.255.255.0/24 does not serve us, as a hoster's
 * shared resolver learns.
 *
 * So a blocklist of addresses is asked for 127.0.0.2, which it must have; and
 * each list for what it must not have, lists of addresses also for 127.0.0.1
 * as an IPv6 address (::FFFF:7F00:1).
 *
 * A struct sceau_dns_decider (auth/dns_decider.h), at most three questions.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DNSBL_TEST_H
#define SCEAU_DNSBL_TEST_H

#include "policy/dnsbl.h"

#define SCEAU_DNSBL_TEST_QUESTIONS 3
#define SCEAU_DNSBL_TEST_TEXT_SIZE (SCEAU_DNSBL_ZONE_SIZE + 160)

enum sceau_dnsbl_verdict {
	SCEAU_DNSBL_HEALTHY,
	SCEAU_DNSBL_EMPTY, /* has not what each list must have */
	SCEAU_DNSBL_UNREACHABLE, /* no answer: tells nothing of the list */
	SCEAU_DNSBL_REFUSES, /* does not serve us */
	SCEAU_DNSBL_LISTS_ALL, /* has what no list may have */
};

/* Owned by the caller; private. */
struct sceau_dnsbl_test {
	const struct sceau_dnsbl_list *list;
	struct {
		char name[SCEAU_DNSBL_QUESTION_SIZE];
		bool must_have; /* else it must not */
		bool is_answered;
		enum sceau_dnsbl_verdict verdict;
	} question[SCEAU_DNSBL_TEST_QUESTIONS];
	size_t questions;
	size_t asked;
	unsigned char address[4]; /* of what is worst */
};

/* The machine's calls; its state is a struct sceau_dnsbl_test. */
extern const struct sceau_dns_decider sceau_dnsbl_test_decider;

/* Prepare to test list, which must outlive test. */
void sceau_dnsbl_test_init(struct sceau_dnsbl_test *test,
                           const struct sceau_dnsbl_list *list);

/* What came of it, when the machine is done: the worst of its answers. */
enum sceau_dnsbl_verdict
sceau_dnsbl_test_verdict(const struct sceau_dnsbl_test *test);

/* One clear line: which list, and what an admin can do about it. */
void sceau_dnsbl_test_print(const struct sceau_dnsbl_test *test,
                            char out[SCEAU_DNSBL_TEST_TEXT_SIZE]);

#endif
