/* mailbox_status.c - sceau mailbox status: is mail sealed, can it be read?
 *
 * Changes nothing. Whatever would make the plugin defer or refuse, or lets
 * others at the keys, is a finding with path and remedy.
 *
 * SPDX-License-Identifier: MIT
 */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "age/account_keys.h"
#include "cli/cli.h"
#include "cli/mailbox.h"
#include "cli/secret.h"

#define FILE_PATH_MAX (PATH_MAX + NAME_MAX + 2)

/* What is found out, in the order in which it is printed. */
struct status {
	bool is_enrolled;
	bool has_recipient;
	struct sceau_age_recipient recipient;
	uid_t owner; /* of the key directory */
	json_t *slots;
	json_t *findings;
};

static void add_finding(struct status *status, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add_finding(struct status *status, const char *fmt, ...)
{
	char text[2 * PATH_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	sceau_text_make_printable(text);
	json_array_append_new(status->findings, json_string(text));
}

/* Whether path may be used: a regular file of the directory's owner (or root)
   on which others have none of the rights in forbidden. */
static bool check_file(struct status *status, const char *path,
                       mode_t forbidden)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		add_finding(status, "%s: %s", path, strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		add_finding(status, "%s is not a regular file: remove it",
		            path);
		return false;
	}
	if ((st.st_mode & forbidden) != 0)
		add_finding(status, "%s: others can %s it: chmod %s %s", path,
		            (st.st_mode & forbidden & 0044) != 0 ? "read"
		                                                 : "change",
		            forbidden == 0077 ? "600" : "644", path);
	if (st.st_uid != status->owner && st.st_uid != 0)
		add_finding(status,
		            "%s belongs to user %u, its directory to user %u: "
		            "chown %u %s",
		            path, (unsigned)st.st_uid, (unsigned)status->owner,
		            (unsigned)status->owner, path);
	return true;
}

/* Open the server's slot with the server's key and compare what is inside with
   the recipient. */
static void check_server_slot(struct status *status, const char *path,
                              const struct sceau_buf *sealed,
                              const struct sceau_age_identities *server)
{
	struct sceau_age_identities *identities;
	struct sceau_err err;
	struct sceau_slice slice = { sealed->data, sealed->used };
	enum sceau_age_status opened = sceau_key_open(slice, server,
	                                              &identities, &err);

	if (opened != SCEAU_AGE_OK) {
		add_finding(status,
		            "%s: the server's key does not open it (%s: %s)",
		            path, sceau_age_status_name(opened), err.text);
		return;
	}
	if (status->has_recipient &&
	    !sceau_key_matches(identities, &status->recipient))
		add_finding(status,
		            "%s holds another identity than the recipient "
		            "file names: new mail cannot be read with it",
		            path);
	sceau_age_identities_free(&identities);
}

static void check_slot(struct status *status, const char *path,
                       enum sceau_key_slot slot,
                       const struct sceau_age_identities *server)
{
	struct sceau_age_header header;
	struct sceau_buf sealed;
	struct sceau_err err;

	if (!check_file(status, path, 0077))
		return;
	sceau_buf_init(&sealed, SCEAU_KEY_FILE_MAX);
	if (sceau_io_read_file(path, &sealed, &err) < 0)
		add_finding(status, "%s", err.text);
	else if (sceau_age_header_parse(sealed.data, sealed.used, &header,
	                                NULL) != SCEAU_AGE_OK)
		add_finding(status, "%s is not an age file", path);
	else if (slot == SCEAU_KEY_SERVER && server != NULL)
		check_server_slot(status, path, &sealed, server);
	sceau_buf_deinit(&sealed);
}

/* Look at every slot file of the key directory. */
static void check_slots(struct status *status, const char *directory,
                        const struct sceau_age_identities *server)
{
	DIR *dir = opendir(directory);

	if (dir == NULL) {
		add_finding(status, "%s: %s", directory, strerror(errno));
		return;
	}
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		char path[FILE_PATH_MAX];
		enum sceau_key_slot slot;
		if (sceau_key_slot_of_file(entry->d_name, &slot) < 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		json_array_append_new(status->slots,
		                      json_string(entry->d_name));
		check_slot(status, path, slot, server);
	}
	closedir(dir);
	if (json_array_size(status->slots) == 0)
		add_finding(
			status,
			"%s holds no identity: mail sealed to the recipient "
			"cannot be read; restore it from a backup",
			directory);
}

static void check_recipient(struct status *status,
                            const struct sceau_mailbox_place *place)
{
	char path[FILE_PATH_MAX];
	struct sceau_err err;

	snprintf(path, sizeof(path), "%s/%s", place->directory,
	         SCEAU_KEY_RECIPIENT_FILE);
	if (!check_file(status, path, 0022))
		return;
	if (sceau_mailbox_read_recipient(path, &status->recipient, NULL, &err) <
	    0) {
		add_finding(status, "%s", err.text);
		return;
	}
	status->has_recipient = true;
	int ret = sceau_mailbox_check_copy(place, &status->recipient, &err);
	if (ret < 0)
		add_finding(status, "%s", err.text);
	else if (ret == 0)
		add_finding(status,
		            "%s/%s is missing: \"sceau mailbox init\" adds it",
		            place->state_dir, place->state_name);
}

static void check_directory(struct status *status,
                            const struct sceau_mailbox_options *options,
                            const struct sceau_mailbox_place *place,
                            const struct sceau_age_identities *server)
{
	struct sceau_err err;
	struct stat st;

	if (lstat(place->directory, &st) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			add_finding(status,
			            "%s is not enrolled: there is no %s; run "
			            "\"sceau mailbox init\"",
			            options->user, place->directory);
		else
			add_finding(status, "%s: %s", place->directory,
			            strerror(errno));
		return;
	}
	if (!S_ISDIR(st.st_mode)) {
		add_finding(status, "%s is not a directory: remove it",
		            place->directory);
		return;
	}
	status->is_enrolled = true;
	status->owner = st.st_uid;
	if ((st.st_mode & 0022) != 0)
		add_finding(status, "%s: others can change it: chmod 700 %s",
		            place->directory, place->directory);
	if (sceau_account_check_directory(&place->account, place->directory,
	                                  &err) < 0)
		add_finding(status, "%s", err.text);
	check_recipient(status, place);
	check_slots(status, place->directory, server);
}

/* Read the server's key if there is one that we may read. Returns 0, also
   without one; -1 when the key that was asked for cannot be used. */
static int read_server_key(struct status *status,
                           const struct sceau_mailbox_options *options,
                           struct sceau_age_identities **set_r,
                           struct sceau_err *err)
{
	const char *path = options->server_key;
	struct stat st;

	*set_r = NULL;
	if (path == NULL) {
		path = SCEAU_DEFAULT_SERVER_KEY;
		if (access(path, R_OK) < 0)
			return 0;
	}
	if (stat(path, &st) == 0 && (st.st_mode & 0077) != 0)
		add_finding(status, "%s: others can read it: chmod 600 %s",
		            path, path);
	if (sceau_age_identities_new(set_r, err) < 0)
		return -1;
	return sceau_secret_read_identities(path, *set_r, err);
}

static void print_text(const struct sceau_mailbox_options *options,
                       const struct sceau_mailbox_place *place,
                       const struct status *status, const char *recipient)
{
	json_t *value;
	size_t i;

	printf("user %s\ndirectory %s\nenrolled %s\n", options->user,
	       place->directory, status->is_enrolled ? "yes" : "no");
	if (status->has_recipient)
		printf("recipient %s\n", recipient);
	json_array_foreach(status->slots, i, value)
		printf("slot %s\n", json_string_value(value));
	json_array_foreach(status->findings, i, value)
		printf("finding %s\n", json_string_value(value));
}

static void print_json(const struct sceau_mailbox_options *options,
                       const struct sceau_mailbox_place *place,
                       const struct status *status, const char *recipient)
{
	json_t *root = json_pack(
		"{s:s, s:s, s:b, s:s?, s:O, s:O}", "user", options->user,
		"directory", place->directory, "enrolled", status->is_enrolled,
		"recipient", status->has_recipient ? recipient : NULL, "slots",
		status->slots, "findings", status->findings);

	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}

static int report(const struct sceau_mailbox_options *options,
                  const struct sceau_mailbox_place *place,
                  const struct status *status)
{
	char recipient[SCEAU_AGE_RECIPIENT_TEXT_SIZE] = "";

	if (status->has_recipient)
		sceau_age_recipient_format(&status->recipient, recipient);
	if (options->wants_json)
		print_json(options, place, status, recipient);
	else
		print_text(options, place, status, recipient);
	return json_array_size(status->findings) == 0 ? SCEAU_EXIT_OK
	                                              : SCEAU_EXIT_FINDINGS;
}

int sceau_mailbox_status(const struct sceau_mailbox_options *options)
{
	struct sceau_mailbox_place place;
	struct sceau_age_identities *server = NULL;
	struct status status = { .slots = json_array(),
		                 .findings = json_array() };
	struct sceau_err err;
	int ret = sceau_mailbox_find(options, &place, &err);

	if (ret == 0)
		ret = read_server_key(&status, options, &server, &err);
	if (ret == 0)
		check_directory(&status, options, &place, server);
	int result = ret == 0 ? report(options, &place, &status)
	                      : sceau_cli_fail("mailbox status", &err);
	if (server != NULL)
		sceau_age_identities_free(&server);
	json_decref(status.slots);
	json_decref(status.findings);
	return result;
}
