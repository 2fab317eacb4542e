/* header_cleanup.c - see header_cleanup.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "mail/header_cleanup.h"
#include "mail/token.h"

static const struct sceau_header_cleanup_rule default_rules[] = {
	{ "Received", SCEAU_HEADER_CLEANUP_DELETE },
	{ "X-Originating-IP", SCEAU_HEADER_CLEANUP_DELETE },
	{ "X-Mailer", SCEAU_HEADER_CLEANUP_DELETE },
	{ "User-Agent", SCEAU_HEADER_CLEANUP_DELETE },
	{ "X-Enigmail", SCEAU_HEADER_CLEANUP_DELETE },
	{ "X-Pgp-Agent", SCEAU_HEADER_CLEANUP_DELETE },
	{ "X-Forward*", SCEAU_HEADER_CLEANUP_DELETE },
	{ "X-Sender", SCEAU_HEADER_CLEANUP_DELETE },
	{ "X-Sender-IP", SCEAU_HEADER_CLEANUP_DELETE },
	{ "X-PHP-Originating-Script", SCEAU_HEADER_CLEANUP_DELETE },
	{ "X-PHP-Script", SCEAU_HEADER_CLEANUP_DELETE },
	{ "X-Source*", SCEAU_HEADER_CLEANUP_DELETE },
	{ "Bcc", SCEAU_HEADER_CLEANUP_DELETE },
	{ "Mime-Version", SCEAU_HEADER_CLEANUP_KEEP_FIRST },
	{ "Mime-Version", SCEAU_HEADER_CLEANUP_TRIM },
};

const struct sceau_header_cleanup_rule *
sceau_header_cleanup_default_rules(size_t *count_r)
{
	*count_r = sizeof(default_rules) / sizeof(default_rules[0]);
	return default_rules;
}

bool sceau_header_cleanup_matches(const char *pattern, struct sceau_slice name)
{
	struct sceau_slice want = sceau_slice_of(pattern);

	if (want.len > 0 && want.data[want.len - 1] == '*') {
		want.len--;
		if (name.len > want.len)
			name.len = want.len;
	}
	return sceau_slice_equal_nocase(name, want);
}

static bool has_one_of(const struct sceau_header *header,
                       const char *const *patterns, size_t count)
{
	for (size_t i = 0; i < header->count; i++) {
		struct sceau_header_field field = sceau_header_get(header, i);

		for (size_t k = 0; k < count && !field.deleted; k++) {
			if (sceau_header_cleanup_matches(patterns[k],
			                                 field.name))
				return true;
		}
	}
	return false;
}

static bool is_list_mail(const struct sceau_header *header)
{
	static const char *const marks[] = { "List-Id", "List-Post",
		                             "Mailing-List", "X-BeenThere" };
	size_t i;

	if (has_one_of(header, marks, sizeof(marks) / sizeof(marks[0])))
		return true;
	for (size_t from = 0; sceau_header_find(header, "Precedence", from, &i);
	     from = i + 1) {
		struct sceau_slice value = sceau_header_get(header, i).value;

		if (sceau_slice_is_nocase(sceau_slice_trim(value), "list"))
			return true;
	}
	return false;
}

static bool is_forwarded(const struct sceau_header *header)
{
	static const char *const marks[] = { "Delivered-To", "X-Original-To",
		                             "X-Sieve-Redirected-From",
		                             "ARC-Seal", "Resent-*" };

	return has_one_of(header, marks, sizeof(marks) / sizeof(marks[0]));
}

enum sceau_header_cleanup_verdict
sceau_header_cleanup_judge(const struct sceau_header *header,
                           const struct sceau_header_cleanup_facts *facts)
{
	if (!facts->authenticated)
		return SCEAU_HEADER_CLEANUP_FOREIGN;
	if (facts->null_sender)
		return SCEAU_HEADER_CLEANUP_BOUNCE;
	if (is_list_mail(header))
		return SCEAU_HEADER_CLEANUP_LIST;
	if (is_forwarded(header))
		return SCEAU_HEADER_CLEANUP_FORWARDED;
	if (sceau_header_count(header, "DKIM-Signature") > 0)
		return SCEAU_HEADER_CLEANUP_SIGNED;
	return SCEAU_HEADER_CLEANUP_YES;
}

const char *
sceau_header_cleanup_verdict_name(enum sceau_header_cleanup_verdict verdict)
{
	switch (verdict) {
	case SCEAU_HEADER_CLEANUP_YES:
		return "yes";
	case SCEAU_HEADER_CLEANUP_FOREIGN:
		return "foreign";
	case SCEAU_HEADER_CLEANUP_BOUNCE:
		return "bounce";
	case SCEAU_HEADER_CLEANUP_LIST:
		return "list";
	case SCEAU_HEADER_CLEANUP_FORWARDED:
		return "forwarded";
	case SCEAU_HEADER_CLEANUP_SIGNED:
		return "signed";
	}
	return "unknown";
}

/* Find the value of the h= tag in a DKIM-Signature (RFC 6376 3.2: tags are
   separated by ';', blanks around names and '=' do not count). */
