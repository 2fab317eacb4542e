/* spf_zone.h - answers for the SPF machine out of lines of text
 *
 * "name TYPE data" a line: A, AAAA, PTR, TXT (cut into strings of 255), MX
 * ("10 host"), NONE (the name exists), and for what fails: SERVFAIL or TIMEOUT,
 * with a type or for all types that the name has no line for.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_TEST_SPF_ZONE_H
#define SCEAU_TEST_SPF_ZONE_H

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/spf.h"

#define ZONE_RDATA_SIZE 70000

/* What became of one question. */
struct zone_answer {
	struct sceau_dns_answer answer;
	unsigned char rdata[ZONE_RDATA_SIZE];
	size_t used;
};

/* One line of a zone; the slices point into it. */
struct zone_line {
	struct sceau_slice name, type, data;
};

/* Take the next line of a zone. Returns false when there is none. */
static inline bool zone_next(struct sceau_slice *rest, struct zone_line *line_r)
{
	struct sceau_slice line;

	if (!sceau_slice_next_word(rest, "\n", &line) ||
	    !sceau_slice_next_word(&line, " ", &line_r->name) ||
	    !sceau_slice_next_word(&line, " ", &line_r->type))
		return false;
	line_r->data = line;
	if (line.len > 0 && line.data[0] == ' ')
		line_r->data = (struct sceau_slice){ line.data + 1,
			                             line.len - 1 };
	return true;
}

/* Number of a record type by its word; 0 for any other. */
static inline unsigned zone_type(struct sceau_slice word)
{
	static const struct {
		const char *word;
		unsigned type;
	} types[] = {
		{ "A", SCEAU_DNS_A },     { "AAAA", SCEAU_DNS_AAAA },
		{ "PTR", SCEAU_DNS_PTR }, { "MX", SCEAU_DNS_MX },
		{ "TXT", SCEAU_DNS_TXT },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (sceau_slice_is(word, types[i].word))
			return types[i].type;
	}
	return 0;
}

/* Write name in wire form to out. Returns its length. */
static inline size_t zone_put_name(struct sceau_slice name, unsigned char *out)
{
	struct sceau_slice label;
	size_t used = 0;

	while (sceau_slice_next_word(&name, ".", &label)) {
		out[used++] = (unsigned char)label.len;
		memcpy(out + used, label.data, label.len);
		used += label.len;
	}
	out[used++] = 0;
	return used;
}

/* Write text as strings of 255 to out. Returns the length. */
static inline size_t zone_put_text(struct sceau_slice text, unsigned char *out)
{
	size_t used = 0;

	do {
		size_t n = text.len < 255 ? text.len : 255;

		out[used++] = (unsigned char)n;
		memcpy(out + used, text.data, n);
		used += n;
		text.data += n;
		text.len -= n;
	} while (text.len > 0);
	return used;
}

/* Write the rdata of a line to out. Returns its length. */
static inline size_t zone_put(unsigned type, struct sceau_slice data,
                              unsigned char *out)
{
	struct sceau_slice word;
	char text[64];

	switch (type) {
	case SCEAU_DNS_A:
	case SCEAU_DNS_AAAA:
		sceau_slice_copy(data, text, sizeof(text));
		inet_pton(type == SCEAU_DNS_A ? AF_INET : AF_INET6, text, out);
		return type == SCEAU_DNS_A ? 4 : 16;
	case SCEAU_DNS_MX:
		sceau_slice_next_word(&data, " ", &word);
		sceau_slice_copy(word, text, sizeof(text));
		out[0] = (unsigned char)(strtoul(text, NULL, 10) >> 8);
		out[1] = (unsigned char)strtoul(text, NULL, 10);
		return 2 + zone_put_name(sceau_slice_trim(data), out + 2);
	case SCEAU_DNS_PTR:
		return zone_put_name(data, out);
	default:
		return zone_put_text(data, out);
	}
}

/* Add one record to the answer, or mark it cut when there are too many. */
static inline void zone_add(struct zone_answer *out, unsigned type,
                            struct sceau_slice data)
{
	struct sceau_dns_answer *answer = &out->answer;

	if (answer->count == SCEAU_DNS_RECORDS_MAX) {
		answer->is_cut = true;
		return;
	}
	size_t len = zone_put(type, data, out->rdata + out->used);

	answer->status = SCEAU_DNS_OK;
	answer->records[answer->count++] = (struct sceau_dns_record){
		out->rdata + out->used, len
	};
	out->used += len;
}

/* Look a question up in a zone. */
static inline void zone_resolve(const char *zone, const char *name,
                                enum sceau_dns_type type,
                                struct zone_answer *out)
{
	struct sceau_slice rest = sceau_slice_of(zone);
	struct sceau_dns_answer *answer = &out->answer;
	struct zone_line line;

	memset(answer, 0, sizeof(*answer));
	out->used = 0;
	answer->name = name;
	answer->type = type;
	answer->status = SCEAU_DNS_NXDOMAIN;
	while (zone_next(&rest, &line)) {
		bool is_timeout = sceau_slice_is(line.type, "TIMEOUT");

		if (!sceau_slice_is_nocase(line.name, name))
			continue;
		if (answer->status == SCEAU_DNS_NXDOMAIN)
			answer->status = SCEAU_DNS_NODATA;
		if (is_timeout || sceau_slice_is(line.type, "SERVFAIL")) {
			if (answer->count == 0 &&
			    (line.data.len == 0 ||
			     zone_type(line.data) == type))
				answer->status = is_timeout
				                         ? SCEAU_DNS_TIMEOUT
				                         : SCEAU_DNS_SERVFAIL;
			continue;
		}
		if (zone_type(line.type) == type)
			zone_add(out, type, line.data);
	}
}

/* A check to its end. The caller frees it. */
static inline struct sceau_spf *
zone_check(const char *zone, const struct sceau_spf_request *request)
{
	struct sceau_spf *spf = sceau_spf_new(request);
	struct zone_answer *out = malloc(sizeof(*out));
	struct sceau_dns_question question;

	while (spf != NULL && out != NULL &&
	       sceau_spf_decider.ask(spf, &question) > 0) {
		zone_resolve(zone, question.name, question.type, out);
		sceau_spf_decider.answer(spf, question.id, &out->answer);
	}
	free(out);
	return spf;
}

#endif
