/* spf_request.c - from a request to the machine's start: whose policy is it?
 *
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/spf_state.h"

#define LABEL_MAX 63

/* Copy text, cut to what fits out[size]; a NUL becomes '?'. */
static void copy_text(struct sceau_slice text, char *out, size_t size)
{
	size_t len = text.len < size - 1 ? text.len : size - 1;

	for (size_t i = 0; i < len; i++)
		out[i] = (char)(text.data[i] == '\0' ? '?' : text.data[i]);
	out[len] = '\0';
}

static bool is_host_char(char c)
{
	return sceau_text_is_alpha(c) || sceau_text_is_digit(c) || c == '-' ||
	       c == '_';
}

/* RFC 7208 4.3: labels of 1 to 63, at least two of them, 253 characters. What
   no mail domain can hold (address literals, blanks) and what is an address
   rather than a name has no policy either. */
static bool is_mail_domain(const char *name)
{
	size_t label = 0, dots = 0;
	bool is_number = true;

	for (; *name != '\0'; name++) {
		if (*name == '.') {
			if (label == 0)
				return false;
			dots++;
			label = 0;
			is_number = true;
			continue;
		}
		if (!is_host_char(*name) || ++label > LABEL_MAX)
			return false;
		is_number = is_number && sceau_text_is_digit(*name);
	}
	return label > 0 && dots > 0 && !is_number;
}

static struct sceau_slice without_final_dot(struct sceau_slice name)
{
	if (name.len > 0 && name.data[name.len - 1] == '.')
		name.len--;
	return name;
}

/* RFC 7208 7.3: %{i} is the address as its reverse name has it, forwards. */
static void put_address(struct sceau_spf *spf)
{
	static const char hex[] = "0123456789ABCDEF";
	char *at = spf->ip_dots;

	sceau_ip_print(&spf->ip, spf->ip_text);
	if (spf->ip.len == 4) {
		memcpy(at, spf->ip_text, strlen(spf->ip_text) + 1);
		return;
	}
	for (unsigned i = 0; i < 16; i++) {
		*at++ = hex[spf->ip.bytes[i] >> 4];
		*at++ = '.';
		*at++ = hex[spf->ip.bytes[i] & 15];
		*at++ = '.';
	}
	at[-1] = '\0';
}

/* The mailbox that is checked; RFC 7208 2.4 and 4.3: that of HELO is
   postmaster's, and so is one without a local part. */
static void put_mailbox(struct sceau_spf *spf,
                        const struct sceau_spf_request *request)
{
	bool is_helo = request->is_helo || request->domain.len == 0;
	struct sceau_slice domain = is_helo ? request->helo : request->domain;
	struct sceau_slice local_part = request->local;

	if (is_helo || local_part.len == 0)
		local_part = sceau_slice_of("postmaster");
	domain = without_final_dot(domain);
	copy_text(local_part, spf->local_part, sizeof(spf->local_part));
	copy_text(domain, spf->sender_domain, sizeof(spf->sender_domain));
	snprintf(spf->sender, sizeof(spf->sender), "%s@%s", spf->local_part,
	         spf->sender_domain);
	if (domain.len <= SCEAU_SPF_DOMAIN_MAX &&
	    is_mail_domain(spf->sender_domain)) {
		memcpy(spf->result.domain, spf->sender_domain, domain.len + 1);
		sceau_text_make_lower(spf->result.domain);
	}
}

static void put_values(struct sceau_spf *spf,
                       const struct sceau_spf_request *request)
{
	struct sceau_spf_macro_values *values = &spf->values;

	copy_text(without_final_dot(request->helo), spf->helo,
	          sizeof(spf->helo));
	copy_text(request->receiver.len > 0 ? request->receiver
	                                    : sceau_slice_of("unknown"),
	          spf->receiver, sizeof(spf->receiver));
	snprintf(spf->timestamp, sizeof(spf->timestamp), "%" PRIu64,
	         request->now_s);
	values->sender = spf->sender;
	values->local_part = spf->local_part;
	values->sender_domain = spf->sender_domain;
	values->ip_dots = spf->ip_dots;
	values->version = spf->ip.len == 4 ? "in-addr" : "ip6";
	values->helo = spf->helo;
	values->ip_text = spf->ip_text;
	values->receiver = spf->receiver;
	values->timestamp = spf->timestamp;
}

struct sceau_spf *sceau_spf_new(const struct sceau_spf_request *request)
{
	struct sceau_spf *spf = calloc(1, sizeof(*spf));

	if (spf == NULL)
		return NULL;
	sceau_buf_init(&spf->text, SCEAU_SPF_RECORD_MAX);
	/* RFC 7208 5: an IPv4-mapped client is one of IPv4. */
	if (sceau_ip_from_bytes(request->ip.bytes, request->ip.len, &spf->ip) <
	    0)
		spf->ip.len = 4;
	put_address(spf);
	put_mailbox(spf, request);
	put_values(spf, request);
	if (spf->result.domain[0] == '\0') {
		spf->is_done = true;
		snprintf(spf->result.reason, sizeof(spf->result.reason),
		         "no domain that could have a policy");
		return spf;
	}
	spf->result.code = SCEAU_SPF_TEMPERROR;
	sceau_spf_begin(spf, spf->sender_domain);
	return spf;
}
