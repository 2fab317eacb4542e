/* dmarc_bench.h - a canned DNS for the DMARC machine, and rows that use it
 *
 * Zone text, one name a line:
 *   example.com v=DMARC1; p=none   TXT at _dmarc.example.com; "|" between two
 *                                  strings of one record
 *   =www.example.com               that name exists
 *   example.com !servfail          no answer; also !timeout, !bogus, !cut
 * Several lines of one name are several records. A name that is not there is
 * NODATA if a name of the zone lies below it (RFC 8020), else NXDOMAIN.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TEST_DMARC_BENCH_H
#define TEST_DMARC_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "auth/dmarc.h"

#define BENCH_RECORDS 8

/* One row: the facts, and what RFC 9989 makes of them. */
struct dmarc_case {
	const char *what; /* begins with the section */
	const char *author;
	const char *spf; /* domain that passed; "~d" had temperror, "!d" failed;
	                    NULL: none */
	const char *dkim; /* likewise, with blanks between them */
	const char *zone;
	const char *want; /* result, and policy where there is one */
	const char *want_policy_domain; /* NULL: any */
	const char *want_org; /* NULL: any */
	unsigned want_questions; /* 0: any */
};

/* What one question is answered with; owns its data. */
struct bench_answer {
	struct sceau_dns_answer answer;
	unsigned char data[BENCH_RECORDS][1024];
};

/* The data of a TXT record of these strings. Returns its length, 1024 at most.
 */
static inline size_t bench_rdata(const char *text, size_t len,
                                 unsigned char *out)
{
	size_t used = 0;

	do {
		const char *bar = memchr(text, '|', len);
		size_t n = bar != NULL ? (size_t)(bar - text) : len;

		if (n > 255)
			n = 255;
		assert_true(used + n + 1 <= 1024);
		out[used++] = (unsigned char)n;
		memcpy(out + used, text, n);
		used += n;
		text += n;
		len -= n;
		if (bar != NULL && len > 0 && *text == '|') {
			text++;
			len--;
		}
	} while (len > 0);
	return used;
}

/* Make answer the failure that word, "!servfail" or the like, stands for. */
static inline void bench_special(struct sceau_dns_answer *answer,
                                 const char *word)
{
	answer->status = SCEAU_DNS_SERVFAIL;
	if (strncmp(word, "!timeout", 8) == 0)
		answer->status = SCEAU_DNS_TIMEOUT;
	else if (strncmp(word, "!bogus", 6) == 0)
		answer->is_bogus = true;
}

/* Add one line's text to the answer: a record, or what "!" stands for. */
static inline void bench_add(struct bench_answer *out, const char *text,
                             size_t len)
{
	struct sceau_dns_answer *answer = &out->answer;

	if (len >= 4 && strncmp(text, "!cut", 4) == 0) {
		answer->is_cut = true;
		return;
	}
	if (len > 0 && text[0] == '!') {
		bench_special(answer, text);
		return;
	}
	if (answer->status != SCEAU_DNS_NXDOMAIN &&
	    answer->status != SCEAU_DNS_NODATA &&
	    answer->status != SCEAU_DNS_OK)
		return;
	assert_true(answer->count < BENCH_RECORDS);
	unsigned char *data = out->data[answer->count];
	answer->records[answer->count].len = bench_rdata(text, len, data);
	answer->records[answer->count++].data = data;
	answer->status = SCEAU_DNS_OK;
}

/* The name of a zone line as DNS has it. Returns its text behind the name. */
static inline const char *bench_line(const char *line, size_t len,
                                     char name[600])
{
	const char *space = memchr(line, ' ', len);
	size_t n = space != NULL ? (size_t)(space - line) : len;

	if (line[0] == '=')
		(void)snprintf(name, 600, "%.*s", (int)(n - 1), line + 1);
	else
		(void)snprintf(name, 600, "_dmarc.%.*s", (int)n, line);
	return space != NULL ? space + 1 : NULL;
}

/* Answer a TXT question for name from the zone's text. out keeps the data. */
static inline void bench_resolve(const char *zone, const char *name,
                                 struct bench_answer *out)
{
	memset(&out->answer, 0, sizeof(out->answer));
	out->answer.name = name;
	out->answer.type = SCEAU_DNS_TXT;
	out->answer.status = SCEAU_DNS_NXDOMAIN;
	while (*zone != '\0') {
		size_t len = strcspn(zone, "\n");
		char owner[600];
		const char *text = bench_line(zone, len, owner);

		if (strcmp(owner, name) == 0 && text != NULL)
			bench_add(out, text, len - (size_t)(text - zone));
		else if (sceau_dmarc_tree_is_under(owner, name) &&
		         out->answer.status == SCEAU_DNS_NXDOMAIN)
			out->answer.status = SCEAU_DNS_NODATA;
		zone += len + (zone[len] == '\n');
	}
}

