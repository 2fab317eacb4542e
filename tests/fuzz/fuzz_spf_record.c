/* fuzz_spf_record.c - an SPF record from a stranger's zone
 *
 * A record that is taken as a whole is taken term by term, its terms put
 * together are the record, and every domain-spec in it can be expanded.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "auth/spf_macro.h"
#include "auth/spf_record.h"
#include "fuzz/fuzz.h"

static bool is_inside(struct sceau_slice part, struct sceau_slice whole)
{
	return part.len == 0 ||
	       (part.data >= whole.data &&
	        part.data + part.len <= whole.data + whole.len);
}

static void check_term(const struct sceau_spf_term *term,
                       struct sceau_slice record)
{
	struct sceau_spf_macro_piece piece;
	struct sceau_slice rest = term->domain_spec;
	int ret;

	REQUIRE(term->text.len > 0 && is_inside(term->text, record));
	REQUIRE(is_inside(term->domain_spec, term->text));
	REQUIRE(term->bits4 <= 32 && term->bits6 <= 128);
	for (size_t i = 0; i < term->text.len; i++)
		REQUIRE(term->text.data[i] > 0x20 && term->text.data[i] < 0x7f);
	while ((ret = sceau_spf_macro_next(&rest, false, &piece)) > 0)
		;
	REQUIRE(ret == 0);
	bool is_modifier = term->kind >= SCEAU_SPF_REDIRECT;
	REQUIRE(is_modifier == (term->qualifier == 0));
	if (term->kind == SCEAU_SPF_INCLUDE || term->kind == SCEAU_SPF_EXISTS ||
	    term->kind == SCEAU_SPF_REDIRECT || term->kind == SCEAU_SPF_EXP)
		REQUIRE(term->domain_spec.len > 0);
}

/* Walk the record; returns the bytes of its terms, or -1 at a broken one. */
static long walk(struct sceau_slice record)
{
	struct sceau_slice rest = sceau_spf_record_terms(record);
	struct sceau_spf_term term;
	long bytes = 0;
	int ret;

	while ((ret = sceau_spf_record_next(&rest, &term, NULL)) > 0) {
		check_term(&term, record);
		bytes += (long)term.text.len;
	}
	return ret < 0 ? -1 : bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sceau_slice record = { (const char *)data, size };
	struct sceau_spf_modifiers modifiers;
	struct sceau_slice broken = { NULL, 0 };
	struct sceau_err err;

	if (!sceau_spf_record_is(record))
		return 0;
	long bytes = walk(record);
	if (sceau_spf_record_check(record, &modifiers, &broken, &err) < 0) {
		REQUIRE(broken.len > 0 && is_inside(broken, record));
		REQUIRE(err.fault == SCEAU_FAULT_PEER && err.text[0] != '\0');
		return 0;
	}
	REQUIRE(bytes >= 0);
	long spaces = 0;
	for (size_t i = 6; i < size; i++)
		spaces += data[i] == ' ';
	REQUIRE(bytes + spaces + 6 == (long)size);
	return 0;
}
