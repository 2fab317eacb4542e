/* secret.c - see secret.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "cli/secret.h"

/* Read fd to its end. Nothing may pass through memory that is not ours to
   wipe, so no stdio here. */
static int read_all(int fd, size_t max, struct sceau_secret *secret)
{
	while (secret->len <= max) {
		ssize_t got = read(fd, secret->data + secret->len,
		                   max + 1 - secret->len);
		if (got == 0)
			return 0;
		if (got < 0 && errno != EINTR)
			return -1;
		if (got > 0)
			secret->len += (size_t)got;
	}
	errno = EFBIG;
	return -1;
}

int sceau_secret_read(const char *path, size_t max, struct sceau_secret *secret,
                      struct sceau_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	secret->len = 0;
	secret->data = NULL;
	if (fd < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "cannot open %s: %s",
		                  path, strerror(errno));
	secret->data = sodium_malloc(max + 1);
	if (secret->data == NULL) {
		close(fd);
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no locked memory");
	}
	int ret = read_all(fd, max, secret);
	if (ret < 0)
		sceau_fail(err,
		           errno == EFBIG || errno == EISDIR
		                   ? SCEAU_FAULT_CONFIG
		                   : SCEAU_FAULT_TEMP,
		           "cannot read %s: %s", path, strerror(errno));
	close(fd);
	if (ret < 0)
		sceau_secret_free(secret);
	return ret;
}

void sceau_secret_free(struct sceau_secret *secret)
{
	sodium_free(secret->data);
	secret->data = NULL;
	secret->len = 0;
}

int sceau_secret_read_identities(const char *path,
                                 struct sceau_age_identities *set,
                                 struct sceau_err *err)
{
	struct sceau_secret secret;

	if (sceau_secret_read(path, SCEAU_AGE_IDENTITY_FILE_MAX, &secret, err) <
	    0)
		return -1;
	struct sceau_slice text = { secret.data, secret.len };
	int ret = sceau_age_identities_parse(set, text, err);
	sceau_secret_free(&secret);
	if (ret < 0)
		sceau_fail_in(err, "%s", path);
	return ret;
}

int sceau_secret_read_passphrase(const char *path, struct sceau_secret *secret,
                                 struct sceau_slice *passphrase_r,
                                 struct sceau_err *err)
{
	/* Only the first line counts; people keep notes below it. */
	if (sceau_secret_read(path, SCEAU_AGE_IDENTITY_FILE_MAX, secret, err) <
	    0)
		return -1;
	const char *lf = memchr(secret->data, '\n', secret->len);
	size_t len = lf == NULL ? secret->len : (size_t)(lf - secret->data);
	if (len > 0 && secret->data[len - 1] == '\r')
		len--;
	if (len == 0 || len > SCEAU_AGE_PASSPHRASE_MAX) {
		sceau_secret_free(secret);
		return sceau_fail(
			err, SCEAU_FAULT_CONFIG,
			"%s: the first line must be a passphrase of 1 "
			"to %d bytes",
			path, SCEAU_AGE_PASSPHRASE_MAX);
	}
	*passphrase_r = (struct sceau_slice){ secret->data, len };
	return 0;
}
