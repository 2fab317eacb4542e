/* set_aside.c - see set_aside.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/set_aside.h"

#define MARK ".damaged-"
#define NAME_SIZE 256
#define SEEN_MAX 1000

static bool is_ours(const char *entry, const char *base)
{
	size_t len = strlen(base);

	return strncmp(entry, base, len) == 0 &&
	       strncmp(entry + len, MARK, strlen(MARK)) == 0 &&
	       strlen(entry) < NAME_SIZE;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Names sort by their time. unlinkat refuses directories. */
static void remove_oldest(int dir_fd, char (*names)[NAME_SIZE], size_t count)
{
	qsort(names, count, NAME_SIZE, by_name);
	for (size_t i = 0; i + SCEAU_SET_ASIDE_MAX < count; i++)
		unlinkat(dir_fd, names[i], 0);
}

static void prune(const char *directory, const char *base)
{
	DIR *dir = opendir(directory);
	char(*names)[NAME_SIZE] = calloc(SEEN_MAX, NAME_SIZE);
	const struct dirent *entry;
	size_t count = 0;

	while (dir != NULL && names != NULL && count < SEEN_MAX &&
	       (entry = readdir(dir)) != NULL) {
		if (is_ours(entry->d_name, base))
			snprintf(names[count++], NAME_SIZE, "%s",
			         entry->d_name);
	}
	if (dir != NULL && names != NULL)
		remove_oldest(dirfd(dir), names, count);
	free(names);
	if (dir != NULL)
		closedir(dir);
}

/* Rename without replacing what is there: EEXIST. Not every file system can do
   that in one step. */
static int rename_new(const char *path, const char *name)
{
	if (renameat2(AT_FDCWD, path, AT_FDCWD, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
	if (faccessat(AT_FDCWD, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(path, name);
}

static int rename_free(const char *path, time_t now, char *name, size_t size)
{
	struct tm tm;
	char stamp[32];

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	for (char letter = 'a'; letter <= 'z'; letter++) {
		const char more[] = { letter, '\0' };

		if (snprintf(name, size, "%s" MARK "%s%s", path, stamp,
		             letter == 'a' ? "" : more) >= (int)size) {
			errno = ENAMETOOLONG;
			return -1;
		}
		if (rename_new(path, name) == 0)
			return 0;
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

int sceau_set_aside(const char *path, time_t now, char *name, size_t size,
                    struct sceau_err *err)
{
	const char *slash = strrchr(path, '/');
	char *directory;

	if (rename_free(path, now, name, size) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "%s: cannot be renamed: %s", path,
		                  strerror(errno));
	directory = slash == NULL ? strdup(".")
	                          : strndup(path, (size_t)(slash - path) + 1);
	if (directory != NULL)
		prune(directory, slash == NULL ? path : slash + 1);
	free(directory);
	return 0;
}
