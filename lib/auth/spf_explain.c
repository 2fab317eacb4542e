/* spf_explain.c - the explanation of a fail (RFC 7208 6.2)
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/spf_state.h"

void sceau_spf_explain(struct sceau_spf *spf)
{
	const struct sceau_spf_frame *frame = sceau_spf_top(spf);
	char name[SCEAU_SPF_DOMAIN_MAX + 1];

	if (!spf->has_text) {
		enum sceau_spf_step step = sceau_spf_target(
			spf, frame->domain, &frame->modifiers.exp, name);

		if (step == SCEAU_SPF_YES)
			sceau_spf_open(spf, SCEAU_SPF_ASKING_EXPLANATION, name,
			               false, SCEAU_DNS_TXT);
		else if (step == SCEAU_SPF_NO)
			sceau_spf_end(spf, SCEAU_SPF_FAIL);
		return;
	}
	struct sceau_slice text = { spf->text.data, spf->text.used };
	if (sceau_spf_macro_uses(text, "p") &&
	    sceau_spf_find_name(spf, frame->domain) == SCEAU_SPF_WAIT)
		return;
	struct sceau_spf_macro_values values = sceau_spf_values(spf,
	                                                        frame->domain);
	sceau_spf_end(spf, SCEAU_SPF_FAIL);
	sceau_spf_macro_explanation(text, &values, spf->result.explanation);
}

void sceau_spf_answer_explanation(struct sceau_spf *spf,
                                  const struct sceau_dns_answer *answer)
{
	/* Two records or none are as good as no modifier. */
	if (answer->status == SCEAU_DNS_OK && answer->count == 1 &&
	    !answer->is_cut &&
	    sceau_dns_record_text(&answer->records[0], &spf->text, NULL) == 0)
		spf->has_text = true;
	else
		sceau_spf_end(spf, SCEAU_SPF_FAIL);
}
