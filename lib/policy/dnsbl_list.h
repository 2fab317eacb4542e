/* dnsbl_list.h - which DNS lists are asked, and what their answers mean.
 *
 * One list is written as postscreen writes it, with a name before it if wanted:
 *
 *   [NAME:]ZONE[=FILTER][*WEIGHT]
 *
 *   zen.spamhaus.org=127.0.0.[2..11]*3
 *   dnswl:list.dnswl.org=127.0.[2..9].[1..3]*-2
 *   zen:{spamhaus}.zen.dq.spamhaus.net=127.0.0.[2..11]*3
 *
 * FILTER is an address of which each number may be [A;B..C], WEIGHT a number
 * from -1000 to 1000 but 0, default 1; a negative one makes it a list of whom
 * to trust. {KEY} stands for a customer's key, which a file of its own has
 * (sceau_dnsbl_keys_parse): what a log, a header or a reply shows of a list is
 * its name, else the zone as it is written here.
 *
 * An answer counts only if the filter has it. Without a filter that is
 * 127.0.0.2 to 127.0.0.254; a list to be trusted must have one. What lists say
 * instead of an answer is none, whatever the filter: 127.255.255.0/24 (refused
 * to ask: Spamhaus and others), 127.0.0.1 (RFC 5782 5: never an entry; refused:
 * URIBL), anything outside 127.0.0.0/8 (a dead list whose domain was sold);
 * and of lists to be trusted also 127.0.0.255 and 127.0.10.0/24 (dnswl.org's
 * answers to whom it does not serve any more: the latter once for everybody).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DNSBL_LIST_H
#define SCEAU_DNSBL_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

#define SCEAU_DNSBL_LISTS_MAX 32
#define SCEAU_DNSBL_WEIGHT_MAX 1000
#define SCEAU_DNSBL_KEYS_MAX 16
#define SCEAU_DNSBL_KEYS_FILE_MAX 8192
#define SCEAU_DNSBL_NAME_SIZE 65 /* of a name or a key's name */
#define SCEAU_DNSBL_KEY_SIZE 129
#define SCEAU_DNSBL_ZONE_SIZE 190 /* leaves room for 32 nibbles */

/* What a list is asked about; each setting is for one of them. */
enum sceau_dnsbl_subject {
	SCEAU_DNSBL_CLIENT, /* the client's address */
	SCEAU_DNSBL_HELO, /* names: of HELO, */
	SCEAU_DNSBL_SENDER, /* the sender's domain, */
	SCEAU_DNSBL_REVERSE, /* the client's name */
	SCEAU_DNSBL_SUBJECTS /* how many there are */
};

/* Which addresses count: one bit a value, for each of the four numbers. */
struct sceau_dnsbl_filter {
	uint32_t octet[4][8];
};

struct sceau_dnsbl_list {
	enum sceau_dnsbl_subject subject;
	char name[SCEAU_DNSBL_ZONE_SIZE]; /* what may be shown */
	char zone[SCEAU_DNSBL_ZONE_SIZE]; /* what is asked; may be a secret */
	struct sceau_dnsbl_filter filter;
	int weight;
};

/* The lists of one configuration. */
struct sceau_dnsbl_lists {
	struct sceau_dnsbl_list list[SCEAU_DNSBL_LISTS_MAX];
	size_t count;
};

/* Customers' keys by name. Secret: wipe it when the lists are made. */
struct sceau_dnsbl_keys {
	struct {
		char name[SCEAU_DNSBL_NAME_SIZE];
		char key[SCEAU_DNSBL_KEY_SIZE];
	} entry[SCEAU_DNSBL_KEYS_MAX];
	size_t count;
};

/* What one address in an answer means. */
enum sceau_dnsbl_code {
	SCEAU_DNSBL_CODE_LISTED, /* the filter has it */
	SCEAU_DNSBL_CODE_OTHER, /* an entry, not one that counts here */
	SCEAU_DNSBL_CODE_REFUSED, /* we may not ask */
	SCEAU_DNSBL_CODE_ODD, /* no list answers so: parked, dead, broken */
};

/* Read a keys file: text[len], called file in errors, lines "NAME KEY", '#' at
   the beginning of comments. Returns 0, or -1 with FAULT_CONFIG and
   "file:line: reason"; the reason never holds a key. */
int sceau_dnsbl_keys_parse(const char *text, size_t len, const char *file,
                           struct sceau_dnsbl_keys *keys_r,
                           struct sceau_err *err);

/* Add the list that text describes. keys may be NULL. Returns 0, or -1 with
   FAULT_CONFIG and lists untouched. */
int sceau_dnsbl_lists_add(struct sceau_dnsbl_lists *lists,
                          enum sceau_dnsbl_subject subject, const char *text,
                          const struct sceau_dnsbl_keys *keys,
                          struct sceau_err *err);

/* What the address of an A record, 4 bytes in network order, means to list. */
enum sceau_dnsbl_code sceau_dnsbl_list_code(const struct sceau_dnsbl_list *list,
                                            const unsigned char address[4]);

/* The word for a subject: "client", "helo", "sender", "reverse". */
const char *sceau_dnsbl_subject_word(enum sceau_dnsbl_subject subject);

#endif
