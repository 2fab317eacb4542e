/* test_control_greylist.c - greylisting over a real control socket
 *
 * SPDX-License-Identifier: MIT
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/control_client.h"
#include "daemon/control_greylist.h"

#define DAY 86400ULL

static char dir[64];
static struct sceau_loop *loop;
static struct sceau_control *control;
static struct sceau_control_greylist shared = {
	.rules = { .delay_s = 60,
	           .retry_window_s = 2 * DAY,
	           .lifetime_s = 35 * DAY,
	           .learned_s = 180 * DAY,
	           .client_passes = 5 },
};
static pthread_t server;
static struct sceau_control_client *client;

static void *serve(void *arg)
{
	(void)arg;
	(void)sceau_loop_run(loop, NULL);
	return NULL;
}

static int new_world(void **state)
{
	struct sceau_err err;
	char path[128];

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/sceau-ctl-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/mx.ctl", dir);
	loop = sceau_loop_new(&err);
	shared.greylist = sceau_greylist_memory_new(loop, &shared.rules, 10000,
	                                            NULL, &err);
	control = sceau_control_new(loop, path, NULL, 0, &err);
	if (control == NULL ||
	    sceau_control_greylist_serve(control, &shared, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(pthread_create(&server, NULL, serve, NULL), 0);
	client = sceau_control_client_new(dir, "mx", &err);
	if (client == NULL)
		fail_msg("%s", err.text);
	return 0;
}

static int end_world(void **state)
{
	char path[128];

	(void)state;
	sceau_control_client_free(&client);
	sceau_loop_stop(loop);
	pthread_join(server, NULL);
	sceau_control_free(&control);
	sceau_greylist_free(&shared.greylist);
	sceau_loop_free(&loop);
	snprintf(path, sizeof(path), "%s/mx.ctl", dir);
	unlink(path);
	rmdir(dir);
	return 0;
}

/* Returns the answer, NULL when it was an error, which is in err. */
static json_t *call(const char *request, struct sceau_err *err)
{
	json_t *json = json_loads(request, 0, NULL), *answer = NULL;

	assert_non_null(json);
	if (sceau_control_client_call(client, json, &answer, err) < 0)
		answer = NULL;
	json_decref(json);
	return answer;
}

static void must_do(const char *request)
{
	struct sceau_err err;
	json_t *answer = call(request, &err);

	if (answer == NULL)
		fail_msg("%s: %s", request, err.text);
	json_decref(answer);
}

/* The entry of key in the whole list; NULL when there is none. */
static json_t *find(const char *key, size_t *count_r)
{
	char request[80] = "{\"do\":\"greylist-list\"}";
	json_t *found = NULL;

	*count_r = 0;
	for (;;) {
		json_t *answer = call(request, NULL), *entry;
		const char *next;
		size_t i;

		assert_non_null(answer);
		json_array_foreach(json_object_get(answer, "entries"), i, entry)
		{
			const char *name = json_string_value(
				json_object_get(entry, "key"));

			(*count_r)++;
			if (strcmp(name, key) == 0)
				found = json_incref(entry);
		}
		next = json_string_value(json_object_get(answer, "next"));
		snprintf(request, sizeof(request),
		         "{\"do\":\"greylist-list\",\"place\":\"%s\"}", next);
		bool is_over = strcmp(next, "0") == 0;
		json_decref(answer);
		if (is_over)
			return found;
	}
}

static json_int_t number(const json_t *entry, const char *name)
{
	return json_integer_value(json_object_get(entry, name));
}

static void test_changes(void **state)
{
	const char *key = "a/b@here.test/a@there.test/192.0.2.0/24";
	json_t *entry;
	size_t count;

	(void)state;
	must_do("{\"do\":\"greylist-change\",\"changes\":["
	        "{\"key\":\"a/b@here.test/a@there.test/192.0.2.0/24\","
	        "\"passed\":true,\"count\":3,\"first_s\":900,\"last_s\":60},"
	        "{\"key\":\"c/there.test\",\"count\":5}]}");
	entry = find(key, &count);
	assert_non_null(entry);
	assert_int_equal(count, 2);
	assert_true(json_is_true(json_object_get(entry, "passed")));
	assert_int_equal(number(entry, "count"), 3);
	assert_in_range(number(entry, "first_s"), 900, 930);
	assert_in_range(number(entry, "last_s"), 60, 90);
	json_decref(entry);
	must_do("{\"do\":\"greylist-change\",\"changes\":["
	        "{\"key\":\"c/there.test\",\"remove\":true}]}");
	assert_null(find("c/there.test", &count));
	assert_int_equal(count, 1);
	must_do("{\"do\":\"greylist-change\",\"changes\":[]}");
}

