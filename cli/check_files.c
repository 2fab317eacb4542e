/* check_files.c - sceau.conf and the rule files, as the daemons read them
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "cli/as_user.h"
#include "cli/check_host.h"
#include "daemon/header_rules.h"
#include "daemon/text_file.h"
#include "policy/limit_rule.h"

/* A daemon reads sceau.conf again at SIGHUP, as the user it has become. */
static int can_read(void *ctx, struct sceau_err *err)
{
	const char *file = ctx;

	(void)err;
	return access(file, R_OK) == 0 ? 0 : errno;
}

/* Returns whether the user may. */
static bool check_settings_mode(struct sceau_check_host *host, const char *user)
{
	struct sceau_as_user who = { .user = user };
	struct sceau_err err;
	int ret = sceau_as_user(&who, can_read, (void *)(uintptr_t)host->file,
	                        &err);

	if (ret == 0)
		return true;
	struct sceau_check_finding *finding = sceau_check_add(
		host->check, SCEAU_CHECK_ERROR, "settings-mode");
	sceau_check_say(finding->where, "%s", host->file);
	sceau_check_say(finding->what, "user %s may not read it (%s)", user,
	                ret > 0 ? strerror(ret) : err.text);
	sceau_check_say(finding->remedy,
	                "chmod 644 %s, and give x on its directories",
	                sceau_check_quote(host->file).text);
	return false;
}

static int read_limits(void *ctx, struct sceau_err *err)
{
	const char *file = ctx;
	const struct sceau_text_file source = { .path = file,
		                                .setting = "policy_limits" };
	struct sceau_limit_rules rules;
	struct sceau_buf text;

	sceau_buf_init(&text, SCEAU_LIMIT_FILE_MAX);
	int ret = sceau_text_file_read(&source, &text, err);
	if (ret == 0)
		ret = sceau_limit_rules_parse(sceau_buf_text(&text), text.used,
		                              file, &rules, err);
	sceau_buf_deinit(&text);
	if (ret == 0)
		sceau_limit_rules_deinit(&rules);
	return ret;
}

static void check_limits(struct sceau_check_host *host)
{
	const char *file = host->settings->policyd.policy_limits;
	struct sceau_as_user who = { .user = host->settings->common.user };
	struct sceau_err err;

	/* sceau.conf(5): the default one may be missing */
	if (access(file, F_OK) < 0 && errno == ENOENT &&
	    !sceau_conf_is_given(host->settings->conf, "policy_limits")) {
		sceau_check_note(host->check,
		                 "%s does not exist: nothing is limited", file);
		return;
	}
	bool can_become = host->is_root && getpwnam(who.user) != NULL;
	int ret = can_become ? sceau_as_user(&who, read_limits,
	                                     (void *)(uintptr_t)file, &err)
	                     : read_limits((void *)(uintptr_t)file, &err);
	if (ret < 0) {
		struct sceau_check_finding *finding = sceau_check_add(
			host->check, SCEAU_CHECK_ERROR, "limits");

		sceau_check_say_error(finding, &err);
		sceau_check_say(finding->remedy,
		                "mend the file (sceau-limits(5)), then send "
		                "sceau-policyd SIGHUP");
	}
}

/* What an admin relies on, and what does not happen. */
static void check_idle(struct sceau_check_host *host)
{
	const char *key;

	for (size_t i = 0;
	     (key = sceau_settings_idle_key(host->settings, i)) != NULL; i++) {
		struct sceau_check_finding *finding = sceau_check_add(
			host->check, SCEAU_CHECK_WARNING, "setting-idle");

		sceau_check_say_setting(host, finding, key);
		sceau_check_say(finding->what, "has no effect in this version");
		sceau_check_say(finding->remedy, "take it out");
	}
}

static int read_headers(void *ctx, struct sceau_err *err)
{
	const struct sceau_settings *settings = ctx;
	struct sceau_header_rules rules;

	if (sceau_header_rules_load(settings, &rules, err) < 0)
		return -1;
	sceau_header_rules_deinit(&rules);
	return 0;
}

static void check_headers(struct sceau_check_host *host)
{
	struct sceau_as_user who = { .user = host->settings->common.sign_user };
	struct sceau_err err;
	void *settings = (void *)(uintptr_t)host->settings;
	bool can_become = host->is_root && getpwnam(who.user) != NULL;
	int ret = can_become ? sceau_as_user(&who, read_headers, settings, &err)
	                     : read_headers(settings, &err);

	if (ret < 0) {
		struct sceau_check_finding *finding = sceau_check_add(
			host->check, SCEAU_CHECK_ERROR, "header-rules");

		sceau_check_say_error(finding, &err);
		sceau_check_say(finding->remedy,
		                "mend the file (sceau-headers(5)), then send "
		                "sceau-milter --role sign SIGHUP");
	}
}

void sceau_check_files(struct sceau_check_host *host)
{
	const char *const users[] = { host->settings->common.user,
		                      host->settings->common.sign_user };

	/* a draft elsewhere is read by nobody else */
	bool is_theirs = strcmp(host->file, SCEAU_CONF_DEFAULT_FILE) == 0;

	for (size_t i = 0; host->is_root && is_theirs && i < 2; i++) {
		if (getpwnam(users[i]) != NULL &&
		    !check_settings_mode(host, users[i]))
			break;
	}
	check_idle(host);
	check_limits(host);
	check_headers(host);
}
