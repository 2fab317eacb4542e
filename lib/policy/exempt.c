/* exempt.c - see exempt.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "policy/exempt.h"
#include "policy/rdns_generic.h"

enum entry_kind {
	ENTRY_NET,
	ENTRY_DOMAIN, /* it and what is below */
	ENTRY_PATTERN, /* a whole name, with * or ? */
	ENTRY_ADDRESS, /* user@domain */
	ENTRY_USER, /* user@, at any domain */
};

struct sceau_exempt_entry {
	enum entry_kind kind;
	struct sceau_ip_net net;
	char *text; /* lower case; NULL for a net */
};

bool sceau_exempt_match(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			from = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star != NULL) {
			/* let the last * take one byte more */
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static bool is_domain_byte(char c)
{
	return sceau_text_is_alpha(c) || sceau_text_is_digit(c) || c == '-' ||
	       c == '_' || c == '.' || (unsigned char)c >= 0x80;
}

static bool is_domain(struct sceau_slice text, const char *also)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!is_domain_byte(text.data[i]) &&
		    (text.data[i] == '\0' ||
		     strchr(also, text.data[i]) == NULL))
			return false;
	}
	return text.len > 0 && text.data[0] != '.';
}

static bool looks_like_address(struct sceau_slice text)
{
	return memchr(text.data, ':', text.len) != NULL ||
	       memchr(text.data, '/', text.len) != NULL ||
	       sceau_text_is_digit(text.data[text.len - 1]);
}

static int parse_client(struct sceau_slice *text,
                        struct sceau_exempt_entry *entry, struct sceau_err *err)
{
	if (looks_like_address(*text)) {
		entry->kind = ENTRY_NET;
		return sceau_ip_parse_net(*text, &entry->net, err);
	}
	entry->kind = ENTRY_DOMAIN;
	if (memchr(text->data, '*', text->len) != NULL ||
	    memchr(text->data, '?', text->len) != NULL)
		entry->kind = ENTRY_PATTERN;
	if (!is_domain(*text, entry->kind == ENTRY_PATTERN ? "*?" : ""))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "\"%.*s\" is neither an address, a network "
		                  "nor a name",
		                  text->len < 60 ? (int)text->len : 60,
		                  text->data);
	return 0;
}

static int parse_recipient(struct sceau_slice *text,
                           struct sceau_exempt_entry *entry,
                           struct sceau_err *err)
{
	const char *at = memrchr(text->data, '@', text->len);
	struct sceau_slice domain = *text;

	entry->kind = ENTRY_DOMAIN;
	if (at != NULL) {
		domain.data = at + 1;
		domain.len = text->len - (size_t)(at + 1 - text->data);
		if (at == text->data)
			*text = domain;
		else
			entry->kind = domain.len == 0 ? ENTRY_USER
			                              : ENTRY_ADDRESS;
	}
	if (entry->kind == ENTRY_USER || is_domain(domain, ""))
		return 0;
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "\"%.*s\" is none of user@domain, user@ and domain",
	                  text->len < 60 ? (int)text->len : 60, text->data);
}

static int set_text(struct sceau_slice text, struct sceau_exempt_entry *entry,
                    struct sceau_err *err)
{
	char copy[SCEAU_EXEMPT_NAME_MAX + 1];

	if (sceau_slice_copy(text, copy, sizeof(copy)) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "longer than %d bytes",
		                  SCEAU_EXEMPT_NAME_MAX);
	sceau_text_make_lower(copy);
	entry->text = strdup(copy);
	if (entry->text == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	return 0;
}

static int add_entry(struct sceau_slice text, struct sceau_exempt *exempt,
                     struct sceau_err *err)
{
	struct sceau_exempt_entry entry = { .text = NULL }, *more;
	bool is_client = exempt->kind == SCEAU_EXEMPT_CLIENTS;

	if (exempt->count == SCEAU_EXEMPT_ENTRIES_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "more than %d entries",
		                  SCEAU_EXEMPT_ENTRIES_MAX);
	if ((is_client ? parse_client(&text, &entry, err)
	               : parse_recipient(&text, &entry, err)) < 0)
		return -1;
	if (entry.kind != ENTRY_NET && set_text(text, &entry, err) < 0)
		return -1;
	more = exempt->entry;
	/* full: each power of two is a size */
	if ((exempt->count & (exempt->count - 1)) == 0)
		more = reallocarray(more,
		                    exempt->count == 0 ? 1 : 2 * exempt->count,
		                    sizeof(*more));
	if (more == NULL) {
		free(entry.text);
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	}
	exempt->entry = more;
	exempt->entry[exempt->count++] = entry;
	return 0;
}

static int parse_line(struct sceau_slice line, struct sceau_exempt *exempt,
                      struct sceau_err *err)
{
	const char *hash = memchr(line.data, '#', line.len);
	struct sceau_slice word, more;

