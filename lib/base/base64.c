/* base64.c - see base64.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "base/base64.h"

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Value of a character, 0 to 63, or -1 when it is not of the alphabet. */
static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

size_t sceau_base64_encode(const void *data, size_t len, char *out)
{
	const unsigned char *bytes = data;
	unsigned bits = 0;
	unsigned bit_count = 0;
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		bits = (bits << 8 | bytes[i]) & 0xfff;
		bit_count += 8;
		while (bit_count >= 6) {
			bit_count -= 6;
			out[used++] = alphabet[bits >> bit_count & 63];
		}
	}
	if (bit_count > 0)
		out[used++] = alphabet[bits << (6 - bit_count) & 63];
	out[used] = '\0';
	return used;
}

int sceau_base64_decode(const char *text, size_t len, void *out, size_t size,
                        size_t *used_r)
{
	unsigned char *bytes = out;
	unsigned bits = 0;
	unsigned bit_count = 0;
	size_t used = 0;

	if (len % 4 == 1)
		return -1;
	for (size_t i = 0; i < len; i++) {
		int value = value_of(text[i]);
		if (value < 0)
			return -1;
		bits = (bits << 6 | (unsigned)value) & 0xfff;
		bit_count += 6;
		if (bit_count < 8)
			continue;
		if (used == size)
			return -1;
		bit_count -= 8;
		bytes[used++] = (unsigned char)(bits >> bit_count);
	}
	/* RFC 4648, section 3.5: bits that carry nothing must be zero. */
	if ((bits & ((1u << bit_count) - 1)) != 0)
		return -1;
	*used_r = used;
	return 0;
}
