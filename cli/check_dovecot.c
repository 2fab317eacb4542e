/* check_dovecot.c - what Dovecot's lines about the plugin get wrong
 *
 * SPDX-License-Identifier: MIT
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include <sodium.h>

#include "cli/check_host.h"
#include "cli/command.h"
#include "cli/dovecot_conf.h"
#include "cli/mailbox.h"

#define ANSWER_MAX 65536
#define TIMEOUT_MS 20000
#define PLUGIN "sceau"

/* Every process that touches mail. The first three only where Dovecot serves
   them. */
static const char *const protocols[] = { "imap", "pop3",    "lmtp",
	                                 "lda",  "doveadm", "indexer-worker" };

#define PROTOCOL_COUNT (sizeof(protocols) / sizeof(protocols[0]))
#define SERVED_COUNT 3

/* What Dovecot says: of itself and of each protocol. */
struct dovecot {
	struct sceau_buf common;
	bool has_plugin[PROTOCOL_COUNT];
	bool is_used[PROTOCOL_COUNT];
};

static struct sceau_check_finding *add(struct sceau_check_host *host,
                                       enum sceau_check_severity severity,
                                       const char *id, const char *where)
{
	struct sceau_check_finding *finding = sceau_check_add(host->check,
	                                                      severity, id);

	sceau_check_say(finding->where, "%s", where);
	return finding;
}

/* Run doveconf. Returns 1 when there is none, or it complained: that is a
   finding. */
static int ask(struct sceau_check_host *host, const char *const argv[],
               struct sceau_buf *out, struct sceau_err *err)
{
	struct sceau_command_answer answer = { .out = out };
	int ret = sceau_command_run(argv, TIMEOUT_MS, &answer, err);

	if (ret != 0 || answer.status == 0)
		return ret;
	struct sceau_check_finding *finding = add(host, SCEAU_CHECK_ERROR,
	                                          "dovecot-config", "doveconf");
	sceau_check_say(finding->what, "%s", answer.complaint);
	sceau_check_say(finding->remedy,
	                "mend Dovecot's configuration first (doveconf -n)");
	return 1;
}

static int ask_common(struct sceau_check_host *host, struct dovecot *dovecot,
                      struct sceau_err *err)
{
	/* of both versions: doveconf passes over what it does not know */
	static const char *const argv[] = { "doveconf",
		                            "protocols",
		                            "mail_plugin_dir",
		                            "mail_save_crlf",
		                            "mail_temp_dir",
		                            "mail_location",
		                            "mail_attachment_dir",
		                            "mail_driver",
		                            "mail_path",
		                            "mail_ext_attachment_path",
		                            NULL };

	return ask(host, argv, &dovecot->common, err);
}

static int ask_protocol(struct sceau_check_host *host, struct dovecot *dovecot,
                        size_t index, struct sceau_err *err)
{
	char filter[64];
	const char *const argv[] = { "doveconf", "-f", filter, "mail_plugins",
		                     NULL };
	struct sceau_buf out;

	(void)snprintf(filter, sizeof(filter), "protocol=%s", protocols[index]);
	sceau_buf_init(&out, ANSWER_MAX);
	int ret = ask(host, argv, &out, err);
	dovecot->has_plugin[index] = sceau_dovecot_conf_has(
		sceau_slice_of(sceau_buf_text(&out)), "mail_plugins", PLUGIN);
	sceau_buf_deinit(&out);
	return ret;
}

static int ask_all(struct sceau_check_host *host, struct dovecot *dovecot,
                   struct sceau_err *err)
{
	int ret = ask_common(host, dovecot, err);

	for (size_t i = 0; ret == 0 && i < PROTOCOL_COUNT; i++) {
		dovecot->is_used[i] = i >= SERVED_COUNT ||
		                      sceau_dovecot_conf_has(
					      sceau_slice_of(sceau_buf_text(
						      &dovecot->common)),
					      "protocols", protocols[i]);
		ret = ask_protocol(host, dovecot, i, err);
	}
	return ret;
}

/* --- checks --- */

