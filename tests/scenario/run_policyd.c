/* run_policyd.c - replay sessions of sceau-policyd from text.
 *
 * Each argument is a file of events and of what must come of them, a line
 * each ("#": comment). The clock moves only when the file says so.
 *
 *   limits            the lines up to "." are the limits file, taken over
 *   set NAME=VALUE    attributes of the requests from here on (several)
 *   ask [NAME=VALUE]  send a request, these attributes for this time only
 *   raw TEXT          send these bytes (\n and \0 are understood)
 *   clock +DURATION   time passes; "-": the clock is set back
 *   store WORD        memory: answers at once; late: on "answer" only;
 *                     failing: it has no answer
 *   answer            the late store answers what waits
 *   gone              the peer closes, another one comes
 *   < REPLY           this reply, and no other before it
 *   <none             no reply is left
 *   <closed           the session ended the connection
 *   log TEXT          the next line of the log holds TEXT
 *   nolog             no line is left
 *
 * Every file is played with input cut into pieces of 1, 7 and 4096 bytes.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "policy-daemon/session.h"

#define ATTRIBUTES_MAX 64
#define LATE_MAX 8
#define START_NS (1800000000ULL * SCEAU_RATE_NS_PER_S)

enum answers {
	AT_ONCE,
	LATE,
	FAILING
};

/* A store that answers as the scenario says, out of the one in memory. */
static struct {
	struct sceau_store store; /* first: it is the engine's struct */
	struct sceau_store *memory;
	enum answers answers;
	struct {
		struct sceau_store_answer answer;
		sceau_store_charge_fn *done;
		void *ctx;
	} late[LATE_MAX];
	size_t late_count;
} fake;

static struct {
	const char *file;
	unsigned line;
	size_t chunk;
	uint64_t now_ns;
	unsigned generation;
	char *attributes[ATTRIBUTES_MAX]; /* name=value */
	size_t count;
	struct sceau_buf replies, log; /* unread, a line each */
	struct sceau_buf input; /* unread by a session that waits */
	bool is_closed;
	struct sceau_policyd policyd;
	struct sceau_policyd_session session;
} play;

static void stop(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void stop(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%u: (pieces of %zu) ", play.file, play.line,
	        play.chunk);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\n");
	exit(1);
}

static void keep_answer(void *ctx, const struct sceau_store_answer *answer)
{
	struct sceau_store_answer *kept = ctx;

	*kept = *answer;
	kept->over = NULL;
	kept->over_count = 0;
}

static void fake_charge(struct sceau_store *store,
                        const struct sceau_store_request *request,
                        sceau_store_charge_fn *done, void *ctx)
{
	struct sceau_store_answer answer = { .failed = true };

	(void)store;
	switch (fake.answers) {
	case AT_ONCE:
		sceau_store_charge(fake.memory, request, done, ctx);
		return;
	case LATE:
		if (fake.late_count == LATE_MAX)
			stop("more than %d late answers", LATE_MAX);
		fake.late[fake.late_count].done = done;
		fake.late[fake.late_count].ctx = ctx;
		sceau_store_charge(fake.memory, request, keep_answer,
		                   &fake.late[fake.late_count++].answer);
		return;
	case FAILING:
		sceau_fail(&answer.err, SCEAU_FAULT_TEMP, "store is away");
		done(ctx, &answer);
		return;
	}
}

static void fake_cancel(struct sceau_store *store, const void *ctx)
{
	(void)store;
	for (size_t i = 0; i < fake.late_count; i++) {
		if (fake.late[i].ctx == ctx)
			fake.late[i].done = NULL;
	}
}

static const struct sceau_store_engine fake_engine = {
	.charge = fake_charge,
	.cancel = fake_cancel,
};

static void answer_late(void)
{
	size_t count = fake.late_count;

	fake.late_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (fake.late[i].done != NULL)
			fake.late[i].done(fake.late[i].ctx,
			                  &fake.late[i].answer);
	}
}

static uint64_t now_ns(void)
{
	return play.now_ns;
}

static void on_log(const struct sceau_log_line *line,
                   enum sceau_log_level level)
{
	static const char *const words[] = { "error", "warning", "info",
		                             "debug" };

	sceau_buf_appendf(&play.log, "%s: %s\n", words[level], line->text);
}

/* "action=X\n\n" becomes the line "X". */
static void on_reply(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	if (len < 10 || strncmp(text, "action=", 7) != 0 ||
	    strcmp(text + len - 2, "\n\n") != 0 || strlen(text) != len)
		stop("malformed reply \"%s\"", text);
	sceau_buf_append(&play.replies, text + 7, len - 8);
}

