/* conf.h - `key = value` settings: a parser fed from schema tables.
 *
 * Syntax, after Postfix's main.cf: a logical line starts with a key; a line
 * that starts with a blank continues it (joined by one space); lines whose
 * first non-blank is '#' and empty lines are skipped, also inside a continued
 * value. Nothing is quoted. A blank followed by '#' inside a value is refused,
 * since it is nearly always meant as a comment.
 *
 * A program describes its settings as tables: one table an area, each with
 * its own settings struct. Rows are data, so that the parser, `-n`, the man
 * page test and check-config read the same truth. Pure: bytes come in, in any
 * chunking; the caller reads the file.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CONF_H
#define SCEAU_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Bounds on what an admin can write; more is refused with the line number. */
#define SCEAU_CONF_FILE_MAX (1U << 20)
#define SCEAU_CONF_VALUE_MAX 16384
#define SCEAU_CONF_LIST_MAX 1024
#define SCEAU_CONF_KEY_MAX 64

enum sceau_conf_type {
	SCEAU_CONF_TYPE_STRING, /* const char *, never NULL */
	SCEAU_CONF_TYPE_BOOL, /* bool; yes or no */
	SCEAU_CONF_TYPE_NUMBER, /* uint64_t */
	SCEAU_CONF_TYPE_DURATION, /* uint64_t, seconds; 30s 5m 2h 1d 1w */
	SCEAU_CONF_TYPE_SIZE, /* uint64_t, bytes; 10k 10M 1G */
	SCEAU_CONF_TYPE_CHOICE, /* int, index into the words of choices */
	SCEAU_CONF_TYPE_LIST, /* struct sceau_conf_list; commas or blanks */
};

/* A list setting. items[0..count) are NUL-terminated and never empty. */
struct sceau_conf_list {
	const char *const *items;
	size_t count;
};

/* One setting. Use the macros below: they check that the member of the
   settings struct has the type that the parser will write. */
struct sceau_conf_key {
	const char *name; /* [a-z0-9_]+ */
	enum sceau_conf_type type;
	const char *fallback; /* value when absent, as an admin would write */
	uint64_t min; /* number, duration (s), size (bytes): inclusive */
	uint64_t max;
	const char *choices; /* words separated by one space, else NULL */
	const char *help; /* one line, no full stop at its end */
	size_t offset; /* of the member in the settings struct */
};

/* All settings of one area. */
struct sceau_conf_table {
	const char *area; /* "common", "milter", ... */
	const struct sceau_conf_key *keys;
	size_t count;
};

/* A table and the struct that its values are written to. */
struct sceau_conf_area {
	const struct sceau_conf_table *table;
	void *settings;
};

/* Offset of member in a settings struct; warns when it is not of type ctype
   (the pointers compared are then of different types). */
#define SCEAU_CONF_OFFSET(settings, member, ctype)                             \
	(offsetof(settings, member) +                                          \
	 0 * sizeof((ctype *)0 == &((settings *)0)->member))

/* Rows: settings is the struct type, member its field, key the name in the
   file, dflt the default as text, about the help line. */
#define SCEAU_CONF_STRING(settings, member, key, dflt, about)                  \
	{                                                                      \
		.name = (key), .type = SCEAU_CONF_TYPE_STRING,                 \
		.fallback = (dflt), .help = (about),                           \
		.offset = SCEAU_CONF_OFFSET(settings, member, const char *)    \
	}
#define SCEAU_CONF_BOOL(settings, member, key, dflt, about)                    \
	{                                                                      \
		.name = (key), .type = SCEAU_CONF_TYPE_BOOL,                   \
		.fallback = (dflt), .help = (about),                           \
		.offset = SCEAU_CONF_OFFSET(settings, member, bool)            \
	}
#define SCEAU_CONF_NUMBER(settings, member, key, dflt, least, most, about)     \
	{                                                                      \
		.name = (key), .type = SCEAU_CONF_TYPE_NUMBER,                 \
		.fallback = (dflt), .min = (least), .max = (most),             \
		.help = (about),                                               \
		.offset = SCEAU_CONF_OFFSET(settings, member, uint64_t)        \
	}
