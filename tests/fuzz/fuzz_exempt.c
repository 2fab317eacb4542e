/* fuzz_exempt.c - files of clients and recipients
 *
 * Properties: errors name file and line; asking never fails, and each text
 * fits itself as a pattern.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "policy/exempt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum sceau_exempt_kind kinds[] = {
		SCEAU_EXEMPT_CLIENTS, SCEAU_EXEMPT_RECIPIENTS
	};
	struct sceau_ip ip = { .len = 4, .bytes = { 192, 0, 2, 7 } };
	struct sceau_err err;
	char text[512];

	snprintf(text, sizeof(text), "%.*s", (int)(size < 500 ? size : 500),
	         (const char *)data);
	REQUIRE(sceau_exempt_match(text, text));
	REQUIRE(sceau_exempt_match("*", text));
	for (size_t i = 0; i < 2; i++) {
		struct sceau_exempt exempt;

		if (sceau_exempt_parse(kinds[i], (const char *)data, size, "f",
		                       &exempt, &err) < 0) {
			REQUIRE(strncmp(err.text, "f:", 2) == 0);
			continue;
		}
		(void)sceau_exempt_has_client(&exempt, &ip, text);
		(void)sceau_exempt_has_recipient(&exempt, text);
		sceau_exempt_deinit(&exempt);
	}
	return 0;
}
