/* fuzz_header_cleanup.c - clean any header by the built-in rules
 *
 * Input: a raw message. Properties: what no rule names stays byte for byte;
 * nothing that a rule deletes is left, unless there is a DKIM-Signature;
 * cleaning again changes nothing more.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "mail/header_cleanup.h"
#include "mail/header_scan.h"

static void read_mail(struct sceau_header *header, const char *mail, size_t len)
{
	struct sceau_header_scan scan;
	size_t used;

	sceau_header_init(header, 1U << 20, 4U << 20);
	sceau_header_scan_init(&scan, header);
	REQUIRE(sceau_header_scan_feed(&scan, mail, len, &used, NULL) >= 0);
	REQUIRE(sceau_header_scan_finish(&scan, NULL) == 0);
	sceau_header_scan_deinit(&scan);
}

static bool names_field(const char *pattern, struct sceau_slice name)
{
	struct sceau_slice want = sceau_slice_of(pattern);

	if (want.data[want.len - 1] == '*') {
		want.len--;
		if (name.len > want.len)
			name.len = want.len;
	}
	return sceau_slice_equal_nocase(name, want);
}

static void require_field(struct sceau_header_field field,
                          struct sceau_header_field was, bool is_signed)
{
	size_t count;
	const struct sceau_header_cleanup_rule *rules =
		sceau_header_cleanup_default_rules(&count);
	bool named = false, forbidden = false;

	for (size_t k = 0; k < count; k++) {
		if (!names_field(rules[k].pattern, field.name))
			continue;
		named = true;
		if (rules[k].action == SCEAU_HEADER_CLEANUP_DELETE)
			forbidden = true;
	}
	REQUIRE(field.name.len == was.name.len);
	if (!named) {
		REQUIRE(!field.deleted && !field.changed);
		REQUIRE(field.value.len == was.value.len);
		REQUIRE(!memcmp(field.value.data, was.value.data,
		                was.value.len));
	}
	REQUIRE(!forbidden || field.deleted || is_signed);
	REQUIRE(!field.changed || field.value.len > 0);
}

static void clean(struct sceau_header *header)
{
	size_t count;
	const struct sceau_header_cleanup_rule *rules =
		sceau_header_cleanup_default_rules(&count);

	REQUIRE(sceau_header_cleanup_apply(header, rules, count, NULL) == 0);
}

static void require_clean_twice(struct sceau_header *header)
{
	struct sceau_buf once, twice;

	sceau_buf_init(&once, 8U << 20);
	sceau_buf_init(&twice, 8U << 20);
	REQUIRE(sceau_header_print(header, &once) == 0);
	clean(header);
	REQUIRE(sceau_header_print(header, &twice) == 0);
	REQUIRE(once.used == twice.used);
	REQUIRE(once.used == 0 || !memcmp(once.data, twice.data, once.used));
	sceau_buf_deinit(&once);
	sceau_buf_deinit(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sceau_header_cleanup_facts facts = { .authenticated = true };
	struct sceau_header header, original;

	read_mail(&header, (const char *)data, size);
	read_mail(&original, (const char *)data, size);
	sceau_header_cleanup_judge(&header, &facts);
	clean(&header);
	REQUIRE(header.count == original.count);
	bool is_signed = sceau_header_count(&header, "DKIM-Signature") > 0;
	for (size_t i = 0; i < header.count; i++)
		require_field(sceau_header_get(&header, i),
		              sceau_header_get(&original, i), is_signed);
	require_clean_twice(&header);
	sceau_header_deinit(&header);
	sceau_header_deinit(&original);
	return 0;
}
