/* dns.c - see dns.h. The only file that knows libunbound.
 *
 * libunbound resolves on a thread of its own and wakes the loop through a
 * pipe, so neither the signatures it checks nor a slow server cost the loop
 * anything. Deadlines are ours: libunbound itself gives up only after some
 * twenty seconds.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unbound.h>
#include <unistd.h>

#include "daemon/dns.h"
#include "daemon/dns_server.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define RESOLV_CONF_MAX 65536
#define LOCAL_SERVERS_MAX 4
/* Questions open at a time; each is some memory here and in libunbound. */
#define QUERIES_MAX 4096
#define CLASS_IN 1
/* RFC 1035 4.1.1 */
#define RCODE_NOERROR 0
#define RCODE_NXDOMAIN 3

struct sceau_dns_query {
	struct sceau_dns *dns;
	struct sceau_dns_query *prev, *next;
	struct sceau_loop_timer *timer;
	enum sceau_dns_type type;
	int id; /* libunbound's */
	sceau_dns_fn *done;
	void *ctx;
	char name[]; /* as asked */
};

struct sceau_dns {
	struct sceau_loop *loop;
	struct ub_ctx *ub;
	struct sceau_loop_watch *watch;
	struct sceau_dns_query *queries;
	size_t query_count;
	char description[400];
};

static int fail_ub(struct sceau_err *err, enum sceau_fault fault,
                   const char *what, int code)
{
	return sceau_fail(err, fault, "resolver: %s: %s", what,
	                  ub_strerror(code));
}

/* What the defaults of libunbound, meant for a browser, get wrong here. */
static const struct {
	const char *name, *value;
} options[] = {
	/* Sixteen sockets would queue everybody behind one dead server; a
	   question keeps its socket until libunbound gives it up. */
	{ "outgoing-range:", "1024" },
	{ "outgoing-num-tcp:", "32" },
	{ "num-queries-per-thread:", "1024" },
	{ "msg-cache-size:", "8m" },
	{ "rrset-cache-size:", "16m" },
	/* A resolver that was down is asked again after a minute, not after
	   a quarter of an hour. */
	{ "infra-host-ttl:", "60" },
	{ "infra-keep-probing:", "yes" },
	{ "do-not-query-localhost:", "no" },
	/* The first ten MX hosts of RFC 7208 are always the same ten. */
	{ "rrset-roundrobin:", "no" },
};

static int set_options(struct ub_ctx *ub, bool has_forwarder,
                       struct sceau_err *err)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		int code = ub_ctx_set_option(ub, options[i].name,
		                             options[i].value);

		if (code != 0)
			return fail_ub(err, SCEAU_FAULT_TEMP, options[i].name,
			               code);
	}
	if (!has_forwarder)
		return 0;
	/* A resolver of our own may know the names of a private network; the
	   public root does not and need not be asked. */
	ub_ctx_set_option(ub, "unblock-lan-zones:", "yes");
	ub_ctx_set_option(ub, "insecure-lan-zones:", "yes");
	/* A resolver asks again by itself. To it each repetition of ours is one
	   more client that waits, and unbound (1.17.1 of Debian 12 to 1.22)
	   drops everything of an address of which 1000 wait. */
	ub_ctx_set_option(ub, "infra-cache-min-rtt:", "2000");
	ub_ctx_set_option(ub, "outbound-msg-retry:", "2");
	return 0;
}

/* Read what resolv.conf says about ourselves. A file that is not there names
   nobody. */
static size_t find_local(char (*servers_r)[SCEAU_DNS_SERVER_SIZE], size_t max)
{
	size_t count = 0;
	char *text = malloc(RESOLV_CONF_MAX);
	int fd = open(RESOLV_CONF, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && text != NULL) {
		ssize_t n = read(fd, text, RESOLV_CONF_MAX);

		if (n > 0)
			count = sceau_dns_server_find_local(text, (size_t)n,
			                                    servers_r, max);
	}
	if (fd >= 0)
		close(fd);
	free(text);
	return count;
}

static int add_server(struct sceau_dns *dns, const char *server,
                      struct sceau_err *err)
{
	size_t used = strlen(dns->description);
	int code = ub_ctx_set_fwd(dns->ub, server);

	if (code != 0)
		return fail_ub(err, SCEAU_FAULT_TEMP, server, code);
	snprintf(dns->description + used, sizeof(dns->description) - used,
	         "%s%s", used == 0 ? "asks " : ", ", server);
	return 0;
}

