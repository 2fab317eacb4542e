/* test_listen.c - addresses, stale sockets, and what stands in the way
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/listen.h"

#define NOBODY 65534

static char dir[64];

static const struct {
	const char *text;
	int want_ret;
	const char *want; /* canonical text, or part of the error */
} addresses[] = {
	{ "unix:/run/x.sock", 0, "unix:/run/x.sock" },
	{ "inet:127.0.0.1:8891", 0, "inet:127.0.0.1:8891" },
	{ "inet:localhost:25", 0, "inet:127.0.0.1:25" },
	{ "inet:0.0.0.0:1", 0, "inet:0.0.0.0:1" },
	{ "inet6:[::1]:65535", 0, "inet6:[::1]:65535" },
	{ "inet6:[localhost]:1", 0, "inet6:[::1]:1" },
	{ "unix:run/x.sock", -1, "\"unix:run/x.sock\" must begin with /" },
	{ "unix:", -1, "must begin with /" },
	{ "/run/x.sock", -1, "is not of the form unix:/PATH, inet:" },
	{ "inet:127.0.0.1", -1, "is not of the form" },
	{ "inet:127.0.0.1:", -1, "is not of the form" },
	{ "inet:127.0.0.1:65536", -1, "is not of the form" },
	{ "inet:127.0.0.1:-1", -1, "is not of the form" },
	{ "inet:mail.example:25", -1, "is not of the form" },
	{ "inet:::1:25", -1, "is not of the form" },
	{ "inet6:::1:25", -1, "is not of the form" },
	{ "inet6:[::1]", -1, "is not of the form" },
	{ "inet6:[127.0.0.1]:25", -1, "is not of the form" },
	{ "inet6:[]:25", -1, "is not of the form" },
	{ "", -1, "is not of the form" },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct sceau_listen_address addr = { .text = "none" };
		struct sceau_err err = { .text = "" };
		int ret = sceau_listen_parse(addresses[i].text, &addr, &err);
		bool is_good = ret == addresses[i].want_ret;

		if (ret == 0)
			is_good &= strcmp(addr.text, addresses[i].want) == 0;
		else
			is_good &= strstr(err.text, addresses[i].want) !=
			                   NULL &&
			           strcmp(addr.text, "none") == 0 &&
			           err.fault == SCEAU_FAULT_CONFIG;
		if (!is_good)
			fail_msg("\"%s\": got %d \"%s\" \"%s\"",
			         addresses[i].text, ret, addr.text, err.text);
	}
}

static void test_path_length(void **state)
{
	struct sceau_listen_address addr;
	struct sceau_err err;
	char text[200];

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "unix:/", 6);
	text[5 + 107] = '\0';
	assert_int_equal(sceau_listen_parse(text, &addr, &err), 0);
	assert_int_equal(strlen(addr.path), 107);
	text[5 + 107] = 'a';
	text[5 + 108] = '\0';
	assert_int_equal(sceau_listen_parse(text, &addr, &err), -1);
	assert_non_null(strstr(err.text, "has 108 bytes, the system allows "
	                                 "107: use a shorter one"));
}

static struct sceau_listen_address in_dir(const char *name)
{
	struct sceau_listen_address addr;
	char text[128];

	snprintf(text, sizeof(text), "unix:%s/%s", dir, name);
	assert_int_equal(sceau_listen_parse(text, &addr, NULL), 0);
	return addr;
}

static void expect_open(const struct sceau_listen_address *addr,
                        enum sceau_fault want, const char *text)
{
	struct sceau_err err = { .text = "" };
	int fd = -7;
	int ret = sceau_listen_open(addr, &fd, &err);

	if (ret != -1 || fd != -7 || err.fault != want ||
	    strstr(err.text, text) == NULL ||
	    strncmp(err.text, addr->text, strlen(addr->text)) != 0)
		fail_msg("got %d fault %d \"%s\"\nwant \"%s\"", ret, err.fault,
		         err.text, text);
}

static void test_mode_and_flags(void **state)
{
	struct sceau_listen_address addr = in_dir("s");
	struct stat st;
	mode_t before = umask(007);
	int fd;

	(void)state;
	assert_int_equal(sceau_listen_check(&addr, NULL), 0);
	assert_int_equal(access(addr.path, F_OK), -1);
	assert_int_equal(sceau_listen_open(&addr, &fd, NULL), 0);
	umask(before);
	assert_int_equal(stat(addr.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0770);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);

	/* Somebody answers: not ours to remove, and -t is content. */
	expect_open(&addr, SCEAU_FAULT_TEMP, "another process listens there");
	assert_int_equal(access(addr.path, F_OK), 0);
	assert_int_equal(sceau_listen_check(&addr, NULL), 0);

	/* Nobody does any more: stale. */
	close(fd);
	assert_int_equal(sceau_listen_open(&addr, &fd, NULL), 0);
	close(fd);
	assert_int_equal(sceau_listen_clear_stale(&addr, NULL), 0);
	assert_int_equal(access(addr.path, F_OK), -1);
	assert_int_equal(sceau_listen_clear_stale(&addr, NULL), 0);
}

