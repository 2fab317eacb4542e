/* dnsbl_list.c - see dnsbl_list.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/dns_answer.h"
#include "policy/dnsbl_filter.h"
#include "policy/dnsbl_list.h"

/* --- customers' keys --- */

static bool is_name(struct sceau_slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (!sceau_text_is_alpha(c) && !sceau_text_is_digit(c) &&
		    (i == 0 || (c != '-' && c != '_' && c != '.')))
			return false;
	}
	return text.len > 0 && text.len < SCEAU_DNSBL_NAME_SIZE;
}

/* A key is one label of a name, or several. */
static bool is_key(struct sceau_slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (!sceau_text_is_alpha(c) && !sceau_text_is_digit(c) &&
		    c != '-' && c != '_' && c != '.')
			return false;
	}
	return text.len > 0 && text.len < SCEAU_DNSBL_KEY_SIZE;
}

static const char *find_key(const struct sceau_dnsbl_keys *keys,
                            struct sceau_slice name)
{
	for (size_t i = 0; keys != NULL && i < keys->count; i++) {
		if (sceau_slice_is(name, keys->entry[i].name))
			return keys->entry[i].key;
	}
	return NULL;
}

static int parse_key(struct sceau_slice line, struct sceau_dnsbl_keys *keys,
                     struct sceau_err *err)
{
	struct sceau_slice name, key, more;

	line = sceau_slice_trim(line);
	if (line.len == 0 || line.data[0] == '#')
		return 0;
	if (!sceau_slice_next_word(&line, " \t", &name) || !is_name(name))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a line is NAME KEY, and a name has letters, "
		                  "digits, - _ .");
	if (!sceau_slice_next_word(&line, " \t", &key) || !is_key(key) ||
	    sceau_slice_next_word(&line, " \t", &more))
		return sceau_fail(
			err, SCEAU_FAULT_CONFIG,
			"the key of \"%.*s\" is not one word that can "
			"stand in a domain name",
			(int)name.len, name.data);
	if (find_key(keys, name) != NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "\"%.*s\" has a key already", (int)name.len,
		                  name.data);
	if (keys->count == SCEAU_DNSBL_KEYS_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "more than %d keys",
		                  SCEAU_DNSBL_KEYS_MAX);
	(void)sceau_slice_copy(name, keys->entry[keys->count].name,
	                       SCEAU_DNSBL_NAME_SIZE);
	(void)sceau_slice_copy(key, keys->entry[keys->count].key,
	                       SCEAU_DNSBL_KEY_SIZE);
	keys->count++;
	return 0;
}

int sceau_dnsbl_keys_parse(const char *text, size_t len, const char *file,
                           struct sceau_dnsbl_keys *keys_r,
                           struct sceau_err *err)
{
	struct sceau_dnsbl_keys keys = { .count = 0 };
	unsigned number = 0;
	size_t pos = 0;
	int ret = 0;

	if (len > SCEAU_DNSBL_KEYS_FILE_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s:1: more than %d bytes", file,
		                  SCEAU_DNSBL_KEYS_FILE_MAX);
	while (pos < len && ret == 0) {
		const char *lf = memchr(text + pos, '\n', len - pos);
		size_t end = lf != NULL ? (size_t)(lf - text) : len;

		number++;
		ret = parse_key((struct sceau_slice){ text + pos, end - pos },
		                &keys, err);
		pos = end + 1;
	}
	if (ret == 0)
		*keys_r = keys;
	explicit_bzero(&keys, sizeof(keys));
	return ret == 0 ? 0 : sceau_fail_in(err, "%s:%u", file, number);
}

/* --- one list --- */

/* Cut "NAME:" off the beginning; *name_r is empty when there is none. */
static int take_name(struct sceau_slice *rest, struct sceau_slice *name_r,
                     struct sceau_err *err)
{
	const char *colon = memchr(rest->data, ':', rest->len);