static void test_long_list(void **state)
{
	json_t *entry;
	size_t count;

	(void)state;
	for (int batch = 0; batch < 10; batch++) {
		struct sceau_buf request;

		sceau_buf_init(&request, 60000);
		sceau_buf_append_text(&request, "{\"do\":\"greylist-change\","
		                                "\"changes\":[");
		for (int i = 0; i < SCEAU_CONTROL_CHANGES_MAX; i++)
			sceau_buf_appendf(&request,
			                  "%s{\"key\":\"c/h%d.test\"}",
			                  i > 0 ? "," : "", batch * 100 + i);
		sceau_buf_append_text(&request, "]}");
		must_do(sceau_buf_text(&request));
		sceau_buf_deinit(&request);
	}
	entry = find("c/h999.test", &count);
	assert_non_null(entry);
	json_decref(entry);
	assert_int_equal(count, 1000);
}

static void test_learn(void **state)
{
	json_t *entry;
	size_t count;

	(void)state;
	must_do("{\"do\":\"learn\",\"user\":\"Bob+x@Here.test\",\"to\":"
	        "[\"Alice@there.test\",\"prvs=0123456789=carl@there.test\"]}");
	entry = find("l/bob@here.test/alice@there.test", &count);
	assert_non_null(entry);
	json_decref(entry);
	entry = find("l/bob@here.test/carl@there.test", &count);
	assert_non_null(entry);
	json_decref(entry);
	assert_int_equal(count, 2);
}

static const struct {
	const char *request;
	const char *want;
} bad[] = {
	{ "{\"do\":\"greylist-list\",\"place\":\"x\"}", "place is no number" },
	{ "{\"do\":\"greylist-change\"}", "changes is no array" },
	{ "{\"do\":\"greylist-change\",\"changes\":[1]}", "no key" },
	{ "{\"do\":\"greylist-change\",\"changes\":[{\"key\":\"x/y\"}]}",
	  "is no key" },
	{ "{\"do\":\"greylist-change\",\"changes\":[{\"key\":\"c/y\","
	  "\"count\":-1}]}",
	  "are numbers" },
	{ "{\"do\":\"greylist-change\",\"changes\":[{\"key\":\"c/y\","
	  "\"last_s\":\"1\"}]}",
	  "are numbers" },
	{ "{\"do\":\"learn\",\"to\":[]}", "user is a string" },
	{ "{\"do\":\"learn\",\"user\":\"\",\"to\":[]}", "user is a string" },
	{ "{\"do\":\"learn\",\"user\":\"a\",\"to\":[1]}",
	  "to holds no address" },
	{ "{\"do\":\"nonsense\"}", "cannot do" },
};

static void test_bad(void **state)
{
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sceau_err err = { .text = "" };

		if (call(bad[i].request, &err) != NULL)
			fail_msg("%s was taken", bad[i].request);
		assert_int_equal(err.fault, SCEAU_FAULT_PEER);
		if (strstr(err.text, bad[i].want) == NULL)
			fail_msg("%s: got %s", bad[i].request, err.text);
	}
	assert_null(find("", &count));
	assert_int_equal(count, 0);
}

static void test_client(void **state)
{
	struct sceau_control_client *other;
	struct sceau_err err;
	char *text = malloc(SCEAU_CONTROL_LINE_MAX + 1);
	json_t *request, *answer;

	(void)state;
	assert_null(sceau_control_client_new(dir, "none", &err));
	assert_non_null(strstr(err.text, "is the daemon running?"));
	assert_int_equal(err.fault, SCEAU_FAULT_TEMP);
	other = sceau_control_client_new(dir, "mx", &err);
	assert_non_null(other);
	sceau_control_client_free(&other);
	assert_null(other);

	memset(text, 'x', SCEAU_CONTROL_LINE_MAX);
	text[SCEAU_CONTROL_LINE_MAX] = '\0';
	request = json_pack("{s:s}", "do", text);
	assert_int_equal(
		sceau_control_client_call(client, request, &answer, &err), -1);
	assert_int_equal(err.fault, SCEAU_FAULT_LIMIT);
	json_decref(request);
	free(text);
	/* and it can go on */
	must_do("{\"do\":\"greylist-list\"}");
}

int main(void)
{
#define IN_WORLD(test)                                                         \
	cmocka_unit_test_setup_teardown(test, new_world, end_world)
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_changes), IN_WORLD(test_long_list),
		IN_WORLD(test_learn),   IN_WORLD(test_bad),
		IN_WORLD(test_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