static void list_protocols(const struct dovecot *dovecot, bool has_plugin,
                           char out[128])
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
		if (!dovecot->is_used[i] ||
		    dovecot->has_plugin[i] != has_plugin)
			continue;
		used += (size_t)snprintf(out + used, 128 - used, "%s%s",
		                         used > 0 ? ", " : "", protocols[i]);
	}
}

/* Whether an account has keys: its mail is to be sealed. */
static bool is_anybody_enrolled(void)
{
	char directory[512];
	struct dirent **entries;

	(void)snprintf(directory, sizeof(directory), "%s/recipients",
	               SCEAU_DEFAULT_STATE_DIR);
	int count = scandir(directory, &entries, NULL, NULL);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	if (count >= 0)
		free(entries);
	return count > 2; /* "." and ".." */
}

/* No protocol has the plugin: so it is before the first account, and wrong
   afterwards. */
static void say_nowhere(struct sceau_check_host *host)
{
	struct sceau_check_finding *finding;

	if (!is_anybody_enrolled()) {
		sceau_check_note(host->check, "Dovecot does not load the "
		                              "plugin: mail is not sealed");
		return;
	}
	finding = add(host, SCEAU_CHECK_ERROR, "mail-plugins",
	              "Dovecot: mail_plugins");
	sceau_check_say(finding->what,
	                "accounts have keys, but sceau is on in no protocol: "
	                "their mail is saved in plaintext, and what is sealed "
	                "is not opened");
	sceau_check_say(finding->remedy,
	                "see which file sets mail_plugins after "
	                "conf.d/11-sceau.conf (doveconf -n), and add sceau "
	                "there");
}

/* Trap D1: "mail_plugins = $mail_plugins sceau" reaches only the protocol
   blocks that are read after it. Returns whether any has the plugin. */
static bool check_everywhere(struct sceau_check_host *host,
                             const struct dovecot *dovecot, bool is_23)
{
	char with[128], without[128];
	struct sceau_check_finding *finding;

	list_protocols(dovecot, true, with);
	list_protocols(dovecot, false, without);
	if (with[0] == '\0') {
		say_nowhere(host);
		return false;
	}
	if (without[0] == '\0')
		return true;
	finding = add(host, SCEAU_CHECK_ERROR, "mail-plugins", "");
	sceau_check_say(finding->where, "Dovecot: protocol %s: mail_plugins",
	                without);
	sceau_check_say(finding->what,
	                "sceau is on in %s, but not there: what these save "
	                "lies in plaintext, what they read stays sealed",
	                with);
	sceau_check_say(finding->remedy,
	                is_23 ? "read \"mail_plugins = $mail_plugins sceau\" "
	                        "before the protocol blocks (as "
	                        "conf.d/11-sceau.conf), or add sceau to "
	                        "mail_plugins in the blocks of %s"
	                      : "add \"mail_plugins { sceau = yes }\" to the "
	                        "blocks of protocol %s",
	                without);
	return true;
}

static int is_plugin_file(const struct dirent *entry)
{
	static const char end[] = "_sceau_plugin.so";
	size_t len = strlen(entry->d_name);

	return len >= strlen(end) &&
	       strcmp(entry->d_name + len - strlen(end), end) == 0;
}

static void copy_value(const struct dovecot *dovecot, const char *name,
                       char *out, size_t size)
{
	struct sceau_slice value = { NULL, 0 };

	out[0] = '\0';
	if (sceau_dovecot_conf_get(
		    sceau_slice_of(sceau_buf_text(&dovecot->common)), name,
		    &value) &&
	    sceau_slice_copy(value, out, size) < 0)
		out[0] = '\0';
}

