/* test_dkim_keys.c - key directories, good and bad
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/dkim_keys.h"
#include "dkim_test_key.h"

static char root[64];
static char good[TEST_PEM_SIZE], other[TEST_PEM_SIZE], weak[TEST_PEM_SIZE];
static char tiny[TEST_PEM_SIZE], ed25519[TEST_PEM_SIZE], locked[TEST_PEM_SIZE];
static char curve[TEST_PEM_SIZE], damaged[TEST_PEM_SIZE];

static int remove_entry(const char *path, const struct stat *st, int flag,
                        struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int setup(void **state)
{
	(void)state;
	(void)umask(022);
	(void)snprintf(root, sizeof(root), "/tmp/sceau-keys.XXXXXX");
	assert_non_null(mkdtemp(root));
	return chmod(root, 0755);
}

static int teardown(void **state)
{
	(void)state;
	return nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* The selectors that sign for domain, divided by blanks. */
static const char *signers(const struct sceau_dkim_keys *keys,
                           const char *domain)
{
	const struct sceau_dkim_key *found[2];
	size_t count = sceau_dkim_keys_find(keys, domain, found);
	static char out[64];

	(void)snprintf(out, sizeof(out), "%s%s%s",
	               count > 0 ? sceau_dkim_key_selector(found[0]) : "none",
	               count > 1 ? " " : "",
	               count > 1 ? sceau_dkim_key_selector(found[1]) : "");
	return out;
}

static const char *path_of(const char *name)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

static void put(const char *domain, const char *file, const char *text,
                mode_t mode)
{
	char name[200];
	FILE *out;

	assert_true(mkdir(path_of(domain), 0755) == 0 || errno == EEXIST);
	(void)snprintf(name, sizeof(name), "%s/%s", domain, file);
	out = fopen(path_of(name), "w");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(path_of(name), mode), 0);
}

static struct sceau_dkim_keys *load_good(void)
{
	struct sceau_dkim_keys *keys = NULL;
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

	if (sceau_dkim_keys_load(root, &keys, &err) < 0)
		fail_msg("got failure: %s", err.text);
	return keys;
}

/* Loading fails as the admin's fault, and the text names what must be named. */
static void refuse(const char *what, const char *want, const char *want2)
{
	struct sceau_dkim_keys *keys = NULL;
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };

	if (sceau_dkim_keys_load(root, &keys, &err) == 0)
		fail_msg("%s: was accepted", what);
	assert_null(keys);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	if (strstr(err.text, want) == NULL || strstr(err.text, want2) == NULL)
		fail_msg("%s: got \"%s\", want \"%s\" and \"%s\"", what,
		         err.text, want, want2);
	if (strstr(err.text, root) == NULL)
		fail_msg("%s: no path in \"%s\"", what, err.text);
}

static void test_lookup(void **state)
{
	static const struct {
		const char *domain;
		const char *want; /* selector, NULL = none */
	} cases[] = {
		{ "home.example", "mail" },
		{ "HOME.Example", "mail" },
		{ "family.example", "s1" },
		{ "m\xc3\xbcller.example", "idn" },
		{ "M\xc3\x9cLLER.example", "idn" },
		{ "xn--mller-kva.example", "idn" },
		{ "sub.home.example", NULL },
		{ "example", NULL },
		{ "home.example.", NULL },
		{ "", NULL },
		{ "home.example ", NULL },
		{ "\xff.example", NULL },
		{ "../home.example", NULL },
	};
	struct sceau_dkim_keys *keys;

	(void)state;
	put("Home.Example", "mail.private", good, 0600);
	put("family.example", "s1.private", good, 0400);
	put("xn--mller-kva.example", "idn.private", good, 0600);
	keys = load_good();
	assert_int_equal(sceau_dkim_keys_count(keys), 3);
	assert_null(sceau_dkim_keys_warning(keys, 0));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got = signers(keys, cases[i].domain);
		const char *want = cases[i].want ? cases[i].want : "none";

		if (strcmp(got, want) != 0)
			fail_msg("\"%s\": got %s, want %s", cases[i].domain,
			         got, want);
	}
	assert_string_equal(sceau_dkim_key_domain(sceau_dkim_keys_get(keys, 1)),
	                    "home.example");
	sceau_dkim_keys_unref(&keys);
	assert_null(keys);
}

