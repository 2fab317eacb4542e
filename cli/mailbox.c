/* mailbox.c - sceau mailbox VERB: options and what the verbs share
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "age/account_keys.h"
#include "cli/cli.h"
#include "cli/mailbox.h"

enum option_code {
	OPTION_HOME = 256,
	OPTION_DIRECTORY,
	OPTION_OWNER,
	OPTION_SERVER,
	OPTION_RECIPIENT,
	OPTION_STATE_DIR,
	OPTION_KEY,
	OPTION_JSON,
	OPTION_HYBRID,
};

static const struct option init_options[] = {
	{ "home", required_argument, NULL, OPTION_HOME },
	{ "directory", required_argument, NULL, OPTION_DIRECTORY },
	{ "state-dir", required_argument, NULL, OPTION_STATE_DIR },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "owner", required_argument, NULL, OPTION_OWNER },
	{ "server", required_argument, NULL, OPTION_SERVER },
	{ "recipient", required_argument, NULL, OPTION_RECIPIENT },
	{ "hybrid", no_argument, NULL, OPTION_HYBRID },
	{ NULL, 0, NULL, 0 },
};

static const struct option status_options[] = {
	{ "home", required_argument, NULL, OPTION_HOME },
	{ "directory", required_argument, NULL, OPTION_DIRECTORY },
	{ "state-dir", required_argument, NULL, OPTION_STATE_DIR },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "key", required_argument, NULL, OPTION_KEY },
	{ NULL, 0, NULL, 0 },
};

static const struct option server_key_options[] = {
	{ "key", required_argument, NULL, OPTION_KEY },
	{ "recipient", required_argument, NULL, OPTION_SERVER },
	{ "hybrid", no_argument, NULL, OPTION_HYBRID },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ NULL, 0, NULL, 0 },
};

static const struct {
	const char *name;
	bool takes_user;
	const struct option *options;
	int (*run)(const struct sceau_mailbox_options *options);
} verbs[] = {
	{ "init", true, init_options, sceau_mailbox_init },
	{ "status", true, status_options, sceau_mailbox_status },
	{ "server-key", false, server_key_options, sceau_mailbox_server_key },
};

#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

/* Read "UID:GID". */
static int parse_owner(const char *text, struct sceau_io_owner *owner)
{
	struct sceau_slice rest = sceau_slice_of(text);
	struct sceau_slice uid_text;
	uint64_t uid;
	uint64_t gid;

	if (!sceau_slice_next_word(&rest, ":", &uid_text) || rest.len < 2)
		return -1;
	rest.data++;
	rest.len--;
	if (sceau_text_parse_number(uid_text, UINT32_MAX - 1, &uid, NULL) < 0 ||
	    sceau_text_parse_number(rest, UINT32_MAX - 1, &gid, NULL) < 0)
		return -1;
	*owner = (struct sceau_io_owner){ true, (uid_t)uid, (gid_t)gid };
	return 0;
}

static int take_option(struct sceau_mailbox_options *options, int option)
{
	switch (option) {
	case OPTION_HOME:
		options->home = optarg;
		return 0;
	case OPTION_DIRECTORY:
		options->directory = optarg;
		return 0;
	case OPTION_OWNER:
		return parse_owner(optarg, &options->owner);
	case OPTION_SERVER:
		options->server = optarg;
		return 0;
	case OPTION_RECIPIENT:
		options->escrow = optarg;
		return 0;
	case OPTION_STATE_DIR:
		options->state_dir = optarg;
		return 0;
	case OPTION_KEY:
		options->server_key = optarg;
		return 0;
	case OPTION_HYBRID:
		options->kind = SCEAU_AGE_HYBRID;
		return 0;
	case OPTION_JSON:
		options->wants_json = true;
		return 0;
	default:
		return -1;
	}
}

