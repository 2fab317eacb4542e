/* fuzz_policy_reply.c - one clean, bounded line whatever the text holds
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "policy/policy_reply.h"

#define HEAD "action=450 4.7.1"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char out[SCEAU_POLICY_REPLY_SIZE];
	char *text = malloc(size + 1);

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	size_t n = sceau_policy_reply_write(out, "450 4.7.1", text);

	must(n == strlen(out), "length");
	must(n <= strlen(HEAD " \n\n") + SCEAU_POLICY_TEXT_MAX, "bounded");
	must(strncmp(out, HEAD, strlen(HEAD)) == 0, "begins with the action");
	must(strcmp(out + n - 2, "\n\n") == 0, "ends with an empty line");
	must(sceau_text_is_utf8(out, n), "UTF-8");
	for (size_t i = 0; i < n - 2; i++)
		must((uint8_t)out[i] >= 0x20 && out[i] != 0x7f, "no control");
	free(text);
	return 0;
}
