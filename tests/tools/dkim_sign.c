/* dkim_sign.c - sign the mail on standard input through daemon/dkim.h, so that
 * other implementations can judge the signature
 *
 * usage: dkim_sign KEYFILE DOMAIN SELECTOR HEADER/BODY CHUNK
 * The key is RSA or Ed25519. The mail comes with CRLF; it is printed with the
 * new field on top. CHUNK is how many bytes of the body are given at once.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/conf_load.h"
#include "daemon/dkim.h"
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

static enum sceau_dkim_canon canon_of(const char *word)
{
	return strncmp(word, "simple", 6) == 0 ? SCEAU_DKIM_SIMPLE
	                                       : SCEAU_DKIM_RELAXED;
}

/* Libmilter hands header lines over with LF: so do we. */
static int scan(const struct sceau_buf *mail, struct sceau_header *header,
                struct sceau_slice *body_r, struct sceau_err *err)
{
	struct sceau_header_scan scanner;
	const char *end = memmem(mail->data, mail->used, "\r\n\r\n", 4);
	size_t used;
	int ret;

	if (end == NULL)
		return sceau_fail(err, SCEAU_FAULT_PEER, "no empty line");
	sceau_header_scan_init(&scanner, header);
	ret = 0;
	for (const char *p = mail->data; p < end + 2 && ret == 0; p++) {
		if (*p != '\r')
			ret = sceau_header_scan_feed(&scanner, p, 1, &used,
			                             err);
	}
	if (ret >= 0)
		ret = sceau_header_scan_finish(&scanner, err);
	sceau_header_scan_deinit(&scanner);
	body_r->data = end + 4;
	body_r->len = mail->used - (size_t)(end + 4 - mail->data);
	return ret;
}

static int sign_mail(struct sceau_dkim *dkim, const struct sceau_dkim_key *key,
                     const struct sceau_buf *mail, size_t chunk,
                     struct sceau_buf *value, struct sceau_err *err)
{
	struct sceau_dkim_sign *sign = NULL;
	struct sceau_header header;
	struct sceau_slice body = { NULL, 0 };
	int ret;

	sceau_header_init(&header, SCEAU_HEADER_FIELDS_MAX,
	                  SCEAU_HEADER_BYTES_MAX);
	ret = scan(mail, &header, &body, err);
	if (ret == 0)
		ret = sceau_dkim_sign_new(dkim, &key, 1, (uint64_t)time(NULL),
		                          &sign, err);
	if (ret == 0)
		ret = sceau_dkim_sign_header(sign, &header, err);
	for (size_t pos = 0; pos < body.len && ret == 0; pos += chunk)
		ret = sceau_dkim_sign_body(
			sign, body.data + pos,
			body.len - pos < chunk ? body.len - pos : chunk, err);
	if (ret == 0)
		ret = sceau_dkim_sign_end(sign, err);
	if (ret == 0)
		ret = sceau_dkim_sign_value(sign, 0, value, err);
	sceau_dkim_sign_free(&sign);
	sceau_header_deinit(&header);
	return ret;
}

static int run(char **argv, struct sceau_err *err)
{
	struct sceau_settings *settings = sceau_conf_load_text("defaults", "",
	                                                       0, err);
	struct sceau_dkim_options options = {
		.header_canon = canon_of(argv[4]),
		.body_canon = canon_of(strchr(argv[4], '/') + 1),
	};
	struct sceau_dkim *dkim = NULL;
	struct sceau_dkim_key *key = NULL;
	struct sceau_buf pem, mail, value;
	FILE *in = fopen(argv[1], "r");
	int ret = -1;

	sceau_buf_init(&pem, 65536);
	sceau_buf_init(&mail, MAIL_MAX);
	sceau_buf_init(&value, SCEAU_DKIM_VALUE_MAX);
	if (settings != NULL && in != NULL && read_file(in, &pem) == 0 &&
	    read_file(stdin, &mail) == 0) {
		struct sceau_slice text = { pem.data, pem.used };

		options.headers = settings->milter.sign_headers;
		options.oversign = settings->milter.sign_oversign_headers;
		ret = sceau_dkim_key_new(text, argv[2], argv[3], &key, err);
		if (ret == 0)
			ret = sceau_dkim_new(&options, &dkim, err);
		if (ret == 0)
			ret = sign_mail(dkim, key, &mail,
			                strtoul(argv[5], NULL, 10), &value,
			                err);
	}
	if (ret == 0) {
		printf("DKIM-Signature:");
		for (size_t i = 0; i < value.used; i++)
			printf(value.data[i] == '\n' ? "\r\n" : "%c",
			       value.data[i]);
		printf("\r\n");
		(void)fwrite(mail.data, 1, mail.used, stdout);
	}
	if (in != NULL)
		(void)fclose(in);
	sceau_dkim_free(&dkim);
	sceau_dkim_key_free(&key);
	sceau_settings_unref(&settings);
	sceau_buf_deinit(&pem);
	sceau_buf_deinit(&mail);
	sceau_buf_deinit(&value);
	return ret;
}

int main(int argc, char **argv)
{
	struct sceau_err err = { .text = "cannot read" };

	if (argc != 6 || strchr(argv[4], '/') == NULL) {
		(void)fprintf(stderr,
		              "usage: %s KEYFILE DOMAIN SELECTOR "
		              "HEADER/BODY CHUNK\n",
		              argv[0]);
		return 2;
	}
	if (run(argv, &err) < 0) {
		(void)fprintf(stderr, "%s: %s\n", argv[0], err.text);
		return 1;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
