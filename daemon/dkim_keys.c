/* dkim_keys.c - the DKIM keys of this host: one directory, one set
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/dkim_keys.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/dkim_key_file.h"
#include "daemon/idna.h"

#define SUFFIX SCEAU_DKIM_KEY_FILE_SUFFIX
#define PATH_SIZE 1024

struct sceau_dkim_keys {
	atomic_uint references;
	struct sceau_dkim_key **keys; /* by domain, then by selector */
	size_t count;
	char **warnings; /* NULL-ended */
	size_t warning_count;
};

/* --- words for the admin --- */

__attribute__((format(printf, 2, 3))) static int
warn(struct sceau_dkim_keys *keys, const char *fmt, ...)
{
	char **grown = realloc(keys->warnings,
	                       (keys->warning_count + 2) * sizeof(*grown));
	va_list args;
	int len;

	if (grown == NULL)
		return -1;
	keys->warnings = grown;
	va_start(args, fmt);
	len = vasprintf(&grown[keys->warning_count], fmt, args);
	va_end(args);
	if (len < 0)
		grown[keys->warning_count] = NULL;
	else
		grown[++keys->warning_count] = NULL;
	return len < 0 ? -1 : 0;
}

/* --- one directory --- */

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int is_key(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return is_visible(entry) && len > strlen(SUFFIX) &&
	       strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX) == 0;
}

static void free_entries(struct dirent **entries, int count)
{
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
}

/* List a directory into *entries_r; returns their number or -1. */
static int list(const char *path, int (*wanted)(const struct dirent *),
                struct dirent ***entries_r, struct sceau_err *err)
{
	int count;

	errno = 0;
	if (sceau_dkim_key_file_check_directory(path, geteuid(), err) < 0)
		return -1;
	count = scandir(path, entries_r, wanted, by_bytes);
	if (count < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "%s: %s", path,
		                  strerror(errno));
	return count;
}

/* --- the set --- */

static int add_key(struct sceau_dkim_keys *keys, struct sceau_dkim_key *key,
                   struct sceau_err *err)
{
	struct sceau_dkim_key **grown = realloc(
		keys->keys, (keys->count + 1) * sizeof(*grown));

	if (grown == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	keys->keys = grown;
	keys->keys[keys->count++] = key;
	return 0;
}

static int load_entry(struct sceau_dkim_keys *keys, const char *path,
                      const char *domain, const char *name,
                      struct sceau_err *err)
{
	char selector[NAME_MAX + 1];
	struct sceau_dkim_key *key;

