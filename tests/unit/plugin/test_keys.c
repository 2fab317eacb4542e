/* test_keys.c - key directories: good ones, dangerous ones, missing parts
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "dovecot-plugin/keys.h"

static char base[64]; /* a directory of our own */
static char dir[128]; /* base/keys: the key directory */
static struct sceau_age_recipient server;
static char server_text[2 * SCEAU_AGE_IDENTITY_TEXT_SIZE];

/* Run a shell command in base. */
static void run(const char *command)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		if (chdir(base) == 0)
			execl("/bin/sh", "sh", "-ec", command, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		fail_msg("%s: status %d", command, status);
}

/* A fresh base with an enrolled account in it. */
static int setup(void **state)
{
	struct sceau_random random = sceau_age_random();
	struct sceau_age_identities *set;
	struct sceau_err err;
	size_t len;

	(void)state;
	snprintf(base, sizeof(base), "/tmp/sceau-keys.XXXXXX");
	if (mkdtemp(base) == NULL)
		return -1;
	snprintf(dir, sizeof(dir), "%s/keys", base);
	if (sceau_age_identities_new(&set, &err) < 0 ||
	    sceau_age_identities_generate(set, SCEAU_AGE_X25519, &random,
	                                  &err) < 0 ||
	    sceau_age_identities_format(set, server_text, sizeof(server_text),
	                                &len, &err) < 0)
		return -1;
	sceau_age_identities_recipient(set, 0, &server, NULL);
	sceau_age_identities_free(&set);
	return sceau_keys_create(dir, SCEAU_KEY_SERVER, &server, &random, &err);
}

static int teardown(void **state)
{
	(void)state;
	chmod(dir, 0700);
	run("rm -rf \"$PWD\"");
	return 0;
}

static int unlock(struct sceau_err *err)
{
	struct sceau_age_identities *set = NULL;
	int ret = sceau_keys_unlock(dir, sceau_slice_of(server_text), &set,
	                            err);

	sceau_age_identities_free(&set);
	return ret;
}

static void test_create_read_unlock(void **state)
{
	struct sceau_age_identities *set = NULL;
	struct sceau_age_recipient recipient;
	struct sceau_err err;
	struct stat st;

	(void)state;
	assert_int_equal(sceau_keys_enrolled(dir, &err), 1);
	assert_int_equal(sceau_keys_recipient(dir, &recipient, &err), 1);
	assert_int_equal(
		sceau_keys_unlock(dir, sceau_slice_of(server_text), &set, &err),
		0);
	assert_true(sceau_key_matches(set, &recipient));
	sceau_age_identities_free(&set);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	run("test \"$(stat -c %a keys/identity.server.age)\" = 600");
	run("test \"$(stat -c %a keys/recipient)\" = 644");
	run("test \"$(ls keys | wc -l)\" = 2; test \"$(ls -A | wc -l)\" = 1");
}

static void test_create_never_replaces(void **state)
{
	struct sceau_random random = sceau_age_random();
	struct sceau_age_recipient before, after;
	struct sceau_err err;

	(void)state;
	assert_int_equal(sceau_keys_recipient(dir, &before, &err), 1);
	assert_int_equal(sceau_keys_create(dir, SCEAU_KEY_ESCROW, &server,
	                                   &random, &err),
	                 0);
	assert_int_equal(sceau_keys_recipient(dir, &after, &err), 1);
	assert_memory_equal(&before, &after, sizeof(before));
	run("test \"$(ls -A | wc -l)\" = 1");
}

static void test_not_enrolled(void **state)
{
	struct sceau_age_recipient recipient;
	struct sceau_err err;

	(void)state;
	run("rm -r keys");
	assert_int_equal(sceau_keys_enrolled(dir, &err), 0);
	assert_int_equal(sceau_keys_recipient(dir, &recipient, &err), 0);
	assert_int_equal(unlock(&err), -1);
	assert_non_null(strstr(err.text, dir));
}

/* What is done to the directory, and what each question then answers. A want
   of -1 comes with an error that holds the given words. */
static const struct {
	const char *what;
	const char *command;
	int want_recipient;
	int want_unlock;
	const char *words;
} dangers[] = {
	{ "recipient missing", "rm keys/recipient", -1, 0,
	  "keys/recipient is" },
	{ "recipient empty", ": >keys/recipient", -1, 0, "keys/recipient: " },
	{ "recipient is another file", "echo hello >keys/recipient", -1, 0,
	  "keys/recipient: " },
	{ "recipient writable", "chmod 666 keys/recipient", -1, 0,
	  "chmod 644" },
	{ "recipient is a link",
	  "mv keys/recipient r; ln -s ../r keys/recipient", -1, 0,
	  "symbolic link" },
	{ "recipient is a directory", "rm keys/recipient; mkdir keys/recipient",
	  -1, 0, "not a regular file" },
	{ "recipient is a FIFO", "rm keys/recipient; mkfifo keys/recipient", -1,
	  0, "not a regular file" },
	{ "recipient is huge", "yes '# x' | head -c 9000 >>keys/recipient", -1,
	  0, "longer" },
	{ "slot missing", "rm keys/identity.server.age", 1, -1,
	  "identity.server.age is missing" },
	{ "slot readable", "chmod 640 keys/identity.server.age", 1, -1,
	  "chmod 600" },
	{ "slot readable by all", "chmod 604 keys/identity.server.age", 1, -1,
	  "chmod 600" },
	{ "slot is a link",
	  "mv keys/identity.server.age s; ln -s ../s keys/identity.server.age",
	  1, -1, "symbolic link" },
	{ "slot altered", "printf x >>keys/identity.server.age", 1, -1,
	  "identity.server.age: " },
	{ "slot is no age file", "echo >keys/identity.server.age", 1, -1,
	  "identity.server.age: " },
	{ "directory writable", "chmod 770 keys", -1, -1, "chmod 700" },
	{ "directory is a link", "mv keys k; ln -s k keys", -1, -1,
	  "symbolic link" },
	{ "directory is a dangling link", "rm -r keys; ln -s k keys", -1, -1,
	  "symbolic link" },
	{ "directory is a file", "rm -r keys; : >keys", -1, -1,
	  "not a directory" },
	{ "directory is empty", "rm keys/*", -1, -1, "is missing" },
};

