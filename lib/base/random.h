/* random.h - where the core gets random bytes from: an argument.
 *
 * The core reads no device and calls no generator, so that tests can give it
 * known bytes and fuzz targets stay repeatable.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_RANDOM_H
#define SCEAU_RANDOM_H

#include <stddef.h>

/* A source of random bytes. fill must write len bytes that nobody can guess
   to data and return 0, or return -1 when it cannot. */
struct sceau_random {
	int (*fill)(void *context, void *data, size_t len);
	void *context;
};

#endif
