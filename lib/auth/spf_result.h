/* spf_result.h - what an SPF check came to (RFC 7208 2.6), whichever engine.
 *
 * All texts are printable ASCII without line ends; mechanism and explanation
 * are a stranger's words and hold any printable character.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_SPF_RESULT_H
#define SCEAU_SPF_RESULT_H

#include <stddef.h>

#include "base/text.h"

/* A domain of up to 253 characters (RFC 7208 7.3). */
#define SCEAU_SPF_DOMAIN_MAX 253
/* What is kept of the term that decided. */
#define SCEAU_SPF_MECHANISM_MAX 255
/* An explanation is one line of an SMTP reply (RFC 5321 4.5.3.1.5). */
#define SCEAU_SPF_EXPLANATION_MAX 450
/* Why it is an error, for log lines. */
#define SCEAU_SPF_REASON_MAX 399

/* Words of RFC 7208 2.6. */
enum sceau_spf_code {
	SCEAU_SPF_NONE, /* no policy, or no domain that could have one */
	SCEAU_SPF_NEUTRAL, /* the domain says nothing about this client */
	SCEAU_SPF_PASS, /* the client may use the domain */
	SCEAU_SPF_FAIL, /* it may not */
	SCEAU_SPF_SOFTFAIL, /* it probably may not */
	SCEAU_SPF_TEMPERROR, /* DNS failed; another time it may work */
	SCEAU_SPF_PERMERROR, /* the policy cannot be read as it is */
};

/* One outcome. */
struct sceau_spf_result {
	enum sceau_spf_code code;
	/* The domain that was checked, A-labels in lower case; "" when there
	   was none that could be (then code is NONE). */
	char domain[SCEAU_SPF_DOMAIN_MAX + 1];
	/* The term that decided, as published, cut; "" when none did (no
	   record, the end of a record, an error in DNS or in a limit between
	   terms), and the domain whose record holds it: after a redirect
	   another one than domain. */
	char mechanism[SCEAU_SPF_MECHANISM_MAX + 1];
	char record_domain[SCEAU_SPF_DOMAIN_MAX + 1];
	/* Why mail of this client fails, in the domain owner's words; "" when
	   code is not FAIL or it gives no (sound) explanation. */
	char explanation[SCEAU_SPF_EXPLANATION_MAX + 1];
	/* What went wrong when code is TEMPERROR or PERMERROR, or why there
	   was nothing to check when it is NONE; else "". */
	char reason[SCEAU_SPF_REASON_MAX + 1];
	unsigned questions; /* asked of DNS */
	unsigned terms; /* of those that count, at most 10 */
	unsigned voids; /* of those, answered with nothing, at most 2 */
};

/* The word of RFC 7208 for code: "pass", "softfail", ... Never NULL. */
const char *sceau_spf_code_name(enum sceau_spf_code code);

/* Read such a word. Returns 0, or -1 (code_r untouched) for any other. */
int sceau_spf_code_parse(struct sceau_slice word, enum sceau_spf_code *code_r);

#endif
