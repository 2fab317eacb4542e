/* verdict.c - what is answered at the end of a mail, and the words of it
 *
 * SPDX-License-Identifier: MIT
 */
#include "verdict.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

void sceau_verdict_set(struct sceau_verdict *verdict,
                       enum sceau_verdict_kind kind, const char *code,
                       const char *status, const char *fmt, ...)
{
	va_list args;

	verdict->kind = kind;
	verdict->code = code;
	verdict->status = status;
	va_start(args, fmt);
	(void)vsnprintf(verdict->text, sizeof(verdict->text), fmt, args);
	va_end(args);
	for (char *c = verdict->text; *c != '\0'; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
}

void sceau_verdict_escape(const struct sceau_verdict *verdict,
                          char out[2 * SCEAU_VERDICT_TEXT_SIZE])
{
	size_t used = 0;

	for (const char *c = verdict->text; *c != '\0'; c++) {
		if (*c == '%')
			out[used++] = '%';
		out[used++] = *c;
	}
	out[used] = '\0';
}
