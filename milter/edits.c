/* edits.c - send the edits of a header view to the MTA
 *
 * SPDX-License-Identifier: MIT
 */
#include "edits.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

struct sending {
	SMFICTX *ctx;
	bool has_leading_space;
	bool has_begun;
};

/* libmilter's prototypes lack const; it does not write. */
static char *text(const char *value)
{
	return (char *)(uintptr_t)value;
}

static int send_edit(void *ctx, const struct sceau_header_edit *edit,
                     struct sceau_err *err)
{
	struct sending *sending = ctx;
	const char *value = edit->value;
	int ret = MI_FAILURE;

	/* the MTA will put back the blank that it eats when reading */
	if (!sending->has_leading_space && value != NULL && *value == ' ')
		value++;
	sending->has_begun = true;
	switch (edit->kind) {
	case SCEAU_HEADER_EDIT_DELETE:
	case SCEAU_HEADER_EDIT_CHANGE:
		if (edit->nth <= INT_MAX)
			ret = smfi_chgheader(sending->ctx, text(edit->name),
			                     (int)edit->nth, text(value));
		break;
	case SCEAU_HEADER_EDIT_INSERT:
		/* 1: below the MTA's own Received, which has index 0 */
		ret = smfi_insheader(sending->ctx, 1, text(edit->name),
		                     text(value));
		break;
	case SCEAU_HEADER_EDIT_APPEND:
		ret = smfi_addheader(sending->ctx, text(edit->name),
		                     text(value));
		break;
	}
	if (ret != MI_SUCCESS)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "the edit of header field %s failed",
		                  edit->name);
	return 0;
}

static int count_edit(void *ctx, const struct sceau_header_edit *edit,
                      struct sceau_err *err)
{
	size_t *count = ctx;

	(void)edit;
	if (++*count > SCEAU_EDITS_MAX)
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "the header would need more than %d edits",
		                  SCEAU_EDITS_MAX);
	return 0;
}

int sceau_edits_send(SMFICTX *ctx, const struct sceau_session *session,
                     bool *begun_r, struct sceau_err *err)
{
	struct sending sending = {
		.ctx = ctx,
		.has_leading_space = session->has_leading_space,
	};
	const struct sceau_header *header = &session->mail.header;
	size_t count = 0;
	int ret = sceau_header_list_edits(header, count_edit, &count, err);

	if (ret == 0)
		ret = sceau_header_list_edits(header, send_edit, &sending, err);
	*begun_r = sending.has_begun;
	return ret;
}
