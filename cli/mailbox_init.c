/* mailbox_init.c - sceau mailbox init: give an account its identity
 *
 * The key directory appears whole or not at all; the copy for the key gate
 * comes second, and running init again adds it if it is missing. Nothing that
 * exists is changed: an identity that is replaced takes the mail with it.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "age/account_keys.h"
#include "cli/cli.h"
#include "cli/mailbox.h"

/* Server and escrow, and the recipient file. */
#define HOLDER_MAX 2
#define FILE_MAX (HOLDER_MAX + 1)

struct holders {
	struct {
		enum sceau_key_slot slot;
		const char *name;
		struct sceau_age_recipient recipient;
	} list[HOLDER_MAX];
	size_t count;
};

static int find_holders(const struct sceau_mailbox_options *options,
                        struct holders *holders, struct sceau_err *err)
{
	holders->count = 0;
	if (options->server != NULL) {
		holders->list[0].slot = SCEAU_KEY_SERVER;
		holders->list[0].name = "server";
		if (sceau_mailbox_read_recipient(options->server,
		                                 &holders->list[0].recipient,
		                                 NULL, err) < 0)
			return -1;
		holders->count++;
	}
	if (options->escrow != NULL) {
		size_t i = holders->count++;
		holders->list[i].slot = SCEAU_KEY_ESCROW;
		holders->list[i].name = "escrow";
		if (sceau_age_recipient_parse(sceau_slice_of(options->escrow),
		                              &holders->list[i].recipient,
		                              err) < 0)
			return sceau_fail_in(err, "--recipient");
	}
	if (holders->count > 0)
		return 0;
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "nobody would hold the identity, so the mail could "
	                  "never be read: give --server %s (made by \"sceau "
	                  "mailbox server-key\"), or --recipient, or both",
	                  SCEAU_DEFAULT_SERVER_RECIPIENT);
}

/* Everything that goes into the key directory. */
struct content {
	struct sceau_buf bytes[FILE_MAX];
	char names[FILE_MAX][SCEAU_KEY_NAME_SIZE];
	struct sceau_io_file files[FILE_MAX];
	size_t count;
	struct sceau_age_recipient recipient;
};

static void set_file(struct content *content, size_t i, mode_t mode)
{
	content->files[i].name = content->names[i];
	content->files[i].mode = mode;
	content->files[i].data = content->bytes[i].data;
	content->files[i].len = content->bytes[i].used;
	content->count = i + 1;
}

/* Make a new identity and the texts of all files. */
static int make_content(const struct holders *holders, enum sceau_age_kind kind,
                        struct content *content, struct sceau_err *err)
{
	struct sceau_random random = sceau_age_random();
	struct sceau_age_identities *set;
	size_t i;
	int ret;

	if (sceau_age_identities_new(&set, err) < 0)
		return -1;
	ret = sceau_age_identities_generate(set, kind, &random, err);
	for (i = 0; ret == 0 && i < holders->count; i++) {
		ret = sceau_key_slot_file(holders->list[i].slot, NULL,
		                          content->names[i], err);
		if (ret == 0)
			ret = sceau_key_seal(set, &holders->list[i].recipient,
			                     &random, &content->bytes[i], err);
		set_file(content, i, 0600);
	}
	if (ret == 0)
		ret = sceau_age_identities_recipient(set, 0,
		                                     &content->recipient, err);
	if (ret == 0) {
		snprintf(content->names[i], SCEAU_KEY_NAME_SIZE, "%s",
		         SCEAU_KEY_RECIPIENT_FILE);
		ret = sceau_key_recipient_format(&content->recipient,
		                                 &content->bytes[i], err);
		set_file(content, i, 0644);
	}
	sceau_age_identities_free(&set);
	return ret;
}

/* The owner of the new files: as asked for, else the account's, else that of
   the directory they go to. Never root by accident: Dovecot could not read. */
static int find_owner(const struct sceau_mailbox_options *options,
                      const struct sceau_mailbox_place *place,
                      struct sceau_io_owner *owner, struct sceau_err *err)
{
	struct stat st;

	if (geteuid() != 0 && !options->owner.is_set) {
		owner->is_set = false;
		return 0;
	}
	if (options->owner.is_set) {
		*owner = options->owner;
		return 0;
	}
	*owner = place->account.owner;
	if (!owner->is_set && stat(place->account.home, &st) == 0)
		*owner = (struct sceau_io_owner){ true, st.st_uid, st.st_gid };
	if (owner->is_set && owner->uid != 0)
		return 0;
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "who shall own %s? Give --owner UID:GID of the user "
	                  "that Dovecot reads this mail as",
	                  place->directory);
}

/* Make one directory unless it is there. */
static int make_directory(const char *path, mode_t mode,
                          const struct sceau_io_owner *owner,
                          struct sceau_err *err)
{
	if (mkdir(path, mode) == 0) {
		if (owner == NULL || !owner->is_set ||
		    lchown(path, owner->uid, owner->gid) == 0)
			return 0;
	} else if (errno == EEXIST) {
		return 0;
	}
	return sceau_fail(err, SCEAU_FAULT_CONFIG, "cannot make %s: %s", path,
	                  strerror(errno));
}

/* The state directory must be writable before anything is made. */
static int prepare_state(const struct sceau_mailbox_place *place,
                         struct sceau_err *err)
{
	char parent[PATH_MAX];

	snprintf(parent, sizeof(parent), "%s", place->state_dir);
	*strrchr(parent, '/') = '\0';
	if (make_directory(parent, 0755, NULL, err) < 0 ||
	    make_directory(place->state_dir, 0755, NULL, err) < 0)
		return -1;
	if (access(place->state_dir, W_OK | X_OK) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "cannot write to %s: %s: run this as root",
		                  place->state_dir, strerror(errno));
	return 0;
}

