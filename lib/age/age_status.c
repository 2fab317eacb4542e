/* age_status.c - see age_status.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "age/age_status.h"

const char *sceau_age_status_name(enum sceau_age_status status)
{
	switch (status) {
	case SCEAU_AGE_OK:
		return "ok";
	case SCEAU_AGE_MORE:
		return "more";
	case SCEAU_AGE_NO_MATCH:
		return "no match";
	case SCEAU_AGE_HEADER:
		return "header failure";
	case SCEAU_AGE_HMAC:
		return "HMAC failure";
	case SCEAU_AGE_ARMOR:
		return "armor failure";
	case SCEAU_AGE_PAYLOAD:
		return "payload failure";
	case SCEAU_AGE_UNSUPPORTED:
		return "unsupported";
	case SCEAU_AGE_INTERNAL:
		break;
	}
	return "internal failure";
}