static void test_names_that_do_not_count(void **state)
{
	struct sceau_dkim_keys *keys;

	(void)state;
	put("home.example", "new.private.staged", "junk", 0644);
	put("home.example", "new.staged", "junk", 0644);
	put("home.example", "old.retired", "junk", 0644);
	put("home.example", ".hidden.private", "junk", 0644);
	put("home.example", "mail.txt", "v=DKIM1; p=", 0644);
	put("home.example", "mail.private", good, 0600);
	put(".git", "x.private", "junk", 0644);
	put(".", "README", "keys live below", 0644);
	keys = load_good();
	assert_int_equal(sceau_dkim_keys_count(keys), 1);
	assert_string_equal(
		sceau_dkim_key_selector(sceau_dkim_keys_get(keys, 0)), "mail");
	sceau_dkim_keys_unref(&keys);
}

static void has_warning(const struct sceau_dkim_keys *keys, size_t index,
                        const char *want)
{
	const char *got = sceau_dkim_keys_warning(keys, index);

	if (want == NULL)
		assert_null(got);
	else if (got == NULL || strstr(got, want) == NULL)
		fail_msg("got \"%s\", want \"%s\"", got ? got : "none", want);
}

static void test_first_selector_signs(void **state)
{
	struct sceau_dkim_keys *keys;

	(void)state;
	put("home.example", "b2026.private", good, 0600);
	put("home.example", "a2027.private", other, 0600);
	put("zoo.example", "z.private", weak, 0600);
	keys = load_good();
	assert_string_equal(signers(keys, "home.example"), "a2027");
	has_warning(keys, 0, "b2026.private: not used");
	has_warning(keys, 1, "1024 bits");
	has_warning(keys, 2, NULL);
	sceau_dkim_keys_unref(&keys);
}

/* The type is that of the key, whatever its name. */
static void test_two_types_sign_both(void **state)
{
	struct sceau_dkim_keys *keys;
	const struct sceau_dkim_key *key;

	(void)state;
	put("home.example", "a-rsa.private", ed25519, 0600);
	put("home.example", "b.private", good, 0600);
	put("home.example", "c.private", other, 0600);
	put("modern.example", "only.private", ed25519, 0600);
	keys = load_good();
	assert_int_equal(sceau_dkim_keys_count(keys), 4);
	assert_string_equal(signers(keys, "home.example"), "b a-rsa");
	assert_string_equal(signers(keys, "modern.example"), "only");
	has_warning(keys, 0, "c.private: not used");
	has_warning(keys, 1, "modern.example: only an Ed25519 key");
	has_warning(keys, 2, NULL);
	key = sceau_dkim_keys_find_selector(keys, "Home.Example", "C");
	assert_non_null(key);
	assert_string_equal(sceau_dkim_key_selector(key), "c");
	assert_null(sceau_dkim_keys_find_selector(keys, "home.example", "d"));
	assert_null(sceau_dkim_keys_find_selector(keys, "x.example", "c"));
	sceau_dkim_keys_unref(&keys);
}

static void test_bad_modes(void **state)
{
	static const mode_t bad[] = { 0640, 0604, 0620, 0602, 0610, 0777 };
	static const mode_t fine[] = { 0600, 0400, 0700 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put("home.example", "mail.private", good, bad[i]);
		refuse("mode", "home.example/mail.private: mode 0",
		       "cure: chmod 600 ");
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		struct sceau_dkim_keys *keys;

		put("home.example", "mail.private", good, fine[i]);
		keys = load_good();
		sceau_dkim_keys_unref(&keys);
	}
}

static void test_bad_files(void **state)
{
	static const struct {
		const char *what;
		const char *text;
		const char *want;
	} cases[] = {
		{ "empty", "", "not an unencrypted private key" },
		{ "junk", "hello\n", "not an unencrypted private key" },
		{ "cut", "-----BEGIN PRIVATE KEY-----\nMIIE\n",
		  "not an unencrypted private key" },
		{ "passphrase", locked, "not an unencrypted private key" },
		{ "EC", curve, "a key of type EC" },
		{ "damaged", damaged, "does not verify" },
		{ "512 bits", tiny, "512 bits" },
	};
	char *huge = malloc(20001);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put("home.example", "mail.private", cases[i].text, 0600);
		refuse(cases[i].what,
		       "home.example/mail.private: ", cases[i].want);
	}
	assert_non_null(huge);
	memset(huge, 'A', 20000);
	huge[20000] = '\0';
	put("home.example", "mail.private", huge, 0600);
	refuse("huge", "mail.private: over ", "not a private key");
	free(huge);
	/* a good key does not make up for a bad one */
	put("home.example", "mail.private", good, 0600);
	put("home.example", "zzz.private", "junk", 0600);
	refuse("second selector", "home.example/zzz.private", "PEM");
}

