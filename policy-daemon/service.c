/* service.c - see service.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/conn.h"
#include "daemon/listen.h"
#include "daemon/log.h"
#include "daemon/state_directory.h"
#include "daemon/time_of_day.h"
#include "policy-daemon/service.h"
#include "policy-daemon/session.h"

/* Input is taken as it comes unless a session waits for the store; what it
   may leave is bounded by this, as are replies that nobody reads. */
#define IN_MAX 65536
#define OUT_MAX 262144
#define TICK_MS 1000

struct client {
	struct client *next, **slot; /* in the list of the service */
	struct sceau_policyd_service *service;
	struct sceau_conn *conn;
	bool is_broken; /* a reply could not be sent */
	struct sceau_policyd_session session;
};

struct sceau_policyd_service {
	struct sceau_policyd policyd;
	struct sceau_loop *loop;
	struct sceau_listener *listener;
	struct sceau_loop_timer *tick;
	struct client *clients;
	uint64_t connections, connections_open;
	char *listen; /* as in the settings */
};

static void free_client(struct client *client)
{
	*client->slot = client->next;
	if (client->next != NULL)
		client->next->slot = client->slot;
	client->service->connections_open--;
	sceau_policyd_session_deinit(&client->session);
	sceau_conn_free(&client->conn);
	free(client);
}

static void on_reply(void *ctx, const char *text, size_t len)
{
	struct client *client = ctx;

	if (sceau_conn_write(client->conn, text, len) < 0)
		client->is_broken = true;
}

static void on_resume(void *ctx)
{
	struct client *client = ctx;

	if (client->is_broken)
		free_client(client);
	else
		sceau_conn_resume(client->conn);
}

static const struct sceau_policyd_session_hooks session_hooks = {
	.reply = on_reply,
	.resume = on_resume,
};

static size_t on_input(void *ctx, struct sceau_conn *conn, const char *data,
                       size_t len)
{
	struct client *client = ctx;
	struct sceau_err err;
	size_t used;

	if (sceau_policyd_session_input(&client->session, data, len, &used,
	                                &err) < 0) {
		sceau_log(SCEAU_LOG_WARNING,
		          "connection closed: %s (is it Postfix's "
		          "check_policy_service that speaks?)",
		          err.text);
		free_client(client);
		return len;
	}
	if (client->is_broken) {
		sceau_log(SCEAU_LOG_WARNING,
		          "connection closed: a reply could not be sent");
		free_client(client);
		return len;
	}
	if (client->session.is_waiting)
		sceau_conn_pause(conn);
	return used;
}

static void on_end(void *ctx, struct sceau_conn *conn,
                   const struct sceau_err *why)
{
	struct client *client = ctx;

	(void)conn;
	if (!sceau_policyd_session_is_idle(&client->session))
		sceau_log(SCEAU_LOG_WARNING,
		          "connection ended before an answer: %s",
		          why != NULL ? why->text : "closed by the client");
	free_client(client);
}

static const struct sceau_conn_hooks conn_hooks = {
	.input = on_input,
	.ended = on_end,
};

static void on_accept(void *ctx, int fd)
{
	struct sceau_policyd_service *service = ctx;
	struct client *client = calloc(1, sizeof(*client));
	struct sceau_err err = { .text = "out of memory" };

	if (client != NULL)
		client->conn = sceau_conn_new(service->loop, fd, IN_MAX,
		                              OUT_MAX, &conn_hooks, client,
		                              &err);
	if (client == NULL || client->conn == NULL) {
		sceau_log(SCEAU_LOG_ERROR, "connection refused: %s", err.text);
		free(client);
		close(fd);
		return;
	}
	client->service = service;
	client->slot = &service->clients;
	client->next = service->clients;
	if (client->next != NULL)
		client->next->slot = &client->next;
	service->clients = client;
	service->connections++;
	service->connections_open++;
	sceau_policyd_session_init(&client->session, &service->policyd,
	                           &session_hooks, client);
}

static void on_tick(void *ctx)
{
	struct sceau_policyd_service *service = ctx;

	sceau_store_tick(service->policyd.store, sceau_time_of_day_ns());
	sceau_loop_timer_start(service->tick, TICK_MS);
}

