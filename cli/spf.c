/* spf.c - sceau spf check: may this client send for that domain?
 *
 * SPDX-License-Identifier: MIT
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "cli/cli.h"
#include "cli/resolver.h"
#include "daemon/spf_check.h"
#include "mail/address.h"

static const struct option options[] = {
	{ "ip", required_argument, NULL, 'i' },
	{ "helo", required_argument, NULL, 'h' },
	{ "mail-from", required_argument, NULL, 'f' },
	{ "engine", required_argument, NULL, 'e' },
	{ "resolver", required_argument, NULL, 'r' },
	{ "json", no_argument, NULL, 'j' },
	{ "verbose", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 },
};

static const char *const engines[] = {
	[SCEAU_SPF_ENGINE_BUILTIN] = "builtin",
	[SCEAU_SPF_ENGINE_LIBSPF2] = "libspf2",
};

/* The command line. */
struct command {
	const char *ip, *helo, *mail_from;
	const char *conf_file, *resolver;
	enum sceau_spf_engine engine;
	bool wants_json, is_verbose;
};

static bool read_engine(const char *word, enum sceau_spf_engine *engine_r)
{
	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
		if (strcmp(word, engines[i]) == 0) {
			*engine_r = (enum sceau_spf_engine)i;
			return true;
		}
	}
	return false;
}

static bool take_option(int option, struct command *command)
{
	switch (option) {
	case 'i':
		command->ip = optarg;
		return true;
	case 'h':
		command->helo = optarg;
		return true;
	case 'f':
		command->mail_from = optarg;
		return true;
	case 'r':
		command->resolver = optarg;
		return true;
	case 'c':
		command->conf_file = optarg;
		return true;
	case 'j':
		command->wants_json = true;
		return true;
	case 'v':
		command->is_verbose = true;
		return true;
	case 'e':
		return read_engine(optarg, &command->engine);
	default:
		return false;
	}
}

static bool read_command(int argc, char **argv, struct command *command)
{
	int option;

	if (argc < 2 || strcmp(argv[1], "check") != 0)
		return false;
	optind = 1;
	while ((option = getopt_long(argc - 1, argv + 1, "c:v", options,
	                             NULL)) != -1) {
		if (!take_option(option, command))
			return false;
	}
	return optind == argc - 1 && command->ip != NULL &&
	       command->helo != NULL;
}

/* Split a sender. What is no address by RFC 5321 is split as it stands: a
   client may have sent it all the same. */
static void split_sender(const char *text, struct sceau_address *address,
                         struct sceau_spf_request *request)
{
	struct sceau_slice whole = sceau_slice_of(text);
	const char *at = strrchr(text, '@');

	if (sceau_address_parse_path(whole, address, NULL) == 0) {
		request->local = sceau_slice_of(address->local);
		request->domain = sceau_slice_of(address->domain);
		return;
	}
	if (at == NULL) {
		request->local = whole;
		return;
	}
	request->local = (struct sceau_slice){ text, (size_t)(at - text) };
	request->domain = sceau_slice_of(at + 1);
}

static void print_json(const struct command *command,
                       const struct sceau_spf_result *result)
{
	json_t *root = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i}", "result",
		sceau_spf_code_name(result->code), "engine",
		engines[command->engine], "domain", result->domain, "mechanism",
		result->mechanism, "record_domain", result->record_domain,
		"explanation", result->explanation, "reason", result->reason,
		"questions", (int)result->questions, "terms",
		(int)result->terms, "voids", (int)result->voids);

	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}

static void print_line(const char *name, const char *text)
{
	if (text[0] != '\0')
		printf("%s=%s\n", name, text);
}

static void print_text(const struct command *command,
                       const struct sceau_spf_result *result)
{
	puts(sceau_spf_code_name(result->code));
	print_line("explanation", result->explanation);
	if (!command->is_verbose)
		return;
	print_line("reason", result->reason);
	print_line("domain", result->domain);
	print_line("mechanism", result->mechanism);
	print_line("record_domain", result->record_domain);
	printf("questions=%u\nterms=%u\nvoids=%u\n", result->questions,
	       result->terms, result->voids);
}

static int check(const struct command *command, struct sceau_spf_result *result,
                 struct sceau_err *err)
{
	struct sceau_cli_resolver resolver;
	struct sceau_spf_request request = {
		.helo = sceau_slice_of(command->helo),
		.now_s = (uint64_t)time(NULL),
	};
	struct sceau_address address;

	if (sceau_ip_parse(sceau_slice_of(command->ip), &request.ip, err) < 0)
		return -1;
	if (command->mail_from == NULL)
		request.is_helo = true;
	else
		split_sender(command->mail_from, &address, &request);
	if (sceau_cli_resolver_open(command->conf_file, command->resolver,
	                            &resolver, err) < 0)
		return -1;
	request.receiver = sceau_slice_of(resolver.settings->common.myhostname);
	int ret = sceau_spf_check_now(resolver.loop, resolver.dns,
	                              command->engine, &request,
	                              SCEAU_CLI_DNS_DEADLINE_MS, result, err);
	sceau_cli_resolver_close(&resolver);
	return ret;
}

static int run(int argc, char **argv)
{
	struct command command = { .ip = NULL };
	struct sceau_spf_result result;
	struct sceau_err err;

	if (!read_command(argc, argv, &command))
		return sceau_cli_usage(&sceau_noun_spf);
	if (check(&command, &result, &err) < 0)
		return sceau_cli_fail("spf", &err);
	if (command.wants_json)
		print_json(&command, &result);
	else
		print_text(&command, &result);
	return SCEAU_EXIT_OK;
}

const struct sceau_noun sceau_noun_spf = {
	.name = "spf",
	.help = "may a client send for a domain?",
	.usage = "sceau spf check --ip IP --helo NAME [--mail-from ADDRESS]\n"
		 "           [--engine builtin|libspf2] [--resolver IP:PORT] "
		 "[-c FILE]\n"
		 "           [-v] [--json]",
	.run = run,
};
