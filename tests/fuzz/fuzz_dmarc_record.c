/* fuzz_dmarc_record.c - the text of a DMARC Policy Record
 *
 * Properties: the same text in any other split into strings reads the same;
 * junk behind it and unknown tags change nothing; what is kept of rua is
 * printable, without an empty entry, and reads back as it is.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/dmarc_record.h"
#include "base/buf.h"
#include "fuzz/fuzz.h"

static bool parse(const struct sceau_buf *text,
                  struct sceau_dmarc_record *record)
{
	return sceau_dmarc_record_parse(
		(struct sceau_slice){ text->data, text->used }, record);
}

static bool is_same_request(struct sceau_dmarc_request a,
                            struct sceau_dmarc_request b)
{
	return a.is_present == b.is_present && a.is_valid == b.is_valid &&
	       a.policy == b.policy;
}

static bool is_same(const struct sceau_dmarc_record *a,
                    const struct sceau_dmarc_record *b)
{
	return is_same_request(a->p, b->p) && is_same_request(a->sp, b->sp) &&
	       is_same_request(a->np, b->np) && a->psd == b->psd &&
	       a->is_testing == b->is_testing &&
	       a->adkim_is_strict == b->adkim_is_strict &&
	       a->aspf_is_strict == b->aspf_is_strict && a->fo == b->fo &&
	       a->rua_count == b->rua_count && a->ruf_count == b->ruf_count &&
	       strcmp(a->rua, b->rua) == 0;
}

static void check_rua(const struct sceau_dmarc_record *record)
{
	size_t len = strlen(record->rua);
	struct sceau_dmarc_record again;
	struct sceau_buf text;

	REQUIRE(len < sizeof(record->rua));
	REQUIRE(record->rua_count > 0 || len == 0);
	for (size_t i = 0; i < len; i++)
		REQUIRE(record->rua[i] > ' ' && record->rua[i] < 0x7f);
	if (len == 0)
		return;
	REQUIRE(record->rua[0] != ',' && record->rua[len - 1] != ',');
	sceau_buf_init(&text, 4096);
	sceau_buf_append_text(&text, "v=DMARC1;rua=");
	sceau_buf_append_text(&text, record->rua);
	REQUIRE(parse(&text, &again));
	REQUIRE(strcmp(again.rua, record->rua) == 0);
	sceau_buf_deinit(&text);
}

/* As a TXT record with strings of n bytes. */
static void check_split(const uint8_t *data, size_t size, size_t n,
                        const struct sceau_dmarc_record *want, bool is_record)
{
	struct sceau_dns_answer answer = { .status = SCEAU_DNS_OK, .count = 1 };
	struct sceau_dmarc_record got;
	struct sceau_buf rdata;

	sceau_buf_init(&rdata, 2 * size + 1);
	for (size_t pos = 0; pos < size; pos += n) {
		size_t len = size - pos < n ? size - pos : n;
		unsigned char octet = (unsigned char)len;

		sceau_buf_append(&rdata, &octet, 1);
		sceau_buf_append(&rdata, data + pos, len);
	}
	answer.records[0].data = (const unsigned char *)rdata.data;
	answer.records[0].len = rdata.used;
	int count = sceau_dmarc_record_find(&answer, &got);
	REQUIRE(count == (is_record ? 1 : 0));
	if (is_record)
		REQUIRE(is_same(&got, want));
	sceau_buf_deinit(&rdata);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sceau_dmarc_record record, other;
	struct sceau_buf text;

	if (size > 60000)
		return 0;
	sceau_buf_init(&text, size + 100);
	sceau_buf_append(&text, data, size);
	bool is_record = parse(&text, &record);
	if (is_record) {
		check_rua(&record);
		(void)sceau_dmarc_record_is_broken(&record);
		sceau_buf_append_text(&text, ";;x=y; =; pct=0");
		REQUIRE(parse(&text, &other));
		REQUIRE(is_same(&record, &other));
	}
	check_split(data, size, 255, &record, is_record);
	check_split(data, size, 1, &record, is_record);
	sceau_buf_deinit(&text);
	return 0;
}
