/* fuzz_spf_macro.c - macro-strings and the values that go into them
 *
 * The first line is the local part, the second HELO, the rest the text. A name
 * that comes out is one of RFC 1035, an explanation is one clean line; a text
 * that is refused as an explanation is refused piece by piece, too.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "auth/spf_macro.h"
#include "fuzz/fuzz.h"

static struct sceau_slice take_line(struct sceau_slice *rest)
{
	const char *end = rest->len == 0 ? NULL
	                                 : memchr(rest->data, '\n', rest->len);
	struct sceau_slice line = *rest;

	if (end == NULL) {
		rest->len = 0;
		return line;
	}
	line.len = (size_t)(end - rest->data);
	rest->data += line.len + 1;
	rest->len -= line.len + 1;
	return line;
}

static void copy(struct sceau_slice from, char *out, size_t size)
{
	if (from.len >= size)
		from.len = size - 1;
	if (sceau_slice_copy(from, out, size) < 0)
		out[0] = '\0';
}

static void check_name(const char *name)
{
	size_t label = 0;

	REQUIRE(strlen(name) <= SCEAU_SPF_DOMAIN_MAX && name[0] != '\0');
	for (; *name != '\0'; name++) {
		if (*name == '.')
			REQUIRE(label > 0);
		label = *name == '.' ? 0 : label + 1;
		REQUIRE(label <= 63);
	}
	REQUIRE(label > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sceau_slice text = { (const char *)data, size };
	char local_part[800], helo[800], sender[900];
	char name[SCEAU_SPF_DOMAIN_MAX + 1];
	char line[SCEAU_SPF_EXPLANATION_MAX + 1];
	struct sceau_spf_macro_piece piece;
	int ret;

	copy(take_line(&text), local_part, sizeof(local_part));
	copy(take_line(&text), helo, sizeof(helo));
	snprintf(sender, sizeof(sender), "%s@far.example", local_part);
	struct sceau_spf_macro_values values = {
		.sender = sender,
		.local_part = local_part,
		.sender_domain = "far.example",
		.domain = "b.far.example",
		.ip_dots = "192.0.2.1",
		.validated = "unknown",
		.version = "in-addr",
		.helo = helo,
		.ip_text = "192.0.2.1",
		.receiver = "mx.home.example",
		.timestamp = "1",
	};
	if (sceau_spf_macro_domain(text, &values, name))
		check_name(name);
	bool is_good = sceau_spf_macro_explanation(text, &values, line) == 0;
	if (is_good) {
		REQUIRE(strlen(line) <= SCEAU_SPF_EXPLANATION_MAX);
		for (size_t i = 0; line[i] != '\0'; i++)
			REQUIRE(line[i] >= 0x20 && line[i] <= 0x7e);
	}
	size_t before = text.len;
	while ((ret = sceau_spf_macro_next(&text, true, &piece)) > 0) {
		REQUIRE(text.len < before);
		before = text.len;
	}
	REQUIRE((ret == 0) == is_good);
	return 0;
}
