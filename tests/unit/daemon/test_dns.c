/* test_dns.c - questions to a real unbound, to a dead one and to nobody
 *
 * The server runs in a network of its own when we may make one, else on a free
 * port of loopback. Without unbound the test is skipped.
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/dns.h"
#include "unit/daemon/dns_bench.h"

static struct sceau_loop *loop;

/* --- one question --- */

/* What came back, copied. */
static struct outcome {
	int calls;
	enum sceau_dns_status status;
	enum sceau_dns_type type;
	char name[128];
	bool is_secure, is_bogus;
	uint32_t ttl_s;
	size_t count;
	char first[SCEAU_DNS_NAME_SIZE]; /* name or text of record 0 */
	unsigned char address[16];
	uint16_t preference;
	uint64_t took_ms;
} got;

static void copy_first(const struct sceau_dns_answer *answer)
{
	const struct sceau_dns_record *record = &answer->records[0];
	struct sceau_buf text;

	switch (answer->type) {
	case SCEAU_DNS_A:
	case SCEAU_DNS_AAAA:
		memcpy(got.address,
		       sceau_dns_record_address(record, answer->type),
		       record->len);
		break;
	case SCEAU_DNS_MX:
		assert_int_equal(sceau_dns_record_mx(record, &got.preference,
		                                     got.first, NULL),
		                 0);
		break;
	case SCEAU_DNS_TXT:
		sceau_buf_init(&text, 1000);
		assert_int_equal(sceau_dns_record_text(record, &text, NULL), 0);
		snprintf(got.first, sizeof(got.first), "%s",
		         sceau_buf_text(&text));
		sceau_buf_deinit(&text);
		break;
	default:
		assert_int_equal(sceau_dns_record_name(record, got.first, NULL),
		                 0);
	}
}

static void on_done(void *ctx, const struct sceau_dns_answer *answer)
{
	(void)ctx;
	got.calls++;
	got.status = answer->status;
	got.type = answer->type;
	snprintf(got.name, sizeof(got.name), "%s", answer->name);
	got.is_secure = answer->is_secure;
	got.is_bogus = answer->is_bogus;
	got.ttl_s = answer->ttl_s;
	got.count = answer->count;
	if (answer->count > 0)
		copy_first(answer);
	sceau_loop_stop(loop);
}

static void ask(struct sceau_dns *dns, const char *name,
                enum sceau_dns_type type, uint64_t deadline_ms)
{
	struct sceau_err err = { .text = "" };
	uint64_t begin = sceau_loop_now_ms();

	memset(&got, 0, sizeof(got));
	if (sceau_dns_ask(dns, name, type, deadline_ms, on_done, NULL, &err) ==
	    NULL)
		fail_msg("%s: %s", name, err.text);
	/* Never from inside the call. */
	assert_int_equal(got.calls, 0);
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	assert_int_equal(got.calls, 1);
	got.took_ms = sceau_loop_now_ms() - begin;
}

/* A resolver that asks 127.0.0.1@p. */
static struct sceau_dns *new_dns(unsigned p, const char *anchor,
                                 struct sceau_err *err)
{
	static char text[32];
	static const char *items[1];
	struct sceau_conf_common settings = {
		.dns_servers = { items, 1 },
		.dns_trust_anchor = anchor,
	};

	snprintf(text, sizeof(text), "127.0.0.1:%u", p);
	items[0] = text;
	return sceau_dns_new(loop, &settings, err);
}

static int set_up(void **state)
{
	loop = sceau_loop_new(NULL);
	*state = new_dns(port, "", NULL);
	return loop == NULL || *state == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	struct sceau_dns *dns = *state;

	sceau_dns_free(&dns);
	sceau_loop_free(&loop);
	return 0;
}

/* --- tests --- */

