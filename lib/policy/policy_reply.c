/* policy_reply.c - see policy_reply.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "policy/policy_reply.h"

static bool is_action(const char *action)
{
	size_t len = strlen(action);

	for (size_t i = 0; i < len; i++) {
		if (!sceau_text_is_alpha(action[i]) &&
		    !sceau_text_is_digit(action[i]) &&
		    strchr("_. ", action[i]) == NULL)
			return false;
	}
	return len > 0 && len <= SCEAU_POLICY_ACTION_MAX;
}

/* Copy text, cleaned and cut. Cleaning keeps the length, so a character that
   does not fit whole is the only reason to stop early. */
static void clean(char out[SCEAU_POLICY_TEXT_MAX + 1], const char *text)
{
	size_t len = strlen(text);
	size_t used = 0;

	while (used < len) {
		size_t n = sceau_text_utf8_length(text + used, len - used);

		if (n == 0)
			n = 1;
		if (used + n > SCEAU_POLICY_TEXT_MAX)
			break;
		memcpy(out + used, text + used, n);
		used += n;
	}
	out[used] = '\0';
	sceau_text_make_printable(out);
}

size_t sceau_policy_reply_write(char out[SCEAU_POLICY_REPLY_SIZE],
                                const char *action, const char *text)
{
	char safe[SCEAU_POLICY_TEXT_MAX + 1];

	assert(is_action(action));
	clean(safe, text != NULL ? text : "");
	int n = snprintf(out, SCEAU_POLICY_REPLY_SIZE, "action=%s%s%s\n\n",
	                 action, safe[0] != '\0' ? " " : "", safe);
	assert(n > 0 && n < SCEAU_POLICY_REPLY_SIZE);
	return (size_t)n;
}
