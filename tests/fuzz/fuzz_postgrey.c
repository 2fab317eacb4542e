/* fuzz_postgrey.c - dumps and lists of another program
 *
 * Lines of the input are read as keys, values and lines of lists in turn.
 * Properties: a key that is made can be read back, a line that is made is an
 * entry of ours.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "policy/postgrey.h"

static void check_entry(const char *key, const char *value)
{
	struct sceau_postgrey_entry entry;
	struct sceau_greylist_parts parts;

	if (sceau_postgrey_entry_make(key, value, 300, 1767225600, &entry,
	                              NULL) < 0)
		return;
	REQUIRE(sceau_greylist_key_parse(entry.key, &parts, NULL) == 0);
	REQUIRE(parts.kind == entry.record.kind);
}

static void check_line(enum sceau_exempt_kind kind, struct sceau_slice line)
{
	char out[SCEAU_EXEMPT_NAME_MAX + 1];
	struct sceau_exempt exempt;

	if (sceau_postgrey_exempt_line(kind, line, out, NULL) < 0)
		return;
	REQUIRE(sceau_exempt_parse(kind, out, strlen(out), "f", &exempt,
	                           NULL) == 0);
	REQUIRE(exempt.count == (out[0] != '\0'));
	sceau_exempt_deinit(&exempt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sceau_slice rest = { (const char *)data, size }, line;
	char last[SCEAU_POSTGREY_LINE_MAX] = "";
	char text[SCEAU_POSTGREY_LINE_MAX];

	while (sceau_slice_next_word(&rest, "\n", &line)) {
		check_line(SCEAU_EXEMPT_CLIENTS, line);
		check_line(SCEAU_EXEMPT_RECIPIENTS, line);
		if (sceau_postgrey_unescape(line, text, sizeof(text), NULL) < 0)
			continue;
		check_entry(last, text);
		memcpy(last, text, sizeof(last));
	}
	return 0;
}
