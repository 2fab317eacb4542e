/* dkim_mail.c - sceau dkim verify, sign: one mail from standard input
 *
 * A mail whose first line ends in LF alone is taken as it would travel: with
 * CRLF.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "auth/sign_rule.h"
#include "cli/cli.h"
#include "cli/dkim.h"
#include "cli/json_print.h"
#include "daemon/dkim.h"
#include "daemon/dkim_conf.h"
#include "daemon/dkim_verify.h"
#include "daemon/resolve.h"
#include "mail/header_scan.h"

#define MAIL_MAX (256UL << 20)

struct mail {
	struct sceau_buf text; /* as it came */
	struct sceau_buf body; /* lines ended by CRLF */
	struct sceau_header header;
	bool has_lf; /* its lines end in LF alone */
};

/* Append text with CR before every LF that has none. */
static void append_wire(struct sceau_buf *out, struct sceau_slice text)
{
	const char *p = text.data;
	const char *end = p + text.len;

	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		const char *stop = eol != NULL ? eol : end;

		(void)sceau_buf_append(out, p, (size_t)(stop - p));
		if (eol != NULL && (eol == text.data || eol[-1] != '\r'))
			(void)sceau_buf_append(out, "\r", 1);
		if (eol != NULL)
			(void)sceau_buf_append(out, "\n", 1);
		p = eol != NULL ? eol + 1 : end;
	}
}

static int split(struct mail *mail, struct sceau_err *err)
{
	const char *eol = memchr(sceau_buf_text(&mail->text), '\n',
	                         mail->text.used);
	struct sceau_header_scan scan;
	struct sceau_slice left, rest;
	size_t used = 0;
	int ret;

	mail->has_lf = eol != NULL &&
	               (eol == mail->text.data || eol[-1] != '\r');
	sceau_header_scan_init(&scan, &mail->header);
	ret = sceau_header_scan_feed(&scan, sceau_buf_text(&mail->text),
	                             mail->text.used, &used, err);
	if (ret >= 0)
		ret = sceau_header_scan_finish(&scan, err);
	if (ret == 0) {
		left = sceau_header_scan_left(&scan);
		rest.data = sceau_buf_text(&mail->text) + used;
		rest.len = mail->text.used - used;
		if (mail->has_lf) {
			append_wire(&mail->body, left);
			append_wire(&mail->body, rest);
		} else {
			(void)sceau_buf_append(&mail->body, left.data,
			                       left.len);
			(void)sceau_buf_append(&mail->body, rest.data,
			                       rest.len);
		}
		if (mail->body.failed)
			ret = sceau_fail(err, SCEAU_FAULT_TEMP,
			                 "out of memory");
	}
	sceau_header_scan_deinit(&scan);
	return ret;
}

static int read_mail(struct mail *mail, struct sceau_err *err)
{
	sceau_buf_init(&mail->text, MAIL_MAX);
	sceau_buf_init(&mail->body, MAIL_MAX * 2);
	sceau_header_init(&mail->header, SCEAU_HEADER_FIELDS_MAX,
	                  SCEAU_HEADER_BYTES_MAX);
	if (sceau_io_read_fd(STDIN_FILENO, "standard input", &mail->text, err) <
	    0)
		return -1;
	return split(mail, err);
}

static void release_mail(struct mail *mail)
{
	sceau_buf_deinit(&mail->text);
	sceau_buf_deinit(&mail->body);
	sceau_header_deinit(&mail->header);
}

/* --- verify --- */

/* The word for the mail as a whole: one signature that passes is enough, and
   one that could pass another time comes next. */
static const char *overall(const struct sceau_dkim_verify *verify)
{
	static const enum sceau_dkim_result order[] = {
		SCEAU_DKIM_PASS,   SCEAU_DKIM_TEMPERROR, SCEAU_DKIM_FAIL,
		SCEAU_DKIM_POLICY, SCEAU_DKIM_PERMERROR, SCEAU_DKIM_NEUTRAL,
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		for (size_t j = 0; j < sceau_dkim_verify_count(verify); j++) {
			if (sceau_dkim_verify_get(verify, j)->result ==
			    order[i])
				return sceau_dkim_result_name(order[i]);
		}
	}
	return "none";
}

static void print_word(const char *name, const char *value)
{
	if (value[0] != '\0')
		printf(" %s=%s", name, value);
}