/* Returns 1 when somebody is asked for us, 0 when we recurse ourselves. */
static int choose_servers(struct sceau_dns *dns,
                          const struct sceau_conf_list *servers,
                          struct sceau_err *err)
{
	char local[LOCAL_SERVERS_MAX][SCEAU_DNS_SERVER_SIZE];
	size_t count;

	for (size_t i = 0; i < servers->count; i++) {
		if (sceau_dns_server_parse(servers->items[i], local[0], err) <
		    0)
			return sceau_fail_in(err, "dns_servers");
		if (add_server(dns, local[0], err) < 0)
			return -1;
	}
	if (servers->count > 0)
		return 1;
	count = find_local(local, LOCAL_SERVERS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (add_server(dns, local[i], err) < 0)
			return -1;
	}
	if (count == 0)
		snprintf(dns->description, sizeof(dns->description),
		         "asks the root servers and whom they point to");
	return count > 0;
}

static int set_anchor(struct sceau_dns *dns, const char *file,
                      struct sceau_err *err)
{
	size_t used = strlen(dns->description);

	if (file[0] == '\0') {
		snprintf(dns->description + used,
		         sizeof(dns->description) - used,
		         "; does not validate answers");
		return 0;
	}
	if (access(file, R_OK) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "dns_trust_anchor: %s: %s: install "
		                  "dns-root-data, or set it to nothing to do "
		                  "without DNSSEC",
		                  file, strerror(errno));
	int code = ub_ctx_add_ta_file(dns->ub, file);
	if (code != 0)
		return fail_ub(err, SCEAU_FAULT_CONFIG, file, code);
	snprintf(dns->description + used, sizeof(dns->description) - used,
	         "; validates with %s", file);
	return 0;
}

/* libunbound reads what it was told only with the first question. localhost is
   a name that it answers by itself. */
static int check_configuration(struct sceau_dns *dns, const char *anchor,
                               struct sceau_err *err)
{
	struct ub_result *result = NULL;
	int code = ub_resolve(dns->ub, "localhost", SCEAU_DNS_A, CLASS_IN,
	                      &result);

	ub_resolve_free(result);
	if (code != 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "resolver: %s: is %s a file of DNSKEY or DS "
		                  "records?",
		                  ub_strerror(code),
		                  anchor[0] == '\0' ? "dns_trust_anchor"
		                                    : anchor);
	return 0;
}

static void on_ready(void *ctx, int events)
{
	struct sceau_dns *dns = ctx;

	(void)events;
	ub_process(dns->ub);
}

static int configure(struct sceau_dns *dns,
                     const struct sceau_conf_common *settings,
                     struct sceau_err *err)
{
	dns->ub = ub_ctx_create();
	if (dns->ub == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "resolver: cannot create it: %s",
		                  strerror(errno));
	/* It would write to stderr; what fails comes back as an answer. */
	ub_ctx_debugout(dns->ub, NULL);
	ub_ctx_async(dns->ub, 1);
	int ret = choose_servers(dns, &settings->dns_servers, err);
	if (ret < 0 || set_options(dns->ub, ret > 0, err) < 0 ||
	    set_anchor(dns, settings->dns_trust_anchor, err) < 0 ||
	    check_configuration(dns, settings->dns_trust_anchor, err) < 0)
		return -1;
	dns->watch = sceau_loop_watch_new(dns->loop, ub_fd(dns->ub),
	                                  SCEAU_LOOP_READ, on_ready, dns, err);
	return dns->watch == NULL ? -1 : 0;
}

struct sceau_dns *sceau_dns_new(struct sceau_loop *loop,
                                const struct sceau_conf_common *settings,
                                struct sceau_err *err)
{
	struct sceau_dns *dns = calloc(1, sizeof(*dns));

