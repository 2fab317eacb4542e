/* test_postfix_list.c - words, options and peers of Postfix's lists
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cli/postfix_list.h"

/* Words as "[text|options]". */
static const struct {
	const char *list;
	const char *want;
} lists[] = {
	{ "", "" },
	{ " , ,\t\n", "" },
	{ "a,b  c,\n\td", "[a|][b|][c|][d|]" },
	{ "{ unix:sceau/mx.sock, default_action=tempfail }",
	  "[unix:sceau/mx.sock|default_action=tempfail]" },
	{ "{unix:sceau/sign.sock,default_action=tempfail}",
	  "[unix:sceau/sign.sock|default_action=tempfail]" },
	{ "check_policy_service { unix:p, timeout=10s, default_action=DUNNO }, "
	  "reject",
	  "[check_policy_service|][unix:p|timeout=10s, "
	  "default_action=DUNNO][reject|]" },
	{ "check_policy_service unix:p, timeout=10s",
	  "[check_policy_service|][unix:p|][timeout=10s|]" },
	{ "{ a, { default_action = 451 4.3.5 no } } b",
	  "[a|{ default_action = 451 4.3.5 no }][b|]" },
	{ "{ a", "[a|]" },
	{ "{}", "[|]" },
	{ "} a", "[}|][a|]" },
	{ "{a}{b} c", "[a}{b|][c|]" },
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct sceau_slice rest = sceau_slice_of(lists[i].list);
		struct sceau_postfix_word word;
		char got[512] = "";
		size_t used = 0;

		while (sceau_postfix_list_next(&rest, &word))
			used += (size_t)snprintf(
				got + used, sizeof(got) - used, "[%.*s|%.*s]",
				(int)word.text.len, word.text.data,
				(int)word.options.len, word.options.data);
		if (strcmp(got, lists[i].want) != 0)
			fail_msg("%s: got %s, want %s", lists[i].list, got,
			         lists[i].want);
	}
}

static const struct {
	const char *list;
	const char *name;
	const char *want; /* NULL: none */
} options[] = {
	{ "{ a, default_action=tempfail }", "default_action", "tempfail" },
	{ "{ a, timeout=1s, default_action = x }", "default_action", NULL },
	{ "{ a, { default_action = 451 4.3.5 no } }", "default_action",
	  "451 4.3.5 no" },
	{ "{ a, x_default_action=y }", "default_action", NULL },
	{ "a, default_action=tempfail", "default_action", NULL },
	{ "{ a, default_action= }", "default_action", "" },
};

static void test_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct sceau_slice rest = sceau_slice_of(options[i].list);
		struct sceau_slice value;
		struct sceau_postfix_word word;

		assert_true(sceau_postfix_list_next(&rest, &word));
		bool has = sceau_postfix_word_option(&word, options[i].name,
		                                     &value);
		if (has != (options[i].want != NULL) ||
		    (has && !sceau_slice_is(value, options[i].want)))
			fail_msg("%s", options[i].list);
	}
}

static const struct {
	const char *text;
	const char *want; /* "unix PATH", "inet HOST PORT", NULL: none */
} peers[] = {
	{ "unix:sceau/mx.sock", "unix sceau/mx.sock" },
	{ "local:/run/x", "unix /run/x" },
	{ "inet:127.0.0.1:10032", "inet 127.0.0.1 10032" },
	{ "inet:localhost:10032", "inet localhost 10032" },
	{ "inet:[::1]:10032", "inet ::1 10032" },
	{ "inet6:[::1]:10032", "inet ::1 10032" },
	{ "inet:10032", "inet  10032" },
	{ "inet:host:", NULL },
	{ "unix:", NULL },
	{ "permit_mynetworks", NULL },
	{ "", NULL },
};

static void test_peers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(peers) / sizeof(peers[0]); i++) {
		struct sceau_postfix_peer peer;
		char got[128] = "";
		bool is = sceau_postfix_peer_parse(
			sceau_slice_of(peers[i].text), &peer);

		if (is && peer.is_unix)
			(void)snprintf(got, sizeof(got), "unix %.*s",
			               (int)peer.path.len, peer.path.data);
		else if (is)
			(void)snprintf(got, sizeof(got), "inet %.*s %.*s",
			               (int)peer.host.len, peer.host.data,
			               (int)peer.port.len, peer.port.data);
		if (is != (peers[i].want != NULL) ||
		    (is && strcmp(got, peers[i].want) != 0))
			fail_msg("%s: got %s", peers[i].text, got);
	}
}

static const struct {
	const char *name;
	const char *host;
	const char *port;
} names[] = {
	{ "submission", "", "submission" },
	{ "127.0.0.1:10025", "127.0.0.1", "10025" },
	{ "[::1]:smtp", "::1", "smtp" },
	{ "", "", "" },
};

static void test_service_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_true(sceau_slice_is(
			sceau_postfix_service_host(names[i].name),
			names[i].host));
		assert_true(sceau_slice_is(
			sceau_postfix_service_port(names[i].name),
			names[i].port));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_peers),
		cmocka_unit_test(test_service_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
