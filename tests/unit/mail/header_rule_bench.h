/* header_rule_bench.h - rules over a mail and back to text, for tests.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TESTS_HEADER_RULE_BENCH_H
#define TESTS_HEADER_RULE_BENCH_H

#include <string.h>

#include "daemon/header_regex.h"
#include "mail/header_rule_apply.h"
#include "mail/header_scan.h"

/* Rules from text, with the real engine. Returns as
   sceau_header_rules_parse. */
static inline int bench_parse(const char *text,
                              struct sceau_header_rules *rules,
                              struct sceau_err *err)
{
	return sceau_header_rules_parse("headers", sceau_slice_of(text),
	                                &sceau_header_regex_pcre2, rules, err);
}

/* Read the header of mail into header, which is set up. */
static inline int bench_read(const char *mail, size_t len,
                             struct sceau_header *header)
{
	struct sceau_header_scan scan;
	size_t used;

	sceau_header_init(header, SCEAU_HEADER_FIELDS_MAX,
	                  SCEAU_HEADER_BYTES_MAX);
	sceau_header_scan_init(&scan, header);
	int ret = sceau_header_scan_feed(&scan, mail, len, &used, NULL);
	if (ret >= 0)
		ret = sceau_header_scan_finish(&scan, NULL);
	sceau_header_scan_deinit(&scan);
	return ret;
}

#endif
