/* age_test.h - what the tests and fuzz targets of the age rooms share.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AGE_TEST_H
#define SCEAU_AGE_TEST_H

#include <stdint.h>
#include <string.h>

#include "age/age_identity.h"
#include "base/random.h"

/* Secret key of the public age vectors, and its public half. */
#define TEST_IDENTITY                                                          \
	"AGE-SECRET-KEY-"                                                      \
	"1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0"
#define TEST_RECIPIENT                                                         \
	"age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef"
#define OTHER_IDENTITY                                                         \
	"AGE-SECRET-KEY-"                                                      \
	"143WN7DCXU4G8R5AXQSSYD9AEPYDNT3HXSLWSPK36CDU6E8M59SSSAGZ3KG"

/* A hybrid identity, the example of c2sp.org/age, and the secret key of the
   public hybrid vectors. */
#define HYBRID_IDENTITY                                                        \
	"AGE-SECRET-KEY-PQ-"                                                   \
	"1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
#define OTHER_HYBRID_IDENTITY                                                  \
	"AGE-SECRET-KEY-PQ-"                                                   \
	"1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YLNC3SW78XKG"

/* A repeatable random source; *context is its state and must not be 0. */
static inline int fill_repeatable(void *context, void *data, size_t len)
{
	uint32_t *state = context;
	uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++) {
		*state ^= *state << 13;
		*state ^= *state >> 17;
		*state ^= *state << 5;
		bytes[i] = (uint8_t)(*state >> 11);
	}
	return 0;
}

/* A random source that always fails. */
static inline int fill_never(void *context, void *data, size_t len)
{
	(void)context;
	(void)data;
	(void)len;
	return -1;
}

/* A set with the identities of text; aborts when that cannot be. */
static inline struct sceau_age_identities *set_of(const char *text)
{
	struct sceau_age_identities *set;

	if (sceau_age_identities_new(&set, NULL) < 0 ||
	    sceau_age_identities_parse(set, sceau_slice_of(text), NULL) < 0)
		__builtin_trap();
	return set;
}

#endif
