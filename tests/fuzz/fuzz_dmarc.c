/* fuzz_dmarc.c - a whole decision, with any answers in between
 *
 * Input: lines author, SPF domain, DKIM domains (one a word); '~' in front is
 * a temperror, '!' a failure. Then answers: a byte of status (low 3 bits) and
 * number of records (next 2), and for each record a length byte and its data.
 * When they are used up, answers are NODATA. Properties: it ends in time with
 * a verdict that makes sense, names asked for are valid, and a PASS is
 * somebody's who passed.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/dmarc.h"
#include "fuzz/fuzz.h"

#define LINE_SIZE 600

struct input {
	const uint8_t *data;
	size_t size;
};

static void take_line(struct input *input, char *line)
{
	size_t used = 0;

	while (input->size > 0) {
		char c = (char)*input->data++;

		input->size--;
		if (c == '\n')
			break;
		if (c != '\0' && used < LINE_SIZE - 1)
			line[used++] = c;
	}
	line[used] = '\0';
}

static enum sceau_dmarc_auth take_auth(const char **word)
{
	enum sceau_dmarc_auth auth = SCEAU_DMARC_AUTH_PASS;

	if (**word == '~')
		auth = SCEAU_DMARC_AUTH_TEMPERROR;
	if (**word == '!')
		auth = SCEAU_DMARC_AUTH_FAIL;
	*word += auth != SCEAU_DMARC_AUTH_PASS;
	return auth;
}

static void take_answer(struct input *input, struct sceau_dns_answer *answer)
{
	unsigned byte;
	size_t count;

	memset(answer, 0, sizeof(*answer));
	answer->status = SCEAU_DNS_NODATA;
	if (input->size == 0)
		return;
	byte = *input->data++;
	input->size--;
	if ((byte & 7) <= SCEAU_DNS_TIMEOUT)
		answer->status = (enum sceau_dns_status)(byte & 7);
	count = byte >> 3 & 3;
	for (size_t i = 0; i < count && input->size > 0; i++) {
		size_t len = *input->data++;

		input->size--;
		if (len > input->size)
			len = input->size;
		answer->records[i].data = input->data;
		answer->records[i].len = len;
		answer->count = i + 1;
		input->data += len;
		input->size -= len;
	}
	answer->is_cut = (byte & 0x20) != 0;
}

static unsigned drive(struct sceau_dmarc *dmarc, struct input *input)
{
	struct sceau_dns_question question;
	unsigned count = 0;

	while (sceau_dmarc_decider.ask(dmarc, &question) == 1) {
		struct sceau_dns_answer answer;

		count++;
		REQUIRE(sceau_dns_name_is_valid(question.name));
		take_answer(input, &answer);
		sceau_dmarc_decider.answer(dmarc, question.id, &answer);
	}
	return count;
}

/* Returns whether somebody passed. */
static bool add_identities(struct sceau_dmarc *dmarc, const char *spf,
                           const char *dkim)
{
	enum sceau_dmarc_auth auth = take_auth(&spf);
	bool has_pass = auth == SCEAU_DMARC_AUTH_PASS;
	struct sceau_slice rest = sceau_slice_of(dkim), word;
	char text[LINE_SIZE];

	sceau_dmarc_set_spf(dmarc, spf, auth);
	while (sceau_slice_next_word(&rest, " ", &word)) {
		const char *domain = text;

		REQUIRE(sceau_slice_copy(word, text, sizeof(text)) == 0);
		auth = take_auth(&domain);
		has_pass = has_pass || auth == SCEAU_DMARC_AUTH_PASS;
		sceau_dmarc_add_dkim(dmarc, domain, auth);
	}
	return has_pass;
}

static void check(const struct sceau_dmarc_verdict *verdict, bool has_pass)
{
	if (verdict->result == SCEAU_DMARC_RESULT_PASS) {
		REQUIRE(has_pass);
		REQUIRE(verdict->spf_is_aligned || verdict->dkim_is_aligned);
	}
	if (verdict->result != SCEAU_DMARC_RESULT_FAIL)
		REQUIRE(verdict->disposition == SCEAU_DMARC_NONE);
	if (verdict->result == SCEAU_DMARC_RESULT_PASS ||
	    verdict->result == SCEAU_DMARC_RESULT_FAIL) {
		REQUIRE(verdict->has_record);
		REQUIRE(sceau_dmarc_tree_is_under(verdict->author,
		                                  verdict->policy_domain));
	} else {
		REQUIRE(verdict->reason != SCEAU_DMARC_REASON_NOTHING);
	}
	REQUIRE(sceau_dmarc_tree_is_under(verdict->author,
	                                  verdict->org_domain) ||
	        verdict->org_domain[0] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	char author[LINE_SIZE], spf[LINE_SIZE], dkim[LINE_SIZE];
	struct sceau_dmarc *dmarc;
	unsigned questions;
	bool has_pass;

	take_line(&input, author);
	take_line(&input, spf);
	take_line(&input, dkim);
	dmarc = sceau_dmarc_new(author);
	REQUIRE(dmarc != NULL);
	questions = drive(dmarc, &input);
	REQUIRE(questions <= SCEAU_DMARC_WALK_MAX);
	has_pass = add_identities(dmarc, spf, dkim);
	sceau_dmarc_judge(dmarc);
	questions += drive(dmarc, &input);
	REQUIRE(questions <= SCEAU_DMARC_QUESTIONS_MAX);
	REQUIRE(sceau_dmarc_is_done(dmarc));
	check(sceau_dmarc_verdict(dmarc), has_pass);
	sceau_dmarc_free(&dmarc);
	REQUIRE(dmarc == NULL);
	return 0;
}
