/* conf.c - see conf.h
 *
 * Bytes are gathered to lines, lines to logical lines, each of which is
 * checked at once, so that the first fault in the file is the one reported.
 * Values wait in the entries: settings structs are written when all is good.
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/conf_value.h"
#include "base/text.h"

/* One setting of one area, and what the file said about it. */
struct entry {
	const struct sceau_conf_key *key;
	void *settings;
	unsigned line; /* 0: not given */
	char *text; /* as given, owned; NULL: not given */
	struct sceau_conf_value value;
	bool is_changed;
};

struct sceau_conf {
	char *file;
	struct entry *entries;
	size_t count;
	size_t bytes;
	unsigned line; /* number of the line in the making */
	struct sceau_buf raw; /* that line so far */
	unsigned setting_line; /* where the open logical line began; 0: none */
	struct sceau_buf setting;
};

static void add_entries(struct sceau_conf *conf,
                        const struct sceau_conf_area *area)
{
	for (size_t i = 0; i < area->table->count; i++) {
		struct entry *entry = &conf->entries[conf->count++];

		entry->key = &area->table->keys[i];
		entry->settings = area->settings;
	}
}

struct sceau_conf *sceau_conf_new(const char *file,
                                  const struct sceau_conf_area *areas,
                                  size_t count)
{
	struct sceau_conf *conf = calloc(1, sizeof(*conf));
	size_t total = 0;

	if (conf == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		total += areas[i].table->count;
	conf->file = strdup(file);
	conf->entries = calloc(total + 1, sizeof(*conf->entries));
	conf->line = 1;
	sceau_buf_init(&conf->raw, SCEAU_CONF_VALUE_MAX);
	sceau_buf_init(&conf->setting, SCEAU_CONF_VALUE_MAX);
	if (conf->file == NULL || conf->entries == NULL) {
		sceau_conf_free(&conf);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		add_entries(conf, &areas[i]);
	return conf;
}

static struct entry *find_entry(const struct sceau_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->count; i++) {
		if (strcmp(conf->entries[i].key->name, name) == 0)
			return &conf->entries[i];
	}
	return NULL;
}

/* "did you mean" is a help only when the names are close. */
static int fail_unknown(const struct sceau_conf *conf, const char *name,
                        struct sceau_err *err)
{
	unsigned least = 3;
	const char *nearest = NULL;

	if (strlen(name) / 3 > least)
		least = (unsigned)(strlen(name) / 3);
	for (size_t i = 0; i < conf->count; i++) {
		const char *known = conf->entries[i].key->name;
		unsigned distance = sceau_text_distance(name, known);

		if (distance < least) {
			least = distance;
			nearest = known;
		}
	}
	if (nearest == NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "unknown setting");
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "unknown setting, did you mean %s?", nearest);
}

static bool is_key_name(struct sceau_slice name)
{
	if (name.len == 0 || name.len > SCEAU_CONF_KEY_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if (!sceau_text_is_digit(c) && c != '_' && (c < 'a' || c > 'z'))
			return false;
	}
	return true;
}

static int check_comment(struct sceau_slice value, struct sceau_err *err)
{
	for (size_t i = 1; i < value.len; i++) {
		char before = value.data[i - 1];

		if (value.data[i] == '#' && (before == ' ' || before == '\t'))
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "a comment must stand on a line of "
			                  "its own");
	}
	return 0;
}

static int take_value(struct sceau_conf *conf, const char *name,
                      struct sceau_slice value, struct sceau_err *err)
{
	struct entry *entry = find_entry(conf, name);

	if (entry == NULL)
		return fail_unknown(conf, name, err);
	if (entry->line != 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "already set on line %u", entry->line);
	if (check_comment(value, err) < 0)
		return -1;
	char *text = calloc(1, value.len + 1);
	if (text == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	memcpy(text, value.data, value.len);
	if (sceau_conf_value_parse(entry->key, text, &entry->value, err) < 0) {
		free(text);
		return -1;
	}
	entry->text = text;
	entry->line = conf->setting_line;
	return 0;
}

/* The open logical line is complete. */
static int end_setting(struct sceau_conf *conf, struct sceau_err *err)
{
	if (conf->setting_line == 0)
		return 0;

	const char *text = conf->setting.data;
	size_t len = conf->setting.used;
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - text);
	struct sceau_slice name = sceau_slice_trim(
		(struct sceau_slice){ text, name_len });
	unsigned line = conf->setting_line;

