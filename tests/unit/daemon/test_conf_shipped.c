/* test_conf_shipped.c - packaging/sceau.conf means what an empty file means
 *
 * As it is, and with each setting's # taken off. That it shows every setting
 * is a check of tests/lint.
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/conf_load.h"

#define SHIPPED SCEAU_SOURCE_DIR "/packaging/sceau.conf"

static void want_nothing_changed(const char *text, size_t len)
{
	struct sceau_err err = { .text = "" };
	struct sceau_buf out;
	struct sceau_settings *settings = sceau_conf_load_text("sceau.conf",
	                                                       text, len, &err);

	if (settings == NULL)
		fail_msg("%s", err.text);
	sceau_buf_init(&out, 65536);
	assert_int_equal(sceau_conf_print_changed(settings->conf, &out), 0);
	if (out.used > 0)
		fail_msg("changed: %s", sceau_buf_text(&out));
	sceau_buf_deinit(&out);
	sceau_settings_unref(&settings);
}

/* "#key = value" and "#<tab>more"; text has a blank behind its #. */
static size_t uncomment(char *text, size_t len, unsigned *settings_r)
{
	size_t kept = 0;
	bool is_line_start = true;

	for (size_t i = 0; i < len; i++) {
		bool is_setting = is_line_start && i + 1 < len &&
		                  text[i] == '#' &&
		                  strchr(" \n#", text[i + 1]) == NULL;

		is_line_start = text[i] == '\n';
		if (!is_setting)
			text[kept++] = text[i];
		else if (text[i + 1] != '\t')
			(*settings_r)++;
	}
	return kept;
}

static void count(void *ctx, const struct sceau_conf_table *table,
                  const struct sceau_conf_key *key)
{
	(void)table;
	(void)key;
	(*(unsigned *)ctx)++;
}

static void test_shipped_file_changes_nothing(void **state)
{
	static char text[SCEAU_CONF_FILE_MAX];
	FILE *file = fopen(SHIPPED, "re");
	unsigned settings = 0, keys = 0;

	(void)state;
	assert_non_null(file);
	size_t len = fread(text, 1, sizeof(text), file);
	assert_int_equal(fclose(file), 0);
	want_nothing_changed(text, len);
	len = uncomment(text, len, &settings);
	sceau_conf_each_key(count, &keys);
	assert_int_equal(settings, keys);
	want_nothing_changed(text, len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shipped_file_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