static void print_text(const struct sceau_dkim_verify *verify)
{
	printf("%s\n", overall(verify));
	for (size_t i = 0; i < sceau_dkim_verify_count(verify); i++) {
		const struct sceau_dkim_verdict *verdict =
			sceau_dkim_verify_get(verify, i);

		printf("%s", sceau_dkim_result_name(verdict->result));
		print_word("d", verdict->domain);
		print_word("s", verdict->selector);
		print_word("i", verdict->identity);
		print_word("a", verdict->algorithm);
		print_word("b", verdict->b);
		if (verdict->key_bits > 0)
			printf(" bits=%u", verdict->key_bits);
		if (verdict->is_testing)
			printf(" testing");
		if (verdict->is_secure)
			printf(" dnssec");
		if (verdict->reason[0] != '\0')
			printf(" (%s)", verdict->reason);
		(void)putchar('\n');
	}
	if (sceau_dkim_verify_skipped(verify) > 0)
		printf("skipped=%zu\n", sceau_dkim_verify_skipped(verify));
}

static json_t *verdict_json(const struct sceau_dkim_verdict *verdict)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:b,s:b}", "result",
	                 sceau_dkim_result_name(verdict->result), "reason",
	                 verdict->reason, "domain", verdict->domain, "selector",
	                 verdict->selector, "identity", verdict->identity,
	                 "algorithm", verdict->algorithm, "b", verdict->b,
	                 "bits", (int)verdict->key_bits, "testing",
	                 verdict->is_testing, "dnssec", verdict->is_secure);
}

static int print_json(const struct sceau_dkim_verify *verify,
                      struct sceau_err *err)
{
	json_t *list = json_array(), *root;

	for (size_t i = 0; i < sceau_dkim_verify_count(verify); i++)
		(void)json_array_append_new(
			list, verdict_json(sceau_dkim_verify_get(verify, i)));
	root = json_pack("{s:s,s:o,s:i}", "result", overall(verify),
	                 "signatures", list, "skipped",
	                 (int)sceau_dkim_verify_skipped(verify));
	return sceau_cli_print_json(root, err);
}

static int verify_mail(const struct sceau_dkim_cli_options *options,
                       struct mail *mail, struct sceau_cli_resolver *resolver,
                       struct sceau_err *err)
{
	struct sceau_dkim_verify_options how = {
		.max_signatures = SCEAU_DKIM_VERIFY_MAX,
		.now_s = (uint64_t)time(NULL),
	};
	struct sceau_dkim_verify *verify = NULL;
	int ret;

	if (sceau_dkim_verify_new(&mail->header, &how, &verify, err) < 0)
		return -1;
	ret = sceau_resolve_now(resolver->loop, resolver->dns,
	                        &sceau_dkim_lookup_decider,
	                        sceau_dkim_verify_lookup(verify),
	                        SCEAU_CLI_DNS_DEADLINE_MS, NULL, NULL, err);
	if (ret == 0)
		ret = sceau_dkim_verify_body(verify, mail->body.data,
		                             mail->body.used, err);
	if (ret == 0)
		ret = sceau_dkim_verify_end(verify, err);
	if (ret == 0 && options->wants_json)
		ret = print_json(verify, err);
	else if (ret == 0)
		print_text(verify);
	sceau_dkim_verify_free(&verify);
	return ret;
}

int sceau_dkim_run_verify(const struct sceau_dkim_cli_options *options)
{
	struct sceau_cli_resolver resolver = { .loop = NULL };
	struct sceau_err err;
	struct mail mail;
	int ret;

	ret = sceau_cli_resolver_open(options->conf_file, options->resolver,
	                              &resolver, &err);
	if (ret < 0)
		return sceau_cli_fail("dkim", &err);
	ret = read_mail(&mail, &err);
	if (ret == 0)
		ret = verify_mail(options, &mail, &resolver, &err);
	release_mail(&mail);
	sceau_cli_resolver_close(&resolver);
	return ret < 0 ? sceau_cli_fail("dkim", &err) : SCEAU_EXIT_OK;
}

/* --- sign --- */

/* The keys that sign: those that would, or the one that was asked for, in any
   stage. Returns how many. */
static size_t choose_keys(const struct sceau_dkim_cli_options *options,
                          const struct sceau_dkim_dir *dir,
                          const struct sceau_dkim_key *keys_r[2])
{
	size_t count = 0;

	for (size_t i = 0; i < dir->count && count < 2; i++) {
		const struct sceau_dkim_file *file = &dir->files[i];
		bool is_wanted = options->selector != NULL
		                         ? sceau_text_equal_nocase(
						   file->selector,
						   options->selector)
		                         : file->signs;

		if (file->key != NULL && is_wanted)
			keys_r[count++] = file->key;
	}
	return count;
}

