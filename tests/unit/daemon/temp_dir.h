/* temp_dir.h - a directory for one test, and what happens to files in it
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_TEST_TEMP_DIR_H
#define SCEAU_TEST_TEMP_DIR_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char temp_dir[64];

/* A new one, in memory where there is such a place: many syncs of a busy disk
   take long. NULL when the system refuses. */
static inline const char *temp_dir_make(void)
{
	snprintf(temp_dir, sizeof(temp_dir), "%s/sceau-unit.XXXXXX",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	return mkdtemp(temp_dir);
}

/* The path of name in it; good until the fourth call after. */
static inline const char *temp_path(const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", temp_dir, name);
	return path;
}

/* Entries of it whose name begins with prefix; the last one seen is copied to
   name unless that is NULL. */
static inline size_t temp_dir_count(const char *prefix, char name[256])
{
	DIR *dir = opendir(temp_dir);
	const struct dirent *entry;
	size_t count = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
		    entry->d_name[0] == '.')
			continue;
		count++;
		if (name != NULL)
			snprintf(name, 256, "%s", entry->d_name);
	}
	if (dir != NULL)
		closedir(dir);
	return count;
}

/* Away with it; entries that are directories must be empty. */
static inline void temp_dir_remove(void)
{
	char name[256];

	chmod(temp_dir, 0700);
	while (temp_dir_count("", name) > 0) {
		if (remove(temp_path(name)) < 0)
			break;
	}
	rmdir(temp_dir);
}

#endif
