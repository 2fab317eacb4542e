/* idna.c - domains in other scripts, through libidn2
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/idna.h"

#include <stdbool.h>
#include <string.h>

#include <idn2.h>

static bool is_ascii(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x80)
			return false;
	}
	return true;
}

int sceau_idna_to_ascii(struct sceau_slice domain, char *out, size_t size)
{
	char text[4 * SCEAU_IDNA_SIZE];
	char *ascii = NULL;
	int ret = -1;

	if (domain.len == 0 || sceau_slice_copy(domain, text, sizeof(text)) < 0)
		return -1;
	if (is_ascii(text)) {
		ret = sceau_slice_copy(domain, out, size);
	} else if (idn2_to_ascii_8z(text, &ascii, IDN2_NONTRANSITIONAL) ==
	           IDN2_OK) {
		ret = sceau_slice_copy(sceau_slice_of(ascii), out, size);
		idn2_free(ascii);
	}
	if (ret == 0)
		sceau_text_make_lower(out);
	return ret;
}
