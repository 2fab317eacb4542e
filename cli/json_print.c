/* json_print.c - see json_print.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "cli/json_print.h"

int sceau_cli_print_json(json_t *root, struct sceau_err *err)
{
	if (root == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	(void)json_dumpf(root, stdout, JSON_INDENT(2));
	(void)putchar('\n');
	json_decref(root);
	return 0;
}
