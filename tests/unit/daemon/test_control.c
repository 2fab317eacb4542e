/* test_control.c - good and bad lines, and peers that may not ask
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/control.h"

#define NOBODY 65534

static char dir[64];
static struct sceau_loop *loop;
static struct sceau_control *control;
static pthread_t server;

static int do_stats(void *ctx, const json_t *request, json_t *reply,
                    struct sceau_err *err)
{
	(void)err;
	assert_string_equal(ctx, "the ctx");
	json_object_set_new(reply, "asked",
	                    json_integer(json_integer_value(
				    json_object_get(request, "n"))));
	return 0;
}

static int do_fail(void *ctx, const json_t *request, json_t *reply,
                   struct sceau_err *err)
{
	(void)ctx;
	(void)request;
	json_object_set_new(reply, "half", json_true());
	return sceau_fail(err, SCEAU_FAULT_TEMP, "no \"such\" luck");
}

static int do_big(void *ctx, const json_t *request, json_t *reply,
                  struct sceau_err *err)
{
	char *text = calloc(1, 500001);

	(void)ctx;
	(void)request;
	(void)err;
	memset(text, 'x', 500000);
	json_object_set_new(reply, "text", json_string(text));
	free(text);
	return 0;
}

static void *serve(void *ctx)
{
	(void)ctx;
	sceau_loop_run(loop, NULL);
	return NULL;
}

static const char *socket_path(void)
{
	static char path[96];

	snprintf(path, sizeof(path), "%s/t.ctl", dir);
	return path;
}

static int start_server(const char *user)
{
	const char *const users[] = { user, "no-such-user-at-all" };

	loop = sceau_loop_new(NULL);
	control = sceau_control_new(loop, socket_path(), users, 2, NULL);
	if (control == NULL)
		return -1;
	sceau_control_add(control, "stats", do_stats, (void *)"the ctx", NULL);
	sceau_control_add(control, "fail", do_fail, NULL, NULL);
	sceau_control_add(control, "big", do_big, NULL, NULL);
	chmod(socket_path(), 0777);
	return pthread_create(&server, NULL, serve, NULL);
}

static void stop_server(void)
{
	sceau_loop_stop(loop);
	pthread_join(server, NULL);
	sceau_control_free(&control);
	sceau_loop_free(&loop);
}

static int set_up(void **state)
{
	(void)state;
	return start_server("daemon");
}

static int tear_down(void **state)
{
	(void)state;
	stop_server();
	return access(socket_path(), F_OK) == 0 ? -1 : 0;
}

static int client(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct timeval patience = { 10, 0 };

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", socket_path());
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) < 0)
		return -1;
	return fd;
}

/* Read one line, or to the end. */
static char *hear(int fd)
{
	static char line[600000];
	size_t used = 0;

	while (used + 1 < sizeof(line) && read(fd, line + used, 1) == 1 &&
	       line[used++] != '\n')
		;
	line[used] = '\0';
	return line;
}

static void tell(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
	                 strlen(text));
}

static const struct {
	const char *line;
	const char *want;
} lines[] = {
	{ "{\"do\":\"stats\",\"n\":7}\n", "{\"asked\":7,\"ok\":true}\n" },
	{ "{\"do\":\"fail\"}\n",
	  "{\"ok\":false,\"error\":\"no \\\"such\\\" luck\"}\n" },
	{ "{\"do\":\"dance\"}\n",
	  "{\"ok\":false,\"error\":\"cannot do \\\"dance\\\"\"}\n" },
	{ "{\"do\":7}\n", "{\"ok\":false,\"error\":\"not an object with a "
	                  "string named do\"}\n" },
	{ "[1,2]\n", "{\"ok\":false,\"error\":\"not an object with a string "
	             "named do\"}\n" },
	{ "{\"do\":\"stats\",\"do\":\"fail\"}\n",
	  "{\"ok\":false,\"error\":\"not JSON: duplicate object key near "
	  "'\\\"do\\\"'\"}\n" },
	{ "stats\n", "{\"ok\":false,\"error\":\"not JSON: '[' or '{' expected "
	             "near 'stats'\"}\n" },
	{ "\n", "{\"ok\":false,\"error\":\"not JSON: '[' or '{' expected near "
	        "end of file\"}\n" },
	{ "{\"do\":\"stats\"} x\n",
	  "{\"ok\":false,\"error\":\"not JSON: end of file expected near "
	  "'x'\"}\n" },
};

/* All on one connection: a bad line does not end it. */
static void test_lines(void **state)
{
	int fd = client();

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		tell(fd, lines[i].line);
		const char *got = hear(fd);
		if (strcmp(got, lines[i].want) != 0)
			fail_msg("row %zu: got %s", i, got);
	}
	close(fd);
}