	*name_r = (struct sceau_slice){ NULL, 0 };
	if (colon == NULL)
		return 0;
	*name_r = (struct sceau_slice){ rest->data,
		                        (size_t)(colon - rest->data) };
	if (!is_name(*name_r))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the name before ':' has letters, digits, "
		                  "- _ . and is shorter than %d bytes",
		                  SCEAU_DNSBL_NAME_SIZE);
	rest->data += name_r->len + 1;
	rest->len -= name_r->len + 1;
	return 0;
}

/* Cut "*WEIGHT" off the end. */
static int take_weight(struct sceau_slice *rest, int *weight_r,
                       struct sceau_err *err)
{
	const char *star = memchr(rest->data, '*', rest->len);
	struct sceau_slice number;
	uint64_t value;
	bool is_negative;

	*weight_r = 1;
	if (star == NULL)
		return 0;
	number.data = star + 1;
	number.len = rest->len - (size_t)(star + 1 - rest->data);
	is_negative = number.len > 0 && number.data[0] == '-';
	if (is_negative) {
		number.data++;
		number.len--;
	}
	if (sceau_text_parse_number(number, SCEAU_DNSBL_WEIGHT_MAX, &value,
	                            err) < 0 ||
	    value == 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the weight behind '*' is a number from -%d "
		                  "to %d and not 0",
		                  SCEAU_DNSBL_WEIGHT_MAX,
		                  SCEAU_DNSBL_WEIGHT_MAX);
	*weight_r = is_negative ? -(int)value : (int)value;
	rest->len = (size_t)(star - rest->data);
	return 0;
}

/* Append text to zone, in lower case. */
static bool put(struct sceau_slice text, char *zone, size_t *used)
{
	if (*used + text.len >= SCEAU_DNSBL_ZONE_SIZE ||
	    sceau_slice_copy(text, zone + *used,
	                     SCEAU_DNSBL_ZONE_SIZE - *used) < 0)
		return false;
	sceau_text_make_lower(zone + *used);
	*used += text.len;
	return true;
}

static int put_key(struct sceau_slice name, const struct sceau_dnsbl_keys *keys,
                   char *zone, size_t *used, struct sceau_err *err)
{
	const char *key = find_key(keys, name);

	if (key == NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "there is no key \"%.*s\" in the keys file",
		                  name.len < 60 ? (int)name.len : 60,
		                  name.data);
	if (!put(sceau_slice_of(key), zone, used))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the zone is longer than %d bytes",
		                  SCEAU_DNSBL_ZONE_SIZE - 1);
	return 0;
}

/* The zone with its keys in the place of their names. */
static int expand_zone(struct sceau_slice text,
                       const struct sceau_dnsbl_keys *keys, char *zone,
                       struct sceau_err *err)
{
	size_t used = 0;

	zone[0] = '\0';
	while (text.len > 0) {
		const char *open = memchr(text.data, '{', text.len);
		struct sceau_slice plain = { text.data, text.len };

		if (open != NULL)
			plain.len = (size_t)(open - text.data);
		if (!put(plain, zone, &used))
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "the zone is longer than %d bytes",
			                  SCEAU_DNSBL_ZONE_SIZE - 1);
		text.data += plain.len;
		text.len -= plain.len;
		if (open == NULL)
			break;
		const char *close = memchr(text.data, '}', text.len);
		if (close == NULL)
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "a '{' without its '}'");
		struct sceau_slice name = { open + 1,
			                    (size_t)(close - open - 1) };
		if (put_key(name, keys, zone, &used, err) < 0)
			return -1;
		text.len -= name.len + 2;
		text.data = close + 1;
	}
	return 0;
}

static bool is_zone(const char *zone)
{
	for (const char *c = zone; *c != '\0'; c++) {
		if (!sceau_text_is_alpha(*c) && !sceau_text_is_digit(*c) &&
		    *c != '-' && *c != '_' && *c != '.')
			return false;
	}
	return zone[0] != '.' && strchr(zone, '.') != NULL &&
	       sceau_dns_name_is_valid(zone);
}

