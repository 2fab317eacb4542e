/* ip.h - IPv4 and IPv6 addresses and networks: text, matching, DNS names.
 *
 * An IPv4-mapped IPv6 address (::ffff:192.0.2.1, what a dual-stack socket
 * shows of an IPv4 client) is the IPv4 address everywhere here: parsing and
 * sceau_ip_from_bytes turn it round, so that no rule, count or blocklist can
 * be dodged by the choice of the notation. Zone indexes (fe80::1%eth0) are not
 * addresses.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_IP_H
#define SCEAU_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/* Room for the texts below, closing NUL included. */
#define SCEAU_IP_TEXT_MAX 46 /* an address */
#define SCEAU_IP_NET_TEXT_MAX 50 /* an address and /128 */
#define SCEAU_IP_NAME_MAX 73 /* 32 nibbles and "ip6.arpa" */

/* bytes in network order; those beyond len are 0. */
struct sceau_ip {
	unsigned len; /* 4 or 16 */
	uint8_t bytes[16];
};

/* All addresses that share the first bits bits with ip; the others are 0. */
struct sceau_ip_net {
	struct sceau_ip ip;
	unsigned bits; /* 0 to 32 or 128 */
};

/* Take an address from a struct in_addr (len 4) or in6_addr (len 16).
   Returns 0, or -1 for any other len. */
int sceau_ip_from_bytes(const void *bytes, size_t len, struct sceau_ip *ip_r);

/* Read the text of an address: dotted quad without leading zeros, or RFC 4291
   2.2. Returns 0, or -1 with FAULT_CONFIG and *ip_r untouched. */
int sceau_ip_parse(struct sceau_slice text, struct sceau_ip *ip_r,
                   struct sceau_err *err);

/* Read what stands between the brackets of an SMTP address literal (RFC 5321
   4.1.3): "192.0.2.1" or "IPv6:2001:db8::1". Returns as sceau_ip_parse. */
int sceau_ip_parse_literal(struct sceau_slice text, struct sceau_ip *ip_r,
                           struct sceau_err *err);

/* Write the address (RFC 5952) to out[SCEAU_IP_TEXT_MAX]. */
void sceau_ip_print(const struct sceau_ip *ip, char *out);

/* Whether both are the same address. */
bool sceau_ip_equal(const struct sceau_ip *a, const struct sceau_ip *b);

/* Whether ip is of 127.0.0.0/8 or ::1. */
bool sceau_ip_is_loopback(const struct sceau_ip *ip);

/* Read "ADDRESS/BITS", or "ADDRESS" for a network of one. Bits behind the
   network's must be 0, since "192.0.2.7/24" is more often a slip than meant.
   A mapped network (::ffff:192.0.2.0/120) becomes the IPv4 one.
   Returns 0, or -1 with FAULT_CONFIG and *net_r untouched. */
int sceau_ip_parse_net(struct sceau_slice text, struct sceau_ip_net *net_r,
                       struct sceau_err *err);

/* Whether ip lies in net; never across address families. */
bool sceau_ip_net_has(const struct sceau_ip_net *net,
                      const struct sceau_ip *ip);

/* The network around ip: its first bits4 bits if it is IPv4, bits6 if IPv6
   (more than there are counts as all). For keys such as /24 and /64. */
struct sceau_ip_net sceau_ip_net_around(const struct sceau_ip *ip,
                                        unsigned bits4, unsigned bits6);

/* Write "ADDRESS/BITS" to out[SCEAU_IP_NET_TEXT_MAX]. */
void sceau_ip_net_print(const struct sceau_ip_net *net, char *out);

/* Write the name of the PTR record, "1.2.0.192.in-addr.arpa" or 32 nibbles
   and "ip6.arpa", to out[SCEAU_IP_NAME_MAX]. No final dot. */
void sceau_ip_ptr_name(const struct sceau_ip *ip, char *out);

/* Write the name to ask a blocklist for, "1.2.0.192.ZONE" (RFC 5782; nibbles
   for IPv6), to out[size]. Returns 0, or -1 (out untouched) when zone is empty
   or the name is longer than size - 1 or than DNS allows (253). */
int sceau_ip_dnsbl_name(const struct sceau_ip *ip, const char *zone, char *out,
                        size_t size);

#endif
