/* verdict.h - what is answered at the end of a mail, and the words of it.
 *
 * Free of libmilter: the roles fill it, callbacks.c sends it when all edits
 * have been sent.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_VERDICT_H
#define SCEAU_MILTER_VERDICT_H

/* One reply line (RFC 5321 4.5.3.1.5), and libmilter's own bound is 980. */
#define SCEAU_VERDICT_TEXT_SIZE 500

enum sceau_verdict_kind {
	SCEAU_VERDICT_CONTINUE = 0, /* the mail passes, with its edits */
	SCEAU_VERDICT_HOLD, /* likewise, into Postfix's hold queue */
	SCEAU_VERDICT_TEMPFAIL, /* 4xx; no edit is sent */
	SCEAU_VERDICT_REJECT, /* 5xx; no edit is sent */
};

struct sceau_verdict {
	enum sceau_verdict_kind kind;
	const char *code; /* "550", "451"; a literal */
	const char *status; /* "5.7.1", ...; a literal */
	/* Printable ASCII; for HOLD the reason in Postfix's log. */
	char text[SCEAU_VERDICT_TEXT_SIZE];
};

/* Set all of it, the text printf-style: what is no printable ASCII becomes
   '?', what is too long is cut. */
void sceau_verdict_set(struct sceau_verdict *verdict,
                       enum sceau_verdict_kind kind, const char *code,
                       const char *status, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Write the text as smfi_setreply wants it, each '%' doubled, to out. */
void sceau_verdict_escape(const struct sceau_verdict *verdict,
                          char out[2 * SCEAU_VERDICT_TEXT_SIZE]);

#endif