static int print_signed(struct sceau_dkim_sign *sign, size_t count,
                        const struct mail *mail, struct sceau_err *err)
{
	struct sceau_buf value, out;
	int ret = 0;

	sceau_buf_init(&out, SCEAU_DKIM_VALUE_MAX * 8);
	for (size_t i = 0; i < count && ret == 0; i++) {
		struct sceau_slice text;

		sceau_buf_init(&value, SCEAU_DKIM_VALUE_MAX);
		ret = sceau_dkim_sign_value(sign, i, &value, err);
		(void)sceau_buf_append_text(&value, "\n");
		(void)sceau_buf_append_text(&out, "DKIM-Signature:");
		text = (struct sceau_slice){ value.data, value.used };
		if (mail->has_lf)
			(void)sceau_buf_append(&out, text.data, text.len);
		else
			append_wire(&out, text);
		sceau_buf_deinit(&value);
	}
	if (ret == 0 && out.failed)
		ret = sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	if (ret == 0)
		ret = sceau_io_write(STDOUT_FILENO, "standard output", out.data,
		                     out.used, err);
	if (ret == 0)
		ret = sceau_io_write(STDOUT_FILENO, "standard output",
		                     sceau_buf_text(&mail->text),
		                     mail->text.used, err);
	sceau_buf_deinit(&out);
	return ret;
}

static int sign_with(const struct sceau_dkim_key *const *keys, size_t count,
                     const struct sceau_settings *settings,
                     const struct mail *mail, struct sceau_err *err)
{
	struct sceau_dkim_sign *sign = NULL;
	struct sceau_dkim *dkim = NULL;
	int ret = sceau_dkim_conf_new(settings, &dkim, err);

	if (ret == 0)
		ret = sceau_dkim_sign_new(dkim, keys, count,
		                          (uint64_t)time(NULL), &sign, err);
	if (ret == 0)
		ret = sceau_dkim_sign_header(sign, &mail->header, err);
	if (ret == 0)
		ret = sceau_dkim_sign_body(sign, mail->body.data,
		                           mail->body.used, err);
	if (ret == 0)
		ret = sceau_dkim_sign_end(sign, err);
	if (ret == 0)
		ret = print_signed(sign, count, mail, err);
	sceau_dkim_sign_free(&sign);
	sceau_dkim_free(&dkim);
	return ret;
}

static int sign_mail(const struct sceau_dkim_cli_options *given,
                     const struct mail *mail, struct sceau_dkim_dir *dir,
                     struct sceau_err *err)
{
	struct sceau_dkim_cli_options options = *given;
	const struct sceau_dkim_key *keys[2];
	char author[SCEAU_SIGN_DOMAIN_SIZE];
	enum sceau_sign_verdict verdict;
	size_t count;

	if (options.domain == NULL) {
		verdict = sceau_sign_rule_author(&mail->header, author);
		if (verdict != SCEAU_SIGN_YES)
			return sceau_fail(err, SCEAU_FAULT_PEER,
			                  "the author's domain is not clear "
			                  "(%s): --domain",
			                  sceau_sign_verdict_name(verdict));
		options.domain = author;
	}
	if (sceau_dkim_dir_open(&options, dir, err) < 0)
		return -1;
	count = choose_keys(&options, dir, keys);
	if (count == 0)
		return sceau_fail(
			err, SCEAU_FAULT_CONFIG, "%s: no key for %s%s%s",
			dir->path, options.domain,
			options.selector != NULL ? " with selector " : "",
			options.selector != NULL ? options.selector : "");
	return sign_with(keys, count, dir->resolver.settings, mail, err);
}

int sceau_dkim_run_sign(const struct sceau_dkim_cli_options *options)
{
	struct sceau_dkim_dir dir = { .count = 0 };
	struct sceau_err err;
	struct mail mail;
	int ret = read_mail(&mail, &err);

	if (ret == 0)
		ret = sign_mail(options, &mail, &dir, &err);
	sceau_dkim_dir_close(&dir);
	release_mail(&mail);
	return ret < 0 ? sceau_cli_fail("dkim", &err) : SCEAU_EXIT_OK;
}
