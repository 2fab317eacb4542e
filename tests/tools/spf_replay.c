/* spf_replay.c - run the SPF evaluator on zones that are given as text
 *
 * Reads lines from standard input, words separated by one tab; bytes are
 * written in hexadecimal digits, "-" for none:
 *
 *   zone                      forget all records
 *   rr NAME TYPE RDATA        one record; NAME as in a question, RDATA wire
 *   cname NAME TARGET         an alias
 *   dead NAME STATUS          questions for other types of NAME: servfail
 *                             or timeout
 *   check IP HELO LOCAL DOMAIN RECEIVER
 *
 * and writes one line for each check: result, explanation, questions, terms,
 * voids, mechanism, domain of its record, reason.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/spf.h"

#define LINE_MAX_BYTES (1U << 18)
#define WORDS_MAX 7
#define RECORDS_MAX 4096
/* RFC 1034 says nothing; resolvers give up sooner. */
#define CHAIN_MAX 8

struct record {
	char *name;
	unsigned type; /* 0: dead */
	enum sceau_dns_status status; /* of a dead one */
	unsigned char *data;
	size_t len;
	char *target; /* of a CNAME */
};

static struct record records[RECORDS_MAX];
static size_t record_count;

static void stop(const char *why)
{
	fprintf(stderr, "spf_replay: %s\n", why);
	exit(2);
}

static void *copy_of(const void *data, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy == NULL)
		stop("out of memory");
	memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}

static unsigned hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	if (at == NULL)
		stop("odd hexadecimal digits");
	return (unsigned)(at - digits);
}

/* Bytes of a word; *len_r is how many. To be freed. */
static unsigned char *read_bytes(const char *word, size_t *len_r)
{
	size_t len = strcmp(word, "-") == 0 ? 0 : strlen(word) / 2;
	unsigned char *data = copy_of("", 0);

	data = realloc(data, len + 1);
	if (data == NULL)
		stop("out of memory");
	for (size_t i = 0; i < len; i++)
		data[i] = (unsigned char)(hex_digit(word[2 * i]) << 4 |
		                          hex_digit(word[2 * i + 1]));
	*len_r = len;
	return data;
}

static void forget_zone(void)
{
	for (size_t i = 0; i < record_count; i++) {
		free(records[i].name);
		free(records[i].data);
		free(records[i].target);
	}
	record_count = 0;
}

static struct record *add_record(const char *name, unsigned type)
{
	if (record_count == RECORDS_MAX)
		stop("too many records");
	struct record *record = &records[record_count++];
	*record = (struct record){
		.name = copy_of(name, strlen(name)),
		.type = type,
	};
	return record;
}

/* Follow aliases; NULL when they go round in a circle. */
static const char *follow(const char *name)
{
	for (int i = 0; i < CHAIN_MAX; i++) {
		const char *target = NULL;

		for (size_t j = 0; j < record_count && target == NULL; j++) {
			if (sceau_text_equal_nocase(records[j].name, name))
				target = records[j].target;
		}
		if (target == NULL)
			return name;
		name = target;
	}
	return NULL;
}

static void resolve(const struct sceau_dns_question *question,
                    struct sceau_dns_answer *answer)
{
	const char *name = follow(question->name);

	answer->status = SCEAU_DNS_NXDOMAIN;
	if (name == NULL) {
		answer->status = SCEAU_DNS_SERVFAIL;
		return;
	}
	for (size_t i = 0; i < record_count; i++) {
		const struct record *record = &records[i];

		if (!sceau_text_equal_nocase(record->name, name))
			continue;
		if (record->type == 0 && answer->count == 0)
			answer->status = record->status;
		else if (answer->status == SCEAU_DNS_NXDOMAIN)
			answer->status = SCEAU_DNS_NODATA;
		if (record->type != question->type)
			continue;
		if (answer->count == SCEAU_DNS_RECORDS_MAX) {
			answer->is_cut = true;
			continue;
		}
		answer->status = SCEAU_DNS_OK;
		answer->records[answer->count++] = (struct sceau_dns_record){
			.data = record->data,
			.len = record->len,
		};
	}
}

static void drive(struct sceau_spf *spf)
{
	static struct sceau_dns_answer answer;
	struct sceau_dns_question question;

	while (sceau_spf_decider.ask(spf, &question) > 0) {
		memset(&answer, 0, sizeof(answer));
		answer.name = question.name;
		answer.type = question.type;
		if (sceau_dns_name_is_valid(question.name))
			resolve(&question, &answer);
		else
			stop("a question that cannot be asked");
		sceau_spf_decider.answer(spf, question.id, &answer);
	}
}

static void check(char **words)
{
	struct sceau_spf_request request = { .now_s = 1 };
	unsigned char *texts[4];
	struct sceau_slice slices[4];

	if (sceau_ip_parse(sceau_slice_of(words[1]), &request.ip, NULL) < 0)
		stop("no address");
	for (size_t i = 0; i < 4; i++) {
		texts[i] = read_bytes(words[2 + i], &slices[i].len);
		slices[i].data = (const char *)texts[i];
	}
	request.helo = slices[0];
	request.local = slices[1];
	request.domain = slices[2];
	request.receiver = slices[3];
	struct sceau_spf *spf = sceau_spf_new(&request);
	if (spf == NULL)
		stop("out of memory");
	for (size_t i = 0; i < 4; i++)
		free(texts[i]);
	drive(spf);
	const struct sceau_spf_result *result = sceau_spf_result(spf);
	printf("%s\t%s\t%u\t%u\t%u\t%s\t%s\t%s\n",
	       sceau_spf_code_name(result->code), result->explanation,
	       result->questions, result->terms, result->voids,
	       result->mechanism, result->record_domain, result->reason);
	fflush(stdout);
	sceau_spf_free(&spf);
}

static void add_rr(char **words)
{
	struct record *record = add_record(
		words[1], (unsigned)strtoul(words[2], NULL, 10));

	record->data = read_bytes(words[3], &record->len);
}

static void obey(char **words, size_t count)
{
	if (strcmp(words[0], "zone") == 0) {
		forget_zone();
	} else if (strcmp(words[0], "rr") == 0 && count == 4) {
		add_rr(words);
	} else if (strcmp(words[0], "cname") == 0 && count == 3) {
		add_record(words[1], SCEAU_DNS_CNAME)->target = copy_of(
			words[2], strlen(words[2]));
	} else if (strcmp(words[0], "dead") == 0 && count == 3) {
		add_record(words[1], 0)->status = strcmp(words[2], "timeout") ==
		                                                  0
		                                          ? SCEAU_DNS_TIMEOUT
		                                          : SCEAU_DNS_SERVFAIL;
	} else if (strcmp(words[0], "check") == 0 && count == 6) {
		check(words);
	} else {
		stop("a line that is none");
	}
}

int main(void)
{
	static char line[LINE_MAX_BYTES];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		char *words[WORDS_MAX] = { line };
		size_t count = 1;

		line[strcspn(line, "\n")] = '\0';
		for (char *at = line; *at != '\0' && count < WORDS_MAX; at++) {
			if (*at == '\t') {
				*at = '\0';
				words[count++] = at + 1;
			}
		}
		obey(words, count);
	}
	forget_zone();
	return 0;
}
