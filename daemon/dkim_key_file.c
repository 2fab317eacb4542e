/* dkim_key_file.c - the file of a private key: who may see it, what it holds
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/dkim_key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#define USER_SIZE 64
#define FILE_MAX 16384

static const char *user_name(uid_t uid, char text[USER_SIZE])
{
	char buf[2048];
	struct passwd entry, *found = NULL;

	if (getpwuid_r(uid, &entry, buf, sizeof(buf), &found) == 0 &&
	    found != NULL)
		(void)snprintf(text, USER_SIZE, "%s", entry.pw_name);
	else
		(void)snprintf(text, USER_SIZE, "uid %u", (unsigned)uid);
	return text;
}

/* Nobody but its owner may see a private key, and the owner is who signs: with
   any other owner, somebody else could swap it. */
static int check_file(const char *path, const struct stat *st, uid_t owner,
                      struct sceau_err *err)
{
	char is[USER_SIZE], wanted[USER_SIZE];

	if (!S_ISREG(st->st_mode))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: not a regular file", path);
	if (st->st_uid != owner)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: owned by %s, but read by %s; cure: "
		                  "chown %s %s",
		                  path, user_name(st->st_uid, is),
		                  user_name(owner, wanted), wanted, path);
	if ((st->st_mode & 077) != 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: mode %04o, so others than its owner can "
		                  "read or change this private key; cure: "
		                  "chmod 600 %s",
		                  path, (unsigned)st->st_mode & 07777, path);
	return 0;
}

static int read_all(int fd, char *buf, size_t size, size_t *len_r)
{
	size_t used = 0;

	while (used < size) {
		ssize_t got = read(fd, buf + used, size - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		used += (size_t)got;
	}
	*len_r = used;
	return 0;
}

/* Look at the name before opening it, for the better message, and at the open
   file for the truth. */
static int open_file(const char *path, uid_t owner, struct sceau_err *err)
{
	char self[USER_SIZE];
	struct stat st;
	int fd;

	const char *who = user_name(geteuid(), self);
	/* the directory can be read: only a link leads nowhere */
	if (stat(path, &st) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: a link that %s cannot follow (%s); "
		                  "cure: put the key itself there",
		                  path, who, strerror(errno));
	if (check_file(path, &st, owner, err) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: %s cannot read it (%s); cure: chmod 600 "
		                  "%s",
		                  path, who, strerror(errno), path);
	if (fstat(fd, &st) < 0 || check_file(path, &st, owner, err) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

int sceau_dkim_key_file_read(const char *path, uid_t owner, const char *domain,
                             const char *selector,
                             struct sceau_dkim_key **key_r,
                             struct sceau_err *err)
{
	int fd = open_file(path, owner, err);
	char *pem;
	size_t len;
	int ret;

	if (fd < 0)
		return -1;
	pem = sodium_init() < 0 ? NULL : sodium_malloc(FILE_MAX + 1);
	if (pem == NULL) {
		(void)close(fd);
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	}
	if (read_all(fd, pem, FILE_MAX + 1, &len) < 0)
		ret = sceau_fail(err, SCEAU_FAULT_CONFIG, "%s: %s", path,
		                 strerror(errno));
	else if (len > FILE_MAX)
		ret = sceau_fail(err, SCEAU_FAULT_CONFIG,
		                 "%s: over %d bytes, not a private key", path,
		                 FILE_MAX);
	else if (sceau_dkim_key_new((struct sceau_slice){ pem, len }, domain,
	                            selector, key_r, err) < 0)
		ret = sceau_fail_in(err, "%s", path);
	else
		ret = 0;
	sodium_free(pem);
	(void)close(fd);
	return ret;
}

/* Whoever may write a directory may put another key into it. */
int sceau_dkim_key_file_check_directory(const char *path, uid_t owner,
                                        struct sceau_err *err)
{
	char name[USER_SIZE];
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return sceau_fail(
			err, SCEAU_FAULT_CONFIG,
			"%s: %s; keys belong into "
			"sign_key_directory/DOMAIN/"
			"SELECTOR" SCEAU_DKIM_KEY_FILE_SUFFIX,
			path, errno != 0 ? strerror(errno) : "not a directory");
	if (st.st_uid != owner && st.st_uid != 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: owned by %s, who could swap the keys; "
		                  "cure: chown root %s",
		                  path, user_name(st.st_uid, name), path);
	if ((st.st_mode & 022) != 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: mode %04o, so others can swap the keys; "
		                  "cure: chmod go-w %s",
		                  path, (unsigned)st.st_mode & 07777, path);
	if (access(path, R_OK | X_OK) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: %s cannot read this directory (%s); "
		                  "cure: chmod 755 %s",
		                  path, user_name(geteuid(), name),
		                  strerror(errno), path);
	return 0;
}
