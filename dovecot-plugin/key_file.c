/* key_file.c - open and read the files of a key directory, with care
 *
 * All checks are made with fstat on what was opened, never on a path, so that
 * nobody can swap the file in between.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#define SECRET_FORBIDS (S_IRWXG | S_IRWXO)
#define PUBLIC_FORBIDS (S_IWGRP | S_IWOTH)

static int fail_errno(const char *what, const char *path, struct sceau_err *err)
{
	enum sceau_fault fault = SCEAU_FAULT_TEMP;

	if (errno == EACCES || errno == EPERM || errno == ENOTDIR)
		fault = SCEAU_FAULT_CONFIG;
	return sceau_fail(err, fault, "cannot %s %s as uid %u: %s", what, path,
	                  (unsigned)geteuid(), strerror(errno));
}

/* Whether what fd refers to belongs to us or to root. */
static int check_owner(const struct stat *st, const char *path,
                       struct sceau_err *err)
{
	if (st->st_uid == geteuid() || st->st_uid == 0)
		return 0;
	return sceau_fail(
		err, SCEAU_FAULT_CONFIG,
		"%s belongs to uid %u, not to uid %u that the mail is "
		"kept under: chown %u %s",
		path, (unsigned)st->st_uid, (unsigned)geteuid(),
		(unsigned)geteuid(), path);
}

static int check_dir(int fd, const char *path, struct sceau_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail_errno("stat", path, err);
	if (check_owner(&st, path, err) < 0)
		return -1;
	if ((st.st_mode & PUBLIC_FORBIDS) != 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s can be written by others (mode %04o): "
		                  "chmod 700 %s",
		                  path, (unsigned)st.st_mode & 07777, path);
	return 0;
}

int sceau_key_file_open_dir(const char *path, int *fd_r, struct sceau_err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && lstat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s is %s: the key directory must be a real "
		                  "directory, move it there or set sceau_keys",
		                  path,
		                  S_ISLNK(st.st_mode) ? "a symbolic link"
		                                      : "not a directory");
	if (fd < 0)
		return fail_errno("open the key directory", path, err);
	if (check_dir(fd, path, err) < 0) {
		close(fd);
		return -1;
	}
	*fd_r = fd;
	return 1;
}

static int check_file(int fd, const char *path, enum sceau_key_file_kind kind,
                      struct sceau_err *err)
{
	bool is_secret = kind == SCEAU_KEY_FILE_SECRET;
	mode_t forbidden = is_secret ? SECRET_FORBIDS : PUBLIC_FORBIDS;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail_errno("stat", path, err);
	if (!S_ISREG(st.st_mode))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s is not a regular file: remove it and "
		                  "restore the key file",
		                  path);
	if (check_owner(&st, path, err) < 0)
		return -1;
	if ((st.st_mode & forbidden) != 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s can be %s by others (mode %04o): "
		                  "chmod %s %s",
		                  path, is_secret ? "read" : "written",
		                  (unsigned)st.st_mode & 07777,
		                  is_secret ? "600" : "644", path);
	return 0;
}

static int read_all(int fd, const char *path, struct sceau_buf *out,
                    struct sceau_err *err)
{
	char piece[4096];
	ssize_t len;
	int ret = 0;

	while ((len = read(fd, piece, sizeof(piece))) != 0 && ret == 0) {
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			ret = fail_errno("read", path, err);
		else if (sceau_buf_append(out, piece, (size_t)len) < 0)
			ret = sceau_fail(err, SCEAU_FAULT_CONFIG,
			                 "%s is longer than a key file can be "
			                 "(%zu bytes)",
			                 path, out->max);
	}
	sodium_memzero(piece, sizeof(piece));
	return ret;
}

/* Check and read what was opened; closes fd. */
static int read_open(int fd, const char *path, enum sceau_key_file_kind kind,
                     struct sceau_buf *out, struct sceau_err *err)
{
	int ret = check_file(fd, path, kind, err);

	if (ret == 0)
		ret = read_all(fd, path, out, err);
	close(fd);
	return ret < 0 ? -1 : 1;
}

int sceau_key_file_read(int dir_fd, const char *dir_path, const char *name,
                        enum sceau_key_file_kind kind, struct sceau_buf *out,
                        struct sceau_err *err)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir_path, name);
	/* O_NONBLOCK: a FIFO in its place must not hold us. */
	fd = openat(dir_fd, name,
	            O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && errno == ELOOP)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s is a symbolic link: put the file itself "
		                  "there",
		                  path);
	if (fd < 0)
		return fail_errno("open", path, err);
	return read_open(fd, path, kind, out, err);
}

int sceau_key_file_read_path(const char *path, struct sceau_buf *out,
                             struct sceau_err *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return fail_errno("open", path, err);
	return read_open(fd, path, SCEAU_KEY_FILE_PUBLIC, out, err);
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t done = write(fd, data, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		data += done;
		len -= (size_t)done;
	}
	return fsync(fd);
}

int sceau_key_file_write(int dir_fd, const char *name, unsigned mode,
                         const void *data, size_t len, struct sceau_err *err)
{
	int fd = openat(dir_fd, name,
	                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	                mode);
	int ret = 0;

	if (fd < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "cannot create %s: %s",
		                  name, strerror(errno));
	if (fchmod(fd, mode) < 0 || write_all(fd, data, len) < 0)
		ret = sceau_fail(err, SCEAU_FAULT_TEMP, "cannot write %s: %s",
		                 name, strerror(errno));
	if (close(fd) < 0 && ret == 0)
		ret = sceau_fail(err, SCEAU_FAULT_TEMP, "cannot close %s: %s",
		                 name, strerror(errno));
	if (ret < 0)
		unlinkat(dir_fd, name, 0);
	return ret;
}
