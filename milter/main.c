/* main.c - sceau-milter: options, hooks of the common start, counters
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "daemon/dns.h"
#include "daemon/listen.h"
#include "daemon/log.h"
#include "daemon/start.h"
#include "server.h"

#define EXIT_TEMPORARY 75

/* Never released: see struct sceau_milter. */
static struct sceau_milter milter;

struct program {
	const struct sceau_role *role; /* NULL until --role */
	struct sceau_listen_address addr;
	struct sceau_server *server;
	struct sceau_loop *loop;
	struct sceau_dns *dns; /* mx role */
	atomic_bool has_lost; /* libmilter gave up */
};

static int on_option(struct sceau_daemon *daemon, const char *name,
                     const char *value, struct sceau_err *err)
{
	struct program *program = daemon->ctx;

	(void)name;
	if (strcmp(value, sceau_role_mx.name) == 0)
		program->role = &sceau_role_mx;
	else if (strcmp(value, sceau_role_sign.name) == 0)
		program->role = &sceau_role_sign;
	else
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "must be mx or sign, not \"%s\"", value);
	return 0;
}

static int on_complete(struct sceau_daemon *daemon, struct sceau_err *err)
{
	const struct program *program = daemon->ctx;

	if (program->role == NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "--role mx or --role sign is missing");
	return 0;
}

static int on_configure(struct sceau_daemon *daemon, struct sceau_err *err)
{
	struct program *program = daemon->ctx;

	(void)err;
	daemon->control_name = program->role->name;
	if (program->role == &sceau_role_sign)
		daemon->user = daemon->settings->common.sign_user;
	sceau_milter_init(&milter, program->role);
	return 0;
}

static int parse_socket(const struct program *program,
                        const struct sceau_settings *settings,
                        struct sceau_listen_address *addr_r,
                        struct sceau_err *err)
{
	const char *text = program->role->socket(&settings->milter);
	struct sceau_err reason;

	if (sceau_listen_parse(text, addr_r, &reason) < 0)
		return sceau_conf_fail(settings->conf,
		                       program->role->socket_key, err, "%s",
		                       reason.text);
	return 0;
}

/* Never let an admin believe in what does not happen. */
static void log_idle(const struct sceau_settings *settings)
{
	struct sceau_err err;
	const char *key;

	for (size_t i = 0; (key = sceau_settings_idle_key(settings, i)) != NULL;
	     i++) {
		sceau_conf_fail(settings->conf, key, &err,
		                "has no effect in this version");
		sceau_log(SCEAU_LOG_WARNING, "%s", err.text);
	}
}

static void log_warnings(const struct sceau_rules *rules)
{
	const char *text;

	if (rules->mx != NULL)
		log_idle(rules->settings);
	if (rules->keys == NULL)
		return;
	for (size_t i = 0;
	     (text = sceau_dkim_keys_warning(rules->keys, i)) != NULL; i++)
		sceau_log(SCEAU_LOG_WARNING, "%s", text);
}

static int on_check(struct sceau_daemon *daemon, struct sceau_err *err)
{
	struct program *program = daemon->ctx;
	struct sceau_rules *rules;

	if (parse_socket(program, daemon->settings, &program->addr, err) < 0 ||
	    sceau_listen_check(&program->addr, err) < 0 ||
	    program->role->load(daemon->settings, &rules, err) < 0)
		return -1;
	log_warnings(rules);
	sceau_milter_use(&milter, rules);
	return 0;
}

/* Runs on a thread of libmilter's. */
static void on_lost(void *ctx)
{
	struct program *program = ctx;

	atomic_store(&program->has_lost, true);
	sceau_loop_stop(program->loop);
}

/* The sign role asks nothing of DNS. */
static int open_services(struct program *program, struct sceau_daemon *daemon,
                         struct sceau_err *err)
{
	struct sceau_services *services = &milter.services;

	if (program->role != &sceau_role_mx)
		return 0;
	program->dns = sceau_dns_new(daemon->loop, &daemon->settings->common,
	                             err);
	if (program->dns == NULL)
		return -1;
	sceau_log(SCEAU_LOG_INFO, "%s", sceau_dns_description(program->dns));
	services->waits = sceau_waits_new(daemon->loop, &program->addr, err);
	if (services->waits == NULL)
		return -1;
	services->desk = sceau_resolve_desk_new(daemon->loop, program->dns,
	                                        err);
	return services->desk == NULL ? -1 : 0;
}