static void test_two_at_once_and_in_pieces(void **state)
{
	int fd = client();

	(void)state;
	tell(fd, "{\"do\":\"stats\",\"n\":1}\n{\"do\":\"stats\",\"n\":2}\n{");
	assert_string_equal(hear(fd), "{\"asked\":1,\"ok\":true}\n");
	assert_string_equal(hear(fd), "{\"asked\":2,\"ok\":true}\n");
	usleep(20000);
	tell(fd, "\"do\":\"stats\"");
	usleep(20000);
	tell(fd, "}\n");
	assert_string_equal(hear(fd), "{\"asked\":0,\"ok\":true}\n");
	close(fd);
}

static void test_half_a_line_is_no_request(void **state)
{
	int fd = client();

	(void)state;
	tell(fd, "{\"do\":\"stats\"}");
	shutdown(fd, SHUT_WR);
	assert_string_equal(hear(fd), "");
	close(fd);
}

static void test_line_bound(void **state)
{
	char *line = malloc(SCEAU_CONTROL_LINE_MAX + 2);
	int fd = client();

	(void)state;
	memset(line, ' ', SCEAU_CONTROL_LINE_MAX + 2);
	memcpy(line, "{\"do\":\"stats\"}", 14);
	line[SCEAU_CONTROL_LINE_MAX] = '\n';
	line[SCEAU_CONTROL_LINE_MAX + 1] = '\0';
	tell(fd, line);
	assert_string_equal(hear(fd), "{\"asked\":0,\"ok\":true}\n");
	line[SCEAU_CONTROL_LINE_MAX] = ' ';
	tell(fd, line);
	assert_string_equal(hear(fd),
	                    "{\"ok\":false,\"error\":\"line is too long\"}\n");
	assert_string_equal(hear(fd), "");
	close(fd);
	free(line);
}

static void test_big_answer(void **state)
{
	int fd = client();

	(void)state;
	tell(fd, "{\"do\":\"big\"}\n");
	assert_int_equal(strlen(hear(fd)), 500000 + strlen("{\"text\":\"\",\"ok"
	                                                   "\":true}\n"));
	close(fd);
}

static void test_many_clients(void **state)
{
	int fds[40], served = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		fds[i] = client();
		assert_true(fds[i] >= 0);
	}
	for (int i = 0; i < 40; i++) {
		send(fds[i], "{\"do\":\"stats\"}\n", 15, MSG_NOSIGNAL);
		const char *got = hear(fds[i]);
		served += strstr(got, "\"ok\":true") != NULL;
		assert_true(strstr(got, "\"ok\":true") != NULL ||
		            strstr(got, "too many connections") != NULL);
	}
	assert_int_equal(served, 32);
	for (int i = 0; i < 40; i++)
		close(fds[i]);
}

/* What the user uid is told; the exit status tells it. */
static int ask_as(uid_t uid)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (setgid(uid) < 0 || setuid(uid) < 0)
			_exit(10);
		int fd = client();
		if (fd < 0)
			_exit(11);
		send(fd, "{\"do\":\"stats\"}\n", 15, MSG_NOSIGNAL);
		const char *got = hear(fd);
		if (strstr(got, "\"ok\":true") != NULL)
			_exit(0);
		_exit(strstr(got, "you may not use this socket") != NULL ? 1
		                                                         : 12);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void test_peers(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return;
	assert_int_equal(ask_as(0), 0);
	assert_int_equal(ask_as(1), 0); /* daemon, who was named */
	assert_int_equal(ask_as(NOBODY), 1);
	assert_int_equal(ask_as(2), 1);
}

static void test_path_errors(void **state)
{
	struct sceau_err err = { .text = "" };
	char path[300];

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[150] = '\0';
	assert_null(sceau_control_new(loop, path, NULL, 0, &err));
	assert_non_null(strstr(err.text, "use a shorter one"));
	assert_null(sceau_control_new(loop, socket_path(), NULL, 0, &err));
	assert_int_equal(err.fault, SCEAU_FAULT_TEMP);
}

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/sceau-control-XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : chmod(dir, 0755);
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

int main(void)
{
#define ON_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		ON_SERVER(test_lines),
		ON_SERVER(test_two_at_once_and_in_pieces),
		ON_SERVER(test_half_a_line_is_no_request),
		ON_SERVER(test_line_bound),
		ON_SERVER(test_big_answer),
		ON_SERVER(test_many_clients),
		ON_SERVER(test_peers),
		ON_SERVER(test_path_errors),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
