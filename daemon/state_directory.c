/* state_directory.c - see state_directory.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "daemon/lmdb_file.h"
#include "daemon/state_directory.h"

static int check_made(const char *directory, const struct stat *st,
                      struct sceau_err *err)
{
	struct statfs fs;

	if (!S_ISDIR(st->st_mode))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: is no directory; remove it", directory);
	if ((st->st_mode & S_IWOTH) != 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: everybody may write it; chmod o-w %s",
		                  directory, directory);
	if (access(directory, R_OK | W_OK | X_OK) < 0 && errno == EACCES)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: may not be written; it must belong to "
		                  "the daemon's user, mode 0750",
		                  directory);
	if (statfs(directory, &fs) == 0 &&
	    sceau_lmdb_file_is_remote((uint64_t)fs.f_type & UINT32_MAX))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: is on a network file system, where two "
		                  "hosts would spoil the file; name a local "
		                  "directory in store_directory",
		                  directory);
	return 0;
}

/* Whether directory, which is not there, could be made. */
static int check_parent(const char *directory, struct sceau_err *err)
{
	const char *slash = strrchr(directory, '/');
	char parent[4096];
	size_t len = slash == NULL ? 0 : (size_t)(slash - directory);

	if (len == 0 || len >= sizeof(parent))
		snprintf(parent, sizeof(parent), "/");
	else
		snprintf(parent, sizeof(parent), "%.*s", (int)len, directory);
	if (access(parent, W_OK | X_OK) == 0 || errno == EROFS)
		return 0;
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "%s: no such directory; create it: install -d -m "
	                  "0750 -o _sceau -g _sceau %s (the owner is the "
	                  "daemon's user)",
	                  directory, directory);
}

int sceau_state_directory_check(const char *directory, struct sceau_err *err)
{
	struct stat st;

	if (stat(directory, &st) == 0)
		return check_made(directory, &st, err);
	if (errno == ENOENT)
		return check_parent(directory, err);
	return sceau_fail(err, SCEAU_FAULT_CONFIG, "%s: %s", directory,
	                  strerror(errno));
}

int sceau_state_directory_make(const char *directory, struct sceau_err *err)
{
	/* Whatever it says, the check tells the better story. */
	mkdir(directory, 0750);
	return sceau_state_directory_check(directory, err);
}

int sceau_state_directory_make_for(const char *file, struct sceau_err *err)
{
	const char *slash = strrchr(file, '/');
	char *directory = slash == NULL || slash == file
	                          ? strdup(slash == NULL ? "." : "/")
	                          : strndup(file, (size_t)(slash - file));

	if (directory == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	int ret = sceau_state_directory_make(directory, err);
	free(directory);
	return ret;
}
