/* spf2.c - see spf2.h; the messages are in spf2_wire.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/spf2.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/spf2_guard.h"
#include "auth/spf_record.h"
#include "base/buf.h"
#include "daemon/spf2_wire.h"

#define PATH_SIZE 4096
/* Of a program whose libraries are missing. */
#define EXIT_CANNOT_RUN 127

/* One check under way. */
struct run {
	struct sceau_resolve_desk *desk;
	struct sceau_spf_result *result;
	uint64_t ends_ms;
	pid_t pid;
	int fd;
	struct sceau_buf message;
	bool is_done;
	bool cannot_run; /* the program was not even started */
};

__attribute__((format(printf, 3, 4))) static void
end_with(struct run *run, enum sceau_spf_code code, const char *fmt, ...)
{
	va_list args;

	run->is_done = true;
	run->result->code = code;
	va_start(args, fmt);
	vsnprintf(run->result->reason, sizeof(run->result->reason), fmt, args);
	va_end(args);
	for (char *c = run->result->reason; *c != '\0'; c++) {
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
	}
}

static uint64_t time_left(const struct run *run)
{
	uint64_t now_ms = sceau_loop_now_ms();

	return run->ends_ms > now_ms ? run->ends_ms - now_ms : 0;
}

/* --- the child --- */

/* Where the program is, from where we are. */
static int find_program(char path[PATH_SIZE], struct sceau_err *err)
{
	static const char *const places[] = {
		"../libexec/sceau/" SCEAU_SPF2_PROGRAM,
		"../daemon/" SCEAU_SPF2_PROGRAM,
	};
	char self[PATH_SIZE];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "/proc/self/exe: %s",
		                  strerror(errno));
	self[len] = '\0';
	char *slash = strrchr(self, '/');
	if (slash != NULL)
		slash[1] = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, PATH_SIZE, "%s%s", self, places[i]);
		if (access(path, X_OK) == 0)
			return 0;
	}
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  SCEAU_SPF2_PROGRAM " is not installed: no %.200s%s",
	                  self, places[0]);
}

static int spawn(struct run *run, const char *path, int fd,
                 struct sceau_err *err)
{
	char *argv[] = { (char[]){ SCEAU_SPF2_PROGRAM }, NULL };
	char *envp[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	/* libmilter's connections are not close-on-exec. */
	posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK |
	                                              POSIX_SPAWN_SETPGROUP);
	int code = posix_spawn(&run->pid, path, &actions, &attributes, argv,
	                       envp);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return code == 0 ? 0
	                 : sceau_fail(err, SCEAU_FAULT_TEMP, "%s: %s", path,
	                              strerror(code));
}

static int start_child(struct run *run, struct sceau_err *err)
{
	char path[PATH_SIZE];
	int pair[2];

	if (find_program(path, err) < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "socketpair: %s",
		                  strerror(errno));
	int ret = spawn(run, path, pair[1], err);
	close(pair[1]);
	run->fd = pair[0];
	return ret;
}

/* The child has closed its end; the library may have killed it. One that only
   pretends is killed now, which changes nothing for one that is dying. */
static void end_dead(struct run *run)
{
	int status = 0;

	kill(-run->pid, SIGKILL);
	if (waitpid(run->pid, &status, 0) == run->pid)
		run->pid = 0;
	if (WIFSIGNALED(status))
		end_with(run, SCEAU_SPF_PERMERROR,
		         "libspf2 died of this record (signal %d)",
		         WTERMSIG(status));
	else
		end_with(run, SCEAU_SPF_PERMERROR,
		         "libspf2 gave this record up");
	run->cannot_run = WIFEXITED(status) &&
	                  WEXITSTATUS(status) == EXIT_CANNOT_RUN;
}

static void stop_child(struct run *run)
{
	if (run->fd >= 0)
		close(run->fd);
	if (run->pid > 0) {
		kill(-run->pid, SIGKILL);
		waitpid(run->pid, NULL, 0);
	}
}

static void send_message(struct run *run)
{
	const struct sceau_buf *message = &run->message;

	if (message->failed ||
	    send(run->fd, message->data, message->used, MSG_NOSIGNAL) < 0)
		end_dead(run);
}

/* --- a question --- */

/* A decider of one question; what it is answered becomes a message. */
struct one {
	struct run *run;
	const char *name;
	enum sceau_dns_type type;
	bool is_asked;
};

static void put_data(struct run *run, const void *data, size_t len)
{
	uint32_t size = (uint32_t)len;

	sceau_buf_append(&run->message, &size, sizeof(size));
	sceau_buf_append(&run->message, data, len);
}

