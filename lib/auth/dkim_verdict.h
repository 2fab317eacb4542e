/* dkim_verdict.h - what became of one DKIM signature of a mail.
 *
 * The words are those of RFC 8601 2.7.1; which failure gets which word is said
 * at each value. Only PASS ties the mail to a domain: nothing else may count
 * for DMARC (RFC 9989) or a whitelist.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DKIM_VERDICT_H
#define SCEAU_DKIM_VERDICT_H

#include <stdbool.h>

/* A domain, selector or identity with its NUL. */
#define SCEAU_DKIM_NAME_SIZE 256
/* The first characters of b= that tell signatures apart (RFC 6008 4). */
#define SCEAU_DKIM_B_SIZE 9

enum sceau_dkim_result {
	SCEAU_DKIM_PASS,
	/* The text or the header is not what was signed. */
	SCEAU_DKIM_FAIL,
	/* It cannot count for us, whether it verifies or not: l=, SHA-1, a key
	   under 1024 bits, expired, from the future, a second From. */
	SCEAU_DKIM_POLICY,
	/* It cannot be read, or asks for what no standard describes. */
	SCEAU_DKIM_NEUTRAL,
	/* DNS gave no answer; another time it may. */
	SCEAU_DKIM_TEMPERROR,
	/* There is no key for it, or one that cannot be used; From is not
	   signed. */
	SCEAU_DKIM_PERMERROR,
};

/* One signature. Texts come from the mail but are safe to print and to log:
   ASCII 33 to 126 without ';', '"' and '\', else empty. */
struct sceau_dkim_verdict {
	enum sceau_dkim_result result;
	/* Why, in a few words of ours; never NULL, "" for a plain pass. */
	const char *reason;
	char domain[SCEAU_DKIM_NAME_SIZE]; /* d=, lower case, A-labels */
	char selector[SCEAU_DKIM_NAME_SIZE]; /* s=, likewise */
	char identity[SCEAU_DKIM_NAME_SIZE]; /* i=, "@" and d= when absent */
	char algorithm[24]; /* a= */
	char b[SCEAU_DKIM_B_SIZE];
	unsigned key_bits; /* of an RSA key; 0: Ed25519 or no key */
	bool is_testing; /* the key says t=y: a failure means nothing */
	bool is_secure; /* the key's record was validated by DNSSEC */
};

/* The word of RFC 8601: "pass", "fail", "policy", ... Never NULL. */
const char *sceau_dkim_result_name(enum sceau_dkim_result result);

#endif
