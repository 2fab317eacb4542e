/* test_account_keys.c - the files of a key directory and where it may lie
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "age/account_keys.h"
#include "age/age_sealer.h"
#include "unit/age/age_test.h"

static const struct {
	enum sceau_key_slot slot;
	const char *app;
	const char *file; /* NULL: refused */
} slots[] = {
	{ SCEAU_KEY_PASSWORD, NULL, "identity.password.age" },
	{ SCEAU_KEY_RECOVERY, NULL, "identity.recovery.age" },
	{ SCEAU_KEY_SERVER, NULL, "identity.server.age" },
	{ SCEAU_KEY_ESCROW, NULL, "identity.escrow.age" },
	{ SCEAU_KEY_APP, "phone", "identity.app-phone.age" },
	{ SCEAU_KEY_APP, "k-9_2", "identity.app-k-9_2.age" },
	{ SCEAU_KEY_APP,
	  "0123456789012345678901234567890123456789012345678901234567890123",
	  "identity.app-012345678901234567890123456789012345678901234567890123"
	  "4567890123.age" },
	{ SCEAU_KEY_APP, NULL, NULL },
	{ SCEAU_KEY_APP, "", NULL },
	{ SCEAU_KEY_APP, "Phone", NULL },
	{ SCEAU_KEY_APP, "a/b", NULL },
	{ SCEAU_KEY_APP, "..", NULL },
	{ SCEAU_KEY_APP, "a.age", NULL },
	{ SCEAU_KEY_APP, "a b", NULL },
	{ SCEAU_KEY_APP,
	  "0123456789012345678901234567890123456789012345678901234567890123"
	  "4",
	  NULL },
};

static void test_slot_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		char name[SCEAU_KEY_NAME_SIZE] = "untouched";
		struct sceau_err err;
		enum sceau_key_slot slot;
		int ret = sceau_key_slot_file(slots[i].slot, slots[i].app, name,
		                              &err);
		if (slots[i].file == NULL) {
			assert_int_equal(ret, -1);
			assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
			assert_string_equal(name, "untouched");
			continue;
		}
		assert_int_equal(ret, 0);
		assert_string_equal(name, slots[i].file);
		assert_int_equal(sceau_key_slot_of_file(name, &slot), 0);
		assert_int_equal(slot, slots[i].slot);
	}
}

static void test_no_slot(void **state)
{
	static const char *const names[] = {
		"",
		"recipient",
		"identity.age",
		"identity.app-.age",
		"identity.app-.ag",
		"identity.app-a.age.tmp",
		"identity.app-A.age",
		"identity.server.age~",
		".identity.server.age",
		"identity.app-a.xge",
	};
	enum sceau_key_slot slot;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(sceau_key_slot_of_file(names[i], &slot), -1);
}

static const struct {
	const char *text;
	const char *want; /* part of the error, NULL: accepted */
} recipients[] = {
	{ TEST_RECIPIENT, NULL },
	{ TEST_RECIPIENT "\n", NULL },
	{ "# alice\r\n\r\n  " TEST_RECIPIENT "\r\n\n", NULL },
	{ "", "no recipient" },
	{ "# " TEST_RECIPIENT "\n", "no recipient" },
	{ TEST_RECIPIENT "\n" TEST_RECIPIENT "\n", "more than one" },
	{ TEST_RECIPIENT " " TEST_RECIPIENT, "not a key" },
	{ TEST_IDENTITY, "secret identity" },
	{ "garbage", "not a key" },
};

static void test_recipient_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(recipients) / sizeof(recipients[0]);
	     i++) {
		struct sceau_age_recipient recipient;
		struct sceau_err err = { 0 };
		struct sceau_buf out;
		int ret = sceau_key_recipient_parse(
			sceau_slice_of(recipients[i].text), &recipient, &err);
		if (recipients[i].want != NULL) {
			assert_int_equal(ret, -1);
			assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
			assert_non_null(strstr(err.text, recipients[i].want));
			continue;
		}
		assert_int_equal(ret, 0);
		sceau_buf_init(&out, 100);
		assert_int_equal(
			sceau_key_recipient_format(&recipient, &out, NULL), 0);
		assert_string_equal(sceau_buf_text(&out), TEST_RECIPIENT "\n");
		sceau_buf_deinit(&out);
	}
}

static void test_recipient_file_bound(void **state)
{
	struct sceau_age_recipient recipient;
	char text[SCEAU_KEY_RECIPIENT_FILE_MAX + 1];

	(void)state;
	memset(text, '\n', sizeof(text));
	memcpy(text, TEST_RECIPIENT, strlen(TEST_RECIPIENT));
	struct sceau_slice slice = { text, sizeof(text) - 1 };
	assert_int_equal(sceau_key_recipient_parse(slice, &recipient, NULL), 0);
	slice.len++;
	assert_int_equal(sceau_key_recipient_parse(slice, &recipient, NULL),
	                 -1);
}

