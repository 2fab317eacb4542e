/* control.c - see control.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/conn.h"
#include "daemon/control.h"
#include "daemon/listen.h"
#include "daemon/log.h"

#define ANSWER_MAX (1U << 20)
#define CLIENTS_MAX 32
#define IDLE_MS 60000
#define VERBS_MAX 16

struct verb {
	char name[32];
	sceau_control_fn *fn;
	void *ctx;
};

struct client {
	struct sceau_control *control;
	struct sceau_conn *conn;
	struct client *next;
};

struct sceau_control {
	struct sceau_loop *loop;
	struct sceau_listener *listener;
	struct client *clients;
	size_t client_count;
	struct verb verbs[VERBS_MAX];
	size_t verb_count;
	uid_t uids[SCEAU_CONTROL_USERS_MAX];
	size_t uid_count;
};

static void drop(struct client *client)
{
	struct client **at = &client->control->clients;

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	client->control->client_count--;
	sceau_conn_free(&client->conn);
	free(client);
}

/* Send answer (taken over) as a line. Returns -1 when the client is lost. */
static int send_answer(struct client *client, json_t *answer)
{
	char *line = answer == NULL ? NULL : json_dumps(answer, JSON_COMPACT);
	int ret = -1;

	json_decref(answer);
	if (line != NULL &&
	    sceau_conn_write(client->conn, line, strlen(line)) == 0 &&
	    sceau_conn_write(client->conn, "\n", 1) == 0)
		ret = 0;
	free(line);
	return ret;
}

static json_t *make_error(const char *text)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", text);
}

static const struct verb *find_verb(const struct sceau_control *control,
                                    const char *name)
{
	for (size_t i = 0; i < control->verb_count; i++) {
		if (strcmp(control->verbs[i].name, name) == 0)
			return &control->verbs[i];
	}
	return NULL;
}

/* The answer to one line; NULL when memory ran out. */
static json_t *answer_line(const struct sceau_control *control,
                           const char *line, size_t len)
{
	json_error_t why;
	struct sceau_err err = { .text = "" };
	json_t *request = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
	const char *name = json_string_value(json_object_get(request, "do"));
	const struct verb *verb = name == NULL ? NULL
	                                       : find_verb(control, name);
	json_t *answer = NULL;

	if (request == NULL) {
		sceau_fail(&err, SCEAU_FAULT_PEER, "not JSON: %s", why.text);
	} else if (name == NULL) {
		sceau_fail(&err, SCEAU_FAULT_PEER,
		           "not an object with a string named do");
	} else if (verb == NULL) {
		sceau_fail(&err, SCEAU_FAULT_PEER, "cannot do \"%s\"", name);
	} else {
		answer = json_object();
		if (answer == NULL ||
		    verb->fn(verb->ctx, request, answer, &err) < 0 ||
		    json_object_set_new(answer, "ok", json_true()) < 0) {
			json_decref(answer);
			answer = NULL;
		}
	}
	json_decref(request);
	return answer == NULL ? make_error(err.text) : answer;
}

static size_t on_input(void *ctx, struct sceau_conn *conn, const char *data,
                       size_t len)
{
	struct client *client = ctx;
	const char *end = memchr(data, '\n', len);
	size_t line_len = end == NULL ? len : (size_t)(end - data);

	if (line_len > SCEAU_CONTROL_LINE_MAX) {
		if (send_answer(client, make_error("line is too long")) < 0)
			drop(client);
		else
			sceau_conn_finish(conn);
		return 0;
	}
	if (end == NULL)
		return 0;
	if (send_answer(client, answer_line(client->control, data, line_len)) <
	    0) {
		drop(client);
		return 0;
	}
	return line_len + 1;
}

static void on_ended(void *ctx, struct sceau_conn *conn,
                     const struct sceau_err *why)
{
	(void)conn;
	(void)why;
	drop(ctx);
}

static const struct sceau_conn_hooks hooks = { on_input, on_ended };

static bool may_connect(const struct sceau_control *control, uid_t uid)
{
	if (uid == 0 || uid == geteuid())
		return true;
	for (size_t i = 0; i < control->uid_count; i++) {
		if (control->uids[i] == uid)
			return true;
	}
	return false;
}

/* Why this peer may not go on, NULL when it may. */
static const char *refusal(const struct sceau_control *control, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0) {
		sceau_log(SCEAU_LOG_WARNING, "control: SO_PEERCRED: %s",
		          strerror(errno));
		return "cannot tell who you are";
	}
	if (!may_connect(control, peer.uid)) {
		sceau_log(SCEAU_LOG_WARNING, "control: refused uid %u (pid %d)",
		          (unsigned)peer.uid, (int)peer.pid);
		return "you may not use this socket";
	}
	if (control->client_count > CLIENTS_MAX)
		return "too many connections";
	return NULL;
}

static void on_accepted(void *ctx, int fd)
{
	struct sceau_control *control = ctx;
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL) {
		close(fd);
		return;
	}
	client->conn = sceau_conn_new(control->loop, fd,
	                              SCEAU_CONTROL_LINE_MAX + 1, ANSWER_MAX,
	                              &hooks, client, NULL);
	if (client->conn == NULL) {
		close(fd);
		free(client);
		return;
	}
	client->control = control;
	client->next = control->clients;
	control->clients = client;
	control->client_count++;
	sceau_conn_set_idle(client->conn, IDLE_MS);

	const char *why = refusal(control, fd);
	if (why == NULL)
		return;
	if (send_answer(client, make_error(why)) < 0)
		drop(client);
	else
		sceau_conn_finish(client->conn);
}

static void add_users(struct sceau_control *control, const char *const *users,
                      size_t count)
{
	assert(count <= SCEAU_CONTROL_USERS_MAX);
	for (size_t i = 0; i < count; i++) {
		struct passwd *user = getpwnam(users[i]);

		if (user != NULL)
			control->uids[control->uid_count++] = user->pw_uid;
	}
}

struct sceau_control *sceau_control_new(struct sceau_loop *loop,
                                        const char *path,
                                        const char *const *users, size_t count,
                                        struct sceau_err *err)
{
	struct sceau_control *control = calloc(1, sizeof(*control));
	struct sceau_listen_address addr;
	char text[256];

	if (control == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	control->loop = loop;
	add_users(control, users, count);
	snprintf(text, sizeof(text), "unix:%s", path);
	if (sceau_listen_parse(text, &addr, err) == 0)
		control->listener = sceau_listener_new(loop, &addr, on_accepted,
		                                       control, err);
	if (control->listener == NULL)
		sceau_control_free(&control);
	return control;
}

int sceau_control_add(struct sceau_control *control, const char *name,
                      sceau_control_fn *fn, void *ctx, struct sceau_err *err)
{
	struct verb *verb = &control->verbs[control->verb_count];

	assert(find_verb(control, name) == NULL);
	if (control->verb_count == VERBS_MAX ||
	    strlen(name) >= sizeof(verb->name))
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "control: no room for %s", name);
	snprintf(verb->name, sizeof(verb->name), "%s", name);
	verb->fn = fn;
	verb->ctx = ctx;
	control->verb_count++;
	return 0;
}

void sceau_control_free(struct sceau_control **control)
{
	struct sceau_control *old = *control;

	*control = NULL;
	if (old == NULL)
		return;
	while (old->clients != NULL)
		drop(old->clients);
	sceau_listener_free(&old->listener);
	free(old);
}
