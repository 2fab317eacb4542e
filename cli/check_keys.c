/* check_keys.c - DKIM keys, the server's identity, every directory on the way
 *
 * Modes are looked at file by file, so that each fault is told; what is in the
 * keys is the daemon's own code to say, as the daemon's own user.
 *
 * SPDX-License-Identifier: MIT
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/as_user.h"
#include "cli/check_host.h"
#include "cli/mailbox.h"
#include "daemon/dkim_keys.h"

#define SERVER_KEY_CONF "/etc/dovecot/sceau-server-key.conf"
#define SUFFIX ".private"
#define WARNINGS_MAX 4

/* Who may own what. */
struct owner {
	uid_t uid;
	const char *name;
	bool is_stopped; /* cannot pass a directory above: told already */
};

static void say_owner(char text[64], uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);

	if (entry != NULL)
		(void)snprintf(text, 64, "%s", entry->pw_name);
	else
		(void)snprintf(text, 64, "uid %u", (unsigned)uid);
}

static struct sceau_check_finding *add_path(struct sceau_check_host *host,
                                            const char *id, const char *path)
{
	struct sceau_check_finding *finding = sceau_check_add(
		host->check, SCEAU_CHECK_ERROR, id);

	sceau_check_say(finding->where, "%s", path);
	return finding;
}

static int pass(void *ctx, struct sceau_err *err)
{
	(void)err;
	return access(ctx, X_OK) < 0;
}

static bool is_passable(const char *path, const struct owner *owner)
{
	struct sceau_as_user who = { .user = owner->name };
	struct sceau_err err;

	return sceau_as_user(&who, pass, (void *)(uintptr_t)path, &err) == 0;
}

/* Whether path, or the directory that it is in, is a symbolic link. */
static bool is_linked(const char *path)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	struct stat st;

	if (lstat(path, &st) < 0 || S_ISLNK(st.st_mode))
		return true;
	if (slash == NULL || slash == path)
		return false;
	(void)snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path),
	               path);
	return lstat(parent, &st) < 0 || S_ISLNK(st.st_mode);
}

/* A command that is to mend path. Not so where a link leads elsewhere: who put
   it there would have the file of another given away. */
static void say_command(struct sceau_check_finding *finding, const char *path,
                        const char *command)
{
	if (is_linked(path))
		sceau_check_say(finding->remedy,
		                "a symbolic link leads there: put what it "
		                "leads to in its place, or take it away");
	else
		sceau_check_say(finding->remedy, "%s %s", command,
		                sceau_check_quote(path).text);
}

/* -h, should a link come in between. */
static void say_chown(struct sceau_check_finding *finding, const char *path,
                      const struct owner *owner)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "chown -h %s", owner->name);
	say_command(finding, path, command);
}

/* Whether path is the key directory or one in it: these are the signer's. */
static bool is_for_keys(const struct sceau_check_host *host, const char *path)
{
	const char *directory = host->settings->milter.sign_key_directory;
	size_t len = strlen(directory);

	return strncmp(path, directory, len) == 0 &&
	       (path[len] == '\0' || path[len] == '/');
}

/* Whoever may write a directory on the way may put other keys in its place. A
   sticky one lets only the owner replace an entry. */
static void check_directory(struct sceau_check_host *host, const char *id,
                            const char *path, struct owner *owner)
{
	struct sceau_check_finding *finding;
	struct stat st;
	char name[64];

	if (stat(path, &st) < 0)
		return;
	say_owner(name, st.st_uid);
	if (st.st_uid != 0 && st.st_uid != owner->uid) {
		finding = add_path(host, id, path);
		sceau_check_say(finding->what,
		                "owned by %s, who could swap the keys", name);
		say_chown(finding, path, owner);
		return;
	}
	if ((st.st_mode & 022) != 0 && (st.st_mode & S_ISVTX) == 0) {
		finding = add_path(host, id, path);
		sceau_check_say(finding->what,
		                "mode %04o, so others can swap the keys",
		                (unsigned)st.st_mode & 07777);
		say_command(finding, path, "chmod go-w");
	}
	if (owner->uid != 0 && host->is_root && !owner->is_stopped &&
	    !is_passable(path, owner)) {
		owner->is_stopped = true;
		finding = add_path(host, id, path);
		sceau_check_say(finding->what,
		                "mode %04o, owner %s: user %s cannot pass",
		                (unsigned)st.st_mode & 07777, name,
		                owner->name);
		if (st.st_uid == owner->uid)
			say_command(finding, path, "chmod u+rx");
		else if (is_for_keys(host, path))
			say_chown(finding, path, owner);
		else
			say_command(finding, path, "chmod o+x");
	}
}

