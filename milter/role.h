/* role.h - what tells the two roles of sceau-milter apart.
 *
 * mx serves the port that strangers reach and never signs: nothing of it
 * leads to a key. sign serves submission and sendmail(1).
 *
 * The functions decide and mark edits on the view of the header; who calls
 * them sends the edits and the verdict. They run on libmilter's threads.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_ROLE_H
#define SCEAU_MILTER_ROLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "daemon/log.h"
#include "session.h"

/* What happened since the start, for {"do":"stats"}. */
struct sceau_milter_counters {
	atomic_ulong connections;
	atomic_ulong mails; /* that came to their end */
	atomic_ulong signed_mails;
	atomic_ulong unsigned_mails;
	atomic_ulong cleaned_mails; /* with at least one edit by cleanup */
	atomic_ulong stripped_fields; /* forged Authentication-Results */
	atomic_ulong rejected_mails;
	atomic_ulong deferred_mails; /* for want of an answer from DNS */
	atomic_ulong quarantined_mails; /* marked or put on hold */
	atomic_ulong late_mails; /* with a temperror among their results */
	atomic_ulong failures; /* internal errors */
	atomic_ulong reloads;
};

struct sceau_role {
	const char *name; /* "mx", "sign" */

	/* Make the rules of this role; as sceau_rules_new_.... */
	int (*load)(struct sceau_settings *settings,
	            struct sceau_rules **rules_r, struct sceau_err *err);
	/* MAIL: a mail begins, whose sender is the argument of MAIL FROM. NULL
	   when the role does nothing then. Returns as end_header. */
	int (*begin)(struct sceau_session *session, const char *sender,
	             struct sceau_err *err);
	/* The header is complete: decide and mark edits. Returns 0, or -1 when
	   the mail cannot be decided on. */
	int (*end_header)(struct sceau_session *session, struct sceau_err *err);
	/* The next bytes of the body; NULL when the role needs none. Returns
	   as end_header. */
	int (*body)(struct sceau_session *session, const void *data, size_t len,
	            struct sceau_err *err);
	/* The mail is complete: mark the last edits, set the verdict, count,
	   and add what was decided to line, in which client and sender follow.
	   May wait for DNS. Returns as end_header. */
	int (*end_mail)(struct sceau_session *session,
	                struct sceau_milter_counters *counters,
	                struct sceau_log_line *line, struct sceau_err *err);
	/* What the settings say of an internal error: accept or tempfail. */
	bool (*accepts_on_error)(const struct sceau_conf_milter *conf);
	/* Its socket's setting, and the key that names it. */
	const char *(*socket)(const struct sceau_conf_milter *conf);
	const char *socket_key;
};

extern const struct sceau_role sceau_role_mx;
extern const struct sceau_role sceau_role_sign;

#endif
