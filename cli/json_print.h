/* json_print.h - reports as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_JSON_PRINT_H
#define SCEAU_CLI_JSON_PRINT_H

#include <jansson.h>

#include "base/err.h"

/* Print root, indented, to standard output and release it. Returns 0, or -1
   with FAULT_TEMP when there is none, for want of memory. Whether standard
   output took it main() asks, once, at the end. */
int sceau_cli_print_json(json_t *root, struct sceau_err *err);

#endif