static const struct {
	const char *name;
	enum sceau_dns_type type;
	enum sceau_dns_status want;
	size_t want_count;
	const char *want_first;
} questions[] = {
	{ "mx.example", SCEAU_DNS_A, SCEAU_DNS_OK, 2, "" },
	{ "mx.example.", SCEAU_DNS_AAAA, SCEAU_DNS_OK, 1, "" },
	{ "HOME.Example", SCEAU_DNS_TXT, SCEAU_DNS_OK, 1, "v=spf1 mx -all" },
	{ "home.example", SCEAU_DNS_MX, SCEAU_DNS_OK, 1, "mx.example" },
	{ "alias.example", SCEAU_DNS_A, SCEAU_DNS_OK, 2, "" },
	{ "home.example", SCEAU_DNS_A, SCEAU_DNS_NODATA, 0, "" },
	{ "none.example", SCEAU_DNS_A, SCEAU_DNS_NXDOMAIN, 0, "" },
	{ "x.refused.example", SCEAU_DNS_A, SCEAU_DNS_SERVFAIL, 0, "" },
	/* Zones that libunbound shuts by itself. */
	{ "1.2.0.192.in-addr.arpa", SCEAU_DNS_PTR, SCEAU_DNS_OK, 1,
	  "mx.example" },
	{ "7.113.0.203.in-addr.arpa", SCEAU_DNS_PTR, SCEAU_DNS_OK, 1,
	  "client.example" },
	{ "9.100.51.198.in-addr.arpa", SCEAU_DNS_PTR, SCEAU_DNS_OK, 1,
	  "other.example" },
	{ "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	  "ip6.arpa",
	  SCEAU_DNS_PTR, SCEAU_DNS_OK, 1, "six.example" },
	{ "1.0.0.10.in-addr.arpa", SCEAU_DNS_PTR, SCEAU_DNS_OK, 1,
	  "lan.example" },
};

static void test_answers(void **state)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		ask(*state, questions[i].name, questions[i].type, 10000);
		if (got.status != questions[i].want ||
		    got.count != questions[i].want_count ||
		    strcmp(got.first, questions[i].want_first) != 0)
			fail_msg("%s: got %s, %zu records, %s",
			         questions[i].name,
			         sceau_dns_status_name(got.status), got.count,
			         got.first);
		assert_string_equal(got.name, questions[i].name);
		assert_int_equal(got.type, questions[i].type);
		assert_false(got.is_secure);
		assert_false(got.is_bogus);
	}
}

static void test_details(void **state)
{
	static const unsigned char v6[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 1 };

	ask(*state, "mx.example", SCEAU_DNS_A, 10000);
	assert_in_range(got.ttl_s, 200, 300);
	assert_memory_equal(got.address, "\xc0\x00\x02", 3);
	ask(*state, "mx.example", SCEAU_DNS_AAAA, 10000);
	assert_memory_equal(got.address, v6, 16);
	ask(*state, "home.example", SCEAU_DNS_MX, 10000);
	assert_int_equal(got.preference, 10);
}

static void test_names_that_are_none(void **state)
{
	static const char *const names[] = { "a..example", ".example", "a\\",
		                             NULL };
	char label[80], name[SCEAU_DNS_NAME_SIZE + 10];
	struct sceau_err err;

	memset(label, 'a', sizeof(label));
	memcpy(label + 64, ".example", 9);
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < 5; i++) {
		const char *bad = i < 3 ? names[i] : i == 3 ? label : name;

		err.fault = SCEAU_FAULT_NONE;
		if (sceau_dns_ask(*state, bad, SCEAU_DNS_A, 100, on_done, NULL,
		                  &err) != NULL ||
		    err.fault != SCEAU_FAULT_PEER)
			fail_msg("%s: %d", bad, err.fault);
	}
}

static void test_deadline_of_a_silent_server(void **state)
{
	unsigned silent_port;
	int fd = udp_socket(&silent_port);
	struct sceau_dns *dns = new_dns(silent_port, "", NULL);

	(void)state;
	ask(dns, "mx.example", SCEAU_DNS_A, 300);
	assert_int_equal(got.status, SCEAU_DNS_TIMEOUT);
	assert_in_range(got.took_ms, 290, 1500);
	assert_string_equal(got.name, "mx.example");
	sceau_dns_free(&dns);
	close(fd);
}

static void test_nobody_there(void **state)
{
	unsigned closed_port;
	struct sceau_dns *dns;

	(void)state;
	close(udp_socket(&closed_port));
	dns = new_dns(closed_port, "", NULL);
	ask(dns, "mx.example", SCEAU_DNS_A, 1000);
	assert_true(got.status == SCEAU_DNS_TIMEOUT ||
	            got.status == SCEAU_DNS_SERVFAIL);
	assert_in_range(got.took_ms, 0, 2500);
	sceau_dns_free(&dns);
}

