/* ip.c - see ip.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/ip.h"

#define DNS_NAME_MAX 253

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0,    0,
	                                   0, 0, 0, 0, 0xff, 0xff };

int sceau_ip_from_bytes(const void *bytes, size_t len, struct sceau_ip *ip_r)
{
	const uint8_t *from = bytes;

	if (len == 16 &&
	    memcmp(from, mapped_prefix, sizeof(mapped_prefix)) == 0) {
		from += sizeof(mapped_prefix);
		len = 4;
	}
	if (len != 4 && len != 16)
		return -1;
	memset(ip_r, 0, sizeof(*ip_r));
	ip_r->len = (unsigned)len;
	memcpy(ip_r->bytes, from, len);
	return 0;
}

static int fail_text(struct sceau_err *err, const char *what,
                     struct sceau_slice text)
{
	return sceau_fail(err, SCEAU_FAULT_CONFIG, "\"%.*s\" is not %s",
	                  text.len < 80 ? (int)text.len : 80,
	                  text.len == 0 ? "" : text.data, what);
}

int sceau_ip_parse(struct sceau_slice text, struct sceau_ip *ip_r,
                   struct sceau_err *err)
{
	char copy[SCEAU_IP_TEXT_MAX];
	uint8_t bytes[16];

	if (sceau_slice_copy(text, copy, sizeof(copy)) == 0) {
		if (inet_pton(AF_INET, copy, bytes) == 1)
			return sceau_ip_from_bytes(bytes, 4, ip_r);
		if (inet_pton(AF_INET6, copy, bytes) == 1)
			return sceau_ip_from_bytes(bytes, 16, ip_r);
	}
	return fail_text(err, "an IP address", text);
}

int sceau_ip_parse_literal(struct sceau_slice text, struct sceau_ip *ip_r,
                           struct sceau_err *err)
{
	static const struct sceau_slice tag = { "IPv6:", 5 };
	struct sceau_slice start = { text.data, tag.len };
	bool has_colon = text.len > 0 && memchr(text.data, ':', text.len);

	if (!has_colon)
		return sceau_ip_parse(text, ip_r, err);
	if (text.len <= tag.len || !sceau_slice_equal_nocase(start, tag))
		return fail_text(err, "an address literal", text);

	struct sceau_slice rest = { text.data + tag.len, text.len - tag.len };

	/* "IPv6:192.0.2.1" is neither of the two. */
	if (memchr(rest.data, ':', rest.len) == NULL)
		return fail_text(err, "an address literal", text);
	return sceau_ip_parse(rest, ip_r, err);
}

void sceau_ip_print(const struct sceau_ip *ip, char *out)
{
	int family = ip->len == 4 ? AF_INET : AF_INET6;

	inet_ntop(family, ip->bytes, out, SCEAU_IP_TEXT_MAX);
}

bool sceau_ip_equal(const struct sceau_ip *a, const struct sceau_ip *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

bool sceau_ip_is_loopback(const struct sceau_ip *ip)
{
	static const uint8_t one[16] = { [15] = 1 };

	return ip->len == 4 ? ip->bytes[0] == 127
	                    : memcmp(ip->bytes, one, sizeof(one)) == 0;
}

/* Set the bits of ip behind the first bits to 0; returns whether any was 1. */
static bool clear_host_bits(struct sceau_ip *ip, unsigned bits)
{
	bool any = false;

	for (unsigned i = bits / 8; i < ip->len; i++) {
		unsigned keep = i == bits / 8 ? bits % 8 : 0;
		uint8_t mask = (uint8_t)(0xff00U >> keep);

		any = any || (ip->bytes[i] & (uint8_t)~mask) != 0;
		ip->bytes[i] &= mask;
	}
	return any;
}

int sceau_ip_parse_net(struct sceau_slice text, struct sceau_ip_net *net_r,
                       struct sceau_err *err)
{
	const char *slash = text.len == 0 ? NULL
	                                  : memchr(text.data, '/', text.len);
	struct sceau_slice address = text;
	struct sceau_ip_net net;
	uint64_t bits;

	if (slash != NULL)
		address.len = (size_t)(slash - text.data);
	if (sceau_ip_parse(address, &net.ip, err) < 0)
		return -1;

	/* Bits are counted in the notation that was written. */
	bool written_v6 = memchr(address.data, ':', address.len) != NULL;
	unsigned skip = written_v6 && net.ip.len == 4 ? 96 : 0;
	unsigned max = net.ip.len * 8 + skip;

	bits = max;
	if (slash != NULL) {
		struct sceau_slice rest = { slash + 1,
			                    text.len - address.len - 1 };

		if (sceau_text_parse_number(rest, max, &bits, NULL) < 0 ||
		    bits < skip)
			return fail_text(err, "a network with a valid /BITS",
			                 text);
	}
	net.bits = (unsigned)bits - skip;
	if (clear_host_bits(&net.ip, net.bits)) {
		char want[SCEAU_IP_NET_TEXT_MAX];

		sceau_ip_net_print(&net, want);
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "\"%.*s\" has bits behind its /%u; did you "
		                  "mean %s?",
		                  (int)text.len, text.data, net.bits, want);
	}
	*net_r = net;
	return 0;
}

bool sceau_ip_net_has(const struct sceau_ip_net *net, const struct sceau_ip *ip)
{
	struct sceau_ip masked = *ip;

	clear_host_bits(&masked, net->bits);
	return sceau_ip_equal(&masked, &net->ip);
}

struct sceau_ip_net sceau_ip_net_around(const struct sceau_ip *ip,
                                        unsigned bits4, unsigned bits6)
{
	struct sceau_ip_net net = { .ip = *ip };

	net.bits = ip->len == 4 ? bits4 : bits6;
	if (net.bits > ip->len * 8)
		net.bits = ip->len * 8;
	clear_host_bits(&net.ip, net.bits);
	return net;
}

void sceau_ip_net_print(const struct sceau_ip_net *net, char *out)
{
	sceau_ip_print(&net->ip, out);

	size_t len = strlen(out);

	snprintf(out + len, SCEAU_IP_NET_TEXT_MAX - len, "/%u", net->bits);
}

/* Write the address backwards, every octet or nibble followed by a dot;
   returns the length. out holds at least 64 bytes and a NUL. */
static size_t print_backwards(const struct sceau_ip *ip, char *out)
{
	static const char hex[] = "0123456789abcdef";
	char *at = out;

	for (unsigned i = ip->len; i > 0; i--) {
		uint8_t byte = ip->bytes[i - 1];

		if (ip->len == 4) {
			at += snprintf(at, 5, "%u.", byte);
			continue;
		}
		*at++ = hex[byte & 15];
		*at++ = '.';
		*at++ = hex[byte >> 4];
		*at++ = '.';
	}
	*at = '\0';
	return (size_t)(at - out);
}

void sceau_ip_ptr_name(const struct sceau_ip *ip, char *out)
{
	size_t len = print_backwards(ip, out);

	snprintf(out + len, SCEAU_IP_NAME_MAX - len, "%s",
	         ip->len == 4 ? "in-addr.arpa" : "ip6.arpa");
}

int sceau_ip_dnsbl_name(const struct sceau_ip *ip, const char *zone, char *out,
                        size_t size)
{
	char backwards[SCEAU_IP_NAME_MAX];
	size_t len = print_backwards(ip, backwards);
	size_t zone_len = strlen(zone);

	if (zone_len == 0 || zone_len > DNS_NAME_MAX - len ||
	    len + zone_len >= size)
		return -1;
	memcpy(out, backwards, len);
	memcpy(out + len, zone, zone_len + 1);
	return 0;
}