/* Trap D2: Dovecot serves nobody without a plugin that is named. */
static void check_module(struct sceau_check_host *host,
                         const struct dovecot *dovecot, bool is_23)
{
	char directory[256], path[512];
	struct dirent **entries;
	struct sceau_check_finding *finding;

	copy_value(dovecot, "mail_plugin_dir", directory, sizeof(directory));
	int count = scandir(directory, &entries, is_plugin_file, NULL);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	if (count >= 0)
		free(entries);
	(void)snprintf(path, sizeof(path), "%s/settings/libsceau_settings.so",
	               directory);
	bool has_settings = is_23 || access(path, F_OK) == 0;
	if (count > 0 && has_settings)
		return;
	if (count > 0)
		finding = add(host, SCEAU_CHECK_ERROR, "plugin-file", path);
	else
		finding = add(host, SCEAU_CHECK_ERROR, "plugin-file",
		              directory);
	sceau_check_say(finding->what,
	                "Dovecot is told to load the plugin sceau, which is "
	                "not there: it serves nobody");
	sceau_check_say(finding->remedy,
	                "install dovecot-sceau, or take sceau out of "
	                "mail_plugins");
}

static bool begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Where mail lies: 2.3 says it in mail_location, 2.4 in two settings. */
static void check_location(struct sceau_check_host *host,
                           const struct dovecot *dovecot, bool is_23)
{
	const char *setting = is_23 ? "mail_location" : "mail_path";
	char location[512], driver[64], attachments[512];
	struct sceau_check_finding *finding;

	copy_value(dovecot, setting, location, sizeof(location));
	copy_value(dovecot, is_23 ? "mail_location" : "mail_driver", driver,
	           sizeof(driver));
	copy_value(dovecot,
	           is_23 ? "mail_attachment_dir" : "mail_ext_attachment_path",
	           attachments, sizeof(attachments));
	if (begins_with(driver, "mbox")) {
		finding = add(host, SCEAU_CHECK_ERROR, "mbox",
		              is_23 ? "Dovecot: mail_location"
		                    : "Dovecot: mail_driver");
		sceau_check_say(finding->what,
		                "an mbox cannot hold sealed mail: saving to it "
		                "is refused");
		sceau_check_say(finding->remedy,
		                "keep mail in Maildir, sdbox or mdbox");
	} else if (sceau_dovecot_conf_is_in_home(sceau_slice_of(location))) {
		finding = add(host, SCEAU_CHECK_ERROR, "mail-in-home", "");
		sceau_check_say(finding->where, "Dovecot: %s", setting);
		sceau_check_say(finding->what,
		                "mail lies in the home itself (%s), where IMAP "
		                "clients could reach the keys: such accounts "
		                "are refused",
		                location);
		sceau_check_say(finding->remedy,
		                "keep mail in a directory of its own, as "
		                "maildir:~/Maildir, or set sceau_keys");
	}
	if (attachments[0] != '\0' && strstr(driver, "dbox") != NULL) {
		finding = add(host, SCEAU_CHECK_ERROR, "attachments",
		              is_23 ? "Dovecot: mail_attachment_dir"
		                    : "Dovecot: mail_ext_attachment_path");
		sceau_check_say(finding->what,
		                "attachments would lie beside the sealed mail "
		                "in plaintext: saving is refused");
		sceau_check_say(finding->remedy, "leave it empty");
	}
}

/* What 11-sceau.conf sets beside the plugin. */
static void check_beside(struct sceau_check_host *host,
                         const struct dovecot *dovecot)
{
	char value[256];
	struct sceau_check_finding *finding;
	struct statfs fs;

	copy_value(dovecot, "mail_save_crlf", value, sizeof(value));
	if (strcmp(value, "yes") != 0) {
		finding = add(host, SCEAU_CHECK_WARNING, "mail-save-crlf",
		              "Dovecot: mail_save_crlf");
		sceau_check_say(finding->what,
		                "to show a part of a mail, all before it is "
		                "opened");
		sceau_check_say(finding->remedy, "set mail_save_crlf = yes");
	}
	copy_value(dovecot, "mail_temp_dir", value, sizeof(value));
	if (statfs(value, &fs) == 0 && fs.f_type != TMPFS_MAGIC &&
	    fs.f_type != RAMFS_MAGIC) {
		finding = add(host, SCEAU_CHECK_WARNING, "mail-temp-dir",
		              "Dovecot: mail_temp_dir");
		sceau_check_say(finding->what,
		                "Dovecot writes plaintext of large mails to "
		                "%s, which is on a disk",
		                value);
		sceau_check_say(finding->remedy,
		                "set mail_temp_dir = /dev/shm");
	}
}

