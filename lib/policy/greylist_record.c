/* greylist_record.c - records of greylist.h as bytes
 *
 *   version (1), kind (its letter), flags (1: has passed), then three numbers:
 *   first_s, last_s - first_s, count
 *
 * Numbers are written seven bits a byte, the lowest first; the top bit says
 * that more follow. Each has one form only.
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <string.h>

#include "policy/greylist.h"

#define VERSION 1
#define HEAD 3
#define HAS_PASSED 1

static size_t put_number(uint64_t value, unsigned char *out)
{
	size_t used = 0;

	while (value >= 0x80) {
		out[used++] = (unsigned char)(value & 0x7f) | 0x80;
		value >>= 7;
	}
	out[used++] = (unsigned char)value;
	return used;
}

static int take_number(const unsigned char **at, const unsigned char *end,
                       uint64_t max, uint64_t *value_r)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && *at < end; shift += 7) {
		uint64_t bits = **at & 0x7f;
		bool is_last = (**at & 0x80) == 0;

		(*at)++;
		if (bits << shift >> shift != bits)
			return -1;
		value |= bits << shift;
		if (!is_last)
			continue;
		if ((bits == 0 && shift > 0) || value > max)
			return -1;
		*value_r = value;
		return 0;
	}
	return -1;
}

size_t
sceau_greylist_record_encode(const struct sceau_greylist_record *record,
                             unsigned char out[SCEAU_GREYLIST_RECORD_MAX])
{
	size_t used = HEAD;

	assert(record->last_s >= record->first_s);
	out[0] = VERSION;
	out[1] = (unsigned char)record->kind;
	out[2] = record->has_passed ? HAS_PASSED : 0;
	used += put_number(record->first_s, out + used);
	used += put_number(record->last_s - record->first_s, out + used);
	used += put_number(record->count, out + used);
	return used;
}

static bool is_kind(unsigned char letter)
{
	return letter == SCEAU_GREYLIST_ATTEMPT ||
	       letter == SCEAU_GREYLIST_CLIENT ||
	       letter == SCEAU_GREYLIST_LEARNED;
}

int sceau_greylist_record_decode(const void *data, size_t len,
                                 struct sceau_greylist_record *record_r,
                                 struct sceau_err *err)
{
	const unsigned char *at = data, *end = at + len;
	struct sceau_greylist_record record = { .first_s = 0 };
	uint64_t life_s, count;

	if (len < HEAD || at[0] != VERSION)
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "no greylist record of version %d", VERSION);
	if (!is_kind(at[1]) || (at[2] & ~HAS_PASSED) != 0)
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "a greylist record of an unknown kind");
	record.kind = (enum sceau_greylist_kind)at[1];
	record.has_passed = at[2] != 0;
	at += HEAD;
	if (take_number(&at, end, UINT64_MAX, &record.first_s) < 0 ||
	    take_number(&at, end, UINT64_MAX - record.first_s, &life_s) < 0 ||
	    take_number(&at, end, UINT32_MAX, &count) < 0 || at != end)
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "a greylist record that is damaged");
	record.last_s = record.first_s + life_s;
	record.count = (uint32_t)count;
	*record_r = record;
	return 0;
}
