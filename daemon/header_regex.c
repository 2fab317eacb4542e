/* header_regex.c - see header_regex.h
 *
 * SPDX-License-Identifier: MIT
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "daemon/header_regex.h"

/* What an item costs beside the bytes it has passed, in bytes. */
#define ITEM_COST 16
/* An item like x{4000} that fails has passed bytes that no callout sees. */
#define SUBJECT_SHARE 64
#define NESTING_MAX 50
/* Backtracking at one place of the subject. */
#define MATCH_LIMIT 200000

struct sceau_header_regex {
	pcre2_code *code;
};

static int compile_regex(struct sceau_slice regex, bool ignores_case,
                         struct sceau_header_regex **regex_r,
                         unsigned *groups_r, struct sceau_err *err)
{
	uint32_t options = PCRE2_AUTO_CALLOUT | PCRE2_NEVER_UTF |
	                   PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C |
	                   (ignores_case ? PCRE2_CASELESS : 0);
	struct sceau_header_regex *made = calloc(1, sizeof(*made));
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	int ret = sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	PCRE2_SIZE at = 0;
	uint32_t groups = 0;
	int code = 0;

	if (made == NULL || context == NULL)
		goto out;
	pcre2_set_parens_nest_limit(context, NESTING_MAX);
	made->code = pcre2_compile((PCRE2_SPTR)regex.data, regex.len, options,
	                           &code, &at, context);
	if (made->code == NULL) {
		char text[160];

		pcre2_get_error_message(code, (PCRE2_UCHAR *)text,
		                        sizeof(text));
		sceau_fail(err, SCEAU_FAULT_CONFIG, "%s, at byte %zu", text,
		           at);
		goto out;
	}
	pcre2_pattern_info(made->code, PCRE2_INFO_CAPTURECOUNT, &groups);
	*groups_r = groups;
	*regex_r = made;
	made = NULL;
	ret = 0;
out:
	free(made);
	pcre2_compile_context_free(context);
	return ret;
}

struct spending {
	uint64_t left;
	size_t position; /* of the last callout */
};

static int on_item(pcre2_callout_block *block, void *ctx)
{
	struct spending *spending = ctx;
	size_t position = block->current_position;
	uint64_t cost = ITEM_COST + block->subject_length / SUBJECT_SHARE;

	if (position > spending->position)
		cost += position - spending->position;
	spending->position = position;
	if (cost >= spending->left) {
		spending->left = 0;
		return PCRE2_ERROR_CALLOUT;
	}
	spending->left -= cost;
	return 0;
}

/* Group i of a search that has found count of them. Look-around with \K can
   put the end of a find before its beginning. */
static struct sceau_slice group(struct sceau_slice subject,
                                const PCRE2_SIZE *bounds, int i, int count)
{
	struct sceau_slice none = { subject.data, 0 };

	if (i >= count || bounds[2 * i] == PCRE2_UNSET ||
	    bounds[2 * i + 1] > subject.len ||
	    bounds[2 * i] > bounds[2 * i + 1])
		return none;
	return (struct sceau_slice){ subject.data + bounds[2 * i],
		                     bounds[2 * i + 1] - bounds[2 * i] };
}

static int search(const struct sceau_header_regex *regex,
                  struct sceau_slice subject, pcre2_match_data *data,
                  pcre2_match_context *context,
                  struct sceau_slice groups_r[SCEAU_HEADER_RULE_GROUPS])
{
	int count = pcre2_match(regex->code, (PCRE2_SPTR)subject.data,
	                        subject.len, 0, 0, data, context);

	if (count < 0)
		return count == PCRE2_ERROR_NOMATCH ? 0 : -1;

	const PCRE2_SIZE *bounds = pcre2_get_ovector_pointer(data);
	if (bounds[0] > bounds[1])
		return -1;
	/* 0: there are more groups than room */
	if (count == 0)
		count = SCEAU_HEADER_RULE_GROUPS;
	for (int i = 0; i < SCEAU_HEADER_RULE_GROUPS; i++)
		groups_r[i] = group(subject, bounds, i, count);
	return 1;
}

static int match_regex(const struct sceau_header_regex *regex,
                       struct sceau_slice subject, uint64_t *work,
                       struct sceau_slice groups_r[SCEAU_HEADER_RULE_GROUPS])
{
	struct spending spending = { .left = *work };
	pcre2_match_data *data = pcre2_match_data_create(
		SCEAU_HEADER_RULE_GROUPS, NULL);
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	int ret = -1;

	/* what it takes to begin, with or without an item */
	uint64_t start = ITEM_COST + subject.len;
	spending.left = *work > start ? *work - start : 0;
	if (data != NULL && context != NULL && spending.left > 0) {
		pcre2_set_match_limit(context, MATCH_LIMIT);
		pcre2_set_heap_limit(context, SCEAU_HEADER_REGEX_HEAP_MAX);
		pcre2_set_callout(context, on_item, &spending);
		ret = search(regex, subject, data, context, groups_r);
	}
	*work = spending.left;
	pcre2_match_context_free(context);
	pcre2_match_data_free(data);
	return ret;
}

static void free_regex(struct sceau_header_regex **regex)
{
	if (*regex != NULL)
		pcre2_code_free((*regex)->code);
	free(*regex);
	*regex = NULL;
}

const struct sceau_header_regex_engine sceau_header_regex_pcre2 = {
	.compile = compile_regex,
	.match = match_regex,
	.free = free_regex,
};
