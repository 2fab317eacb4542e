/* test_account.c - what Dovecot says of an account, and where keys may not be
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
#include <unistd.h>
#include <cmocka.h>

#include "cli/account.h"

static const struct {
	const char *answer;
	const char *home;
	int uid; /* -1: not known */
	const char *roots; /* joined by spaces */
} answers[] = {
	/* As Dovecot 2.3 prints it. */
	{ "field\tvalue\nuid\t64903\ngid\t64904\nhome\t/home/a\n"
	  "mail\tmaildir:~/Maildir\n",
	  "/home/a", 64903, "/home/a/Maildir" },
	{ "uid\t5\ngid\t6\nhome\t/v/a\n"
	  "mail\tmdbox:/v/a/m:INDEX=/x/i:CONTROL=~/c:LAYOUT=fs:ALT=/y\n",
	  "/v/a", 5, "/v/a/m /x/i /v/a/c /y" },
	{ "uid\t5\ngid\t6\nhome\t/v/a\nmail\tmaildir:~\n", "/v/a", 5, "/v/a" },
	{ "uid\t5\ngid\t6\nhome\t/v/a\nmail\tmaildir\n", "/v/a", 5, "" },
	/* As Dovecot 2.4 prints it. */
	{ "uid\t5\ngid\t6\nhome\t/v/a\nmail_path\t~/mail\n"
	  "mail_index_path\t/x\n",
	  "/v/a", 5, "/v/a/mail /x" },
	{ "home\t/v/a\nuid\tnobody\ngid\t6\n", "/v/a", -1, "" },
	{ "uid\t4294967295\ngid\t6\n", "", -1, "" },
	{ "homes\t/wrong\nhome\t/right\n", "/right", -1, "" },
	{ "", "", -1, "" },
	{ "nonsense", "", -1, "" },
};

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct sceau_account account = { .home = "" };
		char roots[400] = "";
		sceau_account_read(sceau_slice_of(answers[i].answer), &account);
		assert_string_equal(account.home, answers[i].home);
		assert_int_equal(account.owner.is_set, answers[i].uid >= 0);
		if (account.owner.is_set) {
			assert_int_equal(account.owner.uid, answers[i].uid);
			assert_int_equal(account.owner.gid, answers[i].uid + 1);
		}
		for (size_t j = 0; j < account.root_count; j++) {
			size_t used = strlen(roots);
			snprintf(roots + used, sizeof(roots) - used, "%s%s",
			         j > 0 ? " " : "", account.roots[j]);
		}
		assert_string_equal(roots, answers[i].roots);
	}
}

/* What the admin said stands, whatever Dovecot says. */
static void test_home_stays(void **state)
{
	struct sceau_account account = { .home = "/given" };

	(void)state;
	sceau_account_read(sceau_slice_of("home\t/other\n"), &account);
	assert_string_equal(account.home, "/given");
}

static void test_too_long(void **state)
{
	char answer[PATH_MAX + 100];
	struct sceau_account account = { .home = "/a" };

	(void)state;
	memset(answer, 'x', sizeof(answer));
	memcpy(answer, "mail_path\t/", 11);
	sceau_account_read((struct sceau_slice){ answer, sizeof(answer) },
	                   &account);
	assert_int_equal(account.root_count, 0);
	/* More roots than there is room for are dropped, not written past. */
	for (int i = 0; i < 20; i++)
		sceau_account_read(sceau_slice_of("mail_path\t/m\n"), &account);
	assert_int_equal(account.root_count, SCEAU_ACCOUNT_ROOTS_MAX);
}

/* A link makes the directory lie inside, though its name does not. */
static void test_check_directory(void **state)
{
	char base[] = "/tmp/test_account.XXXXXX";
	char path[200];
	struct sceau_account account = { .root_count = 1 };
	struct sceau_err err;

	(void)state;
	assert_non_null(mkdtemp(base));
	snprintf(account.roots[0], PATH_MAX, "%s/mail", base);
	snprintf(path, sizeof(path), "%s/.sceau", base);
	assert_int_equal(sceau_account_check_directory(&account, path, &err),
	                 0);
	snprintf(path, sizeof(path), "%s/mail/.sceau", base);
	assert_int_equal(sceau_account_check_directory(&account, path, &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	assert_non_null(strstr(err.text, "--directory"));

	snprintf(path, sizeof(path), "%s/link", base);
	assert_int_equal(symlink(base, path), 0);
	snprintf(path, sizeof(path), "%s/link/mail/not/yet", base);
	assert_int_equal(sceau_account_check_directory(&account, path, &err),
	                 -1);
	snprintf(path, sizeof(path), "%s/link", base);
	unlink(path);
	rmdir(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_home_stays),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_check_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
