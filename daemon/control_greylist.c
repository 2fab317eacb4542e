/* control_greylist.c - see control_greylist.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "daemon/control_greylist.h"

/* --- entries --- */

static json_int_t age_s(uint64_t time_s, uint64_t now_s)
{
	return now_s > time_s ? (json_int_t)(now_s - time_s) : 0;
}

json_t *sceau_control_greylist_entry(const char *key,
                                     const struct sceau_greylist_record *record,
                                     uint64_t now_s)
{
	return json_pack("{s:s, s:b, s:I, s:I, s:I}", "key", key, "passed",
	                 record->has_passed, "count", (json_int_t)record->count,
	                 "first_s", age_s(record->first_s, now_s), "last_s",
	                 age_s(record->last_s, now_s));
}

json_t *
sceau_control_greylist_change(const struct sceau_greylist_change *change)
{
	if (change->is_removal)
		return json_pack("{s:s, s:b}", "key", change->key, "remove", 1);
	return json_pack("{s:s, s:b, s:I, s:I, s:I}", "key", change->key,
	                 "passed", change->record.has_passed, "count",
	                 (json_int_t)change->record.count, "first_s",
	                 (json_int_t)change->record.first_s, "last_s",
	                 (json_int_t)change->record.last_s);
}

/* A number that may be absent; false when it is none or out of bounds. */
static bool read_number(const json_t *entry, const char *name, uint64_t max,
                        uint64_t fallback, uint64_t *value_r)
{
	const json_t *value = json_object_get(entry, name);

	*value_r = fallback;
	if (value == NULL)
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (uint64_t)json_integer_value(value) > max)
		return false;
	*value_r = (uint64_t)json_integer_value(value);
	return true;
}

int sceau_control_greylist_read(const json_t *entry,
                                struct sceau_greylist_change *change_r,
                                struct sceau_err *err)
{
	const char *key = json_string_value(json_object_get(entry, "key"));
	struct sceau_greylist_change change = { .is_removal = false };
	struct sceau_greylist_parts parts;
	uint64_t count;

	if (key == NULL)
		return sceau_fail(err, SCEAU_FAULT_PEER, "no key");
	if (sceau_greylist_key_parse(key, &parts, err) < 0)
		return -1;
	snprintf(change.key, sizeof(change.key), "%s", key);
	change.is_removal = json_is_true(json_object_get(entry, "remove"));
	change.record.kind = parts.kind;
	change.record.has_passed = json_is_true(
		json_object_get(entry, "passed"));
	if (!read_number(entry, "count", UINT32_MAX, 1, &count) ||
	    !read_number(entry, "first_s", INT64_MAX, 0,
	                 &change.record.first_s) ||
	    !read_number(entry, "last_s", INT64_MAX, 0, &change.record.last_s))
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "count, first_s and last_s are numbers");
	change.record.count = (uint32_t)count;
	*change_r = change;
	return 0;
}

/* --- verbs --- */

/* An answer that must be there when the call returns. */
struct answer {
	json_t *reply;
	struct sceau_err *err;
	bool is_there;
	int ret;
};

static int fill_page(json_t *reply, const struct sceau_greylist_page *page,
                     struct sceau_err *err)
{
	json_t *entries = json_array();
	char next[24];
	int ret = 0;

	for (size_t i = 0; i < page->count; i++)
		ret |= json_array_append_new(
			entries, sceau_control_greylist_entry(
					 page->entry[i].key,
					 &page->entry[i].record, page->now_s));
	snprintf(next, sizeof(next), "%llu", (unsigned long long)page->next);
	ret |= json_object_set_new(reply, "entries", entries);
	ret |= json_object_set_new(reply, "next", json_string(next));
	return ret == 0 ? 0
	                : sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
}

static void on_page(void *ctx, const struct sceau_greylist_page *page,
                    const struct sceau_err *err)
{
	struct answer *answer = ctx;

	answer->is_there = true;
	if (err != NULL)
		answer->ret = sceau_fail(answer->err, err->fault, "%s",
		                         err->text);
	else if (page != NULL)
		answer->ret = fill_page(answer->reply, page, answer->err);
}

static int finish(struct sceau_greylist *greylist, struct answer *answer)
{
	if (answer->is_there)
		return answer->ret;
	sceau_greylist_cancel(greylist, answer);
	return sceau_fail(
		answer->err, SCEAU_FAULT_PEER,
		"the records are not kept here: ask the store itself");
}

static int do_list(void *ctx, const json_t *request, json_t *reply,
                   struct sceau_err *err)
{
	struct sceau_control_greylist *shared = ctx;
	struct answer answer = { .reply = reply, .err = err };
	const char *text = json_string_value(json_object_get(request, "place"));
	uint64_t place = 0;

	if (text != NULL &&
	    sceau_text_parse_number(sceau_slice_of(text), UINT64_MAX, &place,
	                            NULL) < 0)
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "place is no number in a string");
	sceau_greylist_list(shared->greylist, place, on_page, &answer);
	return finish(shared->greylist, &answer);
}

static int do_change(void *ctx, const json_t *request, json_t *reply,
                     struct sceau_err *err)
{
	struct sceau_control_greylist *shared = ctx;
	const json_t *changes = json_object_get(request, "changes");
	struct sceau_greylist_change change;
	size_t count = json_array_size(changes);

	if (!json_is_array(changes) || count > SCEAU_CONTROL_CHANGES_MAX)
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "changes is no array of at most %d",
		                  SCEAU_CONTROL_CHANGES_MAX);
	/* first all are read, then all are done */
	for (size_t i = 0; i < count; i++) {
		if (sceau_control_greylist_read(json_array_get(changes, i),
		                                &change, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < count; i++) {
		struct answer answer = { .reply = reply, .err = err };

		(void)sceau_control_greylist_read(json_array_get(changes, i),
		                                  &change, NULL);
		sceau_greylist_apply(shared->greylist, &shared->rules, &change,
		                     on_page, &answer);
		if (finish(shared->greylist, &answer) < 0)
			return -1;
	}
	return 0;
}

static int do_learn(void *ctx, const json_t *request, json_t *reply,
                    struct sceau_err *err)
{
	struct sceau_control_greylist *shared = ctx;
	const char *user = json_string_value(json_object_get(request, "user"));
	const json_t *to = json_object_get(request, "to");
	char ours[SCEAU_GREYLIST_PART_SIZE], other[SCEAU_GREYLIST_PART_SIZE];

	(void)reply;
	if (user == NULL || user[0] == '\0' || !json_is_array(to) ||
	    json_array_size(to) > SCEAU_CONTROL_LEARN_MAX)
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "user is a string, to an array of at most %d",
		                  SCEAU_CONTROL_LEARN_MAX);
	sceau_greylist_recipient(user, ours);
	for (size_t i = 0; i < json_array_size(to); i++) {
		const char *address = json_string_value(json_array_get(to, i));

		if (address == NULL || address[0] == '\0')
			return sceau_fail(err, SCEAU_FAULT_PEER,
			                  "to holds no address");
		sceau_greylist_sender(address, other);
		sceau_greylist_learn_pair(shared->greylist, &shared->rules,
		                          ours, other);
	}
	return 0;
}

int sceau_control_greylist_serve(struct sceau_control *control,
                                 struct sceau_control_greylist *shared,
                                 struct sceau_err *err)
{
	if (sceau_control_add(control, "greylist-list", do_list, shared, err) <
	            0 ||
	    sceau_control_add(control, "greylist-change", do_change, shared,
	                      err) < 0)
		return -1;
	return sceau_control_add(control, "learn", do_learn, shared, err);
}
