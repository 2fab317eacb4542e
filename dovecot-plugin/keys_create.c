/* keys_create.c - enrol an account: make its key directory
 *
 * The directory is filled under a temporary name beside its place and then
 * renamed there, but never over another: of two deliveries that enrol at once
 * the first one wins and the second one uses what it made.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dovecot-plugin/key_file.h"

/* Write the slot file and the recipient file of set. */
static int write_files(int dir_fd, const char *slot_file,
                       const struct sceau_age_identities *set,
                       const struct sceau_age_recipient *holder,
                       const struct sceau_random *random, struct sceau_err *err)
{
	struct sceau_age_recipient recipient;
	struct sceau_buf slot, text;
	int ret;

	sceau_buf_init(&slot, SCEAU_KEY_FILE_MAX);
	sceau_buf_init(&text, SCEAU_KEY_RECIPIENT_FILE_MAX);
	ret = sceau_age_identities_recipient(set, 0, &recipient, err);
	if (ret == 0)
		ret = sceau_key_seal(set, holder, random, &slot, err);
	if (ret == 0)
		ret = sceau_key_file_write(dir_fd, slot_file, 0600, slot.data,
		                           slot.used, err);
	if (ret == 0)
		ret = sceau_key_recipient_format(&recipient, &text, err);
	if (ret == 0)
		ret = sceau_key_file_write(dir_fd, SCEAU_KEY_RECIPIENT_FILE,
		                           0644, text.data, text.used, err);
	sceau_buf_deinit(&slot);
	sceau_buf_deinit(&text);
	return ret;
}

/* Make a new identity and write it into the directory behind dir_fd. */
static int fill_dir(int dir_fd, const char *slot_file,
                    const struct sceau_age_recipient *holder,
                    const struct sceau_random *random, struct sceau_err *err)
{
	struct sceau_age_identities *set = NULL;
	int ret;

	if (sceau_age_identities_new(&set, err) < 0)
		return -1;
	ret = sceau_age_identities_generate(set, SCEAU_AGE_X25519, random, err);
	if (ret == 0)
		ret = write_files(dir_fd, slot_file, set, holder, random, err);
	sceau_age_identities_free(&set);
	if (ret == 0 && fsync(dir_fd) < 0)
		ret = sceau_fail(err, SCEAU_FAULT_TEMP, "fsync: %s",
		                 strerror(errno));
	return ret;
}

/* Bring the new name to disk, so that a mail sealed to the new identity never
   outlives the identity itself. */
static int sync_parent(const char *dir, struct sceau_err *err)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(dir, '/');
	int fd, ret = 0;

	snprintf(parent, sizeof(parent), "%.*s",
	         slash == NULL || slash == dir ? 1 : (int)(slash - dir), dir);
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		ret = sceau_fail(err, SCEAU_FAULT_TEMP, "cannot sync %s: %s",
		                 parent, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ret;
}

/* Give the directory its place. Returns -1 with errno. */
static int rename_new(const char *from, const char *to)
{
	int ret = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);

	/* Not every file system knows the flag. Without it only an empty
	   directory could be replaced. */
	if (ret < 0 && errno == EINVAL)
		ret = rename(from, to);
	return ret;
}

static void remove_dir(const char *path, int dir_fd, const char *slot_file)
{
	unlinkat(dir_fd, slot_file, 0);
	unlinkat(dir_fd, SCEAU_KEY_RECIPIENT_FILE, 0);
	rmdir(path);
}

int sceau_keys_create(const char *dir, enum sceau_key_slot slot,
                      const struct sceau_age_recipient *holder,
                      const struct sceau_random *random, struct sceau_err *err)
{
	char name[SCEAU_KEY_NAME_SIZE], path[PATH_MAX];
	int fd, ret;

	if (sceau_key_slot_file(slot, NULL, name, err) < 0)
		return -1;
	if (snprintf(path, sizeof(path), "%s.new.XXXXXX", dir) >=
	    (int)sizeof(path))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the key directory's path is too long");
	if (mkdtemp(path) == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "cannot make %s: %s",
		                  path, strerror(errno));
	ret = sceau_key_file_open_dir(path, &fd, err);
	if (ret <= 0) {
		rmdir(path);
		return -1;
	}
	ret = fill_dir(fd, name, holder, random, err);
	if (ret == 0 && rename_new(path, dir) == 0) {
		ret = sync_parent(dir, err);
	} else {
		int rename_errno = errno;

		remove_dir(path, fd, name);
		/* Somebody else enrolled the account meanwhile: fine. */
		if (ret == 0 && rename_errno != ENOTEMPTY &&
		    rename_errno != EEXIST)
			ret = sceau_fail(err, SCEAU_FAULT_TEMP,
			                 "cannot make %s: %s", dir,
			                 strerror(rename_errno));
	}
	close(fd);
	return ret;
}