static void test_odd_entries(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path_of("home.example"), 0755), 0);
	assert_int_equal(mkdir(path_of("home.example/d.private"), 0700), 0);
	refuse("directory as key", "d.private", "not a regular file");
	assert_int_equal(rmdir(path_of("home.example/d.private")), 0);
	assert_int_equal(mkfifo(path_of("home.example/f.private"), 0600), 0);
	refuse("fifo as key", "f.private", "not a regular file");
	assert_int_equal(unlink(path_of("home.example/f.private")), 0);
	assert_int_equal(symlink("/nowhere", path_of("home.example/l.private")),
	                 0);
	refuse("dangling link", "l.private", "No such file");
}

static void test_bad_names(void **state)
{
	static const char *const domains[] = { "m\xc3\xbcller.example", "a..b",
		                               "a b.example", "a;b.example",
		                               "example." };

	(void)state;
	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
		char file[256];

		put(domains[i], "mail.private", good, 0600);
		refuse(domains[i], "mail.private", "cannot be a domain");
		(void)snprintf(file, sizeof(file), "%s/mail.private",
		               domains[i]);
		assert_int_equal(unlink(path_of(file)), 0);
		assert_int_equal(rmdir(path_of(domains[i])), 0);
	}
	put("home.example", "a=b.private", good, 0600);
	refuse("selector", "a=b.private", "cannot be a selector");
}

static void test_bad_directories(void **state)
{
	struct sceau_dkim_keys *keys = NULL;
	struct sceau_err err;

	(void)state;
	refuse("no key", "no key", "sceau dkim new");
	put("home.example", "mail.staged", good, 0600);
	refuse("no active key", "no key", "sceau dkim new");
	put("home.example", "mail.private", good, 0600);
	assert_int_equal(chmod(path_of("home.example"), 0777), 0);
	refuse("writable directory", "home.example: mode 0777",
	       "cure: chmod go-w");
	assert_int_equal(chmod(path_of("home.example"), 0755), 0);
	put("HOME.example", "mail.private", good, 0600);
	refuse("two spellings", "two directories for home.example", "case");
	assert_int_equal(unlink(path_of("HOME.example/mail.private")), 0);
	assert_int_equal(sceau_dkim_keys_load(path_of("nowhere"), &keys, &err),
	                 -1);
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	assert_non_null(strstr(err.text, "nowhere: No such file"));
	put(".", "misplaced.private", good, 0600);
	refuse("key beside the domains", "misplaced.private: not a directory",
	       "DOMAIN/SELECTOR.private");
}

static void test_foreign_owner(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	put("home.example", "mail.private", good, 0600);
	assert_int_equal(chown(path_of("home.example/mail.private"), 4242, 0),
	                 0);
	refuse("foreign file", "mail.private: owned by uid 4242",
	       "cure: chown root ");
	assert_int_equal(chown(path_of("home.example/mail.private"), 0, 0), 0);
	assert_int_equal(chown(path_of("home.example"), 4242, 0), 0);
	refuse("foreign directory", "home.example: owned by uid 4242",
	       "cure: chown root ");
}

/* The last reference wipes: a signature in the making holds one. */
static void test_references(void **state)
{
	struct sceau_dkim_keys *keys, *second;

	(void)state;
	put("home.example", "mail.private", good, 0600);
	keys = load_good();
	second = sceau_dkim_keys_ref(keys);
	sceau_dkim_keys_unref(&keys);
	assert_null(keys);
	assert_string_equal(signers(second, "home.example"), "mail");
	sceau_dkim_keys_unref(&second);
	sceau_dkim_keys_unref(&second);
}

/* An RSA key with another modulus than its primes make. */
static EVP_PKEY *damage(EVP_PKEY *pkey)
{
	unsigned char *der = NULL;
	const unsigned char *p;
	int len = i2d_PrivateKey(pkey, &der);

	assert_true(len > 100);
	der[60] ^= 1;
	p = der;
	EVP_PKEY_free(pkey);
	pkey = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &p, len);
	OPENSSL_free(der);
	return pkey;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		CASE(test_lookup),
		CASE(test_names_that_do_not_count),
		CASE(test_first_selector_signs),
		CASE(test_two_types_sign_both),
		CASE(test_bad_modes),
		CASE(test_bad_files),
		CASE(test_odd_entries),
		CASE(test_bad_names),
		CASE(test_bad_directories),
		CASE(test_foreign_owner),
		CASE(test_references),
	};

	test_pem(EVP_RSA_gen(2048), NULL, good);
	test_pem(EVP_RSA_gen(2048), NULL, other);
	test_pem(EVP_RSA_gen(1024), NULL, weak);
	test_pem(EVP_RSA_gen(512), NULL, tiny);
	test_pem(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL, ed25519);
	test_pem(EVP_RSA_gen(2048), EVP_aes_256_cbc(), locked);
	test_pem(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"), NULL, curve);
	test_pem(damage(EVP_RSA_gen(2048)), NULL, damaged);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
