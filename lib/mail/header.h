/* header.h - the header fields of one mail: the list, and edits to it.
 *
 * One view serves two sources: a milter adds name and value as libmilter
 * gives them (under SMFIP_HDR_LEADSPC: the leading space is part of the value,
 * folds are LF + blank), and header_scan.h fills it from a raw message.
 *
 * Edits are marks on the view: a deleted field stays in the list, so indexes
 * do not move, and what has to be sent to the MTA is listed at the end. What
 * a reader cannot guess:
 * - libmilter's index counts fields of one name, from 1, and is live: after
 *   deleting 1 the old 2 is 1. sceau_header_list_edits therefore goes from the
 *   last field to the first, and inserts come last.
 * - A change to the empty value deletes the field in libmilter. Here too.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_HEADER_H
#define SCEAU_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

/* Bounds that suit any real mail: for sceau_header_init. */
#define SCEAU_HEADER_FIELDS_MAX 20000
#define SCEAU_HEADER_BYTES_MAX (4U << 20)

/* One field as it is now, after edits. The slices point into the view: good
   until it is next changed. */
struct sceau_header_field {
	struct sceau_slice name; /* as written, without blanks before ':' */
	struct sceau_slice value; /* all after ':', inner folds included */
	bool deleted; /* an edit took it out: readers skip it */
	bool changed; /* an edit gave it this value */
	bool added; /* an edit put it in */
};

struct sceau_header_entry;

/* Owned by the caller; all but count is private. */
struct sceau_header {
	/* Fields, deleted ones included: indexes are 0..count-1. */
	size_t count;
	size_t size;
	size_t max_fields;
	size_t max_bytes;
	struct sceau_header_entry *entries;
	struct sceau_buf bytes; /* what the entries point into */
	bool has_raw; /* a field was added by sceau_header_add_raw */
	bool crlf; /* the first of those ended in CRLF */
};

/* Make header empty. It will hold at most max_fields fields and max_bytes
   bytes in all (edited values included). Nothing is allocated. */
void sceau_header_init(struct sceau_header *header, size_t max_fields,
                       size_t max_bytes);

/* Forget all fields, keep the memory: for the next mail. */
void sceau_header_clear(struct sceau_header *header);

/* Release the memory; header is then as after init. */
void sceau_header_deinit(struct sceau_header *header);

/* Add a field as received, below all others. Any bytes are taken: nothing is
   checked, since what was received has to be shown. The bytes are copied.
   Returns 0, or -1 with FAULT_LIMIT (a bound) or FAULT_TEMP (memory). */
int sceau_header_add(struct sceau_header *header, struct sceau_slice name,
                     struct sceau_slice value, struct sceau_err *err);

/* Add a field as it stands in a raw message, below all others: name, perhaps
   blanks, a colon, the value with its folds, and the last line end (LF, CRLF,
   or none at the end of a message). It is printed back byte for byte.
   Returns as sceau_header_add; without a colon -1 with FAULT_PEER. */
int sceau_header_add_raw(struct sceau_header *header, struct sceau_slice raw,
                         struct sceau_err *err);

/* Field number index (below header->count), deleted or not. */
struct sceau_header_field sceau_header_get(const struct sceau_header *header,
                                           size_t index);

/* Look for a field of that name (A-Z and a-z the same) that is not deleted,
   from index from on. Returns true and its index in *index_r, or false.
   for (i = 0; sceau_header_find(h, name, i, &i); i++) visits all of them. */
bool sceau_header_find(const struct sceau_header *header, const char *name,
                       size_t from, size_t *index_r);

/* The nth field of that name, from 1 on, deleted ones not counted. Returns
   true and its index in *index_r, or false. */
bool sceau_header_find_nth(const struct sceau_header *header, const char *name,
                           size_t nth, size_t *index_r);

/* How many fields of that name there are, deleted ones not counted. */
size_t sceau_header_count(const struct sceau_header *header, const char *name);