static void put_text(struct run *run, const struct sceau_dns_record *record)
{
	struct sceau_err err;
	struct sceau_buf text;

	sceau_buf_init(&text, SCEAU_SPF2_MESSAGE_MAX);
	if (sceau_dns_record_text(record, &text, NULL) == 0) {
		struct sceau_slice slice = { sceau_buf_text(&text), text.used };

		if (!sceau_spf_record_is(slice)) {
			if (sceau_spf2_guard_text(slice))
				put_data(run, slice.data, slice.len);
		} else if (sceau_spf2_guard_record(slice, &err) < 0) {
			end_with(run, SCEAU_SPF_PERMERROR, "%s", err.text);
		} else {
			put_data(run, slice.data, slice.len);
		}
	}
	sceau_buf_deinit(&text);
}

static void put_record(struct run *run, enum sceau_dns_type type,
                       const struct sceau_dns_record *record)
{
	char name[2 + SCEAU_DNS_NAME_SIZE];
	uint16_t preference;

	switch (type) {
	case SCEAU_DNS_TXT:
		put_text(run, record);
		break;
	case SCEAU_DNS_PTR:
		if (sceau_dns_record_name(record, name, NULL) == 0)
			put_data(run, name, strlen(name));
		break;
	case SCEAU_DNS_MX:
		if (sceau_dns_record_mx(record, &preference, name + 2, NULL) ==
		    0) {
			memcpy(name, &preference, 2);
			put_data(run, name, 2 + strlen(name + 2));
		}
		break;
	default:
		if (sceau_dns_record_address(record, type) != NULL)
			put_data(run, record->data, record->len);
		break;
	}
}

static int ask_one(void *state, struct sceau_dns_question *question_r)
{
	struct one *one = state;

	if (one->is_asked)
		return 0;
	one->is_asked = true;
	*question_r = (struct sceau_dns_question){ .name = one->name,
		                                   .type = one->type };
	return 1;
}

static void answer_one(void *state, unsigned id,
                       const struct sceau_dns_answer *answer)
{
	struct one *one = state;
	struct run *run = one->run;
	char head[2] = { SCEAU_SPF2_ANSWER, (char)answer->status };
	/* RFC 7208 4.6.4: names of a client beyond the tenth are ignored. */
	size_t most = one->type == SCEAU_DNS_PTR ? SCEAU_SPF_NAMES_MAX
	                                         : answer->count;

	(void)id;
	sceau_buf_clear(&run->message);
	sceau_buf_append(&run->message, head, sizeof(head));
	for (size_t i = 0; i < answer->count && i < most; i++)
		put_record(run, one->type, &answer->records[i]);
}

static const struct sceau_dns_decider one_decider = {
	.ask = ask_one,
	.answer = answer_one,
};

static void ask_dns(struct run *run, const char *name, enum sceau_dns_type type)
{
	struct one one = { .run = run, .name = name, .type = type };
	struct sceau_err err;
	struct sceau_resolve_job *job = sceau_resolve_job_new(
		run->desk, &one_decider, &one, time_left(run), &err);

	if (job == NULL) {
		end_with(run, SCEAU_SPF_TEMPERROR, "%s", err.text);
		return;
	}
	sceau_resolve_job_wait(job);
	sceau_resolve_job_free(&job);
	if (!run->is_done)
		send_message(run);
}

static void take_question(struct run *run, const char *data, size_t len)
{
	char name[SCEAU_DNS_NAME_SIZE];
	uint16_t type;

	if (len < 5 || data[len - 1] != '\0') {
		end_with(run, SCEAU_SPF_PERMERROR, "libspf2 asks nonsense");
		return;
	}
	memcpy(&type, data + 1, 2);
	if (run->result->questions == SCEAU_SPF_QUESTIONS_MAX) {
		end_with(run, SCEAU_SPF_PERMERROR, "more than %d DNS questions",
		         SCEAU_SPF_QUESTIONS_MAX);
		return;
	}
	run->result->questions++;
	if (sceau_dns_name_escape(sceau_slice_of(data + 3), name) < 0)
		name[0] = '\0'; /* no name: it does not exist */
	ask_dns(run, name, (enum sceau_dns_type)type);
}

/* Copy a text of the child, as printable as our own are. Returns what follows
   it. */
static const char *take_text(const char *at, const char *stop, char *out,
                             size_t size)
{
	size_t used = 0;

	for (; at < stop && *at != '\0'; at++) {
		if (used < size - 1)
			out[used++] = (char)(*at < 0x20 || *at > 0x7e ? '?'
			                                              : *at);
	}
	out[used] = '\0';
	return at < stop ? at + 1 : at;
}

