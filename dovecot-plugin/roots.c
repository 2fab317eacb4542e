/* roots.c - is the key directory out of reach of IMAP?
 *
 * Whatever lies below a mail, control or index root can be listed, renamed and
 * deleted by an IMAP client as if it were a folder.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/plugin.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <mail-namespace.h>
#include <mail-storage-settings.h>
#include <mailbox-list.h>

#include "age/account_keys.h"
#include "dovecot-plugin/plugin_settings.h"

static const struct {
	enum mailbox_list_path_type type;
	const char *name;
} kinds[] = {
	{ MAILBOX_LIST_PATH_TYPE_DIR, "mail" },
	{ MAILBOX_LIST_PATH_TYPE_MAILBOX, "mail" },
	{ MAILBOX_LIST_PATH_TYPE_ALT_DIR, "alternate mail" },
	{ MAILBOX_LIST_PATH_TYPE_ALT_MAILBOX, "alternate mail" },
	{ MAILBOX_LIST_PATH_TYPE_CONTROL, "control" },
	{ MAILBOX_LIST_PATH_TYPE_INDEX, "index" },
	{ MAILBOX_LIST_PATH_TYPE_INDEX_PRIVATE, "private index" },
	{ MAILBOX_LIST_PATH_TYPE_INDEX_CACHE, "index cache" },
	{ MAILBOX_LIST_PATH_TYPE_LIST_INDEX, "list index" },
};

/* path with links resolved as far as it exists already: the directories of a
   new account are made later. Falls back to path itself. */
static const char *real_path(const char *path)
{
	char real[PATH_MAX];
	const char *rest = path + strlen(path);
	const char *head;

	do {
		head = t_strdup_until(path, rest);
		if (realpath(head, real) != NULL)
			return t_strconcat(real, rest, NULL);
		while (rest > path && *--rest != '/')
			;
	} while (rest > path);
	return path;
}

/* Returns 0 when dir is out of reach of root, else -1 with err. */
static int check_root(const char *dir, const char *root, const char *what,
                      struct sceau_err *err)
{
	int ret = sceau_key_path_is_inside(real_path(dir), real_path(root),
	                                   err);

	if (ret <= 0)
		return ret;
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "the key directory %s lies inside the %s root %s, "
	                  "where IMAP clients could list and delete it: move "
	                  "the mail (e.g. mail_location = maildir:~/Maildir) "
	                  "or set sceau_keys to a path outside",
	                  dir, what, root);
}

static int check_namespace(const char *dir, struct mail_namespace *ns,
                           struct sceau_err *err)
{
	const char *root;

	if (sceau_settings_has_full_access(ns))
		return sceau_fail(
			err, SCEAU_FAULT_CONFIG,
			"mail_full_filesystem_access = yes lets IMAP "
			"clients reach the key directory %s: set it to "
			"no",
			dir);
	for (unsigned i = 0; i < N_ELEMENTS(kinds); i++) {
		if (mailbox_list_get_root_path(ns->list, kinds[i].type,
		                               &root) &&
		    *root == '/' &&
		    check_root(dir, root, kinds[i].name, err) < 0)
			return -1;
	}
	/* INBOX may lie elsewhere than the other folders. */
	if ((ns->flags & NAMESPACE_FLAG_INBOX_USER) != 0 &&
	    mailbox_list_get_path(ns->list, "INBOX",
	                          MAILBOX_LIST_PATH_TYPE_MAILBOX, &root) > 0 &&
	    check_root(dir, root, "INBOX", err) < 0)
		return -1;
	return 0;
}

void sceau_roots_check(struct mail_namespace *namespaces)
{
	struct mail_user *user = namespaces->user;
	struct sceau_user *suser = sceau_user_get(user);
	struct mail_namespace *ns;
	struct sceau_err err;

	if (suser == NULL)
		return;
	for (ns = namespaces; ns != NULL && user->error == NULL;
	     ns = ns->next) {
		if (check_namespace(suser->dir, ns, &err) < 0)
			user->error = p_strdup_printf(user->pool, "sceau: %s",
			                              err.text);
	}
}
