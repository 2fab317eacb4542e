/* cli.c - see cli.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "cli/cli.h"

int sceau_cli_fail(const char *who, const struct sceau_err *err)
{
	fprintf(stderr, "sceau: %s: %s\n", who, err->text);
	switch (err->fault) {
	case SCEAU_FAULT_PEER:
		return SCEAU_EXIT_FINDINGS;
	case SCEAU_FAULT_CONFIG:
		return SCEAU_EXIT_CONFIG;
	case SCEAU_FAULT_NONE:
	case SCEAU_FAULT_LIMIT:
	case SCEAU_FAULT_TEMP:
		break;
	}
	return SCEAU_EXIT_TEMP;
}

int sceau_cli_usage(const struct sceau_noun *noun)
{
	fprintf(stderr, "usage: %s\n", noun->usage);
	return SCEAU_EXIT_USAGE;
}