	if (dns == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	dns->loop = loop;
	if (configure(dns, settings, err) < 0)
		sceau_dns_free(&dns);
	return dns;
}

const char *sceau_dns_description(const struct sceau_dns *dns)
{
	return dns->description;
}

static void unlink_query(struct sceau_dns_query *query)
{
	if (query->prev == NULL)
		query->dns->queries = query->next;
	else
		query->prev->next = query->next;
	if (query->next != NULL)
		query->next->prev = query->prev;
	query->dns->query_count--;
}

static void free_query(struct sceau_dns_query *query)
{
	sceau_loop_timer_free(&query->timer);
	free(query);
}

/* Hand answer to whoever asked; query is gone afterwards. */
static void deliver(struct sceau_dns_query *query,
                    struct sceau_dns_answer *answer)
{
	answer->name = query->name;
	answer->type = query->type;
	unlink_query(query);
	sceau_loop_timer_stop(query->timer);
	query->done(query->ctx, answer);
	free_query(query);
}

static enum sceau_dns_status status_of(int code, const struct ub_result *result)
{
	if (code != 0 || result == NULL || result->bogus)
		return SCEAU_DNS_SERVFAIL;
	if (result->rcode == RCODE_NXDOMAIN)
		return SCEAU_DNS_NXDOMAIN;
	if (result->rcode != RCODE_NOERROR)
		return SCEAU_DNS_SERVFAIL;
	return result->havedata ? SCEAU_DNS_OK : SCEAU_DNS_NODATA;
}

static void add_records(const struct ub_result *result,
                        struct sceau_dns_answer *answer)
{
	for (size_t i = 0; result->data[i] != NULL; i++) {
		if (answer->count == SCEAU_DNS_RECORDS_MAX) {
			answer->is_cut = true;
			return;
		}
		answer->records[answer->count++] = (struct sceau_dns_record){
			.data = (const unsigned char *)result->data[i],
			.len = (size_t)result->len[i],
		};
	}
}

static void on_answer(void *ctx, int code, struct ub_result *result)
{
	struct sceau_dns_query *query = ctx;
	struct sceau_dns_answer answer = {
		.status = status_of(code, result),
	};

	if (result != NULL) {
		answer.is_secure = result->secure != 0;
		answer.is_bogus = result->bogus != 0;
		answer.ttl_s = result->ttl < 0 ? 0 : (uint32_t)result->ttl;
	}
	if (answer.status == SCEAU_DNS_OK)
		add_records(result, &answer);
	deliver(query, &answer);
	ub_resolve_free(result);
}

static void on_deadline(void *ctx)
{
	struct sceau_dns_query *query = ctx;
	struct sceau_dns_answer answer = { .status = SCEAU_DNS_TIMEOUT };

	ub_cancel(query->dns->ub, query->id);
	deliver(query, &answer);
}

/* The first question starts libunbound's thread: signals are for ours. */
static int resolve(struct sceau_dns_query *query)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int code = ub_resolve_async(query->dns->ub, query->name,
	                            (int)query->type, CLASS_IN, query,
	                            on_answer, &query->id);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

static int start_query(struct sceau_dns_query *query, uint64_t deadline_ms,
                       struct sceau_err *err)
{
	query->timer = sceau_loop_timer_new(query->dns->loop, on_deadline,
	                                    query, err);
	if (query->timer == NULL)
		return -1;
	int code = resolve(query);
	if (code != 0)
		return fail_ub(err, SCEAU_FAULT_TEMP, query->name, code);
	sceau_loop_timer_start(query->timer, deadline_ms);
	return 0;
}

struct sceau_dns_query *sceau_dns_ask(struct sceau_dns *dns, const char *name,
                                      enum sceau_dns_type type,
                                      uint64_t deadline_ms, sceau_dns_fn *done,
                                      void *ctx, struct sceau_err *err)
{
	size_t size = strlen(name) + 1;

	if (!sceau_dns_name_is_valid(name)) {
		sceau_fail(err, SCEAU_FAULT_PEER,
		           "\"%.100s\" is not a domain name", name);
		return NULL;
	}
	if (dns->query_count >= QUERIES_MAX) {
		sceau_fail(err, SCEAU_FAULT_LIMIT,
		           "more than %d DNS questions are open", QUERIES_MAX);
		return NULL;
	}
	struct sceau_dns_query *query = calloc(1, sizeof(*query) + size);
	if (query == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	query->dns = dns;
	query->type = type;
	query->done = done;
	query->ctx = ctx;
	memcpy(query->name, name, size);
	if (start_query(query, deadline_ms, err) < 0) {
		free_query(query);
		return NULL;
	}
	query->next = dns->queries;
	if (dns->queries != NULL)
		dns->queries->prev = query;
	dns->queries = query;
	dns->query_count++;
	return query;
}

void sceau_dns_cancel(struct sceau_dns_query **query)
{
	struct sceau_dns_query *old = *query;

	*query = NULL;
	if (old == NULL)
		return;
	ub_cancel(old->dns->ub, old->id);
	unlink_query(old);
	free_query(old);
}

void sceau_dns_free(struct sceau_dns **dns)
{
	struct sceau_dns *old = *dns;

	*dns = NULL;
	if (old == NULL)
		return;
	while (old->queries != NULL) {
		struct sceau_dns_query *query = old->queries;

		sceau_dns_cancel(&query);
	}
	sceau_loop_watch_free(&old->watch);
	if (old->ub != NULL)
		ub_ctx_delete(old->ub);
	free(old);
}
