/* account.c - see account.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "age/account_keys.h"
#include "cli/account.h"

#define ANSWER_MAX 65536
/* How the child says that there is no doveadm, as shells do. */
#define STATUS_NO_PROGRAM 127
/* EX_NOUSER of sysexits.h. */
#define STATUS_NO_USER 67

/* Become doveadm, with its output going to fd. */
static void exec_doveadm(const char *user, int fd)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 ||
	    dup2(fd, STDOUT_FILENO) < 0 || dup2(null_fd, STDERR_FILENO) < 0)
		_exit(EXIT_FAILURE);
	execlp("doveadm", "doveadm", "user", "--", user, (char *)NULL);
	_exit(errno == ENOENT ? STATUS_NO_PROGRAM : EXIT_FAILURE);
}

/* Run `doveadm user USER`. Returns its exit status, -1 when it has none. */
static int ask_doveadm(const char *user, struct sceau_buf *answer)
{
	int fds[2];
	int status = -1;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
		exec_doveadm(user, fds[1]);
	close(fds[1]);
	if (pid > 0) {
		sceau_io_read_fd(fds[0], "doveadm", answer, NULL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	}
	close(fds[0]);
	return status;
}

/* Add a mail root; "~" is the home, anything else that is not absolute is not
   a path. */
static void add_root(struct sceau_account *account, struct sceau_slice path)
{
	char root[PATH_MAX];
	int used = 0;

	if (account->root_count == SCEAU_ACCOUNT_ROOTS_MAX || path.len == 0)
		return;
	if (path.data[0] == '~' && (path.len == 1 || path.data[1] == '/')) {
		path.data++;
		path.len--;
		used = snprintf(root, sizeof(root), "%s%.*s", account->home,
		                (int)path.len, path.data);
	} else if (path.data[0] == '/') {
		used = snprintf(root, sizeof(root), "%.*s", (int)path.len,
		                path.data);
	}
	if (used > 0 && used < PATH_MAX)
		memcpy(account->roots[account->root_count++], root,
		       (size_t)used + 1);
}

/* A location of Dovecot 2.3: maildir:~/Maildir:INDEX=/var/x:LAYOUT=fs */
static void add_location(struct sceau_account *account,
                         struct sceau_slice location)
{
	static const char *const keys[] = { "INDEX=", "CONTROL=", "ALT=",
		                            "INDEXPVT=", "INDEXCACHE=" };
	struct sceau_slice word;

	if (!sceau_slice_next_word(&location, ":", &word))
		return;
	if (sceau_slice_next_word(&location, ":", &word))
		add_root(account, word);
	while (sceau_slice_next_word(&location, ":", &word)) {
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			size_t len = strlen(keys[i]);
			struct sceau_slice path = { word.data + len, 0 };
			if (word.len <= len ||
			    strncmp(word.data, keys[i], len) != 0)
				continue;
			path.len = word.len - len;
			add_root(account, path);
		}
	}
}

static void take_id(struct sceau_slice value, unsigned *id_r, int *found_r)
{
	uint64_t id;

	if (sceau_text_parse_number(value, UINT32_MAX - 1, &id, NULL) < 0)
		return;
	*id_r = (unsigned)id;
	++*found_r;
}

/* Value of one field of the answer, the empty slice when it is not there. */
static struct sceau_slice field_of(struct sceau_slice answer, const char *name)
{
	struct sceau_slice line;
	size_t len = strlen(name);

	while (sceau_slice_next_word(&answer, "\n", &line)) {
		if (line.len > len && line.data[len] == '\t' &&
		    strncmp(line.data, name, len) == 0)
			return (struct sceau_slice){ line.data + len + 1,
				                     line.len - len - 1 };
	}
	return (struct sceau_slice){ NULL, 0 };
}

void sceau_account_read(struct sceau_slice answer,
                        struct sceau_account *account)
{
	/* Dovecot 2.4 has a field for each path. */
	static const char *const paths[] = { "mail_path", "mail_inbox_path",
		                             "mail_index_path",
		                             "mail_control_path",
		                             "mail_alt_path" };
	unsigned uid = 0;
	unsigned gid = 0;
	int found = 0;