static void test_full_queue_is_in_use(void **state)
{
	struct sceau_listen_address addr = in_dir("full");
	int fd, clients[4];

	(void)state;
	assert_int_equal(sceau_listen_open(&addr, &fd, NULL), 0);
	assert_int_equal(listen(fd, 0), 0);
	for (int i = 0; i < 4; i++) {
		clients[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(clients[i], (struct sockaddr *)&addr.sockaddr,
		        addr.sockaddr_len);
	}
	expect_open(&addr, SCEAU_FAULT_TEMP, "another process listens there");
	for (int i = 0; i < 4; i++)
		close(clients[i]);
	close(fd);
	unlink(addr.path);
}

static void test_what_stands_in_the_way(void **state)
{
	struct sceau_listen_address addr = in_dir("file");
	struct sceau_err err;

	(void)state;
	int fd = open(addr.path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	expect_open(&addr, SCEAU_FAULT_CONFIG, "is not a socket: move it away");
	assert_int_equal(sceau_listen_check(&addr, &err), -1);
	assert_int_equal(access(addr.path, F_OK), 0);
	unlink(addr.path);

	addr = in_dir("none/s");
	expect_open(&addr, SCEAU_FAULT_CONFIG,
	            "/none does not exist: create it, writable for ");
	assert_int_equal(sceau_listen_check(&addr, &err), -1);
	assert_non_null(strstr(err.text, "/none does not exist"));
}

/* A directory of root's, a process of nobody's. */
static void test_no_permission(void **state)
{
	struct sceau_listen_address addr = in_dir("s");
	int status;

	(void)state;
	if (geteuid() != 0)
		return;
	pid_t pid = fork();
	if (pid == 0) {
		struct sceau_err err = { .text = "" };

		if (setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
			_exit(1);
		if (sceau_listen_check(&addr, &err) != -1 ||
		    strstr(err.text, "nobody may not create files in ") == NULL)
			_exit(2);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_inet(void **state)
{
	struct sceau_listen_address addr;
	struct sceau_err err;
	char text[64];
	int fd;

	(void)state;
	assert_int_equal(sceau_listen_parse("inet:192.0.2.77:0", &addr, NULL),
	                 0);
	expect_open(&addr, SCEAU_FAULT_CONFIG,
	            "this host does not have that address");
	assert_int_equal(sceau_listen_check(&addr, &err), -1);

	assert_int_equal(sceau_listen_parse("inet:127.0.0.1:0", &addr, NULL),
	                 0);
	assert_int_equal(sceau_listen_check(&addr, NULL), 0);
	assert_int_equal(sceau_listen_open(&addr, &fd, NULL), 0);
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	getsockname(fd, (struct sockaddr *)&in, &len);
	snprintf(text, sizeof(text), "inet:127.0.0.1:%u", ntohs(in.sin_port));
	assert_int_equal(sceau_listen_parse(text, &addr, NULL), 0);
	expect_open(&addr, SCEAU_FAULT_TEMP, "another process listens there");
	assert_int_equal(sceau_listen_check(&addr, NULL), 0);
	close(fd);
}

/* What systemd hands over (sd_listen_fds(3)). */
static void test_activation(void **state)
{
	struct sceau_listen_address addr = in_dir("activated");
	int status, fd;

	(void)state;
	assert_int_equal(sceau_listen_open(&addr, &fd, NULL), 0);
	pid_t pid = fork();
	if (pid == 0) {
		char number[16];
		struct sceau_err err = { .text = "" };
		int got = -1;

		snprintf(number, sizeof(number), "%d", (int)getpid());
		dup2(fd, 3);
		fcntl(3, F_SETFL, 0);
		setenv("LISTEN_PID", number, 1);
		setenv("LISTEN_FDS", "1", 1);
		if (sceau_listen_open(&addr, &got, &err) < 0 || got != 3 ||
		    !(fcntl(3, F_GETFL) & O_NONBLOCK) ||
		    !(fcntl(3, F_GETFD) & FD_CLOEXEC))
			_exit(1);
		/* Handed to another process than us: not ours. */
		setenv("LISTEN_PID", "1", 1);
		_exit(sceau_listen_open(&addr, &got, &err) == -1 ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(fd);
	unlink(addr.path);
}

static struct sceau_loop *loop;
static int accepted_fds[16];
static size_t accepted;
static size_t wanted;

static void on_accepted(void *ctx, int fd)
{
	(void)ctx;
	accepted_fds[accepted++] = fd;
	if (accepted == wanted)
		sceau_loop_stop(loop);
}

static int connect_to(const struct sceau_listen_address *addr)
{
	int fd = socket(addr->sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC,
	                0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&addr->sockaddr,
	                         addr->sockaddr_len),
	                 0);
	return fd;
}

static void close_accepted(void)
{
	while (accepted > 0)
		close(accepted_fds[--accepted]);
}

static void test_listener(void **state)
{
	struct sceau_listen_address addr = in_dir("l");
	struct sceau_err err = { .text = "" };

	(void)state;
	loop = sceau_loop_new(NULL);
	struct sceau_listener *listener = sceau_listener_new(
		loop, &addr, on_accepted, NULL, &err);
	assert_non_null(listener);
	assert_int_equal(sceau_listener_port(listener), 0);
	assert_null(sceau_listener_new(loop, &addr, on_accepted, NULL, &err));
	assert_int_equal(err.fault, SCEAU_FAULT_TEMP);
	wanted = 3;
	int clients[3];
	for (int i = 0; i < 3; i++)
		clients[i] = connect_to(&addr);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	for (int i = 0; i < 3; i++) {
		assert_true(fcntl(accepted_fds[i], F_GETFL) & O_NONBLOCK);
		assert_true(fcntl(accepted_fds[i], F_GETFD) & FD_CLOEXEC);
		close(clients[i]);
	}
	close_accepted();

	/* The path was taken over by another: it is left to it. */
	unlink(addr.path);
	int other;
	assert_int_equal(sceau_listen_open(&addr, &other, NULL), 0);
	sceau_listener_free(&listener);
	assert_null(listener);
	assert_int_equal(access(addr.path, F_OK), 0);
	close(other);

	listener = sceau_listener_new(loop, &addr, on_accepted, NULL, &err);
	sceau_listener_free(&listener);
	assert_int_equal(access(addr.path, F_OK), -1);
	sceau_loop_free(&loop);
}

static void stop(void *ctx)
{
	(void)ctx;
	sceau_loop_stop(loop);
}

static void free_a_descriptor(void *ctx)
{
	close(*(int *)ctx);
}

static void test_out_of_descriptors(void **state)
{
	struct sceau_listen_address addr;
	struct rlimit before, low;

	(void)state;
	loop = sceau_loop_new(NULL);
	assert_int_equal(sceau_listen_parse("inet:127.0.0.1:0", &addr, NULL),
	                 0);
	struct sceau_listener *listener = sceau_listener_new(
		loop, &addr, on_accepted, NULL, NULL);
	((struct sockaddr_in *)&addr.sockaddr)->sin_port = htons(
		(uint16_t)sceau_listener_port(listener));
	struct sceau_loop_timer *release, *guard;
	int spare = dup(0), client = connect_to(&addr);
	release = sceau_loop_timer_new(loop, free_a_descriptor, &spare, NULL);
	guard = sceau_loop_timer_new(loop, stop, NULL, NULL);

	/* No number below the limit is free: accept() fails with EMFILE. */
	int next = dup(0);
	close(next);
	getrlimit(RLIMIT_NOFILE, &before);
	low = before;
	low.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	wanted = 1;
	sceau_loop_timer_start(release, 300);
	sceau_loop_timer_start(guard, 5000);
	uint64_t begin = sceau_loop_now_ms();
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	uint64_t took = sceau_loop_now_ms() - begin;
	setrlimit(RLIMIT_NOFILE, &before);

	/* Accepted by the try after the pause, not by spinning. */
	assert_int_equal(accepted, 1);
	assert_in_range(took, 900, 4000);
	close_accepted();
	close(client);
	sceau_loop_timer_free(&release);
	sceau_loop_timer_free(&guard);
	sceau_listener_free(&listener);
	sceau_loop_free(&loop);
}

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/sceau-listen-XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : chmod(dir, 0755);
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_path_length),
		cmocka_unit_test(test_mode_and_flags),
		cmocka_unit_test(test_full_queue_is_in_use),
		cmocka_unit_test(test_what_stands_in_the_way),
		cmocka_unit_test(test_no_permission),
		cmocka_unit_test(test_inet),
		cmocka_unit_test(test_activation),
		cmocka_unit_test(test_listener),
		cmocka_unit_test(test_out_of_descriptors),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
