/* check_host.c - words that all parts of sceau check-config use
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/check_host.h"

void sceau_check_say_setting(const struct sceau_check_host *host,
                             struct sceau_check_finding *finding,
                             const char *setting)
{
	unsigned line = sceau_conf_line_of(host->settings->conf, setting);

	if (line > 0)
		sceau_check_say(finding->where, "%s:%u: %s", host->file, line,
		                setting);
	else
		sceau_check_say(finding->where, "%s: %s", host->file, setting);
}

/* The last "; " of text: errors put the cure behind it. */
static const char *find_cure(const char *text)
{
	const char *cure = NULL;

	for (const char *next = text; (next = strstr(next, "; ")) != NULL;
	     next += 2)
		cure = next;
	return cure;
}

void sceau_check_say_error(struct sceau_check_finding *finding,
                           const struct sceau_err *err)
{
	static const char word[] = "; cure: ";
	const char *what = strstr(err->text, ": ");
	int where_len = what != NULL ? (int)(what - err->text) : 0;

	what = what != NULL ? what + 2 : err->text;
	const char *cure = find_cure(what);
	int what_len = cure != NULL ? (int)(cure - what) : (int)strlen(what);

	sceau_check_say(finding->where, "%.*s", where_len, err->text);
	sceau_check_say(finding->what, "%.*s", what_len, what);
	if (cure == NULL)
		return;
	bool has_word = strncmp(cure, word, strlen(word)) == 0;
	sceau_check_say(finding->remedy, "%s",
	                cure + (has_word ? strlen(word) : 2));
}

void sceau_check_say_access(char field[512], const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		sceau_check_say(field, "%s", strerror(errno));
		return;
	}
	const struct passwd *owner = getpwuid(st.st_uid);
	sceau_check_say(field, "mode %04o, owner %s",
	                (unsigned)st.st_mode & 07777,
	                owner != NULL ? owner->pw_name : "unknown");
}

void sceau_check_list_sockets(struct sceau_check_host *host)
{
	const struct sceau_settings *all = host->settings;
	const struct {
		const char *address;
		struct sceau_check_socket socket;
	} table[] = {
		{ all->milter.mx_listen,
		  { .id = SCEAU_CHECK_SOCKET_MX,
		    .setting = "mx_listen",
		    .unit = "sceau-milter@mx",
		    .name = "mx.sock",
		    .user = all->common.user } },
		{ all->milter.sign_listen,
		  { .id = SCEAU_CHECK_SOCKET_SIGN,
		    .setting = "sign_listen",
		    .unit = "sceau-milter@sign",
		    .name = "sign.sock",
		    .user = all->common.sign_user } },
		{ all->policyd.policy_listen,
		  { .id = SCEAU_CHECK_SOCKET_POLICY,
		    .setting = "policy_listen",
		    .unit = "sceau-policyd",
		    .name = "policy.sock",
		    .user = all->common.user } },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct sceau_check_socket *socket =
			&host->sockets[host->socket_count];
		struct sceau_check_finding *finding;
		struct sceau_err err;

		*socket = table[i].socket;
		if (sceau_listen_parse(table[i].address, &socket->address,
		                       &err) == 0) {
			host->socket_count++;
			continue;
		}
		finding = sceau_check_add(host->check, SCEAU_CHECK_ERROR,
		                          "listen-address");
		sceau_check_say_setting(host, finding, socket->setting);
		sceau_check_say(finding->what, "%s", err.text);
		sceau_check_say(finding->remedy,
		                "give an address in one of the forms of "
		                "sceau.conf(5)");
	}
}