	if (hash != NULL)
		line.len = (size_t)(hash - line.data);
	if (!sceau_slice_next_word(&line, " \t\r", &word))
		return 0;
	if (sceau_slice_next_word(&line, " \t\r", &more))
		return sceau_fail(
			err, SCEAU_FAULT_CONFIG,
			"one entry a line, and comments begin with #");
	return add_entry(word, exempt, err);
}

int sceau_exempt_parse(enum sceau_exempt_kind kind, const char *text,
                       size_t len, const char *file,
                       struct sceau_exempt *exempt_r, struct sceau_err *err)
{
	struct sceau_exempt exempt = { .kind = kind };
	unsigned number = 0;
	size_t pos = 0;

	if (len > SCEAU_EXEMPT_FILE_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s:1: more than %u bytes", file,
		                  SCEAU_EXEMPT_FILE_MAX);
	while (pos < len) {
		const char *lf = memchr(text + pos, '\n', len - pos);
		size_t end = lf != NULL ? (size_t)(lf - text) : len;

		number++;
		if (parse_line((struct sceau_slice){ text + pos, end - pos },
		               &exempt, err) < 0) {
			sceau_exempt_deinit(&exempt);
			return sceau_fail_in(err, "%s:%u", file, number);
		}
		pos = end + 1;
	}
	*exempt_r = exempt;
	return 0;
}

/* Whether name is domain, or lies below it. */
static bool is_below(const char *name, const char *domain)
{
	size_t name_len = strlen(name), len = strlen(domain);

	if (name_len < len || strcmp(name + name_len - len, domain) != 0)
		return false;
	return name_len == len || name[name_len - len - 1] == '.';
}

bool sceau_exempt_has_client(const struct sceau_exempt *exempt,
                             const struct sceau_ip *ip, const char *name)
{
	char lower[SCEAU_EXEMPT_NAME_MAX + 1];
	bool has_name = name != NULL && !sceau_rdns_is_missing(name) &&
	                sceau_slice_copy(sceau_slice_of(name), lower,
	                                 sizeof(lower)) == 0;

	if (exempt->kind != SCEAU_EXEMPT_CLIENTS)
		return false;
	if (has_name)
		sceau_text_make_lower(lower);
	for (size_t i = 0; i < exempt->count; i++) {
		const struct sceau_exempt_entry *entry = &exempt->entry[i];

		if (entry->kind == ENTRY_NET) {
			if (sceau_ip_net_has(&entry->net, ip))
				return true;
			continue;
		}
		if (has_name &&
		    (entry->kind == ENTRY_DOMAIN
		             ? is_below(lower, entry->text)
		             : sceau_exempt_match(entry->text, lower)))
			return true;
	}
	return false;
}

/* Take a +extension out of the address, in place. */
static void drop_extension(char *address)
{
	char *at = strrchr(address, '@');
	char *plus = address[0] == '\0' ? NULL : strchr(address + 1, '+');

	if (plus == NULL || (at != NULL && plus > at))
		return;
	if (at == NULL)
		at = address + strlen(address);
	memmove(plus, at, strlen(at) + 1);
}

static bool is_recipient(const struct sceau_exempt_entry *entry,
                         const char *address, const char *domain)
{
	size_t len = strlen(entry->text);

	switch (entry->kind) {
	case ENTRY_ADDRESS:
		return strcmp(address, entry->text) == 0;
	case ENTRY_USER: /* "user@"; "user" alone is at this host */
		return strncmp(address, entry->text, len - 1) == 0 &&
		       (address[len - 1] == '\0' ||
		        (address[len - 1] == '@' && address + len == domain));
	case ENTRY_DOMAIN:
		return domain != NULL && is_below(domain, entry->text);
	case ENTRY_NET:
	case ENTRY_PATTERN:
		break;
	}
	return false;
}

bool sceau_exempt_has_recipient(const struct sceau_exempt *exempt,
                                const char *recipient)
{
	char address[2 * SCEAU_EXEMPT_NAME_MAX], *at;

	if (exempt->kind != SCEAU_EXEMPT_RECIPIENTS ||
	    sceau_slice_copy(sceau_slice_of(recipient), address,
	                     sizeof(address)) < 0)
		return false;
	sceau_text_make_lower(address);
	drop_extension(address);
	at = strrchr(address, '@');
	for (size_t i = 0; i < exempt->count; i++) {
		if (is_recipient(&exempt->entry[i], address,
		                 at != NULL ? at + 1 : NULL))
			return true;
	}
	return false;
}

void sceau_exempt_deinit(struct sceau_exempt *exempt)
{
	for (size_t i = 0; i < exempt->count; i++)
		free(exempt->entry[i].text);
	free(exempt->entry);
	exempt->entry = NULL;
	exempt->count = 0;
}
