/* dmarc_verdict.c - names of dmarc.h's results, and one verdict out of many
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/dmarc.h"

#include <string.h>

static enum sceau_dmarc_reason reason_of(enum sceau_dmarc_author_status status)
{
	switch (status) {
	case SCEAU_DMARC_AUTHOR_ONE:
	case SCEAU_DMARC_AUTHOR_ODD:
		break;
	case SCEAU_DMARC_AUTHOR_NO_FROM:
		return SCEAU_DMARC_REASON_NO_FROM;
	case SCEAU_DMARC_AUTHOR_MANY_FROM:
		return SCEAU_DMARC_REASON_MANY_FROM;
	case SCEAU_DMARC_AUTHOR_MANY:
		return SCEAU_DMARC_REASON_MANY_AUTHORS;
	}
	return SCEAU_DMARC_REASON_ODD_FROM;
}

void sceau_dmarc_combine(const struct sceau_dmarc_authors *authors,
                         const struct sceau_dmarc_verdict *const *verdicts,
                         size_t count, struct sceau_dmarc_verdict *verdict_r)
{
	const struct sceau_dmarc_verdict *strictest = NULL;

	for (size_t i = 0; i < count; i++) {
		if (strictest == NULL ||
		    verdicts[i]->disposition > strictest->disposition)
			strictest = verdicts[i];
	}
	if (strictest != NULL)
		*verdict_r = *strictest;
	else
		memset(verdict_r, 0, sizeof(*verdict_r));
	verdict_r->result = SCEAU_DMARC_RESULT_PERMERROR;
	verdict_r->reason = reason_of(authors->status);
}

const char *sceau_dmarc_result_name(enum sceau_dmarc_result result)
{
	switch (result) {
	case SCEAU_DMARC_RESULT_NONE:
		return "none";
	case SCEAU_DMARC_RESULT_PASS:
		return "pass";
	case SCEAU_DMARC_RESULT_FAIL:
		return "fail";
	case SCEAU_DMARC_RESULT_TEMPERROR:
		return "temperror";
	case SCEAU_DMARC_RESULT_PERMERROR:
		break;
	}
	return "permerror";
}

const char *sceau_dmarc_reason_name(enum sceau_dmarc_reason reason)
{
	switch (reason) {
	case SCEAU_DMARC_REASON_NOTHING:
		return "";
	case SCEAU_DMARC_REASON_NO_RECORD:
		return "no-record";
	case SCEAU_DMARC_REASON_NO_POLICY:
		return "no-policy";
	case SCEAU_DMARC_REASON_BAD_POLICY:
		return "bad-policy";
	case SCEAU_DMARC_REASON_DNS:
		return "dns";
	case SCEAU_DMARC_REASON_AUTHENTICATION:
		return "authentication";
	case SCEAU_DMARC_REASON_BAD_DOMAIN:
		return "bad-domain";
	case SCEAU_DMARC_REASON_NO_FROM:
		return "no-from";
	case SCEAU_DMARC_REASON_MANY_FROM:
		return "many-from";
	case SCEAU_DMARC_REASON_MANY_AUTHORS:
		return "many-authors";
	case SCEAU_DMARC_REASON_ODD_FROM:
		break;
	}
	return "odd-from";
}
