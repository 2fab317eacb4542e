/* fuzz_spf.c - a whole SPF check with answers as hostile as DNS can be
 *
 * The first line is the request: a letter for the client's address, then HELO,
 * local part and domain behind tabs. Each further line answers a question:
 * o (records), n (no data), x (no such name), s (failure), t (silence), then
 * the records between tabs, text for TXT, a name for PTR and MX, bytes for
 * addresses. A record that begins with '!' is rdata as it stands. 0xff stands
 * for a line end, 0xfe for a NUL, 0xfd for a tab. When the lines are used up
 * they begin again.
 *
 * Whatever they say, the check ends after 30 questions at most, each of them
 * can be asked, and its texts are clean.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "auth/spf.h"
#include "fuzz/fuzz.h"

#define RDATA_SIZE 200000

struct answers {
	struct sceau_slice all, rest;
	unsigned char rdata[RDATA_SIZE];
	size_t used;
};

/* The bytes before the next end, which is passed over. */
static struct sceau_slice take(struct sceau_slice *rest, char end)
{
	struct sceau_slice part = *rest;
	const char *at = rest->len == 0 ? NULL
	                                : memchr(rest->data, end, rest->len);

	if (at != NULL)
		part.len = (size_t)(at - rest->data);
	size_t used = part.len + (at != NULL);
	rest->data += used;
	rest->len -= used;
	return part;
}

static unsigned char byte_of(char c)
{
	switch ((unsigned char)c) {
	case 0xff:
		return '\n';
	case 0xfe:
		return '\0';
	case 0xfd:
		return '\t';
	default:
		return (unsigned char)c;
	}
}

/* Write text as wire labels, or as strings of 255. */
static size_t put_parts(struct sceau_slice text, char end, unsigned char *out)
{
	size_t used = 0;

	do {
		struct sceau_slice part = text;

		if (end != '\0')
			part = take(&text, end);
		else if (part.len > 255)
			part.len = 255;
		if (end == '\0') {
			text.data += part.len;
			text.len -= part.len;
		} else if (part.len > 63) {
			part.len = 63;
		}
		out[used++] = (unsigned char)part.len;
		for (size_t i = 0; i < part.len; i++)
			out[used++] = byte_of(part.data[i]);
	} while (text.len > 0);
	if (end != '\0')
		out[used++] = 0;
	return used;
}

static size_t put_raw(struct sceau_slice text, unsigned char *out)
{
	for (size_t i = 0; i < text.len; i++)
		out[i] = byte_of(text.data[i]);
	return text.len;
}

static size_t put_rdata(struct sceau_slice text, enum sceau_dns_type type,
                        unsigned char *out)
{
	if (text.len > 0 && text.data[0] == '!')
		return put_raw(
			(struct sceau_slice){ text.data + 1, text.len - 1 },
			out);
	switch (type) {
	case SCEAU_DNS_TXT:
		return put_parts(text, '\0', out);
	case SCEAU_DNS_MX:
		out[0] = 0;
		out[1] = text.len > 0 ? (unsigned char)text.data[0] : 0;
		return 2 + put_parts(text, '.', out + 2);
	case SCEAU_DNS_PTR:
		return put_parts(text, '.', out);
	default:
		/* Mostly addresses of the right size, padded. */
		memset(out, 0, 16);
		put_raw((struct sceau_slice){ text.data,
		                              text.len < 16 ? text.len : 16 },
		        out);
		return type == SCEAU_DNS_A ? 4 : 16;
	}
}

static enum sceau_dns_status status_of(char c)
{
	static const char letters[] = "onxst";
	const char *at = strchr(letters, c);

	return at == NULL || c == '\0' ? SCEAU_DNS_OK
	                               : (enum sceau_dns_status)(at - letters);
}