struct sceau_policyd_limits *
sceau_policyd_service_load(const struct sceau_settings *settings,
                           struct sceau_err *err)
{
	static unsigned generation;
	bool is_named = sceau_conf_is_given(settings->conf, "policy_limits");

	return sceau_policyd_limits_load(settings->policyd.policy_limits,
	                                 !is_named, generation++, err);
}

/* What outlives us goes there, if anything does; NULL: out of memory. */
static char *state_path(const struct sceau_settings *settings, const char *name)
{
	char *path;

	return asprintf(&path, "%s/policyd%s", settings->common.store_directory,
	                name) < 0
	               ? NULL
	               : path;
}

static int check_store(const struct sceau_settings *settings,
                       struct sceau_err *err)
{
	char *directory;

	if (settings->common.store != SCEAU_CONF_STORE_LMDB)
		return 0;
	directory = state_path(settings, "");
	if (directory == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	int ret = sceau_state_directory_check(directory, err);
	free(directory);
	return ret;
}

static struct sceau_store *open_store(struct sceau_loop *loop,
                                      const struct sceau_settings *settings,
                                      struct sceau_err *err)
{
	uint64_t entries_max = settings->policyd.policy_store_entries;
	struct sceau_store *store;
	char *path;

	if (settings->common.store != SCEAU_CONF_STORE_LMDB)
		return sceau_store_memory_new(entries_max, err);
	path = state_path(settings, "/limits.mdb");
	if (path == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	store = sceau_store_lmdb_new(loop, path, entries_max,
	                             sceau_time_of_day_ns(), err);
	free(path);
	return store;
}

int sceau_policyd_service_check(const struct sceau_settings *settings,
                                struct sceau_err *err)
{
	struct sceau_listen_address address;
	struct sceau_policyd_limits *limits;

	if (sceau_listen_parse(settings->policyd.policy_listen, &address, err) <
	    0)
		return sceau_conf_fail(settings->conf, "policy_listen", err,
		                       "%s", err->text);
	limits = sceau_policyd_service_load(settings, err);
	if (limits == NULL)
		return -1;
	sceau_policyd_limits_unref(&limits);
	if (check_store(settings, err) < 0)
		return -1;
	return sceau_listen_check(&address, err);
}

static void log_limits(const struct sceau_policyd_limits *limits,
                       const struct sceau_settings *settings)
{
	const char *file = settings->policyd.policy_limits;

	if (limits->rules.count > 0)
		sceau_log(SCEAU_LOG_INFO, "limits in force: %zu, of %s",
		          limits->rules.count, file);
	else
		sceau_log(SCEAU_LOG_WARNING,
		          "%s: %s: nothing is limited; sceau-limits(5) tells "
		          "how to write one",
		          file,
		          access(file, F_OK) == 0 ? "no rule in it"
		                                  : "no such file");
}

static void log_line(const struct sceau_log_line *line,
                     enum sceau_log_level level)
{
	sceau_log_line_send(line, level);
}

static int open_all(struct sceau_policyd_service *service,
                    const struct sceau_settings *settings,
                    struct sceau_err *err)
{
	const struct sceau_conf_policyd *conf = &settings->policyd;
	struct sceau_listen_address address;

	service->listen = strdup(conf->policy_listen);
	if (service->listen == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	service->policyd.limits = sceau_policyd_service_load(settings, err);
	if (service->policyd.limits == NULL)
		return -1;
	service->tick = sceau_loop_timer_new(service->loop, on_tick, service,
	                                     err);
	if (service->tick == NULL)
		return -1;
	if (sceau_listen_parse(conf->policy_listen, &address, err) < 0)
		return -1;
	/* Before the store: a second daemon ends here, and who asks while the
	   store is read waits instead of being refused. */
	service->listener = sceau_listener_new(service->loop, &address,
	                                       on_accept, service, err);
	if (service->listener == NULL)
		return -1;
	service->policyd.store = open_store(service->loop, settings, err);
	return service->policyd.store != NULL ? 0 : -1;
}

struct sceau_policyd_service *
sceau_policyd_service_new(struct sceau_loop *loop,
                          const struct sceau_settings *settings,
                          struct sceau_err *err)
{
	struct sceau_policyd_service *service = calloc(1, sizeof(*service));

