/* mailbox_server_key.c - sceau mailbox server-key: the server's own identity
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>
#include <sodium.h>

#include "age/account_keys.h"
#include "cli/cli.h"
#include "cli/mailbox.h"

/* One comment line and one identity. */
#define KEY_TEXT_SIZE                                                          \
	(32 + SCEAU_AGE_RECIPIENT_TEXT_SIZE + SCEAU_AGE_IDENTITY_TEXT_SIZE)

/* Split path into its directory and its last part. */
static int split_path(const char *path, char directory[PATH_MAX],
                      const char **name_r, struct sceau_err *err)
{
	const char *slash = strrchr(path, '/');

	if (path[0] != '/' || strlen(path) >= PATH_MAX || slash[1] == '\0')
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "not the full path of a file: %s", path);
	snprintf(directory, PATH_MAX, "%.*s",
	         slash == path ? 1 : (int)(slash - path), path);
	*name_r = slash + 1;
	return 0;
}

static int create(const char *path, mode_t mode, const char *text,
                  struct sceau_err *err)
{
	char directory[PATH_MAX];
	struct sceau_io_file file = { NULL, mode, text, strlen(text) };

	if (split_path(path, directory, &file.name, err) < 0)
		return -1;
	return sceau_io_create_file(directory, NULL, &file, err);
}

static int refuse_existing(const char *path, struct sceau_err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return 0;
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "%s exists already and is not replaced: accounts may "
	                  "depend on it. If none does, remove it first",
	                  path);
}

/* Write both files; the public one last, since it is what others use. */
static int write_files(const char *key_path, const char *recipient_path,
                       const struct sceau_age_identities *set,
                       const char *recipient, struct sceau_err *err)
{
	char public_text[SCEAU_AGE_RECIPIENT_TEXT_SIZE + 1];
	size_t len;
	int ret = -1;
	char *text = sodium_malloc(KEY_TEXT_SIZE);

	if (text == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no locked memory");
	int used = snprintf(text, KEY_TEXT_SIZE, "# public key: %s\n",
	                    recipient);
	if (sceau_age_identities_format(set, text + used,
	                                KEY_TEXT_SIZE - (size_t)used, &len,
	                                err) < 0 ||
	    create(key_path, 0600, text, err) < 0)
		goto out;
	snprintf(public_text, sizeof(public_text), "%s\n", recipient);
	if (create(recipient_path, 0644, public_text, err) < 0) {
		/* Nobody has seen the new key yet. */
		unlink(key_path);
		goto out;
	}
	ret = 0;
out:
	sodium_free(text);
	return ret;
}

static int make(const char *key_path, const char *recipient_path,
                enum sceau_age_kind kind,
                char recipient[SCEAU_AGE_RECIPIENT_TEXT_SIZE],
                struct sceau_err *err)
{
	struct sceau_random random = sceau_age_random();
	struct sceau_age_recipient public_key;
	struct sceau_age_identities *set;

	if (refuse_existing(key_path, err) < 0 ||
	    refuse_existing(recipient_path, err) < 0 ||
	    sceau_age_identities_new(&set, err) < 0)
		return -1;
	int ret = sceau_age_identities_generate(set, kind, &random, err);
	if (ret == 0)
		ret = sceau_age_identities_recipient(set, 0, &public_key, err);
	if (ret == 0) {
		sceau_age_recipient_format(&public_key, recipient);
		ret = write_files(key_path, recipient_path, set, recipient,
		                  err);
	}
	sceau_age_identities_free(&set);
	return ret;
}

int sceau_mailbox_server_key(const struct sceau_mailbox_options *options)
{
	const char *key_path = options->server_key != NULL
	                               ? options->server_key
	                               : SCEAU_DEFAULT_SERVER_KEY;
	const char *recipient_path = options->server != NULL
	                                     ? options->server
	                                     : SCEAU_DEFAULT_SERVER_RECIPIENT;
	char recipient[SCEAU_AGE_RECIPIENT_TEXT_SIZE];
	struct sceau_err err;

	if (make(key_path, recipient_path, options->kind, recipient, &err) < 0)
		return sceau_cli_fail("mailbox server-key", &err);
	if (!options->wants_json) {
		printf("key %s\nrecipient file %s\nrecipient %s\n", key_path,
		       recipient_path, recipient);
		return SCEAU_EXIT_OK;
	}
	json_t *root = json_pack("{s:s, s:s, s:s}", "key", key_path,
	                         "recipient_file", recipient_path, "recipient",
	                         recipient);
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
	return SCEAU_EXIT_OK;
}
