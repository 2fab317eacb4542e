/* fuzz_conf.c - any settings file, in any chunking, means the same
 *
 * The first byte chooses the size of the reads; the rest is the file. What
 * -n prints must parse again and print the same.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "fuzz/fuzz.h"

struct settings {
	const char *text;
	bool flag;
	uint64_t number, duration_s, size;
	int choice;
	struct sceau_conf_list list;
};

static const struct sceau_conf_key keys[] = {
	SCEAU_CONF_STRING(struct settings, text, "text", "x", "text"),
	SCEAU_CONF_BOOL(struct settings, flag, "flag", "no", "flag"),
	SCEAU_CONF_NUMBER(struct settings, number, "num", "5", 0, UINT64_MAX,
	                  "number"),
	SCEAU_CONF_DURATION(struct settings, duration_s, "time", "5m", 1, 9000,
	                    "duration"),
	SCEAU_CONF_SIZE(struct settings, size, "size", "5k", 1, 1 << 20,
	                "size"),
	SCEAU_CONF_CHOICE(struct settings, choice, "mode", "a", "a b c",
	                  "mode"),
	SCEAU_CONF_LIST(struct settings, list, "list", "", "list"),
};

static const struct sceau_conf_table table = { "all", keys, 7 };

struct outcome {
	int ret;
	struct sceau_err err;
	struct sceau_buf printed;
};

static void parse(const char *data, size_t len, size_t chunk,
                  struct outcome *out)
{
	struct settings settings = { .text = NULL };
	const struct sceau_conf_area area = { &table, &settings };
	struct sceau_conf *conf = sceau_conf_new("f", &area, 1);

	memset(out, 0, sizeof(*out));
	sceau_buf_init(&out->printed, 2 * SCEAU_CONF_FILE_MAX);
	if (conf == NULL)
		abort();
	for (size_t pos = 0; pos < len && out->ret == 0; pos += chunk)
		out->ret = sceau_conf_feed(
			conf, data + pos, len - pos < chunk ? len - pos : chunk,
			&out->err);
	if (out->ret == 0)
		out->ret = sceau_conf_finish(conf, &out->err);
	if (out->ret == 0 &&
	    (settings.text == NULL ||
	     sceau_conf_print_changed(conf, &out->printed) < 0))
		abort();
	if (out->ret < 0 && settings.text != NULL)
		abort();
	sceau_conf_free(&conf);
}

static void expect_equal(const struct outcome *a, const struct outcome *b)
{
	if (a->ret != b->ret || strcmp(a->err.text, b->err.text) != 0 ||
	    strcmp(sceau_buf_text(&a->printed), sceau_buf_text(&b->printed)))
		abort();
}

static void check(const char *data, size_t len, size_t chunk)
{
	struct outcome whole, cut, again;

	parse(data, len, len + 1, &whole);
	parse(data, len, chunk, &cut);
	expect_equal(&whole, &cut);
	if (whole.ret == 0) {
		parse(sceau_buf_text(&whole.printed), whole.printed.used, chunk,
		      &again);
		expect_equal(&whole, &again);
		sceau_buf_deinit(&again.printed);
	}
	sceau_buf_deinit(&whole.printed);
	sceau_buf_deinit(&cut.printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	check((const char *)data + 1, size - 1, (size_t)data[0] + 1);
	return 0;
}