/* Seal the account's two identities to the server, open them again. */
static void test_seal_and_open(void **state)
{
	struct sceau_random random = sceau_age_random();
	struct sceau_age_identities *account = set_of(OTHER_IDENTITY
	                                              "\n" TEST_IDENTITY);
	struct sceau_age_identities *server;
	struct sceau_age_identities *opened = NULL;
	struct sceau_age_recipient holder;
	struct sceau_buf sealed;
	char text[200];
	size_t len;

	(void)state;
	assert_int_equal(sceau_age_identities_new(&server, NULL), 0);
	assert_int_equal(sceau_age_identities_generate(server, SCEAU_AGE_X25519,
	                                               &random, NULL),
	                 0);
	sceau_age_identities_recipient(server, 0, &holder, NULL);
	sceau_buf_init(&sealed, SCEAU_KEY_FILE_MAX);
	assert_int_equal(
		sceau_key_seal(account, &holder, &random, &sealed, NULL), 0);
	struct sceau_slice slice = { sealed.data, sealed.used };
	assert_int_equal(sceau_key_open(slice, server, &opened, NULL),
	                 SCEAU_AGE_OK);
	assert_int_equal(sceau_age_identities_format(opened, text, sizeof(text),
	                                             &len, NULL),
	                 0);
	assert_string_equal(text, OTHER_IDENTITY "\n" TEST_IDENTITY "\n");
	sceau_age_identities_free(&opened);

	assert_int_equal(sceau_key_open(slice, account, &opened, NULL),
	                 SCEAU_AGE_NO_MATCH);
	for (size_t i = 0; i < sealed.used; i += 3) {
		sealed.data[i] ^= 1;
		assert_true(sceau_key_open(slice, server, &opened, NULL) < 0);
		sealed.data[i] ^= 1;
	}
	slice.len--;
	assert_int_equal(sceau_key_open(slice, server, &opened, NULL),
	                 SCEAU_AGE_PAYLOAD);
	slice.len = 0;
	assert_int_equal(sceau_key_open(slice, server, &opened, NULL),
	                 SCEAU_AGE_HEADER);
	assert_null(opened);
	sceau_buf_deinit(&sealed);
	sceau_age_identities_free(&server);
	sceau_age_identities_free(&account);
}

/* Seal len bytes of 'x' to recipient as a file of count chunks at most 2. */
static void seal_junk(struct sceau_buf *out, size_t len)
{
	struct sceau_random random = sceau_age_random();
	struct sceau_age_identities *set = set_of(TEST_IDENTITY);
	struct sceau_age_recipient recipient;
	struct sceau_age_sealer *sealer;
	struct sceau_slice piece;
	char *junk = malloc(len);
	size_t pos = 0;

	memset(junk, 'x', len);
	sceau_buf_init(out, 1 << 20);
	sceau_age_identities_recipient(set, 0, &recipient, NULL);
	assert_int_equal(sceau_age_sealer_new(&recipient, 1, &random, &sealer,
	                                      &piece, NULL),
	                 0);
	sceau_buf_append(out, piece.data, piece.len);
	while (pos < len) {
		size_t used;
		if (sceau_age_sealer_put(sealer, junk + pos, len - pos, &used,
		                         &piece, NULL) == 1)
			sceau_buf_append(out, piece.data, piece.len);
		pos += used;
	}
	assert_int_equal(sceau_age_sealer_finish(sealer, &piece, NULL), 0);
	sceau_buf_append(out, piece.data, piece.len);
	sceau_age_sealer_free(&sealer);
	sceau_age_identities_free(&set);
	free(junk);
}

/* Authentic, but no identities; authentic, but far too long. */
static void test_wrong_content(void **state)
{
	static const size_t lengths[] = { 100, 65536, 65537, 200000 };
	struct sceau_age_identities *set = set_of(TEST_IDENTITY);

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct sceau_age_identities *opened = NULL;
		struct sceau_err err;
		struct sceau_buf sealed;
		seal_junk(&sealed, lengths[i]);
		struct sceau_slice slice = { sealed.data, sealed.used };
		assert_int_equal(sceau_key_open(slice, set, &opened, &err),
		                 SCEAU_AGE_PAYLOAD);
		assert_non_null(strstr(err.text, lengths[i] > 65536
		                                         ? "too long"
		                                         : "no identity"));
		assert_null(opened);
		sceau_buf_deinit(&sealed);
	}
	sceau_age_identities_free(&set);
}

