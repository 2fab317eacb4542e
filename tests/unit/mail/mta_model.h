/* mta_model.h - a header as an MTA keeps it for milters, for tests.
 *
 * What Postfix 3.7 does with the edits of a milter: the index counts the
 * fields of one name as they are now, from 1; an index too large with a value
 * appends; without one nothing happens.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TESTS_MTA_MODEL_H
#define TESTS_MTA_MODEL_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mail/header.h"

struct mta_model {
	struct {
		char *name;
		char *value;
	} * fields;
	size_t count;
};

/* Put a field in front of field number at (count: behind the last). Strings
   are copied. */
static inline void mta_put(struct mta_model *mta, size_t at, const char *name,
                           const char *value)
{
	mta->fields = realloc(mta->fields,
	                      (mta->count + 1) * sizeof(*mta->fields));
	assert(mta->fields != NULL);
	memmove(mta->fields + at + 1, mta->fields + at,
	        (mta->count - at) * sizeof(*mta->fields));
	mta->fields[at].name = strdup(name);
	mta->fields[at].value = strdup(value);
	mta->count++;
}

/* Take field number at out and free its strings. */
static inline void mta_take(struct mta_model *mta, size_t at)
{
	free(mta->fields[at].name);
	free(mta->fields[at].value);
	mta->count--;
	memmove(mta->fields + at, mta->fields + at + 1,
	        (mta->count - at) * sizeof(*mta->fields));
}

/* SMFIR_CHGHEADER: give the nth field of that name, from 1, another value;
   NULL or "" deletes it. */
static inline void mta_change(struct mta_model *mta, const char *name,
                              size_t nth, const char *value)
{
	for (size_t i = 0; i < mta->count; i++) {
		if (!sceau_text_equal_nocase(mta->fields[i].name, name) ||
		    --nth > 0)
			continue;
		mta_take(mta, i);
		if (value != NULL && value[0] != '\0')
			mta_put(mta, i, name, value);
		return;
	}
	if (value != NULL)
		mta_put(mta, mta->count, name, value);
}

/* A sceau_header_edit_fn whose ctx is the model. Returns 0. */
static inline int mta_edit(void *ctx, const struct sceau_header_edit *edit,
                           struct sceau_err *err)
{
	struct mta_model *mta = ctx;

	(void)err;
	switch (edit->kind) {
	case SCEAU_HEADER_EDIT_DELETE:
		mta_change(mta, edit->name, edit->nth, NULL);
		break;
	case SCEAU_HEADER_EDIT_CHANGE:
		mta_change(mta, edit->name, edit->nth, edit->value);
		break;
	case SCEAU_HEADER_EDIT_INSERT:
		mta_put(mta, 0, edit->name, edit->value);
		break;
	case SCEAU_HEADER_EDIT_APPEND:
		mta_put(mta, mta->count, edit->name, edit->value);
		break;
	}
	return 0;
}

/* Append all fields as lines to out. */
static inline void mta_print(const struct mta_model *mta, struct sceau_buf *out)
{
	for (size_t i = 0; i < mta->count; i++)
		sceau_buf_appendf(out, "%s:%s\n", mta->fields[i].name,
		                  mta->fields[i].value);
}

/* Free all strings and the list; the model is then empty again. */
static inline void mta_deinit(struct mta_model *mta)
{
	while (mta->count > 0)
		mta_take(mta, mta->count - 1);
	free(mta->fields);
	mta->fields = NULL;
}

#endif
