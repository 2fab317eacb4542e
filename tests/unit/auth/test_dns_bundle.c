/* test_dns_bundle.c - each answer goes to the member that asked
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "auth/dns_bundle.h"

/* Asks for `wanted` names at once, counts what it is told. */
struct asker {
	unsigned wanted, asked, answered;
	unsigned sum; /* of the ids answered */
	char name[32];
};

static int asker_ask(void *state, struct sceau_dns_question *question_r)
{
	struct asker *asker = state;

	if (asker->asked == asker->wanted)
		return 0;
	asker->asked++;
	question_r->name = asker->name;
	question_r->type = SCEAU_DNS_TXT;
	question_r->id = 1000 + asker->asked;
	return 1;
}

static void asker_answer(void *state, unsigned id,
                         const struct sceau_dns_answer *answer)
{
	struct asker *asker = state;

	assert_string_equal(answer->name, asker->name);
	asker->answered++;
	asker->sum += id;
}

static const struct sceau_dns_decider asker_decider = {
	.ask = asker_ask,
	.answer = asker_answer,
};

static void test_members(void **state)
{
	struct asker askers[SCEAU_DNS_BUNDLE_MAX];
	struct sceau_dns_bundle bundle;
	struct sceau_dns_question open[200];
	size_t used = 0, total = 0;

	(void)state;
	sceau_dns_bundle_init(&bundle);
	for (unsigned i = 0; i < SCEAU_DNS_BUNDLE_MAX; i++) {
		askers[i] = (struct asker){ .wanted = i * 5 };
		(void)snprintf(askers[i].name, sizeof(askers[i].name),
		               "n%u.example", i);
		sceau_dns_bundle_add(&bundle, &asker_decider, &askers[i]);
	}
	/* fill it, answer from the middle, fill again: 140 in all */
	for (;;) {
		while (sceau_dns_bundle_decider.ask(&bundle, &open[used]) == 1)
			used++;
		if (used == 0)
			break;
		assert_true(used <= SCEAU_DNS_BUNDLE_OPEN_MAX);
		size_t at = used / 2;
		struct sceau_dns_answer answer = { .name = open[at].name };
		sceau_dns_bundle_decider.answer(&bundle, open[at].id, &answer);
		/* once is enough */
		sceau_dns_bundle_decider.answer(&bundle, open[at].id, &answer);
		open[at] = open[--used];
		total++;
	}
	assert_int_equal(total, 5 * 28);
	for (unsigned i = 0; i < SCEAU_DNS_BUNDLE_MAX; i++) {
		unsigned n = i * 5;

		assert_int_equal(askers[i].answered, n);
		assert_int_equal(askers[i].sum, 1000 * n + n * (n + 1) / 2);
	}
}

static void test_strangers(void **state)
{
	struct sceau_dns_bundle bundle;
	struct sceau_dns_question question;
	const struct sceau_dns_answer answer = { .name = "x" };

	(void)state;
	sceau_dns_bundle_init(&bundle);
	assert_int_equal(sceau_dns_bundle_decider.ask(&bundle, &question), 0);
	sceau_dns_bundle_decider.answer(&bundle, 0, &answer);
	sceau_dns_bundle_decider.answer(&bundle, 12345, &answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
