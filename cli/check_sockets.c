/* check_sockets.c - whether the daemons can make their sockets, and for whom
 *
 * A socket is made with the umask 007: owner and group. So that the group is
 * Postfix's, its directory must hand it down (setgid).
 *
 * SPDX-License-Identifier: MIT
 */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/as_user.h"
#include "cli/check_host.h"

static void directory_of(const struct sceau_listen_address *address,
                         char directory[sizeof(address->path)])
{
	(void)snprintf(directory, sizeof(address->path), "%s", address->path);
	char *slash = strrchr(directory, '/');
	slash[slash == directory ? 1 : 0] = '\0';
}

/* A finding about the directory of an address; NULL when there is one. */
static struct sceau_check_finding *add(struct sceau_check_host *host,
                                       enum sceau_check_severity severity,
                                       const char *id, const char *directory)
{
	if (sceau_check_has_at(host->check, id, directory))
		return NULL;
	struct sceau_check_finding *finding = sceau_check_add(host->check,
	                                                      severity, id);
	sceau_check_say(finding->where, "%s", directory);
	return finding;
}

static void say_remedy(const struct sceau_check_host *host,
                       struct sceau_check_finding *finding)
{
	char directory[512];

	(void)snprintf(directory, sizeof(directory), "%s", finding->where);
	sceau_check_say(finding->remedy,
	                "install -d -m 3770 -o %s -g postfix %s, then restart "
	                "the daemons",
	                host->settings->common.user,
	                sceau_check_quote(directory).text);
}

static int can_listen(void *ctx, struct sceau_err *err)
{
	return sceau_listen_check(ctx, err);
}

/* As the daemon itself asks before it starts. Returns whether it may. */
static bool check_made(struct sceau_check_host *host, const char *id,
                       const char *user,
                       const struct sceau_listen_address *address)
{
	struct sceau_as_user who = { .user = user };
	struct sceau_check_finding *finding, why;
	char directory[sizeof(address->path)];
	struct sceau_err err;

	if (getpwnam(user) == NULL ||
	    sceau_as_user(&who, can_listen, (void *)(uintptr_t)address, &err) ==
	            0)
		return true;
	if (address->is_unix)
		directory_of(address, directory);
	else
		(void)snprintf(directory, sizeof(directory), "%.100s",
		               address->text);
	finding = add(host, SCEAU_CHECK_ERROR, id, directory);
	if (finding == NULL)
		return false;
	sceau_check_say_error(&why, &err);
	sceau_check_say(finding->what, "%s", why.what);
	return false;
}

/* Whom the sockets in it will be for. */
static void check_group(struct sceau_check_host *host,
                        const struct sceau_listen_address *address)
{
	const char *mail_owner = sceau_postfix_conf_get(&host->postfix, NULL,
	                                                "mail_owner");
	const struct passwd *postfix = getpwnam(mail_owner);
	struct sceau_check_finding *finding = NULL;
	char directory[sizeof(address->path)];
	struct stat st;

	directory_of(address, directory);
	if (stat(directory, &st) < 0 || postfix == NULL)
		return;
	unsigned mode = (unsigned)st.st_mode & 07777;
	bool is_wrong_group = (mode & S_ISGID) == 0 ||
	                      st.st_gid != postfix->pw_gid;
	if (is_wrong_group || (mode & S_IWOTH) != 0) {
		finding = add(host, SCEAU_CHECK_ERROR, "socket-directory",
		              directory);
		if (finding != NULL)
			sceau_check_say(
				finding->what,
				is_wrong_group
					? "mode %04o: it does not hand the "
					  "group %s down to the sockets in "
					  "it, so Postfix cannot open them"
					: "mode %04o: everybody could put "
					  "another socket there in place of "
					  "ours (group %s)",
				mode, mail_owner);
	} else if ((mode & S_ISVTX) == 0) {
		finding = add(host, SCEAU_CHECK_WARNING, "socket-directory",
		              directory);
		if (finding != NULL)
			sceau_check_say(finding->what,
			                "mode %04o: whoever is in the group %s "
			                "could replace sockets of the others",
			                mode, mail_owner);
	}
	if (finding != NULL)
		say_remedy(host, finding);
}

/* Whether Postfix looks for it elsewhere: then the place is wrong before its
   group can be. */
static bool is_misplaced(const struct sceau_check_host *host,
                         const struct sceau_check_socket *socket)
{
	for (size_t i = 0; i < host->mention_count; i++) {
		if (host->mentions[i].socket == socket &&
		    host->mentions[i].is_exact)
			return false;
	}
	return socket->is_named;
}

static void check_socket(struct sceau_check_host *host,
                         const struct sceau_check_socket *socket)
{
	const struct sceau_listen_address *address = &socket->address;
	size_t before = sceau_check_count(host->check);

	if (check_made(host, "socket-directory", socket->user, address)) {
		if (address->is_unix && host->has_postfix &&
		    !is_misplaced(host, socket))
			check_group(host, address);
		return;
	}
	if (address->is_unix && sceau_check_count(host->check) > before)
		say_remedy(host, sceau_check_last(host->check));
}

static void check_control(struct sceau_check_host *host, const char *user,
                          const char *name)
{
	const struct sceau_conf_common *common = &host->settings->common;
	struct sceau_listen_address address;
	size_t before = sceau_check_count(host->check);
	struct sceau_err err;
	char text[256];

	(void)snprintf(text, sizeof(text), "unix:%s/%s.ctl",
	               common->control_directory, name);
	if (sceau_listen_parse(text, &address, &err) < 0)
		return;
	if (check_made(host, "control-directory", user, &address) ||
	    sceau_check_count(host->check) == before)
		return;
	sceau_check_say(sceau_check_last(host->check)->remedy,
	                "systemd-tmpfiles --create sceau.conf, or: install -d "
	                "-m 3775 -o %s -g %s %s",
	                common->user, common->user,
	                sceau_check_quote(common->control_directory).text);
}

void sceau_check_sockets(struct sceau_check_host *host)
{
	const struct sceau_conf_common *common = &host->settings->common;

	if (!host->is_installed)
		return;
	if (!host->is_root) {
		sceau_check_note(host->check,
		                 "not root: whether the daemons can make their "
		                 "sockets is not checked");
		return;
	}
	for (size_t i = 0; i < host->socket_count; i++)
		check_socket(host, &host->sockets[i]);
	check_control(host, common->user, "mx");
	check_control(host, common->sign_user, "sign");
}
