/* print_schema.c - every setting of every program, one a line
 *
 * `key area type default`, separated by tabs: what tests/lint compares with
 * the items of sceau.conf(5).
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "daemon/conf_load.h"

static void print_row(void *ctx, const struct sceau_conf_table *table,
                      const struct sceau_conf_key *key)
{
	(void)ctx;
	printf("%s\t%s\t%s\t%s\n", key->name, table->area,
	       sceau_conf_type_name(key->type), key->fallback);
}

int main(void)
{
	sceau_conf_each_key(print_row, NULL);
	return 0;
}
