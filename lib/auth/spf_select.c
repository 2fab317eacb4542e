/* spf_select.c - which TXT record is the SPF record (RFC 7208 4.4, 4.5)
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "auth/spf_state.h"

static void end_none(struct sceau_spf *spf, const char *reason)
{
	snprintf(spf->result.reason, sizeof(spf->result.reason), "%s", reason);
	sceau_spf_end(spf, SCEAU_SPF_NONE);
}

/* Of the TXT records of an answer take the one that is of SPF to
   frame->record. Returns how many there are, or -1: memory ran out. */
static int select_record(struct sceau_spf_frame *frame,
                         const struct sceau_dns_answer *answer)
{
	struct sceau_buf text;
	int count = 0;

	sceau_buf_init(&text, SCEAU_SPF_RECORD_MAX);
	for (size_t i = 0; i < answer->count && count >= 0; i++) {
		sceau_buf_clear(&text);
		if (sceau_dns_record_text(&answer->records[i], &text, NULL) <
		    0) {
			/* a malformed one is nobody's */
			if (text.failed)
				count = -1;
			continue;
		}
		struct sceau_slice slice = { text.data, text.used };
		if (slice.len == 0 || !sceau_spf_record_is(slice))
			continue;
		if (count++ == 0 &&
		    sceau_buf_append(&frame->record, text.data, text.used) < 0)
			count = -1;
	}
	sceau_buf_deinit(&text);
	return count;
}

/* RFC 7208 4.6: a syntax error anywhere in the record is found first. */
static void read_record(struct sceau_spf *spf, struct sceau_spf_frame *frame)
{
	struct sceau_slice record = { frame->record.data, frame->record.used };
	struct sceau_slice broken;
	struct sceau_err err;

	if (sceau_spf_record_check(record, &frame->modifiers, &broken, &err) ==
	    0) {
		frame->rest = sceau_spf_record_terms(record);
		return;
	}
	sceau_spf_end_error(spf, SCEAU_SPF_PERMERROR, "record of %s: %s",
	                    frame->domain, err.text);
	sceau_spf_put_term(spf, broken);
}

void sceau_spf_answer_record(struct sceau_spf *spf,
                             const struct sceau_dns_answer *answer)
{
	struct sceau_spf_frame *frame = sceau_spf_top(spf);

	sceau_buf_clear(&frame->record);
	if (sceau_spf_is_failure(answer->status)) {
		sceau_spf_end_unanswered(spf, answer);
		return;
	}
	int count = select_record(frame, answer);
	if (count < 0)
		sceau_spf_end_error(spf, SCEAU_SPF_TEMPERROR, "out of memory");
	else if (count > 1 || answer->is_cut)
		sceau_spf_end_error(spf, SCEAU_SPF_PERMERROR,
		                    "%s has more than %s", frame->domain,
		                    count > 1 ? "one SPF record"
		                              : "128 TXT records");
	else if (count == 1)
		read_record(spf, frame);
	else if (!frame->is_start)
		/* RFC 7208 5.2 and 6.1 */
		sceau_spf_end_error(spf, SCEAU_SPF_PERMERROR,
		                    "%s has no SPF record", frame->domain);
	else
		end_none(spf, answer->status == SCEAU_DNS_NXDOMAIN
		                      ? "the domain does not exist"
		                      : "no SPF record");
}
