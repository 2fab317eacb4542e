/* fuzz_age_hybrid.c - hybrid stanzas: only the one canonical spelling is read,
 * and no stanza but our own opens
 *
 * The input is a header. What is read is written again and must be the same
 * text. Where OpenSSL has ML-KEM it is also tried with an identity.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "age/age_identity.h"
#include "base/base64.h"
#include "fuzz/fuzz.h"
#include "unit/age/age_test.h"

static void check_text(const struct sceau_age_stanza *stanza,
                       const struct sceau_age_hybrid *parts)
{
	char text[SCEAU_BASE64_LENGTH(SCEAU_AGE_HYBRID_ENC_SIZE) + 1];
	struct sceau_slice argument = sceau_age_stanza_argument(stanza, 0);
	uint8_t body[SCEAU_AGE_WRAPPED_SIZE];

	sceau_base64_encode(parts->enc, sizeof(parts->enc), text);
	if (!sceau_slice_is(argument, text) || stanza->argument_count != 1)
		abort();
	if (sceau_age_stanza_body(stanza, body, sizeof(body)) != sizeof(body) ||
	    memcmp(body, parts->body, sizeof(body)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sceau_age_identities *set;
	uint8_t key[SCEAU_AGE_FILE_KEY_SIZE];
	struct sceau_age_header header;
	bool is_refused = false;

	if (set == NULL)
		set = set_of(HYBRID_IDENTITY);
	if (sceau_age_header_parse(data, size, &header, NULL) != SCEAU_AGE_OK)
		return 0;
	for (size_t i = 0; i < header.stanza_count; i++) {
		const struct sceau_age_stanza *stanza = &header.stanzas[i];
		struct sceau_age_hybrid parts;
		if (!sceau_slice_is(stanza->type, "mlkem768x25519"))
			continue;
		if (sceau_age_hybrid_read(stanza, &parts, NULL) == SCEAU_AGE_OK)
			check_text(stanza, &parts);
		else
			is_refused = true;
	}
	enum sceau_age_status status = sceau_age_unwrap(set, &header, data, key,
	                                                NULL);
	/* One malformed stanza spoils the header, unless a good one came
	   first. */
	if (is_refused && status == SCEAU_AGE_NO_MATCH)
		abort();
	if (!sceau_age_mlkem_is_available() && status == SCEAU_AGE_OK)
		abort();
	return 0;
}
