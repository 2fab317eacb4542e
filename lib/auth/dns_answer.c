/* dns_answer.c - see dns_answer.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "auth/dns_answer.h"
#include "base/text.h"

/* RFC 1035 3.1 and 2.3.4. */
#define LABEL_MAX 63
#define NAME_OCTETS_MAX 255

/* Length of the piece of name that stands for one octet; 0: a backslash that
   escapes nothing. */
static size_t octet_length(const char *name)
{
	if (name[0] != '\\')
		return 1;
	if (name[1] == '\0')
		return 0;
	if (!sceau_text_is_digit(name[1]))
		return 2;
	if (!sceau_text_is_digit(name[2]) || !sceau_text_is_digit(name[3]))
		return 0;
	int octet = (name[1] - '0') * 100 + (name[2] - '0') * 10 + name[3] -
	            '0';
	return octet > 255 ? 0 : 4;
}

bool sceau_dns_name_is_valid(const char *name)
{
	size_t label = 0, wire = 1; /* the root's empty label */

	if (strcmp(name, ".") == 0)
		return true;
	while (*name != '\0') {
		size_t n = octet_length(name);

		if (n == 0)
			return false;
		if (*name == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (++label > LABEL_MAX) {
			return false;
		}
		/* A label's first octet comes with its length octet. */
		wire += *name == '.' ? 0 : label == 1 ? 2 : 1;
		if (wire > NAME_OCTETS_MAX)
			return false;
		name += n;
	}
	return wire > 1;
}

int sceau_dns_name_escape(struct sceau_slice raw, char out[SCEAU_DNS_NAME_SIZE])
{
	size_t used = 0;

	/* 255 octets, less the first length and the root (RFC 1035 3.1). */
	if (raw.len > NAME_OCTETS_MAX - 2)
		return -1;
	for (size_t i = 0; i < raw.len; i++) {
		unsigned char c = (unsigned char)raw.data[i];

		if (c <= 0x20 || c >= 0x7f || c == '\\')
			used += (size_t)snprintf(out + used, 5, "\\%03u", c);
		else
			out[used++] = (char)c;
	}
	out[used] = '\0';
	return 0;
}

int sceau_dns_record_text(const struct sceau_dns_record *record,
                          struct sceau_buf *out, struct sceau_err *err)
{
	size_t pos = 0;

	/* RFC 1035 3.3.14: one or more strings, each with a length octet. */
	if (record->len == 0)
		return sceau_fail(err, SCEAU_FAULT_PEER, "empty TXT record");
	while (pos < record->len) {
		size_t len = record->data[pos++];

		if (len > record->len - pos)
			return sceau_fail(err, SCEAU_FAULT_PEER,
			                  "malformed TXT record");
		if (sceau_buf_append(out, record->data + pos, len) < 0)
			return sceau_fail(err, SCEAU_FAULT_LIMIT,
			                  "TXT record is too long");
		pos += len;
	}
	return 0;
}

/* Append one octet of a label to name[*used..]; the caller knows that there is
   room, since each of the 255 octets takes at most four characters. */
static void put_octet(char *name, size_t *used, unsigned char octet)
{
	char c = sceau_text_lower((char)octet);

	if (octet <= 0x20 || octet >= 0x7f || c == '.' || c == '\\')
		*used += (size_t)snprintf(name + *used, 5, "\\%03u", octet);
	else
		name[(*used)++] = c;
}

/* The name that fills data[0..len) exactly. */
static int read_name(const unsigned char *data, size_t len,
                     char name_r[SCEAU_DNS_NAME_SIZE])
{
	char name[SCEAU_DNS_NAME_SIZE];
	size_t pos = 0, used = 0;

	if (len == 0 || len > NAME_OCTETS_MAX)
		return -1;
	while (pos < len && data[pos] != 0) {
		size_t label = data[pos++];

		if (label > LABEL_MAX || label >= len - pos)
			return -1;
		if (used > 0)
			name[used++] = '.';
		for (size_t i = 0; i < label; i++)
			put_octet(name, &used, data[pos + i]);
		pos += label;
	}
	if (pos != len - 1)
		return -1;
	if (used == 0)
		name[used++] = '.';
	name[used] = '\0';
	memcpy(name_r, name, used + 1);
	return 0;
}

int sceau_dns_record_name(const struct sceau_dns_record *record,
                          char name_r[SCEAU_DNS_NAME_SIZE],
                          struct sceau_err *err)
{
	if (read_name(record->data, record->len, name_r) < 0)
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "malformed name in a DNS record");
	return 0;
}

int sceau_dns_record_mx(const struct sceau_dns_record *record,
                        uint16_t *preference_r,
                        char name_r[SCEAU_DNS_NAME_SIZE], struct sceau_err *err)
{
	if (record->len < 3 ||
	    read_name(record->data + 2, record->len - 2, name_r) < 0)
		return sceau_fail(err, SCEAU_FAULT_PEER, "malformed MX record");
	*preference_r = (uint16_t)(record->data[0] << 8 | record->data[1]);
	return 0;
}

const unsigned char *
sceau_dns_record_address(const struct sceau_dns_record *record,
                         enum sceau_dns_type type)
{
	size_t want = type == SCEAU_DNS_A ? 4 : type == SCEAU_DNS_AAAA ? 16 : 0;

	return want != 0 && record->len == want ? record->data : NULL;
}

const char *sceau_dns_status_name(enum sceau_dns_status status)
{
	switch (status) {
	case SCEAU_DNS_OK:
		return "ok";
	case SCEAU_DNS_NODATA:
		return "nodata";
	case SCEAU_DNS_NXDOMAIN:
		return "nxdomain";
	case SCEAU_DNS_SERVFAIL:
		return "servfail";
	case SCEAU_DNS_TIMEOUT:
		break;
	}
	return "timeout";
}
