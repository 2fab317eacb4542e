/* fuzz_header_rule.c - any rules over any header
 *
 * Input: a rule file, a line "%%", a raw message. Properties: errors name file
 * and line; no rule touches a signature, or deletes what a mail needs; a field
 * that no rule names is as the built-in ones leave it, in the same order;
 * a value that a rule made has no line that an MTA would split.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "mail/header_cleanup.h"
#include "unit/mail/header_rule_bench.h"

static const char separator[] = "\n%%\n";

static void require_lines(struct sceau_header_field field)
{
	struct sceau_slice value = field.value, line;
	size_t used = field.name.len + 1;

	while (sceau_slice_next_line(&value, &line)) {
		must(used + line.len <= 999, "line length");
		used = 0;
	}
}

static bool is_built_in(struct sceau_slice name)
{
	size_t count;
	const struct sceau_header_cleanup_rule *rules =
		sceau_header_cleanup_default_rules(&count);

	for (size_t i = 0; i < count; i++) {
		if (sceau_header_cleanup_matches(rules[i].pattern, name))
			return true;
	}
	return false;
}

static void require_field(struct sceau_header_field was,
                          struct sceau_header_field now, unsigned line)
{
	bool edited = now.deleted || now.changed;

	must(was.name.len == now.name.len, "order");
	if (edited)
		must(!sceau_header_rule_is_seal(now.name), "seal");
	if (now.deleted && line != 0)
		must(!sceau_header_rule_is_needed(now.name), "needed");
	if (now.changed && line != 0)
		require_lines(now);
	if (line == 0 && !is_built_in(now.name))
		must(!edited, "nobody named it");
	if (!edited)
		must(was.value.len == now.value.len &&
		             (was.value.len == 0 ||
		              memcmp(was.value.data, now.value.data,
		                     was.value.len) == 0),
		     "value");
}

static void apply(const struct sceau_header_rules *rules,
                  struct sceau_slice mail)
{
	static const struct sceau_header_rule_facts facts = {
		.account = "alice@home.example",
		.host = "mx.home.example",
	};
	struct sceau_header_rule_report report;
	struct sceau_header header, original;

	must(bench_read(mail.data, mail.len, &header) >= 0, "read");
	must(bench_read(mail.data, mail.len, &original) >= 0, "read");
	must(sceau_header_rules_apply(rules, &facts, &header, &report, NULL) ==
	             0,
	     "apply");
	must(header.count == original.count, "count");
	for (size_t i = 0; i < header.count; i++)
		require_field(sceau_header_get(&original, i),
		              sceau_header_get(&header, i), report.line[i]);
	sceau_header_rule_report_deinit(&report);
	sceau_header_deinit(&header);
	sceau_header_deinit(&original);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *end = size > 0 ? memmem(text, size, separator,
	                                    sizeof(separator) - 1)
	                           : NULL;
	struct sceau_slice file = { text, size }, mail = { text, 0 };
	struct sceau_header_rules rules;
	struct sceau_err err;

	if (end != NULL) {
		file.len = (size_t)(end - text);
		mail.data = end + sizeof(separator) - 1;
		mail.len = size - (size_t)(mail.data - text);
	}
	if (sceau_header_rules_parse("f", file, &sceau_header_regex_pcre2,
	                             &rules, &err) < 0) {
		must(strncmp(err.text, "f:", 2) == 0, "file and line");
		return 0;
	}
	must(rules.count <= SCEAU_HEADER_RULES_MAX, "rules");
	apply(&rules, mail);
	sceau_header_rules_deinit(&rules);
	return 0;
}
