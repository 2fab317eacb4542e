/* check_postfix.c - read Postfix's configuration, find our sockets in it
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/check_host.h"
#include "cli/command.h"
#include "cli/io.h"

#define ANSWER_MAX (1U << 20)
#define TIMEOUT_MS 20000

/* Everything that any check asks for. */
static const char *const parameters[] = {
	"postconf",
	"-x",
	"cleanup_service_name",
	"compatibility_level",
	"config_directory",
	"content_filter",
	"header_checks",
	"mail_owner",
	"milter_default_action",
	"milter_macro_daemon_name",
	"non_smtpd_milters",
	"queue_directory",
	"receive_override_options",
	"smtpd_client_restrictions",
	"smtpd_data_restrictions",
	"smtpd_end_of_data_restrictions",
	"smtpd_helo_restrictions",
	"smtpd_hide_client_session",
	"smtpd_milters",
	"smtpd_proxy_filter",
	"smtpd_recipient_restrictions",
	"smtpd_relay_restrictions",
	"smtpd_sasl_auth_enable",
	"smtpd_sender_restrictions",
	NULL,
};

typedef int take_fn(struct sceau_postfix_conf *conf, struct sceau_slice text,
                    struct sceau_err *err);

/* Ask postconf and hand what it printed to take. Returns 1 when there is no
   postconf, no main.cf, or it complained; the last is a finding. */
static int ask(struct sceau_check_host *host, const char *const argv[],
               take_fn *take, struct sceau_err *err)
{
	struct sceau_buf out;
	struct sceau_command_answer answer = { .out = &out };

	sceau_buf_init(&out, ANSWER_MAX);
	int ret = sceau_command_run(argv, TIMEOUT_MS, &answer, err);
	/* installed with "No configuration": there is nothing to judge */
	bool is_empty = strstr(answer.complaint, "main.cf: No such file") !=
	                NULL;
	if (ret == 0 && answer.status != 0 && is_empty) {
		ret = 1;
	} else if (ret == 0 && answer.status != 0) {
		struct sceau_check_finding *finding = sceau_check_add(
			host->check, SCEAU_CHECK_ERROR, "postfix-config");

		sceau_check_say(finding->where, "postconf");
		sceau_check_say(finding->what, "%s", answer.complaint);
		sceau_check_say(finding->remedy,
		                "mend Postfix's configuration first (postfix "
		                "check)");
		ret = 1;
	}
	if (ret == 0)
		ret = take(&host->postfix, sceau_slice_of(sceau_buf_text(&out)),
		           err);
	sceau_buf_deinit(&out);
	return ret;
}

static void read_text(const char *directory, const char *name,
                      struct sceau_buf *text)
{
	char path[512];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return;
	/* for line numbers alone: without it there are none */
	if (sceau_io_read_fd(fd, path, text, NULL) < 0)
		sceau_buf_clear(text);
	close(fd);
}

/* --- who names what --- */

/* path of a service's view, as this process sees it. */
static void resolve(const char *queue, bool is_chrooted,
                    struct sceau_slice path, char *out, size_t size)
{
	bool is_below = is_chrooted || path.data[0] != '/';
	int len = snprintf(out, size, "%s/%.*s", is_below ? queue : "",
	                   (int)path.len, path.data);
	char *to = out;

	if (len < 0 || (size_t)len >= size)
		out[0] = '\0';
	for (const char *from = out; *from != '\0'; from++) {
		if (from[0] != '/' || from[1] != '/')
			*to++ = *from;
	}
	*to = '\0';
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat one, two;

