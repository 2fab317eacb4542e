/* fuzz_base64.c - what is read writes back to the same text, and the reverse
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size + 1);
	char *text = malloc(SCEAU_BASE64_LENGTH(size) + 1);
	size_t used;

	if (sceau_base64_decode((const char *)data, size, bytes, size, &used) ==
	    0) {
		size_t len = sceau_base64_encode(bytes, used, text);
		if (len != size || memcmp(text, data, size) != 0)
			abort();
	}
	size_t len = sceau_base64_encode(data, size, text);
	if (sceau_base64_decode(text, len, bytes, size, &used) < 0 ||
	    used != size || (size > 0 && memcmp(bytes, data, size) != 0))
		abort();
	free(bytes);
	free(text);
	return 0;
}
