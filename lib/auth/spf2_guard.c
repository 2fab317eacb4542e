/* spf2_guard.c - see spf2_guard.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "auth/spf2_guard.h"
#include "auth/spf_macro.h"
#include "auth/spf_record.h"

/* Sizes of SPF_mech_t, SPF_mod_t and the items of SPF_data_t; a string may be
   filled up to the next multiple of its alignment. */
#define HEAD_SIZE 4
#define ITEM_SIZE 4
#define PADDING 3

static size_t count_macros(struct sceau_slice text)
{
	size_t count = 0;

	for (size_t i = 0; i + 1 < text.len; i++)
		count += text.data[i] == '%' && text.data[i + 1] == '{';
	return count;
}

bool sceau_spf2_guard_text(struct sceau_slice text)
{
	return count_macros(text) <= SCEAU_SPF2_MACROS_MAX &&
	       (text.len == 0 || memchr(text.data, '\0', text.len) == NULL);
}

/* Most bytes that a macro-string is compiled to. */
static size_t measure_macros(struct sceau_slice text)
{
	struct sceau_spf_macro_piece piece;
	size_t size = 0;

	while (sceau_spf_macro_next(&text, true, &piece) > 0) {
		size += ITEM_SIZE;
		if (piece.letter == 0)
			size += piece.literal.len + PADDING;
	}
	return size;
}

static bool is_modifier(const struct sceau_spf_term *term)
{
	return term->kind == SCEAU_SPF_EXP || term->kind == SCEAU_SPF_UNKNOWN;
}

static size_t measure(const struct sceau_spf_term *term)
{
	/* The text holds its name, too, which is right for a modifier. */
	if (is_modifier(term))
		return HEAD_SIZE + term->text.len + measure_macros(term->text);
	switch (term->kind) {
	case SCEAU_SPF_IP4:
		return HEAD_SIZE + 4;
	case SCEAU_SPF_IP6:
		return HEAD_SIZE + 16;
	case SCEAU_SPF_A:
	case SCEAU_SPF_MX:
		return HEAD_SIZE + measure_macros(term->domain_spec) +
		       (term->bits4 != 32 || term->bits6 != 128 ? ITEM_SIZE
		                                                : 0);
	default:
		return HEAD_SIZE + measure_macros(term->domain_spec);
	}
}

int sceau_spf2_guard_record(struct sceau_slice record, struct sceau_err *err)
{
	struct sceau_spf_modifiers modifiers;
	struct sceau_slice broken, rest;
	struct sceau_spf_term term;
	size_t mechanisms = 0, others = 0;

	if (sceau_spf_record_check(record, &modifiers, &broken, err) < 0)
		return -1;
	rest = sceau_spf_record_terms(record);
	while (sceau_spf_record_next(&rest, &term, NULL) > 0) {
		if (is_modifier(&term))
			others += measure(&term);
		else
			mechanisms += measure(&term);
	}
	if (mechanisms > SCEAU_SPF2_COMPILED_MAX ||
	    others > SCEAU_SPF2_COMPILED_MAX)
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "the record is longer than libspf2 can "
		                  "hold");
	if (!sceau_spf2_guard_text(record))
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "the record has more macros than libspf2 "
		                  "can hold");
	return 0;
}
