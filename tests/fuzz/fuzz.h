/* fuzz.h - what every fuzz target shares
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_FUZZ_H
#define SCEAU_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The entry point that libFuzzer and replay_main.c call. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* End the run unless the property holds. */
static inline void must(int holds, const char *property)
{
	if (!holds) {
		fprintf(stderr, "does not hold: %s\n", property);
		abort();
	}
}

/* The same, the property being its own name. */
#define REQUIRE(property) must((property) ? 1 : 0, #property)

#endif
