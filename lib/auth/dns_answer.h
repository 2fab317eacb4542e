/* dns_answer.h - what a DNS question came to, as the deciders see it.
 *
 * The deciders of lib/auth and lib/policy ask by name and type and get one of
 * these; who resolved it (libunbound, a canned zone of a test) they cannot
 * know. Record data is wire format (RFC 1035 3.3, names uncompressed) and
 * untrusted; the readers below check every length.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DNS_ANSWER_H
#define SCEAU_DNS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* A name in text with its closing NUL: 255 octets on the wire, each of which
   may need the four characters of \DDD. */
#define SCEAU_DNS_NAME_SIZE 1025
/* More records than that are dropped and said so; RFC 7208 needs 10. */
#define SCEAU_DNS_RECORDS_MAX 128

/* Numbers of RFC 1035, 3596 and 6698. */
enum sceau_dns_type {
	SCEAU_DNS_A = 1,
	SCEAU_DNS_NS = 2,
	SCEAU_DNS_CNAME = 5,
	SCEAU_DNS_SOA = 6,
	SCEAU_DNS_PTR = 12,
	SCEAU_DNS_MX = 15,
	SCEAU_DNS_TXT = 16,
	SCEAU_DNS_AAAA = 28,
	SCEAU_DNS_TLSA = 52,
};

enum sceau_dns_status {
	SCEAU_DNS_OK, /* at least one record */
	SCEAU_DNS_NODATA, /* the name exists, not with this type */
	SCEAU_DNS_NXDOMAIN, /* no such name */
	SCEAU_DNS_SERVFAIL, /* no usable answer; a bogus one included */
	SCEAU_DNS_TIMEOUT, /* no answer before the deadline */
};

/* rdata of one record; points into what the answer's maker owns. */
struct sceau_dns_record {
	const unsigned char *data;
	size_t len;
};

/* One answer. Whoever hands it out says how long it lives; for a callback:
   until it returns. */
struct sceau_dns_answer {
	const char *name; /* as asked */
	enum sceau_dns_type type;
	enum sceau_dns_status status;
	uint32_t ttl_s; /* least of the answer; 0 when unknown */
	bool is_secure; /* validated by DNSSEC */
	bool is_bogus; /* failed validation: status is SERVFAIL */
	bool is_cut; /* had more than SCEAU_DNS_RECORDS_MAX records */
	size_t count;
	struct sceau_dns_record records[SCEAU_DNS_RECORDS_MAX];
};

/* Whether name can be asked for: labels of 1 to 63 octets between dots, at
   most 255 octets on the wire, a dot at the end or not, "." for the root.
   \DDD and \X stand for one octet (RFC 1035 5.1). */
bool sceau_dns_name_is_valid(const char *name);

/* Write a name whose bytes stand for themselves, dots between labels apart, as
   questions have it: blanks, control and 8-bit characters and backslashes as
   \DDD. Returns 0, or -1 (out untouched) when it has more than 253 bytes, which
   no name has. */
int sceau_dns_name_escape(struct sceau_slice raw,
                          char out[SCEAU_DNS_NAME_SIZE]);

/* Append the text of a TXT record (its strings joined without a space, RFC
   7208 3.3) to out; it may hold any byte. Returns -1 (FAULT_PEER) when the
   lengths do not fit, or FAULT_LIMIT when out is full; out may then hold a
   part. */
int sceau_dns_record_text(const struct sceau_dns_record *record,
                          struct sceau_buf *out, struct sceau_err *err);

/* Read the name of a PTR, NS or CNAME record as text without a dot at its end
   ("." for the root), lower case, odd bytes as \DDD. Returns -1 (FAULT_PEER)
   when it is malformed; name_r is then untouched. */
int sceau_dns_record_name(const struct sceau_dns_record *record,
                          char name_r[SCEAU_DNS_NAME_SIZE],
                          struct sceau_err *err);

/* Read an MX record. Returns as sceau_dns_record_name. */
int sceau_dns_record_mx(const struct sceau_dns_record *record,
                        uint16_t *preference_r,
                        char name_r[SCEAU_DNS_NAME_SIZE],
                        struct sceau_err *err);

/* Address of an A (4 bytes) or AAAA (16 bytes) record: a pointer into it, or
   NULL when it has another length than type wants. */
const unsigned char *
sceau_dns_record_address(const struct sceau_dns_record *record,
                         enum sceau_dns_type type);

/* Short name of a status for logs: "ok", "nxdomain", ... Never NULL. */
const char *sceau_dns_status_name(enum sceau_dns_status status);

#endif