/* The name of the list: the one it was given, else the zone as written. */
static int set_name(struct sceau_slice name, struct sceau_slice zone,
                    struct sceau_dnsbl_list *list, struct sceau_err *err)
{
	if (sceau_slice_copy(name.len > 0 ? name : zone, list->name,
	                     sizeof(list->name)) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the zone is longer than %zu bytes",
		                  sizeof(list->name) - 1);
	return 0;
}

static int parse_list(struct sceau_slice text,
                      const struct sceau_dnsbl_keys *keys,
                      struct sceau_dnsbl_list *list, struct sceau_err *err)
{
	struct sceau_slice name, zone, filter = { NULL, 0 };
	const char *eq;

	if (take_name(&text, &name, err) < 0 ||
	    take_weight(&text, &list->weight, err) < 0)
		return -1;
	eq = memchr(text.data, '=', text.len);
	zone = text;
	if (eq != NULL) {
		zone.len = (size_t)(eq - text.data);
		filter.data = eq + 1;
		filter.len = text.len - zone.len - 1;
		if (sceau_dnsbl_filter_parse(filter, &list->filter, err) < 0)
			return -1;
	} else if (list->weight < 0) {
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a list to be trusted (weight %d) needs "
		                  "=FILTER: which of its answers count",
		                  list->weight);
	} else {
		sceau_dnsbl_filter_usual(&list->filter);
	}
	if (zone.len > 0 && zone.data[zone.len - 1] == '.')
		zone.len--;
	if (expand_zone(zone, keys, list->zone, err) < 0)
		return -1;
	if (!is_zone(list->zone))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "what stands before '=' is not the name of a "
		                  "DNS zone");
	return set_name(name, zone, list, err);
}

int sceau_dnsbl_lists_add(struct sceau_dnsbl_lists *lists,
                          enum sceau_dnsbl_subject subject, const char *text,
                          const struct sceau_dnsbl_keys *keys,
                          struct sceau_err *err)
{
	struct sceau_dnsbl_list list = { .subject = subject };

	if (lists->count == SCEAU_DNSBL_LISTS_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "more than %d lists",
		                  SCEAU_DNSBL_LISTS_MAX);
	if (parse_list(sceau_slice_of(text), keys, &list, err) < 0)
		return -1;
	lists->list[lists->count++] = list;
	return 0;
}

enum sceau_dnsbl_code sceau_dnsbl_list_code(const struct sceau_dnsbl_list *list,
                                            const unsigned char address[4])
{
	static const unsigned char one[4] = { 127, 0, 0, 1 };
	static const unsigned char refused[3] = { 127, 255, 255 };
	static const unsigned char dnswl_over[3] = { 127, 0, 10 };
	static const unsigned char dnswl_blocked[4] = { 127, 0, 0, 255 };

	if (address[0] != 127)
		return SCEAU_DNSBL_CODE_ODD;
	if (memcmp(address, refused, 3) == 0 || memcmp(address, one, 4) == 0)
		return SCEAU_DNSBL_CODE_REFUSED;
	if (list->weight < 0 && (memcmp(address, dnswl_over, 3) == 0 ||
	                         memcmp(address, dnswl_blocked, 4) == 0))
		return SCEAU_DNSBL_CODE_REFUSED;
	if (sceau_dnsbl_filter_has(&list->filter, address))
		return SCEAU_DNSBL_CODE_LISTED;
	return SCEAU_DNSBL_CODE_OTHER;
}

const char *sceau_dnsbl_subject_word(enum sceau_dnsbl_subject subject)
{
	static const char *const words[] = {
		[SCEAU_DNSBL_CLIENT] = "client",
		[SCEAU_DNSBL_HELO] = "helo",
		[SCEAU_DNSBL_SENDER] = "sender",
		[SCEAU_DNSBL_REVERSE] = "reverse",
	};

	return subject < SCEAU_DNSBL_SUBJECTS ? words[subject] : "?";
}