	if (service == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	service->loop = loop;
	service->policyd.now_ns = sceau_time_of_day_ns;
	service->policyd.log = log_line;
	if (open_all(service, settings, err) < 0) {
		sceau_policyd_service_free(&service);
		return NULL;
	}
	sceau_loop_timer_start(service->tick, TICK_MS);
	log_limits(service->policyd.limits, settings);
	return service;
}

int sceau_policyd_service_reload(struct sceau_policyd_service *service,
                                 const struct sceau_settings *settings,
                                 struct sceau_err *err)
{
	struct sceau_policyd_limits *limits;

	limits = sceau_policyd_service_load(settings, err);
	if (limits == NULL)
		return -1;
	sceau_policyd_limits_unref(&service->policyd.limits);
	service->policyd.limits = limits;
	log_limits(limits, settings);
	if (strcmp(settings->policyd.policy_listen, service->listen) != 0)
		sceau_log(SCEAU_LOG_WARNING,
		          "policy_listen: a new address needs a restart; still "
		          "on %s",
		          service->listen);
	return 0;
}

static json_t *count(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *file_stats(const struct sceau_state_stats *stats)
{
	return json_pack("{s:b, s:s, s:o, s:o, s:o, s:o, s:o}", "kept",
	                 stats->is_kept, "trouble", stats->trouble, "bytes",
	                 count(stats->bytes), "commits", count(stats->commits),
	                 "committed_s", count(stats->committed_ms / 1000),
	                 "behind_ms", count(stats->behind_ms), "set_aside",
	                 count(stats->set_aside));
}

static json_t *store_stats(const struct sceau_store *store)
{
	struct sceau_store_stats stats;

	sceau_store_stats(store, &stats);
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o*}", "engine",
	                 stats.engine, "entries", count(stats.entries),
	                 "entries_max", count(stats.entries_max), "evicted",
	                 count(stats.evicted), "bytes", count(stats.bytes),
	                 "file",
	                 stats.has_file ? file_stats(&stats.file) : NULL);
}

static json_t *limit_stats(const struct sceau_policyd_limits *limits)
{
	json_t *all = json_object();

	for (size_t i = 0; i < limits->rules.count; i++)
		json_object_set_new(
			all, limits->rules.rule[i].name,
			json_pack("{s:o, s:o}", "refused",
		                  count(limits->counts[i].refused), "dry_run",
		                  count(limits->counts[i].dry_run)));
	return all;
}

int sceau_policyd_service_stats(const struct sceau_policyd_service *service,
                                json_t *reply, struct sceau_err *err)
{
	const struct sceau_policyd_counts *c = &service->policyd.counts;
	json_t *all = json_pack(
		"{s:{s:o, s:o}, s:{s:o, s:o, s:o, s:o},"
		" s:{s:o, s:o, s:o, s:o, s:o}, s:o, s:o}",
		"connections", "open", count(service->connections_open),
		"accepted", count(service->connections), "requests", "rcpt",
		count(c->rcpt), "data", count(c->data), "end_of_message",
		count(c->end_of_message), "other", count(c->other), "answers",
		"passed", count(c->passed), "refused", count(c->refused),
		"repeated", count(c->repeated), "failed", count(c->failed),
		"broken", count(c->broken), "limits",
		limit_stats(service->policyd.limits), "store",
		store_stats(service->policyd.store));

	if (all == NULL || json_object_update(reply, all) < 0) {
		json_decref(all);
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	}
	json_decref(all);
	return 0;
}

void sceau_policyd_service_free(struct sceau_policyd_service **service)
{
	struct sceau_policyd_service *gone = *service;

	*service = NULL;
	if (gone == NULL)
		return;
	sceau_listener_free(&gone->listener);
	sceau_loop_timer_free(&gone->tick);
	while (gone->clients != NULL)
		free_client(gone->clients);
	sceau_store_free(&gone->policyd.store);
	sceau_policyd_limits_unref(&gone->policyd.limits);
	free(gone->listen);
	free(gone);
}