/* Answer what the machine asks. Returns how many questions it had. */
static inline unsigned bench_drive(struct sceau_dmarc *dmarc, const char *zone)
{
	static struct bench_answer answer;
	struct sceau_dns_question question;
	unsigned count = 0;

	while (sceau_dmarc_decider.ask(dmarc, &question) == 1) {
		assert_true(sceau_dns_name_is_valid(question.name));
		assert_int_equal(question.type, SCEAU_DNS_TXT);
		assert_true(++count <= SCEAU_DMARC_QUESTIONS_MAX);
		bench_resolve(zone, question.name, &answer);
		sceau_dmarc_decider.answer(dmarc, question.id, &answer.answer);
	}
	return count;
}

/* What SPF or DKIM said: takes the mark from the front of *word. */
static inline enum sceau_dmarc_auth bench_auth(const char **word)
{
	enum sceau_dmarc_auth auth = SCEAU_DMARC_AUTH_PASS;

	if (**word == '~')
		auth = SCEAU_DMARC_AUTH_TEMPERROR;
	else if (**word == '!')
		auth = SCEAU_DMARC_AUTH_FAIL;
	*word += auth != SCEAU_DMARC_AUTH_PASS;
	return auth;
}

/* Hand the domains of a row over. */
static inline void bench_identities(struct sceau_dmarc *dmarc,
                                    const struct dmarc_case *row)
{
	struct sceau_slice rest = sceau_slice_of(row->dkim), word;
	const char *spf = row->spf;

	if (spf != NULL) {
		enum sceau_dmarc_auth auth = bench_auth(&spf);

		sceau_dmarc_set_spf(dmarc, spf, auth);
	}
	while (sceau_slice_next_word(&rest, " ", &word)) {
		char text[600];
		const char *domain = text;

		assert_int_equal(sceau_slice_copy(word, text, sizeof(text)), 0);
		enum sceau_dmarc_auth auth = bench_auth(&domain);
		sceau_dmarc_add_dkim(dmarc, domain, auth);
	}
}

/* Compare a verdict, and how much was asked, with the row. */
static inline void bench_check(const struct dmarc_case *row,
                               const struct sceau_dmarc_verdict *verdict,
                               unsigned questions)
{
	char got[100];
	bool shows_policy = verdict->result == SCEAU_DMARC_RESULT_PASS ||
	                    verdict->result == SCEAU_DMARC_RESULT_FAIL;

	(void)snprintf(got, sizeof(got), "%s%s%s",
	               sceau_dmarc_result_name(verdict->result),
	               shows_policy ? " " : "",
	               shows_policy ? sceau_dmarc_policy_name(verdict->policy)
	                            : "");
	if (strcmp(got, row->want) != 0)
		fail_msg("%s: got \"%s\", want \"%s\"", row->what, got,
		         row->want);
	if (verdict->disposition != (verdict->result == SCEAU_DMARC_RESULT_FAIL
	                                     ? verdict->policy
	                                     : SCEAU_DMARC_NONE))
		fail_msg("%s: disposition %d", row->what, verdict->disposition);
	if (row->want_policy_domain != NULL &&
	    strcmp(verdict->policy_domain, row->want_policy_domain) != 0)
		fail_msg("%s: got policy domain \"%s\", want \"%s\"", row->what,
		         verdict->policy_domain, row->want_policy_domain);
	if (row->want_org != NULL &&
	    strcmp(verdict->org_domain, row->want_org) != 0)
		fail_msg("%s: got organization \"%s\", want \"%s\"", row->what,
		         verdict->org_domain, row->want_org);
	if (row->want_questions != 0 && questions != row->want_questions)
		fail_msg("%s: got %u questions, want %u", row->what, questions,
		         row->want_questions);
}

/* Judge one row; the identities come after the policy, as in a mail. */
static inline void bench_run(const struct dmarc_case *row)
{
	struct sceau_dmarc *dmarc = sceau_dmarc_new(row->author);
	unsigned questions;

	assert_non_null(dmarc);
	questions = bench_drive(dmarc, row->zone);
	bench_identities(dmarc, row);
	sceau_dmarc_judge(dmarc);
	questions += bench_drive(dmarc, row->zone);
	if (!sceau_dmarc_is_done(dmarc))
		fail_msg("%s: no verdict", row->what);
	bench_check(row, sceau_dmarc_verdict(dmarc), questions);
	sceau_dmarc_free(&dmarc);
	assert_null(dmarc);
}

/* Judge all rows. */
static inline void bench_run_all(const struct dmarc_case *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bench_run(&rows[i]);
}

#define BENCH_RUN(rows) bench_run_all(rows, sizeof(rows) / sizeof((rows)[0]))

#endif
