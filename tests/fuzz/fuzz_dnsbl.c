/* fuzz_dnsbl.c - a check and a self-test, whatever the lists say
 *
 * Each byte of the input steers: which question is answered, how, and with
 * which addresses. Properties: the machines end; the score is the sum of the
 * lists that are listed; nothing that is no answer is counted.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdbool.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "policy/dnsbl.h"
#include "policy/dnsbl_test.h"

struct input {
	const uint8_t *data;
	size_t len;
};

static uint8_t take(struct input *in)
{
	if (in->len == 0)
		return 0;
	in->len--;
	return *in->data++;
}

static void make_answer(struct input *in, struct sceau_dns_answer *answer,
                        unsigned char bytes[16][4])
{
	memset(answer, 0, sizeof(*answer));
	answer->status = (enum sceau_dns_status)(take(in) % 5);
	if (answer->status != SCEAU_DNS_OK)
		return;
	answer->count = 1 + take(in) % 15;
	answer->is_cut = take(in) == 1;
	for (size_t i = 0; i < answer->count; i++) {
		uint8_t kind = take(in);

		for (size_t j = 0; j < 4; j++)
			bytes[i][j] = kind % 2 == 0 ? (j == 0 ? 127 : 0)
			                            : take(in);
		if (kind % 2 == 0)
			bytes[i][3] = kind / 2;
		answer->records[i].data = bytes[i];
		answer->records[i].len = kind == 255 ? 3 : 4;
	}
}

static void drive(const struct sceau_dns_decider *decider, void *state,
                  struct input *in)
{
	struct sceau_dns_question question;
	unsigned open[SCEAU_DNSBL_LISTS_MAX];
	size_t count = 0, asked = 0;

	while (decider->ask(state, &question) == 1) {
		REQUIRE(sceau_dns_name_is_valid(question.name));
		REQUIRE(++asked <= SCEAU_DNSBL_LISTS_MAX);
		open[count++] = question.id;
	}
	while (count > 0) {
		size_t which = take(in) % count;
		struct sceau_dns_answer answer;
		unsigned char bytes[16][4];

		make_answer(in, &answer, bytes);
		decider->answer(state, open[which], &answer);
		open[which] = open[--count];
	}
	REQUIRE(decider->ask(state, &question) == 0);
}

static void check_results(const struct sceau_dnsbl_check *check)
{
	char text[SCEAU_DNSBL_RESULT_SIZE];
	int score = 0;

	for (size_t i = 0; i < check->lists->count; i++) {
		const struct sceau_dnsbl_result *result = &check->result[i];

		REQUIRE(result->outcome != SCEAU_DNSBL_OPEN);
		sceau_dnsbl_check_print(check, i, text);
		if (result->outcome != SCEAU_DNSBL_LISTED)
			continue;
		score += check->lists->list[i].weight;
		REQUIRE(result->address[0] == 127);
		REQUIRE(sceau_dnsbl_list_code(&check->lists->list[i],
		                              result->address) ==
		        SCEAU_DNSBL_CODE_LISTED);
	}
	REQUIRE(sceau_dnsbl_check_score(check) == score);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const texts[] = {
		"sbl:zen.test=127.0.0.[2..3]*5", "pbl:zen.test=127.0.0.10*2",
		"wl.test=127.0.5.[1..3]*-2",     "bl.test",
		"dbl.test=127.0.1.2*4",
	};
	struct input in = { data, size };
	struct sceau_ip ip = { .len = 4, .bytes = { 192, 0, 2, 7 } };
	struct sceau_dnsbl_lists lists = { .count = 0 };
	struct sceau_dnsbl_check check;
	struct sceau_dnsbl_test test;
	char name[300] = "", text[SCEAU_DNSBL_TEST_TEXT_SIZE];
	struct sceau_dnsbl_query query = { .client = &ip,
		                           .name = { NULL, name, name, name } };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		REQUIRE(sceau_dnsbl_lists_add(&lists,
		                              i < 4 ? SCEAU_DNSBL_CLIENT
		                                    : SCEAU_DNSBL_HELO,
		                              texts[i], NULL, NULL) == 0);
	query.off = take(&in);
	ip.len = take(&in) % 2 == 0 ? 4 : 16;
	for (size_t i = 0, len = take(&in); i < len; i++)
		name[i] = (char)take(&in);
	sceau_dnsbl_check_init(&check, &lists, &query);
	drive(&sceau_dnsbl_decider, &check, &in);
	check_results(&check);
	sceau_dnsbl_test_init(&test, &lists.list[take(&in) % lists.count]);
	drive(&sceau_dnsbl_test_decider, &test, &in);
	(void)sceau_dnsbl_test_verdict(&test);
	sceau_dnsbl_test_print(&test, text);
	return 0;
}