	if (equals == NULL || !is_key_name(name)) {
		sceau_fail(err, SCEAU_FAULT_CONFIG,
		           equals == NULL ? "not of the form `key = value'"
		                          : "not the name of a setting");
		return sceau_fail_in(err, "%s:%u: %.*s", conf->file, line,
		                     name.len < 60 ? (int)name.len : 60,
		                     name.data);
	}
	char key[SCEAU_CONF_KEY_MAX + 1];
	struct sceau_slice value = { equals + 1, len - name_len - 1 };

	sceau_slice_copy(name, key, sizeof(key));
	if (take_value(conf, key, sceau_slice_trim(value), err) < 0)
		return sceau_fail_in(err, "%s:%u: %s", conf->file, line, key);
	conf->setting_line = 0;
	sceau_buf_clear(&conf->setting);
	return 0;
}

static int fail_line(const struct sceau_conf *conf, struct sceau_err *err,
                     const char *reason)
{
	return sceau_fail(err, SCEAU_FAULT_CONFIG, "%s:%u: %s", conf->file,
	                  conf->line, reason);
}

static bool is_text(struct sceau_slice line)
{
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.data[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return sceau_text_is_utf8(line.data, line.len);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A line that says something: a new setting or more of the open one. */
static int take_text(struct sceau_conf *conf, struct sceau_slice line,
                     bool is_continued, struct sceau_err *err)
{
	if (!is_text(line))
		return fail_line(conf, err,
		                 "holds a control character or bytes that are "
		                 "not UTF-8");
	if (is_continued) {
		if (conf->setting_line == 0)
			return fail_line(conf, err,
			                 "begins with a blank, but there is "
			                 "no setting above to continue");
		sceau_buf_append(&conf->setting, " ", 1);
	} else {
		if (end_setting(conf, err) < 0)
			return -1;
		conf->setting_line = conf->line;
	}
	if (sceau_buf_append(&conf->setting, line.data, line.len) < 0)
		return fail_line(conf, err, "setting is too long");
	return 0;
}

static int end_line(struct sceau_conf *conf, struct sceau_err *err)
{
	struct sceau_slice line = { conf->raw.data, conf->raw.used };
	int ret = 0;

	if (line.len > 0) {
		bool is_continued = is_blank(line.data[0]);

		line = sceau_slice_trim(line);
		if (line.len > 0 && line.data[0] != '#')
			ret = take_text(conf, line, is_continued, err);
	}
	sceau_buf_clear(&conf->raw);
	conf->line++;
	return ret;
}

static int feed_lines(struct sceau_conf *conf, const char *data, size_t len,
                      struct sceau_err *err)
{
	while (len > 0) {
		const char *end = memchr(data, '\n', len);
		size_t n = end == NULL ? len : (size_t)(end - data);

		if (sceau_buf_append(&conf->raw, data, n) < 0)
			return fail_line(conf, err, "line is too long");
		if (end == NULL)
			return 0;
		if (end_line(conf, err) < 0)
			return -1;
		data += n + 1;
		len -= n + 1;
	}
	return 0;
}

int sceau_conf_feed(struct sceau_conf *conf, const char *data, size_t len,
                    struct sceau_err *err)
{
	size_t room = SCEAU_CONF_FILE_MAX - conf->bytes;
	size_t n = len < room ? len : room;

	/* Faults before the bound come first, however the bytes are cut. */
	if (feed_lines(conf, data, n, err) < 0)
		return -1;
	conf->bytes += n;
	if (n < len)
		return fail_line(conf, err, "file is larger than 1 MB");
	return 0;
}

/* Read the default: it is the value when the file is silent, and else tells
   whether the file changes anything. */
static int settle(struct sceau_conf *conf, struct entry *entry,
                  struct sceau_err *err)
{
	struct sceau_conf_value fallback = { .text = NULL };

	if (sceau_conf_value_parse(entry->key, entry->key->fallback, &fallback,
	                           err) < 0)
		return sceau_fail_in(err, "%s: default of %s", conf->file,
		                     entry->key->name);
	if (entry->line == 0) {
		sceau_conf_value_deinit(&entry->value);
		entry->value = fallback;
		return 0;
	}
	entry->is_changed = !sceau_conf_value_equal(entry->key, &entry->value,
	                                            &fallback);
	sceau_conf_value_deinit(&fallback);
	return 0;
}

int sceau_conf_finish(struct sceau_conf *conf, struct sceau_err *err)
{
	if (conf->raw.used > 0 && end_line(conf, err) < 0)
		return -1;
	if (end_setting(conf, err) < 0)
		return -1;
	for (size_t i = 0; i < conf->count; i++) {
		if (settle(conf, &conf->entries[i], err) < 0)
			return -1;
	}
	for (size_t i = 0; i < conf->count; i++) {
		struct entry *entry = &conf->entries[i];

		sceau_conf_value_write(entry->key, &entry->value,
		                       entry->settings);
	}
	return 0;
}

bool sceau_conf_is_given(const struct sceau_conf *conf, const char *name)
{
	return sceau_conf_line_of(conf, name) != 0;
}

unsigned sceau_conf_line_of(const struct sceau_conf *conf, const char *name)
{
	const struct entry *entry = find_entry(conf, name);

	assert(entry != NULL);
	return entry->line;
}

int sceau_conf_fail(const struct sceau_conf *conf, const char *name,
                    struct sceau_err *err, const char *fmt, ...)
{
	char reason[sizeof(err->text)];
	unsigned line = sceau_conf_line_of(conf, name);
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	if (line == 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "%s: %s: %s",
		                  conf->file, name, reason);
	return sceau_fail(err, SCEAU_FAULT_CONFIG, "%s:%u: %s: %s", conf->file,
	                  line, name, reason);
}

int sceau_conf_print_changed(const struct sceau_conf *conf,
                             struct sceau_buf *out)
{
	for (size_t i = 0; i < conf->count; i++) {
		const struct entry *entry = &conf->entries[i];

		if (entry->is_changed)
			sceau_buf_appendf(out, "%s = %s\n", entry->key->name,
			                  entry->text);
	}
	return out->failed ? -1 : 0;
}

const struct sceau_conf_key *
sceau_conf_find(const struct sceau_conf_area *areas, size_t count,
                const char *name)
{
	for (size_t i = 0; i < count; i++) {
		const struct sceau_conf_table *table = areas[i].table;

		for (size_t j = 0; j < table->count; j++) {
			if (strcmp(table->keys[j].name, name) == 0)
				return &table->keys[j];
		}
	}
	return NULL;
}

const char *sceau_conf_type_name(enum sceau_conf_type type)
{
	static const char *const names[] = {
		[SCEAU_CONF_TYPE_STRING] = "string",
		[SCEAU_CONF_TYPE_BOOL] = "boolean",
		[SCEAU_CONF_TYPE_NUMBER] = "number",
		[SCEAU_CONF_TYPE_DURATION] = "duration",
		[SCEAU_CONF_TYPE_SIZE] = "size",
		[SCEAU_CONF_TYPE_CHOICE] = "choice",
		[SCEAU_CONF_TYPE_LIST] = "list",
	};

	return names[type];
}

void sceau_conf_free(struct sceau_conf **conf)
{
	struct sceau_conf *old = *conf;

	*conf = NULL;
	if (old == NULL)
		return;
	for (size_t i = 0; i < old->count; i++) {
		sceau_conf_value_deinit(&old->entries[i].value);
		free(old->entries[i].text);
	}
	sceau_buf_deinit(&old->raw);
	sceau_buf_deinit(&old->setting);
	free(old->entries);
	free(old->file);
	free(old);
}
