/* keys.c - the account's key directory: enrolled or not, recipient, identity
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/keys.h"

#include <unistd.h>

#include <sodium.h>

#include "dovecot-plugin/key_file.h"

int sceau_keys_enrolled(const char *dir, struct sceau_err *err)
{
	int fd, ret = sceau_key_file_open_dir(dir, &fd, err);

	if (ret > 0)
		close(fd);
	return ret;
}

int sceau_keys_recipient(const char *dir,
                         struct sceau_age_recipient *recipient_r,
                         struct sceau_err *err)
{
	struct sceau_buf text;
	int fd, ret;

	ret = sceau_key_file_open_dir(dir, &fd, err);
	if (ret <= 0)
		return ret;
	sceau_buf_init(&text, SCEAU_KEY_RECIPIENT_FILE_MAX);
	ret = sceau_key_file_read(fd, dir, SCEAU_KEY_RECIPIENT_FILE,
	                          SCEAU_KEY_FILE_PUBLIC, &text, err);
	if (ret == 0)
		ret = sceau_fail(err, SCEAU_FAULT_CONFIG,
		                 "%s/%s is missing: restore it, or run "
		                 "\"sceau mailbox init\" again",
		                 dir, SCEAU_KEY_RECIPIENT_FILE);
	else if (ret > 0 && sceau_key_recipient_parse(
				    sceau_slice_of(sceau_buf_text(&text)),
				    recipient_r, err) < 0)
		ret = sceau_fail_in(err, "%s/%s", dir,
		                    SCEAU_KEY_RECIPIENT_FILE);
	sceau_buf_deinit(&text);
	close(fd);
	return ret;
}

int sceau_keys_holder(const char *path, struct sceau_age_recipient *recipient_r,
                      struct sceau_err *err)
{
	struct sceau_buf text;
	int ret;

	sceau_buf_init(&text, SCEAU_KEY_RECIPIENT_FILE_MAX);
	ret = sceau_key_file_read_path(path, &text, err);
	if (ret == 0)
		ret = sceau_fail(err, SCEAU_FAULT_CONFIG,
		                 "%s is missing: \"sceau mailbox server-key\" "
		                 "makes it",
		                 path);
	else if (ret > 0 && sceau_key_recipient_parse(
				    sceau_slice_of(sceau_buf_text(&text)),
				    recipient_r, err) < 0)
		ret = sceau_fail_in(err, "%s", path);
	sceau_buf_deinit(&text);
	return ret < 0 ? -1 : 0;
}

/* Read the server slot of dir into sealed. Returns 0 or -1. */
static int read_server_slot(const char *dir, const char *name,
                            struct sceau_buf *sealed, struct sceau_err *err)
{
	int fd, ret = sceau_key_file_open_dir(dir, &fd, err);

	if (ret == 0)
		return sceau_fail(
			err, SCEAU_FAULT_CONFIG,
			"there is no key directory %s: restore it, or "
			"the mail sealed to it stays closed",
			dir);
	if (ret < 0)
		return -1;
	ret = sceau_key_file_read(fd, dir, name, SCEAU_KEY_FILE_SECRET, sealed,
	                          err);
	if (ret == 0)
		ret = sceau_fail(err, SCEAU_FAULT_CONFIG,
		                 "%s/%s is missing: this server holds no key "
		                 "to the account",
		                 dir, name);
	close(fd);
	return ret < 0 ? -1 : 0;
}

/* Make the server's identity set from its text. */
static int parse_server_key(struct sceau_slice text,
                            struct sceau_age_identities **set_r,
                            struct sceau_err *err)
{
	struct sceau_age_identities *set = NULL;

	if (sceau_slice_trim(text).len == 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "sceau_server_key is not set: give the file "
		                  "made by \"sceau mailbox server-key\"");
	if (sceau_age_identities_new(&set, err) < 0)
		return -1;
	if (sceau_age_identities_parse(set, text, err) < 0) {
		sceau_age_identities_free(&set);
		return sceau_fail_in(err, "sceau_server_key");
	}
	*set_r = set;
	return 0;
}

int sceau_keys_unlock(const char *dir, struct sceau_slice server_key,
                      struct sceau_age_identities **identities_r,
                      struct sceau_err *err)
{
	struct sceau_age_identities *holder = NULL;
	char name[SCEAU_KEY_NAME_SIZE];
	struct sceau_buf sealed;
	int ret;

	if (sceau_key_slot_file(SCEAU_KEY_SERVER, NULL, name, err) < 0 ||
	    parse_server_key(server_key, &holder, err) < 0)
		return -1;
	sceau_buf_init(&sealed, SCEAU_KEY_FILE_MAX);
	ret = read_server_slot(dir, name, &sealed, err);
	if (ret == 0 &&
	    sceau_key_open((struct sceau_slice){ sealed.data, sealed.used },
	                   holder, identities_r, err) < 0)
		ret = sceau_fail_in(err, "%s/%s", dir, name);
	sceau_buf_deinit(&sealed);
	sceau_age_identities_free(&holder);
	return ret;
}
