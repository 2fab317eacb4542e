/* spf.c - see spf.h; how the machine moves is told in spf_state.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/spf_state.h"

__attribute__((format(printf, 2, 0))) static void
put_reason(struct sceau_spf *spf, const char *fmt, va_list args)
{
	char *reason = spf->result.reason;

	vsnprintf(reason, sizeof(spf->result.reason), fmt, args);
	for (; *reason != '\0'; reason++) {
		if (*reason < 0x20 || *reason > 0x7e)
			*reason = '?';
	}
}

void sceau_spf_put_term(struct sceau_spf *spf, struct sceau_slice text)
{
	struct sceau_spf_result *result = &spf->result;
	const struct sceau_spf_frame *frame = sceau_spf_top(spf);
	size_t len = text.len < SCEAU_SPF_MECHANISM_MAX
	                     ? text.len
	                     : SCEAU_SPF_MECHANISM_MAX;

	for (size_t i = 0; i < len; i++) {
		char c = text.data[i];

		result->mechanism[i] = (char)(c < 0x21 || c > 0x7e ? '?' : c);
	}
	result->mechanism[len] = '\0';
	snprintf(result->record_domain, sizeof(result->record_domain), "%s",
	         frame->domain);
	sceau_text_make_lower(result->record_domain);
}

static void put_current_term(struct sceau_spf *spf)
{
	const struct sceau_spf_frame *frame = sceau_spf_top(spf);

	sceau_spf_put_term(spf, frame->has_term
	                                ? frame->term.text
	                                : (struct sceau_slice){ NULL, 0 });
}

void sceau_spf_end(struct sceau_spf *spf, enum sceau_spf_code code)
{
	spf->result.code = code;
	spf->result.explanation[0] = '\0';
	spf->asking = SCEAU_SPF_ASKING_NOTHING;
	spf->is_done = true;
}

void sceau_spf_end_error(struct sceau_spf *spf, enum sceau_spf_code code,
                         const char *fmt, ...)
{
	va_list args;

	/* Whatever goes wrong with an explanation, the result stands. */
	if (spf->is_explaining) {
		sceau_spf_end(spf, SCEAU_SPF_FAIL);
		return;
	}
	va_start(args, fmt);
	put_reason(spf, fmt, args);
	va_end(args);
	put_current_term(spf);
	sceau_spf_end(spf, code);
}

void sceau_spf_end_unanswered(struct sceau_spf *spf,
                              const struct sceau_dns_answer *answer)
{
	static const char *const types[] = {
		[SCEAU_DNS_A] = "A",       [SCEAU_DNS_PTR] = "PTR",
		[SCEAU_DNS_MX] = "MX",     [SCEAU_DNS_TXT] = "TXT",
		[SCEAU_DNS_AAAA] = "AAAA",
	};

	sceau_spf_end_error(spf, SCEAU_SPF_TEMPERROR, "%s of %.300s: %s",
	                    types[spf->type], spf->question,
	                    sceau_dns_status_name(answer->status));
}

bool sceau_spf_count_term(struct sceau_spf *spf)
{
	if (spf->result.terms < SCEAU_SPF_TERMS_MAX) {
		spf->result.terms++;
		return true;
	}
	sceau_spf_end_error(spf, SCEAU_SPF_PERMERROR,
	                    "more than %d terms ask DNS", SCEAU_SPF_TERMS_MAX);
	return false;
}

enum sceau_spf_step sceau_spf_open(struct sceau_spf *spf,
                                   enum sceau_spf_asking asking,
                                   const char *name, bool is_escaped,
                                   enum sceau_dns_type type)
{
	if (spf->result.questions == SCEAU_SPF_QUESTIONS_MAX) {
		sceau_spf_end_error(spf, SCEAU_SPF_PERMERROR,
		                    "more than %d DNS questions",
		                    SCEAU_SPF_QUESTIONS_MAX);
		return SCEAU_SPF_WAIT;
	}
	spf->result.questions++;
	spf->asking = asking;
	spf->is_asked = false;
	spf->id++;
	spf->type = type;
	if (is_escaped)
		memcpy(spf->question, name, strlen(name) + 1);
	else
		sceau_dns_name_escape(sceau_slice_of(name), spf->question);
	return SCEAU_SPF_WAIT;
}

struct sceau_spf_macro_values sceau_spf_values(const struct sceau_spf *spf,
                                               const char *domain)
{
	struct sceau_spf_macro_values values = spf->values;

	values.domain = domain;
	values.validated = spf->validated;
	return values;
}