/* Where the key's value comes from: "<PATH" under 2.3, "PATH" under 2.4; ""
   when it is not set. Secret when it is no path: then it is not looked at. */
static int ask_server_key(bool is_23, char out[512], struct sceau_err *err)
{
	static const char *const old[] = { "doveconf", "-h",
		                           "plugin/sceau_server_key", NULL };
	static const char *const new[] = { "doveconf", "-f", "protocol=imap",
		                           "sceau_server_key", NULL };
	struct sceau_buf text;
	struct sceau_command_answer answer = { .out = &text };
	struct sceau_slice value;

	out[0] = '\0';
	sceau_buf_init(&text, ANSWER_MAX);
	int ret = sceau_command_run(is_23 ? old : new, TIMEOUT_MS, &answer,
	                            err);
	value = sceau_slice_trim(sceau_slice_of(sceau_buf_text(&text)));
	/* 2.3 has no such setting when it is not given */
	if (answer.status != 0 ||
	    (!is_23 &&
	     !sceau_dovecot_conf_get(value, "sceau_server_key", &value)))
		value.len = 0;
	if (ret == 0 && sceau_slice_copy(value, out, 512) < 0)
		out[0] = '\0';
	/* an admin may have written the key itself there */
	if (text.data != NULL)
		sodium_memzero(text.data, text.used);
	sceau_buf_deinit(&text);
	return ret < 0 ? -1 : 0;
}

/* Dovecot reads the file when it starts, and does not start without it. */
static int check_server_key(struct sceau_check_host *host, bool is_23,
                            struct sceau_err *err)
{
	char value[512];
	struct sceau_check_finding *finding;

	if (!host->is_root)
		return 0;
	if (ask_server_key(is_23, value, err) < 0)
		return -1;
	if (value[0] != '/' && value[0] != '<' && value[0] != '\0') {
		sodium_memzero(value, sizeof(value));
		return 0;
	}
	const char *path = value + (value[0] == '<' ? 1 : 0);
	if (value[0] == '\0') {
		sceau_check_note(host->check,
		                 "Dovecot has no sceau_server_key: it opens no "
		                 "server slot");
	} else if (is_23 && value[0] == '/') {
		finding = add(host, SCEAU_CHECK_ERROR, "server-key-path",
		              "Dovecot: plugin/sceau_server_key");
		sceau_check_say(finding->what,
		                "without < the path itself is taken for the "
		                "key");
		sceau_check_say(finding->remedy, "write sceau_server_key = <%s",
		                path);
	} else if (path[0] == '/' && access(path, F_OK) < 0) {
		finding = add(host, SCEAU_CHECK_ERROR, "server-key", path);
		sceau_check_say(finding->what,
		                "Dovecot is told to read it, and does not "
		                "start without it");
		sceau_check_say(finding->remedy,
		                "sceau mailbox server-key makes one");
	}
	return 0;
}

int sceau_check_dovecot(struct sceau_check_host *host, struct sceau_err *err)
{
	struct dovecot dovecot = { .is_used = { false } };
	struct sceau_slice ignored;

	sceau_buf_init(&dovecot.common, ANSWER_MAX);
	int ret = ask_all(host, &dovecot, err);
	if (ret > 0) {
		sceau_check_note(host->check,
		                 "Dovecot is not installed or does not say "
		                 "how it is configured: its lines are not "
		                 "checked");
	} else if (ret == 0) {
		bool is_23 = sceau_dovecot_conf_get(
			sceau_slice_of(sceau_buf_text(&dovecot.common)),
			"mail_location", &ignored);

		if (check_everywhere(host, &dovecot, is_23)) {
			check_module(host, &dovecot, is_23);
			check_location(host, &dovecot, is_23);
			check_beside(host, &dovecot);
			ret = check_server_key(host, is_23, err);
		}
	}
	sceau_buf_deinit(&dovecot.common);
	return ret < 0 ? -1 : 0;
}
