/* privilege.c - see privilege.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/privilege.h"

static int find_user(const char *name, struct passwd *user_r,
                     struct sceau_err *err)
{
	errno = 0;
	struct passwd *user = getpwnam(name);

	if (user == NULL && errno != 0 && errno != ENOENT)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "cannot look up user %s: %s", name,
		                  strerror(errno));
	if (user == NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "user %s does not exist: create it "
		                  "(systemd-sysusers, or adduser --system "
		                  "--group %s)",
		                  name, name);
	if (user->pw_uid == 0 || user->pw_gid == 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "user %s is root or in root's group: "
		                  "configure another",
		                  name);
	*user_r = *user;
	return 0;
}

/* Whether anything of root is left or can be had again. */
static bool is_root_left(uid_t uid, gid_t gid)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	if (getresuid(&ruid, &euid, &suid) < 0 ||
	    getresgid(&rgid, &egid, &sgid) < 0)
		return true;
	return ruid != uid || euid != uid || suid != uid || rgid != gid ||
	       egid != gid || sgid != gid || setuid(0) == 0 ||
	       seteuid(0) == 0 || setgid(0) == 0;
}

int sceau_privilege_drop(const char *user, struct sceau_err *err)
{
	struct passwd entry = { .pw_uid = 0 };

	if (geteuid() != 0)
		return 0;
	if (find_user(user, &entry, err) < 0)
		return -1;
	if (initgroups(user, entry.pw_gid) < 0 ||
	    setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid) < 0 ||
	    setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "cannot become user %s: %s", user,
		                  strerror(errno));
	if (is_root_left(entry.pw_uid, entry.pw_gid))
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "became user %s, but could become root "
		                  "again",
		                  user);
	return 0;
}

void sceau_privilege_harden(void)
{
	const struct rlimit none = { 0, 0 };

	/* All of these can only fail on a kernel without them. After the
	   change of user, which resets the first one. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
	umask(007);
}
