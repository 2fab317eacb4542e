/* conf_load.c - see conf_load.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "daemon/conf_load.h"
#include "daemon/dns_server.h"

#define AREAS 6

/* The list of areas: a new one is a line here. */
static void list_areas(struct sceau_settings *settings,
                       struct sceau_conf_area areas_r[AREAS])
{
	areas_r[0] = (struct sceau_conf_area){ &sceau_conf_common_table,
		                               &settings->common };
	areas_r[1] = (struct sceau_conf_area){ &sceau_conf_milter_table,
		                               &settings->milter };
	areas_r[2] = (struct sceau_conf_area){ &sceau_conf_mx_table,
		                               &settings->mx };
	areas_r[3] = (struct sceau_conf_area){ &sceau_conf_greylist_table,
		                               &settings->greylist };
	areas_r[4] = (struct sceau_conf_area){ &sceau_conf_policyd_table,
		                               &settings->policyd };
	areas_r[5] = (struct sceau_conf_area){ &sceau_conf_dnsbl_table,
		                               &settings->dnsbl };
}

static int set_hostname(struct sceau_settings *settings, struct sceau_err *err)
{
	char name[256] = "";

	if (settings->common.myhostname[0] != '\0')
		return 0;
	if (gethostname(name, sizeof(name) - 1) < 0 || name[0] == '\0')
		return sceau_conf_fail(settings->conf, "myhostname", err,
		                       "the system has no host name: set one");
	settings->hostname = strdup(name);
	if (settings->hostname == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	settings->common.myhostname = settings->hostname;
	return 0;
}

/* In the order of the words of syslog_facility. */
static const int facilities[] = {
	LOG_MAIL,   LOG_DAEMON, LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2,
	LOG_LOCAL3, LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7,
};

/* What a row of the table cannot express. */
static int check_common(struct sceau_settings *settings, struct sceau_err *err)
{
	struct sceau_conf_common *common = &settings->common;
	char server[SCEAU_DNS_SERVER_SIZE];

	common->syslog_facility = facilities[common->syslog_facility_word];
	if (set_hostname(settings, err) < 0)
		return -1;
	if (common->user[0] == '\0')
		return sceau_conf_fail(settings->conf, "user", err,
		                       "must not be empty");
	if (common->sign_user[0] == '\0')
		return sceau_conf_fail(settings->conf, "sign_user", err,
		                       "must not be empty");
	if (common->control_directory[0] != '/')
		return sceau_conf_fail(settings->conf, "control_directory", err,
		                       "must begin with /");
	if (common->store_directory[0] != '/')
		return sceau_conf_fail(settings->conf, "store_directory", err,
		                       "must begin with /");
	for (size_t i = 0; i < common->dns_servers.count; i++) {
		struct sceau_err why;

		if (sceau_dns_server_parse(common->dns_servers.items[i], server,
		                           &why) < 0)
			return sceau_conf_fail(settings->conf, "dns_servers",
			                       err, "%s", why.text);
	}
	return 0;
}

/* Feeds the parse; returns 1 while there is more. */
typedef int source_fn(void *ctx, struct sceau_conf *conf,
                      struct sceau_err *err);

static struct sceau_settings *load(const char *file, source_fn *source,
                                   void *ctx, struct sceau_err *err)
{
	struct sceau_settings *settings = calloc(1, sizeof(*settings));
	struct sceau_conf_area areas[AREAS];
	int ret = 1;

	if (settings == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	atomic_init(&settings->references, 1);
	list_areas(settings, areas);
	settings->conf = sceau_conf_new(file, areas, AREAS);
	if (settings->conf == NULL)
		ret = sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	while (ret > 0)
		ret = source(ctx, settings->conf, err);
	if (ret == 0)
		ret = sceau_conf_finish(settings->conf, err);
	if (ret == 0)
		ret = check_common(settings, err);
	if (ret < 0)
		sceau_settings_unref(&settings);
	return settings;
}

/* An open settings file. */
struct file_source {
	const char *file;
	int fd;
};

static int read_more(void *ctx, struct sceau_conf *conf, struct sceau_err *err)
{
	const struct file_source *source = ctx;
	char buf[16384];
	ssize_t n = read(source->fd, buf, sizeof(buf));

	if (n < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "%s: %s", source->file,
		                  strerror(errno));
	if (n == 0)
		return 0;
	return sceau_conf_feed(conf, buf, (size_t)n, err) < 0 ? -1 : 1;
}

/* Who can write this file decides what we do as another user. */
static int check_mode(const struct file_source *source, struct sceau_err *err)
{
	struct stat st;

	if (fstat(source->fd, &st) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "%s: %s", source->file,
		                  strerror(errno));
	if (!S_ISREG(st.st_mode))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: not a regular file", source->file);
	if (st.st_mode & S_IWOTH)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: everybody may write to it: chmod o-w %s",
		                  source->file, source->file);
	return 0;
}

struct sceau_settings *sceau_conf_load(const char *file, struct sceau_err *err)
{
	struct sceau_settings *settings = NULL;
	/* O_NONBLOCK: a FIFO in its place must not hang us. */
	struct file_source source = {
		.file = file,
		.fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK),
	};

	if (source.fd < 0) {
		sceau_fail(err, SCEAU_FAULT_CONFIG, "%s: %s", file,
		           strerror(errno));
		return NULL;
	}
	if (check_mode(&source, err) == 0)
		settings = load(file, read_more, &source, err);
	close(source.fd);
	return settings;
}

static int feed_text(void *ctx, struct sceau_conf *conf, struct sceau_err *err)
{
	const struct sceau_slice *text = ctx;

	return sceau_conf_feed(conf, text->data, text->len, err);
}

struct sceau_settings *sceau_conf_load_text(const char *file, const char *text,
                                            size_t len, struct sceau_err *err)
{
	struct sceau_slice slice = { text, len };

	return load(file, feed_text, &slice, err);
}

struct sceau_settings *sceau_settings_ref(struct sceau_settings *settings)
{
	atomic_fetch_add(&settings->references, 1);
	return settings;
}

void sceau_settings_unref(struct sceau_settings **settings)
{
	struct sceau_settings *old = *settings;

	*settings = NULL;
	if (old == NULL || atomic_fetch_sub(&old->references, 1) > 1)
		return;
	sceau_conf_free(&old->conf);
	free(old->hostname);
	free(old);
}

const char *sceau_settings_idle_key(const struct sceau_settings *settings,
                                    size_t index)
{
	static const struct sceau_conf_table *const idle[] = {
		&sceau_conf_greylist_table,
		&sceau_conf_dnsbl_table,
	};

	for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++) {
		for (size_t k = 0; k < idle[i]->count; k++) {
			const char *name = idle[i]->keys[k].name;

			if (sceau_conf_is_given(settings->conf, name) &&
			    index-- == 0)
				return name;
		}
	}
	return NULL;
}

void sceau_conf_each_key(void (*row)(void *ctx,
                                     const struct sceau_conf_table *table,
                                     const struct sceau_conf_key *key),
                         void *ctx)
{
	struct sceau_settings none;
	struct sceau_conf_area areas[AREAS];

	list_areas(&none, areas);
	for (size_t i = 0; i < AREAS; i++) {
		for (size_t j = 0; j < areas[i].table->count; j++)
			row(ctx, areas[i].table, &areas[i].table->keys[j]);
	}
}
