/* test_start.c - a small daemon, started for real in child processes
 *
 * As root the children become "nobody"; started by anybody else they stay who
 * they are, and the rows about the change of user are left out.
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/start.h"

#define OPEN_FAILS "policy_listen = unix:/open-fails\n"

static char dir[64];
static char output[8192]; /* stdout and stderr of the last child */
static const char *given_role = "none";

static int take_option(struct sceau_daemon *daemon, const char *name,
                       const char *value, struct sceau_err *err)
{
	(void)daemon;
	(void)name;
	if (strcmp(value, "mx") != 0 && strcmp(value, "half") != 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "not a role");
	given_role = value;
	return 0;
}

static int complete(struct sceau_daemon *daemon, struct sceau_err *err)
{
	(void)daemon;
	if (strcmp(given_role, "half") == 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "half a role");
	return 0;
}

static int configure(struct sceau_daemon *daemon, struct sceau_err *err)
{
	(void)err;
	if (strcmp(given_role, "mx") == 0)
		daemon->ident = "test/mx";
	return 0;
}

static int check_listen(struct sceau_daemon *daemon, struct sceau_err *err)
{
	if (strcmp(daemon->settings->policyd.policy_listen, "bad") == 0)
		return sceau_conf_fail(daemon->settings->conf, "policy_listen",
		                       err, "no good");
	return 0;
}

/* Tell what the process may still do. */
static int open_daemon(struct sceau_daemon *daemon, struct sceau_err *err)
{
	struct rlimit core;

	getrlimit(RLIMIT_CORE, &core);
	mode_t mask = umask(0);
	umask(mask);
	printf("uid=%d gid=%d dumpable=%d core=%d umask=%03o back=%d\n",
	       (int)getuid(), (int)getgid(), prctl(PR_GET_DUMPABLE),
	       (int)core.rlim_max, (unsigned)mask, setuid(0) == 0);
	fflush(stdout);
	if (strcmp(daemon->settings->policyd.policy_listen,
	           "unix:/open-fails") == 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "cannot open today");
	return 0;
}

static int reload(struct sceau_daemon *daemon, struct sceau_settings *next,
                  struct sceau_err *err)
{
	(void)daemon;
	if (strcmp(next->policyd.policy_listen, "bad") == 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "reload refused");
	return 0;
}

static int stats(struct sceau_daemon *daemon, json_t *reply,
                 struct sceau_err *err)
{
	const char *listen = daemon->settings->policyd.policy_listen;

	(void)err;
	return json_object_set_new(reply, "listen", json_string(listen));
}

static void close_daemon(struct sceau_daemon *daemon)
{
	(void)daemon;
	printf("closed\n");
}

static const struct option options[] = {
	{ "role", required_argument, NULL, 0 },
	{ NULL, 0, NULL, 0 },
};

static const struct sceau_start_program program = {
	.name = "test",
	.control_name = "test",
	.usage = "[--role mx]",
	.options = options,
	.option = take_option,
	.complete = complete,
	.configure = configure,
	.check = check_listen,
	.open = open_daemon,
	.reload = reload,
	.stats = stats,
	.close = close_daemon,
};

