/* dnsbl.c - see dnsbl.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "policy/dnsbl.h"

static bool is_name_byte(char c)
{
	return sceau_text_is_alpha(c) || sceau_text_is_digit(c) || c == '-' ||
	       c == '_' || c == '.';
}

/* Lists of domains answer questions about addresses with an error code, so
   that nothing that looks like one may be asked. */
static bool is_domain(struct sceau_slice name)
{
	bool has_dot = false, has_alpha_last = false;

	for (size_t i = 0; i < name.len; i++) {
		if (!is_name_byte(name.data[i]))
			return false;
		if (name.data[i] == '.') {
			has_dot = true;
			has_alpha_last = false;
		} else if (sceau_text_is_alpha(name.data[i])) {
			has_alpha_last = true;
		}
	}
	return has_dot && has_alpha_last;
}

static int name_question(const char *name, const char *zone,
                         char out[SCEAU_DNSBL_QUESTION_SIZE])
{
	struct sceau_slice text = sceau_slice_of(name);

	if (text.len > 0 && text.data[text.len - 1] == '.')
		text.len--;
	if (!is_domain(text) ||
	    text.len + 1 + strlen(zone) >= SCEAU_DNSBL_QUESTION_SIZE)
		return -1;
	snprintf(out, SCEAU_DNSBL_QUESTION_SIZE, "%.*s.%s", (int)text.len,
	         text.data, zone);
	sceau_text_make_lower(out);
	return sceau_dns_name_is_valid(out) ? 0 : -1;
}

static int make_question(const struct sceau_dnsbl_list *list,
                         const struct sceau_dnsbl_query *query,
                         char out[SCEAU_DNSBL_QUESTION_SIZE])
{
	if (list->subject != SCEAU_DNSBL_CLIENT)
		return name_question(query->name[list->subject], list->zone,
		                     out);
	if (query->client == NULL)
		return -1;
	return sceau_ip_dnsbl_name(query->client, list->zone, out,
	                           SCEAU_DNSBL_QUESTION_SIZE);
}

/* The index of that question, which may be another list's, too. */
static unsigned find_question(struct sceau_dnsbl_check *check, const char *text)
{
	size_t i;

	for (i = 0; i < check->questions; i++) {
		if (strcmp(check->question[i], text) == 0)
			return (unsigned)i;
	}
	snprintf(check->question[i], SCEAU_DNSBL_QUESTION_SIZE, "%s", text);
	check->questions++;
	return (unsigned)i;
}

void sceau_dnsbl_check_init(struct sceau_dnsbl_check *check,
                            const struct sceau_dnsbl_lists *lists,
                            const struct sceau_dnsbl_query *query)
{
	char text[SCEAU_DNSBL_QUESTION_SIZE];

	memset(check, 0, sizeof(*check));
	check->lists = lists;
	for (size_t i = 0; i < lists->count; i++) {
		if ((query->off >> i & 1) != 0 ||
		    make_question(&lists->list[i], query, text) < 0)
			continue;
		check->result[i].question = find_question(check, text);
		check->result[i].outcome = SCEAU_DNSBL_OPEN;
	}
}

static int ask(void *state, struct sceau_dns_question *question_r)
{
	struct sceau_dnsbl_check *check = state;

	if (check->asked == check->questions)
		return 0;
	question_r->name = check->question[check->asked];
	question_r->type = SCEAU_DNS_A;
	question_r->id = (unsigned)check->asked;
	check->asked++;
	return 1;
}

static void set(struct sceau_dnsbl_result *result,
                enum sceau_dnsbl_outcome outcome, const unsigned char *address)
{
	result->outcome = outcome;
	memset(result->address, 0, sizeof(result->address));
	if (address != NULL)
		memcpy(result->address, address, sizeof(result->address));
}

/* The addresses of one answer; the first one that spoils it ends it. */
static void weigh(const struct sceau_dnsbl_list *list,
                  const struct sceau_dns_answer *answer,
                  struct sceau_dnsbl_result *result)
{
	set(result, SCEAU_DNSBL_NOT_LISTED, NULL);
	for (size_t i = 0; i < answer->count; i++) {
		const unsigned char *address = sceau_dns_record_address(
			&answer->records[i], SCEAU_DNS_A);
		enum sceau_dnsbl_code code = SCEAU_DNSBL_CODE_ODD;

		if (address != NULL)
			code = sceau_dnsbl_list_code(list, address);
		if (code == SCEAU_DNSBL_CODE_REFUSED) {
			set(result, SCEAU_DNSBL_REFUSED, address);
			return;
		}
		if (code == SCEAU_DNSBL_CODE_ODD) {
			set(result, SCEAU_DNSBL_ODD, address);
			return;
		}
		if (code == SCEAU_DNSBL_CODE_LISTED &&
		    result->outcome != SCEAU_DNSBL_LISTED)
			set(result, SCEAU_DNSBL_LISTED, address);
	}
	if (answer->is_cut)
		set(result, SCEAU_DNSBL_ODD, NULL);
}

