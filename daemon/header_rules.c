/* header_rules.c - see header_rules.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/header_regex.h"
#include "daemon/header_rules.h"
#include "daemon/text_file.h"

static int read_rules(const struct sceau_text_file *file,
                      struct sceau_header_rules *rules_r, struct sceau_err *err)
{
	struct sceau_buf text;

	sceau_buf_init(&text, SCEAU_HEADER_RULE_FILE_MAX);
	int ret = sceau_text_file_read(file, &text, err);
	if (ret == 0)
		ret = sceau_header_rules_parse(
			file->path,
			(struct sceau_slice){ sceau_buf_text(&text),
		                              text.used },
			&sceau_header_regex_pcre2, rules_r, err);
	sceau_buf_deinit(&text);
	return ret;
}

int sceau_header_rules_load(const struct sceau_settings *settings,
                            struct sceau_header_rules *rules_r,
                            struct sceau_err *err)
{
	const struct sceau_text_file file = {
		.path = settings->milter.sign_header_rules,
		.setting = "sign_header_rules",
		.may_be_absent = !sceau_conf_is_given(settings->conf,
		                                      "sign_header_rules"),
	};

	return read_rules(&file, rules_r, err);
}

int sceau_header_rules_read(const char *path,
                            struct sceau_header_rules *rules_r,
                            struct sceau_err *err)
{
	const struct sceau_text_file file = { .path = path,
		                              .setting = "sign_header_rules" };

	return read_rules(&file, rules_r, err);
}
