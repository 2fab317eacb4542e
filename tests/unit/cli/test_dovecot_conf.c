/* test_dovecot_conf.c - what doveconf of 2.3.19 and 2.4.1 prints
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cli/dovecot_conf.h"

static const struct {
	const char *text;
	const char *name;
	const char *word;
	bool want;
} words[] = {
	/* 2.3 */
	{ "mail_plugins =  quota sceau\n", "mail_plugins", "sceau", true },
	{ "mail_plugins = sceau", "mail_plugins", "sceau", true },
	{ "mail_plugins = \" sceau sieve\"\n", "mail_plugins", "sieve", false },
	{ "mail_plugins = notsceau sceau2\n", "mail_plugins", "sceau", false },
	{ "mail_plugins = \n", "mail_plugins", "sceau", false },
	{ "x = sceau\nmail_plugins = a\n", "mail_plugins", "sceau", false },
	{ "protocols = imap lmtp pop3\n", "protocols", "pop3", true },
	/* 2.4 */
	{ "mail_plugins {\n  quota = yes\n  sceau = yes\n}\n", "mail_plugins",
	  "sceau", true },
	{ "mail_plugins {\n  sceau = no\n}\n", "mail_plugins", "sceau", false },
	{ "mail_plugins {\n  quota = yes\n}\nsceau = yes\n", "mail_plugins",
	  "sceau", false },
	{ "protocols {\n  imap = yes\n  lmtp = yes\n}\n", "protocols", "imap",
	  true },
	{ "protocols {\n  imap = yes\n}\n", "protocols", "yes", false },
	{ "protocol lda {\n  mail_plugins {\n    sceau = yes\n  }\n}\n",
	  "mail_plugins", "sceau", false },
	{ "protocol lda {\n  mail_plugins = sceau\n}\nmail_plugins = a\n",
	  "mail_plugins", "sceau", false },
	{ "mail_plugins {\n  sceau = yes", "mail_plugins", "sceau", true },
	{ "", "mail_plugins", "sceau", false },
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (sceau_dovecot_conf_has(sceau_slice_of(words[i].text),
		                           words[i].name,
		                           words[i].word) != words[i].want)
			fail_msg("%zu: %s", i, words[i].text);
	}
}

static void test_values(void **state)
{
	struct sceau_slice text = sceau_slice_of(
		"plugin {\n  mail_path = x\n}\nmail_path = ~/Maildir\n"
		"mail_attachment_dir = \n");
	struct sceau_slice value;

	(void)state;
	assert_true(sceau_dovecot_conf_get(text, "mail_path", &value));
	assert_true(sceau_slice_is(value, "~/Maildir"));
	assert_true(
		sceau_dovecot_conf_get(text, "mail_attachment_dir", &value));
	assert_int_equal(value.len, 0);
	assert_false(sceau_dovecot_conf_get(text, "mail", &value));
	assert_false(sceau_dovecot_conf_get(text, "mail_path2", &value));
}

static const struct {
	const char *location;
	bool want;
} locations[] = {
	{ "maildir:~/Maildir", false },
	{ "maildir:~/", true },
	{ "maildir:~", true },
	{ "maildir:%h", true },
	{ "maildir:%h//", true },
	{ "maildir:~/:INDEX=/var/x", true },
	{ "mdbox:~/mdbox", false },
	{ "maildir:/var/vmail/%d/%n", false },
	{ "", false },
	{ "~/mail", false },
	{ "~/", true },
	{ "%{home}/", true },
	{ "%{home}/mail", false },
};

static void test_in_home(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(locations) / sizeof(locations[0]); i++) {
		if (sceau_dovecot_conf_is_in_home(sceau_slice_of(
			    locations[i].location)) != locations[i].want)
			fail_msg("%s", locations[i].location);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_in_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