/* Write the public copy for the key gate. */
static int write_copy(const struct sceau_mailbox_place *place,
                      const struct sceau_age_recipient *recipient,
                      struct sceau_err *err)
{
	struct sceau_buf text;

	sceau_buf_init(&text, SCEAU_KEY_RECIPIENT_FILE_MAX);
	int ret = sceau_key_recipient_format(recipient, &text, err);
	if (ret == 0) {
		struct sceau_io_file file = { place->state_name, 0644,
			                      text.data, text.used };
		ret = sceau_io_create_file(place->state_dir, NULL, &file, err);
	}
	sceau_buf_deinit(&text);
	return ret;
}

/* The directory is there already. If only the copy is missing, somebody
   stopped us half-way: add it. */
static int complete(const struct sceau_mailbox_place *place,
                    struct sceau_err *err)
{
	char path[PATH_MAX + sizeof(SCEAU_KEY_RECIPIENT_FILE) + 1];
	struct sceau_age_recipient recipient;

	snprintf(path, sizeof(path), "%s/%s", place->directory,
	         SCEAU_KEY_RECIPIENT_FILE);
	if (sceau_mailbox_read_recipient(path, &recipient, NULL, err) < 0)
		return sceau_fail_in(err,
		                     "%s exists but is not complete (nothing "
		                     "was changed; restore it from a backup, "
		                     "or remove it if no mail was sealed yet)",
		                     place->directory);
	int ret = sceau_mailbox_check_copy(place, &recipient, err);
	if (ret < 0)
		return -1;
	if (ret == 0 && (prepare_state(place, err) < 0 ||
	                 write_copy(place, &recipient, err) < 0))
		return -1;
	return sceau_fail(err, SCEAU_FAULT_PEER,
	                  "%s exists: the account is enrolled already, its "
	                  "identity was not changed%s",
	                  place->directory,
	                  ret == 0 ? "; the missing copy of its recipient was "
	                             "added"
	                           : "");
}

/* A copy without a key directory: perhaps the home is not mounted. */
static int refuse_stale_copy(const struct sceau_mailbox_place *place,
                             struct sceau_err *err)
{
	char path[PATH_MAX + NAME_MAX + 2];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", place->state_dir,
	         place->state_name);
	if (lstat(path, &st) < 0)
		return 0;
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "%s says that the account is enrolled, but there is "
	                  "no %s: is the home mounted? If the keys are gone "
	                  "for good, remove that file first",
	                  path, place->directory);
}

static int enrol(const struct sceau_mailbox_options *options,
                 const struct sceau_mailbox_place *place,
                 const struct holders *holders, struct content *content,
                 struct sceau_err *err)
{
	struct sceau_io_owner owner;
	struct stat st;

	if (sceau_account_check_directory(&place->account, place->directory,
	                                  err) < 0)
		return -1;
	if (lstat(place->directory, &st) == 0 && !S_ISDIR(st.st_mode))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s is %s, which the plugin never uses: "
		                  "remove it",
		                  place->directory,
		                  S_ISLNK(st.st_mode) ? "a symbolic link"
		                                      : "not a directory");
	if (lstat(place->directory, &st) == 0)
		return complete(place, err);
	if (refuse_stale_copy(place, err) < 0 ||
	    find_owner(options, place, &owner, err) < 0 ||
	    prepare_state(place, err) < 0 ||
	    make_content(holders, options->kind, content, err) < 0)
		return -1;
	/* Dovecot makes homes at the first delivery only. */
	if (options->directory == NULL &&
	    make_directory(place->account.home, 0700, &owner, err) < 0)
		return -1;
	if (sceau_io_create_directory(place->directory, &owner, content->files,
	                              content->count, err) < 0)
		return -1;
	return write_copy(place, &content->recipient, err);
}

static void report(const struct sceau_mailbox_options *options,
                   const struct sceau_mailbox_place *place,
                   const struct holders *holders, const struct content *content)
{
	char recipient[SCEAU_AGE_RECIPIENT_TEXT_SIZE];

	sceau_age_recipient_format(&content->recipient, recipient);
	if (!options->wants_json) {
		printf("%s is enrolled\n", options->user);
		printf("directory %s\n", place->directory);
		printf("recipient %s\n", recipient);
		for (size_t i = 0; i < holders->count; i++)
			printf("holder %s\n", holders->list[i].name);
		return;
	}
	json_t *names = json_array();
	for (size_t i = 0; i < holders->count; i++)
		json_array_append_new(names,
		                      json_string(holders->list[i].name));
	json_t *root = json_pack("{s:s, s:s, s:s, s:o}", "user", options->user,
	                         "directory", place->directory, "recipient",
	                         recipient, "slots", names);
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}

int sceau_mailbox_init(const struct sceau_mailbox_options *options)
{
	struct sceau_mailbox_place place;
	struct holders holders;
	struct content content = { 0 };
	struct sceau_err err;

	for (size_t i = 0; i < FILE_MAX; i++)
		sceau_buf_init(&content.bytes[i], SCEAU_KEY_FILE_MAX);
	int ret = find_holders(options, &holders, &err);
	if (ret == 0)
		ret = sceau_mailbox_find(options, &place, &err);
	if (ret == 0)
		ret = enrol(options, &place, &holders, &content, &err);
	if (ret == 0)
		report(options, &place, &holders, &content);
	for (size_t i = 0; i < FILE_MAX; i++)
		sceau_buf_deinit(&content.bytes[i]);
	return ret == 0 ? SCEAU_EXIT_OK : sceau_cli_fail("mailbox init", &err);
}
