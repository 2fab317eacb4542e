/* fuzz_greylist_record.c - records from a file that may be damaged
 *
 * Properties: decode then encode is identity; whatever a record says, an
 * attempt waits at most the delay, and coming back after it passes.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "policy/greylist.h"

static const struct sceau_greylist_rules rules = {
	.delay_s = 60,
	.retry_window_s = 172800,
	.lifetime_s = 3000000,
	.learned_s = 15000000,
	.client_passes = 5,
};

static void keep(const struct sceau_greylist_decision *decision,
                 struct sceau_greylist_known *known)
{
	unsigned char bytes[SCEAU_GREYLIST_RECORD_MAX];

	if (!decision->keeps_attempt)
		return;
	known->has_attempt = true;
	known->attempt = decision->known.attempt;
	REQUIRE(sceau_greylist_record_encode(&known->attempt, bytes) <=
	        sizeof(bytes));
}

static void check_attempts(const struct sceau_greylist_record *record,
                           uint64_t now_s)
{
	struct sceau_greylist_known known = {
		.has_attempt = true,
		.has_client = true,
		.has_learned = true,
		.attempt = *record,
		.client = *record,
		.learned = *record,
	};
	struct sceau_greylist_decision decision;

	sceau_greylist_decide(&rules, &known, now_s, &decision);
	REQUIRE(decision.wait_s <= rules.delay_s);
	REQUIRE(decision.passes == (decision.wait_s == 0));
	keep(&decision, &known);
	if (now_s > UINT64_MAX - rules.delay_s)
		return;
	sceau_greylist_decide(&rules, &known, now_s + decision.wait_s,
	                      &decision);
	REQUIRE(decision.passes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t times[] = { 0, 5, 1767225600, UINT64_MAX - 100,
		                          UINT64_MAX };
	unsigned char bytes[SCEAU_GREYLIST_RECORD_MAX];
	struct sceau_greylist_record record;
	struct sceau_err err;

	if (sceau_greylist_record_decode(data, size, &record, &err) < 0)
		return 0;
	REQUIRE(sceau_greylist_record_encode(&record, bytes) == size);
	REQUIRE(memcmp(bytes, data, size) == 0);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		check_attempts(&record, times[i]);
	check_attempts(&record, record.first_s);
	check_attempts(&record, record.last_s);
	return 0;
}
