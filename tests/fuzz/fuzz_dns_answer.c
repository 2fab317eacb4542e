/* fuzz_dns_answer.c - record data from the network
 *
 * A name that is read is a valid name to ask for, and reading is bounded by
 * the record. Reading in pieces makes no sense here: a record is whole.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/dns_answer.h"
#include "fuzz/fuzz.h"

static void expect_name(const char *name)
{
	if (!sceau_dns_name_is_valid(name))
		abort();
	for (size_t i = 0; name[i] != '\0'; i++) {
		if (name[i] <= ' ' || name[i] >= 0x7f ||
		    (name[i] >= 'A' && name[i] <= 'Z'))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sceau_dns_record record = { data, size };
	char name[SCEAU_DNS_NAME_SIZE];
	uint16_t preference;
	struct sceau_buf text;

	if (sceau_dns_record_name(&record, name, NULL) == 0)
		expect_name(name);
	if (sceau_dns_record_mx(&record, &preference, name, NULL) == 0)
		expect_name(name);
	sceau_buf_init(&text, 4096);
	if (sceau_dns_record_text(&record, &text, NULL) == 0 &&
	    text.used >= size)
		abort();
	sceau_buf_deinit(&text);

	/* The same bytes as a name to ask for: anything up to its first NUL. */
	char *asked = malloc(size + 1);
	if (asked == NULL)
		abort();
	memcpy(asked, data, size);
	asked[size] = '\0';
	if (sceau_dns_name_is_valid(asked) &&
	    strlen(asked) >= SCEAU_DNS_NAME_SIZE)
		abort();
	free(asked);
	return 0;
}
