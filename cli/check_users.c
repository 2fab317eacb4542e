/* check_users.c - the users of the daemons and their groups
 *
 * SPDX-License-Identifier: MIT
 */
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "cli/check_host.h"

#define GROUPS_MAX 256

static bool exists(const char *user)
{
	return getpwnam(user) != NULL;
}

static void check_exists(struct sceau_check_host *host, const char *user,
                         const char *setting, const char *extra)
{
	struct sceau_check_finding *finding;

	if (exists(user))
		return;
	finding = sceau_check_add(host->check, SCEAU_CHECK_ERROR,
	                          "user-missing");
	sceau_check_say_setting(host, finding, setting);
	sceau_check_say(finding->what, "user %s does not exist", user);
	sceau_check_say(finding->remedy,
	                "run systemd-sysusers, or: useradd --system "
	                "--user-group %s--home-dir /nonexistent --shell "
	                "/usr/sbin/nologin %s",
	                extra, user);
}

static bool is_in_group(const char *user, gid_t group)
{
	const struct passwd *entry = getpwnam(user);
	gid_t groups[GROUPS_MAX];
	int count = GROUPS_MAX;

	if (entry == NULL ||
	    getgrouplist(user, entry->pw_gid, groups, &count) < 0)
		return false;
	for (int i = 0; i < count; i++) {
		if (groups[i] == group)
			return true;
	}
	return false;
}

/* The directory of the sockets is writable by _sceau and the group postfix;
   that of the control sockets by _sceau and its group. */
static void check_group(struct sceau_check_host *host, const char *name)
{
	const char *user = host->settings->common.sign_user;
	const struct group *group = getgrnam(name);
	struct sceau_check_finding *finding;

	if (group == NULL || !exists(user) || is_in_group(user, group->gr_gid))
		return;
	finding = sceau_check_add(host->check, SCEAU_CHECK_ERROR,
	                          "sign-user-group");
	sceau_check_say_setting(host, finding, "sign_user");
	sceau_check_say(finding->what,
	                "user %s is not in the group %s, so the sign role "
	                "cannot make its sockets",
	                user, name);
	sceau_check_say(finding->remedy,
	                "usermod -aG %s %s, then restart sceau-milter@sign",
	                name, user);
}

void sceau_check_users(struct sceau_check_host *host)
{
	const struct sceau_conf_common *common = &host->settings->common;
	struct sceau_check_finding *finding;

	host->is_installed = exists(common->user) || exists(common->sign_user);
	for (size_t i = 0; i < host->socket_count; i++)
		host->is_installed |= host->sockets[i].is_named;
	if (!host->is_installed) {
		sceau_check_note(host->check,
		                 "no user %s or %s, and Postfix names no "
		                 "socket of ours: no daemon is set up here",
		                 common->user, common->sign_user);
		return;
	}
	check_exists(host, common->user, "user", "");
	check_exists(host, common->sign_user, "sign_user",
	             "--groups _sceau,postfix ");
	if (strcmp(common->user, common->sign_user) == 0) {
		finding = sceau_check_add(host->check, SCEAU_CHECK_WARNING,
		                          "one-user");
		sceau_check_say_setting(host, finding, "sign_user");
		sceau_check_say(finding->what,
		                "both roles run as %s, so what serves "
		                "strangers can read the DKIM keys",
		                common->user);
		sceau_check_say(finding->remedy,
		                "give sign_user a user of its own");
		return;
	}
	check_group(host, "postfix");
	check_group(host, common->user);
}
