/* fuzz_header.c - scan, edit and print a header
 *
 * Input: one byte of chunk size, one seed byte for edits, then a raw message.
 * Properties: any chunking gives the same view; the view printed, separator
 * and body are the message; edits applied by an MTA with live indexes give
 * what the view prints, and fields without an edit stay as they were.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "mail/header_scan.h"
#include "unit/mail/mta_model.h"

#define BYTES_MAX (1U << 20)

struct scanned {
	struct sceau_header header;
	struct sceau_header_scan scan;
	size_t used;
};

static void scan_all(struct scanned *s, const char *mail, size_t len,
                     size_t chunk)
{
	int ret = 0;

	sceau_header_init(&s->header, BYTES_MAX, BYTES_MAX);
	sceau_header_scan_init(&s->scan, &s->header);
	s->used = 0;
	while (s->used < len && ret == 0) {
		size_t n = len - s->used < chunk ? len - s->used : chunk;
		size_t used;

		ret = sceau_header_scan_feed(&s->scan, mail + s->used, n, &used,
		                             NULL);
		REQUIRE(used <= n && (ret == 1 || used == n));
		s->used += used;
	}
	REQUIRE(ret >= 0);
	REQUIRE(sceau_header_scan_finish(&s->scan, NULL) == 0);
}

static void release(struct scanned *s)
{
	sceau_header_scan_deinit(&s->scan);
	sceau_header_deinit(&s->header);
}

static bool equal(struct sceau_slice a, struct sceau_slice b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static void require_same(const struct scanned *a, const struct scanned *b)
{
	REQUIRE(a->header.count == b->header.count);
	REQUIRE(a->used == b->used);
	REQUIRE(equal(sceau_header_scan_left(&a->scan),
	              sceau_header_scan_left(&b->scan)));
	REQUIRE(strcmp(sceau_header_scan_separator(&a->scan),
	               sceau_header_scan_separator(&b->scan)) == 0);
	for (size_t i = 0; i < a->header.count; i++) {
		struct sceau_header_field x = sceau_header_get(&a->header, i);
		struct sceau_header_field y = sceau_header_get(&b->header, i);

		REQUIRE(equal(x.name, y.name) && equal(x.value, y.value));
		REQUIRE(sceau_header_is_name(x.name));
	}
}

static void require_identity(const struct scanned *s, const char *mail,
                             size_t len)
{
	struct sceau_slice left = sceau_header_scan_left(&s->scan);
	struct sceau_buf out;

	sceau_buf_init(&out, 2 * BYTES_MAX);
	REQUIRE(sceau_header_print(&s->header, &out) == 0);
	sceau_buf_append_text(&out, sceau_header_scan_separator(&s->scan));
	sceau_buf_append(&out, left.data, left.len);
	sceau_buf_append(&out, mail + s->used, len - s->used);
	REQUIRE(out.used == len && (len == 0 || !memcmp(out.data, mail, len)));
	sceau_buf_deinit(&out);
}

/* A milter sees strings: what follows a NUL is not shown. */
static char *shown(struct sceau_slice slice)
{
	char *copy = calloc(1, slice.len + 1);
	size_t n = 0;

	REQUIRE(copy != NULL);
	for (size_t i = 0; i < slice.len && slice.data[i] != '\0'; i++) {
		if (slice.data[i] == '\r' && i + 1 < slice.len &&
		    slice.data[i + 1] == '\n')
			continue;
		copy[n++] = slice.data[i];
	}
	return copy;
}

static void show(const struct sceau_header *header, struct mta_model *mta)
{
	for (size_t i = 0; i < header->count; i++) {
		struct sceau_header_field field = sceau_header_get(header, i);
		char *name = shown(field.name);
		char *value = shown(field.value);

		if (!field.deleted)
			mta_put(mta, mta->count, name, value);
		free(name);
		free(value);
	}
}

/* Edits that depend on the seed alone. */
static void edit(struct sceau_header *header, uint32_t seed)
{
	struct sceau_slice name = sceau_slice_of("X-New");
	size_t count = header->count;

	for (size_t i = 0; i < count; i++) {
		seed = seed * 1664525U + 1013904223U;
		if (seed >> 30 == 0)
			sceau_header_delete(header, i);
		else if (seed >> 29 == 2)
			REQUIRE(sceau_header_change(header, i,
			                            sceau_slice_of(" new\n x"),
			                            NULL) == 0);
	}
	if ((seed & 0x100) != 0)
		REQUIRE(sceau_header_append(header, name, name, NULL) == 0);
	for (unsigned i = 0; i < ((seed >> 10) & 3); i++) {
		char value[] = { ' ', (char)('a' + i), '\0' };

		REQUIRE(sceau_header_insert(header, name, sceau_slice_of(value),
		                            NULL) == 0);
	}
}

static void require_edits(struct sceau_header *header, uint32_t seed)
{
	struct mta_model got = { .fields = NULL }, want = { .fields = NULL };

	show(header, &got);
	edit(header, seed);
	REQUIRE(sceau_header_list_edits(header, mta_edit, &got, NULL) == 0);
	show(header, &want);
	REQUIRE(got.count == want.count);
	for (size_t i = 0; i < got.count; i++) {
		REQUIRE(strcmp(got.fields[i].name, want.fields[i].name) == 0);
		REQUIRE(strcmp(got.fields[i].value, want.fields[i].value) == 0);
	}
	mta_deinit(&got);
	mta_deinit(&want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scanned whole, cut;

	if (size < 2)
		return 0;

	const char *mail = (const char *)data + 2;
	size_t len = size - 2;

	scan_all(&whole, mail, len, len + 1);
	scan_all(&cut, mail, len, (size_t)(data[0] % 64) + 1);
	require_same(&whole, &cut);
	require_identity(&whole, mail, len);
	release(&whole);
	if (cut.header.count < 2000)
		require_edits(&cut.header, data[1]);
	release(&cut);
	return 0;
}
