/* dkim.c - sceau dkim VERB: options
 *
 * SPDX-License-Identifier: MIT
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/dkim.h"

/* Codes of the long options, each one bit of a verb's set; not letters. */
enum option_code {
	OPTION_DIRECTORY = 0x100,
	OPTION_RESOLVER = 0x200,
	OPTION_SELECTOR = 0x400,
	OPTION_TYPE = 0x800,
	OPTION_BITS = 0x1000,
	OPTION_JSON = 0x2000,
	OPTION_FORCE = 0x4000,
	OPTION_OFFLINE = 0x8000,
	OPTION_DOMAIN = 0x10000,
};

static const struct option long_options[] = {
	{ "directory", required_argument, NULL, OPTION_DIRECTORY },
	{ "resolver", required_argument, NULL, OPTION_RESOLVER },
	{ "selector", required_argument, NULL, OPTION_SELECTOR },
	{ "type", required_argument, NULL, OPTION_TYPE },
	{ "bits", required_argument, NULL, OPTION_BITS },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "force", no_argument, NULL, OPTION_FORCE },
	{ "offline", no_argument, NULL, OPTION_OFFLINE },
	{ "domain", required_argument, NULL, OPTION_DOMAIN },
	{ NULL, 0, NULL, 0 },
};

enum domain_argument {
	NO_DOMAIN,
	MAY_HAVE_DOMAIN,
	HAS_DOMAIN,
};

#define ASKS (OPTION_RESOLVER | OPTION_OFFLINE)
#define MAKES (OPTION_SELECTOR | OPTION_TYPE | OPTION_BITS)
#define KEYS (OPTION_DIRECTORY | OPTION_JSON)

static const struct {
	const char *name;
	enum domain_argument takes;
	int options;
	int (*run)(const struct sceau_dkim_cli_options *options);
} verbs[] = {
	{ "new", HAS_DOMAIN, KEYS | MAKES, sceau_dkim_run_new },
	{ "list", MAY_HAVE_DOMAIN, KEYS | ASKS, sceau_dkim_run_list },
	{ "show", HAS_DOMAIN, KEYS | ASKS, sceau_dkim_run_show },
	{ "rotate", HAS_DOMAIN, KEYS | MAKES | OPTION_RESOLVER | OPTION_FORCE,
	  sceau_dkim_run_rotate },
	{ "retire", HAS_DOMAIN, KEYS | OPTION_SELECTOR, sceau_dkim_run_retire },
	{ "verify", NO_DOMAIN, OPTION_RESOLVER | OPTION_JSON,
	  sceau_dkim_run_verify },
	{ "sign", NO_DOMAIN, OPTION_DIRECTORY | OPTION_DOMAIN | OPTION_SELECTOR,
	  sceau_dkim_run_sign },
};

#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

static int set_type(const char *text, struct sceau_dkim_cli_options *options)
{
	options->is_ed25519 = strcmp(text, "ed25519") == 0;
	if (options->is_ed25519 || strcmp(text, "rsa") == 0)
		return 0;
	fprintf(stderr, "sceau: dkim: --type is rsa or ed25519\n");
	return -1;
}

static int set_bits(const char *text, struct sceau_dkim_cli_options *options)
{
	uint64_t bits;

	if (sceau_text_parse_number(sceau_slice_of(text), SCEAU_DKIM_BITS_MAX,
	                            &bits, NULL) < 0 ||
	    bits < SCEAU_DKIM_MIN_BITS) {
		fprintf(stderr, "sceau: dkim: --bits is %d to %d\n",
		        SCEAU_DKIM_MIN_BITS, SCEAU_DKIM_BITS_MAX);
		return -1;
	}
	options->bits = (unsigned)bits;
	return 0;
}

static int set_option(int code, char *text,
                      struct sceau_dkim_cli_options *options)
{
	switch (code) {
	case 'c':
		options->conf_file = text;
		return 0;
	case OPTION_DIRECTORY:
		options->directory = text;
		return 0;
	case OPTION_RESOLVER:
		options->resolver = text;
		return 0;
	case OPTION_SELECTOR:
		options->selector = text;
		return 0;
	case OPTION_DOMAIN:
		options->domain = text;
		return 0;
	case OPTION_TYPE:
		return set_type(text, options);
	case OPTION_BITS:
		return set_bits(text, options);
	case OPTION_JSON:
		options->wants_json = true;
		return 0;
	case OPTION_FORCE:
		options->is_forced = true;
		return 0;
	case OPTION_OFFLINE:
		options->is_offline = true;
		return 0;
	default:
		return -1; /* getopt has said what */
	}
}

/* DOMAIN may stand before or behind the options. */
static int run_verb(size_t verb, int argc, char **argv)
{
	struct sceau_dkim_cli_options options = { .domain = NULL };
	int code, left;

	optind = 1;
	while ((code = getopt_long(argc, argv, "c:", long_options, NULL)) !=
	       -1) {
		if ((code != 'c' && (code & verbs[verb].options) == 0) ||
		    set_option(code, optarg, &options) < 0)
			return sceau_cli_usage(&sceau_noun_dkim);
	}
	left = argc - optind;
	if (left > (verbs[verb].takes == NO_DOMAIN ? 0 : 1) ||
	    (verbs[verb].takes == HAS_DOMAIN && left == 0))
		return sceau_cli_usage(&sceau_noun_dkim);
	if (left == 1)
		options.domain = argv[optind];
	return verbs[verb].run(&options);
}

static int run(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < VERB_COUNT; i++) {
		if (strcmp(verbs[i].name, argv[1]) == 0)
			return run_verb(i, argc - 1, argv + 1);
	}
	return sceau_cli_usage(&sceau_noun_dkim);
}

const struct sceau_noun sceau_noun_dkim = {
	.name = "dkim",
	.help = "keys that sign mail, and signatures",
	.usage = "sceau dkim new DOMAIN [--selector S] [--type rsa|ed25519]"
		 " [--bits N]"
		 "\n       sceau dkim rotate DOMAIN [--type rsa|ed25519]"
		 " [--selector S]"
		 "\n           [--bits N] [--force] [--resolver IP:PORT]"
		 "\n       sceau dkim retire DOMAIN --selector S"
		 "\n       sceau dkim list [DOMAIN] [--offline |"
		 " --resolver IP:PORT]"
		 "\n       sceau dkim show DOMAIN [--selector S]"
		 "\n           [--offline | --resolver IP:PORT]"
		 "\n       sceau dkim verify [--resolver IP:PORT] <MAIL"
		 "\n       sceau dkim sign [--domain D [--selector S]]"
		 " <MAIL >OUT"
		 "\n       -c FILE: settings; --directory DIR: the keys; --json"
		 ": reports",
	.run = run,
};
