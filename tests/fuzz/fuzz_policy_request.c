/* fuzz_policy_request.c - any chunking gives the same requests
 *
 * The input is a connection: requests one after the other. It is read once in
 * one piece and once in small ones whose sizes come from the input itself;
 * outcome, what was taken and every attribute must be equal.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "policy/policy_request.h"

static struct sceau_policy_request whole, pieces;

static const char *const names[] = { "request",   "protocol_state",
	                             "sender",    "sasl_username",
	                             "recipient", "x" };

/* Feed one request in pieces; returns as feed, *used_r over all. */
static int feed_pieces(const char *data, size_t len, size_t step,
                       size_t *used_r, struct sceau_err *err)
{
	size_t pos = 0, used;
	int ret = 0;

	sceau_policy_request_init(&pieces);
	while (ret == 0 && pos < len) {
		size_t n = len - pos < step ? len - pos : step;

		ret = sceau_policy_request_feed(&pieces, data + pos, n, &used,
		                                err);
		must(ret != 0 || used == n, "all taken when more is needed");
		pos += used;
		step = step % 61 + 1;
	}
	*used_r = pos;
	return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *wire = (const char *)data;
	size_t pos = 0, used = 0, used_pieces = 0;
	int ret = 1;

	while (ret == 1 && pos < size) {
		struct sceau_err err = { 0 }, err_pieces = { 0 };

		sceau_policy_request_init(&whole);
		ret = sceau_policy_request_feed(&whole, wire + pos, size - pos,
		                                &used, &err);
		must(feed_pieces(wire + pos, size - pos, 1 + data[pos] % 61,
		                 &used_pieces, &err_pieces) == ret,
		     "same outcome");
		must(used == used_pieces, "same bytes taken");
		must(err.fault == err_pieces.fault &&
		             strcmp(err.text, err_pieces.text) == 0,
		     "same error");
		for (size_t i = 0; ret == 1 && i < 6; i++)
			must(strcmp(sceau_policy_request_get(&whole, names[i]),
			            sceau_policy_request_get(&pieces,
			                                     names[i])) == 0,
			     "same attributes");
		pos += used;
	}
	return 0;
}
