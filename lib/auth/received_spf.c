/* received_spf.c - see received_spf.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "auth/received_spf.h"

/* Bytes of a quoted value, escapes included: RFC 5322 2.1.1 allows 998 a
   line, and each key has its own. */
#define VALUE_MAX 900

static bool is_atom_char(char c)
{
	return sceau_text_is_alpha(c) || sceau_text_is_digit(c) ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* RFC 5322 3.2.3: atoms with single dots between them. */
static bool is_dot_atom(struct sceau_slice text)
{
	bool after_dot = true;

	for (size_t i = 0; i < text.len; i++) {
		bool is_dot = text.data[i] == '.';

		if (is_dot ? after_dot : !is_atom_char(text.data[i]))
			return false;
		after_dot = is_dot;
	}
	return !after_dot && text.len <= VALUE_MAX;
}

/* A quoted string: what is not printable ASCII becomes '?', what is too long is
   cut. */
static void put_quoted(struct sceau_buf *out, struct sceau_slice text)
{
	size_t used = 0;

	sceau_buf_append_text(out, "\"");
	for (size_t i = 0; i < text.len && used < VALUE_MAX; i++) {
		char c = text.data[i];

		if (c < 0x20 || c > 0x7e)
			c = '?';
		if (c == '"' || c == '\\') {
			sceau_buf_append_text(out, "\\");
			used++;
		}
		sceau_buf_append(out, &c, 1);
		used++;
	}
	sceau_buf_append_text(out, "\"");
}

/* One key and its value; every one but the first begins a line. */
static void put_pair(struct sceau_buf *out, const char *key,
                     struct sceau_slice value)
{
	sceau_buf_appendf(out, ";\n\t%s=", key);
	if (is_dot_atom(value))
		sceau_buf_append(out, value.data, value.len);
	else
		put_quoted(out, value);
}

static const char *comment_of(enum sceau_spf_code code)
{
	switch (code) {
	case SCEAU_SPF_PASS:
		return "permits";
	case SCEAU_SPF_FAIL:
		return "does not permit";
	case SCEAU_SPF_SOFTFAIL:
		return "does not expect";
	case SCEAU_SPF_NEUTRAL:
		return "says nothing about";
	case SCEAU_SPF_NONE:
		return "has no policy for";
	case SCEAU_SPF_TEMPERROR:
	case SCEAU_SPF_PERMERROR:
		break;
	}
	return "could not be asked about";
}

int sceau_received_spf_print(const struct sceau_received_spf *field,
                             struct sceau_buf *out, struct sceau_err *err)
{
	const struct sceau_spf_result *result = field->result;
	char ip[SCEAU_IP_TEXT_MAX];

	sceau_ip_print(&field->ip, ip);
	/* A checked domain holds letters, digits, '-', '_' and dots alone, so
	   it can neither end the comment nor escape in it. */
	sceau_buf_appendf(out, "%s (%s %s %s)\n\tidentity=%s",
	                  sceau_spf_code_name(result->code),
	                  result->domain[0] == '\0' ? "this client"
	                                            : result->domain,
	                  comment_of(result->code), ip,
	                  field->is_helo ? "helo" : "mailfrom");
	put_pair(out, "client-ip", sceau_slice_of(ip));
	put_pair(out, "helo", field->helo);
	put_pair(out, "envelope-from", field->mail_from);
	put_pair(out, "receiver", field->receiver);
	if (result->mechanism[0] != '\0')
		put_pair(out, "mechanism", sceau_slice_of(result->mechanism));
	if (result->reason[0] != '\0')
		put_pair(out, "problem", sceau_slice_of(result->reason));
	return out->failed ? sceau_fail(err, SCEAU_FAULT_LIMIT,
	                                "no room for Received-SPF")
	                   : 0;
}