static int slow_done, fast_done;
static uint64_t slowest_fast_ms, asked_ms;

static void on_slow(void *ctx, const struct sceau_dns_answer *answer)
{
	(void)ctx;
	/* Newer libunbounds give up a little before our deadline. */
	assert_true(answer->status == SCEAU_DNS_TIMEOUT ||
	            answer->status == SCEAU_DNS_SERVFAIL);
	if (++slow_done == 100)
		sceau_loop_stop(loop);
}

static void on_fast(void *ctx, const struct sceau_dns_answer *answer)
{
	uint64_t took = sceau_loop_now_ms() - asked_ms;

	(void)ctx;
	assert_int_equal(answer->status, SCEAU_DNS_NXDOMAIN);
	fast_done++;
	if (took > slowest_fast_ms)
		slowest_fast_ms = took;
}

/* A hundred questions that nobody answers, and as many that are. */
static void test_slow_names_hold_up_nobody(void **state)
{
	char name[64];

	slow_done = fast_done = 0;
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "s%d.silent.example", i);
		assert_non_null(sceau_dns_ask(*state, name, SCEAU_DNS_A, 2000,
		                              on_slow, NULL, NULL));
	}
	asked_ms = sceau_loop_now_ms();
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "f%d.example", i);
		assert_non_null(sceau_dns_ask(*state, name, SCEAU_DNS_A, 2000,
		                              on_fast, NULL, NULL));
	}
	assert_int_equal(sceau_loop_run(loop, NULL), 0);
	assert_int_equal(fast_done, 100);
	assert_in_range(slowest_fast_ms, 0, 1500);
	/* And those who come afterwards are not punished for it. */
	ask(*state, "mx.example", SCEAU_DNS_A, 2000);
	assert_int_equal(got.status, SCEAU_DNS_OK);
}

static void on_never(void *ctx, const struct sceau_dns_answer *answer)
{
	(void)ctx;
	(void)answer;
	fail_msg("answer to a question that was cancelled");
}

static void test_cancel(void **state)
{
	struct sceau_dns_query *queries[20];
	char name[64];

	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "c%d.%s", i,
		         i % 2 ? "silent.example" : "example");
		queries[i] = sceau_dns_ask(*state, name, SCEAU_DNS_A, 100,
		                           on_never, NULL, NULL);
		assert_non_null(queries[i]);
	}
	/* Some answers are on their way already. */
	usleep(50000);
	for (int i = 0; i < 20; i++) {
		sceau_dns_cancel(&queries[i]);
		assert_null(queries[i]);
		sceau_dns_cancel(&queries[i]);
	}
	ask(*state, "mx.example", SCEAU_DNS_A, 10000);
	assert_int_equal(got.status, SCEAU_DNS_OK);
}

static void test_free_with_open_questions(void **state)
{
	struct sceau_dns *dns = new_dns(port, "", NULL);

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_non_null(sceau_dns_ask(
			dns, i % 2 ? "mx.example" : "x.silent.example",
			SCEAU_DNS_A, 10000, on_never, NULL, NULL));
	sceau_dns_free(&dns);
	assert_null(dns);
	sceau_dns_free(&dns);
}

static void test_bound_on_open_questions(void **state)
{
	struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
	int asked = 0;

	while (asked < 5000 &&
	       sceau_dns_ask(*state, "x.silent.example", SCEAU_DNS_A, 60000,
	                     on_never, NULL, &err) != NULL)
		asked++;
	assert_int_equal(asked, 4096);
	assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
}

