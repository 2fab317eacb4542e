/* received_hide.h - a Received field of this host without its client.
 *
 * Where mail comes back from a content filter, a milter is shown the Received
 * field that Postfix wrote for the submission: HELO, name, address and login
 * of whoever wrote the mail. What is left of it is this host, the protocol,
 * the queue id and the date, so that the hop still counts for loop detection
 * and can be found in the log. The form is that of RFC 5321 4.4, and
 * received.h judges it as it judged the original.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_RECEIVED_HIDE_H
#define SCEAU_RECEIVED_HIDE_H

#include "base/buf.h"
#include "base/text.h"

enum sceau_received_hide_verdict {
	/* It tells of no client: content filters, sessions that are hidden */
	SCEAU_RECEIVED_HIDE_SAME,
	/* out has the value that takes its place */
	SCEAU_RECEIVED_HIDE_NEW,
	/* Not this host's, or of a form that cannot be rewritten */
	SCEAU_RECEIVED_HIDE_DELETE,
};

/* What is to be done with the value of a Received field on host (as for
   sceau_received_judge). For NEW the new value, which begins with a blank and
   is folded by LF + TAB, is appended to out; when out has failed for lack of
   memory or room the verdict is worth nothing. Untouched otherwise. */
enum sceau_received_hide_verdict sceau_received_hide(struct sceau_slice value,
                                                     struct sceau_slice host,
                                                     struct sceau_buf *out);

#endif