/* A private key: its owner's alone. */
static void check_file(struct sceau_check_host *host, const char *id,
                       const char *path, struct owner *owner)
{
	struct sceau_check_finding *finding;
	struct stat st;
	char name[64];

	if (lstat(path, &st) < 0)
		return;
	if (!S_ISREG(st.st_mode)) {
		finding = add_path(host, id, path);
		sceau_check_say(finding->what, "%s",
		                S_ISLNK(st.st_mode) ? "a symbolic link"
		                                    : "not a regular file");
		sceau_check_say(finding->remedy,
		                "put the key itself there or take it away");
		return;
	}
	if (st.st_uid != owner->uid) {
		say_owner(name, st.st_uid);
		finding = add_path(host, id, path);
		sceau_check_say(finding->what, "owned by %s, not by %s", name,
		                owner->name);
		say_chown(finding, path, owner);
	}
	if ((st.st_mode & 077) != 0 || (st.st_mode & S_IRUSR) == 0) {
		finding = add_path(host, id, path);
		sceau_check_say(finding->what,
		                (st.st_mode & 077) != 0
		                        ? "mode %04o, so others can read or "
		                          "change this private key"
		                        : "mode %04o, so its owner cannot "
		                          "read it",
		                (unsigned)st.st_mode & 07777);
		say_command(finding, path, "chmod 600");
	}
}

/* Every directory from / down to that of path. */
static void check_way(struct sceau_check_host *host, const char *id,
                      const char *path, struct owner *owner)
{
	char part[PATH_MAX];

	for (size_t i = 0; path[i] != '\0' && i + 1 < sizeof(part); i++) {
		if (path[i] != '/')
			continue;
		(void)snprintf(part, sizeof(part), "%.*s", i == 0 ? 1 : (int)i,
		               path);
		check_directory(host, id, part, owner);
	}
}

/* --- DKIM --- */

static bool is_key_name(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > strlen(SUFFIX) &&
	       strcmp(name + len - strlen(SUFFIX), SUFFIX) == 0;
}

/* Call check for each entry of the directory; which is not there is told by
   the daemon's own code. */
