/* test_dnsbl.c - lists from settings, and which of them a real DNS lets be
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "daemon/dnsbl_watch.h"
#include "daemon/log.h"
#include "daemon/resolve.h"
#include "unit/daemon/dns_bench.h"

static struct sceau_loop *loop;
static struct sceau_dns *dns;
static struct sceau_settings *settings;

static struct sceau_dnsbl *load(const char *text, struct sceau_err *err)
{
	sceau_settings_unref(&settings);
	settings = sceau_conf_load_text("conf", text, strlen(text), err);
	if (settings == NULL)
		return NULL;
	return sceau_dnsbl_load(settings, err);
}

static int new_world(void **state)
{
	static char text[32];
	static const char *items[1];
	struct sceau_conf_common common = { .dns_trust_anchor = "" };
	struct sceau_err err;

	(void)state;
	snprintf(text, sizeof(text), "127.0.0.1:%u", port);
	items[0] = text;
	common.dns_servers.items = items;
	common.dns_servers.count = 1;
	loop = sceau_loop_new(&err);
	assert_non_null(loop);
	dns = sceau_dns_new(loop, &common, &err);
	if (dns == NULL)
		fail_msg("%s", err.text);
	return 0;
}

static int end_world(void **state)
{
	(void)state;
	sceau_settings_unref(&settings);
	sceau_dns_free(&dns);
	sceau_loop_free(&loop);
	return 0;
}

/* --- settings --- */

