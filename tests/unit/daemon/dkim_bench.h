/* dkim_bench.h - verify a whole message, as text, with canned keys
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_TEST_DKIM_BENCH_H
#define SCEAU_TEST_DKIM_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/dkim_verify.h"
#include "mail/header_scan.h"

/* One name and its TXT records; status counts when there is none. */
struct dkim_bench_key {
	const char *name; /* SELECTOR._domainkey.DOMAIN */
	const char *records[3]; /* NULL-ended unless there are three */
	enum sceau_dns_status status;
};

/* Keys end with a name of NULL. */
struct dkim_bench {
	const struct dkim_bench_key *keys;
	uint64_t now_s;
	size_t max; /* signatures; 0: the default */
	size_t chunk; /* of the body; 0: all at once */
	unsigned questions; /* filled in: how many were asked */
};

/* The wire form of a TXT record, cut into strings of 200. */
static inline size_t dkim_bench_txt(const char *text, unsigned char *out)
{
	size_t len = strlen(text), used = 0;

	do {
		size_t part = len < 200 ? len : 200;

		out[used++] = (unsigned char)part;
		memcpy(out + used, text, part);
		used += part;
		text += part;
		len -= part;
	} while (len > 0);
	return used;
}

/* Answer one question of lookup from the keys. */
static inline void dkim_bench_answer(const struct dkim_bench *bench,
                                     struct sceau_dkim_lookup *lookup,
                                     const struct sceau_dns_question *question)
{
	static unsigned char wire[3][16384];
	static struct sceau_dns_answer answer;
	const struct dkim_bench_key *key = bench->keys;

	memset(&answer, 0, sizeof(answer));
	answer.name = question->name;
	answer.type = question->type;
	answer.status = SCEAU_DNS_NXDOMAIN;
	while (key->name != NULL &&
	       !sceau_text_equal_nocase(key->name, question->name))
		key++;
	if (key->name != NULL) {
		answer.status = key->records[0] != NULL ? SCEAU_DNS_OK
		                                        : key->status;
		for (size_t i = 0; i < 3 && key->records[i] != NULL; i++) {
			answer.records[i].data = wire[i];
			answer.records[i].len = dkim_bench_txt(key->records[i],
			                                       wire[i]);
			answer.count++;
		}
	}
	sceau_dkim_lookup_decider.answer(lookup, question->id, &answer);
}

/* Read the header of mail; its body is what *body_r then says. */
static inline void dkim_bench_scan(struct sceau_slice mail,
                                   struct sceau_header *header,
                                   struct sceau_buf *body_r)
{
	struct sceau_header_scan scan;
	struct sceau_slice left;
	size_t used;

	sceau_header_init(header, SCEAU_HEADER_FIELDS_MAX,
	                  SCEAU_HEADER_BYTES_MAX);
	sceau_header_scan_init(&scan, header);
	assert_true(sceau_header_scan_feed(&scan, mail.data, mail.len, &used,
	                                   NULL) >= 0);
	assert_true(sceau_header_scan_finish(&scan, NULL) >= 0);
	left = sceau_header_scan_left(&scan);
	sceau_buf_init(body_r, (64UL << 20));
	(void)sceau_buf_append(body_r, left.data, left.len);
	(void)sceau_buf_append(body_r, mail.data + used, mail.len - used);
	sceau_header_scan_deinit(&scan);
}

/* Verify mail, whose lines end in CRLF; the caller frees the result. */
static inline struct sceau_dkim_verify *
dkim_bench_verify(struct dkim_bench *bench, struct sceau_slice mail)
{
	struct sceau_dkim_verify_options options = {
		.max_signatures = bench->max != 0 ? bench->max
		                                  : SCEAU_DKIM_VERIFY_DEFAULT,
		.now_s = bench->now_s,
	};
	struct sceau_dkim_verify *verify = NULL;
	struct sceau_dns_question question;
	struct sceau_dkim_lookup *lookup;
	struct sceau_header header;
	struct sceau_buf body;

	dkim_bench_scan(mail, &header, &body);
	assert_int_equal(
		sceau_dkim_verify_new(&header, &options, &verify, NULL), 0);
	sceau_header_deinit(&header);
	lookup = sceau_dkim_verify_lookup(verify);
	bench->questions = 0;
	while (sceau_dkim_lookup_decider.ask(lookup, &question) == 1) {
		bench->questions++;
		dkim_bench_answer(bench, lookup, &question);
	}
	for (size_t pos = 0; pos < body.used;) {
		size_t len = body.used - pos;

		if (bench->chunk != 0 && bench->chunk < len)
			len = bench->chunk;
		assert_int_equal(sceau_dkim_verify_body(verify, body.data + pos,
		                                        len, NULL),
		                 0);
		pos += len;
	}
	sceau_buf_deinit(&body);
	assert_int_equal(sceau_dkim_verify_end(verify, NULL), 0);
	return verify;
}

/* The results, divided by blanks, in out[size]. */
static inline const char *
dkim_bench_results(const struct sceau_dkim_verify *verify, char *out,
                   size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sceau_dkim_verify_count(verify); i++)
		used += (size_t)snprintf(
			out + used, size - used, "%s%s", i > 0 ? " " : "",
			sceau_dkim_result_name(
				sceau_dkim_verify_get(verify, i)->result));
	return out;
}

#endif