static void test_matches(void **state)
{
	struct sceau_age_identities *both = set_of(OTHER_IDENTITY
	                                           "\n" TEST_IDENTITY);
	struct sceau_age_identities *one = set_of(OTHER_IDENTITY);
	struct sceau_age_recipient recipient;

	(void)state;
	sceau_age_identities_recipient(both, 1, &recipient, NULL);
	assert_true(sceau_key_matches(both, &recipient));
	assert_false(sceau_key_matches(one, &recipient));
	sceau_age_identities_free(&both);
	sceau_age_identities_free(&one);
}

static const struct {
	const char *inner;
	const char *root;
	int want;
} paths[] = {
	{ "/home/a/.sceau", "/home/a/Maildir", 0 },
	{ "/home/a/.sceau", "/home/a", 1 }, /* home == mail root */
	{ "/home/a/.sceau", "/home/a/", 1 },
	{ "/home/a/.sceau", "/home/a/.sceau", 1 },
	{ "/home/a/.sceau/", "/home/a/.sceau", 1 },
	{ "/home/a/.sceau", "/home/a/.sceau/mail", 0 },
	{ "/home/ab/.sceau", "/home/a", 0 },
	{ "/home/a", "/home/ab", 0 },
	{ "/home/a/Maildir/../.sceau", "/home/a/Maildir", 0 },
	{ "/home/a/x/../Maildir/.sceau", "/home/a/./Maildir", 1 },
	{ "//home///a//.sceau", "/home/a", 1 },
	{ "/../home/a/.sceau", "/home/a", 1 },
	{ "/home/a/.sceau", "/", 1 },
	{ "/", "/", 1 },
	{ "/", "/home", 0 },
	{ "/home/a/..", "/home/a", 0 },
	{ "/home/a/...", "/home/a", 1 },
	{ "home/a", "/home", -1 },
	{ "/home/a", "", -1 },
	{ "", "/home/a", -1 },
	{ "~/x", "/home/a", -1 },
};

static void test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct sceau_err err = { 0 };
		int got = sceau_key_path_is_inside(paths[i].inner,
		                                   paths[i].root, &err);
		if (got != paths[i].want)
			fail_msg("%s in %s: got %d", paths[i].inner,
			         paths[i].root, got);
		assert_int_equal(err.fault, got < 0 ? SCEAU_FAULT_CONFIG
		                                    : SCEAU_FAULT_NONE);
	}
	char *longest = malloc(5000);
	memset(longest, 'a', 4999);
	longest[0] = '/';
	longest[4999] = '\0';
	assert_int_equal(sceau_key_path_is_inside(longest, "/a", NULL), -1);
	longest[4095] = '\0';
	assert_int_equal(sceau_key_path_is_inside(longest, "/a", NULL), 0);
	free(longest);
}

static const struct {
	const char *user;
	const char *want; /* NULL: refused */
} users[] = {
	{ "alice", "alice" },
	{ "a.b+c_d-e@example.org", "a.b+c_d-e@example.org" },
	{ ".", "%2E" },
	{ "..", "%2E." },
	{ "../x", "%2E.%2Fx" },
	{ "a b%", "a%20b%25" },
	{ "\xc3\xa9@x", "%C3%A9@x" },
	{ "", NULL },
};

static void test_user_files(void **state)
{
	char name[256];
	char user[300];

	(void)state;
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		int ret = sceau_key_user_file(users[i].user, name, sizeof(name),
		                              NULL);
		assert_int_equal(ret, users[i].want == NULL ? -1 : 0);
		if (ret == 0)
			assert_string_equal(name, users[i].want);
	}
	memset(user, 'a', sizeof(user));
	user[255] = '\0';
	assert_int_equal(sceau_key_user_file(user, name, 256, NULL), 0);
	assert_int_equal(sceau_key_user_file(user, name, 255, NULL), -1);
	user[255] = 'a';
	user[256] = '\0';
	assert_int_equal(sceau_key_user_file(user, name, 256, NULL), -1);
	memset(user, '/', 86);
	user[86] = '\0';
	assert_int_equal(sceau_key_user_file(user, name, 256, NULL), -1);
	user[85] = '\0';
	assert_int_equal(sceau_key_user_file(user, name, 256, NULL), 0);
	assert_int_equal(strlen(name), 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slot_files),
		cmocka_unit_test(test_no_slot),
		cmocka_unit_test(test_recipient_files),
		cmocka_unit_test(test_recipient_file_bound),
		cmocka_unit_test(test_seal_and_open),
		cmocka_unit_test(test_wrong_content),
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_user_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