/* Begin to read the record of domain in frame. */
static void start_record(struct sceau_spf *spf, struct sceau_spf_frame *frame,
                         const char *domain)
{
	memmove(frame->domain, domain, strlen(domain) + 1);
	frame->has_term = false;
	sceau_spf_open(spf, SCEAU_SPF_ASKING_RECORD, frame->domain, false,
	               SCEAU_DNS_TXT);
}

/* One more record above the others. The terms that may be counted end before
   the room for them does. */
static struct sceau_spf_frame *push(struct sceau_spf *spf)
{
	struct sceau_spf_frame *frame = calloc(1, sizeof(*frame));

	if (frame == NULL)
		return NULL;
	sceau_buf_init(&frame->record, SCEAU_SPF_RECORD_MAX);
	spf->frames[spf->depth++] = frame;
	return frame;
}

static void pop(struct sceau_spf *spf)
{
	struct sceau_spf_frame *frame = spf->frames[--spf->depth];

	sceau_buf_deinit(&frame->record);
	free(frame);
}

void sceau_spf_begin(struct sceau_spf *spf, const char *domain)
{
	struct sceau_spf_frame *frame = push(spf);

	if (frame == NULL) {
		sceau_spf_end(spf, SCEAU_SPF_TEMPERROR);
		return;
	}
	frame->is_start = true;
	start_record(spf, frame, domain);
}

static enum sceau_spf_code code_of(char qualifier)
{
	switch (qualifier) {
	case '-':
		return SCEAU_SPF_FAIL;
	case '~':
		return SCEAU_SPF_SOFTFAIL;
	case '?':
		return SCEAU_SPF_NEUTRAL;
	default:
		return SCEAU_SPF_PASS;
	}
}

/* The uppermost record has come to its result. */
static void leave(struct sceau_spf *spf, enum sceau_spf_code code)
{
	if (spf->depth > 1) {
		/* RFC 7208 5.2 */
		pop(spf);
		sceau_spf_top(spf)->verdict = code == SCEAU_SPF_PASS
		                                      ? SCEAU_SPF_YES
		                                      : SCEAU_SPF_NO;
		return;
	}
	put_current_term(spf);
	spf->result.code = code;
	if (code == SCEAU_SPF_FAIL &&
	    sceau_spf_top(spf)->modifiers.exp.text.len > 0)
		spf->is_explaining = true;
	else
		sceau_spf_end(spf, code);
}

/* The target of include or redirect must be able to have a record: RFC 7208
   4.3 gives none otherwise, and 5.2 and 6.1 make that an error. */
static bool find_record_name(struct sceau_spf *spf,
                             const struct sceau_spf_term *term,
                             char name[SCEAU_SPF_DOMAIN_MAX + 1])
{
	enum sceau_spf_step step = sceau_spf_target(
		spf, sceau_spf_top(spf)->domain, term, name);

	if (step == SCEAU_SPF_WAIT)
		return false;
	if (step == SCEAU_SPF_YES && strchr(name, '.') != NULL)
		return true;
	sceau_spf_end_error(spf, SCEAU_SPF_PERMERROR,
	                    "no domain comes out of \"%.*s\"",
	                    term->text.len < 100 ? (int)term->text.len : 100,
	                    term->text.data);
	return false;
}

static enum sceau_spf_step match_include(struct sceau_spf *spf)
{
	char name[SCEAU_SPF_DOMAIN_MAX + 1];
	struct sceau_spf_frame *frame = sceau_spf_top(spf);

	if (frame->verdict != SCEAU_SPF_WAIT)
		return frame->verdict;
	if (!find_record_name(spf, &frame->term, name))
		return SCEAU_SPF_WAIT;
	frame = push(spf);
	if (frame == NULL)
		sceau_spf_end_error(spf, SCEAU_SPF_TEMPERROR, "out of memory");
	else
		start_record(spf, frame, name);
	return SCEAU_SPF_WAIT;
}

/* No term has matched: RFC 7208 4.7 and 6.1. */
static void end_of_record(struct sceau_spf *spf)
{
	struct sceau_spf_frame *frame = sceau_spf_top(spf);
	char name[SCEAU_SPF_DOMAIN_MAX + 1];

	if (frame->modifiers.redirect.text.len == 0) {
		leave(spf, SCEAU_SPF_NEUTRAL);
		return;
	}
	/* Taken again after an answer, it is counted already. */
	frame->term = frame->modifiers.redirect;
	if (!frame->has_term) {
		frame->has_term = true;
		if (!sceau_spf_count_term(spf))
			return;
	}
	if (!find_record_name(spf, &frame->term, name))
		return;
	frame->is_start = false;
	start_record(spf, frame, name);
}