	return stat(a, &one) == 0 && stat(b, &two) == 0 &&
	       one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

/* Its last part, and the one before: "sceau/mx.sock". */
static const char *last_two(const char *path)
{
	size_t i = strlen(path);
	int slashes = 0;

	while (i > 0 && slashes < 2) {
		i--;
		slashes += path[i] == '/';
	}
	return path + i + (path[i] == '/');
}

enum match {
	NONE,
	NEARLY,
	EXACT
};

static enum match match_unix(const struct sceau_check_host *host,
                             const struct sceau_check_mention *mention,
                             const struct sceau_check_socket *socket)
{
	const char *queue = sceau_postfix_conf_get(&host->postfix, NULL,
	                                           "queue_directory");
	bool is_chrooted = sceau_postfix_conf_is_chrooted(&host->postfix,
	                                                  mention->service);
	const char *ours = socket->address.path;
	char seen[512];

	resolve(queue, is_chrooted, mention->peer.path, seen, sizeof(seen));
	if (strcmp(seen, ours) == 0 || is_same_file(seen, ours))
		return EXACT;
	return sceau_slice_is(mention->peer.path, ours) ||
	                       strcmp(last_two(seen), last_two(ours)) == 0
	               ? NEARLY
	               : NONE;
}

static bool is_any_host(const char *host)
{
	return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

static bool is_loopback(struct sceau_slice host)
{
	return sceau_slice_is(host, "localhost") ||
	       sceau_slice_is(host, "::1") ||
	       (host.len > 4 && strncmp(host.data, "127.", 4) == 0);
}

static enum match match_inet(const struct sceau_check_mention *mention,
                             const struct sceau_check_socket *socket)
{
	char port[16];
	struct sceau_slice host = mention->peer.host;

	(void)snprintf(port, sizeof(port), "%u", socket->address.port);
	if (!sceau_slice_is(mention->peer.port, port))
		return NONE;
	if (sceau_slice_is(host, socket->address.host) ||
	    is_any_host(socket->address.host))
		return EXACT;
	return is_loopback(host) &&
	                       is_loopback(sceau_slice_of(socket->address.host))
	               ? EXACT
	               : NONE;
}

static enum match match(const struct sceau_check_host *host,
                        const struct sceau_check_mention *mention,
                        const struct sceau_check_socket *socket)
{
	if (mention->peer.is_unix != socket->address.is_unix)
		return NONE;
	return socket->address.is_unix ? match_unix(host, mention, socket)
	                               : match_inet(mention, socket);
}

static struct sceau_check_socket *
find_socket(struct sceau_check_host *host,
            const struct sceau_check_mention *mention, bool *is_exact_r)
{
	for (enum match want = EXACT; want != NONE; want--) {
		for (size_t i = 0; i < host->socket_count; i++) {
			*is_exact_r = want == EXACT;
			if (match(host, mention, &host->sockets[i]) == want)
				return &host->sockets[i];
		}
	}
	return NULL;
}

static void add_mention(struct sceau_check_host *host,
                        struct sceau_check_mention *mention,
                        struct sceau_slice rest)
{
	struct sceau_postfix_word next;

	if (host->mention_count == SCEAU_CHECK_MENTIONS_MAX) {
		sceau_check_note(host->check,
		                 "Postfix names our sockets more than %d "
		                 "times: the rest is not checked",
		                 SCEAU_CHECK_MENTIONS_MAX);
		return;
	}
	if (sceau_postfix_list_next(&rest, &next))
		mention->next = next.text;
	mention->socket->is_named = true;
	host->mentions[host->mention_count++] = *mention;
}

/* A socket of nobody we know. When there is none Postfix defers every mail. */
static void check_other(struct sceau_check_host *host,
                        const struct sceau_check_mention *mention)
{
	const char *queue = sceau_postfix_conf_get(&host->postfix, NULL,
	                                           "queue_directory");
	struct sceau_check_finding *finding;
	char path[512];
	struct stat st;

	if (!mention->peer.is_unix)
		return;
	resolve(queue,
	        sceau_postfix_conf_is_chrooted(&host->postfix,
	                                       mention->service),
	        mention->peer.path, path, sizeof(path));
	if (stat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR))
		return;
	finding = sceau_check_add_postfix(host, SCEAU_CHECK_ERROR,
	                                  "socket-missing", mention->service,
	                                  mention->parameter);
	if (finding == NULL)
		return;
	sceau_check_say(finding->what,
	                "there is no %s, so mail is refused or deferred", path);
	sceau_check_say(finding->remedy,
	                "correct the name (ours are in %s/sceau: mx.sock, "
	                "sign.sock, policy.sock), or start what serves it",
	                queue);
}

static bool ends_list(struct sceau_slice word)
{
	return sceau_slice_is(word, "permit_mynetworks") ||
	       sceau_slice_is(word, "permit_sasl_authenticated") ||
	       sceau_slice_is(word, "permit");
}

static void scan(struct sceau_check_host *host,
                 const struct sceau_postfix_service *service,
                 const char *parameter)
{
	struct sceau_check_mention mention = { .service = service,
		                               .parameter = parameter };
	struct sceau_slice rest = sceau_slice_of(
		sceau_postfix_conf_get(&host->postfix, service, parameter));

	while (sceau_postfix_list_next(&rest, &mention.word)) {
		if (mention.after.len == 0 && ends_list(mention.word.text))
			mention.after = mention.word.text;
		mention.next = (struct sceau_slice){ NULL, 0 };
		if (!sceau_postfix_peer_parse(mention.word.text, &mention.peer))
			continue;
		mention.socket = find_socket(host, &mention, &mention.is_exact);
		if (mention.socket != NULL)
			add_mention(host, &mention, rest);
		else
			check_other(host, &mention);
	}
}

static void scan_all(struct sceau_check_host *host)
{
	static const char *const of_smtpd[] = {
		"smtpd_milters",
		"smtpd_client_restrictions",
		"smtpd_helo_restrictions",
		"smtpd_sender_restrictions",
		"smtpd_relay_restrictions",
		"smtpd_recipient_restrictions",
		"smtpd_data_restrictions",
		"smtpd_end_of_data_restrictions",
	};

	for (size_t i = 0; i < host->postfix.service_count; i++) {
		const struct sceau_postfix_service *service =
			&host->postfix.services[i];

		for (size_t j = 0; strcmp(service->command, "smtpd") == 0 &&
		                   j < sizeof(of_smtpd) / sizeof(of_smtpd[0]);
		     j++)
			scan(host, service, of_smtpd[j]);
		/* mail of pickup(8) goes through the service of this name */
		if (strcmp(service->command, "cleanup") == 0 &&
		    strcmp(service->name, "cleanup") == 0)
			scan(host, service, "non_smtpd_milters");
	}
}

static void note_unnamed(struct sceau_check_host *host)
{
	for (size_t i = 0; i < host->socket_count; i++) {
		if (!host->sockets[i].is_named)
			sceau_check_note(host->check,
			                 "Postfix does not ask %s (%s)",
			                 host->sockets[i].name,
			                 host->sockets[i].address.text);
	}
}

int sceau_check_read_postfix(struct sceau_check_host *host,
                             struct sceau_err *err)
{
	static const char *const fields[] = { "postconf", "-F", NULL };
	static const char *const options[] = { "postconf", "-Px", NULL };
	/* unexpanded: its default follows each service's header_checks */
	static const char *const nested[] = { "postconf",
		                              "nested_header_checks", NULL };
	size_t before = sceau_check_count(host->check);
	int ret = ask(host, parameters, sceau_postfix_conf_read_main, err);