static void offer_input(void)
{
	while (play.input.used > 0 && !play.is_closed) {
		size_t n = play.input.used, used;
		struct sceau_err err;

		if (n > play.chunk)
			n = play.chunk;
		if (sceau_policyd_session_input(&play.session, play.input.data,
		                                n, &used, &err) < 0) {
			play.is_closed = true;
			sceau_buf_appendf(&play.log, "closed: %s\n", err.text);
		}
		sceau_buf_consume(&play.input, used);
		if (used < n)
			return;
	}
}

static void on_resume(void *ctx)
{
	(void)ctx;
	offer_input();
}

static const struct sceau_policyd_session_hooks hooks = {
	.reply = on_reply,
	.resume = on_resume,
};

static void connect_peer(void)
{
	play.is_closed = false;
	sceau_buf_clear(&play.input);
	sceau_policyd_session_init(&play.session, &play.policyd, &hooks, NULL);
}

static void set_attribute(struct sceau_slice word)
{
	const char *eq = memchr(word.data, '=', word.len);
	char *copy = strndup(word.data, word.len);

	if (eq == NULL || copy == NULL)
		stop("not name=value: %.*s", (int)word.len, word.data);
	size_t name = (size_t)(eq - word.data) + 1;
	for (size_t i = 0; i < play.count; i++) {
		if (strncmp(play.attributes[i], copy, name) == 0) {
			free(play.attributes[i]);
			play.attributes[i] = copy;
			return;
		}
	}
	if (play.count == ATTRIBUTES_MAX)
		stop("more than %d attributes", ATTRIBUTES_MAX);
	play.attributes[play.count++] = copy;
}

static void do_set(struct sceau_slice rest)
{
	struct sceau_slice word;

	while (sceau_slice_next_word(&rest, " ", &word))
		set_attribute(word);
}

/* Attributes of this time come first: of two, the first one counts. */
static void do_ask(struct sceau_slice rest)
{
	struct sceau_slice word;

	while (sceau_slice_next_word(&rest, " ", &word)) {
		sceau_buf_append(&play.input, word.data, word.len);
		sceau_buf_append(&play.input, "\n", 1);
	}
	for (size_t i = 0; i < play.count; i++)
		sceau_buf_appendf(&play.input, "%s\n", play.attributes[i]);
	sceau_buf_append(&play.input, "\n", 1);
	offer_input();
}

static void do_raw(struct sceau_slice rest)
{
	for (size_t i = 0; i < rest.len; i++) {
		char c = rest.data[i];

		if (c == '\\' && i + 1 < rest.len)
			c = rest.data[++i] == 'n' ? '\n' : '\0';
		sceau_buf_append(&play.input, &c, 1);
	}
	offer_input();
}

static void do_clock(struct sceau_slice rest)
{
	struct sceau_err err;
	uint64_t seconds = 0;
	char sign = rest.len > 0 ? rest.data[0] : '\0';

	rest.data++;
	rest.len--;
	if ((sign != '+' && sign != '-') ||
	    sceau_text_parse_duration(rest, &seconds, &err) < 0)
		stop("clock is +DURATION or -DURATION");
	seconds *= SCEAU_RATE_NS_PER_S;
	play.now_ns += sign == '+' ? seconds : -seconds;
}

static void do_store(struct sceau_slice rest)
{
	if (sceau_slice_is(rest, "memory"))
		fake.answers = AT_ONCE;
	else if (sceau_slice_is(rest, "late"))
		fake.answers = LATE;
	else if (sceau_slice_is(rest, "failing"))
		fake.answers = FAILING;
	else
		stop("store is memory, late or failing");
}

/* Take the first line of buf into out; false when there is none. */
static bool take_line(struct sceau_buf *buf, char *out, size_t size)
{
	const char *lf = buf->used > 0 ? memchr(buf->data, '\n', buf->used)
	                               : NULL;

	if (lf == NULL)
		return false;
	size_t len = (size_t)(lf - buf->data);
	snprintf(out, size, "%.*s", (int)len, buf->data);
	sceau_buf_consume(buf, len + 1);
	return true;
}

static void want_reply(struct sceau_slice want)
{
	char got[1024] = "(none)";

	take_line(&play.replies, got, sizeof(got));
	if (!sceau_slice_is(want, got))
		stop("got reply \"%s\", want \"%.*s\"", got, (int)want.len,
		     want.data);
}

static void want_log(struct sceau_slice want)
{
	char got[2048] = "(none)", text[1024];

	take_line(&play.log, got, sizeof(got));
	if (sceau_slice_copy(want, text, sizeof(text)) < 0 ||
	    strstr(got, text) == NULL)
		stop("got log line \"%s\", want one with \"%.*s\"", got,
		     (int)want.len, want.data);
}