static void each_entry(struct sceau_check_host *host, const char *directory,
                       struct owner *owner,
                       void (*check)(struct sceau_check_host *host,
                                     const char *path, const char *name,
                                     struct owner *owner))
{
	struct dirent **entries;
	char path[PATH_MAX];
	int count = scandir(directory, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		int len = snprintf(path, sizeof(path), "%s/%s", directory,
		                   name);

		if (name[0] != '.' && len > 0 && (size_t)len < sizeof(path))
			check(host, path, name, owner);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static void check_dkim_file(struct sceau_check_host *host, const char *path,
                            const char *name, struct owner *owner)
{
	if (is_key_name(name))
		check_file(host, "dkim-key", path, owner);
}

static void check_dkim_domain(struct sceau_check_host *host, const char *path,
                              const char *name, struct owner *owner)
{
	struct stat st;

	(void)name;
	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return;
	bool is_stopped = owner->is_stopped;
	check_directory(host, "dkim-directory", path, owner);
	owner->is_stopped = is_stopped;
	each_entry(host, path, owner, check_dkim_file);
}

/* What the daemon would say; a warning of the set when it has that many. */
struct load {
	const char *directory;
	size_t index;
};

static int load_keys(void *ctx, struct sceau_err *err)
{
	const struct load *load = ctx;
	struct sceau_dkim_keys *keys;
	int ret = 0;

	if (sceau_dkim_keys_load(load->directory, &keys, err) < 0)
		return -1;
	const char *text = sceau_dkim_keys_warning(keys, load->index);
	if (text != NULL) {
		sceau_fail(err, SCEAU_FAULT_CONFIG, "%s", text);
		ret = 1;
	}
	sceau_dkim_keys_unref(&keys);
	return ret;
}

static void check_dkim_content(struct sceau_check_host *host)
{
	struct load load = {
		.directory = host->settings->milter.sign_key_directory
	};
	struct sceau_as_user who = { .user = host->settings->common.sign_user };
	struct sceau_err err;
	int ret = 1;

	for (; ret > 0 && load.index < WARNINGS_MAX; load.index++) {
		ret = sceau_as_user(&who, load_keys, &load, &err);
		if (ret == 0)
			return;
		struct sceau_check_finding *finding = sceau_check_add(
			host->check,
			ret > 0 ? SCEAU_CHECK_WARNING : SCEAU_CHECK_ERROR,
			"dkim-key");
		sceau_check_say_error(finding, &err);
		if (finding->remedy[0] == '\0')
			sceau_check_say(finding->remedy,
			                "put the private key there again, or "
			                "rename it to end in .retired");
	}
}

static void check_dkim(struct sceau_check_host *host)
{
	const char *directory = host->settings->milter.sign_key_directory;
	const struct passwd *entry = getpwnam(host->settings->common.sign_user);
	size_t before = sceau_check_count(host->check);
	struct stat st;

	if (entry == NULL)
		return;
	struct owner owner = { .uid = entry->pw_uid,
		               .name = host->settings->common.sign_user };
	if (stat(directory, &st) == 0 || errno == EACCES) {
		check_way(host, "dkim-directory", directory, &owner);
		check_directory(host, "dkim-directory", directory, &owner);
		each_entry(host, directory, &owner, check_dkim_domain);
	}
	if (!host->is_root)
		sceau_check_note(host->check,
		                 "not root: what the DKIM keys hold is not "
		                 "checked");
	else if (sceau_check_count(host->check) == before)
		check_dkim_content(host);
}

static bool wants_dkim(const struct sceau_check_host *host)
{
	const char *directory = host->settings->milter.sign_key_directory;
	struct dirent **entries;
	int count = scandir(directory, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++)
		free(entries[i]);
	if (count >= 0)
		free(entries);
	for (size_t i = 0; i < host->socket_count; i++) {
		if (host->sockets[i].id == SCEAU_CHECK_SOCKET_SIGN &&
		    host->sockets[i].is_named)
			return true;
	}
	/* "." and ".." */
	if (count > 2 || (count < 0 && errno != ENOENT))
		return true;
	sceau_check_note(host->check,
	                 "%s holds no key and Postfix does not ask the sign "
	                 "role: nothing is signed",
	                 directory);
	return false;
}

/* --- the server's identity --- */

static void check_recipient(struct sceau_check_host *host)
{
	const char *path = SCEAU_DEFAULT_SERVER_RECIPIENT;
	struct sceau_check_finding *finding;
	struct stat st;

	if (stat(path, &st) < 0 || (st.st_uid == 0 && (st.st_mode & 022) == 0))
		return;
	finding = add_path(host, "server-recipient", path);
	sceau_check_say(finding->what,
	                "others than root may write it, and could have mail "
	                "sealed to themselves");
	sceau_check_say(finding->remedy, "chown root %s && chmod 644 %s", path,
	                path);
}

static void check_server(struct sceau_check_host *host)
{
	struct owner root = { .uid = 0, .name = "root" };
	struct sceau_check_finding *finding;
	struct stat st;

	if (lstat(SCEAU_DEFAULT_SERVER_KEY, &st) == 0) {
		check_way(host, "server-key", SCEAU_DEFAULT_SERVER_KEY, &root);
		check_file(host, "server-key", SCEAU_DEFAULT_SERVER_KEY, &root);
	}
	check_recipient(host);
	if (stat(SERVER_KEY_CONF, &st) < 0 ||
	    (st.st_uid == 0 && (st.st_mode & 077) == 0))
		return;
	/* dovecot-sceau(7): an LDA that runs as the user of the mail would
	   read it, and give up when it cannot open the key */
	finding = add_path(host, "server-key-conf", SERVER_KEY_CONF);
	sceau_check_say(finding->what,
	                "others than root may read it: a dovecot-lda that runs "
	                "as the user of the mail then fails on the key");
	sceau_check_say(finding->remedy, "chown root %s && chmod 600 %s",
	                SERVER_KEY_CONF, SERVER_KEY_CONF);
}

void sceau_check_keys(struct sceau_check_host *host)
{
	if (host->is_installed && wants_dkim(host))
		check_dkim(host);
	check_server(host);
}
