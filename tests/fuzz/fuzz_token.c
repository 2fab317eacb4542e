/* fuzz_token.c - words of any field
 *
 * Properties: every byte belongs to one token, its frame or a blank; tokens
 * come in order; the rest is always used up.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "mail/token.h"

static bool is_framed(enum sceau_token_kind kind)
{
	return kind == SCEAU_TOKEN_QUOTED || kind == SCEAU_TOKEN_COMMENT ||
	       kind == SCEAU_TOKEN_LITERAL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const specials[] = { "", ";", "<>@,:;.[", "=/;" };
	const char *start = (const char *)data, *at = start;
	struct sceau_token token;
	struct sceau_buf out;

	if (size == 0)
		return 0;

	struct sceau_slice rest = { start + 1, size - 1 };

	sceau_buf_init(&out, size);
	at++;
	while (sceau_token_next(&rest, specials[data[0] % 4], &token) !=
	       SCEAU_TOKEN_END) {
		size_t frame = is_framed(token.kind) ? 1 : 0;
		const char *from = token.text.data - frame;

		REQUIRE(token.kind == SCEAU_TOKEN_QUOTED || frame == 1 ||
		        token.text.len > 0);
		REQUIRE(from >= at && (from > at) == token.spaced);
		for (; at < from; at++)
			REQUIRE(strchr(" \t\r\n", *at) != NULL && *at != '\0');
		at = token.text.data + token.text.len + frame;
		REQUIRE(at + rest.len == start + size);
		REQUIRE(token.kind != SCEAU_TOKEN_BROKEN || rest.len == 0);
		sceau_buf_clear(&out);
		REQUIRE(sceau_token_unquote(token.text, &out) == 0);
		REQUIRE(out.used <= token.text.len);
	}
	sceau_buf_deinit(&out);
	return 0;
}
