/* main.c - sceau-policyd: Postfix asks, limits answer
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/start.h"
#include "policy-daemon/service.h"

static struct sceau_policyd_service *service;

static int check(struct sceau_daemon *daemon, struct sceau_err *err)
{
	return sceau_policyd_service_check(daemon->settings, err);
}

static int open_service(struct sceau_daemon *daemon, struct sceau_err *err)
{
	service = sceau_policyd_service_new(daemon->loop, daemon->settings,
	                                    err);
	return service != NULL ? 0 : -1;
}

static int reload(struct sceau_daemon *daemon, struct sceau_settings *next,
                  struct sceau_err *err)
{
	(void)daemon;
	return sceau_policyd_service_reload(service, next, err);
}

static int stats(struct sceau_daemon *daemon, json_t *reply,
                 struct sceau_err *err)
{
	(void)daemon;
	return sceau_policyd_service_stats(service, reply, err);
}

static void close_service(struct sceau_daemon *daemon)
{
	(void)daemon;
	sceau_policyd_service_free(&service);
}

int main(int argc, char **argv)
{
	static const struct sceau_start_program program = {
		.name = "sceau-policyd",
		.control_name = "policyd",
		.check = check,
		.open = open_service,
		.reload = reload,
		.stats = stats,
		.close = close_service,
	};

	return sceau_start(&program, NULL, argc, argv);
}
