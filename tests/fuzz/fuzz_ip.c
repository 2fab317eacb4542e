/* fuzz_ip.c - addresses and networks from any text
 *
 * Properties: print then parse is identity, for addresses, networks and
 * literals; a network has its own address; names fit and agree.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "fuzz/fuzz.h"

static void check_address(const struct sceau_ip *ip)
{
	char text[SCEAU_IP_TEXT_MAX], name[SCEAU_IP_NAME_MAX], list[256];
	struct sceau_ip again;

	sceau_ip_print(ip, text);
	REQUIRE(sceau_ip_parse(sceau_slice_of(text), &again, NULL) == 0);
	REQUIRE(sceau_ip_equal(ip, &again));
	sceau_ip_ptr_name(ip, name);
	REQUIRE(strlen(name) < SCEAU_IP_NAME_MAX);
	REQUIRE(sceau_ip_dnsbl_name(ip,
	                            ip->len == 4 ? "in-addr.arpa" : "ip6.arpa",
	                            list, sizeof(list)) == 0);
	REQUIRE(strcmp(name, list) == 0);
	for (unsigned bits = 0; bits <= 128; bits++) {
		struct sceau_ip_net net = sceau_ip_net_around(ip, bits, bits);
		struct sceau_ip_net parsed;
		char net_text[SCEAU_IP_NET_TEXT_MAX];

		REQUIRE(sceau_ip_net_has(&net, ip));
		sceau_ip_net_print(&net, net_text);
		REQUIRE(sceau_ip_parse_net(sceau_slice_of(net_text), &parsed,
		                           NULL) == 0);
		REQUIRE(parsed.bits == net.bits &&
		        sceau_ip_equal(&parsed.ip, &net.ip));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sceau_slice text = { (const char *)data, size };
	struct sceau_ip_net net;
	struct sceau_ip ip;
	struct sceau_err err;

	if (sceau_ip_parse(text, &ip, &err) == 0)
		check_address(&ip);
	if (sceau_ip_parse_literal(text, &ip, &err) == 0)
		check_address(&ip);
	if (sceau_ip_parse_net(text, &net, &err) == 0) {
		REQUIRE(sceau_ip_net_has(&net, &net.ip));
		REQUIRE(net.bits <= net.ip.len * 8);
		check_address(&net.ip);
	}
	if (sceau_ip_from_bytes(data, size, &ip) == 0)
		check_address(&ip);
	return 0;
}
