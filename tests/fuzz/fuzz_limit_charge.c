/* fuzz_limit_charge.c - two accounts never share a bucket by odd bytes
 *
 * The input is two values, split at the first newline: each is the login of a
 * request. Their state keys are equal only if the logins are, apart from case
 * and from what is beyond the bound; keys are printable and bounded.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "policy/limit_charge.h"

static const struct sceau_limit_rule rule = { .name = "r" };

static bool make_key(const uint8_t *value, size_t len,
                     struct sceau_limit_subject *subject,
                     struct sceau_limit_charge *charge)
{
	static struct sceau_policy_request req;
	struct sceau_err err;
	size_t used;

	sceau_policy_request_init(&req);
	if (sceau_policy_request_feed(&req, "sasl_username=", 14, &used, &err) <
	            0 ||
	    sceau_policy_request_feed(&req, (const char *)value, len, &used,
	                              &err) < 0 ||
	    sceau_policy_request_feed(&req, "\n\n", 2, &used, &err) < 0)
		return false;
	sceau_limit_subject_init(subject, &req);
	return sceau_limit_charge_make(&rule, subject, charge);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *lf = size > 0 ? memchr(data, '\n', size) : NULL;
	struct sceau_limit_subject a, b;
	struct sceau_limit_charge key_a, key_b;

	if (lf == NULL ||
	    memchr(lf + 1, '\n', (size_t)(data + size - lf) - 1) != NULL)
		return 0;
	if (!make_key(data, (size_t)(lf - data), &a, &key_a) ||
	    !make_key(lf + 1, (size_t)(data + size - lf) - 1, &b, &key_b))
		return 0;
	must(strlen(key_a.key) < SCEAU_LIMIT_STATE_KEY_SIZE, "bounded");
	for (const char *c = key_a.key; *c != '\0'; c++)
		must(*c > 0x20 && *c < 0x7f, "printable");
	/* Escapes are three bytes: what stays below this was not cut. */
	if (strlen(a.account) < 150 && strlen(b.account) < 150)
		must((strcmp(key_a.key, key_b.key) == 0) ==
		             (strcmp(a.account, b.account) == 0),
		     "one key, one account");
	return 0;
}
