/* check_milter_lines.c - what Postfix's lines about milters get wrong
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/check_host.h"
#include "cli/command.h"

#define MILTERS "smtpd_milters"

static const char *get(const struct sceau_check_host *host,
                       const struct sceau_postfix_service *service,
                       const char *parameter)
{
	return sceau_postfix_conf_get(&host->postfix, service, parameter);
}

/* What Postfix does when the milter is away: as the line says, else as
   milter_default_action, which is "shutdown" by default since 3.10 and
   "accept" on hosts that followed old instructions. */
static void check_default_action(struct sceau_check_host *host,
                                 const struct sceau_check_mention *mention)
{
	struct sceau_slice own;
	const char *action = get(host, mention->service,
	                         "milter_default_action");

	if (sceau_postfix_word_option(&mention->word, "default_action", &own) ||
	    strcmp(action, "tempfail") == 0)
		return;
	struct sceau_check_finding *finding = sceau_check_add_postfix(
		host, SCEAU_CHECK_WARNING, "milter-default-action",
		mention->service, mention->parameter);
	if (finding == NULL)
		return;
	sceau_check_say(finding->what,
	                "%.*s has no default_action, so "
	                "milter_default_action=%s counts while it is away",
	                (int)mention->word.text.len, mention->word.text.data,
	                action);
	sceau_check_say(finding->remedy,
	                "write { %.*s, default_action=tempfail }",
	                (int)mention->word.text.len, mention->word.text.data);
}

static void check_strangers(struct sceau_check_host *host,
                            const struct sceau_check_mention *mention)
{
	const struct sceau_postfix_service *service = mention->service;
	bool is_own = sceau_postfix_conf_is_own(&host->postfix, service,
	                                        MILTERS);

	if (is_own ? !sceau_check_is_public(service)
	           : sceau_check_is_submission(host, service))
		return;
	struct sceau_check_finding *finding = sceau_check_add_postfix(
		host, SCEAU_CHECK_ERROR, "sign-for-strangers", service,
		MILTERS);
	if (finding == NULL)
		return;
	sceau_check_say(finding->what,
	                "sign.sock is asked about mail from strangers (%s/%s)",
	                service->name, service->type);
	sceau_check_say(finding->remedy,
	                "name mx.sock here, and sign.sock in master.cf only, "
	                "for listeners that your own users reach");
}

/* The listener's name is how the sign role knows that it is for our users. */
static void check_daemon_name(struct sceau_check_host *host,
                              const struct sceau_postfix_service *service)
{
	const struct sceau_conf_list *names =
		&host->settings->milter.sign_daemons;
	const char *name = get(host, service, "milter_macro_daemon_name");

	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->items[i], name) == 0)
			return;
	}
	/* who has logged in is signed for all the same */
	bool is_login = sceau_check_is_submission(host, service);
	struct sceau_check_finding *finding = sceau_check_add_postfix(
		host, is_login ? SCEAU_CHECK_WARNING : SCEAU_CHECK_ERROR,
		"daemon-name", service, "milter_macro_daemon_name");
	if (finding == NULL)
		return;
	sceau_check_say(finding->what,
	                "%s/%s calls itself \"%s\", which is not in "
	                "sign_daemons: mail without a login is not signed",
	                service->name, service->type, name);
	sceau_check_say(finding->remedy,
	                "add -o milter_macro_daemon_name=%s to it in master.cf",
	                names->count > 0 ? names->items[0] : "ORIGINATING");
}

/* --- Postfix's own Received field --- */

static bool has_map_type(const char *type)
{
	static const char *const argv[] = { "postconf", "-m", NULL };
	struct sceau_buf out;
	struct sceau_command_answer answer = { .out = &out };
	struct sceau_err err;
	struct sceau_slice rest, word;
	bool has = false;

	sceau_buf_init(&out, 65536);
	if (sceau_command_run(argv, 20000, &answer, &err) == 0) {
		rest = sceau_slice_of(sceau_buf_text(&out));
		while (!has && sceau_slice_next_word(&rest, " \n", &word))
			has = sceau_slice_is(word, type);
	}
	sceau_buf_deinit(&out);
	return has;
}

/* header_checks=pcre:FILE with no pcre, or no such file: every mail of the
   service is deferred. */