static void take(const struct sceau_dnsbl_list *list,
                 const struct sceau_dns_answer *answer,
                 struct sceau_dnsbl_result *result)
{
	result->status = answer->status;
	switch (answer->status) {
	case SCEAU_DNS_OK:
		weigh(list, answer, result);
		break;
	case SCEAU_DNS_NODATA:
	case SCEAU_DNS_NXDOMAIN:
		set(result, SCEAU_DNSBL_NOT_LISTED, NULL);
		break;
	case SCEAU_DNS_SERVFAIL:
	case SCEAU_DNS_TIMEOUT:
		set(result, SCEAU_DNSBL_NO_ANSWER, NULL);
		break;
	}
}

static void answer(void *state, unsigned id,
                   const struct sceau_dns_answer *dns_answer)
{
	struct sceau_dnsbl_check *check = state;

	if (id >= check->asked || check->is_answered[id])
		return;
	check->is_answered[id] = true;
	for (size_t i = 0; i < check->lists->count; i++) {
		struct sceau_dnsbl_result *result = &check->result[i];

		if (result->outcome == SCEAU_DNSBL_OPEN &&
		    result->question == id)
			take(&check->lists->list[i], dns_answer, result);
	}
}

const struct sceau_dns_decider sceau_dnsbl_decider = {
	.ask = ask,
	.answer = answer,
};

int sceau_dnsbl_check_score(const struct sceau_dnsbl_check *check)
{
	int score = 0;

	for (size_t i = 0; i < check->lists->count; i++) {
		if (check->result[i].outcome == SCEAU_DNSBL_LISTED)
			score += check->lists->list[i].weight;
	}
	return score;
}

bool sceau_dnsbl_check_is_trusted(const struct sceau_dnsbl_check *check)
{
	for (size_t i = 0; i < check->lists->count; i++) {
		if (check->result[i].outcome == SCEAU_DNSBL_LISTED &&
		    check->lists->list[i].weight < 0)
			return true;
	}
	return false;
}

static bool has_failed(const struct sceau_dnsbl_result *result)
{
	return result->outcome == SCEAU_DNSBL_NO_ANSWER ||
	       result->outcome == SCEAU_DNSBL_REFUSED ||
	       result->outcome == SCEAU_DNSBL_ODD;
}

size_t sceau_dnsbl_check_failures(const struct sceau_dnsbl_check *check)
{
	size_t failures = 0;

	for (size_t i = 0; i < check->lists->count; i++)
		failures += has_failed(&check->result[i]);
	return failures;
}

void sceau_dnsbl_check_print(const struct sceau_dnsbl_check *check, size_t i,
                             char out[SCEAU_DNSBL_RESULT_SIZE])
{
	const struct sceau_dnsbl_result *result = &check->result[i];
	const unsigned char *a = result->address;
	const char *what = "none";
	bool has_address = false;

	switch (result->outcome) {
	case SCEAU_DNSBL_NOT_ASKED:
		what = "not-asked";
		break;
	case SCEAU_DNSBL_OPEN:
		what = "open";
		break;
	case SCEAU_DNSBL_NOT_LISTED:
		break;
	case SCEAU_DNSBL_NO_ANSWER:
		what = sceau_dns_status_name(result->status);
		break;
	case SCEAU_DNSBL_LISTED:
		what = "";
		has_address = true;
		break;
	case SCEAU_DNSBL_REFUSED:
		what = "refused:";
		has_address = true;
		break;
	case SCEAU_DNSBL_ODD:
		what = "odd:";
		has_address = true;
		break;
	}
	int n = snprintf(out, SCEAU_DNSBL_RESULT_SIZE, "%s=%s",
	                 check->lists->list[i].name, what);
	if (has_address)
		snprintf(out + n, SCEAU_DNSBL_RESULT_SIZE - (size_t)n,
		         "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
}

void sceau_dnsbl_check_print_all(const struct sceau_dnsbl_check *check,
                                 struct sceau_buf *out)
{
	char word[SCEAU_DNSBL_RESULT_SIZE];
	const char *glue = "";

	for (size_t i = 0; i < check->lists->count; i++) {
		const struct sceau_dnsbl_result *result = &check->result[i];

		if (result->outcome != SCEAU_DNSBL_LISTED &&
		    !has_failed(result))
			continue;
		sceau_dnsbl_check_print(check, i, word);
		sceau_buf_appendf(out, "%s%s", glue, word);
		glue = " ";
	}
}
