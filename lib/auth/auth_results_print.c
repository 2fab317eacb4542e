/* auth_results_print.c - see auth_results_print.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/auth_results_print.h"

#include <stdio.h>
#include <string.h>

/* RFC 5322 2.1.1: where lines should end. */
#define COLUMN_MAX 78
#define TAB_COLUMNS 8

/* Append a word to the open result, behind a fold if need be. */
static void put(struct sceau_auth_results *results, const char *text,
                size_t len)
{
	if (results->column + 1 + len > COLUMN_MAX) {
		(void)sceau_buf_append(&results->open, "\n\t", 2);
		results->column = TAB_COLUMNS;
	} else {
		(void)sceau_buf_append(&results->open, " ", 1);
		results->column++;
	}
	(void)sceau_buf_append(&results->open, text, len);
	results->column += len;
}

void sceau_auth_results_init(struct sceau_auth_results *results,
                             struct sceau_slice authserv_id)
{
	*results = (struct sceau_auth_results){ .column = 0 };
	sceau_buf_init(&results->value, SCEAU_AUTH_RESULTS_MAX);
	sceau_buf_init(&results->open, SCEAU_AUTH_RESULTS_MAX);
	(void)sceau_buf_append(&results->value, " ", 1);
	(void)sceau_buf_append(&results->value, authserv_id.data,
	                       authserv_id.len);
}

/* The open result is complete: it fits, or goes as a whole. */
static void close_result(struct sceau_auth_results *results)
{
	struct sceau_buf *open = &results->open;

	if (open->used == 0 && !open->failed)
		return;
	if (open->used > SCEAU_AUTH_RESULTS_MAX - results->value.used) {
		results->left_out++;
	} else {
		/* one result is far below the bound: memory ran out */
		results->value.failed |= open->failed;
		(void)sceau_buf_append(&results->value, open->data, open->used);
		results->count++;
	}
	sceau_buf_clear(open);
}

void sceau_auth_results_begin(struct sceau_auth_results *results,
                              const char *method, const char *result)
{
	char text[64];
	int len = snprintf(text, sizeof(text), "%s=%s", method, result);

	close_result(results);
	(void)sceau_buf_append(&results->open, ";\n\t", 3);
	(void)sceau_buf_append(&results->open, text, (size_t)len);
	results->column = TAB_COLUMNS + (size_t)len;
}

/* RFC 2045 5.1's token. */
static bool is_token(struct sceau_slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c <= ' ' || c > '~' ||
		    strchr("()<>@,;:\\\"/[]?=", c) != NULL)
			return false;
	}
	return text.len > 0;
}

/* RFC 5322 3.2.3's dot-atom without the characters that readers of tokens
   stumble over. */
static bool is_plain_dots(struct sceau_slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '.' &&
		    (i == 0 || i == text.len - 1 || text.data[i + 1] == '.'))
			return false;
		/* strchr finds the NUL, too */
		if (!sceau_text_is_alpha(c) && !sceau_text_is_digit(c) &&
		    (c == '\0' || strchr(".-_+", c) == NULL))
			return false;
	}
	return true;
}

/* RFC 8601 2.2, pvalue: [[local-part] "@"] domain-name, where it needs no
   quotes. */
static bool is_address(struct sceau_slice text)
{
	const char *at = text.len > 0 ? memchr(text.data, '@', text.len) : NULL;
	struct sceau_slice local, domain;

	if (at == NULL)
		return false;
	local = (struct sceau_slice){ text.data, (size_t)(at - text.data) };
	domain = (struct sceau_slice){ at + 1, text.len - local.len - 1 };
	return domain.len > 0 && is_plain_dots(local) && is_plain_dots(domain);
}

static void append_quoted(struct sceau_buf *word, struct sceau_slice text)
{
	(void)sceau_buf_append(word, "\"", 1);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c < ' ' || c > '~')
			c = '?';
		if (c == '"' || c == '\\')
			(void)sceau_buf_append(word, "\\", 1);
		(void)sceau_buf_append(word, &c, 1);
	}
	(void)sceau_buf_append(word, "\"", 1);
}

/* name=value as one word, folds only in front of it. */
static void put_pair(struct sceau_auth_results *results, const char *name,
                     struct sceau_slice value, bool is_plain)
{
	struct sceau_buf word;