static void check_map(struct sceau_check_host *host,
                      const struct sceau_postfix_service *cleanup,
                      const char *map)
{
	const char *file = strncmp(map, "pcre:", 5) == 0 ? map + 5 : NULL;
	struct sceau_check_finding *finding;

	if (file == NULL || strpbrk(file, ", \t") != NULL)
		return;
	if (!has_map_type("pcre")) {
		finding = sceau_check_add_postfix(host, SCEAU_CHECK_ERROR,
		                                  "pcre-missing", cleanup,
		                                  "header_checks");
		if (finding == NULL)
			return;
		sceau_check_say(finding->what,
		                "this Postfix has no pcre maps, so it defers "
		                "every mail of this service");
		sceau_check_say(finding->remedy,
		                "install the package postfix-pcre and say "
		                "postfix reload");
	} else if (access(file, F_OK) < 0 && errno == ENOENT) {
		finding = sceau_check_add_postfix(host, SCEAU_CHECK_ERROR,
		                                  "pcre-file", cleanup,
		                                  "header_checks");
		if (finding == NULL)
			return;
		sceau_check_say(finding->what,
		                "there is no file %s, so Postfix defers every "
		                "mail of this service",
		                file);
		sceau_check_say(finding->remedy,
		                "put received.pcre of sceau there");
	}
}

/* nested_header_checks follows header_checks unless it is set. */
static void check_nested(struct sceau_check_host *host,
                         const struct sceau_postfix_service *cleanup)
{
	const char *nested = get(host, cleanup, "nested_header_checks");
	struct sceau_check_finding *finding;

	if (nested[0] == '\0')
		return;
	finding = sceau_check_add_postfix(host, SCEAU_CHECK_WARNING,
	                                  "nested-header-checks", cleanup,
	                                  "nested_header_checks");
	if (finding == NULL)
		return;
	sceau_check_say(finding->what,
	                "%s/%s also edits the mails that are attached to a "
	                "mail",
	                cleanup->name, cleanup->type);
	sceau_check_say(finding->remedy,
	                "add -o nested_header_checks= to %s in master.cf",
	                cleanup->name);
}

static void say_leak(struct sceau_check_host *host,
                     const struct sceau_postfix_service *service)
{
	struct sceau_check_finding *finding = sceau_check_add_postfix(
		host, SCEAU_CHECK_WARNING, "received-leak", service,
		"cleanup_service_name");
	bool can_hide = get(host, NULL, "smtpd_hide_client_session")[0] != '\0';

	if (finding == NULL)
		return;
	sceau_check_say(finding->what,
	                "Postfix's own Received field names the client of "
	                "%s/%s, and no milter can change it",
	                service->name, service->type);
	sceau_check_say(finding->remedy, "add %s to it in master.cf",
	                can_hide ? "-o smtpd_hide_client_session=yes"
	                         : "-o cleanup_service_name=sceau-clean and "
	                           "the service sceau-clean (README)");
}

static void check_received(struct sceau_check_host *host,
                           const struct sceau_postfix_service *service)
{
	const char *name = get(host, service, "cleanup_service_name");
	const struct sceau_postfix_service *cleanup = sceau_postfix_conf_find(
		&host->postfix, name, "unix");
	struct sceau_check_finding *finding;

	if (cleanup == NULL) {
		finding = sceau_check_add_postfix(host, SCEAU_CHECK_ERROR,
		                                  "cleanup-service", service,
		                                  "cleanup_service_name");
		if (finding == NULL)
			return;
		sceau_check_say(finding->what,
		                "master.cf has no service %s, so %s/%s can "
		                "take no mail",
		                name, service->name, service->type);
		sceau_check_say(finding->remedy,
		                "add the service %s to master.cf (README)",
		                name);
		return;
	}
	const char *checks = get(host, cleanup, "header_checks");
	if (checks[0] != '\0' && strcmp(name, "cleanup") != 0) {
		check_map(host, cleanup, checks);
		check_nested(host, cleanup);
	} else if (sceau_check_is_submission(host, service) &&
	           checks[0] == '\0' &&
	           strcmp(get(host, service, "smtpd_hide_client_session"),
	                  "yes") != 0) {
		say_leak(host, service);
	}
}

/* --- what gives mail back to Postfix, or takes it away --- */

/* A loopback listener beside a content filter is where that gives mail back;
   it inherits main.cf's milters unless told not to. */
static void check_twice(struct sceau_check_host *host,
                        const struct sceau_check_mention *mention)
{
	const struct sceau_postfix_service *service = mention->service;
	struct sceau_check_finding *finding;

	if (!sceau_check_is_loopback(service) ||
	    sceau_postfix_conf_is_own(&host->postfix, service, MILTERS) ||
	    strstr(get(host, service, "receive_override_options"),
	           "no_milters") != NULL ||
	    !sceau_check_is_filtered(host))
		return;
	finding = sceau_check_add(host->check, SCEAU_CHECK_ERROR, "runs-twice");
	sceau_check_say_service(host, finding, service);
	sceau_check_say(finding->what,
	                "mail that a content filter gives back here is shown "
	                "to %s a second time",
	                mention->socket->name);
	sceau_check_say(finding->remedy,
	                "add -o smtpd_milters= to it in master.cf");
}

