/* address_list.c - lists of mailboxes in header fields; see address.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "mail/address.h"
#include "mail/address_spec.h"

void sceau_address_list_init(struct sceau_address_list *list,
                             struct sceau_slice value)
{
	list->rest = value;
	list->in_group = false;
	list->after_element = false;
}

/* Nothing more comes. Returns -1. */
static int stop(struct sceau_address_list *list)
{
	list->rest.len = 0;
	list->in_group = false;
	list->after_element = false;
	return -1;
}

static int fail(struct sceau_address_list *list, struct sceau_err *err,
                const char *what)
{
	stop(list);
	return sceau_fail(err, SCEAU_FAULT_PEER, "malformed address list: %s",
	                  what);
}

/* One element up to the character that ends it. */
struct element {
	struct sceau_slice text; /* from the first to the last token */
	bool is_empty;
	char end; /* one of "<,:;", or 0 at the end of the list */
};

static const char *start_of(const struct sceau_token *token)
{
	bool is_framed = token->kind == SCEAU_TOKEN_QUOTED ||
	                 token->kind == SCEAU_TOKEN_LITERAL;

	return token->text.data - (is_framed ? 1 : 0);
}

/* Returns -1 when a token is broken or cannot stand here. */
static int read_element(struct sceau_slice *rest, struct element *element)
{
	struct sceau_token token;

	element->text.data = rest->data;
	element->text.len = 0;
	element->is_empty = true;
	for (;;) {
		sceau_token_next_word(rest, SCEAU_ADDRESS_SPECIALS, &token);
		if (token.kind == SCEAU_TOKEN_BROKEN)
			return -1;
		element->end = '\0';
		if (token.kind == SCEAU_TOKEN_END)
			return 0;
		if (token.kind == SCEAU_TOKEN_SPECIAL) {
			element->end = token.text.data[0];
			if (strchr("<,:;", element->end) != NULL)
				return 0;
			if (strchr(">]\\", element->end) != NULL)
				return -1;
		}
		if (element->is_empty)
			element->text.data = start_of(&token);
		element->is_empty = false;
		element->text.len = (size_t)(rest->data - element->text.data);
	}
}

/* Behind '<': read the address and the '>'. */
static int read_angle(struct sceau_address_list *list,
                      struct sceau_address *address_r, struct sceau_err *err)
{
	struct sceau_slice inner = { list->rest.data, 0 };
	struct sceau_token token;

	for (;;) {
		inner.len = (size_t)(list->rest.data - inner.data);
		sceau_token_next_word(&list->rest, SCEAU_ADDRESS_SPECIALS,
		                      &token);
		if (token.kind == SCEAU_TOKEN_END ||
		    token.kind == SCEAU_TOKEN_BROKEN)
			return fail(list, err, "no closing '>'");
		if (token.kind != SCEAU_TOKEN_SPECIAL)
			continue;
		if (token.text.data[0] == '<')
			return fail(list, err, "a second '<'");
		if (token.text.data[0] == '>')
			break;
	}
	if (sceau_address_skip_route(&inner, err) < 0 ||
	    sceau_address_parse_spec(inner, address_r, err) < 0)
		return stop(list);
	return 0;
}

static int read_named(struct sceau_address_list *list,
                      const struct element *element,
                      struct sceau_address_mailbox *mailbox_r,
                      struct sceau_err *err)
{
	struct sceau_address address;

	if (read_angle(list, &address, err) < 0)
		return -1;
	mailbox_r->address = address;
	mailbox_r->name = element->text;
	mailbox_r->in_group = list->in_group;
	list->after_element = true;
	return 1;
}

/* What a ',', ';' or the end does to the state of the list. */
static int end_element(struct sceau_address_list *list, char end,
                       struct sceau_err *err)
{
	if (end == ';' && !list->in_group)
		return fail(list, err, "';' outside of a group");
	if (end == '\0' && list->in_group)
		return fail(list, err, "a group without ';'");
	if (end == ';')
		list->in_group = false;
	list->after_element = end == ';';
	return 0;
}

/* An element before ',', ';' or the end: an address without brackets. */
static int read_bare(struct sceau_address_list *list,
                     const struct element *element,
                     struct sceau_address_mailbox *mailbox_r,
                     struct sceau_err *err)
{
	struct sceau_address_mailbox mailbox = { .in_group = list->in_group };

	if (sceau_address_parse_spec(element->text, &mailbox.address, err) < 0)
		return stop(list);
	if (end_element(list, element->end, err) < 0)
		return -1;
	*mailbox_r = mailbox;
	return 1;
}

static int begin_group(struct sceau_address_list *list,
                       const struct element *element, struct sceau_err *err)
{
	if (list->in_group)
		return fail(list, err, "a group in a group");
	if (element->is_empty)
		return fail(list, err, "a group without a name");
	list->in_group = true;
	return 0;
}

int sceau_address_list_next(struct sceau_address_list *list,
                            struct sceau_address_mailbox *mailbox_r,
                            struct sceau_err *err)
{
	struct element element;

	for (;;) {
		if (read_element(&list->rest, &element) < 0)
			return fail(list, err, "quoting or brackets");
		bool is_new = !element.is_empty || element.end == '<' ||
		              element.end == ':';
		if (is_new && list->after_element)
			return fail(list, err, "no comma between entries");
		if (element.end == '<')
			return read_named(list, &element, mailbox_r, err);
		if (element.end == ':') {
			if (begin_group(list, &element, err) < 0)
				return -1;
			continue;
		}
		if (!element.is_empty)
			return read_bare(list, &element, mailbox_r, err);
		if (end_element(list, element.end, err) < 0)
			return -1;
		if (element.end == '\0')
			return 0;
	}
}
