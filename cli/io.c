/* io.c - see io.h
 *
 * Directories of accounts belong to their users, who may swap names under us
 * while we are root: everything below goes through descriptors and never
 * follows a link.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/io.h"

#define BLOCK_SIZE 16384
#define NAME_TRIES 100

/* What errno says about a path, as an error. */
static int fail_errno(struct sceau_err *err, const char *what, const char *path)
{
	enum sceau_fault fault = SCEAU_FAULT_TEMP;

	if (errno == ENOENT || errno == EACCES || errno == EPERM ||
	    errno == ENOTDIR || errno == EISDIR || errno == ELOOP ||
	    errno == EEXIST || errno == EROFS || errno == ENAMETOOLONG)
		fault = SCEAU_FAULT_CONFIG;
	return sceau_fail(err, fault, "cannot %s %s: %s", what, path,
	                  strerror(errno));
}

int sceau_io_read_fd(int fd, const char *name, struct sceau_buf *out,
                     struct sceau_err *err)
{
	char block[BLOCK_SIZE];

	for (;;) {
		ssize_t got = read(fd, block, sizeof(block));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_errno(err, "read", name);
		if (got == 0)
			return 0;
		if (sceau_buf_append(out, block, (size_t)got) < 0)
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "%s is longer than %zu bytes", name,
			                  out->max);
	}
}

int sceau_io_read_file(const char *path, struct sceau_buf *out,
                       struct sceau_err *err)
{
	/* Not to hang on what a user put in its place: a FIFO, say. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int ret;

	if (fd < 0 || fstat(fd, &st) < 0)
		ret = fail_errno(err, "open", path);
	else if (!S_ISREG(st.st_mode))
		ret = sceau_fail(err, SCEAU_FAULT_CONFIG,
		                 "%s is not a regular file", path);
	else
		ret = sceau_io_read_fd(fd, path, out, err);
	if (fd >= 0)
		close(fd);
	return ret;
}

int sceau_io_write(int fd, const char *name, const void *data, size_t len,
                   struct sceau_err *err)
{
	const char *bytes = data;

	while (len > 0) {
		ssize_t done = write(fd, bytes, len);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return fail_errno(err, "write to", name);
		bytes += done;
		len -= (size_t)done;
	}
	return 0;
}

/* Set owner and mode of what fd is. */
static int set_owner(int fd, const struct sceau_io_owner *owner, mode_t mode,
                     const char *name, struct sceau_err *err)
{
	if (owner != NULL && owner->is_set &&
	    fchown(fd, owner->uid, owner->gid) < 0)
		return fail_errno(err, "change the owner of", name);
	if (fchmod(fd, mode) < 0)
		return fail_errno(err, "change the mode of", name);
	return 0;
}

/* Write a new file under name into the directory dir_fd and to disk. */
static int write_new(int dir_fd, const char *name,
                     const struct sceau_io_file *file,
                     const struct sceau_io_owner *owner, struct sceau_err *err)
{
	int fd = openat(dir_fd, name,
	                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	                0600);

	if (fd < 0)
		return fail_errno(err, "make", file->name);
	int ret = sceau_io_write(fd, file->name, file->data, file->len, err);
	if (ret == 0)
		ret = set_owner(fd, owner, file->mode, file->name, err);
	if (ret == 0 && fsync(fd) < 0)
		ret = fail_errno(err, "sync", file->name);
	close(fd);
	if (ret < 0)
		unlinkat(dir_fd, name, 0);
	return ret;
}

static int open_directory(int at_fd, const char *path, int flags)
{
	return openat(at_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
}

int sceau_io_create_file(const char *dir, const struct sceau_io_owner *owner,
                         const struct sceau_io_file *file,
                         struct sceau_err *err)
{
	char temporary[NAME_MAX + 1];
	int dir_fd = open_directory(AT_FDCWD, dir, 0);

	if (dir_fd < 0)
		return fail_errno(err, "open the directory", dir);
	/* The name of a file may be as long as names get. */
	snprintf(temporary, sizeof(temporary), ".new.%ld", (long)getpid());
	int ret = write_new(dir_fd, temporary, file, owner, err);
	if (ret == 0) {
		/* Unlike rename(2), link(2) never replaces. */
		if (linkat(dir_fd, temporary, dir_fd, file->name, 0) < 0)
			ret = fail_errno(err, "make", file->name);
		unlinkat(dir_fd, temporary, 0);
	}
	if (ret == 0 && fsync(dir_fd) < 0)
		ret = fail_errno(err, "sync", dir);
	close(dir_fd);
	if (ret < 0)
		sceau_fail_in(err, "%s", dir);
	return ret;
}

/* Make an empty directory with a name of its own in parent_fd. Returns a
   descriptor of it. */
static int make_temporary(int parent_fd, char name[NAME_MAX + 1],
                          struct sceau_err *err)
{
	struct stat st;
	int ret = -1;

	for (unsigned i = 0; i < NAME_TRIES && ret < 0; i++) {
		snprintf(name, NAME_MAX + 1, ".sceau.new.%ld.%u",
		         (long)getpid(), i);
		ret = mkdirat(parent_fd, name, 0700);
		if (ret < 0 && errno != EEXIST)
			break;
	}
	if (ret < 0)
		return fail_errno(err, "make the directory", name);
	int fd = open_directory(parent_fd, name, O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid()) {
		if (fd >= 0)
			close(fd);
		unlinkat(parent_fd, name, AT_REMOVEDIR);
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "%s was changed by somebody else", name);
	}
	return fd;
}

/* Give the finished directory its name, which must be free. */
static int give_name(int parent_fd, const char *from, const char *to,
                     struct sceau_err *err)
{
	int ret = renameat2(parent_fd, from, parent_fd, to, RENAME_NOREPLACE);

