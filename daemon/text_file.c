/* text_file.c - see text_file.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/text_file.h"

/* Who can write the file decides what we do as another user. */
static int check_mode(const struct sceau_text_file *file, int fd,
                      struct sceau_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "%s: %s", file->path,
		                  strerror(errno));
	if (!S_ISREG(st.st_mode))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: not a regular file; name one in %s",
		                  file->path, file->setting);
	if ((st.st_mode & S_IWOTH) != 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: everybody may write it; chmod o-w %s",
		                  file->path, file->path);
	if (file->is_secret && (st.st_mode & S_IROTH) != 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: everybody may read the keys in it; "
		                  "chmod o-r %s",
		                  file->path, file->path);
	return 0;
}

static int read_all(const struct sceau_text_file *file, int fd,
                    struct sceau_buf *out, struct sceau_err *err)
{
	char part[16384];
	ssize_t n;

	while ((n = read(fd, part, sizeof(part))) > 0) {
		if (sceau_buf_append(out, part, (size_t)n) == 0)
			continue;
		explicit_bzero(part, sizeof(part));
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: more than %zu bytes", file->path,
		                  out->max);
	}
	explicit_bzero(part, sizeof(part));
	if (n < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "%s: %s", file->path,
		                  strerror(errno));
	return 0;
}

/* O_NONBLOCK: a FIFO in its place must not hang us. */
static int open_file(const struct sceau_text_file *file, struct sceau_err *err)
{
	int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: no such file; create it (it may be "
		                  "empty) or name another in %s",
		                  file->path, file->setting);
	if (errno == EACCES)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: may not be read; chmod %s %s and give x "
		                  "on its directories",
		                  file->path, file->is_secret ? "g+r" : "a+r",
		                  file->path);
	return sceau_fail(err, SCEAU_FAULT_CONFIG, "%s: %s", file->path,
	                  strerror(errno));
}

int sceau_text_file_read(const struct sceau_text_file *file,
                         struct sceau_buf *out, struct sceau_err *err)
{
	if (file->may_be_absent && access(file->path, F_OK) < 0 &&
	    errno == ENOENT)
		return 0;
	int fd = open_file(file, err);
	if (fd < 0)
		return -1;
	int ret = check_mode(file, fd, err);
	if (ret == 0)
		ret = read_all(file, fd, out, err);
	close(fd);
	return ret;
}
