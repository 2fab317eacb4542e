/* bech32.c - see bech32.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include <sodium.h>

#include "age/bech32.h"

#define CHECKSUM_SIZE 6

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* One step of the BCH code of BIP 173. */
static uint32_t step(uint32_t check, uint8_t group)
{
	static const uint32_t generator[5] = {
		0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3,
	};
	uint32_t top = check >> 25;

	check = (check & 0x1ffffff) << 5 ^ group;
	for (unsigned i = 0; i < 5; i++)
		check ^= (0 - (top >> i & 1)) & generator[i];
	return check;
}

/* The code over the expanded prefix, where every checksum starts. */
static uint32_t check_prefix(const char *prefix)
{
	uint32_t check = 1;

	for (const char *p = prefix; *p != '\0'; p++)
		check = step(check, (uint8_t)(*p >> 5));
	check = step(check, 0);
	for (const char *p = prefix; *p != '\0'; p++)
		check = step(check, *p & 31);
	return check;
}

int sceau_bech32_encode(const char *prefix, const uint8_t *data, size_t len,
                        char *out, size_t size, struct sceau_err *err)
{
	size_t prefix_len = strlen(prefix);
	size_t group_count = (len * 8 + 4) / 5;

	if (prefix_len == 0 || prefix_len > SCEAU_BECH32_PREFIX_MAX ||
	    len > SCEAU_BECH32_DATA_MAX ||
	    prefix_len + 1 + group_count + CHECKSUM_SIZE >= size) {
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "key text is too long");
	}

	uint32_t check = check_prefix(prefix);
	uint32_t bits = 0;
	size_t used = 0;
	char *p = out + prefix_len + 1;

	memcpy(out, prefix, prefix_len);
	out[prefix_len] = '1';
	for (size_t i = 0; i < group_count; i++) {
		/* Group i starts at bit 5 * i; bits past the end are zero. */
		size_t end = (5 * i + 5 + 7) / 8;
		for (; used < end; used++)
			bits = bits << 8 | (used < len ? data[used] : 0);
		uint8_t group = bits >> (used * 8 - (5 * i + 5)) & 31;
		check = step(check, group);
		*p++ = alphabet[group];
	}
	for (unsigned i = 0; i < CHECKSUM_SIZE; i++)
		check = step(check, 0);
	check ^= 1;
	for (unsigned i = 0; i < CHECKSUM_SIZE; i++)
		*p++ = alphabet[check >> 5 * (CHECKSUM_SIZE - 1 - i) & 31];
	*p = '\0';
	return 0;
}

void sceau_bech32_make_upper(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text >= 'a' && *text <= 'z')
			*text = (char)(*text - 'a' + 'A');
	}
}

/* Copy text in lower case. Fails on mixed case and on bytes that no Bech32
   text holds. */
static int copy_lower(struct sceau_slice text, char *out, int *is_upper_r)
{
	bool has_upper = false;
	bool has_lower = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		if (c < 33 || c > 126)
			return -1;
		has_upper |= c >= 'A' && c <= 'Z';
		has_lower |= c >= 'a' && c <= 'z';
		out[i] = sceau_text_lower(c);
	}
	out[text.len] = '\0';
	*is_upper_r = has_upper;
	return has_upper && has_lower ? -1 : 0;
}

/* Turn the characters after the separator into groups, in place, and verify the
   checksum over all of them. */
static int read_groups(const char *prefix, char *groups, size_t count)
{
	uint32_t check = check_prefix(prefix);

	for (size_t i = 0; i < count; i++) {
		const char *found = strchr(alphabet, groups[i]);
		if (found == NULL)
			return -1;
		groups[i] = (char)(found - alphabet);
		check = step(check, (uint8_t)groups[i]);
	}
	return check == 1 ? 0 : -1;
}

/* Regroup 5-bit groups to bytes. The bits left over must be zero and fewer than
   a group; they then all lie in the last one. */
static int regroup(const char *groups, size_t count, uint8_t *data_r)
{
	size_t spare = count * 5 % 8;
	unsigned bits = 0;
	unsigned bit_count = 0;

	if (spare >= 5 ||
	    (count > 0 && (groups[count - 1] & ((1 << spare) - 1)) != 0))
		return -1;
	for (size_t i = 0; i < count; i++) {
		bits = (bits << 5 | (uint8_t)groups[i]) & 0xfff;
		bit_count += 5;
		if (bit_count >= 8) {
			bit_count -= 8;
			*data_r++ = (uint8_t)(bits >> bit_count);
		}
	}
	return 0;
}

/* The body of decode: work is a wiped-after-use copy of the text. */
static int decode(struct sceau_slice text, char *work, char *prefix_r,
                  int *is_upper_r, uint8_t *data_r, size_t size, size_t *len_r)
{
	int is_upper;

	if (copy_lower(text, work, &is_upper) < 0)
		return -1;
	char *separator = strrchr(work, '1');
	if (separator == NULL || separator == work ||
	    separator - work > SCEAU_BECH32_PREFIX_MAX)
		return -1;
	*separator = '\0';
	char *groups = separator + 1;
	size_t count = text.len - (size_t)(groups - work);
	if (count < CHECKSUM_SIZE || read_groups(work, groups, count) < 0)
		return -1;
	count -= CHECKSUM_SIZE;
	if (count * 5 / 8 > size || regroup(groups, count, data_r) < 0)
		return -1;

	memcpy(prefix_r, work, (size_t)(separator - work) + 1);
	*len_r = count * 5 / 8;
	if (is_upper_r != NULL)
		*is_upper_r = is_upper;
	return 0;
}

int sceau_bech32_decode(struct sceau_slice text, char *prefix_r,
                        int *is_upper_r, uint8_t *data_r, size_t size,
                        size_t *len_r, struct sceau_err *err)
{
	char work[SCEAU_BECH32_TEXT_MAX + 1];

	if (text.len > SCEAU_BECH32_TEXT_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "key text is too long");
	int ret = decode(text, work, prefix_r, is_upper_r, data_r, size, len_r);
	sodium_memzero(work, text.len + 1);
	if (ret < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "not a key: a character is missing, "
		                  "mistyped or in the wrong case");
	return 0;
}