	/* A file system that does not know the flag: plain rename refuses all
	   but an empty directory. */
	if (ret < 0 && errno == EINVAL)
		ret = renameat(parent_fd, from, parent_fd, to);
	if (ret < 0)
		return fail_errno(err, "make the directory", to);
	if (fsync(parent_fd) < 0)
		return fail_errno(err, "sync the directory of", to);
	return 0;
}

static int fill_directory(int fd, const char *name,
                          const struct sceau_io_owner *owner,
                          const struct sceau_io_file *files, size_t count,
                          struct sceau_err *err)
{
	for (size_t i = 0; i < count; i++) {
		if (write_new(fd, files[i].name, &files[i], owner, err) < 0)
			return -1;
	}
	if (set_owner(fd, owner, 0700, name, err) < 0)
		return -1;
	return fsync(fd) < 0 ? fail_errno(err, "sync", name) : 0;
}

static void remove_temporary(int parent_fd, int fd, const char *name,
                             const struct sceau_io_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		unlinkat(fd, files[i].name, 0);
	unlinkat(parent_fd, name, AT_REMOVEDIR);
}

int sceau_io_create_directory(const char *path,
                              const struct sceau_io_owner *owner,
                              const struct sceau_io_file *files, size_t count,
                              struct sceau_err *err)
{
	char parent[PATH_MAX];
	char temporary[NAME_MAX + 1];
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash[1] == '\0' || strlen(path) >= PATH_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "not the full path of a directory: %s", path);
	snprintf(parent, sizeof(parent), "%.*s",
	         slash == path ? 1 : (int)(slash - path), path);
	int parent_fd = open_directory(AT_FDCWD, parent, 0);
	if (parent_fd < 0)
		return fail_errno(err, "open the directory", parent);
	int fd = make_temporary(parent_fd, temporary, err);
	int ret = fd < 0 ? -1 : 0;
	if (ret == 0) {
		ret = fill_directory(fd, path, owner, files, count, err);
		if (ret == 0)
			ret = give_name(parent_fd, temporary, slash + 1, err);
		if (ret < 0)
			remove_temporary(parent_fd, fd, temporary, files,
			                 count);
		close(fd);
	}
	close(parent_fd);
	return ret;
}
