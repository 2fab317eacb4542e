/* dns_server.h - which resolvers to ask.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DNS_SERVER_H
#define SCEAU_DNS_SERVER_H

#include <stddef.h>

#include "base/err.h"

/* Longest "IP@port" with its NUL. */
#define SCEAU_DNS_SERVER_SIZE 56

/* Write text (IP, IP@port, IPv4:port or [IPv6]:port) to server_r as libunbound
   wants it, "IP@port". Returns -1 and FAULT_CONFIG when it is none. */
int sceau_dns_server_parse(const char *text,
                           char server_r[SCEAU_DNS_SERVER_SIZE],
                           struct sceau_err *err);

/* Collect the resolvers of our own that resolv.conf's text[0..len) names: at
   most max of them, each of them on loopback and none the stub of
   systemd-resolved. Returns their number. Pure. */
size_t sceau_dns_server_find_local(const char *text, size_t len,
                                   char (*servers_r)[SCEAU_DNS_SERVER_SIZE],
                                   size_t max);

#endif