	if (value.len == 0 || value.len > SCEAU_AUTH_RESULTS_VALUE_MAX)
		return;
	sceau_buf_init(&word, 2 * SCEAU_AUTH_RESULTS_VALUE_MAX + 100);
	(void)sceau_buf_append_text(&word, name);
	(void)sceau_buf_append_text(&word, "=");
	if (is_plain)
		(void)sceau_buf_append(&word, value.data, value.len);
	else
		append_quoted(&word, value);
	put(results, word.data, word.used);
	results->open.failed |= word.failed;
	sceau_buf_deinit(&word);
}

void sceau_auth_results_reason(struct sceau_auth_results *results,
                               struct sceau_slice reason)
{
	put_pair(results, "reason", reason, false);
}

void sceau_auth_results_property(struct sceau_auth_results *results,
                                 const char *name, struct sceau_slice value)
{
	put_pair(results, name, value, is_token(value) || is_address(value));
}

int sceau_auth_results_end(struct sceau_auth_results *results,
                           struct sceau_buf *out, struct sceau_err *err)
{
	close_result(results);
	if (results->count == 0)
		(void)sceau_buf_append_text(&results->value, "; none");
	if (results->value.failed)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	if (sceau_buf_append(out, results->value.data, results->value.used) < 0)
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "Authentication-Results would be too long");
	return 0;
}

void sceau_auth_results_deinit(struct sceau_auth_results *results)
{
	sceau_buf_deinit(&results->value);
	sceau_buf_deinit(&results->open);
}

/* --- the methods --- */

static void add_property(struct sceau_auth_results *results, const char *name,
                         const char *value)
{
	sceau_auth_results_property(results, name, sceau_slice_of(value));
}

static bool is_ascii(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

static void begin_spf(struct sceau_auth_results *results,
                      const struct sceau_spf_result *spf)
{
	sceau_auth_results_begin(results, "spf",
	                         sceau_spf_code_name(spf->code));
	sceau_auth_results_reason(results, sceau_slice_of(spf->reason));
}

void sceau_auth_results_add_mailfrom(struct sceau_auth_results *results,
                                     const struct sceau_spf_result *spf,
                                     const struct sceau_address *sender)
{
	char text[SCEAU_ADDRESS_TEXT_MAX];
	struct sceau_address shown;

	if (sender == NULL || sender->domain[0] == '\0') {
		sceau_auth_results_add_helo(results, spf);
		return;
	}
	begin_spf(results, spf);
	shown = *sender;
	/* the domain as it was checked; that of the mail may be in U-labels */
	if (spf->domain[0] != '\0')
		(void)sceau_slice_copy(sceau_slice_of(spf->domain),
		                       shown.domain, sizeof(shown.domain));
	sceau_address_print(&shown, text);
	if (is_ascii(shown.local) &&
	    strlen(text) <= SCEAU_AUTH_RESULTS_VALUE_MAX)
		add_property(results, "smtp.mailfrom", text);
	else
		add_property(results, "smtp.mailfrom", shown.domain);
}

void sceau_auth_results_add_helo(struct sceau_auth_results *results,
                                 const struct sceau_spf_result *spf)
{
	begin_spf(results, spf);
	add_property(results, "smtp.helo", spf->domain);
}

void sceau_auth_results_add_dkim(struct sceau_auth_results *results,
                                 const struct sceau_dkim_verdict *verdict)
{
	sceau_auth_results_begin(results, "dkim",
	                         sceau_dkim_result_name(verdict->result));
	sceau_auth_results_reason(results, sceau_slice_of(verdict->reason));
	add_property(results, "header.d", verdict->domain);
	add_property(results, "header.i", verdict->identity);
	add_property(results, "header.s", verdict->selector);
	add_property(results, "header.a", verdict->algorithm);
	add_property(results, "header.b", verdict->b);
}

void sceau_auth_results_add_dmarc(struct sceau_auth_results *results,
                                  const struct sceau_dmarc_verdict *verdict)
{
	const char *reason = sceau_dmarc_reason_name(verdict->reason);

	sceau_auth_results_begin(results, "dmarc",
	                         sceau_dmarc_result_name(verdict->result));
	sceau_auth_results_reason(results, sceau_slice_of(reason));
	add_property(results, "header.from", verdict->author);
	if (verdict->result == SCEAU_DMARC_RESULT_PASS ||
	    verdict->result == SCEAU_DMARC_RESULT_FAIL)
		add_property(results, "policy.dmarc",
		             sceau_dmarc_policy_name(verdict->policy));
}