static void make_answer(struct answers *answers,
                        const struct sceau_dns_question *question,
                        struct sceau_dns_answer *answer)
{
	if (answers->rest.len == 0)
		answers->rest = answers->all;
	struct sceau_slice line = take(&answers->rest, '\n');
	memset(answer, 0, sizeof(*answer));
	answer->name = question->name;
	answer->type = question->type;
	answers->used = 0;
	answer->status = status_of(line.len == 0 ? 'n' : line.data[0]);
	take(&line, '\t');
	if (answer->status != SCEAU_DNS_OK)
		return;
	while (line.len > 0 && answer->count < SCEAU_DNS_RECORDS_MAX) {
		struct sceau_slice text = take(&line, '\t');

		if (answers->used + 2 * text.len + 300 > RDATA_SIZE)
			break;
		unsigned char *at = answers->rdata + answers->used;
		size_t len = put_rdata(text, question->type, at);
		answer->records[answer->count++] = (struct sceau_dns_record){
			at, len
		};
		answers->used += len;
	}
	answer->is_cut = line.len > 0;
	if (answer->count == 0)
		answer->status = SCEAU_DNS_NODATA;
}

static void require_clean(const char *text, size_t max)
{
	REQUIRE(strlen(text) <= max);
	for (; *text != '\0'; text++)
		REQUIRE(*text >= 0x20 && *text <= 0x7e);
}

static void check_result(const struct sceau_spf_result *result)
{
	REQUIRE(result->questions <= SCEAU_SPF_QUESTIONS_MAX);
	REQUIRE(result->terms <= SCEAU_SPF_TERMS_MAX);
	REQUIRE(result->voids <= SCEAU_SPF_VOIDS_MAX);
	require_clean(result->domain, SCEAU_SPF_DOMAIN_MAX);
	require_clean(result->record_domain, SCEAU_SPF_DOMAIN_MAX);
	require_clean(result->mechanism, SCEAU_SPF_MECHANISM_MAX);
	require_clean(result->explanation, SCEAU_SPF_EXPLANATION_MAX);
	require_clean(result->reason, SCEAU_SPF_REASON_MAX);
	REQUIRE(result->explanation[0] == '\0' ||
	        result->code == SCEAU_SPF_FAIL);
	bool has_reason = result->code == SCEAU_SPF_NONE ||
	                  result->code == SCEAU_SPF_TEMPERROR ||
	                  result->code == SCEAU_SPF_PERMERROR;
	REQUIRE(has_reason == (result->reason[0] != '\0'));
}

static void read_request(struct sceau_slice line,
                         struct sceau_spf_request *request)
{
	static const uint8_t v6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
	static const uint8_t v4[4] = { 'a', 'b', 'c', 'd' };
	bool is_v6 = line.len > 0 && line.data[0] == '6';

	take(&line, '\t');
	sceau_ip_from_bytes(is_v6 ? v6 : v4, is_v6 ? 16 : 4, &request->ip);
	request->helo = take(&line, '\t');
	request->local = take(&line, '\t');
	request->domain = take(&line, '\t');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct answers answers;
	static struct sceau_dns_answer answer;
	struct sceau_slice rest = { (const char *)data, size };
	struct sceau_spf_request request = { .now_s = 1 };
	struct sceau_dns_question question;
	unsigned questions = 0;

	read_request(take(&rest, '\n'), &request);
	answers.all = answers.rest = rest;
	struct sceau_spf *spf = sceau_spf_new(&request);
	if (spf == NULL)
		return 0;
	while (sceau_spf_decider.ask(spf, &question) > 0) {
		REQUIRE(++questions <= SCEAU_SPF_QUESTIONS_MAX);
		REQUIRE(sceau_dns_name_is_valid(question.name));
		make_answer(&answers, &question, &answer);
		sceau_spf_decider.answer(spf, question.id, &answer);
	}
	check_result(sceau_spf_result(spf));
	REQUIRE(sceau_spf_result(spf)->questions == questions);
	sceau_spf_free(&spf);
	return 0;
}
