/* print_default_conf.c - packaging/sceau.conf: every setting, commented out
 *
 * "#key = default" is a setting, "#<tab>words" its next line, "# words" text:
 * taking the first character off the former two gives a file that means what
 * an empty one means. tests/lint compares the shipped file with this.
 *
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/conf_load.h"

#define COLUMNS 78

/* Print words after what stands on the line already (column), and begin each
   further line with prefix. */
static void print_wrapped(const char *words, size_t column, const char *prefix)
{
	while (*words != '\0') {
		size_t len = strcspn(words, " ");

		if (column + 1 + len > COLUMNS) {
			printf("\n%s", prefix);
			column = 8;
		} else {
			putchar(' ');
			column++;
		}
		printf("%.*s", (int)len, words);
		column += len;
		words += len + (words[len] == ' ');
	}
}

/* The largest unit that value is a whole number of. */
static void print_with_unit(uint64_t value, const char *const *units,
                            const uint64_t *factors, size_t count)
{
	size_t i = 0;

	while (i + 1 < count && (value == 0 || value % factors[i] != 0))
		i++;
	printf("%" PRIu64 "%s", value / factors[i], units[i]);
}

static void print_bound(enum sceau_conf_type type, uint64_t value)
{
	static const char *const times[] = { "w", "d", "h", "m", "s" };
	static const uint64_t seconds[] = { 604800, 86400, 3600, 60, 1 };
	static const char *const sizes[] = { "G", "M", "k", "" };
	static const uint64_t bytes[] = { 1 << 30, 1 << 20, 1 << 10, 1 };

	if (type == SCEAU_CONF_TYPE_DURATION)
		print_with_unit(value, times, seconds, 5);
	else if (type == SCEAU_CONF_TYPE_SIZE)
		print_with_unit(value, sizes, bytes, 4);
	else
		printf("%" PRIu64, value);
}

static void print_bounds(const struct sceau_conf_key *key)
{
	switch (key->type) {
	case SCEAU_CONF_TYPE_NUMBER:
	case SCEAU_CONF_TYPE_DURATION:
	case SCEAU_CONF_TYPE_SIZE:
		printf("# from ");
		print_bound(key->type, key->min);
		printf(" to ");
		print_bound(key->type, key->max);
		putchar('\n');
		break;
	case SCEAU_CONF_TYPE_CHOICE:
		printf("# one of:");
		print_wrapped(key->choices, strlen("# one of:"), "# ");
		putchar('\n');
		break;
	case SCEAU_CONF_TYPE_BOOL:
		printf("# yes or no\n");
		break;
	case SCEAU_CONF_TYPE_STRING:
	case SCEAU_CONF_TYPE_LIST:
		break;
	}
}

static void print_heading(const char *area)
{
	if (strcmp(area, "common") == 0)
		printf("\n# ---- Settings of all programs ----\n");
	else if (strcmp(area, "greylist") == 0)
		printf("\n# ---- Greylisting, by sceau-milter: no effect in "
		       "this version ----\n");
	else if (strcmp(area, "dnsbl") == 0)
		printf("\n# ---- DNS blocklists and whitelists ----\n");
	else if (strcmp(area, "mx") == 0)
		printf("\n# ---- SPF, DKIM and DMARC of mail from outside "
		       "----\n");
	else
		printf("\n# ---- Settings of sceau-%s ----\n", area);
}

static void print_row(void *ctx, const struct sceau_conf_table *table,
                      const struct sceau_conf_key *key)
{
	const struct sceau_conf_table **last = ctx;

	if (*last != table)
		print_heading(table->area);
	*last = table;
	printf("\n#");
	print_wrapped(key->help, 1, "# ");
	putchar('\n');
	print_bounds(key);
	printf("#%s =", key->name);
	print_wrapped(key->fallback, strlen(key->name) + 3, "#\t");
	putchar('\n');
}

int main(void)
{
	const struct sceau_conf_table *last = NULL;

	puts("# /etc/sceau/sceau.conf - settings of the sceau mail suite\n"
	     "#\n"
	     "# Every setting stands here with its default, commented out; so "
	     "this file\n"
	     "# means what an empty one means. sceau.conf(5) says more about "
	     "each.\n"
	     "# A line that begins with a blank continues the one above. Check "
	     "with\n"
	     "# sceau check-config, then send the daemons SIGHUP.");
	sceau_conf_each_key(print_row, &last);
	return 0;
}