static bool find_signed_names(struct sceau_slice value,
                              struct sceau_slice *names_r)
{
	struct sceau_slice tag;

	while (sceau_slice_next_word(&value, ";", &tag)) {
		const char *eq = memchr(tag.data, '=', tag.len);

		if (eq == NULL)
			continue;

		size_t name_len = (size_t)(eq - tag.data);
		struct sceau_slice name = { tag.data, name_len };

		if (!sceau_slice_is(sceau_slice_trim(name), "h"))
			continue;
		names_r->data = eq + 1;
		names_r->len = tag.len - name_len - 1;
		return true;
	}
	return false;
}

/* What one rule has met so far. */
struct progress {
	bool covered; /* by a DKIM-Signature: hands off */
	bool seen; /* a field it matches stood further up */
};

/* Mark the rules that touch a name of an h= tag. */
static void mark_covered(struct sceau_slice names,
                         const struct sceau_header_cleanup_rule *rules,
                         size_t count, struct progress *progress)
{
	struct sceau_slice name;

	while (sceau_slice_next_word(&names, ": \t\r\n", &name)) {
		for (size_t i = 0; i < count; i++) {
			if (sceau_header_cleanup_matches(rules[i].pattern,
			                                 name))
				progress[i].covered = true;
		}
	}
}

/* Append value without its comments. Returns 1, or 0 when there is nothing to
   take out or value cannot be read: it is then left as it is. */
static int trim_comments(struct sceau_slice value, struct sceau_buf *out)
{
	struct sceau_token token;
	bool has_comment = false;

	while (sceau_token_next(&value, "", &token) != SCEAU_TOKEN_END) {
		switch (token.kind) {
		case SCEAU_TOKEN_COMMENT:
			has_comment = true;
			break;
		case SCEAU_TOKEN_WORD:
			sceau_buf_append(out, " ", 1);
			sceau_buf_append(out, token.text.data, token.text.len);
			break;
		default:
			return 0;
		}
	}
	return has_comment && out->used > 0 ? 1 : 0;
}

static int trim_field(struct sceau_header *header, size_t index,
                      struct sceau_err *err)
{
	struct sceau_buf out;
	int ret = 0;

	sceau_buf_init(&out, header->max_bytes);
	if (trim_comments(sceau_header_get(header, index).value, &out) == 1) {
		struct sceau_slice value = { out.data, out.used };

		ret = out.failed
		              ? sceau_fail(err, SCEAU_FAULT_TEMP,
		                           "out of memory")
		              : sceau_header_change(header, index, value, err);
	}
	sceau_buf_deinit(&out);
	return ret;
}

static int apply_rule(struct sceau_header *header, size_t index,
                      enum sceau_header_cleanup_action action,
                      struct progress *progress, struct sceau_err *err)
{
	bool first = !progress->seen;

	progress->seen = true;
	switch (action) {
	case SCEAU_HEADER_CLEANUP_DELETE:
		sceau_header_delete(header, index);
		return 0;
	case SCEAU_HEADER_CLEANUP_KEEP_FIRST:
		if (!first)
			sceau_header_delete(header, index);
		return 0;
	case SCEAU_HEADER_CLEANUP_TRIM:
		return trim_field(header, index, err);
	}
	return 0;
}

static int apply_all(struct sceau_header *header,
                     const struct sceau_header_cleanup_rule *rules,
                     size_t count, const unsigned *settled,
                     struct progress *progress, struct sceau_err *err)
{
	for (size_t i = 0; i < header->count; i++) {
		if (settled != NULL && settled[i] != 0)
			continue;
		for (size_t k = 0; k < count; k++) {
			struct sceau_header_field field = sceau_header_get(
				header, i);

			if (field.deleted)
				break;
			if (progress[k].covered ||
			    !sceau_header_cleanup_matches(rules[k].pattern,
			                                  field.name))
				continue;
			if (apply_rule(header, i, rules[k].action, &progress[k],
			               err) < 0)
				return -1;
		}
	}
	return 0;
}

int sceau_header_cleanup_apply(struct sceau_header *header,
                               const struct sceau_header_cleanup_rule *rules,
                               size_t count, struct sceau_err *err)
{
	return sceau_header_cleanup_apply_rest(header, rules, count, NULL, err);
}

int sceau_header_cleanup_apply_rest(
	struct sceau_header *header,
	const struct sceau_header_cleanup_rule *rules, size_t count,
	const unsigned *settled, struct sceau_err *err)
{
	struct sceau_slice names;
	size_t i;

	if (count == 0)
		return 0;

	struct progress *progress = calloc(count, sizeof(*progress));
	if (progress == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	for (size_t from = 0;
	     sceau_header_find(header, "DKIM-Signature", from, &i);
	     from = i + 1) {
		if (find_signed_names(sceau_header_get(header, i).value,
		                      &names))
			mark_covered(names, rules, count, progress);
	}
	int ret = apply_all(header, rules, count, settled, progress, err);
	free(progress);
	return ret;
}
