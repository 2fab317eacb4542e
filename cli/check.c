/* check.c - see check.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/check.h"

struct sceau_check {
	struct sceau_check_finding findings[SCEAU_CHECK_FINDINGS_MAX + 1];
	size_t count;
	char notes[SCEAU_CHECK_NOTES_MAX][512];
	size_t note_count;
	bool is_cut_short;
};

struct sceau_check *sceau_check_new(void)
{
	return calloc(1, sizeof(struct sceau_check));
}

void sceau_check_free(struct sceau_check **check)
{
	free(*check);
	*check = NULL;
}

static size_t kept(const struct sceau_check *check)
{
	return check->count < SCEAU_CHECK_FINDINGS_MAX
	               ? check->count
	               : SCEAU_CHECK_FINDINGS_MAX;
}

struct sceau_check_finding *sceau_check_add(struct sceau_check *check,
                                            enum sceau_check_severity severity,
                                            const char *id)
{
	/* the last place takes all that are not kept */
	struct sceau_check_finding *finding = &check->findings[kept(check)];

	check->count++;
	*finding = (struct sceau_check_finding){ .severity = severity,
		                                 .id = id };
	return finding;
}

struct sceau_check_finding *sceau_check_last(struct sceau_check *check)
{
	return &check->findings[check->count > SCEAU_CHECK_FINDINGS_MAX
	                                ? SCEAU_CHECK_FINDINGS_MAX
	                                : check->count - 1];
}

__attribute__((format(printf, 2, 0))) static void
say(char field[512], const char *fmt, va_list args)
{
	if (vsnprintf(field, 512, fmt, args) < 0)
		field[0] = '\0';
	sceau_text_make_printable(field);
}

void sceau_check_say(char field[512], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(field, fmt, args);
	va_end(args);
}

static bool is_plain(char c)
{
	return sceau_text_is_alpha(c) || sceau_text_is_digit(c) ||
	       (c != '\0' && strchr("/._-", c) != NULL);
}

struct sceau_check_word sceau_check_quote(const char *path)
{
	struct sceau_check_word word = { .text = "" };
	size_t used = 0, plain = 0;
	/* of one character, and of what closes the word */
	const size_t room = sizeof(word.text) - strlen("'\\''") - 2;

	while (is_plain(path[plain]))
		plain++;
	bool is_quoted = path[plain] != '\0' || plain == 0;
	if (is_quoted)
		word.text[used++] = '\'';
	for (size_t i = 0; path[i] != '\0'; i++) {
		const char *part = path[i] == '\'' ? "'\\''" : &path[i];
		size_t len = path[i] == '\'' ? strlen(part) : 1;

		if (used > room)
			return (struct sceau_check_word){ .text = "PATH" };
		memcpy(&word.text[used], part, len);
		used += len;
	}
	if (is_quoted)
		word.text[used++] = '\'';
	word.text[used] = '\0';
	return word;
}

void sceau_check_note(struct sceau_check *check, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	say(text, fmt, args);
	va_end(args);
	for (size_t i = 0; i < check->note_count; i++) {
		if (strcmp(check->notes[i], text) == 0)
			return;
	}
	if (check->note_count < SCEAU_CHECK_NOTES_MAX)
		memcpy(check->notes[check->note_count++], text, sizeof(text));
}

void sceau_check_cut_short(struct sceau_check *check,
                           const struct sceau_err *err, const char *unchecked)
{
	check->is_cut_short = true;
	sceau_check_note(check, "%s: %s", err->text, unchecked);
}

size_t sceau_check_count(const struct sceau_check *check)
{
	return check->count;
}

bool sceau_check_has_at(const struct sceau_check *check, const char *id,
                        const char *where)
{
	for (size_t i = 0; i < kept(check); i++) {
		if (strcmp(check->findings[i].id, id) == 0 &&
		    strcmp(check->findings[i].where, where) == 0)
			return true;
	}
	return false;
}

static const char *severity_word(enum sceau_check_severity severity)
{
	return severity == SCEAU_CHECK_ERROR ? "error" : "warning";
}

void sceau_check_print(const struct sceau_check *check, const char *file,
                       FILE *out)
{
	for (size_t i = 0; i < kept(check); i++) {
		const struct sceau_check_finding *finding = &check->findings[i];

		fprintf(out, "%s: %s: %s [%s]\n",
		        severity_word(finding->severity), finding->where,
		        finding->what, finding->id);
		if (finding->remedy[0] != '\0')
			fprintf(out, "  remedy: %s\n", finding->remedy);
	}
	if (check->count > kept(check))
		fprintf(out, "and %zu more\n", check->count - kept(check));
	for (size_t i = 0; i < check->note_count; i++)
		fprintf(out, "note: %s\n", check->notes[i]);
	if (check->count == 0 && !check->is_cut_short) {
		char name[512];

		sceau_check_say(name, "%s", file);
		fprintf(out, "%s is good\n", name);
	}
}

static json_t *finding_json(const struct sceau_check_finding *finding)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", finding->id,
	                 "severity", severity_word(finding->severity), "where",
	                 finding->where, "what", finding->what, "remedy",
	                 finding->remedy);
}

json_t *sceau_check_json(const struct sceau_check *check, const char *file)
{
	json_t *findings = json_array(), *notes = json_array();
	char name[512];

	/* JSON is UTF-8, the name of a file is what somebody gave */
	sceau_check_say(name, "%s", file);

	for (size_t i = 0; i < kept(check); i++)
		json_array_append_new(findings,
		                      finding_json(&check->findings[i]));
	for (size_t i = 0; i < check->note_count; i++)
		json_array_append_new(notes, json_string(check->notes[i]));
	return json_pack("{s:s, s:b, s:I, s:o, s:o}", "file", name, "ok",
	                 check->count == 0 && !check->is_cut_short, "count",
	                 (json_int_t)check->count, "findings", findings,
	                 "notes", notes);
}
