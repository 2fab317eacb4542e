/* greylist_key.c - see greylist_key.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "policy/greylist_key.h"
#include "policy/greylist_sender.h"

/* Bytes of an address that are looked at; a path is shorter. */
#define ADDRESS_SIZE 600

static bool is_plain(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '/' && c != '%';
}

/* Append text to out[size] from *used on, escaped, as far as it fits; never a
   part of an escape. */
static void put_escaped(struct sceau_slice text, size_t size, char *out,
                        size_t *used)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		size_t need = is_plain(c) ? 1 : 3;

		if (*used + need >= size)
			break;
		if (is_plain(c))
			out[(*used)++] = (char)c;
		else
			*used += (size_t)snprintf(out + *used, size - *used,
			                          "%%%02X", c);
	}
	out[*used] = '\0';
}

/* A domain too long is cut at its beginning: its owner is named at its end. */
static void put_domain(struct sceau_slice domain, char *out, size_t *used)
{
	char lower[ADDRESS_SIZE];
	size_t most = SCEAU_GREYLIST_PART_MAX - *used;

	if (domain.len > 0 && domain.data[domain.len - 1] == '.')
		domain.len--;
	if (domain.len > most) {
		domain.data += domain.len - most;
		domain.len = most;
	}
	if (sceau_slice_copy(domain, lower, sizeof(lower)) < 0)
		lower[0] = '\0';
	sceau_text_make_lower(lower);
	put_escaped(sceau_slice_of(lower), SCEAU_GREYLIST_PART_SIZE, out, used);
}

void sceau_greylist_origin(const struct sceau_ip *ip, const char *spf_domain,
                           char out[SCEAU_GREYLIST_PART_SIZE])
{
	struct sceau_ip_net net;
	size_t used = 0;

	if (spf_domain != NULL && spf_domain[0] != '\0') {
		put_domain(sceau_slice_of(spf_domain), out, &used);
		return;
	}
	net = sceau_ip_net_around(ip, 24, 64);
	sceau_ip_net_print(&net, out);
}

/* Take address apart at its last '@' into lower-case copies. */
static void split(const char *address, char local[ADDRESS_SIZE],
                  struct sceau_slice *domain_r)
{
	const char *at = strrchr(address, '@');
	size_t len = at != NULL ? (size_t)(at - address) : strlen(address);

	if (len > ADDRESS_SIZE - 1)
		len = ADDRESS_SIZE - 1;
	memcpy(local, address, len);
	local[len] = '\0';
	sceau_text_make_lower(local);
	*domain_r = sceau_slice_of(at != NULL ? at + 1 : "");
}

/* "local@domain", each of them cut to half of the room if both are long. */
static void put_address(const char *local, struct sceau_slice domain, char *out)
{
	size_t half = SCEAU_GREYLIST_PART_MAX / 2, used = 0;
	size_t domain_room = domain.len > half ? half : domain.len + 1;

	put_escaped(sceau_slice_of(local),
	            SCEAU_GREYLIST_PART_SIZE - domain_room, out, &used);
	if (domain.len == 0)
		return;
	out[used++] = '@';
	put_domain(domain, out, &used);
}

void sceau_greylist_sender(const char *address,
                           char out[SCEAU_GREYLIST_PART_SIZE])
{
	char local[ADDRESS_SIZE];
	struct sceau_slice domain;

	split(address, local, &domain);
	sceau_greylist_sender_local(local);
	put_address(local, domain, out);
}

void sceau_greylist_recipient(const char *address,
                              char out[SCEAU_GREYLIST_PART_SIZE])
{
	char local[ADDRESS_SIZE];
	struct sceau_slice domain;

	split(address, local, &domain);
	sceau_greylist_recipient_local(local);
	put_address(local, domain, out);
}

void sceau_greylist_attempt_key(const char *recipient, const char *sender,
                                const char *origin,
                                char out[SCEAU_GREYLIST_KEY_SIZE])
{
	snprintf(out, SCEAU_GREYLIST_KEY_SIZE, "%c/%s/%s/%s",
	         SCEAU_GREYLIST_ATTEMPT, recipient, sender, origin);
}

void sceau_greylist_client_key(const char *origin,
                               char out[SCEAU_GREYLIST_KEY_SIZE])
{
	snprintf(out, SCEAU_GREYLIST_KEY_SIZE, "%c/%s", SCEAU_GREYLIST_CLIENT,
	         origin);
}

void sceau_greylist_learned_key(const char *user, const char *other,
                                char out[SCEAU_GREYLIST_KEY_SIZE])
{
	snprintf(out, SCEAU_GREYLIST_KEY_SIZE, "%c/%s/%s",
	         SCEAU_GREYLIST_LEARNED, user, other);
}

/* The bytes up to the next '/', which is passed over. */
static bool next_part(const char **at, struct sceau_slice *part_r)
{
	const char *slash = strchr(*at, '/');

	if (slash == NULL)
		return false;
	*part_r = (struct sceau_slice){ *at, (size_t)(slash - *at) };
	*at = slash + 1;
	return true;
}

/* What is left; only the origin, a network, may hold a '/'. */
static bool last_part(const char *at, bool is_origin,
                      struct sceau_slice *part_r)
{
	if (!is_origin && strchr(at, '/') != NULL)
		return false;
	*part_r = sceau_slice_of(at);
	return true;
}

static bool parse_parts(const char *at, struct sceau_greylist_parts *parts)
{
	switch (parts->kind) {
	case SCEAU_GREYLIST_ATTEMPT:
		return next_part(&at, &parts->recipient) &&
		       next_part(&at, &parts->sender) &&
		       last_part(at, true, &parts->origin);
	case SCEAU_GREYLIST_CLIENT:
		return last_part(at, true, &parts->origin);
	case SCEAU_GREYLIST_LEARNED:
		return next_part(&at, &parts->recipient) &&
		       last_part(at, false, &parts->sender);
	}
	return false;
}

static bool is_key_text(const char *key)
{
	for (; *key != '\0'; key++) {
		if (!is_plain((unsigned char)*key) && *key != '/' &&
		    *key != '%')
			return false;
	}
	return true;
}

int sceau_greylist_key_parse(const char *key,
                             struct sceau_greylist_parts *parts_r,
                             struct sceau_err *err)
{
	struct sceau_greylist_parts parts = { 0 };

	parts.kind = (enum sceau_greylist_kind)key[0];
	if (strlen(key) >= SCEAU_GREYLIST_KEY_SIZE || key[0] == '\0' ||
	    key[1] != '/' || !is_key_text(key) || !parse_parts(key + 2, &parts))
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "\"%.60s\" is no key of a greylist", key);
	*parts_r = parts;
	return 0;
}