	take_id(field_of(answer, "uid"), &uid, &found);
	take_id(field_of(answer, "gid"), &gid, &found);
	if (found == 2)
		account->owner = (struct sceau_io_owner){ true, uid, gid };
	struct sceau_slice home = field_of(answer, "home");
	if (home.len > 0 && account->home[0] == '\0')
		sceau_slice_copy(home, account->home, sizeof(account->home));
	add_location(account, field_of(answer, "mail"));
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		add_root(account, field_of(answer, paths[i]));
}

static int read_password_file(const char *user, struct sceau_account *account,
                              struct sceau_err *err)
{
	const struct passwd *entry = getpwnam(user);

	if (entry == NULL && account->home[0] != '\0')
		return 0;
	if (entry == NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "there is no doveadm to ask and no system "
		                  "user %s: name the home with --home DIR",
		                  user);
	account->owner = (struct sceau_io_owner){ true, entry->pw_uid,
		                                  entry->pw_gid };
	if (account->home[0] == '\0')
		snprintf(account->home, sizeof(account->home), "%s",
		         entry->pw_dir);
	return 0;
}

/* Turn the outcome of asking Dovecot into the account. */
static int take_answer(int status, const struct sceau_buf *answer,
                       const char *user, struct sceau_account *account,
                       struct sceau_err *err)
{
	bool has_home = account->home[0] != '\0';

	switch (status) {
	case 0:
		sceau_account_read(
			(struct sceau_slice){ answer->data, answer->used },
			account);
		return 0;
	case STATUS_NO_PROGRAM:
		return read_password_file(user, account, err);
	case STATUS_NO_USER:
		if (has_home)
			return 0;
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "Dovecot knows no user %s (doveadm user %s)",
		                  user, user);
	default:
		if (has_home)
			return 0;
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "doveadm did not tell the home of %s: is "
		                  "Dovecot running? Else name it with "
		                  "--home DIR",
		                  user);
	}
}

int sceau_account_find(const char *user, const char *home,
                       struct sceau_account *account, struct sceau_err *err)
{
	struct sceau_buf answer;

	memset(account, 0, sizeof(*account));
	if (home != NULL &&
	    sceau_slice_copy(sceau_slice_of(home), account->home,
	                     sizeof(account->home)) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the home's path is too long");
	sceau_buf_init(&answer, ANSWER_MAX);
	int status = ask_doveadm(user, &answer);
	int ret = take_answer(status, &answer, user, account, err);
	sceau_buf_deinit(&answer);
	if (ret == 0 && account->home[0] != '/')
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s has no home directory: name it with "
		                  "--home DIR",
		                  user);
	return ret;
}

/* path with the links in that part of it resolved which exists. */
static void resolve(const char *path, char out[PATH_MAX])
{
	char head[PATH_MAX];
	char real[PATH_MAX];
	size_t len = strlen(path);

	while (len > 0) {
		snprintf(head, sizeof(head), "%.*s", (int)len, path);
		if (realpath(head, real) != NULL) {
			int used = snprintf(out, PATH_MAX, "%s%s",
			                    strcmp(real, "/") == 0 ? "" : real,
			                    path + len);
			if (used > 0 && used < PATH_MAX)
				return;
			break;
		}
		while (len > 0 && path[--len] != '/')
			;
	}
	snprintf(out, PATH_MAX, "%s", path);
}

int sceau_account_check_directory(const struct sceau_account *account,
                                  const char *directory, struct sceau_err *err)
{
	char inner[PATH_MAX];
	char root[PATH_MAX];

	resolve(directory, inner);
	for (size_t i = 0; i < account->root_count; i++) {
		resolve(account->roots[i], root);
		int ret = sceau_key_path_is_inside(inner, root, err);
		if (ret < 0)
			return -1;
		if (ret == 1)
			return sceau_fail(
				err, SCEAU_FAULT_CONFIG,
				"the key directory %s lies inside the mail "
				"root %s, where IMAP clients could list and "
				"delete it: move the mail (e.g. "
				"mail_location = maildir:~/Maildir) or give "
				"--directory and the plugin's sceau_keys a "
				"path outside",
				inner, root);
	}
	return 0;
}
