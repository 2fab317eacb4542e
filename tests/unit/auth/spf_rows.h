/* spf_rows.h - checks of client 192.0.2.1 and domain far.example, in rows
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_TEST_SPF_ROWS_H
#define SCEAU_TEST_SPF_ROWS_H

#include "unit/auth/spf_zone.h"

/* A request about MAIL FROM. */
static inline struct sceau_spf_request request_of(const char *ip,
                                                  const char *helo,
                                                  const char *local,
                                                  const char *domain)
{
	struct sceau_spf_request request = {
		.helo = sceau_slice_of(helo),
		.local = sceau_slice_of(local),
		.domain = sceau_slice_of(domain),
		.receiver = sceau_slice_of("mx.home.example"),
		.now_s = 1234567890,
	};

	assert_int_equal(sceau_ip_parse(sceau_slice_of(ip), &request.ip, NULL),
	                 0);
	return request;
}

/* One check and what must come out. */
struct row {
	const char *what;
	const char *zone;
	const char *ip; /* NULL: 192.0.2.1 */
	enum sceau_spf_code want;
	const char *mechanism; /* NULL: any */
	const char *record_domain; /* NULL: any */
	const char *explanation; /* NULL: none */
	int questions; /* -1: any */
};

/* Make the check of one row and fail the test unless it comes out. */
static inline void check_row(const struct row *row)
{
	struct sceau_spf_request request = request_of(
		row->ip == NULL ? "192.0.2.1" : row->ip, "mx.far.example",
		"zoe", "far.example");
	struct sceau_spf *spf = zone_check(row->zone, &request);
	const struct sceau_spf_result *got;

	assert_non_null(spf);
	got = sceau_spf_result(spf);
	const char *want_text = row->explanation == NULL ? ""
	                                                 : row->explanation;
	if (got->code != row->want ||
	    (row->mechanism != NULL &&
	     strcmp(got->mechanism, row->mechanism) != 0) ||
	    (row->record_domain != NULL &&
	     strcmp(got->record_domain, row->record_domain) != 0) ||
	    strcmp(got->explanation, want_text) != 0 ||
	    (row->questions >= 0 && got->questions != (unsigned)row->questions))
		fail_msg("%s: got %s by \"%s\" of %s, %u questions, "
		         "explanation \"%s\", reason \"%s\"",
		         row->what, sceau_spf_code_name(got->code),
		         got->mechanism, got->record_domain, got->questions,
		         got->explanation, got->reason);
	/* an error always says why, a verdict needs no excuse */
	bool is_error = got->code == SCEAU_SPF_TEMPERROR ||
	                got->code == SCEAU_SPF_PERMERROR ||
	                got->code == SCEAU_SPF_NONE;
	assert_int_equal(is_error, got->reason[0] != '\0');
	assert_true(got->questions <= SCEAU_SPF_QUESTIONS_MAX);
	sceau_spf_free(&spf);
	assert_null(spf);
}

/* Make them all. */
static inline void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_row(&rows[i]);
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

#endif