	(void)snprintf(selector, sizeof(selector), "%.*s",
	               (int)(strlen(name) - strlen(SUFFIX)), name);
	if (sceau_dkim_key_file_read(path, geteuid(), domain, selector, &key,
	                             err) < 0)
		return -1;
	if (add_key(keys, key, err) < 0) {
		sceau_dkim_key_free(&key);
		return -1;
	}
	return 0;
}

/* Two spellings of one domain would leave to chance which keys sign. */
static int check_spelling(const struct sceau_dkim_keys *keys, size_t first,
                          const char *directory, struct sceau_err *err)
{
	const char *domain;

	if (first == keys->count)
		return 0;
	domain = sceau_dkim_key_domain(keys->keys[first]);
	for (size_t i = 0; i < first; i++) {
		if (strcmp(sceau_dkim_key_domain(keys->keys[i]), domain) == 0)
			return sceau_fail(
				err, SCEAU_FAULT_CONFIG,
				"%s: two directories for %s that differ in "
				"case; remove one",
				directory, domain);
	}
	return 0;
}

/* What an admin should know of the keys of one domain, which are those from
   number first on. */
static void warn_of_domain(struct sceau_dkim_keys *keys, size_t first,
                           const char *path)
{
	const struct sceau_dkim_key *signer[2] = { NULL, NULL };

	for (size_t i = first; i < keys->count; i++) {
		const struct sceau_dkim_key *key = keys->keys[i];
		enum sceau_dkim_key_type type = sceau_dkim_key_type(key);
		const char *selector = sceau_dkim_key_selector(key);

		if (signer[type] != NULL)
			(void)warn(keys,
			           "%s/%s" SUFFIX
			           ": not used, selector %s signs; rename it "
			           "to end in .staged or .retired",
			           path, selector,
			           sceau_dkim_key_selector(signer[type]));
		else
			signer[type] = key;
		if (type == SCEAU_DKIM_RSA &&
		    sceau_dkim_key_bits(key) < SCEAU_DKIM_GOOD_BITS)
			(void)warn(keys,
			           "%s/%s" SUFFIX
			           ": an RSA key of %u bits; RFC 8301 wants at "
			           "least %d",
			           path, selector, sceau_dkim_key_bits(key),
			           SCEAU_DKIM_GOOD_BITS);
	}
	if (keys->count == first)
		(void)warn(keys, "%s: no file here ends in " SUFFIX, path);
	else if (signer[SCEAU_DKIM_RSA] == NULL)
		(void)warn(keys,
		           "%s: only an Ed25519 key; many verifiers know RSA "
		           "alone, so put an RSA key beside it",
		           path);
}

/* Whether a plain file that is no key lies where domains are expected. */
static bool is_stray(const char *path, const struct dirent *entry)
{
	struct stat st;

	return !is_key(entry) && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int join(char path[PATH_SIZE], const char *directory, const char *name,
                struct sceau_err *err)
{
	if (snprintf(path, PATH_SIZE, "%s/%s", directory, name) >= PATH_SIZE)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s/%s: path is too long", directory, name);
	return 0;
}

static int load_domain(struct sceau_dkim_keys *keys, const char *directory,
                       const struct dirent *entry, struct sceau_err *err)
{
	char path[PATH_SIZE], file[PATH_SIZE];
	struct dirent **entries;
	size_t first = keys->count;
	int count, ret = 0;

	if (join(path, directory, entry->d_name, err) < 0)
		return -1;
	if (is_stray(path, entry))
		return 0;
	count = list(path, is_key, &entries, err);
	if (count < 0)
		return -1;
	for (int i = 0; i < count && ret == 0; i++) {
		const char *name = entries[i]->d_name;

		ret = join(file, path, name, err);
		if (ret == 0)
			ret = load_entry(keys, file, entry->d_name, name, err);
	}
	free_entries(entries, count);
	if (ret == 0)
		ret = check_spelling(keys, first, directory, err);
	if (ret == 0)
		warn_of_domain(keys, first, path);
	return ret;
}

static int by_name(const void *a, const void *b)
{
	const struct sceau_dkim_key *x = *(struct sceau_dkim_key *const *)a;
	const struct sceau_dkim_key *y = *(struct sceau_dkim_key *const *)b;
	int order = strcmp(sceau_dkim_key_domain(x), sceau_dkim_key_domain(y));

	if (order != 0)
		return order;
	return strcmp(sceau_dkim_key_selector(x), sceau_dkim_key_selector(y));
}

static int finish(struct sceau_dkim_keys *keys, const char *directory,
                  struct sceau_err *err)
{
	if (keys->count == 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: no key; cure: sceau dkim new DOMAIN",
		                  directory);
	qsort(keys->keys, keys->count, sizeof(*keys->keys), by_name);
	return 0;
}

int sceau_dkim_keys_load(const char *directory, struct sceau_dkim_keys **keys_r,
                         struct sceau_err *err)
{
	struct sceau_dkim_keys *keys = calloc(1, sizeof(*keys));
	struct dirent **entries;
	int count, ret = 0;

	if (keys == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	atomic_init(&keys->references, 1);
	count = list(directory, is_visible, &entries, err);
	if (count < 0) {
		sceau_dkim_keys_unref(&keys);
		return -1;
	}
	for (int i = 0; i < count && ret == 0; i++)
		ret = load_domain(keys, directory, entries[i], err);
	free_entries(entries, count);
	if (ret == 0)
		ret = finish(keys, directory, err);
	if (ret < 0) {
		sceau_dkim_keys_unref(&keys);
		return -1;
	}
	*keys_r = keys;
	return 0;
}

struct sceau_dkim_keys *sceau_dkim_keys_ref(struct sceau_dkim_keys *keys)
{
	atomic_fetch_add(&keys->references, 1);
	return keys;
}

void sceau_dkim_keys_unref(struct sceau_dkim_keys **keys)
{
	struct sceau_dkim_keys *set = *keys;

	*keys = NULL;
	if (set == NULL || atomic_fetch_sub(&set->references, 1) > 1)
		return;
	for (size_t i = 0; i < set->count; i++)
		sceau_dkim_key_free(&set->keys[i]);
	for (size_t i = 0; i < set->warning_count; i++)
		free(set->warnings[i]);
	free(set->warnings);
	free(set->keys);
	free(set);
}

size_t sceau_dkim_keys_count(const struct sceau_dkim_keys *keys)
{
	return keys->count;
}

const struct sceau_dkim_key *
sceau_dkim_keys_get(const struct sceau_dkim_keys *keys, size_t index)
{
	return keys->keys[index];
}

const char *sceau_dkim_keys_warning(const struct sceau_dkim_keys *keys,
                                    size_t index)
{
	return index < keys->warning_count ? keys->warnings[index] : NULL;
}

/* Number of the first key of domain, or the count; ascii is scratch. */
static size_t first_of(const struct sceau_dkim_keys *keys, const char *domain,
                       char ascii[SCEAU_IDNA_SIZE])
{
	size_t low = 0, high = keys->count;

	if (sceau_idna_to_ascii(sceau_slice_of(domain), ascii,
	                        SCEAU_IDNA_SIZE) < 0)
		return keys->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *other = sceau_dkim_key_domain(keys->keys[middle]);

		if (strcmp(other, ascii) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_of(const struct sceau_dkim_keys *keys, size_t index,
                  const char *ascii)
{
	return index < keys->count &&
	       strcmp(sceau_dkim_key_domain(keys->keys[index]), ascii) == 0;
}

size_t sceau_dkim_keys_find(const struct sceau_dkim_keys *keys,
                            const char *domain,
                            const struct sceau_dkim_key *keys_r[2])
{
	const struct sceau_dkim_key *signer[2] = { NULL, NULL };
	char ascii[SCEAU_IDNA_SIZE];
	size_t count = 0;

	for (size_t i = first_of(keys, domain, ascii); is_of(keys, i, ascii);
	     i++) {
		enum sceau_dkim_key_type type = sceau_dkim_key_type(
			keys->keys[i]);

		if (signer[type] == NULL)
			signer[type] = keys->keys[i];
	}
	for (size_t i = 0; i < 2; i++) {
		if (signer[i] != NULL)
			keys_r[count++] = signer[i];
	}
	return count;
}

const struct sceau_dkim_key *
sceau_dkim_keys_find_selector(const struct sceau_dkim_keys *keys,
                              const char *domain, const char *selector)
{
	char ascii[SCEAU_IDNA_SIZE];

	for (size_t i = first_of(keys, domain, ascii); is_of(keys, i, ascii);
	     i++) {
		if (sceau_text_equal_nocase(
			    sceau_dkim_key_selector(keys->keys[i]), selector))
			return keys->keys[i];
	}
	return NULL;
}