#define SCEAU_CONF_DURATION(settings, member, key, dflt, least, most, about)   \
	{                                                                      \
		.name = (key), .type = SCEAU_CONF_TYPE_DURATION,               \
		.fallback = (dflt), .min = (least), .max = (most),             \
		.help = (about),                                               \
		.offset = SCEAU_CONF_OFFSET(settings, member, uint64_t)        \
	}
#define SCEAU_CONF_SIZE(settings, member, key, dflt, least, most, about)       \
	{                                                                      \
		.name = (key), .type = SCEAU_CONF_TYPE_SIZE,                   \
		.fallback = (dflt), .min = (least), .max = (most),             \
		.help = (about),                                               \
		.offset = SCEAU_CONF_OFFSET(settings, member, uint64_t)        \
	}
#define SCEAU_CONF_CHOICE(settings, member, key, dflt, words, about)           \
	{                                                                      \
		.name = (key), .type = SCEAU_CONF_TYPE_CHOICE,                 \
		.fallback = (dflt), .choices = (words), .help = (about),       \
		.offset = SCEAU_CONF_OFFSET(settings, member, int)             \
	}
#define SCEAU_CONF_LIST(settings, member, key, dflt, about)                    \
	{                                                                      \
		.name = (key), .type = SCEAU_CONF_TYPE_LIST,                   \
		.fallback = (dflt), .help = (about),                           \
		.offset = SCEAU_CONF_OFFSET(settings, member,                  \
		                            struct sceau_conf_list)            \
	}

/* A parse in progress, then the owner of every string and list it put into
   the settings structs. */
struct sceau_conf;

/* Start a parse. file is the name for messages (copied); areas[0..count) are
   copied, their tables and settings structs must outlive the conf object.
   NULL only when memory runs out. Free with sceau_conf_free. */
struct sceau_conf *sceau_conf_new(const char *file,
                                  const struct sceau_conf_area *areas,
                                  size_t count);

/* Give it the next len bytes of the file. Returns 0, or -1 with FAULT_CONFIG
   and "file:line: key: reason" (LINE is where the key stands); the object can
   then only be freed. Settings structs are not touched. */
int sceau_conf_feed(struct sceau_conf *conf, const char *data, size_t len,
                    struct sceau_err *err);

/* The file ended: write every setting, given or default, to its struct.
   Returns 0, or -1 as sceau_conf_feed (nothing was written). A default that
   its own row refuses is our bug and found here, too. */
int sceau_conf_finish(struct sceau_conf *conf, struct sceau_err *err);

/* Whether the file names this key, even with its default. */
bool sceau_conf_is_given(const struct sceau_conf *conf, const char *name);

/* Line on which the file names this key, 0 when it does not. For messages of
   checks that the schema cannot express. */
unsigned sceau_conf_line_of(const struct sceau_conf *conf, const char *name);

/* Fill err with "file:line: name: " and the printf-style reason (FAULT_CONFIG)
   and return -1. For such checks; without a line when the key is not given. */
int sceau_conf_fail(const struct sceau_conf *conf, const char *name,
                    struct sceau_err *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Append "key = value\n" for each setting whose value differs from its
   default, in the order of the tables. Only after sceau_conf_finish. Returns
   as sceau_buf_append. */
int sceau_conf_print_changed(const struct sceau_conf *conf,
                             struct sceau_buf *out);

/* Row of the named setting, NULL when no area has it. */
const struct sceau_conf_key *
sceau_conf_find(const struct sceau_conf_area *areas, size_t count,
                const char *name);

/* Name of a type as the manual writes it: "string", "duration", ... */
const char *sceau_conf_type_name(enum sceau_conf_type type);

/* Release the object with every string it owns and set *conf to NULL. NULL is
   allowed. The settings structs must not be read afterwards. */
void sceau_conf_free(struct sceau_conf **conf);

#endif