static void take_result(struct run *run, const char *data, size_t len)
{
	struct sceau_spf_result *result = run->result;
	const char *at = data + 2, *stop = data + len;

	if (len < 2 || data[1] < SCEAU_SPF_NONE ||
	    data[1] > SCEAU_SPF_PERMERROR) {
		end_with(run, SCEAU_SPF_PERMERROR, "libspf2 says nonsense");
		return;
	}
	run->is_done = true;
	result->code = (enum sceau_spf_code)data[1];
	at = take_text(at, stop, result->explanation,
	               sizeof(result->explanation));
	take_text(at, stop, result->reason, sizeof(result->reason));
}

/* --- the check --- */

static void put_slice(struct run *run, struct sceau_slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = (char)(text.data[i] == '\0' ? '?' : text.data[i]);

		sceau_buf_append(&run->message, &c, 1);
	}
}

static void call(struct run *run, const struct sceau_spf_request *request)
{
	bool is_helo = request->is_helo || request->domain.len == 0;
	struct sceau_slice postmaster = sceau_slice_of("postmaster");
	struct sceau_buf *message = &run->message;
	char ip[SCEAU_IP_TEXT_MAX];

	sceau_ip_print(&request->ip, ip);
	sceau_buf_appendf(message, "%c%s", SCEAU_SPF2_CALL, ip);
	sceau_buf_append(message, "", 1);
	put_slice(run, request->helo);
	sceau_buf_append(message, "", 1);
	put_slice(run, is_helo || request->local.len == 0 ? postmaster
	                                                  : request->local);
	sceau_buf_append_text(message, "@");
	put_slice(run, is_helo ? request->helo : request->domain);
	sceau_buf_append(message, "", 1);
	put_slice(run, request->receiver);
	sceau_buf_append(message, "", 1);
	send_message(run);
}

static void take_message(struct run *run, char *data)
{
	struct pollfd fd = { .fd = run->fd, .events = POLLIN };
	int ready = poll(&fd, 1, (int)time_left(run));

	if (ready < 0 && errno == EINTR)
		return;
	if (ready <= 0) {
		end_with(run, SCEAU_SPF_TEMPERROR, "time is up");
		return;
	}
	ssize_t got = recv(run->fd, data, SCEAU_SPF2_MESSAGE_MAX, 0);
	if (got <= 0)
		end_dead(run);
	else if (data[0] == SCEAU_SPF2_QUESTION)
		take_question(run, data, (size_t)got);
	else
		take_result(run, data, (size_t)got);
}

static int make_check(struct run *run, const struct sceau_spf_request *request,
                      struct sceau_err *err)
{
	char *data = malloc(SCEAU_SPF2_MESSAGE_MAX);

	if (data == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	int ret = start_child(run, err);
	if (ret == 0) {
		call(run, request);
		while (!run->is_done)
			take_message(run, data);
	}
	stop_child(run);
	free(data);
	if (run->cannot_run)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  SCEAU_SPF2_PROGRAM
		                  " cannot run: is libspf2 installed?");
	return ret;
}

/* What the library would get wrong before any record: which domain it is, and
   that every client on loopback passes. Returns whether that settles it. */
static bool settle(const struct sceau_spf_request *request,
                   struct sceau_spf_result *result)
{
	struct sceau_spf *spf = sceau_spf_new(request);

	if (spf == NULL)
		return false;
	memcpy(result->domain, sceau_spf_result(spf)->domain,
	       sizeof(result->domain));
	if (result->domain[0] == '\0')
		*result = *sceau_spf_result(spf);
	sceau_spf_free(&spf);
	if (result->domain[0] != '\0' && sceau_ip_is_loopback(&request->ip)) {
		snprintf(result->reason, sizeof(result->reason),
		         "libspf2 cannot judge clients on loopback");
		return true;
	}
	return result->domain[0] == '\0';
}

int sceau_spf2_find(struct sceau_err *err)
{
	char path[PATH_SIZE];

	return find_program(path, err);
}

int sceau_spf2_check(struct sceau_resolve_desk *desk,
                     const struct sceau_spf_request *request,
                     uint64_t deadline_ms, struct sceau_spf_result *result_r,
                     struct sceau_err *err)
{
	struct sceau_spf_result result = { .code = SCEAU_SPF_NONE };
	struct run run = { .desk = desk,
		           .result = &result,
		           .ends_ms = sceau_loop_now_ms() + deadline_ms,
		           .fd = -1 };
	int ret = 0;

	if (!settle(request, &result)) {
		sceau_buf_init(&run.message, SCEAU_SPF2_MESSAGE_MAX);
		ret = make_check(&run, request, err);
		sceau_buf_deinit(&run.message);
	}
	if (ret == 0)
		*result_r = result;
	return ret;
}
