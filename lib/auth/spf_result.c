/* spf_result.c - see spf_result.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/spf_result.h"

static const struct {
	enum sceau_spf_code code;
	const char *name;
} names[] = {
	{ SCEAU_SPF_NONE, "none" },
	{ SCEAU_SPF_NEUTRAL, "neutral" },
	{ SCEAU_SPF_PASS, "pass" },
	{ SCEAU_SPF_FAIL, "fail" },
	{ SCEAU_SPF_SOFTFAIL, "softfail" },
	{ SCEAU_SPF_TEMPERROR, "temperror" },
	{ SCEAU_SPF_PERMERROR, "permerror" },
};

#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

const char *sceau_spf_code_name(enum sceau_spf_code code)
{
	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (names[i].code == code)
			return names[i].name;
	}
	return "unknown";
}

int sceau_spf_code_parse(struct sceau_slice word, enum sceau_spf_code *code_r)
{
	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (sceau_slice_is(word, names[i].name)) {
			*code_r = names[i].code;
			return 0;
		}
	}
	return -1;
}
