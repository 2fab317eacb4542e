/* dnsbl_test.c - see dnsbl_test.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "policy/dnsbl_test.h"

static void add_address(struct sceau_dnsbl_test *test,
                        const struct sceau_ip *ip, bool must_have)
{
	/* does not fit: a zone near the end of what DNS allows */
	if (sceau_ip_dnsbl_name(ip, test->list->zone,
	                        test->question[test->questions].name,
	                        SCEAU_DNSBL_QUESTION_SIZE) < 0)
		return;
	test->question[test->questions++].must_have = must_have;
}

void sceau_dnsbl_test_init(struct sceau_dnsbl_test *test,
                           const struct sceau_dnsbl_list *list)
{
	static const struct sceau_ip listed = { 4, { 127, 0, 0, 2 } };
	static const struct sceau_ip free4 = { 4, { 127, 0, 0, 1 } };
	static const struct sceau_ip free6 = {
		16, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1 }
	};

	memset(test, 0, sizeof(*test));
	test->list = list;
	if (list->subject != SCEAU_DNSBL_CLIENT) {
		snprintf(test->question[0].name, SCEAU_DNSBL_QUESTION_SIZE,
		         "invalid.%s", list->zone);
		test->questions = 1;
		return;
	}
	add_address(test, &free4, false);
	add_address(test, &free6, false);
	if (list->weight > 0)
		add_address(test, &listed, true);
}

static int ask(void *state, struct sceau_dns_question *question_r)
{
	struct sceau_dnsbl_test *test = state;

	if (test->asked == test->questions)
		return 0;
	question_r->name = test->question[test->asked].name;
	question_r->type = SCEAU_DNS_A;
	question_r->id = (unsigned)test->asked;
	test->asked++;
	return 1;
}

/* What one address says in answer to a question. */
static enum sceau_dnsbl_verdict judge(const struct sceau_dnsbl_list *list,
                                      const unsigned char *address,
                                      bool must_have)
{
	if (address == NULL)
		return SCEAU_DNSBL_LISTS_ALL;
	switch (sceau_dnsbl_list_code(list, address)) {
	case SCEAU_DNSBL_CODE_REFUSED:
		return SCEAU_DNSBL_REFUSES;
	case SCEAU_DNSBL_CODE_ODD:
		return SCEAU_DNSBL_LISTS_ALL;
	case SCEAU_DNSBL_CODE_LISTED:
	case SCEAU_DNSBL_CODE_OTHER:
		break;
	}
	return must_have ? SCEAU_DNSBL_HEALTHY : SCEAU_DNSBL_LISTS_ALL;
}

static enum sceau_dnsbl_verdict judge_all(struct sceau_dnsbl_test *test,
                                          const struct sceau_dns_answer *answer,
                                          bool must_have)
{
	enum sceau_dnsbl_verdict worst = SCEAU_DNSBL_HEALTHY;

	for (size_t i = 0; i < answer->count; i++) {
		const unsigned char *address = sceau_dns_record_address(
			&answer->records[i], SCEAU_DNS_A);
		enum sceau_dnsbl_verdict verdict = judge(test->list, address,
		                                         must_have);

		if (verdict <= worst)
			continue;
		worst = verdict;
		if (address != NULL && verdict > sceau_dnsbl_test_verdict(test))
			memcpy(test->address, address, sizeof(test->address));
	}
	return worst;
}

static void answer(void *state, unsigned id,
                   const struct sceau_dns_answer *dns_answer)
{
	struct sceau_dnsbl_test *test = state;
	enum sceau_dnsbl_verdict verdict = SCEAU_DNSBL_HEALTHY;

	if (id >= test->asked || test->question[id].is_answered)
		return;
	switch (dns_answer->status) {
	case SCEAU_DNS_OK:
		verdict = judge_all(test, dns_answer,
		                    test->question[id].must_have);
		break;
	case SCEAU_DNS_NODATA:
	case SCEAU_DNS_NXDOMAIN:
		if (test->question[id].must_have)
			verdict = SCEAU_DNSBL_EMPTY;
		break;
	case SCEAU_DNS_SERVFAIL:
	case SCEAU_DNS_TIMEOUT:
		verdict = SCEAU_DNSBL_UNREACHABLE;
		break;
	}
	test->question[id].verdict = verdict;
	test->question[id].is_answered = true;
}

const struct sceau_dns_decider sceau_dnsbl_test_decider = {
	.ask = ask,
	.answer = answer,
};

enum sceau_dnsbl_verdict
sceau_dnsbl_test_verdict(const struct sceau_dnsbl_test *test)
{
	enum sceau_dnsbl_verdict worst = SCEAU_DNSBL_HEALTHY;

	for (size_t i = 0; i < test->questions; i++) {
		if (test->question[i].is_answered &&
		    test->question[i].verdict > worst)
			worst = test->question[i].verdict;
	}
	return worst;
}

void sceau_dnsbl_test_print(const struct sceau_dnsbl_test *test,
                            char out[SCEAU_DNSBL_TEST_TEXT_SIZE])
{
	const unsigned char *a = test->address;
	const char *name = test->list->name;
	size_t size = SCEAU_DNSBL_TEST_TEXT_SIZE;

	switch (sceau_dnsbl_test_verdict(test)) {
	case SCEAU_DNSBL_HEALTHY:
		snprintf(out, size, "%s answers as it should", name);
		break;
	case SCEAU_DNSBL_EMPTY:
		snprintf(out, size,
		         "%s does not list 127.0.0.2, which every list has: "
		         "it is gone, or is no list of addresses",
		         name);
		break;
	case SCEAU_DNSBL_UNREACHABLE:
		snprintf(out, size, "%s does not answer", name);
		break;
	case SCEAU_DNSBL_REFUSES:
		snprintf(out, size,
		         "%s does not serve us (%u.%u.%u.%u): it wants a "
		         "resolver of your own, or a registration",
		         name, a[0], a[1], a[2], a[3]);
		break;
	case SCEAU_DNSBL_LISTS_ALL:
		snprintf(out, size,
		         "%s lists what no list may have (%u.%u.%u.%u): it is "
		         "dead and answers for everything",
		         name, a[0], a[1], a[2], a[3]);
		break;
	}
}
