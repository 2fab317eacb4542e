/* print_auth_results.c - print Authentication-Results fields from a script
 *
 * For tests/system/auth_results_judge.py. Lines of standard input, values in
 * hex so that they can hold any byte:
 *   id NAME   begin METHOD RESULT   reason HEX   property NAME HEX   end
 * "end" prints the field with its name and an empty line.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth_results_print.h"

#define LINE_SIZE 8192

static struct sceau_auth_results results;

static int digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

static struct sceau_slice from_hex(const char *hex)
{
	static char bytes[LINE_SIZE / 2];
	size_t used = 0;

	for (; digit(hex[0]) >= 0 && digit(hex[1]) >= 0; hex += 2)
		bytes[used++] = (char)(digit(hex[0]) * 16 + digit(hex[1]));
	return (struct sceau_slice){ bytes, used };
}

static void end_field(void)
{
	struct sceau_buf out;
	struct sceau_err err;

	sceau_buf_init(&out, 2 * SCEAU_AUTH_RESULTS_MAX);
	if (sceau_auth_results_end(&results, &out, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	printf("Authentication-Results:%s\n\n", sceau_buf_text(&out));
	sceau_buf_deinit(&out);
	sceau_auth_results_deinit(&results);
}

int main(void)
{
	char line[LINE_SIZE], *words[3];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		size_t count = 0;

		line[strcspn(line, "\n")] = '\0';
		for (char *at = line; at != NULL && count < 3;) {
			words[count++] = at;
			at = strchr(at, ' ');
			if (at != NULL)
				*at++ = '\0';
		}
		if (strcmp(words[0], "id") == 0)
			sceau_auth_results_init(&results,
			                        sceau_slice_of(words[1]));
		else if (strcmp(words[0], "begin") == 0)
			sceau_auth_results_begin(&results, words[1], words[2]);
		else if (strcmp(words[0], "reason") == 0)
			sceau_auth_results_reason(&results, from_hex(words[1]));
		else if (strcmp(words[0], "property") == 0)
			sceau_auth_results_property(&results, words[1],
			                            from_hex(words[2]));
		else
			end_field();
	}
	return 0;
}