static void want_none(const struct sceau_buf *buf)
{
	if (buf->used > 0)
		stop("got \"%.*s\", want nothing", (int)buf->used - 1,
		     buf->data);
}

static void do_gone(struct sceau_slice rest)
{
	(void)rest;
	sceau_policyd_session_deinit(&play.session);
	connect_peer();
}

static void do_answer(struct sceau_slice rest)
{
	(void)rest;
	answer_late();
}

static void want_no_reply(struct sceau_slice rest)
{
	(void)rest;
	want_none(&play.replies);
}

static void want_no_log(struct sceau_slice rest)
{
	(void)rest;
	want_none(&play.log);
}

static void want_closed(struct sceau_slice rest)
{
	(void)rest;
	if (!play.is_closed)
		stop("the connection is open");
}

static const struct {
	const char *word;
	void (*run)(struct sceau_slice rest);
} verbs[] = {
	{ "set", do_set },          { "ask", do_ask },
	{ "raw", do_raw },          { "clock", do_clock },
	{ "store", do_store },      { "answer", do_answer },
	{ "gone", do_gone },        { "<", want_reply },
	{ "<none", want_no_reply }, { "<closed", want_closed },
	{ "log", want_log },        { "nolog", want_no_log },
};

static void run_line(struct sceau_slice line)
{
	struct sceau_slice word, rest = line;

	if (!sceau_slice_next_word(&rest, " ", &word) || word.data[0] == '#')
		return;
	rest = sceau_slice_trim(rest);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (sceau_slice_is(word, verbs[i].word)) {
			verbs[i].run(rest);
			return;
		}
	}
	stop("what is \"%.*s\"?", (int)word.len, word.data);
}

static void take_limits(const char *text, size_t len)
{
	struct sceau_err err;
	struct sceau_policyd_limits *limits = sceau_policyd_limits_parse(
		"limits", text, len, play.generation++, &err);

	if (limits == NULL)
		stop("%s", err.text);
	sceau_policyd_limits_unref(&play.policyd.limits);
	play.policyd.limits = limits;
}

static void run_text(const char *text, size_t len)
{
	const char *limits = NULL;
	size_t pos = 0;

	while (pos < len) {
		const char *lf = memchr(text + pos, '\n', len - pos);
		size_t end = lf != NULL ? (size_t)(lf - text) : len;
		struct sceau_slice line = { text + pos, end - pos };

		play.line++;
		if (limits != NULL && sceau_slice_is(line, ".")) {
			take_limits(limits, (size_t)(line.data - limits));
			limits = NULL;
		} else if (limits == NULL && sceau_slice_is(line, "limits")) {
			limits = line.data + line.len + 1;
		} else if (limits == NULL) {
			run_line(line);
		}
		pos = end + 1;
	}
	want_none(&play.replies);
}

static void run_file(const char *file, size_t chunk)
{
	static char text[65536];
	FILE *f = fopen(file, "r");

	memset(&play, 0, sizeof(play));
	play.file = file;
	play.chunk = chunk;
	play.now_ns = START_NS;
	if (f == NULL)
		stop("cannot be opened");
	size_t len = fread(text, 1, sizeof(text), f);
	fclose(f);

	memset(&fake, 0, sizeof(fake));
	fake.store.engine = &fake_engine;
	fake.memory = sceau_store_memory_new(1000, NULL);
	play.policyd.store = &fake.store;
	play.policyd.now_ns = now_ns;
	play.policyd.log = on_log;
	sceau_buf_init(&play.replies, 1U << 20);
	sceau_buf_init(&play.log, 1U << 20);
	sceau_buf_init(&play.input, 1U << 20);
	take_limits("", 0);
	connect_peer();
	run_text(text, len);

	sceau_policyd_session_deinit(&play.session);
	sceau_policyd_limits_unref(&play.policyd.limits);
	sceau_store_free(&fake.memory);
	sceau_buf_deinit(&play.replies);
	sceau_buf_deinit(&play.log);
	sceau_buf_deinit(&play.input);
	for (size_t i = 0; i < play.count; i++)
		free(play.attributes[i]);
}

int main(int argc, char **argv)
{
	static const size_t chunks[] = { 1, 7, 4096 };

	if (argc < 2) {
		fprintf(stderr, "usage: run_policyd FILE...\n");
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		for (size_t c = 0; c < sizeof(chunks) / sizeof(chunks[0]); c++)
			run_file(argv[i], chunks[c]);
		printf("%s: as written\n", argv[i]);
	}
	return 0;
}
