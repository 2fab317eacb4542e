/* dns_bundle.c - see dns_bundle.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/dns_bundle.h"

#include <assert.h>
#include <string.h>

void sceau_dns_bundle_init(struct sceau_dns_bundle *bundle)
{
	memset(bundle, 0, sizeof(*bundle));
}

void sceau_dns_bundle_add(struct sceau_dns_bundle *bundle,
                          const struct sceau_dns_decider *decider, void *state)
{
	assert(bundle->count < SCEAU_DNS_BUNDLE_MAX);
	bundle->members[bundle->count].decider = decider;
	bundle->members[bundle->count++].state = state;
}

static size_t free_place(const struct sceau_dns_bundle *bundle)
{
	size_t place = 0;

	while (place < SCEAU_DNS_BUNDLE_OPEN_MAX && bundle->open[place].is_open)
		place++;
	return place;
}

static int ask(void *state, struct sceau_dns_question *question_r)
{
	struct sceau_dns_bundle *bundle = state;
	size_t place = free_place(bundle);

	if (place == SCEAU_DNS_BUNDLE_OPEN_MAX)
		return 0;
	for (size_t i = 0; i < bundle->count; i++) {
		struct sceau_dns_question question;

		if (bundle->members[i].decider->ask(bundle->members[i].state,
		                                    &question) != 1)
			continue;
		bundle->open[place].is_open = true;
		bundle->open[place].member = i;
		bundle->open[place].id = question.id;
		*question_r = question;
		question_r->id = (unsigned)place;
		return 1;
	}
	return 0;
}

static void answer(void *state, unsigned id,
                   const struct sceau_dns_answer *answer)
{
	struct sceau_dns_bundle *bundle = state;

	if (id >= SCEAU_DNS_BUNDLE_OPEN_MAX || !bundle->open[id].is_open)
		return;
	bundle->open[id].is_open = false;

	size_t member = bundle->open[id].member;
	bundle->members[member].decider->answer(bundle->members[member].state,
	                                        bundle->open[id].id, answer);
}

const struct sceau_dns_decider sceau_dns_bundle_decider = {
	.ask = ask,
	.answer = answer,
};
