/* dns_server.c - see dns_server.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "daemon/dns_server.h"

#define DEFAULT_PORT 53

/* Split text at the port, which follows '@', the ':' of an IPv4 address or
   the "]:" of an IPv6 one. port->data is NULL when there is none. */
static void split(struct sceau_slice text, struct sceau_slice *ip,
                  struct sceau_slice *port)
{
	const char *end = text.data + text.len;
	const char *at = memchr(text.data, '@', text.len);
	const char *colon = memchr(text.data, ':', text.len);
	bool is_single = colon != NULL &&
	                 memchr(colon + 1, ':', (size_t)(end - colon - 1)) ==
	                         NULL;

	*ip = text;
	*port = (struct sceau_slice){ NULL, 0 };
	if (text.data[0] == '[') {
		const char *close = memchr(text.data, ']', text.len);

		if (close == NULL)
			return;
		*ip = (struct sceau_slice){ text.data + 1,
			                    (size_t)(close - text.data) - 1 };
		at = close + 1 < end && close[1] == ':' ? close + 1 : NULL;
		/* Bytes behind the bracket that are no port spoil the IP. */
		if (at == NULL && close + 1 < end)
			*ip = text;
	} else if (at == NULL && is_single) {
		at = colon;
	}
	if (at == NULL)
		return;
	if (text.data[0] != '[')
		ip->len = (size_t)(at - text.data);
	*port = (struct sceau_slice){ at + 1, (size_t)(end - at) - 1 };
}

int sceau_dns_server_parse(const char *text,
                           char server_r[SCEAU_DNS_SERVER_SIZE],
                           struct sceau_err *err)
{
	struct sceau_slice slice = sceau_slice_of(text), ip, port;
	uint64_t number = DEFAULT_PORT;
	char copy[INET6_ADDRSTRLEN];
	unsigned char address[16];

	if (slice.len == 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "empty address");
	split(slice, &ip, &port);
	if (sceau_slice_copy(ip, copy, sizeof(copy)) < 0 ||
	    (inet_pton(AF_INET, copy, address) != 1 &&
	     inet_pton(AF_INET6, copy, address) != 1))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "\"%s\" is not of the form IP, IP@port, "
		                  "IP:port or [IP]:port",
		                  text);
	if (port.data != NULL &&
	    (sceau_text_parse_number(port, 65535, &number, NULL) < 0 ||
	     number == 0))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "\"%s\" has no port from 1 to 65535", text);
	snprintf(server_r, SCEAU_DNS_SERVER_SIZE, "%s@%u", copy,
	         (unsigned)number);
	return 0;
}

/* The address of a nameserver line that is a resolver of this host. */
static bool is_local(const char *ip)
{
	unsigned char v4[4], v6[16];
	static const unsigned char loopback[16] = { [15] = 1 };

	if (inet_pton(AF_INET6, ip, v6) == 1)
		return memcmp(v6, loopback, sizeof(v6)) == 0;
	if (inet_pton(AF_INET, ip, v4) != 1 || v4[0] != 127)
		return false;
	/* systemd-resolved's stubs: they hand on to whatever DHCP named. */
	return !(v4[1] == 0 && v4[2] == 0 && (v4[3] == 53 || v4[3] == 54));
}

size_t sceau_dns_server_find_local(const char *text, size_t len,
                                   char (*servers_r)[SCEAU_DNS_SERVER_SIZE],
                                   size_t max)
{
	struct sceau_slice rest = { text, len }, line, word;
	size_t count = 0;
	char ip[INET6_ADDRSTRLEN];

	while (count < max && sceau_slice_next_word(&rest, "\n", &line)) {
		if (!sceau_slice_next_word(&line, " \t\r", &word) ||
		    !sceau_slice_is(word, "nameserver") ||
		    !sceau_slice_next_word(&line, " \t\r", &word) ||
		    sceau_slice_copy(word, ip, sizeof(ip)) < 0 || !is_local(ip))
			continue;
		if (sceau_dns_server_parse(ip, servers_r[count], NULL) == 0)
			count++;
	}
	return count;
}
