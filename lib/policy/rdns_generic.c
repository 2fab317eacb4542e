/* rdns_generic.c - see rdns_generic.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/rdns_generic.h"

/* Digits of an IPv6 address in a row that are no coincidence. */
#define HEX6 12
#define NUMBERS_MAX 32

bool sceau_rdns_is_missing(const char *name)
{
	return name[0] == '\0' || name[0] == '[' ||
	       sceau_text_equal_nocase(name, "unknown");
}

/* The decimal numbers of name, up to three digits each; what is longer or too
   many stands as 999, which no octet is. */
static size_t find_numbers(const char *name, unsigned *numbers)
{
	size_t count = 0;

	while (*name != '\0' && count < NUMBERS_MAX) {
		size_t len = strspn(name, "0123456789");

		if (len == 0) {
			name++;
			continue;
		}
		numbers[count++] = len > 3 ? 999
		                           : (unsigned)strtoul(name, NULL, 10);
		name += len;
	}
	return count;
}

/* Whether three octets of ip, beside each other in it, are beside each other
   in numbers; step -1: from the last one to the first. */
static bool has_octets(const struct sceau_ip *ip, const unsigned *numbers,
                       size_t count, int step)
{
	for (size_t i = 0; i + 3 <= count; i++) {
		for (int first = 0; first < 2; first++) {
			int at = step > 0 ? first : 3 - first;

			if (numbers[i] == ip->bytes[at] &&
			    numbers[i + 1] == ip->bytes[at + step] &&
			    numbers[i + 2] == ip->bytes[at + 2 * step])
				return true;
		}
	}
	return false;
}

static bool has_address4(const char *name, const struct sceau_ip *ip)
{
	const uint8_t *b = ip->bytes;
	unsigned numbers[NUMBERS_MAX];
	size_t count = find_numbers(name, numbers);
	char text[16];

	if (has_octets(ip, numbers, count, 1) ||
	    has_octets(ip, numbers, count, -1))
		return true;
	snprintf(text, sizeof(text), "%02x%02x%02x%02x", b[0], b[1], b[2],
	         b[3]);
	if (strstr(name, text) != NULL)
		return true;
	snprintf(text, sizeof(text), "%03u%03u%03u%03u", b[0], b[1], b[2],
	         b[3]);
	return strstr(name, text) != NULL;
}

/* In the order in which names of hosts write it, and backwards. */
static bool has_address6(const char *name, const struct sceau_ip *ip)
{
	static const char hex[] = "0123456789abcdef";
	char bare[SCEAU_RDNS_NAME_MAX + 1], digits[33], reversed[33];
	char part[HEX6 + 1] = "";
	size_t used = 0;

	for (; *name != '\0'; name++) {
		if (*name != '-' && *name != '.' && *name != '_')
			bare[used++] = *name;
	}
	bare[used] = '\0';
	for (size_t i = 0; i < 32; i++) {
		unsigned nibble = ip->bytes[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15;

		digits[i] = hex[nibble];
		reversed[31 - i] = hex[nibble];
	}
	for (size_t i = 0; i + HEX6 <= 32; i++) {
		memcpy(part, digits + i, HEX6);
		/* zeros alone say nothing */
		if (strspn(part, "0") < HEX6 / 2 && strstr(bare, part) != NULL)
			return true;
		memcpy(part, reversed + i, HEX6);
		if (strspn(part, "0") < HEX6 / 2 && strstr(bare, part) != NULL)
			return true;
	}
	return false;
}

static bool is_pool_word(struct sceau_slice word)
{
	static const char *const words[] = {
		"adsl",    "broadband", "cable",       "cpe",        "dhcp",
		"dial",    "dialin",    "dialup",      "dip",        "dsl",
		"dyn",     "dynamic",   "dynamicip",   "fiber",      "fibre",
		"ftth",    "gpon",      "hsd",         "pool",       "pools",
		"ppp",     "pppoe",     "residential", "sdsl",       "user",
		"users",   "vdsl",      "wimax",       "xdsl",       "dynip",
		"dhcpbb",  "customer",  "customers",   "cust",       "client",
		"clients", "mobile",    "catv",        "modemcable",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (sceau_slice_is(word, words[i]))
			return true;
	}
	return false;
}

/* A word of letters, between anything else, left of the last two labels; and a
   digit there, since pools number their members. */
static bool has_pool_word(const char *name)
{
	const char *end = strrchr(name, '.');
	bool has_word = false, has_digit = false;

	while (end != NULL && end > name && end[-1] != '.')
		end--;
	for (const char *at = name; end != NULL && at < end;) {
		struct sceau_slice word = { at, 0 };

		while (at < end && sceau_text_is_alpha(*at))
			at++;
		word.len = (size_t)(at - word.data);
		if (word.len > 0) {
			has_word = has_word || is_pool_word(word);
			continue;
		}
		has_digit = has_digit || sceau_text_is_digit(*at);
		at++;
	}
	return has_word && has_digit;
}

bool sceau_rdns_is_generic(const char *name, const struct sceau_ip *ip)
{
	char lower[SCEAU_RDNS_NAME_MAX + 1];
	struct sceau_slice text = sceau_slice_of(name);

	if (text.len > 0 && text.data[text.len - 1] == '.')
		text.len--;
	if (sceau_slice_copy(text, lower, sizeof(lower)) < 0)
		return true;
	sceau_text_make_lower(lower);
	if (ip->len == 4 ? has_address4(lower, ip) : has_address6(lower, ip))
		return true;
	return has_pool_word(lower);
}
