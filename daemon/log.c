/* log.c - see log.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/log.h"

/* Longest piece for one byte: \xHH. */
#define ESCAPE_LEN 4
#define CUT_MARK "..."

static char log_ident[32] = "sceau";
static atomic_bool log_to_stderr = true;
static atomic_int log_level = SCEAU_LOG_INFO;

void sceau_log_open(const char *ident, bool to_stderr, int facility,
                    enum sceau_log_level level)
{
	/* syslog(3) keeps the pointer, and other threads may be using it. */
	if (strncmp(log_ident, ident, sizeof(log_ident) - 1) != 0)
		snprintf(log_ident, sizeof(log_ident), "%s", ident);
	atomic_store(&log_level, level);
	atomic_store(&log_to_stderr, to_stderr);
	if (!to_stderr)
		openlog(log_ident, LOG_PID | LOG_NDELAY, facility);
}

static int priority_of(enum sceau_log_level level)
{
	switch (level) {
	case SCEAU_LOG_ERROR:
		return LOG_ERR;
	case SCEAU_LOG_WARNING:
		return LOG_WARNING;
	case SCEAU_LOG_INFO:
		return LOG_INFO;
	case SCEAU_LOG_DEBUG:
		break;
	}
	return LOG_DEBUG;
}

/* Postfix's words; a plain line is information. */
static const char *label_of(enum sceau_log_level level)
{
	switch (level) {
	case SCEAU_LOG_ERROR:
		return "error: ";
	case SCEAU_LOG_WARNING:
		return "warning: ";
	case SCEAU_LOG_INFO:
		return "";
	case SCEAU_LOG_DEBUG:
		break;
	}
	return "debug: ";
}

/* Write one line that is safe already. */
static void put(enum sceau_log_level level, const char *text)
{
	char whole[SCEAU_LOG_MAX + 64];
	int saved = errno;

	if (atomic_load(&log_to_stderr)) {
		int n = snprintf(whole, sizeof(whole), "%s: %s%s\n", log_ident,
		                 label_of(level), text);

		/* One write, so that lines of threads do not mix. There is
		   nowhere to report a failure to. */
		ssize_t ignored = write(STDERR_FILENO, whole, (size_t)n);
		(void)ignored;
	} else {
		syslog(priority_of(level), "%s%s", label_of(level), text);
	}
	errno = saved;
}

static bool is_wanted(enum sceau_log_level level)
{
	return (int)level <= atomic_load(&log_level);
}

/* Length of the piece of text that is fine as it is; 0: escape a byte. */
static size_t plain_length(const char *text, size_t len, const char *also)
{
	size_t n = sceau_text_utf8_length(text, len);

	if (n == 1 && (text[0] == '\\' || strchr(also, text[0]) != NULL))
		return 0;
	return sceau_text_is_control(text, n) ? 0 : n;
}

/* As sceau_log_escape; *rest_r is how much of text did not fit. */
static size_t escape(struct sceau_slice text, const char *also, char *out,
                     size_t size, size_t *rest_r)
{
	size_t used = 0;

	while (text.len > 0) {
		size_t n = plain_length(text.data, text.len, also);
		size_t need = n == 0 ? ESCAPE_LEN : n;

		if (need >= size - used)
			break;
		if (n == 0) {
			snprintf(out + used, size - used, "\\x%02x",
			         (unsigned char)text.data[0]);
			n = 1;
		} else {
			memcpy(out + used, text.data, n);
		}
		used += need;
		text.data += n;
		text.len -= n;
	}
	out[used] = '\0';
	*rest_r = text.len;
	return used;
}

size_t sceau_log_escape(const char *text, size_t len, const char *also,
                        char *out, size_t size)
{
	size_t rest;

	return escape((struct sceau_slice){ text, len }, also, out, size,
	              &rest);
}

/* Escape text to the end of line, which has used bytes; what had to be cut
   (or was already) shows as "...". Returns the new length. */
static size_t append(char line[SCEAU_LOG_MAX], size_t used,
                     struct sceau_slice text, const char *also, bool is_cut)
{
	size_t room = SCEAU_LOG_MAX - used, rest, n;

	n = escape(text, also, line + used, room, &rest);
	if (rest == 0 && !is_cut)
		return used + n;
	if (room <= strlen(CUT_MARK))
		return used + n;
	n = escape(text, also, line + used, room - strlen(CUT_MARK), &rest);
	memcpy(line + used + n, CUT_MARK, sizeof(CUT_MARK));
	return used + n + strlen(CUT_MARK);
}

void sceau_log(enum sceau_log_level level, const char *fmt, ...)
{
	char raw[SCEAU_LOG_MAX], safe[SCEAU_LOG_MAX];
	va_list args;

	if (!is_wanted(level))
		return;
	va_start(args, fmt);
	int n = vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	if (n < 0)
		return;
	append(safe, 0, sceau_slice_of(raw), "", (size_t)n >= sizeof(raw));
	put(level, safe);
}

void sceau_log_line_init(struct sceau_log_line *line, const char *queue_id)
{
	line->used = 0;
	line->is_first = true;
	if (queue_id == NULL || queue_id[0] == '\0')
		queue_id = "NOQUEUE";
	line->used = append(line->text, 0, sceau_slice_of(queue_id), ":,",
	                    false);
}

/* `: name=` or `, name=` */
static void begin_field(struct sceau_log_line *line, const char *name,
                        const char *open)
{
	char text[80];

	snprintf(text, sizeof(text), "%s%s=%s", line->is_first ? ": " : ", ",
	         name, open);
	line->is_first = false;
	line->used = append(line->text, line->used, sceau_slice_of(text), "",
	                    false);
}

void sceau_log_line_add(struct sceau_log_line *line, const char *name,
                        const char *value)
{
	begin_field(line, name, "");
	line->used = append(line->text, line->used, sceau_slice_of(value), ",",
	                    false);
}

void sceau_log_line_add_address(struct sceau_log_line *line, const char *name,
                                const char *address)
{
	begin_field(line, name, "<");
	line->used = append(line->text, line->used, sceau_slice_of(address),
	                    ",<>", false);
	line->used = append(line->text, line->used, sceau_slice_of(">"), "",
	                    false);
}

void sceau_log_line_addf(struct sceau_log_line *line, const char *name,
                         const char *fmt, ...)
{
	char value[SCEAU_LOG_MAX];
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	begin_field(line, name, "");
	line->used = append(line->text, line->used,
	                    sceau_slice_of(n < 0 ? "" : value), ",",
	                    n >= (int)sizeof(value));
}

void sceau_log_line_send(const struct sceau_log_line *line,
                         enum sceau_log_level level)
{
	if (is_wanted(level))
		put(level, line->text);
}
