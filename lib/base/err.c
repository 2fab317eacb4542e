/* err.c - see err.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"

int sceau_fail(struct sceau_err *err, enum sceau_fault fault, const char *fmt,
               ...)
{
	va_list args;

	if (err == NULL)
		return -1;
	err->fault = fault;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	sceau_text_make_printable(err->text);
	return -1;
}

int sceau_fail_in(struct sceau_err *err, const char *fmt, ...)
{
	char whole[sizeof(err->text)];
	va_list args;

	if (err == NULL)
		return -1;
	va_start(args, fmt);
	int n = vsnprintf(whole, sizeof(whole), fmt, args);
	va_end(args);
	size_t used = n < 0 ? 0 : (size_t)n;
	if (used < sizeof(whole))
		snprintf(whole + used, sizeof(whole) - used, ": %s", err->text);
	snprintf(err->text, sizeof(err->text), "%s", whole);
	sceau_text_make_printable(err->text);
	return -1;
}

const char *sceau_fault_name(enum sceau_fault fault)
{
	switch (fault) {
	case SCEAU_FAULT_NONE:
		return "none";
	case SCEAU_FAULT_PEER:
		return "peer";
	case SCEAU_FAULT_LIMIT:
		return "limit";
	case SCEAU_FAULT_TEMP:
		return "temporary";
	case SCEAU_FAULT_CONFIG:
		return "configuration";
	}
	return "unknown";
}
