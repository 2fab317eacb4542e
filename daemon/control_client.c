/* control_client.c - see control_client.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "daemon/control.h"
#include "daemon/control_client.h"
#include "daemon/loop.h"

#define ANSWER_MAX (1U << 21)

struct sceau_control_client {
	int fd;
	char path[108];
	struct sceau_buf in;
};

static int fail_connect(const char *path, int why, struct sceau_err *err)
{
	if (why == ENOENT || why == ECONNREFUSED)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "%s: nobody answers there; is the daemon "
		                  "running?",
		                  path);
	if (why == EACCES)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: you may not use it; try as root", path);
	return sceau_fail(err, SCEAU_FAULT_TEMP, "%s: %s", path, strerror(why));
}

static int connect_to(const char *path, struct sceau_err *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "socket: %s",
		                  strerror(errno));
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	int why = errno;
	close(fd);
	return fail_connect(path, why, err);
}

struct sceau_control_client *sceau_control_client_new(const char *directory,
                                                      const char *name,
                                                      struct sceau_err *err)
{
	struct sceau_control_client *client = calloc(1, sizeof(*client));

	if (client == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	int n = snprintf(client->path, sizeof(client->path), "%s/%s.ctl",
	                 directory, name);
	if (n < 0 || (size_t)n >= sizeof(client->path)) {
		sceau_fail(err, SCEAU_FAULT_CONFIG,
		           "control_directory: the path is too long");
		free(client);
		return NULL;
	}
	client->fd = connect_to(client->path, err);
	if (client->fd < 0) {
		free(client);
		return NULL;
	}
	sceau_buf_init(&client->in, ANSWER_MAX);
	return client;
}

static int send_all(struct sceau_control_client *client, const char *data,
                    size_t len, struct sceau_err *err)
{
	while (len > 0) {
		ssize_t n = send(client->fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sceau_fail(err, SCEAU_FAULT_TEMP, "%s: %s",
			                  client->path, strerror(errno));
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Wait for more bytes. Returns 1 when they are in client->in. */
static int read_more(struct sceau_control_client *client, uint64_t until_ms,
                     struct sceau_err *err)
{
	struct pollfd fd = { .fd = client->fd, .events = POLLIN };
	uint64_t now_ms = sceau_loop_now_ms();
	char part[16384];
	ssize_t n;

	if (now_ms >= until_ms || poll(&fd, 1, (int)(until_ms - now_ms)) == 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "%s: no answer",
		                  client->path);
	n = read(client->fd, part, sizeof(part));
	if (n < 0 && errno == EINTR)
		return 1;
	if (n <= 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "%s: %s", client->path,
		                  n == 0 ? "the daemon hung up"
		                         : strerror(errno));
	if (sceau_buf_append(&client->in, part, (size_t)n) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "%s: the answer is too long", client->path);
	return 1;
}

/* What the line says. */
static int take_answer(struct sceau_control_client *client, size_t len,
                       json_t **answer_r, struct sceau_err *err)
{
	json_t *answer = json_loadb(client->in.data, len, 0, NULL);
	const char *error;

	sceau_buf_consume(&client->in, len + 1);
	if (json_is_true(json_object_get(answer, "ok"))) {
		*answer_r = answer;
		return 0;
	}
	error = json_string_value(json_object_get(answer, "error"));
	sceau_fail(err, SCEAU_FAULT_PEER, "%s",
	           error != NULL ? error : "an answer that is none");
	json_decref(answer);
	return -1;
}

int sceau_control_client_call(struct sceau_control_client *client,
                              const json_t *request, json_t **answer_r,
                              struct sceau_err *err)
{
	char *line = json_dumps(request, JSON_COMPACT);
	uint64_t until_ms = sceau_loop_now_ms() + SCEAU_CONTROL_CLIENT_WAIT_MS;
	int ret = 0;

	if (line == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	if (strlen(line) > SCEAU_CONTROL_LINE_MAX)
		ret = sceau_fail(err, SCEAU_FAULT_LIMIT,
		                 "the request is too long");
	if (ret == 0)
		ret = send_all(client, line, strlen(line), err);
	if (ret == 0)
		ret = send_all(client, "\n", 1, err);
	free(line);
	while (ret >= 0) {
		const char *end = client->in.used == 0
		                          ? NULL
		                          : memchr(client->in.data, '\n',
		                                   client->in.used);

		if (end != NULL)
			return take_answer(client,
			                   (size_t)(end - client->in.data),
			                   answer_r, err);
		ret = read_more(client, until_ms, err);
	}
	return -1;
}

void sceau_control_client_free(struct sceau_control_client **client)
{
	struct sceau_control_client *old = *client;

	*client = NULL;
	if (old == NULL)
		return;
	close(old->fd);
	sceau_buf_deinit(&old->in);
	free(old);
}
