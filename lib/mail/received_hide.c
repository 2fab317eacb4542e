/* received_hide.c - see received_hide.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "mail/received.h"
#include "mail/received_hide.h"
#include "mail/token.h"

/* The clauses that stay. */
struct clauses {
	struct sceau_slice by;
	struct sceau_slice with; /* empty: none */
	struct sceau_slice id;
	struct sceau_slice date;
};

static struct sceau_slice *slot(struct clauses *clauses,
                                struct sceau_slice name)
{
	if (sceau_slice_is_nocase(name, "by"))
		return &clauses->by;
	if (sceau_slice_is_nocase(name, "with"))
		return &clauses->with;
	return sceau_slice_is_nocase(name, "id") ? &clauses->id : NULL;
}

static bool is_plain(struct sceau_slice word)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = word.data[i];

		if (!sceau_text_is_alpha(c) && !sceau_text_is_digit(c) &&
		    c != '.' && c != '-')
			return false;
	}
	return word.len > 0 && word.len < 256;
}

/* The date as Postfix writes it, "Mon, 23 Nov 2026 06:00:00 +0000 (UTC)": any
   printable ASCII, no fold. */
static bool is_date(struct sceau_slice date)
{
	for (size_t i = 0; i < date.len; i++) {
		if (date.data[i] < ' ' || date.data[i] > '~')
			return false;
	}
	return date.len > 0 && date.len < 80;
}

/* Words stand in pairs, name and value, up to the ';' (RFC 5321 4.4); the
   client chose the one behind "from", so that one is never taken for a name. */
static bool read_clauses(struct sceau_slice value, struct clauses *clauses_r)
{
	struct clauses clauses = { .by = { NULL, 0 } };
	struct sceau_token name, word;

	while (sceau_token_next_word(&value, ";", &name) == SCEAU_TOKEN_WORD) {
		if (sceau_token_next_word(&value, ";", &word) !=
		    SCEAU_TOKEN_WORD)
			return false;
		struct sceau_slice *place = slot(&clauses, name.text);
		if (place != NULL && place->len > 0)
			return false;
		if (place != NULL)
			*place = word.text;
	}
	clauses.date = sceau_slice_trim(value);
	*clauses_r = clauses;
	return name.kind == SCEAU_TOKEN_SPECIAL && is_plain(clauses.by) &&
	       is_plain(clauses.id) && is_date(clauses.date) &&
	       (clauses.with.len == 0 || is_plain(clauses.with));
}

static void append(struct sceau_buf *out, const char *before,
                   struct sceau_slice text)
{
	sceau_buf_append_text(out, before);
	sceau_buf_append(out, text.data, text.len);
}

/* A session keeps "from" and "with", by which it is known as one; sendmail(1)
   had none. */
static void write_value(const struct clauses *clauses, bool is_session,
                        struct sceau_buf *out)
{
	if (is_session) {
		append(out, " from ", clauses->by);
		append(out, "\n\tby ", clauses->by);
		append(out, " (Postfix) with ", clauses->with);
	} else {
		append(out, " by ", clauses->by);
		sceau_buf_append_text(out, " (Postfix)");
	}
	append(out, " id ", clauses->id);
	append(out, ";\n\t", clauses->date);
}

enum sceau_received_hide_verdict sceau_received_hide(struct sceau_slice value,
                                                     struct sceau_slice host,
                                                     struct sceau_buf *out)
{
	enum sceau_received_kind kind = sceau_received_judge(value, host);
	struct clauses clauses;

	switch (kind) {
	case SCEAU_RECEIVED_HIDDEN:
	case SCEAU_RECEIVED_LOOPBACK:
		return SCEAU_RECEIVED_HIDE_SAME;
	case SCEAU_RECEIVED_AUTHENTICATED:
	case SCEAU_RECEIVED_LOCAL:
		if (!read_clauses(value, &clauses))
			return SCEAU_RECEIVED_HIDE_DELETE;
		write_value(&clauses, kind == SCEAU_RECEIVED_AUTHENTICATED,
		            out);
		return SCEAU_RECEIVED_HIDE_NEW;
	case SCEAU_RECEIVED_FOREIGN:
		break;
	}
	return SCEAU_RECEIVED_HIDE_DELETE;
}
