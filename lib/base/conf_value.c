/* conf_value.c - see conf_value.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_value.h"
#include "base/text.h"

#define SEPARATORS ", \t"

/* A bound as the admin would write it: the largest unit without a rest. */
static void print_bound(const struct sceau_conf_key *key, uint64_t value,
                        char out[32])
{
	static const struct {
		uint64_t factor;
		const char *unit;
	} durations[] = { { 604800, "w" },
		          { 86400, "d" },
		          { 3600, "h" },
		          { 60, "m" },
		          { 1, "s" } },
	  sizes[] = { { 1ULL << 30, "G" },
		      { 1ULL << 20, "M" },
		      { 1ULL << 10, "k" },
		      { 1, "" } };
	size_t i = 0;

	if (key->type == SCEAU_CONF_TYPE_DURATION) {
		while (durations[i].factor > 1 &&
		       (value == 0 || value % durations[i].factor != 0))
			i++;
		snprintf(out, 32, "%" PRIu64 "%s", value / durations[i].factor,
		         durations[i].unit);
	} else if (key->type == SCEAU_CONF_TYPE_SIZE) {
		while (sizes[i].factor > 1 &&
		       (value == 0 || value % sizes[i].factor != 0))
			i++;
		snprintf(out, 32, "%" PRIu64 "%s", value / sizes[i].factor,
		         sizes[i].unit);
	} else {
		snprintf(out, 32, "%" PRIu64, value);
	}
}

static int parse_number(const struct sceau_conf_key *key,
                        struct sceau_slice text, uint64_t *number_r,
                        struct sceau_err *err)
{
	uint64_t number;
	char min[32], max[32];
	int ret;

	if (key->type == SCEAU_CONF_TYPE_DURATION)
		ret = sceau_text_parse_duration(text, &number, err);
	else if (key->type == SCEAU_CONF_TYPE_SIZE)
		ret = sceau_text_parse_size(text, &number, err);
	else
		ret = sceau_text_parse_number(text, UINT64_MAX, &number, err);
	if (ret < 0)
		return -1;
	if (number < key->min || number > key->max) {
		print_bound(key, key->min, min);
		print_bound(key, key->max, max);
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%.*s is not between %s and %s",
		                  (int)text.len, text.data, min, max);
	}
	*number_r = number;
	return 0;
}

static int parse_bool(struct sceau_slice text, uint64_t *number_r,
                      struct sceau_err *err)
{
	if (!sceau_slice_is(text, "yes") && !sceau_slice_is(text, "no"))
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "must be yes or no");
	*number_r = sceau_slice_is(text, "yes");
	return 0;
}

static int parse_choice(const struct sceau_conf_key *key,
                        struct sceau_slice text, uint64_t *number_r,
                        struct sceau_err *err)
{
	struct sceau_slice rest = sceau_slice_of(key->choices), word;

	for (uint64_t i = 0; sceau_slice_next_word(&rest, " ", &word); i++) {
		if (sceau_slice_equal_nocase(word, text)) {
			*number_r = i;
			return 0;
		}
	}
	return sceau_fail(err, SCEAU_FAULT_CONFIG, "must be one of: %s",
	                  key->choices);
}

static int parse_list(struct sceau_slice text, struct sceau_conf_value *value,
                      struct sceau_err *err)
{
	struct sceau_slice rest = text, word;
	size_t count = 0;

	while (sceau_slice_next_word(&rest, SEPARATORS, &word))
		count++;
	if (count > SCEAU_CONF_LIST_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "holds %zu items, more than %d", count,
		                  SCEAU_CONF_LIST_MAX);
	char *words = malloc(text.len + 1);
	const char **items = calloc(count + 1, sizeof(*items));
	if (words == NULL || items == NULL) {
		free(words);
		free(items);
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	}
	memcpy(words, text.data, text.len);
	rest = text;
	for (size_t i = 0; sceau_slice_next_word(&rest, SEPARATORS, &word);
	     i++) {
		char *item = words + (word.data - text.data);

		/* Over a separator, or in the byte after the last one. */
		item[word.len] = '\0';
		items[i] = item;
	}
	value->words = words;
	value->items = items;
	value->count = count;
	return 0;
}

int sceau_conf_value_parse(const struct sceau_conf_key *key, const char *text,
                           struct sceau_conf_value *value_r,
                           struct sceau_err *err)
{
	struct sceau_slice slice = sceau_slice_of(text);
	struct sceau_conf_value value = { .text = text };
	int ret = 0;

	switch (key->type) {
	case SCEAU_CONF_TYPE_STRING:
		break;
	case SCEAU_CONF_TYPE_BOOL:
		ret = parse_bool(slice, &value.number, err);
		break;
	case SCEAU_CONF_TYPE_NUMBER:
	case SCEAU_CONF_TYPE_DURATION:
	case SCEAU_CONF_TYPE_SIZE:
		ret = parse_number(key, slice, &value.number, err);
		break;
	case SCEAU_CONF_TYPE_CHOICE:
		ret = parse_choice(key, slice, &value.number, err);
		break;
	case SCEAU_CONF_TYPE_LIST:
		ret = parse_list(slice, &value, err);
		break;
	}
	if (ret == 0)
		*value_r = value;
	return ret;
}

bool sceau_conf_value_equal(const struct sceau_conf_key *key,
                            const struct sceau_conf_value *a,
                            const struct sceau_conf_value *b)
{
	if (key->type == SCEAU_CONF_TYPE_STRING)
		return strcmp(a->text, b->text) == 0;
	if (key->type != SCEAU_CONF_TYPE_LIST)
		return a->number == b->number;
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	}
	return true;
}

void sceau_conf_value_write(const struct sceau_conf_key *key,
                            const struct sceau_conf_value *value,
                            void *settings)
{
	/* void * and not char *: the row macros have checked the type, and
	   with it the alignment, of what stands there. */
	void *member = (char *)settings + key->offset;

	switch (key->type) {
	case SCEAU_CONF_TYPE_STRING:
		*(const char **)member = value->text;
		break;
	case SCEAU_CONF_TYPE_BOOL:
		*(bool *)member = value->number != 0;
		break;
	case SCEAU_CONF_TYPE_NUMBER:
	case SCEAU_CONF_TYPE_DURATION:
	case SCEAU_CONF_TYPE_SIZE:
		*(uint64_t *)member = value->number;
		break;
	case SCEAU_CONF_TYPE_CHOICE:
		*(int *)member = (int)value->number;
		break;
	case SCEAU_CONF_TYPE_LIST:
		*(struct sceau_conf_list *)member = (struct sceau_conf_list){
			value->items, value->count
		};
		break;
	}
}

void sceau_conf_value_deinit(struct sceau_conf_value *value)
{
	free(value->words);
	free(value->items);
	memset(value, 0, sizeof(*value));
}