static void check_danger(size_t i)
{
	struct sceau_age_recipient recipient;
	struct sceau_err err = { .text = "" };
	int got;

	run(dangers[i].command);
	got = sceau_keys_recipient(dir, &recipient, &err);
	if (got != dangers[i].want_recipient)
		fail_msg("%s: recipient: got %d, want %d", dangers[i].what, got,
		         dangers[i].want_recipient);
	if (got >= 0) {
		got = unlock(&err);
		if (got != dangers[i].want_unlock)
			fail_msg("%s: unlock: got %d, want %d", dangers[i].what,
			         got, dangers[i].want_unlock);
	} else if (unlock(NULL) != dangers[i].want_unlock) {
		fail_msg("%s: unlock: want %d", dangers[i].what,
		         dangers[i].want_unlock);
	}
	if (strstr(err.text, dangers[i].words) == NULL ||
	    strstr(err.text, base) == NULL)
		fail_msg("%s: got \"%s\", want \"%s\" and the path",
		         dangers[i].what, err.text, dangers[i].words);
}

static void test_dangers(void **state)
{
	for (size_t i = 0; i < sizeof(dangers) / sizeof(dangers[0]); i++) {
		check_danger(i);
		teardown(state);
		assert_int_equal(setup(state), 0);
	}
}

static void test_owner(void **state)
{
	struct sceau_age_recipient recipient;
	struct sceau_err err;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(dir, 1, 1), 0);
	assert_int_equal(sceau_keys_recipient(dir, &recipient, &err), -1);
	assert_non_null(strstr(err.text, "belongs to uid 1"));
	/* Root may own what another uid uses. */
	assert_int_equal(chown(dir, 0, 0), 0);
	assert_int_equal(chmod(base, 0755), 0);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(seteuid(1), 0);
	assert_int_equal(sceau_keys_recipient(dir, &recipient, &err), 1);
	assert_int_equal(unlock(&err), -1);
	assert_non_null(strstr(err.text, "as uid 1: Permission denied"));
	assert_int_equal(seteuid(0), 0);
	/* What may not be entered is not taken for absent. */
	assert_int_equal(chmod(dir, 0700), 0);
	assert_int_equal(seteuid(1), 0);
	assert_int_equal(sceau_keys_enrolled(dir, &err), -1);
	assert_int_equal(sceau_keys_recipient(dir, &recipient, &err), -1);
	assert_int_equal(seteuid(0), 0);
}

static void test_server_key(void **state)
{
	static const struct {
		const char *what;
		const char *text;
		const char *words;
	} cases[] = {
		{ "not set", "", "sceau_server_key is not set" },
		{ "blank", " \n\n", "sceau_server_key is not set" },
		{ "a comment", "# created\n", "sceau_server_key: " },
		{ "rubbish", "secret\n", "sceau_server_key: " },
		{ "another server's",
		  "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGF"
		  "PYYSJZGFPQ4EGAEX\n",
		  "identity.server.age: " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sceau_age_identities *set = NULL;
		struct sceau_err err = { .text = "" };

		assert_int_equal(
			sceau_keys_unlock(dir, sceau_slice_of(cases[i].text),
		                          &set, &err),
			-1);
		assert_null(set);
		if (strstr(err.text, cases[i].words) == NULL)
			fail_msg("%s: got \"%s\", want \"%s\"", cases[i].what,
			         err.text, cases[i].words);
		assert_null(strstr(err.text, "AGE-SECRET"));
	}
}

static void test_holder(void **state)
{
	struct sceau_age_recipient got, want;
	char path[160];
	struct sceau_err err;

	(void)state;
	snprintf(path, sizeof(path), "%s/recipient", dir);
	assert_int_equal(sceau_keys_recipient(dir, &want, &err), 1);
	assert_int_equal(sceau_keys_holder(path, &got, &err), 0);
	assert_memory_equal(&got, &want, sizeof(got));
	snprintf(path, sizeof(path), "%s/nothing", dir);
	assert_int_equal(sceau_keys_holder(path, &got, &err), -1);
	assert_non_null(strstr(err.text, path));
	snprintf(path, sizeof(path), "%s/identity.server.age", dir);
	assert_int_equal(sceau_keys_holder(path, &got, &err), -1);
	assert_non_null(strstr(err.text, path));
}

static void test_create_fails_whole(void **state)
{
	struct sceau_random random = sceau_age_random();
	char path[160];
	struct sceau_err err;

	(void)state;
	snprintf(path, sizeof(path), "%s/no/keys", base);
	assert_int_equal(sceau_keys_create(path, SCEAU_KEY_SERVER, &server,
	                                   &random, &err),
	                 -1);
	assert_non_null(strstr(err.text, path));
	/* A file in its place stays. */
	run("rm -r keys; echo mine >keys");
	assert_int_equal(sceau_keys_create(dir, SCEAU_KEY_SERVER, &server,
	                                   &random, &err),
	                 0);
	run("test \"$(cat keys)\" = mine; test \"$(ls -A | wc -l)\" = 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_create_read_unlock, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_create_never_replaces,
		                                setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_enrolled, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_dangers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owner, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_key, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_holder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_create_fails_whole, setup,
		                                teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