/* Append value to out with all line ends taken out (RFC 5322 2.2.3): CRLF, LF
   and nothing else; blanks stay. Returns 0, or -1 when out is full. */
int sceau_header_unfold(struct sceau_slice value, struct sceau_buf *out);

/* Whether name can be a field name: 1 or more of ASCII 33 to 126, no colon. */
bool sceau_header_is_name(struct sceau_slice name);

/* --- edits --- */

/* Take field number index out. Deleting it again changes nothing. */
void sceau_header_delete(struct sceau_header *header, size_t index);

/* Give field number index the new value, which brings its own leading space;
   an empty one deletes the field. A line end is only allowed in front of a
   blank (a fold). A deleted field stays deleted. value is copied and must not
   point into the view itself; the same holds for insert and append.
   Returns 0, or -1: FAULT_PEER (the value holds NUL, a bare CR or a line end
   that is no fold: it would put lines into the header), FAULT_LIMIT or
   FAULT_TEMP. The field is then as before. */
int sceau_header_change(struct sceau_header *header, size_t index,
                        struct sceau_slice value, struct sceau_err *err);

/* Put a new field above all others: every index grows by one. value brings
   its own leading space. Returns as sceau_header_change; FAULT_PEER also for
   an impossible name and an empty value. */
int sceau_header_insert(struct sceau_header *header, struct sceau_slice name,
                        struct sceau_slice value, struct sceau_err *err);

/* Put a new field below all others. Returns as sceau_header_insert. */
int sceau_header_append(struct sceau_header *header, struct sceau_slice name,
                        struct sceau_slice value, struct sceau_err *err);

/* Whether any field was deleted, changed or put in. */
bool sceau_header_is_edited(const struct sceau_header *header);

enum sceau_header_edit_kind {
	SCEAU_HEADER_EDIT_DELETE, /* smfi_chgheader(name, nth, NULL) */
	SCEAU_HEADER_EDIT_CHANGE, /* smfi_chgheader(name, nth, value) */
	SCEAU_HEADER_EDIT_INSERT, /* smfi_insheader(1, name, value) */
	SCEAU_HEADER_EDIT_APPEND, /* smfi_addheader(name, value) */
};

/* One step for the MTA. Strings are NUL-terminated and live during the
   callback. */
struct sceau_header_edit {
	enum sceau_header_edit_kind kind;
	const char *name;
	const char *value; /* NULL for a deletion; folds are LF + blank */
	size_t nth; /* among the fields of that name, from 1; else 0 */
	size_t index; /* the field's number in the view */
};

/* Take one step. Returns 0 to go on, -1 (with err) to stop. */
typedef int sceau_header_edit_fn(void *ctx,
                                 const struct sceau_header_edit *edit,
                                 struct sceau_err *err);

/* Call fn for every edit, in an order that is safe for an MTA whose indexes
   are live: deletions and changes from the last field to the first, then the
   fields put below all others in their order, then those put above all others
   from the lowest to the topmost, so that inserting each at the same place
   ends in the order of the view.
   Returns 0, or -1: what fn returned, or FAULT_TEMP for lack of memory before
   the first call. */
int sceau_header_list_edits(const struct sceau_header *header,
                            sceau_header_edit_fn *fn, void *ctx,
                            struct sceau_err *err);

/* --- text --- */

/* Append field number index as "name:value" without a line end, every fold
   written as eol + what followed it ("\r\n" or "\n"). Blanks before the colon
   are not repeated. Returns 0, or -1 when out is full. */
int sceau_header_print_field(const struct sceau_header *header, size_t index,
                             const char *eol, struct sceau_buf *out);

/* Append all fields that are not deleted, each with its line end. What was
   scanned and not edited comes out byte for byte; other fields get the line
   ends that the first scanned line had (LF when there was none). The empty
   line after the header is not written. Returns 0, or -1 when out is full. */
int sceau_header_print(const struct sceau_header *header,
                       struct sceau_buf *out);

#endif