static void test_dnssec(void **state)
{
	char anchor[128];
	struct sceau_err err = { .text = "" };
	struct sceau_dns *dns;

	(void)state;
	snprintf(anchor, sizeof(anchor), "%s",
	         write_file("anchor", SIGNED_ANCHOR));
	dns = new_dns(port, anchor, &err);
	if (dns == NULL)
		fail_msg("%s", err.text);
	assert_non_null(
		strstr(sceau_dns_description(dns), "; validates with "));
	ask(dns, "good.signed.example", SCEAU_DNS_TXT, 10000);
	assert_int_equal(got.status, SCEAU_DNS_OK);
	assert_true(got.is_secure);
	assert_string_equal(got.first, "sealed");
	ask(dns, "bad.signed.example", SCEAU_DNS_TXT, 10000);
	assert_int_equal(got.status, SCEAU_DNS_SERVFAIL);
	assert_true(got.is_bogus);
	assert_int_equal(got.count, 0);
	/* Outside of the signed zone nothing is promised. */
	ask(dns, "mx.example", SCEAU_DNS_A, 10000);
	assert_int_equal(got.status, SCEAU_DNS_OK);
	assert_false(got.is_secure);
	sceau_dns_free(&dns);
}

static void test_bad_anchors(void **state)
{
	struct sceau_err err = { .text = "" };

	(void)state;
	assert_null(new_dns(port, "/nonexistent/root.key", &err));
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	assert_non_null(strstr(err.text, "/nonexistent/root.key: No such file "
	                                 "or directory: install "
	                                 "dns-root-data"));
	assert_null(new_dns(port, write_file("anchor", "rubbish \"\n"), &err));
	assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
	assert_non_null(strstr(err.text, "/anchor a file of DNSKEY or DS"));
}

static void test_description(void **state)
{
	char want[64];

	snprintf(want, sizeof(want),
	         "asks 127.0.0.1@%u; does not validate answers", port);
	assert_string_equal(sceau_dns_description(*state), want);
}

/* While the resolver is away questions end in time; soon after it is back
   they are answered again. */
static void test_server_comes_back(void **state)
{
	uint64_t begin = sceau_loop_now_ms();
	char name[64];
	int i = 0;

	stop_server();
	while (sceau_loop_now_ms() - begin < 4000) {
		snprintf(name, sizeof(name), "gone%d.example", i++);
		ask(*state, name, SCEAU_DNS_A, 500);
		assert_true(got.status == SCEAU_DNS_TIMEOUT ||
		            got.status == SCEAU_DNS_SERVFAIL);
		assert_in_range(got.took_ms, 0, 1500);
	}
	start_server();
	begin = sceau_loop_now_ms();
	do {
		snprintf(name, sizeof(name), "back%d.example", i++);
		ask(*state, name, SCEAU_DNS_A, 500);
	} while (got.status != SCEAU_DNS_NXDOMAIN &&
	         sceau_loop_now_ms() - begin < 30000);
	assert_in_range(sceau_loop_now_ms() - begin, 0, 20000);
}

/* --- all of it --- */

/* Wait until the server answers. Returns 77 when it cannot be run here. */
static int wait_for_server(void)
{
	uint64_t begin = sceau_loop_now_ms();
	int status, ret = 1;

	while (ret == 1 && sceau_loop_now_ms() - begin < 20000) {
		void *dns = NULL;

		if (waitpid(server, &status, WNOHANG) == server)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
		if (set_up(&dns) == 0) {
			ask(dns, "mx.example", SCEAU_DNS_A, 500);
			ret = got.status == SCEAU_DNS_OK ? 0 : 1;
		}
		tear_down(&dns);
	}
	return ret;
}

int main(void)
{
#define ON_DNS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		ON_DNS(test_answers),
		ON_DNS(test_details),
		ON_DNS(test_names_that_are_none),
		ON_DNS(test_deadline_of_a_silent_server),
		ON_DNS(test_nobody_there),
		ON_DNS(test_slow_names_hold_up_nobody),
		ON_DNS(test_cancel),
		ON_DNS(test_free_with_open_questions),
		ON_DNS(test_bound_on_open_questions),
		ON_DNS(test_dnssec),
		ON_DNS(test_bad_anchors),
		ON_DNS(test_description),
		ON_DNS(test_server_comes_back),
	};
	int ret;

	use_own_network();
	close(udp_socket(&port));
	write_server_files();
	start_server();
	ret = wait_for_server();
	if (ret == 0)
		ret = cmocka_run_group_tests(tests, NULL, NULL);
	else
		fprintf(stderr, "unbound cannot be run: status %d\n", ret);
	stop_server();
	remove_dir();
	return ret;
}