static bool asks_dns(enum sceau_spf_kind kind)
{
	return kind == SCEAU_SPF_INCLUDE || kind == SCEAU_SPF_A ||
	       kind == SCEAU_SPF_MX || kind == SCEAU_SPF_PTR ||
	       kind == SCEAU_SPF_EXISTS;
}

/* Go to the next mechanism of the uppermost record. Returns false when there
   is none, or the check has ended. */
static bool take_term(struct sceau_spf *spf, struct sceau_spf_frame *frame)
{
	do {
		/* The record was checked, so this is not -1. */
		if (sceau_spf_record_next(&frame->rest, &frame->term, NULL) <=
		    0) {
			end_of_record(spf);
			return false;
		}
	} while (frame->term.kind == SCEAU_SPF_REDIRECT ||
	         frame->term.kind == SCEAU_SPF_EXP ||
	         frame->term.kind == SCEAU_SPF_UNKNOWN);
	frame->has_term = true;
	frame->has_name = false;
	frame->verdict = SCEAU_SPF_WAIT;
	spf->has_hosts = false;
	spf->host_count = spf->host_next = 0;
	return !asks_dns(frame->term.kind) || sceau_spf_count_term(spf);
}

/* One step on the uppermost record. */
static void step_record(struct sceau_spf *spf)
{
	struct sceau_spf_frame *frame = sceau_spf_top(spf);

	if (frame->has_term && frame->term.kind == SCEAU_SPF_REDIRECT) {
		end_of_record(spf);
		return;
	}
	if (!frame->has_term && !take_term(spf, frame))
		return;
	enum sceau_spf_step step = frame->term.kind == SCEAU_SPF_INCLUDE
	                                   ? match_include(spf)
	                                   : sceau_spf_match(spf);
	if (step == SCEAU_SPF_YES)
		leave(spf, code_of(frame->term.qualifier));
	else if (step == SCEAU_SPF_NO)
		frame->has_term = false;
}

/* Go on until something must be asked or the end is there. */
static void go_on(struct sceau_spf *spf)
{
	while (!spf->is_done && spf->asking == SCEAU_SPF_ASKING_NOTHING) {
		if (spf->is_explaining)
			sceau_spf_explain(spf);
		else
			step_record(spf);
	}
}

static int ask(void *state, struct sceau_dns_question *question_r)
{
	struct sceau_spf *spf = state;

	if (spf->asking == SCEAU_SPF_ASKING_NOTHING || spf->is_asked)
		return 0;
	spf->is_asked = true;
	*question_r = (struct sceau_dns_question){
		.name = spf->question,
		.type = spf->type,
		.id = spf->id,
	};
	return 1;
}

static void answer(void *state, unsigned id,
                   const struct sceau_dns_answer *given)
{
	static void (*const takers[])(struct sceau_spf *,
	                              const struct sceau_dns_answer *) = {
		[SCEAU_SPF_ASKING_RECORD] = sceau_spf_answer_record,
		[SCEAU_SPF_ASKING_ADDRESS] = sceau_spf_answer_address,
		[SCEAU_SPF_ASKING_EXISTS] = sceau_spf_answer_exists,
		[SCEAU_SPF_ASKING_MX] = sceau_spf_answer_mx,
		[SCEAU_SPF_ASKING_MX_HOST] = sceau_spf_answer_mx_host,
		[SCEAU_SPF_ASKING_PTR] = sceau_spf_answer_ptr,
		[SCEAU_SPF_ASKING_PTR_HOST] = sceau_spf_answer_ptr_host,
		[SCEAU_SPF_ASKING_EXPLANATION] = sceau_spf_answer_explanation,
	};
	struct sceau_spf *spf = state;
	enum sceau_spf_asking asking = spf->asking;

	if (asking == SCEAU_SPF_ASKING_NOTHING || !spf->is_asked ||
	    id != spf->id)
		return;
	spf->asking = SCEAU_SPF_ASKING_NOTHING;
	takers[asking](spf, given);
	go_on(spf);
}

const struct sceau_dns_decider sceau_spf_decider = {
	.ask = ask,
	.answer = answer,
};

const struct sceau_spf_result *sceau_spf_result(const struct sceau_spf *spf)
{
	return &spf->result;
}

void sceau_spf_free(struct sceau_spf **spf)
{
	struct sceau_spf *old = *spf;

	*spf = NULL;
	if (old == NULL)
		return;
	while (old->depth > 0)
		pop(old);
	sceau_buf_deinit(&old->text);
	free(old);
}