	if (ret == 0)
		ret = ask(host, nested, sceau_postfix_conf_read_main, err);
	if (ret == 0)
		ret = ask(host, fields, sceau_postfix_conf_read_fields, err);
	if (ret == 0)
		ret = ask(host, options, sceau_postfix_conf_read_options, err);
	if (ret != 0) {
		/* half of it would be judged as if it were all */
		sceau_postfix_conf_deinit(&host->postfix);
		sceau_postfix_conf_init(&host->postfix);
	}
	if (ret < 0)
		return -1;
	if (ret > 0) {
		sceau_check_note(host->check,
		                 "Postfix %s: its lines are not checked",
		                 sceau_check_count(host->check) == before
		                         ? "is not installed or not configured"
		                         : "does not say how it is configured");
		return 0;
	}
	const char *directory = sceau_postfix_conf_get(&host->postfix, NULL,
	                                               "config_directory");
	read_text(directory, "main.cf", &host->main_cf);
	read_text(directory, "master.cf", &host->master_cf);
	host->has_postfix = true;
	scan_all(host);
	note_unnamed(host);
	return 0;
}

/* --- questions --- */

void sceau_check_say_postfix(const struct sceau_check_host *host,
                             struct sceau_check_finding *finding,
                             const struct sceau_postfix_service *service,
                             const char *parameter)
{
	const struct sceau_postfix_conf *conf = &host->postfix;
	const char *directory = sceau_postfix_conf_get(conf, NULL,
	                                               "config_directory");
	struct sceau_slice master = sceau_slice_of(
		sceau_buf_text(&host->master_cf));
	struct sceau_slice main = sceau_slice_of(
		sceau_buf_text(&host->main_cf));

	if (sceau_postfix_conf_is_own(conf, service, parameter)) {
		sceau_check_say(finding->where, "%s/master.cf:%u: %s/%s: %s",
		                directory,
		                sceau_postfix_master_line(master, service->name,
		                                          service->type),
		                service->name, service->type, parameter);
		return;
	}
	unsigned line = sceau_postfix_main_line(main, parameter);
	if (line > 0)
		sceau_check_say(finding->where, "%s/main.cf:%u: %s", directory,
		                line, parameter);
	else
		sceau_check_say(finding->where, "%s/main.cf: %s", directory,
		                parameter);
}

struct sceau_check_finding *
sceau_check_add_postfix(struct sceau_check_host *host,
                        enum sceau_check_severity severity, const char *id,
                        const struct sceau_postfix_service *service,
                        const char *parameter)
{
	struct sceau_check_finding place, *finding;

	sceau_check_say_postfix(host, &place, service, parameter);
	if (sceau_check_has_at(host->check, id, place.where))
		return NULL;
	finding = sceau_check_add(host->check, severity, id);
	sceau_check_say(finding->where, "%s", place.where);
	return finding;
}

void sceau_check_say_service(const struct sceau_check_host *host,
                             struct sceau_check_finding *finding,
                             const struct sceau_postfix_service *service)
{
	struct sceau_slice text = sceau_slice_of(
		sceau_buf_text(&host->master_cf));

	sceau_check_say(
		finding->where, "%s/master.cf:%u: %s/%s",
		sceau_postfix_conf_get(&host->postfix, NULL,
	                               "config_directory"),
		sceau_postfix_master_line(text, service->name, service->type),
		service->name, service->type);
}

bool sceau_check_asks(const struct sceau_check_host *host,
                      const struct sceau_postfix_service *service,
                      const char *parameter, enum sceau_check_socket_id id)
{
	for (size_t i = 0; i < host->mention_count; i++) {
		const struct sceau_check_mention *mention = &host->mentions[i];

		if (mention->service == service && mention->socket->id == id &&
		    (parameter == NULL ||
		     strcmp(mention->parameter, parameter) == 0))
			return true;
	}
	return false;
}

bool sceau_check_is_public(const struct sceau_postfix_service *service)
{
	struct sceau_slice port = sceau_postfix_service_port(service->name);

	return strcmp(service->type, "pass") == 0 ||
	       (strcmp(service->type, "inet") == 0 &&
	        (sceau_slice_is(port, "smtp") || sceau_slice_is(port, "25")));
}

bool sceau_check_is_loopback(const struct sceau_postfix_service *service)
{
	return is_loopback(sceau_postfix_service_host(service->name));
}

bool sceau_check_is_filtered(const struct sceau_check_host *host)
{
	const struct sceau_postfix_conf *conf = &host->postfix;

	for (size_t i = 0; i < conf->service_count; i++) {
		const struct sceau_postfix_service *service =
			&conf->services[i];

		if (sceau_postfix_conf_get(conf, service,
		                           "content_filter")[0] != '\0' ||
		    sceau_postfix_conf_get(conf, service,
		                           "smtpd_proxy_filter")[0] != '\0')
			return true;
	}
	return false;
}

bool sceau_check_is_submission(const struct sceau_check_host *host,
                               const struct sceau_postfix_service *service)
{
	static const char *const ports[] = { "submission", "submissions",
		                             "smtps", "587", "465" };
	struct sceau_slice port = sceau_postfix_service_port(service->name);

	if (strcmp(service->command, "smtpd") != 0 ||
	    sceau_check_is_public(service))
		return false;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		if (sceau_slice_is(port, ports[i]))
			return true;
	}
	return strcmp(sceau_postfix_conf_get(&host->postfix, service,
	                                     "smtpd_sasl_auth_enable"),
	              "yes") == 0 &&
	       sceau_postfix_conf_is_own(&host->postfix, service,
	                                 "smtpd_sasl_auth_enable");
}