static const char *in_dir(const char *name)
{
	static char path[2][128];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static void write_conf(const char *text, mode_t mode)
{
	FILE *f = fopen(in_dir("conf"), "w");

	assert_non_null(f);
	fprintf(f, "control_directory = %s\n%s", dir, text);
	if (strstr(text, "user =") == NULL)
		fprintf(f, "user = nobody\n");
	fclose(f);
	assert_int_equal(chmod(in_dir("conf"), mode), 0);
}

/* Start the program with up to three arguments beside -c. */
static pid_t start(int *out_r, const char *a, const char *b, const char *c)
{
	char *argv[] = { (char *)"test",
		         (char *)"-c",
		         (char *)in_dir("conf"),
		         (char *)a,
		         (char *)b,
		         (char *)c,
		         NULL };
	int argc = 3, pipes[2];

	while (argv[argc] != NULL)
		argc++;
	assert_int_equal(pipe(pipes), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(pipes[1], 1);
		dup2(pipes[1], 2);
		close(pipes[0]);
		close(pipes[1]);
		exit(sceau_start(&program, NULL, argc, argv));
	}
	close(pipes[1]);
	*out_r = pipes[0];
	return pid;
}

/* Read what the child says: to its end, or until it has said word. */
static void read_output(int fd, const char *word)
{
	size_t used = strlen(output);
	ssize_t n;

	while ((word == NULL || strstr(output, word) == NULL) &&
	       (n = read(fd, output + used, sizeof(output) - 1 - used)) > 0) {
		used += (size_t)n;
		output[used] = '\0';
	}
}

static int finish(pid_t pid, int fd)
{
	int status;

	read_output(fd, NULL);
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int run(const char *a, const char *b, const char *c)
{
	int fd;

	output[0] = '\0';
	pid_t pid = start(&fd, a, b, c);
	return finish(pid, fd);
}

static void expect(int got, int want, const char *text)
{
	if (got != want || strstr(output, text) == NULL)
		fail_msg("got %d, want %d with \"%s\":\n%s", got, want, text,
		         output);
}

static void test_usage(void **state)
{
	(void)state;
	write_conf("", 0644);
	expect(run("-x", NULL, NULL), 2,
	       "usage: test [-dnt] [-c file] "
	       "[--role mx]");
	expect(run("stray", NULL, NULL), 2, "usage: ");
	expect(run("-c", NULL, NULL), 2, "usage: ");
	expect(run("--role", "king", NULL), 2, "test: --role: not a role");
	/* Before the settings are looked at. */
	write_conf("wrong", 0644);
	expect(run("--role", "half", NULL), 2, "test: half a role\nusage: ");
}

static void test_print(void **state)
{
	(void)state;
	write_conf("dns_deadline = 5\nsyslog_level = debug\n", 0644);
	expect(run("-n", NULL, NULL), 0, "syslog_level = debug\n");
	assert_null(strstr(output, "dns_deadline"));
}

static void test_refusals(void **state)
{
	(void)state;
	write_conf("dns_server = 127.0.0.1\n", 0644);
	expect(run("-d", NULL, NULL), 78,
	       "conf:2: dns_server: unknown setting, did you mean "
	       "dns_servers?");
	write_conf("policy_listen = bad\n", 0644);
	expect(run("-d", NULL, NULL), 78, "conf:2: policy_listen: no good");
	expect(run("-t", NULL, NULL), 78, "conf:2: policy_listen: no good");
	write_conf("", 0646);
	expect(run("-t", NULL, NULL), 78,
	       "everybody may write to it: chmod "
	       "o-w");
	write_conf("", 0644);
	unlink(in_dir("conf"));
	expect(run("-t", NULL, NULL), 78, "No such file or directory");
	write_conf(OPEN_FAILS, 0644);
	expect(run("-d", NULL, NULL), 75, "test: cannot open today");
	/* What open had begun is undone. */
	assert_non_null(strstr(output, "closed\n"));
	assert_int_equal(access(in_dir("test.ctl"), F_OK), -1);
}

static void test_no_control_directory(void **state)
{
	(void)state;
	FILE *f = fopen(in_dir("conf"), "w");
	fprintf(f, "control_directory = %s/none\nuser = nobody\n", dir);
	fclose(f);
	expect(run("-t", NULL, NULL), 78, "/none does not exist: create it");
}

static void test_check_changes_nothing(void **state)
{
	(void)state;
	write_conf("", 0644);
	expect(run("-t", NULL, NULL), 0, "conf is good\n");
	assert_null(strstr(output, "uid="));
	assert_int_equal(access(in_dir("test.ctl"), F_OK), -1);
}

static void test_user(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return;
	write_conf("user = no-such-user\n", 0644);
	expect(run("-t", NULL, NULL), 78,
	       "user no-such-user does not exist: create it");
	write_conf("user = root\n", 0644);
	expect(run("-d", NULL, NULL), 78, "user root is root");
	write_conf("", 0600);
	expect(run("-t", NULL, NULL), 78, "user nobody may not read it");
}

/* Ask the control socket; the answer replaces output. */
static void ask(const char *request)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s/test.ctl", dir);
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_true(write(fd, request, strlen(request)) > 0);
	output[0] = '\0';
	read_output(fd, "\n");
	close(fd);
}

static void test_life(void **state)
{
	struct stat st;
	int fd;

	(void)state;
	output[0] = '\0';
	write_conf("policy_listen = unix:/one\n", 0644);
	pid_t pid = start(&fd, "-d", "--role", "mx");
	read_output(fd, "started");
	assert_non_null(strstr(output, "test/mx: started"));
	assert_non_null(strstr(output, "dumpable=0 core=0 umask=007 back=0"));
	if (geteuid() == 0)
		assert_non_null(strstr(output, "uid=65534 gid=65534"));
	assert_int_equal(stat(in_dir("test.ctl"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0770);

	ask("{\"do\":\"stats\"}\n");
	assert_non_null(strstr(output, "\"listen\":\"unix:/one\""));
	assert_non_null(strstr(output, "\"program\":\"test/mx\""));
	assert_non_null(strstr(output, "\"ok\":true"));

	/* A reload that fails leaves the settings of before. */
	write_conf("policy_listen = bad\n", 0644);
	ask("{\"do\":\"reload\"}\n");
	assert_non_null(strstr(output, "\"error\":\"reload refused\""));
	write_conf("nonsense\n", 0644);
	ask("{\"do\":\"reload\"}\n");
	assert_non_null(strstr(output, "not of the form"));
	ask("{\"do\":\"stats\"}\n");
	assert_non_null(strstr(output, "\"listen\":\"unix:/one\""));

	write_conf("policy_listen = unix:/two\n", 0644);
	output[0] = '\0';
	kill(pid, SIGHUP);
	read_output(fd, "settings read again");
	ask("{\"do\":\"stats\"}\n");
	assert_non_null(strstr(output, "\"listen\":\"unix:/two\""));

	output[0] = '\0';
	kill(pid, SIGTERM);
	expect(finish(pid, fd), 0, "test/mx: stopped");
	assert_non_null(strstr(output, "closed\n"));
	assert_int_equal(access(in_dir("test.ctl"), F_OK), -1);
}

static void test_one_at_a_time(void **state)
{
	int fd;

	(void)state;
	output[0] = '\0';
	write_conf("", 0644);
	pid_t pid = start(&fd, "-d", NULL, NULL);
	read_output(fd, "started");
	expect(run("-d", NULL, NULL), 75, "another process listens there");
	expect(run("-t", NULL, NULL), 0, "is good");

	/* What a crash leaves behind is no obstacle. */
	kill(pid, SIGKILL);
	assert_int_equal(finish(pid, fd), -SIGKILL);
	assert_int_equal(access(in_dir("test.ctl"), F_OK), 0);
	output[0] = '\0';
	pid = start(&fd, "-d", NULL, NULL);
	read_output(fd, "started");
	kill(pid, SIGINT);
	expect(finish(pid, fd), 0, "stopped");
}

static void test_notify(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int manager = socket(AF_UNIX, SOCK_DGRAM, 0), fd;
	char got[64] = "";

	(void)state;
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/notify", dir);
	assert_int_equal(bind(manager, (struct sockaddr *)&un, sizeof(un)), 0);
	chmod(un.sun_path, 0777);
	setenv("NOTIFY_SOCKET", un.sun_path, 1);
	write_conf("", 0644);
	output[0] = '\0';
	pid_t pid = start(&fd, "-d", NULL, NULL);
	unsetenv("NOTIFY_SOCKET");
	assert_true(recv(manager, got, sizeof(got) - 1, 0) > 0);
	assert_string_equal(got, "READY=1");
	kill(pid, SIGTERM);
	memset(got, 0, sizeof(got));
	assert_true(recv(manager, got, sizeof(got) - 1, 0) > 0);
	assert_string_equal(got, "STOPPING=1");
	assert_int_equal(finish(pid, fd), 0);
	close(manager);
	unlink(un.sun_path);
}

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/sceau-start-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	return chmod(dir, 0777);
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(in_dir("conf"));
	unlink(in_dir("test.ctl"));
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_no_control_directory),
		cmocka_unit_test(test_check_changes_nothing),
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_notify),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