static int run_verb(size_t verb, int argc, char **argv)
{
	struct sceau_mailbox_options options = { 0 };
	int option;

	while ((option = getopt_long(argc, argv, "", verbs[verb].options,
	                             NULL)) != -1) {
		if (take_option(&options, option) < 0)
			return sceau_cli_usage(&sceau_noun_mailbox);
	}
	if (argc - optind != (verbs[verb].takes_user ? 1 : 0))
		return sceau_cli_usage(&sceau_noun_mailbox);
	if (verbs[verb].takes_user) {
		options.user = argv[optind];
		/* doveadm gives * and ? a meaning of its own. */
		if (options.user[0] == '\0' ||
		    strpbrk(options.user, "*?") != NULL)
			return sceau_cli_usage(&sceau_noun_mailbox);
	}
	return verbs[verb].run(&options);
}

static int run(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < VERB_COUNT; i++) {
		if (strcmp(verbs[i].name, argv[1]) == 0)
			return run_verb(i, argc - 1, argv + 1);
	}
	return sceau_cli_usage(&sceau_noun_mailbox);
}

const struct sceau_noun sceau_noun_mailbox = {
	.name = "mailbox",
	.help = "keys of the accounts whose mail is sealed",
	.usage = "sceau mailbox init USER [--server FILE] [--recipient AGE1...]"
		 "\n           [--hybrid] [--home DIR] [--directory DIR]"
		 "\n           [--owner UID:GID] [--state-dir DIR] [--json]"
		 "\n       sceau mailbox status USER [--key FILE] [--home DIR]"
		 "\n           [--directory DIR] [--state-dir DIR] [--json]"
		 "\n       sceau mailbox server-key [--key FILE]"
		 " [--recipient FILE]"
		 "\n           [--hybrid] [--json]",
	.run = run,
};

int sceau_mailbox_find(const struct sceau_mailbox_options *options,
                       struct sceau_mailbox_place *place, struct sceau_err *err)
{
	const char *state = options->state_dir != NULL
	                            ? options->state_dir
	                            : SCEAU_DEFAULT_STATE_DIR;
	int used;

	if (sceau_account_find(options->user, options->home, &place->account,
	                       err) < 0)
		return -1;
	if (options->directory != NULL)
		used = snprintf(place->directory, PATH_MAX, "%s",
		                options->directory);
	else
		used = snprintf(place->directory, PATH_MAX, "%s/.sceau",
		                place->account.home);
	int state_used = snprintf(place->state_dir, PATH_MAX, "%s/recipients",
	                          state);
	/* With a slash behind it a link would be followed. */
	while (used > 1 && used < PATH_MAX && place->directory[used - 1] == '/')
		place->directory[--used] = '\0';
	if (used >= PATH_MAX || state_used >= PATH_MAX ||
	    place->directory[0] != '/' || place->state_dir[0] != '/')
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "directories must be given as full paths");
	return sceau_key_user_file(options->user, place->state_name,
	                           sizeof(place->state_name), err);
}

int sceau_mailbox_read_recipient(const char *path,
                                 struct sceau_age_recipient *recipient_r,
                                 bool *exists_r, struct sceau_err *err)
{
	struct sceau_buf text;
	struct stat st;

	if (exists_r != NULL)
		*exists_r = lstat(path, &st) == 0 || errno != ENOENT;
	sceau_buf_init(&text, SCEAU_KEY_RECIPIENT_FILE_MAX);
	int ret = sceau_io_read_file(path, &text, err);
	if (ret == 0) {
		struct sceau_slice slice = { text.data, text.used };
		ret = sceau_key_recipient_parse(slice, recipient_r, err);
		if (ret < 0)
			sceau_fail_in(err, "%s", path);
	}
	sceau_buf_deinit(&text);
	return ret;
}

int sceau_mailbox_check_copy(const struct sceau_mailbox_place *place,
                             const struct sceau_age_recipient *recipient,
                             struct sceau_err *err)
{
	char path[PATH_MAX + NAME_MAX + 2];
	struct sceau_age_recipient copy;
	bool exists;

	snprintf(path, sizeof(path), "%s/%s", place->state_dir,
	         place->state_name);
	if (sceau_mailbox_read_recipient(path, &copy, &exists, err) < 0)
		return exists ? -1 : 0;
	if (!sceau_age_recipient_equal(&copy, recipient))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s names another recipient than %s/%s: find "
		                  "out which is right and remove the copy if "
		                  "it is the other one",
		                  path, place->directory,
		                  SCEAU_KEY_RECIPIENT_FILE);
	return 1;
}