static void test_load(void **state)
{
	struct sceau_dnsbl *dnsbl;
	struct sceau_err err;

	(void)state;
	dnsbl = load("dnsbl_lists = zen:zen.test=127.0.0.[2..11]*3, "
	             "wl.test=127.0.5.1*-1\n"
	             "dnsbl_helo_lists = dbl.test=127.0.1.2\n"
	             "dnsbl_sender_lists = dbl.test=127.0.1.2\n"
	             "dnsbl_reverse_lists = dbl.test=127.0.1.2\n",
	             &err);
	if (dnsbl == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(dnsbl->lists.count, 5);
	assert_string_equal(dnsbl->lists.list[0].name, "zen");
	assert_int_equal(dnsbl->lists.list[1].weight, -1);
	assert_int_equal(dnsbl->lists.list[2].subject, SCEAU_DNSBL_HELO);
	assert_int_equal(dnsbl->lists.list[3].subject, SCEAU_DNSBL_SENDER);
	assert_int_equal(dnsbl->lists.list[4].subject, SCEAU_DNSBL_REVERSE);
	/* nothing is asked that was not tested */
	assert_int_equal(sceau_dnsbl_off(dnsbl) & 31, 31);
	sceau_dnsbl_unref(&dnsbl);

	dnsbl = load("", &err);
	assert_non_null(dnsbl);
	assert_int_equal(dnsbl->lists.count, 0);
	sceau_dnsbl_unref(&dnsbl);
	sceau_dnsbl_unref(&dnsbl);
}

/* A list that is wrong is told by its place: its zone may be a secret. */
static void test_bad(void **state)
{
	struct sceau_err err = { .text = "" };

	(void)state;
	assert_null(load("dnsbl_lists = a.test,\n sekrit.dq.test=10.0.0.1\n",
	                 &err));
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	assert_non_null(strstr(err.text, "conf:1: dnsbl_lists: list 2: "));
	assert_null(strstr(err.text, "sekrit"));
	assert_null(load("dnsbl_helo_lists = {nokey}.test\n", &err));
	assert_non_null(strstr(err.text, "there is no key \"nokey\""));
	assert_null(load("dnsbl_keys = /etc/sceau/no-such-file\n", &err));
	assert_non_null(strstr(err.text, "no such file"));
}

static void test_keys(void **state)
{
	const char *path = write_file("dnsbl.keys", "k sekrit\n");
	struct sceau_dnsbl *dnsbl;
	struct sceau_err err;
	char text[400];

	(void)state;
	snprintf(text, sizeof(text),
	         "dnsbl_keys = %s\ndnsbl_lists = {k}.dq.example\n", path);
	assert_int_equal(chmod(path, 0644), 0);
	assert_null(load(text, &err));
	assert_non_null(strstr(err.text, "everybody may read the keys"));
	assert_int_equal(chmod(path, 0640), 0);
	dnsbl = load(text, &err);
	if (dnsbl == NULL)
		fail_msg("%s", err.text);
	assert_string_equal(dnsbl->lists.list[0].zone, "sekrit.dq.example");
	assert_string_equal(dnsbl->lists.list[0].name, "{k}.dq.example");
	sceau_dnsbl_unref(&dnsbl);
}

/* --- the watch --- */

static void stop(void *ctx)
{
	(void)ctx;
	sceau_loop_stop(loop);
}

static void turn(void)
{
	struct sceau_loop_timer *timer = sceau_loop_timer_new(loop, stop, NULL,
	                                                      NULL);

	assert_non_null(timer);
	sceau_loop_timer_start(timer, 10);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	sceau_loop_timer_free(&timer);
}

/* Which of the lists are on. */
static uint32_t on(const struct sceau_dnsbl *dnsbl)
{
	return ~sceau_dnsbl_off(dnsbl) & ((1U << dnsbl->lists.count) - 1);
}

/* Run the loop until list i was tested, or for a long time. */
static void run_until_tested(const struct sceau_dnsbl_watch *watch, size_t i)
{
	const char *line;

	for (int turns = 0; turns < 6000; turns++) {
		(void)sceau_dnsbl_watch_line(watch, i, &line);
		if (strstr(line, "not tested yet") == NULL)
			return;
		turn();
	}
	fail_msg("%s", line);
}

static void check_line(const struct sceau_dnsbl_watch *watch, size_t i,
                       bool want_on, const char *want)
{
	const char *line;
	bool is_on = sceau_dnsbl_watch_line(watch, i, &line);

	if (is_on != want_on || strstr(line, want) == NULL)
		fail_msg("list %zu: %d, %s", i, is_on, line);
}

static void ask(struct sceau_dnsbl *dnsbl, const char *client,
                struct sceau_dnsbl_check *check)
{
	struct sceau_ip ip;
	struct sceau_dnsbl_query query = { .client = &ip,
		                           .off = sceau_dnsbl_off(dnsbl) };

	assert_int_equal(sceau_ip_parse(sceau_slice_of(client), &ip, NULL), 0);
	sceau_dnsbl_check_init(check, &dnsbl->lists, &query);
	assert_int_equal(sceau_resolve_now(loop, dns, &sceau_dnsbl_decider,
	                                   check, 5000, NULL, NULL, NULL),
	                 0);
}

static void test_watch(void **state)
{
	struct sceau_dnsbl_check check;
	struct sceau_dnsbl_watch *watch;
	struct sceau_dnsbl *dnsbl, *next;
	struct sceau_err err;
	const char *line;

	(void)state;
	dnsbl = load("dnsbl_lists = good:good.example*2, all:all.example*4, "
	             "no:no.example*8, gone:gone.example*16, "
	             "pbl:good.example=127.0.0.10*32, silent.example*64\n",
	             &err);
	if (dnsbl == NULL)
		fail_msg("%s", err.text);
	watch = sceau_dnsbl_watch_new(loop, dns, dnsbl, &err);
	assert_non_null(watch);
	assert_false(sceau_dnsbl_watch_line(watch, 0, &line));
	assert_string_equal(line, "good was not tested yet");
	/* what answers is on soon, though another one is silent */
	run_until_tested(watch, 0);
	assert_int_equal(on(dnsbl) & (1U << 0 | 1U << 4), 1U << 0 | 1U << 4);
	for (size_t i = 1; i < 6; i++)
		run_until_tested(watch, i);
	/* only the good one, under both its filters */
	assert_int_equal(on(dnsbl), 1U << 0 | 1U << 4);
	check_line(watch, 0, true, "good answers as it should");
	check_line(watch, 1, false,
	           "all lists what no list may have "
	           "(91.195.240.117)");
	check_line(watch, 2, false, "no does not serve us (127.255.255.254)");
	check_line(watch, 3, false, "gone does not list 127.0.0.2");
	check_line(watch, 5, false, "silent.example does not answer");

	/* and only they count */
	ask(dnsbl, "192.0.2.7", &check);
	assert_int_equal(sceau_dnsbl_check_score(&check), 2);
	assert_int_equal(check.result[1].outcome, SCEAU_DNSBL_NOT_ASKED);
	ask(dnsbl, "192.0.2.8", &check);
	assert_int_equal(sceau_dnsbl_check_score(&check), 0);
	assert_int_equal(sceau_dnsbl_check_failures(&check), 0);

	/* after a reload what was known is on at once */
	next = load("dnsbl_lists = new:all.example, other:good.example*2\n",
	            &err);
	assert_non_null(next);
	assert_int_equal(sceau_dnsbl_watch_use(watch, next, &err), 0);
	assert_int_equal(on(next), 1U << 1);
	/* the lists of before stay what they were, for mails under way */
	assert_int_equal(on(dnsbl), 1U << 0 | 1U << 4);
	sceau_dnsbl_unref(&dnsbl);
	sceau_dnsbl_unref(&next);
	sceau_dnsbl_watch_free(&watch);
	assert_null(watch);
}

static bool is_up(void)
{
	struct sceau_dnsbl_check check;
	struct sceau_dnsbl *dnsbl;
	bool is_listed;

	new_world(NULL);
	dnsbl = load("dnsbl_lists = good.example\n", NULL);
	assert_non_null(dnsbl);
	atomic_store(&dnsbl->off, 0);
	ask(dnsbl, "192.0.2.7", &check);
	is_listed = check.result[0].outcome == SCEAU_DNSBL_LISTED;
	sceau_dnsbl_unref(&dnsbl);
	end_world(NULL);
	return is_listed;
}

int main(void)
{
#define IN_WORLD(test)                                                         \
	cmocka_unit_test_setup_teardown(test, new_world, end_world)
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_load),
		IN_WORLD(test_bad),
		IN_WORLD(test_keys),
		IN_WORLD(test_watch),
	};
	int ret;

	use_own_network();
	close(udp_socket(&port));
	write_server_files();
	start_server();
	ret = wait_until_up(is_up);
	if (ret == 0)
		ret = cmocka_run_group_tests(tests, NULL, NULL);
	else
		fprintf(stderr, "unbound cannot be run: status %d\n", ret);
	stop_server();
	remove_dir();
	return ret;
}
