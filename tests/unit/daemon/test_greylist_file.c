/* test_greylist_file.c - greylisting that outlives its process
 *
 * SPDX-License-Identifier: MIT
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/greylist.h"

#define DAY 86400ULL

static const struct sceau_greylist_rules rules = {
	.delay_s = 60,
	.retry_window_s = 2 * DAY,
	.lifetime_s = 35 * DAY,
	.learned_s = 180 * DAY,
	.client_passes = 5,
};

static char dir[64], path[128];
static struct sceau_loop *loop;
static struct sceau_greylist *greylist;

static void start(void)
{
	struct sceau_err err;

	loop = sceau_loop_new(&err);
	assert_non_null(loop);
	greylist = sceau_greylist_memory_new(loop, &rules, 1000, path, &err);
	if (greylist == NULL)
		fail_msg("%s", err.text);
}

static void end(void)
{
	sceau_greylist_free(&greylist);
	sceau_loop_free(&loop);
}

static int new_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/sceau-grey-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/greylist.mdb", dir);
	return 0;
}

/* With what was set aside and the lock of the file. */
static int remove_dir(void **state)
{
	DIR *all = opendir(dir);
	struct dirent *entry;
	char name[512];

	(void)state;
	assert_non_null(all);
	while ((entry = readdir(all)) != NULL) {
		snprintf(name, sizeof(name), "%s/%s", dir, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(name);
	}
	closedir(all);
	return rmdir(dir);
}

static void take_reason(void *ctx, const struct sceau_greylist_answer *answer)
{
	assert_false(answer->has_failed);
	*(enum sceau_greylist_reason *)ctx = answer->decision.reason;
}

static enum sceau_greylist_reason attempt(const char *recipient)
{
	struct sceau_greylist_request request = { .rules = rules };
	enum sceau_greylist_reason reason = (enum sceau_greylist_reason)99;

	snprintf(request.recipient, sizeof(request.recipient), "%s", recipient);
	snprintf(request.sender, sizeof(request.sender), "b@there.test");
	snprintf(request.origin, sizeof(request.origin), "there.test");
	sceau_greylist_decide_on(greylist, &request, take_reason, &reason);
	return reason;
}

static void want_no_error(void *ctx, const struct sceau_greylist_page *page,
                          const struct sceau_err *err)
{
	(void)ctx;
	(void)page;
	assert_null(err);
}

static void change(const char *key, bool is_removal, uint64_t ago_s)
{
	struct sceau_greylist_change change = {
		.is_removal = is_removal,
		.record = { .kind = (enum sceau_greylist_kind)key[0],
		            .first_s = ago_s,
		            .last_s = ago_s,
		            .count = 1 },
	};

	snprintf(change.key, sizeof(change.key), "%s", key);
	sceau_greylist_apply(greylist, &rules, &change, want_no_error, NULL);
}

static void stop(void *ctx)
{
	sceau_loop_stop(ctx);
}

static void turn(uint64_t ms)
{
	struct sceau_loop_timer *timer = sceau_loop_timer_new(loop, stop, loop,
	                                                      NULL);

	assert_non_null(timer);
	sceau_loop_timer_start(timer, ms);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	sceau_loop_timer_free(&timer);
}

static void test_restart(void **state)
{
	struct sceau_greylist_stats stats;

	(void)state;
	start();
	assert_int_equal(attempt("a@here.test"), SCEAU_GREYLIST_NEW);
	assert_int_equal(attempt("gone@here.test"), SCEAU_GREYLIST_NEW);
	change("a/gone@here.test/b@there.test/there.test", true, 0);
	change("a/old@here.test/b@there.test/there.test", false, 61);
	sceau_greylist_learn_pair(greylist, &rules, "l@here.test",
	                          "b@there.test");
	end();
	start();
	sceau_greylist_stats(greylist, &stats);
	assert_string_equal(stats.engine, "lmdb");
	assert_true(stats.is_kept);
	assert_int_equal(stats.entries, 3);
	assert_int_equal(attempt("a@here.test"), SCEAU_GREYLIST_EARLY);
	assert_int_equal(attempt("old@here.test"), SCEAU_GREYLIST_RETRY);
	assert_int_equal(attempt("gone@here.test"), SCEAU_GREYLIST_NEW);
	assert_int_equal(attempt("l@here.test"), SCEAU_GREYLIST_ANSWER);
	end();
	start();
	assert_int_equal(attempt("old@here.test"), SCEAU_GREYLIST_KNOWN);
	end();
}

/* kill -9: at most about a second is lost, and the next start works. */
static void test_killed(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	for (int round = 0; round < 3; round++) {
		char recipient[32];

		pid = fork();
		assert_int_not_equal(pid, -1);
		if (pid == 0) {
			start();
			for (int i = 0; i <= round; i++) {
				snprintf(recipient, sizeof(recipient),
				         "k%d@here.test", i);
				(void)attempt(recipient);
			}
			turn(1500);
			(void)attempt("late@here.test");
			kill(getpid(), SIGKILL);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
	}
	start();
	for (int i = 0; i < 3; i++) {
		char recipient[32];

		snprintf(recipient, sizeof(recipient), "k%d@here.test", i);
		assert_int_equal(attempt(recipient), SCEAU_GREYLIST_EARLY);
	}
	end();
}

/* A file that is none is set aside, and mail flows. */
static void test_damaged(void **state)
{
	struct sceau_greylist_stats stats;
	int fd;

	(void)state;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(write(fd, "rubbish ", 8), 8);
	close(fd);
	start();
	sceau_greylist_stats(greylist, &stats);
	assert_int_equal(stats.entries, 0);
	assert_int_equal(attempt("a@here.test"), SCEAU_GREYLIST_NEW);
	end();
	start();
	assert_int_equal(attempt("a@here.test"), SCEAU_GREYLIST_EARLY);
	end();
}

/* A bound that was lowered holds at the next start, too. */
static void test_bound(void **state)
{
	struct sceau_greylist_stats stats;
	char key[64];

	(void)state;
	start();
	for (int i = 0; i < 900; i++) {
		snprintf(key, sizeof(key), "c/h%d.test", i);
		change(key, false, 5);
	}
	end();
	loop = sceau_loop_new(NULL);
	greylist = sceau_greylist_memory_new(loop, &rules, 100, path, NULL);
	assert_non_null(greylist);
	sceau_greylist_stats(greylist, &stats);
	assert_int_equal(stats.entries, 100);
	end();
}

int main(void)
{
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, new_dir, remove_dir)
	const struct CMUnitTest tests[] = {
		IN_DIR(test_restart),
		IN_DIR(test_killed),
		IN_DIR(test_damaged),
		IN_DIR(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
