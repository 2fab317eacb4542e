/* rdns_generic.h - whether a client's name is one that providers give out.
 *
 * A mail server has a name that somebody chose; an address of a pool has one
 * that a program made of the address: 192-0-2-7.dyn.example.net,
 * cpe-c0000207.example.net, host7.2.0.192.example.net. Generic is a name
 * - that holds the client's address: three or four of the numbers of an IPv4
 *   address beside each other in either order, its eight hexadecimal digits,
 *   its four numbers with three digits each, or twelve digits of an IPv6
 *   address in a row, marks between them left out
 * - or that has, left of its last two labels, a word that stands for such
 *   pools ("dynamic", "dhcp", "adsl", "pppoe", "dialup", ...) and a digit.
 *
 * A hint, no proof: good for asking a client to come back, not for refusing
 * him.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_RDNS_GENERIC_H
#define SCEAU_RDNS_GENERIC_H

#include <stdbool.h>

#include "base/ip.h"

/* Names longer than that are no names; they count as generic. */
#define SCEAU_RDNS_NAME_MAX 255

/* Whether name, as the DNS gave it for ip, is generic. name is not empty. */
bool sceau_rdns_is_generic(const char *name, const struct sceau_ip *ip);

/* Whether name stands for "there is none": empty, "unknown" (Postfix) or an
   address in brackets. */
bool sceau_rdns_is_missing(const char *name);

#endif