static void check_proxy(struct sceau_check_host *host,
                        const struct sceau_check_mention *mention)
{
	struct sceau_check_finding *finding;

	if (get(host, mention->service, "smtpd_proxy_filter")[0] == '\0')
		return;
	finding = sceau_check_add_postfix(host, SCEAU_CHECK_ERROR,
	                                  "proxy-filter", mention->service,
	                                  "smtpd_proxy_filter");
	if (finding == NULL)
		return;
	sceau_check_say(finding->what,
	                "before a proxy filter Postfix shows %s no header and "
	                "no body",
	                mention->socket->name);
	sceau_check_say(finding->remedy,
	                "name the milter on the listener behind the filter, or "
	                "use content_filter");
}

static void check_filter_order(struct sceau_check_host *host,
                               const struct sceau_check_mention *mention)
{
	struct sceau_check_finding *finding;

	if (get(host, mention->service, "content_filter")[0] == '\0')
		return;
	finding = sceau_check_add_postfix(host, SCEAU_CHECK_WARNING,
	                                  "signed-before-filter",
	                                  mention->service, "content_filter");
	if (finding == NULL)
		return;
	sceau_check_say(finding->what,
	                "%s/%s signs before the content filter, whose changes "
	                "(8-bit text to quoted-printable, tags) break the "
	                "signature",
	                mention->service->name, mention->service->type);
	sceau_check_say(finding->remedy,
	                "name sign.sock on the listener to which the filter "
	                "gives the mail of your users back");
}

/* --- whole services --- */

/* Users' mail that only mx.sock sees leaves unsigned. Empty is another
   matter: then something else signs, or nobody shall. */
static void check_submission(struct sceau_check_host *host,
                             const struct sceau_postfix_service *service)
{
	struct sceau_check_finding *finding;

	if (!sceau_check_is_submission(host, service) ||
	    !sceau_check_asks(host, service, MILTERS, SCEAU_CHECK_SOCKET_MX) ||
	    sceau_check_asks(host, service, MILTERS, SCEAU_CHECK_SOCKET_SIGN))
		return;
	finding = sceau_check_add(host->check, SCEAU_CHECK_ERROR,
	                          "submission-unsigned");
	sceau_check_say_service(host, finding, service);
	sceau_check_say(finding->what,
	                "mail of your users is shown to mx.sock, which never "
	                "signs and never cleans");
	sceau_check_say(finding->remedy,
	                "add -o { smtpd_milters = { unix:sceau/sign.sock, "
	                "default_action=tempfail } } to it in master.cf");
}

static void check_local(struct sceau_check_host *host,
                        const struct sceau_check_mention *mention)
{
	struct sceau_check_finding *finding = sceau_check_add_postfix(
		host, SCEAU_CHECK_ERROR, "mx-on-local-mail", mention->service,
		mention->parameter);

	if (finding == NULL)
		return;
	sceau_check_say(finding->what,
	                "mx.sock is asked about mail of sendmail(1), which it "
	                "does not sign, and what it refuses stays in the "
	                "queue");
	sceau_check_say(finding->remedy, "name sign.sock here");
}

/* In main.cf it makes mail of strangers look like that of our users. */
static void check_hidden_session(struct sceau_check_host *host)
{
	struct sceau_check_finding *finding;

	if (strcmp(get(host, NULL, "smtpd_hide_client_session"), "yes") != 0)
		return;
	finding = sceau_check_add_postfix(host, SCEAU_CHECK_ERROR,
	                                  "hidden-session", NULL,
	                                  "smtpd_hide_client_session");
	sceau_check_say(finding->what,
	                "the Received field of mail from strangers looks like "
	                "that of your own users, by which the sign role goes");
	sceau_check_say(finding->remedy,
	                "take it out of main.cf; set it with -o in master.cf "
	                "for submission alone");
}

static void check_mention(struct sceau_check_host *host,
                          const struct sceau_check_mention *mention)
{
	bool is_sign = mention->socket->id == SCEAU_CHECK_SOCKET_SIGN;

	check_default_action(host, mention);
	if (strcmp(mention->parameter, "non_smtpd_milters") == 0) {
		if (mention->socket->id == SCEAU_CHECK_SOCKET_MX)
			check_local(host, mention);
		return;
	}
	check_proxy(host, mention);
	check_twice(host, mention);
	if (!is_sign)
		return;
	check_strangers(host, mention);
	if (sceau_check_is_public(mention->service))
		return;
	check_daemon_name(host, mention->service);
	check_filter_order(host, mention);
	check_received(host, mention->service);
}

void sceau_check_milter_lines(struct sceau_check_host *host)
{
	bool has_sign = false;

	for (size_t i = 0; i < host->mention_count; i++) {
		const struct sceau_check_mention *mention = &host->mentions[i];

		if (mention->socket->id == SCEAU_CHECK_SOCKET_SIGN)
			has_sign = true;
		if (strstr(mention->parameter, "milters") != NULL)
			check_mention(host, mention);
	}
	if (!has_sign)
		return;
	check_hidden_session(host);
	for (size_t i = 0; i < host->postfix.service_count; i++)
		check_submission(host, &host->postfix.services[i]);
}