static int on_open(struct sceau_daemon *daemon, struct sceau_err *err)
{
	struct program *program = daemon->ctx;

	program->loop = daemon->loop;
	if (open_services(program, daemon, err) < 0)
		return -1;
	return sceau_server_start(&milter, &program->addr, on_lost, program,
	                          &program->server, err);
}

static int on_reload(struct sceau_daemon *daemon, struct sceau_settings *next,
                     struct sceau_err *err)
{
	struct program *program = daemon->ctx;
	struct sceau_listen_address addr;
	struct sceau_rules *rules;

	if (parse_socket(program, next, &addr, err) < 0 ||
	    program->role->load(next, &rules, err) < 0)
		return -1;
	if (strcmp(addr.text, program->addr.text) != 0)
		sceau_log(SCEAU_LOG_WARNING,
		          "%s changed: takes a restart, serving %s",
		          program->role->socket_key, program->addr.text);
	log_warnings(rules);
	sceau_milter_use(&milter, rules);
	atomic_fetch_add(&milter.counters.reloads, 1);
	return 0;
}

static int add_waits(const struct sceau_waits *waits, json_t *reply)
{
	unsigned waiting;
	unsigned long kicks, refused;

	sceau_waits_count(waits, &waiting, &kicks, &refused);
	return json_object_set_new(reply, "waiting", json_integer(waiting)) |
	       json_object_set_new(reply, "kicks",
	                           json_integer((json_int_t)kicks)) |
	       json_object_set_new(reply, "refused_waits",
	                           json_integer((json_int_t)refused));
}

static int on_stats(struct sceau_daemon *daemon, json_t *reply,
                    struct sceau_err *err)
{
	struct program *program = daemon->ctx;
	struct sceau_milter_counters *counters = &milter.counters;
	const struct {
		const char *name;
		atomic_ulong *value;
	} rows[] = {
		{ "connections", &counters->connections },
		{ "mails", &counters->mails },
		{ "signed", &counters->signed_mails },
		{ "unsigned", &counters->unsigned_mails },
		{ "cleaned", &counters->cleaned_mails },
		{ "stripped_fields", &counters->stripped_fields },
		{ "rejected", &counters->rejected_mails },
		{ "deferred", &counters->deferred_mails },
		{ "quarantined", &counters->quarantined_mails },
		{ "temperrors", &counters->late_mails },
		{ "failures", &counters->failures },
		{ "reloads", &counters->reloads },
	};
	int ret = json_object_set_new(reply, "role",
	                              json_string(program->role->name));

	if (milter.services.waits != NULL)
		ret |= add_waits(milter.services.waits, reply);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ret |= json_object_set_new(
			reply, rows[i].name,
			json_integer((json_int_t)atomic_load(rows[i].value)));
	if (ret != 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	return 0;
}

/* First no mail waits for DNS any more; then they come to their ends. What
   libmilter's threads may still look at stays. */
static void on_close(struct sceau_daemon *daemon)
{
	struct program *program = daemon->ctx;

	if (milter.services.desk != NULL)
		sceau_resolve_desk_close(milter.services.desk);
	if (milter.services.waits != NULL)
		sceau_waits_stop(milter.services.waits);
	sceau_server_stop(&program->server);
	sceau_dns_free(&program->dns);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "role", required_argument, NULL, 0 },
		{ NULL, 0, NULL, 0 },
	};
	static const struct sceau_start_program hooks = {
		.name = "sceau-milter",
		.usage = "--role mx|sign",
		.options = options,
		.option = on_option,
		.complete = on_complete,
		.configure = on_configure,
		.check = on_check,
		.open = on_open,
		.reload = on_reload,
		.stats = on_stats,
		.close = on_close,
	};
	static struct program program;
	int status = sceau_start(&hooks, &program, argc, argv);

	if (status == 0 && atomic_load(&program.has_lost))
		return EXIT_TEMPORARY;
	return status;
}
