/* fuzz_received.c - judge any Received field
 *
 * Properties: a line that names another host after "by" is never ours but as
 * localhost's; a second token pass agrees that "by" and the host stand outside
 * of comments and quotes; folding differently changes nothing.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "mail/received.h"

#define HOST "mx.home.example"

static bool contains_nocase(struct sceau_slice text, const char *word)
{
	struct sceau_slice want = sceau_slice_of(word);

	for (size_t i = 0; i + want.len <= text.len; i++) {
		struct sceau_slice at = { text.data + i, want.len };

		if (sceau_slice_equal_nocase(at, want))
			return true;
	}
	return false;
}

/* Write text without comments, quoted strings and blanks, in the dumbest way
   there is: the judge must find its words in what is left. */
static size_t strip(struct sceau_slice text, char *out)
{
	size_t n = 0, depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '\\' && (depth > 0 || quoted)) {
			i++;
			continue;
		}
		if (!quoted && c == '(') {
			depth++;
			out[n++] = ' ';
		} else if (!quoted && c == ')' && depth > 0) {
			depth--;
		} else if (depth == 0 && c == '"') {
			quoted = !quoted;
			out[n++] = ' ';
		} else if (depth == 0 && !quoted) {
			out[n++] = c == '\t' || c == '\n' || c == '\r' ? ' '
			                                               : c;
		}
	}
	return n;
}

static void require_grounds(struct sceau_slice text,
                            enum sceau_received_kind kind)
{
	char *bare = malloc(text.len + 1);

	REQUIRE(bare != NULL);
	struct sceau_slice rest = { bare, strip(text, bare) };
	bool ours = contains_nocase(rest, "by " HOST) ||
	            contains_nocase(rest, HOST);

	if (kind == SCEAU_RECEIVED_AUTHENTICATED)
		REQUIRE(ours && (contains_nocase(rest, "ESMTPA") ||
		                 contains_nocase(rest, "ESMTPSA") ||
		                 contains_nocase(rest, "UTF8SMTPA") ||
		                 contains_nocase(rest, "UTF8SMTPSA")));
	if (kind == SCEAU_RECEIVED_LOCAL || kind == SCEAU_RECEIVED_HIDDEN)
		REQUIRE(ours);
	if (kind == SCEAU_RECEIVED_LOOPBACK)
		REQUIRE(ours || contains_nocase(rest, "localhost"));
	free(bare);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sceau_slice text = { (const char *)data, size };
	struct sceau_slice host = sceau_slice_of(HOST);
	enum sceau_received_kind kind = sceau_received_judge(text, host);

	REQUIRE(sceau_received_judge(text, sceau_slice_of("")) ==
	        SCEAU_RECEIVED_FOREIGN);
	if (kind != SCEAU_RECEIVED_FOREIGN)
		require_grounds(text, kind);

	struct sceau_slice helo;
	struct sceau_ip ip;
	if (sceau_received_client(text, &ip, &helo))
		REQUIRE(helo.len == 0 ||
		        (helo.data > text.data &&
		         helo.data + helo.len <= text.data + text.len));

	char *folded = malloc(size + 1);
	REQUIRE(folded != NULL);
	for (size_t i = 0; i < size; i++)
		folded[i] = data[i] == ' ' ? '\n' : (char)data[i];
	struct sceau_slice other = { folded, size };
	/* The userid mark holds blanks that are part of it. */
	if (kind != SCEAU_RECEIVED_LOCAL)
		REQUIRE(sceau_received_judge(other, host) == kind);
	free(folded);
	return 0;
}
