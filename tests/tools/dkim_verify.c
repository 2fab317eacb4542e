/* dkim_verify.c - verify the mail on standard input through
 * daemon/dkim_verify.h, with keys from a file, so that other implementations
 * can be compared with it
 *
 * usage: dkim_verify KEYFILE CHUNK
 * KEYFILE has lines "SELECTOR._domainkey.DOMAIN RECORD". The mail comes with
 * CRLF. One line a signature: the result, and the reason if there is one.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/dkim_verify.h"
#include "mail/header_scan.h"

#define MAIL_MAX (64UL << 20)

static int read_file(FILE *in, struct sceau_buf *out)
{
	char chunk[65536];
	size_t len;

	while ((len = fread(chunk, 1, sizeof(chunk), in)) > 0)
		(void)sceau_buf_append(out, chunk, len);
	return ferror(in) || out->failed ? -1 : 0;
}

/* The record of name, or the empty slice. */
static struct sceau_slice record_of(const struct sceau_buf *keys,
                                    const char *name)
{
	struct sceau_slice rest = { keys->data, keys->used }, line, word;

	while (sceau_slice_next_word(&rest, "\n", &line)) {
		if (sceau_slice_next_word(&line, " ", &word) &&
		    sceau_slice_is_nocase(word, name))
			return sceau_slice_trim(line);
	}
	return (struct sceau_slice){ NULL, 0 };
}

static void answer(struct sceau_dkim_lookup *lookup,
                   const struct sceau_dns_question *question,
                   struct sceau_slice record)
{
	static unsigned char wire[16384];
	static struct sceau_dns_answer out;
	size_t used = 0;

	memset(&out, 0, sizeof(out));
	out.status = SCEAU_DNS_NXDOMAIN;
	while (record.len > 0 && used < sizeof(wire) - 256) {
		size_t part = record.len < 255 ? record.len : 255;

		wire[used++] = (unsigned char)part;
		memcpy(wire + used, record.data, part);
		used += part;
		record.data += part;
		record.len -= part;
		out.status = SCEAU_DNS_OK;
	}
	out.records[0].data = wire;
	out.records[0].len = used;
	out.count = used > 0 ? 1 : 0;
	sceau_dkim_lookup_decider.answer(lookup, question->id, &out);
}

static void print(const struct sceau_dkim_verify *verify)
{
	for (size_t i = 0; i < sceau_dkim_verify_count(verify); i++) {
		const struct sceau_dkim_verdict *verdict =
			sceau_dkim_verify_get(verify, i);

		printf("%s %s\n", sceau_dkim_result_name(verdict->result),
		       verdict->reason);
	}
}

static int run(const struct sceau_buf *keys, const struct sceau_buf *mail,
               size_t chunk, struct sceau_err *err)
{
	struct sceau_dkim_verify_options options = {
		.max_signatures = SCEAU_DKIM_VERIFY_DEFAULT,
		.now_s = (uint64_t)time(NULL),
	};
	struct sceau_dkim_verify *verify = NULL;
	struct sceau_dns_question question;
	struct sceau_header header;
	struct sceau_header_scan scan;
	size_t pos = 0;
	int ret;

	sceau_header_init(&header, SCEAU_HEADER_FIELDS_MAX,
	                  SCEAU_HEADER_BYTES_MAX);
	sceau_header_scan_init(&scan, &header);
	ret = sceau_header_scan_feed(&scan, mail->data, mail->used, &pos, err);
	if (ret >= 0)
		ret = sceau_header_scan_finish(&scan, err);
	if (ret == 0)
		ret = sceau_dkim_verify_new(&header, &options, &verify, err);
	if (ret == 0) {
		struct sceau_dkim_lookup *lookup = sceau_dkim_verify_lookup(
			verify);

		while (sceau_dkim_lookup_decider.ask(lookup, &question) == 1)
			answer(lookup, &question,
			       record_of(keys, question.name));
	}
	for (; ret == 0 && pos < mail->used; pos += chunk)
		ret = sceau_dkim_verify_body(
			verify, mail->data + pos,
			mail->used - pos < chunk ? mail->used - pos : chunk,
			err);
	if (ret == 0)
		ret = sceau_dkim_verify_end(verify, err);
	if (ret == 0)
		print(verify);
	sceau_dkim_verify_free(&verify);
	sceau_header_scan_deinit(&scan);
	sceau_header_deinit(&header);
	return ret;
}

int main(int argc, char **argv)
{
	struct sceau_err err = { .text = "cannot read" };
	struct sceau_buf keys, mail;
	FILE *in;
	int ret = -1;

	if (argc != 3) {
		(void)fprintf(stderr, "usage: %s KEYFILE CHUNK\n", argv[0]);
		return 2;
	}
	sceau_buf_init(&keys, MAIL_MAX);
	sceau_buf_init(&mail, MAIL_MAX);
	in = fopen(argv[1], "r");
	if (in != NULL && read_file(in, &keys) == 0 &&
	    read_file(stdin, &mail) == 0)
		ret = run(&keys, &mail, strtoul(argv[2], NULL, 10), &err);
	if (in != NULL)
		(void)fclose(in);
	sceau_buf_deinit(&keys);
	sceau_buf_deinit(&mail);
	if (ret < 0)
		(void)fprintf(stderr, "%s: %s\n", argv[0], err.text);
	return ret < 0 ? 1 : 0;
}
